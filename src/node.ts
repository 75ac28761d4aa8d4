/**
 * The roof on Node: reads no more than configuration, opens what a ledger needs, and hands it down.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, isFailure } from '#core/failure.ts';
import { useSha256 } from '#core/hash.ts';
import { formatVkey, parseVkey } from '#core/note/key.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { compareStanding } from '#ledger/fence.ts';
import type { Log } from '#ledger/log.ts';
import type { Context } from '#service/context.ts';
import { openDeliverer } from '#service/deliver.ts';
import { openHeadsKeeper } from '#service/heads.ts';
import { openJobRunner } from '#service/jobs/runner.ts';
import { isLoopback } from '#service/webhook-url.ts';
import { migrate } from '#store/migrate.ts';
import type { Store } from '#store/store.ts';
import { loadStreams } from '#store/streams.ts';
import { type DatabaseKind, firstKeyId, type Keeper, type KeySet, logKeyIds, logVkeys } from './key-set.ts';
import { nativeEd25519, nativeP256, nativeSha256 } from './native.ts';
import { nativeAead } from './native-aead.ts';
import { auditStore } from './node/audit-store.ts';
import type { Config } from './node/config.ts';
import { fileErasureShelf } from './node/erasure-shelf.ts';
import { fileEvidenceShelf } from './node/evidence-shelf.ts';
import { type Inspection, inspectStore } from './node/inspect.ts';
import { createKeySet, listKeySets, listLedgers, loadKeySet, vkeyFile, writeVkey } from './node/key-set.ts';
import { type AuditAsked, findLocal, type Local, type StampedReport } from './node/local-door.ts';
import { openPoster } from './node/post.ts';
import { drawRandom } from './node/random.ts';
import {
  type HeldSignerState,
  holdSignerState,
  readBegun,
  readContinuedBy,
  readSignerState,
  signerStateFile,
} from './node/signer-state.ts';
import { type Lock, takeLock } from './node/sqlite.ts';
import type { TimeStampSettings } from './node/time-stamp/settings.ts';
import type { StampKeeper, StampKeeperOptions } from './node/time-stamp/stamp-keeper.ts';
import { openContext, processClock, type Witnessing } from './open.ts';
import { openPostgres } from './store/postgres.ts';
import { parseOwnPolicy } from './witness-policy.ts';

useSha256(nativeSha256);

/** How long a start waits for another one that is just making keys or migrating. */
const OPENING_WAIT_MS = 30_000;

/** The system's randomness. */
export const random: (bytes: number) => Uint8Array = drawRandom;

/** An open ledger with its surroundings. */
export interface Opened {
  readonly context: Context;
  readonly keyId: string;
  /** The key id under which its embedded database and the keeper's keys lie. */
  readonly firstKeyId: string;
  readonly keeper: Keeper;
  readonly database: DatabaseKind;
  readonly vkeyFile: string;
  /** Whether this start made entry 0. */
  readonly isNew: boolean;
  close(): Promise<void>;
}

/**
 * Opens the configured ledger: the one whose keys are in the data folder, or a new one where there is none.
 *
 * @throws {Failure} `data_in_use`, `keys_missing`, `config_invalid`, `store_unavailable`
 */
export async function openNode(config: Config, log: Log): Promise<Opened> {
  const opening = takeLock(join(config.dataDir, 'opening.lock'), OPENING_WAIT_MS);
  if (opening === undefined) throw inUse(config.dataDir);
  const held: Held[number][] = [];
  try {
    // Before anything is made: a file that is wrong leaves no ledger behind that is half begun.
    const tsa = config.timeStamps && (await readTsa(config.timeStamps));
    const { keys, store } = await openStore(config, 'if missing', held);
    await migrate(store);
    closeFormer(config, keys);
    const state = holdState(config, keys, held);
    const opened = await openContext({
      store,
      keys,
      state,
      ed25519: nativeEd25519,
      p256: nativeP256,
      aead: nativeAead,
      random,
      log,
      witnesses: readWitnessing(config, keys),
      erasures: fileErasureShelf(join(config.stateDir, `${keys.vkey.keyId}.erasures`)),
    });
    held.push(opened.ledger);
    // Behind a proxy others reach this server, even if it listens on loopback.
    const callsLoopback = isLoopback(config.host) && config.authorities.length === 0;
    const context = { ...opened, callsLoopback, asksTsa: tsa !== undefined };
    startDelivery(context, held);
    // One runner is enough, and the process that signs is one.
    if (context.ledger.signs) held.push(openJobRunner(context), openHeadsKeeper(context));
    if (context.ledger.signs && tsa !== undefined) held.push(await startStamping(context, tsa));
    return {
      context,
      keyId: keys.vkey.keyId,
      firstKeyId: firstKeyId(keys),
      keeper: keys.keeper,
      database: keys.database,
      vkeyFile: await writeVkeys(config.keysDir, keys, context),
      isNew: context.ledger.isNew,
      close: () => closeAll(held),
    };
  } catch (failure) {
    await closeAll(held);
    throw failure;
  } finally {
    opening.release();
  }
}

/** Brings the configured database to this code's schema, and answers which migrations ran. */
export async function migrateNode(config: Config): Promise<readonly string[]> {
  const held: Held[number][] = [];
  const opening = takeLock(join(config.dataDir, 'opening.lock'), OPENING_WAIT_MS);
  if (opening === undefined) throw inUse(config.dataDir);
  try {
    return await migrate((await openStore(config, 'if missing', held)).store);
  } finally {
    await closeAll(held);
    opening.release();
  }
}

/** Audits the configured ledger against a trusted vkey. Writes nothing. */
export async function auditNode(config: Config, options: AuditAsked): Promise<StampedReport> {
  const held: Held[number][] = [];
  try {
    const { store, keys } = await openStore(config, 'never', held);
    const vault = { aead: nativeAead, wrappingKey: keys.wrappingKey, random };
    const audited = { vault, ed25519: nativeEd25519, p256: nativeP256 };
    return await auditStore(store, { ...options, ...audited, vkey: parseVkey(options.vkey ?? formatVkey(keys.vkey)) });
  } finally {
    await closeAll(held);
  }
}

/** What the process that has a ledger open tells commands which can't open it beside it. */
export function localOf({ context }: Opened): Local {
  const { ledger, vault, ed25519, p256 } = context;
  return {
    audit: ({ vkey, ...asked }) =>
      auditStore(ledger.store, { ...asked, vkey: parseVkey(vkey ?? ledger.vkey), vault, ed25519, p256 }),
    inspect: () => inspectStore(ledger.store, async () => ledger.fenced()),
  };
}

/** The server that holds the embedded ledger of the data folder, if it says where it is. */
export async function findServer({ dataDir }: Config): Promise<(Local & { readonly keyId: string }) | undefined> {
  for (const { vkey } of (await findEmbedded(dataDir)) ?? []) {
    const local = findLocal(dataDir, vkey.keyId);
    if (local !== undefined) return { ...local, keyId: vkey.keyId };
  }
  return undefined;
}

/** How a ledger is found to be, by whoever can look. */
export interface Inspected extends Inspection {
  readonly keyId: string;
  /** Who looked: this process, or the server that holds the database. */
  readonly by: 'us' | 'server';
  readonly signer: 'held' | 'missing' | 'there';
}

/**
 * Looks at the configured ledger, through the server that holds it if one does. Writes nothing.
 *
 * @throws {Failure} as {@link openNode}; `keys_missing`, if there is no ledger yet.
 */
export async function inspectNode(config: Config): Promise<Inspected> {
  const held: Held[number][] = [];
  try {
    const { store, keys } = await openStore(config, 'never', held);
    const { keyId } = keys.vkey;
    const state = readSigner(config, keys);
    const nothing = { load: () => undefined };
    const memory = typeof state === 'object' ? state : state === 'missing' ? nothing : undefined;
    const inspection = await inspectStore(store, async (tx) => (await compareStanding(tx, memory)).fenced);
    return { ...inspection, keyId, by: 'us', signer: typeof state === 'object' ? 'there' : state };
  } catch (failure) {
    const server = isFailure(failure, 'data_in_use') ? await findServer(config) : undefined;
    if (server === undefined) throw failure;
    return { ...(await server.inspect()), keyId: server.keyId, by: 'server', signer: 'held' };
  } finally {
    await closeAll(held);
  }
}

/**
 * Runs `work` on the keys and the database of the configured ledger while nothing else starts on them: for what is done to a
 * ledger that nobody serves.
 *
 * @throws {Failure} as {@link openNode}; `keys_missing`, if there is no ledger yet.
 */
export async function onStore<T>(config: Config, work: (opened: OpenedStore) => Promise<T>): Promise<T> {
  const opening = takeLock(join(config.dataDir, 'opening.lock'), OPENING_WAIT_MS);
  if (opening === undefined) throw inUse(config.dataDir);
  const held: Held[number][] = [{ close: () => opening.release() }];
  try {
    return await work(await openStore(config, 'never', held));
  } finally {
    await closeAll(held);
  }
}

type Held = { close(): Promise<void> | void }[];

export interface OpenedStore {
  readonly keys: KeySet;
  readonly store: Store;
}

/** Whether a ledger that is not there yet is made. */
type Make = 'if missing' | 'never';

function openStore(config: Config, make: Make, held: Held): Promise<OpenedStore> {
  const { databaseUrl } = config;
  return databaseUrl === undefined ? openEmbedded(config, make, held) : openServer(config, databaseUrl, make, held);
}

/**
 * The embedded database lies beside its keys, in a folder named by the log's first key id, behind a lock of the same name. It
 * says which name its log has now.
 */
async function openEmbedded(config: Config, make: Make, held: Held): Promise<OpenedStore> {
  const found = await findEmbedded(config.dataDir);
  const sets = found ?? [refuseOtherOrigin(config, await makeKeys(config, 'embedded', make))];
  const folder = firstKeyId(sets[0] as KeySet);
  const lock = takeLock(join(config.dataDir, `${folder}.lock`));
  if (lock === undefined) throw inUse(config.dataDir);
  held.push({ close: () => lock.release() });
  const { openPglite } = await import('./store/pglite.ts');
  const store = await openPglite(join(config.dataDir, folder));
  held.push(store);
  const named = sets.length > 1 ? await loadNamed(store) : undefined;
  const own = sets.find(({ vkey }) => (named === undefined ? vkey.keyId === folder : formatVkey(vkey) === named));
  if (own === undefined)
    throw new Failure('keys_missing', `the keys of ${named ?? folder} are not in ${config.dataDir}`);
  return { keys: refuseOtherOrigin(config, own), store };
}

/** The vkey that a database says its log has; undefined: there is no log in it. */
async function loadNamed(store: Store): Promise<string | undefined> {
  const log = await store.read(async (tx) => (await loadStreams(tx, [LOG_STREAM]))[0]?.state);
  const named = log?.['log_key'];
  return typeof named === 'string' ? named : undefined;
}

/** The key sets of the embedded ledger in a data folder: one, and one more for each name that its log got since. */
async function findEmbedded(dataDir: string): Promise<readonly KeySet[] | undefined> {
  const sets = await Promise.all(listKeySets(dataDir).map((keyId) => loadKeySet(dataDir, keyId, nativeEd25519)));
  const embedded = sets.filter((keys) => keys.database === 'embedded');
  // A ledger whose keys are gone gets no new ones.
  const ids = [...new Set(embedded.map(firstKeyId))];
  const orphan = listLedgers(dataDir).find((keyId) => !ids.some((id) => id === keyId));
  if (orphan !== undefined) {
    throw new Failure(
      'keys_missing',
      `the ledger ${orphan} is in ${dataDir}, its keys are not: put ${orphan}.keys.json back`,
    );
  }
  if (ids.length > 1) {
    throw new Failure('config_invalid', `${dataDir} holds several ledgers (${ids.join(', ')}): move all but one away`);
  }
  return embedded.length === 0 ? undefined : embedded;
}

/** On a server the database says which ledger it holds; its keys must be at hand. */
async function openServer(config: Config, url: string, make: Make, held: Held): Promise<OpenedStore> {
  const store = await openPostgres(url);
  held.push(store);
  if (make === 'if missing') await migrate(store);
  const named = await loadNamed(store);
  const keys =
    named !== undefined
      ? await loadKeySet(config.dataDir, parseVkey(named).keyId, nativeEd25519)
      : await makeKeys(config, 'postgres', make);
  return { keys: refuseOtherOrigin(config, keys), store };
}

async function makeKeys({ dataDir, origin }: Config, database: DatabaseKind, make: Make): Promise<KeySet> {
  if (make === 'never')
    throw new Failure('keys_missing', `there is no ledger yet (looked in ${dataDir}): start one with npm start`);
  return createKeySet(dataDir, { database, origin, ed25519: nativeEd25519, random, now: processClock() });
}

/** Another ledger than the one that is there is never made beside it, nor taken for it. */
function refuseOtherOrigin({ origin }: Config, keys: KeySet): KeySet {
  if (origin === undefined || origin === keys.origin) return keys;
  const next = keys.continues === undefined ? 'use another data folder' : 'it goes on under that name, set it';
  throw new Failure('config_invalid', `ASSENT_ORIGIN is ${origin}, but the ledger here is ${keys.origin}: ${next}`);
}

/** Whoever signs checkpoints delivers, too: there is one such process. */
function startDelivery(context: Context, held: Held): void {
  if (!context.ledger.signs || context.ledger.fenced() !== undefined) return;
  const poster = openPoster(context.callsLoopback === true);
  held.push(poster, openDeliverer(context, { post: poster.post }));
}

type AskedTsa = Pick<StampKeeperOptions, 'tsa' | 'everyMs'>;

/** Loaded where it is configured only: it brings its own libraries. */
async function startStamping(context: Context, asked: AskedTsa): Promise<StampKeeper> {
  const { ledger, log, clock } = context;
  const { openStampKeeper } = await import('./node/time-stamp/stamp-keeper.ts');
  return openStampKeeper({ ledger, log, clock, random, fetch, ...asked });
}

async function readTsa({ url, policy, everyMs, certificates: file }: TimeStampSettings): Promise<AskedTsa> {
  const { parseTsaCertificates } = await import('#time-stamp/certificates.ts');
  try {
    return { tsa: { url, policy, certificates: parseTsaCertificates(readFileSync(file)) }, everyMs };
  } catch (cause) {
    const why = isFailure(cause) ? cause.message : 'it can’t be read';
    throw new Failure('config_invalid', `ASSENT_TSA_CERTIFICATE: ${file}: ${why}`, { cause });
  }
}

/** The signer's memory as it lies there: what is wrong with it, it says when it is asked. */
function readSigner(
  { stateDir }: Config,
  keys: KeySet,
): Pick<HeldSignerState, 'load' | 'continuedBy' | 'begun'> | 'held' | 'missing' {
  const standing = {
    continuedBy: () => readContinuedBy(stateDir, keys.vkey.keyId),
    begun: () => readBegun(stateDir, keys.vkey.keyId),
  };
  try {
    const read = readSignerState(stateDir, logKeyIds(keys));
    return typeof read === 'string' ? read : { load: () => read.signed, ...standing };
  } catch (failure) {
    if (!isFailure(failure, 'signer_refused')) throw failure;
    return {
      load() {
        throw failure;
      },
      ...standing,
    };
  }
}

/** The process that gets the signer's state signs; any other on the same ledger appends only. */
function holdState(config: Config, keys: KeySet, held: Held): HeldSignerState | undefined {
  const state = holdSignerState(config.stateDir, logKeyIds(keys));
  if (state !== undefined) held.push({ close: () => (state satisfies Lock).release() });
  return state;
}

/** A log that goes on under another name: the signer of before signs no more, also where the ceremony was broken off late. */
function closeFormer({ stateDir }: Config, { continues, origin, vkey }: KeySet): void {
  if (continues === undefined || !existsSync(signerStateFile(stateDir, continues.from))) return;
  // Given up: it is this name that signs nothing.
  if (readContinuedBy(stateDir, vkey.keyId) !== undefined) return;
  const former = holdSignerState(stateDir, [continues.from]);
  former?.end(origin);
  former?.release();
}

/** Who cosigns, by the policy file: beside the public keys, because readers need it as much as we do. */
export function readWitnessing({ witnessPolicy, stateDir }: Config, keys: KeySet): Witnessing | undefined {
  if (witnessPolicy === undefined) return undefined;
  let file: Uint8Array;
  try {
    file = readFileSync(witnessPolicy);
  } catch (cause) {
    throw new Failure('config_invalid', `ASSENT_WITNESS_POLICY: ${witnessPolicy} can't be read`, { cause });
  }
  const shelf = fileEvidenceShelf(join(stateDir, `${keys.vkey.keyId}.witness-evidence.json`));
  return { policy: parseOwnPolicy(file, logVkeys(keys)), shelf };
}

/** What readers trust: the log key that entry 0 names, and those that sign now. One that had ended and was taken away stays so. */
async function writeVkeys(keysDir: string, keys: KeySet, { ledger }: Context): Promise<string> {
  const signing = await ledger.signingKeys();
  for (const vkey of signing.length === 0 ? [keys.vkey] : signing) writeVkey(keysDir, vkey);
  return vkeyFile(keysDir, signing.at(-1) ?? keys.vkey);
}

/** Closes in the reverse order of opening. */
async function closeAll(held: Held): Promise<void> {
  for (const each of held.splice(0).reverse()) await each.close();
}

function inUse(dataDir: string): Failure {
  return new Failure(
    'data_in_use',
    `another process holds the ledger in ${dataDir}: stop it, or set ASSENT_DATA_DIR to another folder`,
  );
}
