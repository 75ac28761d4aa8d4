/** The trust root: vkeys given by hand, or kept in keys/. Never out of a receipt or a database. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '#core/failure.ts';
import { parseVkey, type VerifierKey } from '#core/note/key.ts';
import { readConfig } from '../node/config.ts';

/** Reads `--vkey`: the text of a vkey, or a file that holds one. */
export function readVkey(given: string): VerifierKey {
  if (/^[^\s+]+\+[0-9a-f]{8}\+\S+$/.test(given)) return parseVkey(given);
  return parseVkey(readText(given).trim());
}

/**
 * The keys to trust: the one that is given, or those in the folder of public keys.
 *
 * @throws {Failure} `key_invalid`, if there is none.
 */
export function trustedKeys(given: string | undefined): readonly VerifierKey[] {
  const trusted = given === undefined ? readTrusted(readConfig(process.env).keysDir) : [readVkey(given)];
  if (trusted.length > 0) return trusted;
  throw new Failure('key_invalid', 'no log is trusted: give its key with --vkey, or put it into keys/');
}

/** All vkeys in the folder of public keys. */
export function readTrusted(keysDir: string): readonly VerifierKey[] {
  let names: readonly string[];
  try {
    names = readdirSync(keysDir).filter((name) => name.endsWith('.vkey'));
  } catch {
    names = [];
  }
  return names.map((name) => parseVkey(readText(join(keysDir, name)).trim()));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Failure('key_invalid', `${path} can't be read: want a vkey or a file that holds one`, { cause });
  }
}
