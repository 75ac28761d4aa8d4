/**
 * The secret keys of one ledger as one text: a file on Node, a secret on Workers.
 *
 * @module
 */
import { parseBase64Url, toBase64Url } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import { parseHashText } from '#core/hash.ts';
import { ID_RANDOM_BYTES, mintId, type OperatorId, type PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Ed25519, SigningKey } from '#core/note/ed25519.ts';
import {
  acceptedPublicKey,
  formatPrivatePem,
  formatVkey,
  type KeyId,
  keyIdOf,
  type PublicKey,
  parseVkey,
  SEED_BYTES,
  type VerifierKey,
  verifierKey,
} from '#core/note/key.ts';
import type { Founder } from '#ledger/ledger.ts';

/** A demo log's origin begins so. */
const DEMO_NAME = 'demo.assent.example';

export type DatabaseKind = 'embedded' | 'postgres';

export interface KeySet {
  readonly origin: string;
  /** Where its ledger is kept. */
  readonly database: DatabaseKind;
  readonly vkey: VerifierKey;
  /** Signs checkpoints, in the signer only. */
  readonly log: SigningKey;
  /** Those that were, or are to be, added to the log (docs/keys.md). */
  readonly furtherLog: readonly SigningKey[];
  /** Signs entries: the one that entry 0 names, or what the log went on with. */
  readonly issuing: SigningKey;
  /** Those that were, or are to be, added to the log (docs/keys.md). */
  readonly furtherIssuing: readonly SigningKey[];
  /** Replaces the keeper's administrators. Its private half is not in the set: it is kept offline (docs/keys.md). */
  readonly recoveryKey: PublicKey;
  /** 32 bytes that the deployment's keyed digests are derived from. */
  readonly secret: Uint8Array;
  /** Wraps the vault's data keys. */
  readonly wrappingKey: Uint8Array;
  /** The party that runs the ledger: its two administrators' private keys are in files of their own. */
  readonly keeper: Keeper;
  /** Of a log that goes on under another name (docs/adr/0028); absent of any other. */
  readonly continues?: Continues;
}

/** Where the files of a log are that has another name now. */
export interface Continues {
  /** The key id that it had before. */
  readonly from: KeyId;
  /** The key id that it had first: its embedded database and the keeper's keys lie under that. */
  readonly first: KeyId;
}

export interface Keeper {
  readonly party: PartyId;
  readonly operators: readonly { readonly operator: OperatorId; readonly key: string }[];
  /** Names the founding entry. */
  readonly idem: string;
}

const FIELDS = ['log_seed', 'issuing_seed', 'secret', 'wrapping_key'] as const;
type Stored = Record<'origin' | 'vkey' | 'recovery_key' | (typeof FIELDS)[number], string> & {
  /** Where there are no files beside it, as on Workers. Absent before the first one. */
  readonly further_issuing_seeds?: readonly string[];
  readonly further_log_seeds?: readonly string[];
  readonly database: DatabaseKind;
  readonly keeper: Keeper;
  readonly continues?: Continues;
};

export interface NewKeySet {
  readonly database: DatabaseKind;
  /** Undefined: a demo's. */
  readonly origin: string | undefined;
  readonly ed25519: Ed25519;
  readonly random: (bytes: number) => Uint8Array;
  readonly now: Instant;
}

/**
 * New keys as they are to be kept: the ledger's own, one private key for each of the keeper's administrators, and the recovery
 * key's.
 */
export interface MadeKeySet {
  readonly keyId: string;
  readonly text: string;
  readonly pems: readonly string[];
  readonly recoveryPem: string;
}

/**
 * Makes the keys of a new ledger.
 *
 * A note's key id depends on the name, so no name can end in its own; a demo's origin ends in the id that the key has
 * under the bare demo name (docs/adr/0003).
 */
export async function makeKeySet(made: NewKeySet): Promise<MadeKeySet> {
  const { ed25519, random } = made;
  const seeds = Object.fromEntries(FIELDS.map((name) => [name, toBase64Url(random(SEED_BYTES))]));
  const log = await ed25519.importSeed(parseBase64Url(seeds['log_seed'] as string));
  const origin = made.origin ?? `${DEMO_NAME}/${keyIdOf(DEMO_NAME, log.publicKey)}`;
  const vkey = verifierKey(origin, log.publicKey);
  const { keeper, pems } = await makeKeeper(made);
  const recoverySeed = random(SEED_BYTES);
  const recovery_key = toBase64Url((await ed25519.importSeed(recoverySeed)).publicKey);
  const stored = { origin, vkey: formatVkey(vkey), database: made.database, ...seeds, recovery_key, keeper };
  const text = `${JSON.stringify(stored, null, 2)}\n`;
  return { keyId: vkey.keyId, text, pems, recoveryPem: formatPrivatePem(recoverySeed) };
}

/**
 * Makes the keys that a log goes on with under another name: those of log, entries and recovery are new; what opens the
 * vault and names calls stays, and so does the keeper.
 */
export async function makeNextKeySet(
  before: KeySet,
  { origin, ed25519, random }: Pick<NewKeySet, 'ed25519' | 'random'> & { readonly origin: string },
): Promise<Omit<MadeKeySet, 'pems'>> {
  const [logSeed, issuingSeed, recoverySeed] = [1, 2, 3].map(() => random(SEED_BYTES)) as [Seed, Seed, Seed];
  const keys = await Promise.all([logSeed, recoverySeed].map((seed) => ed25519.importSeed(seed)));
  const [log, recovery] = keys as [SigningKey, SigningKey];
  const vkey = verifierKey(origin, log.publicKey);
  const from = before.vkey.keyId;
  const stored: Stored = {
    ...{ origin, vkey: formatVkey(vkey), database: before.database },
    ...{ log_seed: toBase64Url(logSeed), issuing_seed: toBase64Url(issuingSeed) },
    ...{ secret: toBase64Url(before.secret), wrapping_key: toBase64Url(before.wrappingKey) },
    recovery_key: toBase64Url(recovery.publicKey),
    keeper: before.keeper,
    continues: { from, first: firstKeyId(before) },
  };
  const text = `${JSON.stringify(stored, null, 2)}\n`;
  return { keyId: vkey.keyId, text, recoveryPem: formatPrivatePem(recoverySeed) };
}

type Seed = Uint8Array;

/** The key id under which the files of a ledger lie that stay when its name changes. */
export function firstKeyId({ vkey, continues }: Pick<KeySet, 'vkey' | 'continues'>): KeyId {
  return continues?.first ?? vkey.keyId;
}

const ADMINISTRATORS = 2;

async function makeKeeper({ ed25519, random, now }: NewKeySet) {
  const id = () => random(ID_RANDOM_BYTES);
  const seeds = Array.from({ length: ADMINISTRATORS }, () => random(SEED_BYTES));
  const keys = await Promise.all(seeds.map((seed) => ed25519.importSeed(seed)));
  const operators = keys.map(({ publicKey }) => ({
    operator: mintId<OperatorId>(now, id()),
    key: toBase64Url(publicKey),
  }));
  const keeper: Keeper = { party: mintId<PartyId>(now, id()), operators, idem: toBase64Url(random(SEED_BYTES)) };
  return { keeper, pems: seeds.map(formatPrivatePem) };
}

/** @throws {Failure} `keys_missing`, if the text is not a whole key set. */
export async function parseKeySet(text: string, ed25519: Ed25519): Promise<KeySet> {
  try {
    return await openStored(JSON.parse(text), ed25519);
  } catch (cause) {
    throw new Failure('keys_missing', 'not a key set as assent keygen --ledger writes it', { cause });
  }
}

async function openStored(stored: Stored, ed25519: Ed25519): Promise<KeySet> {
  const bytes = FIELDS.map((name) => parseBase64Url(stored[name])) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const [logSeed, issuingSeed, secret, wrappingKey] = bytes;
  const [log, issuing] = await Promise.all([logSeed, issuingSeed].map((seed) => ed25519.importSeed(seed)));
  const recoveryKey = acceptedPublicKey(parseBase64Url(stored.recovery_key));
  const importAll = (seeds: readonly string[] = []) =>
    Promise.all(seeds.map((seed) => ed25519.importSeed(parseBase64Url(seed))));
  const furtherIssuing = await importAll(stored.further_issuing_seeds);
  const furtherLog = await importAll(stored.further_log_seeds);
  const vkey = parseVkey(stored.vkey);
  if (
    log === undefined ||
    issuing === undefined ||
    secret.length !== 32 ||
    wrappingKey.length !== 32 ||
    stored.keeper?.operators?.length !== ADMINISTRATORS
  ) {
    throw new Failure('keys_missing', 'a key is missing');
  }
  if (formatVkey(verifierKey(stored.origin, log.publicKey)) !== stored.vkey) {
    throw new Failure('keys_missing', 'the log key is not that of the vkey');
  }
  const { origin, database, keeper, continues } = stored;
  const made = { log, furtherLog, issuing, furtherIssuing, recoveryKey, secret, wrappingKey };
  const keys = { origin, database, vkey, keeper, ...made };
  return continues === undefined ? keys : { ...keys, continues };
}

/** Its log keys, the one that entry 0 names first; of the others, the log says what they are. */
export function logVkeys({ origin, vkey, furtherLog }: KeySet): readonly [VerifierKey, ...VerifierKey[]] {
  return [vkey, ...furtherLog.map(({ publicKey }) => verifierKey(origin, publicKey))];
}

/** Their ids: what the signer's memory is kept by. */
export function logKeyIds(keys: KeySet): readonly [KeyId, ...KeyId[]] {
  const [first, ...further] = logVkeys(keys);
  return [first.keyId, ...further.map(({ keyId }) => keyId)];
}

/** The party that a ledger with these keys is founded with. */
export function founderOf({ keeper, origin }: KeySet): Founder {
  return {
    party: keeper.party,
    name: `keeper of ${origin}`,
    keys: keeper.operators.map(({ operator, key }) => ({ operator, key, duty: 'admin' })),
    idem: parseHashText(keeper.idem),
  };
}

/** Whether a real ledger may be called so: a host's name and a path, without a scheme (C2SP tlog-checkpoint). */
export function isOwnOrigin(origin: string): boolean {
  return /^[0-9a-z][0-9a-z.-]{0,100}(?:\/[0-9A-Za-z._-]{1,64}){0,4}$/.test(origin) && !origin.startsWith(DEMO_NAME);
}
