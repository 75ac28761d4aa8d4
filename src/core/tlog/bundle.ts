/**
 * Entry bundles (C2SP tlog-tiles): up to 256 neighbouring entries, each behind its length in two bytes.
 *
 * @module
 */
import { assert } from '../assert.ts';
import { concat } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { ENTRY_BYTES_MAX } from './entry.ts';
import { TILE_WIDTH } from './tile.ts';

const LENGTH_BYTES = 2;

export function formatBundle(entries: readonly Uint8Array[]): Uint8Array {
  assert(0 < entries.length && entries.length <= TILE_WIDTH, 'a bundle has 1 to 256 entries');
  return concat(...entries.flatMap((bytes) => [lengthOf(bytes), bytes]));
}

/**
 * Reads a bundle of exactly `width` entries. What the entries say is not looked at.
 *
 * @throws {Failure} `proof_invalid`, if it breaks off, or goes on after its last entry.
 */
export function parseBundle(bytes: Uint8Array, width: number): readonly Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < width) {
    const start = at + LENGTH_BYTES;
    const end = start + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
    if (end > bytes.length) throw new Failure('proof_invalid', `a bundle of ${width} entries breaks off`);
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  if (at !== bytes.length) throw new Failure('proof_invalid', `a bundle goes on after its ${width} entries`);
  return entries;
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  assert(bytes.length <= ENTRY_BYTES_MAX, 'an entry fits into a bundle');
  return Uint8Array.of(Math.floor(bytes.length / 256), bytes.length % 256);
}
