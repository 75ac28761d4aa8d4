/** One private key in a file of its own (PEM, PKCS #8). */
import { readFileSync } from 'node:fs';
import { Failure } from '#core/failure.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { parsePrivatePem } from '#core/note/key.ts';
import { nativeEd25519 } from '../native.ts';

/** @throws {Failure} `input_invalid`, if there is no such file; `key_invalid`, if it is not a private key. */
export async function readKey(path: string): Promise<SigningKey> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Failure('input_invalid', `${path} can't be read: want a private key, as assent keygen writes it`, {
      cause,
    });
  }
  return nativeEd25519.importSeed(parsePrivatePem(text));
}
