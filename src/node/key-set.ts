/**
 * The secret keys of one ledger, in one file that only its owner can read: `<key id>.keys.json` in the data folder.
 *
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseBase64Url, toBase64Url } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import type { Ed25519, SigningKey } from '#core/note/ed25519.ts';
import { formatVkey, keyIdOf, parseVkey, SEED_BYTES, type VerifierKey, verifierKey } from '#core/note/key.ts';

/** A demo log's origin. Real origins come with signed requests. */
const DEMO_NAME = 'demo.assent.example';

export type DatabaseKind = 'embedded' | 'postgres';

export interface KeySet {
  readonly origin: string;
  /** Where its ledger is kept. */
  readonly database: DatabaseKind;
  readonly vkey: VerifierKey;
  /** Signs checkpoints, in the signer only. */
  readonly log: SigningKey;
  /** Signs entries. */
  readonly issuing: SigningKey;
  /** May replace the others; for a real ledger its seed is kept elsewhere. */
  readonly recovery: SigningKey;
  /** 32 bytes that the deployment's keyed digests are derived from. */
  readonly secret: Uint8Array;
  /** Wraps the vault's data keys. */
  readonly wrappingKey: Uint8Array;
}

const FIELDS = ['log_seed', 'issuing_seed', 'recovery_seed', 'secret', 'wrapping_key'] as const;
type Stored = Record<'origin' | 'vkey' | (typeof FIELDS)[number], string> & { readonly database: DatabaseKind };

const SUFFIX = '.keys.json';

/** The ids of the ledgers whose keys are in a data folder. */
export function listKeySets(dataDir: string): readonly string[] {
  try {
    return readdirSync(dataDir)
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => name.slice(0, -SUFFIX.length))
      .sort();
  } catch {
    return [];
  }
}

/** The ids of the embedded ledgers in a data folder: their folders. */
export function listLedgers(dataDir: string): readonly string[] {
  try {
    return readdirSync(dataDir, { withFileTypes: true })
      .filter((each) => each.isDirectory() && /^[0-9a-f]{8}$/.test(each.name))
      .map((each) => each.name);
  } catch {
    return [];
  }
}

/**
 * Makes the keys of a new demo ledger and writes them, before anything is signed with them.
 *
 * A note's key id depends on the name, so no name can end in its own; the origin ends in the id that the key has under
 * the bare demo name (docs/adr/0003).
 */
export async function createKeySet(
  dataDir: string,
  database: DatabaseKind,
  ed25519: Ed25519,
  random: (bytes: number) => Uint8Array,
): Promise<KeySet> {
  const [log_seed, issuing_seed, recovery_seed, secret, wrapping_key] = FIELDS.map(() =>
    toBase64Url(random(SEED_BYTES)),
  );
  const log = await ed25519.importSeed(parseBase64Url(log_seed as string));
  const origin = `${DEMO_NAME}/${keyIdOf(DEMO_NAME, log.publicKey)}`;
  const vkey = verifierKey(origin, log.publicKey);
  const stored = {
    origin,
    vkey: formatVkey(vkey),
    database,
    log_seed,
    issuing_seed,
    recovery_seed,
    secret,
    wrapping_key,
  };
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(dataDir, vkey.keyId), `${JSON.stringify(stored, null, 2)}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  });
  return openStored(stored as Stored, ed25519);
}

/** @throws {Failure} `keys_missing`, if the file is not there or is not a key set. */
export async function loadKeySet(dataDir: string, keyId: string, ed25519: Ed25519): Promise<KeySet> {
  const path = fileOf(dataDir, keyId);
  let stored: Stored;
  try {
    stored = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Failure('keys_missing', `the ledger's keys are not at ${path}: put that file back`, { cause });
  }
  try {
    const keys = await openStored(stored, ed25519);
    if (keys.vkey.keyId === keyId) return keys;
  } catch (cause) {
    throw new Failure('keys_missing', `${path} is damaged: put the right file back`, { cause });
  }
  throw new Failure('keys_missing', `${path} holds the keys of another ledger`);
}

async function openStored(stored: Stored, ed25519: Ed25519): Promise<KeySet> {
  const bytes = FIELDS.map((name) => parseBase64Url(stored[name])) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const [logSeed, issuingSeed, recoverySeed, secret, wrappingKey] = bytes;
  const [log, issuing, recovery] = await Promise.all(
    [logSeed, issuingSeed, recoverySeed].map((seed) => ed25519.importSeed(seed)),
  );
  const vkey = parseVkey(stored.vkey);
  if (
    log === undefined ||
    issuing === undefined ||
    recovery === undefined ||
    secret.length !== 32 ||
    wrappingKey.length !== 32
  ) {
    throw new Failure('keys_missing', 'a key is missing');
  }
  if (formatVkey(verifierKey(stored.origin, log.publicKey)) !== stored.vkey) {
    throw new Failure('keys_missing', 'the log key is not that of the vkey');
  }
  return { origin: stored.origin, database: stored.database, vkey, log, issuing, recovery, secret, wrappingKey };
}

function fileOf(dataDir: string, keyId: string): string {
  return join(dataDir, `${keyId}${SUFFIX}`);
}
