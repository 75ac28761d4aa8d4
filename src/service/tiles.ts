/**
 * The log as tiles (C2SP tlog-tiles): its hashes for anyone, its entries for auditors. Nothing beyond the newest checkpoint
 * is served: what nobody signed for could still be another.
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import { type Hash, hashText, parseHashText } from '#core/hash.ts';
import { type Beside, formatBeside, REQUEST_BESIDE_CHARS_MAX } from '#core/tlog/beside.ts';
import { formatBundle } from '#core/tlog/bundle.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import type { PartDigests } from '#core/tlog/payload.ts';
import { leavesUnder, TILE_WIDTH, type TileId } from '#core/tlog/tile.ts';
import { loadTile } from '#ledger/tree.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { type EntryRow, loadEntries } from '#store/entries.ts';
import { loadDigests } from '#store/payloads.ts';
import { loadRequests } from '#store/requests.ts';
import type { Tx } from '#store/schema.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';

/** Which entries are read: the n-th bundle's first `width`. */
export interface BundleId {
  readonly n: number;
  readonly width: number;
}

/** The hashes of a tile. @throws {Failure} `index_unknown`, if it reaches beyond the newest checkpoint. */
export async function readTile({ ledger }: Context, tile: TileId, width: number): Promise<Uint8Array> {
  return ledger.store.read(async (tx) => {
    await requirePublished(tx, (tile.n * TILE_WIDTH + width) * leavesUnder(tile.level));
    return loadTile(tx, tile, width);
  });
}

/** A bundle of entries. @throws {Failure} `not_found`, for who is no auditor; `index_unknown`, as {@link readTile} */
export async function readBundle({ ledger }: Context, caller: Caller, bundle: BundleId): Promise<Uint8Array> {
  requireAuditor(caller);
  return ledger.store.read(async (tx) => formatBundle((await loadBundle(tx, bundle)).map(({ bytes }) => bytes)));
}

/** What stands beside a bundle's entries. @throws {Failure} as {@link readBundle} */
export async function readBeside({ ledger }: Context, caller: Caller, bundle: BundleId): Promise<Uint8Array> {
  requireAuditor(caller);
  return ledger.store.read(async (tx) => {
    const rows = await loadBundle(tx, bundle);
    const digests = await loadBundleDigests(tx, rows);
    const beside: Beside = {
      signatures: rows.map(({ signature }) => signature),
      digests: rows.map(({ index }) => digests.get(index) ?? {}),
      requests: await loadShortRequests(tx, rows),
    };
    return formatBeside(beside);
  });
}

/** One signed request, by its digest. @throws {Failure} `not_found`, also for who is no auditor */
export async function readRequest({ ledger }: Context, caller: Caller, digest: Hash): Promise<string> {
  requireAuditor(caller);
  const [row] = await ledger.store.readOnce((tx) => loadRequests(tx, [digest]));
  if (row === undefined) throw unknown();
  return row.request;
}

/** All that the ledger decided, of everyone: for auditors, who see nobody's letter, and not for who looks after keys. */
function requireAuditor(caller: Caller): void {
  if (caller.kind === 'party' && caller.duty === 'query' && caller.roles.includes('auditor')) return;
  throw unknown();
}

/** @param end how many entries there must be for what is asked. */
async function requirePublished(tx: Tx, end: number): Promise<void> {
  const size = (await loadNewestCheckpoint(tx))?.size ?? 0;
  if (end > size) throw new Failure('index_unknown', `the newest checkpoint has ${size} entries`);
}

async function loadBundle(tx: Tx, { n, width }: BundleId): Promise<readonly EntryRow[]> {
  const start = n * TILE_WIDTH;
  await requirePublished(tx, start + width);
  return loadEntries(tx, start, start + width);
}

async function loadBundleDigests(tx: Tx, rows: readonly EntryRow[]): Promise<ReadonlyMap<number, PartDigests>> {
  const byEntry = new Map<number, Record<string, Hash>>();
  const start = rows[0]?.index ?? 0;
  for (const { index, name, digest } of await loadDigests(tx, start, start + rows.length)) {
    byEntry.set(index, { ...byEntry.get(index), [name]: digest });
  }
  return byEntry;
}

async function loadShortRequests(tx: Tx, rows: readonly EntryRow[]): Promise<ReadonlyMap<string, string>> {
  const named = rows.map(({ bytes }) => parseEntry(bytes).body['request']).filter((each) => typeof each === 'string');
  const found = await loadRequests(tx, [...new Set(named)].map(parseHashText));
  const short = found.filter(({ request }) => request.length <= REQUEST_BESIDE_CHARS_MAX);
  return new Map(short.map(({ digest, request }) => [hashText(digest), request]));
}

function unknown(): Failure {
  return new Failure('not_found', 'no such path');
}
