/**
 * A log goes on under another name (ADR 0028): one transaction, before which nothing is changed but files that nobody uses,
 * and after which all is done. Around it the former signer's memory is closed: nobody can tell by a backup of before whether it
 * came to its end.
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import { equalHash } from '#core/hash.ts';
import type { KeyId, VerifierKey } from '#core/note/key.ts';
import { emptyInvitations } from '#store/device-invitations.ts';
import { lockHead, renameHead } from '#store/head.ts';
import { removeRestoration } from '#store/restoration.ts';
import type { Tx } from '#store/schema.ts';
import { emptySessions } from '#store/sessions.ts';
import type { Store } from '#store/store.ts';
import { type BatchContext, runBatch } from './batch.ts';
import type { ProvenLoss } from './continue-plan.ts';
import { eraseLost, reapplyErasures } from './erasure.ts';
import { openPackLibrary } from './packs.ts';
import { type EndableState, requireOwnName, type SignerState } from './signer.ts';
import type { Sequenced, Write } from './write.ts';

export interface ContinueOptions extends Omit<BatchContext, 'seen' | 'packs'> {
  readonly store: Store;
  /** The name before, and the log key after. */
  readonly origin: string;
  readonly nextKey: VerifierKey;
  /** The memories of the signers before and after. */
  readonly state: EndableState;
  readonly nextState: SignerState;
}

/**
 * Writes the entry `log.continued`, and closes the former signer's memory.
 *
 * @throws {Failure} `signer_refused`, if the new key has signed something else, or was given up; `superseded`, if somebody else
 *   wrote meanwhile; as {@link runBatch}
 */
export async function continueLog(options: ContinueOptions, loss: ProvenLoss, write: Write): Promise<Sequenced> {
  const { store, nextKey, state } = options;
  beginMemory(options, loss);
  // What was begun before may have come to its COMMIT: whatever fails now says nothing about that.
  const isFirst = state.begun() === undefined;
  state.begin({ name: nextKey.name, keyId: nextKey.keyId, left: loss.left });
  let isWritten = false;
  try {
    const made = await store.transaction(async (tx) => {
      const entry = await writeContinued(tx, options, loss, write);
      isWritten = true;
      return entry;
    });
    state.end(nextKey.name);
    return made;
  } catch (failure) {
    // Nobody was asked to commit. Else it is not known, and stays begun.
    if (isFirst && !isWritten) state.withdraw();
    throw failure;
  }
}

async function writeContinued(
  tx: Tx,
  options: ContinueOptions,
  { left, erasures }: ProvenLoss,
  write: Write,
): Promise<Sequenced> {
  const { origin, nextKey } = options;
  const head = await lockHead(tx);
  if (head?.origin !== origin || head.size !== left.size || !equalHash(head.root, left.root)) {
    throw new Failure('superseded', 'the database has changed meanwhile: somebody else wrote to it');
  }
  // The parts of before are those of a backup, which has not heard of what was erased since.
  await reapplyErasures(tx, origin, options.erasures);
  await eraseLost(tx, erasures);
  // Sessions that were ended since would be open again (docs/adr/0017), and so would links that a device was added by.
  await emptySessions(tx);
  await emptyInvitations(tx);
  await removeRestoration(tx);
  await renameHead(tx, nextKey.name);
  const { outcomes } = await runBatch({ ...options, packs: openPackLibrary(), seen: () => left }, tx, () => [write]);
  const [outcome] = outcomes;
  if (outcome?.kind !== 'sequenced') throw outcome?.failure ?? new Failure('store_unavailable', 'nothing was written');
  return outcome.entries[0] as Sequenced;
}

/** The new signer has seen what is left, and nothing else: it never signs another tree of the new name. */
function beginMemory({ nextKey: { name }, nextState }: ContinueOptions, { left }: ProvenLoss): void {
  const signed = nextState.load();
  if (nextState.continuedBy?.() !== undefined) {
    throw new Failure('signer_refused', `the name ${name} was given up: choose another one`);
  }
  if (signed === undefined) nextState.advance(undefined, left);
  else if (signed.size !== left.size || !equalHash(signed.root, left.root)) {
    throw new Failure('signer_refused', `the name ${name} was used for another tree: choose another one`);
  }
}

export interface GiveUpOptions {
  readonly origin: string;
  /** The name under which it was begun. */
  readonly next: string;
  readonly state: EndableState;
  /** The memory of the log key that the name begins with. */
  readonly stateOf: (keyId: KeyId) => EndableState;
}

/**
 * Gives up a change of name that was begun, and of which nobody knows whether it was done: its log key never signs, wherever a
 * database may be in which it is in force, and only then the log is under its own name again.
 *
 * @throws {Failure} `signer_refused`, if the log goes on under another name, nothing was begun under this one, or something is
 *   signed under it.
 */
export function giveUpContinuation({ origin, next, state, stateOf }: GiveUpOptions): void {
  requireOwnName({ continuedBy: state.continuedBy });
  const begun = state.begun();
  if (begun?.name !== next) {
    const other = begun === undefined ? '' : `, but under ${begun.name}`;
    throw new Failure('signer_refused', `no change of name was begun under ${next}${other}`);
  }
  const nextState = stateOf(begun.keyId);
  const signed = nextState.load();
  if (signed !== undefined && signed.size > begun.left.size) {
    throw new Failure(
      'signer_refused',
      `${signed.size} entries are signed under ${next}: restore a backup of after that`,
    );
  }
  nextState.end(origin);
  state.withdraw();
}
