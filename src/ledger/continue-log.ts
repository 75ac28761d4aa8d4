/**
 * A log goes on under another name (ADR 0028): one transaction, before which nothing is changed but files that nobody uses,
 * and after which all is done.
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import { equalHash } from '#core/hash.ts';
import { emptyInvitations } from '#store/device-invitations.ts';
import { lockHead, renameHead } from '#store/head.ts';
import { removeRestoration } from '#store/restoration.ts';
import { emptySessions } from '#store/sessions.ts';
import type { Store } from '#store/store.ts';
import { type BatchContext, runBatch } from './batch.ts';
import type { ProvenLoss } from './continue-plan.ts';
import { eraseLost, reapplyErasures } from './erasure.ts';
import { openPackLibrary } from './packs.ts';
import type { EndableState, SignerState } from './signer.ts';
import type { Sequenced, Write } from './write.ts';

export interface ContinueOptions extends Omit<BatchContext, 'seen' | 'packs'> {
  readonly store: Store;
  /** The names before and after. */
  readonly origin: string;
  readonly next: string;
  /** The memories of the signers before and after. */
  readonly state: EndableState;
  readonly nextState: SignerState;
}

/**
 * Writes the entry `log.continued`, and closes the former signer's memory.
 *
 * @throws {Failure} `signer_refused`, if the new key has signed something else; `superseded`, if somebody else wrote
 *   meanwhile; as {@link runBatch}
 */
export async function continueLog(options: ContinueOptions, loss: ProvenLoss, write: Write): Promise<Sequenced> {
  const { store, origin, next, state } = options;
  beginMemory(options, loss);
  const made = await store.transaction(async (tx) => {
    const head = await lockHead(tx);
    if (head?.origin !== origin || head.size !== loss.left.size || !equalHash(head.root, loss.left.root)) {
      throw new Failure('superseded', 'the database has changed meanwhile: somebody else wrote to it');
    }
    // The parts of before are those of a backup, which has not heard of what was erased since.
    await reapplyErasures(tx, origin, options.erasures);
    await eraseLost(tx, loss.erasures);
    // Sessions that were ended since would be open again (docs/adr/0017), and so would links that a device was added by.
    await emptySessions(tx);
    await emptyInvitations(tx);
    await removeRestoration(tx);
    await renameHead(tx, next);
    const { outcomes } = await runBatch({ ...options, packs: openPackLibrary(), seen: () => loss.left }, tx, () => [
      write,
    ]);
    const [outcome] = outcomes;
    if (outcome?.kind !== 'sequenced')
      throw outcome?.failure ?? new Failure('store_unavailable', 'nothing was written');
    return outcome.entries[0] as Sequenced;
  });
  // If we crash here, the database is of another name than this memory: what starts with the old keys finds that out.
  state.end(next);
  return made;
}

/** The new signer has seen what is left, and nothing else: it never signs another tree of the new name. */
function beginMemory({ next, nextState }: ContinueOptions, { left }: ProvenLoss): void {
  const signed = nextState.load();
  if (signed === undefined) nextState.advance(undefined, left);
  else if (signed.size !== left.size || !equalHash(signed.root, left.root)) {
    throw new Failure('signer_refused', `the name ${next} was used for another tree: choose another one`);
  }
}
