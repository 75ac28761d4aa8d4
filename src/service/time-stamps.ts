/** Time-stamps of checkpoints (RFC 3161), as an authority made them: for whoever wants to know by when a tree existed. */
import { Failure } from '#core/failure.ts';
import type { Instant } from '#core/instant.ts';
import { loadTimeStamp, loadTimeStamps } from '#store/time-stamps.ts';
import type { Context } from './context.ts';

const STAMPS_LISTED_MAX = 100;

export interface ListedStamp {
  readonly size: number;
  readonly not_later_than: Instant;
}

export interface ListedStamps {
  readonly time_stamps: readonly ListedStamp[];
  /** What to ask from for the next page; null: this is the last one. */
  readonly next: number | null;
}

/** Those of trees of `from` entries or more, by size: the first one is of the smallest tree that holds a tree of `from`. */
export async function listTimeStamps({ ledger }: Pick<Context, 'ledger'>, from: number): Promise<ListedStamps> {
  const rows = await ledger.store.readOnce((tx) => loadTimeStamps(tx, from, STAMPS_LISTED_MAX + 1));
  const listed = rows.slice(0, STAMPS_LISTED_MAX);
  return {
    time_stamps: listed.map(({ size, not_later_than }) => ({ size, not_later_than })),
    next: rows[STAMPS_LISTED_MAX]?.size ?? null,
  };
}

/** The file of the one of exactly this size. @throws {Failure} `not_found` */
export async function readTimeStamp({ ledger }: Pick<Context, 'ledger'>, size: number): Promise<string> {
  const row = await ledger.store.readOnce((tx) => loadTimeStamp(tx, size));
  if (row === undefined) throw new Failure('not_found', 'no time-stamp of a tree of this size');
  return row.file;
}
