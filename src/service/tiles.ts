/**
 * The log as tiles (C2SP tlog-tiles): its hashes for anyone, its entries for auditors. Nothing beyond the newest checkpoint
 * is served: what nobody signed for could still be another.
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import { type Hash, hashText, parseHashText } from '#core/hash.ts';
import { parseSignedRequest, readSignatures, SIGNATURE_AGE_MAX_MS } from '#core/request/signed-request.ts';
import { type Beside, formatBeside, REQUEST_BESIDE_CHARS_MAX } from '#core/tlog/beside.ts';
import { formatBundle } from '#core/tlog/bundle.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import type { PartDigests } from '#core/tlog/payload.ts';
import { leavesUnder, TILE_WIDTH, type TileId } from '#core/tlog/tile.ts';
import { loadTile } from '#ledger/tree.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { type EntryRow, loadEntries } from '#store/entries.ts';
import { loadDigests } from '#store/payloads.ts';
import { loadRequests, type RequestRow } from '#store/requests.ts';
import type { Tx } from '#store/schema.ts';
import { type Auditor, KeyWaiting, requireReadable } from './auditors.ts';
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

/** A bundle of entries. @throws {Failure} `key_waiting`, if it reaches beyond what is shown to it; `index_unknown`, as {@link readTile} */
export async function readBundle({ ledger }: Context, auditor: Auditor, bundle: BundleId): Promise<Uint8Array> {
  requireReadable(auditor, endOf(bundle));
  return ledger.store.read(async (tx) => formatBundle((await loadBundle(tx, bundle)).map(({ bytes }) => bytes)));
}

/** What stands beside a bundle's entries. @throws {Failure} as {@link readBundle} */
export async function readBeside({ ledger }: Context, auditor: Auditor, bundle: BundleId): Promise<Uint8Array> {
  requireReadable(auditor, endOf(bundle));
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

/** One signed request, by its digest. @throws {Failure} `not_found`; `key_waiting`, if it may be of an entry that is not shown */
export async function readRequest({ ledger }: Context, { readable }: Auditor, digest: Hash): Promise<string> {
  const { row, last } = await ledger.store.read(async (tx) => {
    const [row] = await loadRequests(tx, [digest]);
    return { row, last: readable === undefined ? [] : await loadEntries(tx, readable - 2, readable) };
  });
  if (row === undefined) throw new Failure('not_found', 'no such path');
  if (readable !== undefined && !isOfBefore(row, last)) throw new KeyWaiting(readable);
  return row.request;
}

/**
 * Whether a request is of what an auditor that waits may read, of which these are the last two entries: the one before the log
 * was continued, and that one. Which entries name a request, they alone say. But none is taken whose signature is ahead of the
 * ledger's time by more than some minutes: so what was signed later is of none before.
 */
function isOfBefore({ digest, request }: RequestRow, [before, continued]: readonly EntryRow[]): boolean {
  if (before === undefined || continued === undefined) return false;
  if (parseEntry(continued.bytes).body['request'] === hashText(digest)) return true;
  const end = parseEntry(before.bytes).time + SIGNATURE_AGE_MAX_MS;
  return readSignatures(parseSignedRequest(request)).every(({ created }) => created * 1_000 <= end);
}

function endOf({ n, width }: BundleId): number {
  return n * TILE_WIDTH + width;
}

/** @param end how many entries there must be for what is asked. */
async function requirePublished(tx: Tx, end: number): Promise<void> {
  const size = (await loadNewestCheckpoint(tx))?.size ?? 0;
  if (end > size) throw new Failure('index_unknown', `the newest checkpoint has ${size} entries`);
}

async function loadBundle(tx: Tx, { n, width }: BundleId): Promise<readonly EntryRow[]> {
  const end = endOf({ n, width });
  await requirePublished(tx, end);
  return loadEntries(tx, n * TILE_WIDTH, end);
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
