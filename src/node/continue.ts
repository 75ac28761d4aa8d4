/**
 * The ceremony of a new origin on Node: the new keys beside the old ones, both signers' memories, the journal of erasures, and
 * the database while nobody serves it (docs/keeper.md).
 *
 * @module
 */
import { join } from 'node:path';
import type { Signatory } from '#client/sign.ts';
import { toBase64Url } from '#core/bytes.ts';
import type { FollowableSlice } from '#core/consent/receipt.ts';
import { Failure } from '#core/failure.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatVkey } from '#core/note/key.ts';
import { giveUpContinuation } from '#ledger/continue-log.ts';
import type { LossOptions, ProvenLoss } from '#ledger/continue-plan.ts';
import type { ErasureShelf } from '#ledger/erasure-journal.ts';
import { openIssuer } from '#ledger/issuer.ts';
import { requireOwnName } from '#ledger/signer.ts';
import { deploymentKeys } from '#service/context.ts';
import { type ContinuedLog, continueUnderNewOrigin, type NextKeys, planNewOrigin } from '#service/continue.ts';
import { readClock } from '#store/head.ts';
import type { KeySet } from '../key-set.ts';
import { nativeEd25519 } from '../native.ts';
import type { OpenedStore } from '../node.ts';
import { processClock } from '../open.ts';
import type { Config } from './config.ts';
import { fileErasureShelf } from './erasure-shelf.ts';
import { prepareNextKeySet } from './key-set.ts';
import { proveByTiles } from './one-tree.ts';
import { drawRandom } from './random.ts';
import { folderResources } from './resources.ts';
import { atRest, type RestoreAsked, signBy, soundOptions } from './restore.ts';
import { type HeldSignerState, holdSignerState } from './signer-state.ts';

export interface LossAsked extends Pick<RestoreAsked, 'vkey' | 'onProgress'> {
  /** The name that the log is to have. */
  readonly origin: string;
  /** The note of the newest checkpoint that anybody has; undefined: nothing is lost. */
  readonly lost: string | undefined;
  /** What the log said of its keys while it had what is lost; undefined: nobody has that, or needs it. */
  readonly lostKeys?: FollowableSlice | undefined;
  /** A folder with the tiles of what was lost, as a mirror has them; undefined: nobody has them. */
  readonly tiles: string | undefined;
}

export interface ContinueAsked extends LossAsked {
  readonly recovery: SigningKey;
  /** The keeper's two keys that sign, and that count from then on. */
  readonly signers: (keys: KeySet) => Promise<readonly Signatory[]>;
  readonly onProven: (loss: ProvenLoss) => void;
}

/**
 * Proves what there is to prove, and writes nothing. Undefined: the log has this name already.
 *
 * @throws {Failure} as {@link planNewOrigin}
 */
export function planContinueNode(
  config: Config,
  { recovery, ...asked }: LossAsked & Partial<Pick<ContinueAsked, 'recovery'>>,
): Promise<ProvenLoss | undefined> {
  return onFormer(config, asked, async (opened, state) =>
    planNewOrigin(await lossOptions(config, asked, opened, state), recovery),
  );
}

/** Continues the log, or answers undefined where it has this name already. @throws {Failure} as {@link continueUnderNewOrigin} */
export function continueNode(config: Config, asked: ContinueAsked): Promise<ContinuedLog | undefined> {
  return onFormer(config, asked, async (opened, state) => {
    const { keys } = opened;
    const signers = await asked.signers(keys);
    const held: HeldSignerState[] = [];
    try {
      return await continueUnderNewOrigin({
        ...(await lossOptions(config, asked, opened, state)),
        ...{ state, recovery: asked.recovery, onProven: asked.onProven },
        ...{ ledgerClock: readClock, processClock, keys: deploymentKeys(keys.secret) },
        keeperKeys: signers.map(({ key }) => toBase64Url(key.publicKey)),
        sign: signBy(signers),
        makeKeys: () => makeKeys(config, asked.origin, opened, held),
      });
    } finally {
      for (const each of held) each.release();
    }
  });
}

/**
 * Gives up a change of name that was begun and is not done in the database that is here.
 *
 * @throws {Failure} `superseded`, if it is done here; as {@link giveUpContinuation}
 */
export function giveUpNode(config: Config, next: string): Promise<void> {
  return atRest({ ...config, origin: undefined }, async ({ keys }, state) => {
    if (keys.origin === next) throw new Failure('superseded', `this log goes on as ${next}: start its server`);
    const held: HeldSignerState[] = [];
    try {
      giveUpContinuation({
        ...{ origin: keys.origin, next, state },
        stateOf(keyId) {
          const nextState = holdSignerState(config.stateDir, [keyId]);
          if (nextState === undefined) throw new Failure('data_in_use', `a server signs as ${next}: stop it first`);
          held.push(nextState);
          return nextState;
        },
      });
    } finally {
      for (const each of held) each.release();
    }
  });
}

/** On a ledger that nobody serves, which the configuration names as it was called, or as it is to be called. */
function onFormer<T>(
  config: Config,
  { origin }: LossAsked,
  work: (opened: OpenedStore, state: HeldSignerState) => Promise<T>,
): Promise<T | undefined> {
  return atRest({ ...config, origin: undefined }, async (opened, state) => {
    const { keys } = opened;
    if (keys.origin !== origin) return work(opened, state);
    requireOwnName(state);
    // Found done: broken off after its transaction, the memory of before was not closed yet.
    const former = keys.continues && holdSignerState(config.stateDir, [keys.continues.from]);
    former?.end(origin);
    former?.release();
    return undefined;
  });
}

async function lossOptions(
  config: Config,
  asked: LossAsked,
  opened: OpenedStore,
  state: HeldSignerState,
): Promise<LossOptions> {
  const { lost, lostKeys, tiles } = asked;
  return {
    ...(await soundOptions(config, asked, opened)),
    ...{ lost, lostKeys, state, next: asked.origin, erasures: journalOf(config, opened.keys) },
    prove: tiles === undefined ? undefined : proveByTiles(folderResources(tiles)),
  };
}

function journalOf({ stateDir }: Config, { vkey }: KeySet): ErasureShelf {
  return fileErasureShelf(join(stateDir, `${vkey.keyId}.erasures`));
}

/** All of it lies beside what is there, and is used by nothing before the ledger is changed. */
async function makeKeys(
  config: Config,
  origin: string,
  { keys, store }: OpenedStore,
  held: HeldSignerState[],
): Promise<NextKeys> {
  const made = { origin, ed25519: nativeEd25519, random: drawRandom };
  const next = await prepareNextKeySet(config.dataDir, keys, made);
  const erasures = journalOf(config, next);
  const known = erasures.load().length;
  for (const line of journalOf(config, keys).load().slice(known)) erasures.append(line);
  const nextState = holdSignerState(config.stateDir, [next.vkey.keyId]) as HeldSignerState;
  held.push(nextState);
  return {
    log_key: formatVkey(next.vkey),
    issuing_key: toBase64Url(next.issuing.publicKey),
    recovery_key: toBase64Url(next.recoveryKey),
    issuer: openIssuer(store, keys.issuing, [...keys.furtherIssuing, next.issuing]),
    ...{ nextState, erasures },
  };
}
