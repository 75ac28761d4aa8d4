/** The trust root: vkeys given by hand, or kept in keys/. Never out of a receipt or a database. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '#core/failure.ts';
import { parseVkey, type VerifierKey } from '#core/note/key.ts';

/** Reads `--vkey`: the text of a vkey, or a file that holds one. */
export function readVkey(given: string): VerifierKey {
  if (/^[^\s+]+\+[0-9a-f]{8}\+\S+$/.test(given)) return parseVkey(given);
  return parseVkey(readText(given).trim());
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
