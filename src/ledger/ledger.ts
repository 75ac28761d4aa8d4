/**
 * The ledger: an append-only log over a store. Opening one checks that it is the one that was asked for.
 *
 * @module
 */
import { toBase64Url } from '#core/bytes.ts';
import { ENGINE_AT_OPENING } from '#core/consent/engine.ts';
import { issuingKeysOf } from '#core/consent/issuing-key.ts';
import { type LogState, logKeysOf } from '#core/consent/log.ts';
import { signingLogKeys, vkeyToShow } from '#core/consent/log-key.ts';
import { Failure } from '#core/failure.ts';
import { type Hash, hashText } from '#core/hash.ts';
import type { OperatorId, PartyId } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatVkey, type PublicKey, parseVkey, type VerifierKey, verifierKey } from '#core/note/key.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { EMPTY_ROOT, emptyFrontier, type Size, type TreeHead } from '#core/tlog/tree.ts';
import { loadStepped } from '#store/access-steps.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { insertHead, loadHead } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import type { Store } from '#store/store.ts';
import { loadStreams } from '#store/streams.ts';
import { type BatchContext, headColumns, runBatch } from './batch.ts';
import { openCommitter } from './committer.ts';
import { reapplyErasures } from './erasure.ts';
import { compareStanding } from './fence.ts';
import { type Issuer, openIssuer } from './issuer.ts';
import type { Log } from './log.ts';
import { openPackLibrary, type PackLibrary } from './packs.ts';
import { openPublisher, type Publisher } from './publisher.ts';
import { requireLogKeys, type Signer } from './signer.ts';
import { type CatchUp, catchUp } from './steps.ts';
import { fencing, parseEvidence, whyFenced } from './witness-evidence.ts';
import { openWitnesses, type Witnesses, type WitnessSettings } from './witnesses.ts';
import type { Sequenced, Write } from './write.ts';

export interface LedgerOptions extends Omit<BatchContext, 'seen' | 'packs' | 'issuer'> {
  /** Signs entries: the one that entry 0 names, or is to name. */
  readonly issuingKey: SigningKey;
  /** Those that were, or are to be, added to the log. */
  readonly furtherIssuingKeys?: readonly SigningKey[];
  readonly store: Store;
  readonly origin: string;
  /** The log key's vkey: what readers trust, and what entry 0 names. */
  readonly vkey: string;
  readonly recoveryKey: PublicKey;
  /** Who runs the ledger: entry 0 names it, and the next one registers it, with its two administrators' keys. */
  readonly keeper: Founder;
  /** Log keys beside the first one that are at hand, whether this process signs or not. */
  readonly furtherLogKeys?: readonly SigningKey[];
  /** Undefined in a process that does not sign. */
  readonly signer: Signer | undefined;
  /** Who cosigns its checkpoints; undefined: nobody. */
  readonly witnesses: WitnessSettings | undefined;
  readonly log: Log;
}

export interface Ledger {
  readonly origin: string;
  /** That of the log key that entry 0 names. */
  readonly vkey: string;
  readonly store: Store;
  readonly packs: PackLibrary;
  readonly issuer: Issuer;
  readonly publisher: Publisher;
  readonly signs: boolean;
  /** The vkey to be shown to who has none yet (core/consent/log-key.ts). */
  vkeyToShow(): Promise<string>;
  /** Every log key that the log names, the first one first. */
  logKeys(): Promise<readonly VerifierKey[]>;
  /** Those of them that sign checkpoints now, the oldest first. None, where there is no log yet. */
  signingKeys(): Promise<readonly VerifierKey[]>;
  /** Whether this process has the private half of a log key. */
  holdsLogKey(vkey: string): boolean;
  /** Whether a policy wants its checkpoints cosigned. */
  readonly isWitnessed: boolean;
  /** Whether opening it made entry 0. */
  readonly isNew: boolean;
  /** Why nothing may be written, or undefined. */
  fenced(): string | undefined;
  /** @throws {Failure} `read_only` behind the fence; else as the committer. */
  submit(write: Write): Promise<readonly Sequenced[]>;
  close(): Promise<void>;
}

/**
 * Opens the ledger of a migrated database, and makes entry 0 where there is none.
 *
 * @throws {Failure} `config_invalid`, if the database holds another log; `keys_missing`, if these are not its keys.
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { store } = options;
  const packs = openPackLibrary();
  const issuer = openIssuer(store, options.issuingKey, options.furtherIssuingKeys ?? []);
  const before = await store.read((tx) => compareStanding(tx, options.signer?.state));
  const fence = openFence(before.fenced ?? whyContradicted(options, before.seen), options.log);
  await store.transaction((tx) => eraseAgain(options, tx));
  const isNew =
    fence.why() === undefined && (await store.transaction((tx) => openLog({ ...options, packs, issuer }, tx)));
  await store.read((tx) => refuseOther(options, tx));
  await store.read((tx) => requireOwnLogKeys(options, tx));
  await store.read((tx) => issuer.learn(tx));
  const witnesses = await openOwnWitnesses(options, fence);
  const isWitnessed = options.witnesses?.policy.quorum !== undefined;
  const publisher = openPublisher({
    store,
    signer: fence.why() === undefined ? options.signer : undefined,
    log: options.log,
    isWitnessed,
    onPublished: (row) => witnesses?.signed(row),
    onSigned: (head) => committer.saw(head),
    onRefused: (failure) => fence.raise(failure),
  });
  fence.onRaised(() => publisher.halt());
  // In the same turn as the publisher, which tells it what is signed.
  const committer = openCommitter({
    ...options,
    packs,
    issuer,
    seenAtStart: before.seen,
    onGrowth: () => publisher.grew(),
  });
  const catching = fence.why() === undefined ? await openCatchUp(options) : undefined;
  return {
    origin: options.origin,
    vkey: options.vkey,
    store,
    packs,
    issuer,
    publisher,
    signs: options.signer !== undefined,
    ...ownLogKeys(options),
    isWitnessed,
    isNew,
    fenced: fence.why,
    async submit(write) {
      const why = fence.why();
      if (why !== undefined) throw new Failure('read_only', `the ledger is read-only: ${why}`);
      return committer.submit(write);
    },
    async close() {
      await catching?.close();
      await committer.close();
      await publisher.close();
      await witnesses?.close();
    },
  };
}

/** A backup that was restored has again what was erased since: it goes before anything is served, fenced or not. */
async function eraseAgain({ origin, erasures, log }: LedgerOptions, tx: Tx): Promise<void> {
  const { parts, pending, damaged } = await reapplyErasures(tx, origin, erasures);
  if (parts > 0) log.info('erased_again', { parts });
  if (pending.length > 0 || damaged > 0) log.info('erasure_journal', { pending: pending.length, damaged });
}

/** One process is enough, and the one that signs is one. */
async function openCatchUp({ store, signer, log }: LedgerOptions): Promise<CatchUp | undefined> {
  if (signer === undefined) return undefined;
  const { stepped, size } = (await store.read(loadStepped)) ?? { stepped: 0, size: 0 };
  return stepped < size ? catchUp(store, log) : undefined;
}

/** What keeps a ledger read-only once it is raised, at the start or later. */
interface Fence {
  why(): string | undefined;
  raise(failure: Failure): void;
  /** Has something done when it is raised later. */
  onRaised(act: () => void): void;
}

function openFence(atStart: string | undefined, log: Log): Fence {
  let why = atStart;
  let act = () => {};
  if (why !== undefined) log.warn('fenced', new Failure('read_only', why));
  return {
    why: () => why,
    raise(failure) {
      why ??= failure.message;
      log.warn('fenced', failure);
      act();
    },
    onRaised(given) {
      act = given;
    },
  };
}

/** What a witness said against this ledger stands until its database holds what the witness has seen. */
function whyContradicted({ witnesses }: LedgerOptions, seen: TreeHead): string | undefined {
  const kept = witnesses?.shelf.load();
  return kept === undefined ? undefined : whyFenced(parseEvidence(kept), seen.size);
}

/** Asks about the newest checkpoint before anything is signed on: a database that was rolled back is told so by them. */
async function openOwnWitnesses(options: LedgerOptions, fence: Fence): Promise<Witnesses | undefined> {
  const { store, signer, witnesses: settings, processClock, log } = options;
  if (settings?.policy.quorum === undefined || fence.why() !== undefined) return undefined;
  if (signer === undefined) return watchEvidence(settings, fence);
  const witnesses = openWitnesses({
    ...settings,
    ...{ store, log, clock: processClock },
    signedSize: () => signer.state.load()?.size ?? (0 as Size),
    onContradicted: (failure) => fence.raise(failure),
  });
  const newest = await store.read(loadNewestCheckpoint);
  if (newest !== undefined) await witnesses.ask(newest);
  return witnesses;
}

/** How often a process that does not sign looks whether a witness has stopped the one that does. */
const LOOK_EVERY_MS = 1_000;

/** Asks nobody: the process that signs does, and what it is told stops this one, too. */
function watchEvidence({ shelf }: WitnessSettings, fence: Fence): Witnesses {
  const timer = setInterval(() => {
    if (fence.why() !== undefined) return;
    try {
      const kept = shelf.load();
      if (kept !== undefined) fence.raise(fencing(parseEvidence(kept)));
    } catch (cause) {
      // What can't be read may say the worst.
      fence.raise(new Failure('signer_refused', 'whether a witness contradicts this ledger can’t be read', { cause }));
    }
  }, LOOK_EVERY_MS);
  return {
    signed() {},
    async ask() {},
    async close() {
      clearInterval(timer);
    },
  };
}

/** The party that runs a ledger, as its first start registers it. */
export interface Founder {
  readonly party: PartyId;
  readonly name: string;
  /** Two administrators, each with a key of its own. */
  readonly keys: readonly { readonly key: string; readonly operator: OperatorId; readonly duty: 'admin' }[];
  /** 32 random bytes: the name under which this happens once. */
  readonly idem: Hash;
}

/** The founding is the one call that nobody signs: the log's own key stands behind it. */
const NOBODY = { auth: 'none', by: [], request: null } as const;

/** The tree before entry 0. */
const NOTHING: TreeHead = { size: 0 as Size, root: EMPTY_ROOT };

/** Entry 0 names the ledger's keys. Two servers that start at once make one; answers whether it was this one. */
async function openLog(options: LedgerOptions & Pick<BatchContext, 'packs' | 'issuer'>, tx: Tx): Promise<boolean> {
  const empty = { origin: options.origin, time: 0 as never, ...headColumns(emptyFrontier(), 0 as Size) };
  await insertHead(tx, empty);
  const { keeper } = options;
  const keys: LogState = {
    log_key: options.vkey,
    issuing_key: toBase64Url(options.issuingKey.publicKey),
    recovery_key: toBase64Url(options.recoveryKey),
    keeper: keeper.party,
    engine: ENGINE_AT_OPENING,
  };
  const founding = {
    name: keeper.name,
    roles: ['keeper'],
    keys: keeper.keys,
    ...NOBODY,
    idem: hashText(keeper.idem),
  } as const;
  const founded = partyStream(keeper.party);
  const { outcomes } = await runBatch({ ...options, seen: () => NOTHING }, tx, () => [
    {
      claims: [],
      touches: [LOG_STREAM, founded],
      plan: (view) =>
        view.head(LOG_STREAM) === undefined
          ? [
              { command: { type: 'log.opened', stream: LOG_STREAM, input: keys } },
              { command: { type: 'party.registered', stream: founded, input: founding } },
            ]
          : [],
    },
  ]);
  const [outcome] = outcomes;
  if (outcome?.kind === 'failed') throw outcome.failure;
  return outcome?.kind === 'sequenced' && outcome.entries.length > 0;
}

async function refuseOther(options: LedgerOptions, tx: Tx): Promise<void> {
  const head = await loadHead(tx);
  if (head !== undefined && head.origin !== options.origin) {
    throw new Failure('config_invalid', `the database holds the log ${head.origin}, not ${options.origin}`);
  }
  const state = (await loadStreams(tx, [LOG_STREAM]))[0]?.state as LogState | undefined;
  if (state === undefined) return;
  // The key set of a log that goes on under another name holds the issuing key that it went on with.
  const own = toBase64Url(options.issuingKey.publicKey);
  if (state.log_key !== options.vkey || !issuingKeysOf(state).some(({ key }) => key === own)) {
    throw new Failure('keys_missing', `the keys at hand are not those of the log ${options.origin}`);
  }
}

/** A process that signs has all that sign. @throws {Failure} `keys_missing` */
async function requireOwnLogKeys({ signer }: LedgerOptions, tx: Tx): Promise<void> {
  const state = (await loadStreams(tx, [LOG_STREAM]))[0]?.state as LogState | undefined;
  if (signer !== undefined && state?.log_keys !== undefined) requireLogKeys(signer, signingLogKeys(state));
}

function ownLogKeys({
  store,
  origin,
  vkey: first,
  furtherLogKeys = [],
}: LedgerOptions): Pick<Ledger, 'logKeys' | 'signingKeys' | 'vkeyToShow' | 'holdsLogKey'> {
  const held = [first, ...furtherLogKeys.map(({ publicKey }) => formatVkey(verifierKey(origin, publicKey)))];
  const load = () => store.readOnce((tx) => loadStreams(tx, [LOG_STREAM]));
  const stateOf = ([row]: Awaited<ReturnType<typeof load>>) => row?.state as LogState | undefined;
  return {
    async logKeys() {
      const state = stateOf(await load());
      return state === undefined ? [] : logKeysOf(state).map(({ vkey }) => parseVkey(vkey));
    },
    async signingKeys() {
      const state = stateOf(await load());
      return state === undefined ? [] : signingLogKeys(state);
    },
    async vkeyToShow() {
      const state = stateOf(await load());
      return state === undefined ? first : vkeyToShow(state);
    },
    holdsLogKey: (vkey) => held.includes(vkey),
  };
}
