/** Hashes of a proof as text: one line of base64 each, as C2SP's tlog-proof and tlog-witness write them. */
import { parseBase64, toBase64 } from '../bytes.ts';
import { readAs } from '../failure.ts';
import { type Hash, parseHash } from '../hash.ts';

/** Writes a line for each hash, its newline with it. */
export function formatHashLines(hashes: readonly Hash[]): string {
  return hashes.map((hash) => `${toBase64(hash)}\n`).join('');
}

/** @throws {Failure} `proof_invalid`, unless each line is the one base64 of 32 bytes. */
export function parseHashLines(lines: readonly string[]): readonly Hash[] {
  return lines.map((line) =>
    readAs('proof_invalid', 'a hash is 32 bytes of base64', () => parseHash(parseBase64(line))),
  );
}
