/**
 * The secret keys of one ledger, in one file that only its owner can read: `<key id>.keys.json` in the data folder.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import { sha256 } from '#core/hash.ts';
import type { Ed25519, SigningKey } from '#core/note/ed25519.ts';
import { formatVkey, type PublicKey, parsePrivatePem, type VerifierKey } from '#core/note/key.ts';
import {
  firstKeyId,
  isOwnOrigin,
  type KeySet,
  makeKeySet,
  makeNextKeySet,
  type NewKeySet,
  parseKeySet,
} from '../key-set.ts';
import { readContinuedBy } from './signer-state.ts';

const SUFFIX = '.keys.json';

/** Which key beside the first one of its kind a file holds is its own to say: its name is for people. */
const FURTHER = {
  issuing: /^[0-9a-f]{8}\.issuing-[0-9a-f]{8}\.pem$/,
  log: /^[0-9a-f]{8}\.log-[0-9a-f]{8}\.pem$/,
} as const;

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

/** Whether a ledger is a demo's, in the embedded database: nothing that anybody relies on. */
export function isDemo({ origin, database }: KeySet): boolean {
  return database === 'embedded' && !isOwnOrigin(origin);
}

/** The key id under which the keeper's keys lie, and its embedded database: it stays when the log gets another name. */
export function filesId(keys: KeySet): string {
  return firstKeyId(keys);
}

/** Of the key sets of one ledger the one that signs: under which name the log goes on, the signer of before remembers. */
export function keysInForce(sets: readonly KeySet[], stateDir: string): KeySet {
  let own = sets.find(({ continues }) => continues === undefined) ?? (sets[0] as KeySet);
  for (let next: KeySet | undefined = own; next !== undefined; ) {
    own = next;
    const { keyId } = own.vkey;
    const name = readContinuedBy(stateDir, keyId);
    next = sets.find(({ origin, continues }) => continues?.from === keyId && origin === name);
  }
  return own;
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
 * Makes the keys of a new ledger and writes them, before anything is signed with them: the ledger's own in one file, each of
 * the keeper's two administrators' in another, to be handed to two persons, and the recovery key, to be taken away.
 */
export async function createKeySet(dataDir: string, made: NewKeySet): Promise<KeySet> {
  const { keyId, text, pems, recoveryPem } = await makeKeySet(made);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  for (const [at, pem] of pems.entries()) writeSecret(keeperFile(dataDir, keyId, at), pem);
  writeSecret(recoveryFile(dataDir, keyId), recoveryPem);
  writeSecret(keySetFile(dataDir, keyId), text);
  return parseKeySet(text, made.ed25519);
}

/**
 * Makes the keys that a log goes on with under another name, and writes them beside those of before; or finds those that were
 * made for it when this was begun before, and are used by nothing yet.
 */
export async function prepareNextKeySet(
  dataDir: string,
  before: KeySet,
  made: Parameters<typeof makeNextKeySet>[1],
): Promise<KeySet> {
  const { ed25519, origin } = made;
  for (const keyId of listKeySets(dataDir)) {
    const found = await loadKeySet(dataDir, keyId, ed25519);
    if (found.continues?.from === before.vkey.keyId && found.origin === origin) return found;
  }
  const { keyId, text, recoveryPem } = await makeNextKeySet(before, made);
  writeSecret(recoveryFile(dataDir, keyId), recoveryPem);
  writeSecret(keySetFile(dataDir, keyId), text);
  return parseKeySet(text, ed25519);
}

/** Where the keys of a ledger are written. */
export function keySetFile(dataDir: string, keyId: string): string {
  return join(dataDir, `${keyId}${SUFFIX}`);
}

/** Where the private key of one of the keeper's administrators is written. */
export function keeperFile(dataDir: string, keyId: string, at: number): string {
  return join(dataDir, `${keyId}.keeper-${at + 1}.pem`);
}

/** Where the recovery key is written when it is made. It does not stay there: a server never needs it. */
export function recoveryFile(dataDir: string, keyId: string): string {
  return join(dataDir, `${keyId}.recovery.pem`);
}

/** Writes a file that only its owner can read, and never over another. */
export function writeSecret(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600, flag: 'wx', flush: true });
}

/** @throws {Failure} `keys_missing`, if the file is not there or is not a key set. */
export async function loadKeySet(dataDir: string, keyId: string, ed25519: Ed25519): Promise<KeySet> {
  const path = keySetFile(dataDir, keyId);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Failure('keys_missing', `the ledger's keys are not at ${path}: put that file back`, { cause });
  }
  try {
    const keys = await parseKeySet(text, ed25519);
    if (keys.vkey.keyId === keyId) {
      const further = (kind: keyof typeof FURTHER) => loadFurther(dataDir, keyId, kind, ed25519);
      return {
        ...keys,
        furtherIssuing: [...keys.furtherIssuing, ...(await further('issuing'))],
        furtherLog: [...keys.furtherLog, ...(await further('log'))],
      };
    }
  } catch (cause) {
    throw new Failure('keys_missing', `${path} is damaged: put the right file back`, { cause });
  }
  throw new Failure('keys_missing', `${path} holds the keys of another ledger`);
}

/** Where the private key of an issuing key beside the first one is written: named by the start of its SHA-256. */
export function issuingKeyFile(dataDir: string, keyId: string, key: PublicKey): string {
  return join(dataDir, `${keyId}.issuing-${toHex(sha256(key)).slice(0, 8)}.pem`);
}

/** The same of a log key, named by the id by which readers know it. */
export function logKeyFile(dataDir: string, keyId: string, added: string): string {
  return join(dataDir, `${keyId}.log-${added}.pem`);
}

/** Where a log key's public half is, for readers. */
export function vkeyFile(keysDir: string, { keyId }: VerifierKey): string {
  return join(keysDir, `${keyId}.vkey`);
}

/** Writes it, unless it is there. */
export function writeVkey(keysDir: string, vkey: VerifierKey): void {
  const path = vkeyFile(keysDir, vkey);
  if (existsSync(path)) return;
  mkdirSync(keysDir, { recursive: true });
  writeFileSync(path, `${formatVkey(vkey)}\n`);
}

/** The files of all keys beside the first ones. */
export function furtherKeyFiles(dataDir: string, keyId: string): readonly string[] {
  return (['issuing', 'log'] as const).flatMap((kind) => furtherNames(dataDir, keyId, kind));
}

function furtherNames(dataDir: string, keyId: string, kind: keyof typeof FURTHER): readonly string[] {
  const names = readdirSync(dataDir).filter((name) => name.startsWith(`${keyId}.`) && FURTHER[kind].test(name));
  return names.sort().map((name) => join(dataDir, name));
}

/** @throws {Failure} `key_invalid`, if one of the files is damaged. */
async function loadFurther(
  dataDir: string,
  keyId: string,
  kind: keyof typeof FURTHER,
  ed25519: Ed25519,
): Promise<readonly SigningKey[]> {
  const pems = furtherNames(dataDir, keyId, kind).map((path) => readFileSync(path, 'utf8'));
  return Promise.all(pems.map((pem) => ed25519.importSeed(parsePrivatePem(pem))));
}
