/**
 * A column of byte strings as one parameter. As an array each would be written in hex, escaped, and read again by the
 * server; side by side they go as they are, and the statement cuts them apart.
 *
 * @module
 */
import { type RawBuilder, sql } from 'kysely';
import { concat, utf8 } from '#core/bytes.ts';

const HASH_BYTES = 32;

/** The i-th of as many hashes, where `i` counts rows from 1 (`with ordinality`). */
export function hashAt(hashes: readonly Uint8Array[], i: RawBuilder<unknown>): RawBuilder<Uint8Array> {
  return sql`substring(${concat(...hashes)}::bytea from (${i}::int - 1) * ${sql.lit(HASH_BYTES)} + 1 for ${sql.lit(HASH_BYTES)})`;
}

/** Byte strings of any lengths: their columns for `unnest`, and how a row's own is cut out by them. */
export interface BytesColumn<T = Uint8Array> {
  /** `int[]`: where each begins, from 1 on. */
  readonly starts: readonly number[];
  readonly lengths: readonly number[];
  at(start: RawBuilder<unknown>, length: RawBuilder<unknown>): RawBuilder<T>;
}

export function bytesColumn(rows: readonly Uint8Array[]): BytesColumn {
  let next = 1;
  const starts = rows.map((row) => {
    const start = next;
    next += row.length;
    return start;
  });
  const whole = concat(...rows);
  return {
    starts,
    lengths: rows.map((row) => row.length),
    at: (start, length) => sql`substring(${whole}::bytea from ${start} for ${length})`,
  };
}

/** Texts of any lengths, in the same way: within an array each would be quoted, and every quote in it escaped. */
export function textsColumn(rows: readonly string[]): BytesColumn<string> {
  const bytes = bytesColumn(rows.map(utf8));
  return { ...bytes, at: (start, length) => sql`convert_from(${bytes.at(start, length)}, 'UTF8')` };
}
