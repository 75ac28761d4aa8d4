/**
 * The second half of a restore: puts a proven tail back, page by page, and ends it with the entry that says so. Until that
 * is committed the ledger stays behind its fence: first of all the database is told what it lacks.
 *
 * @module
 */
import type { JsonObject } from '#core/canonical.ts';
import { commandOf, evolve } from '#core/consent/rules.ts';
import { Failure } from '#core/failure.ts';
import { parseHashText } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { TILE_WIDTH } from '#core/tlog/tile.ts';
import { appendLeaves, emptyFrontier, type Size } from '#core/tlog/tree.ts';
import { appendRows } from '#store/append.ts';
import { insertCheckpoint } from '#store/checkpoints.ts';
import { emptyInvitations } from '#store/device-invitations.ts';
import { type HeadRow, insertHead, lockHead } from '#store/head.ts';
import type { IdempotencyRow } from '#store/idempotency.ts';
import type { IdRow } from '#store/ids.ts';
import { insertPacks } from '#store/packs.ts';
import { insertDigests } from '#store/payloads.ts';
import type { RequestRow } from '#store/requests.ts';
import { insertRestoration, removeRestoration } from '#store/restoration.ts';
import type { Tx } from '#store/schema.ts';
import { emptySessions } from '#store/sessions.ts';
import type { Store } from '#store/store.ts';
import { loadStreams } from '#store/streams.ts';
import type { SourcedEntry } from './audit-source.ts';
import { type BatchContext, frontierOf, headColumns, runBatch } from './batch.ts';
import { reapplyErasures } from './erasure.ts';
import { acknowledgementsOf, noticesOf } from './notices.ts';
import { openPackLibrary } from './packs.ts';
import type { ProvenTail } from './restore-plan.ts';
import type { SignerState } from './signer.ts';
import { stepsOf } from './steps.ts';
import { completeTiles } from './tree.ts';
import type { Sequenced, Write } from './write.ts';

/** An entry that is put back, with its stream's state before it. */
export interface Returned {
  readonly index: number;
  readonly entry: Entry;
  readonly before: JsonObject | undefined;
}

/** Rows that the service once derived for its own use: derived again of the entries alone. */
export interface Derived {
  mintsOf(returned: Returned): readonly string[];
  /** What keeps the requests of these entries from making others. */
  idempotencyOf(
    returned: readonly Returned[],
    more: { readonly requests: readonly RequestRow[]; readonly isLast: boolean },
  ): readonly IdempotencyRow[];
}

export interface RestoreOptions extends Omit<BatchContext, 'seen' | 'packs'>, Derived {
  readonly store: Store;
  readonly origin: string;
  readonly state: SignerState;
  /** The entry that says so, signed by two of the keeper; told how many erasures were done again. */
  readonly record: (erasures: number) => Promise<Write>;
  readonly onProgress?: (done: number, size: number) => void;
}

/** A bundle of the mirror: one transaction each. */
const PAGE = TILE_WIDTH;

/**
 * Puts the tail back. Broken off at any place it is begun again: it goes on from where the database is then.
 *
 * @returns the entry `log.restored`.
 * @throws {Failure} `superseded`, if somebody else wrote meanwhile; as {@link runBatch}
 */
export async function putBack(options: RestoreOptions, tail: ProvenTail): Promise<Sequenced> {
  const { store, state } = options;
  const { to, now } = tail;
  await store.transaction(async (tx) => {
    const { from, signedSize } = tail;
    await insertRestoration(tx, { from_size: from.size, from_root: from.root, signed_size: signedSize });
    for (const row of tail.checkpoints) await insertCheckpoint(tx, row);
    await insertHead(tx, emptyHead(options.origin));
  });
  // If we crash from here on, every process finds a checkpoint that the database is behind, whether it signs or not.
  if (tail.signed.size < to.size) state.advance(tail.signed, to);
  for (let start: number = now.size; ; ) {
    const end = Math.min(start - (start % PAGE) + PAGE, to.size);
    const made = await store.transaction(async (tx) => {
      await appendPage(options, tail, tx, start, end);
      return end === to.size ? finish(options, tail, tx) : undefined;
    });
    options.onProgress?.(end, to.size);
    if (made !== undefined) return made;
    start = end;
  }
}

function emptyHead(origin: string): HeadRow {
  return { origin, time: 0 as Instant, ...headColumns(emptyFrontier(), 0 as Size) };
}

async function appendPage(options: RestoreOptions, tail: ProvenTail, tx: Tx, start: number, end: number) {
  const { source, to: wanted } = tail;
  const head = await lockHead(tx);
  if (head?.size !== start) throw new Failure('superseded', `the database is not at ${start} entries any more`);
  const rows = await source.entries(start, end);
  const digests = await source.digests(start, end);
  const entries = rows.map((row) => ({ ...row, entry: parseEntry(row.bytes) }));
  const requests = await source.requests(requestsNamed(entries));
  const packs = entries.some(({ entry }) => entry.type === 'pack.published') ? await source.packs() : [];
  const folded = await fold(tx, entries);
  const leaves = rows.map(({ leaf }) => leaf);
  await insertPacks(tx, packs);
  await insertDigests(tx, digests);
  await completeTiles(tx, start as Size, leaves);
  const to: HeadRow = {
    origin: head.origin,
    time: (entries.at(-1) as Read).entry.time,
    ...headColumns(appendLeaves(frontierOf(head), leaves), end as Size),
  };
  const { streams, returned, notices } = folded;
  const ids = returned.flatMap((each) => options.mintsOf(each).map((id) => idRow(each, id)));
  const idempotency = options.idempotencyOf(returned, { requests, isLast: end === wanted.size });
  const acknowledgements = returned.flatMap(({ index, entry }) => acknowledgementsOf(index, entry));
  const steps = returned.flatMap(({ index, entry }) => stepsOf(index, entry));
  const isMoved = await appendRows(
    tx,
    { entries: entries.map(entryRow), streams, idempotency, ids, requests, notices, steps, acknowledgements },
    head,
    to,
  );
  if (!isMoved) throw new Failure('superseded', `the database is not at ${start} entries any more`);
}

type Read = SourcedEntry & { readonly entry: Entry };

function requestsNamed(entries: readonly Read[]) {
  const named = entries.flatMap(({ entry }) =>
    typeof entry.body['request'] === 'string' ? [entry.body['request']] : [],
  );
  return [...new Set(named)].map(parseHashText);
}

/** The states that the entries leave, from those that the database has: it was audited. */
async function fold(tx: Tx, entries: readonly Read[]) {
  const loaded = await loadStreams(tx, [...new Set(entries.map(({ entry }) => entry.stream))]);
  const streams = new Map(loaded.map((row) => [row.stream, { ...row, folded: true }]));
  const returned: Returned[] = [];
  const notices: ReturnType<typeof noticesOf>[number][] = [];
  for (const { index, leaf, entry } of entries) {
    const { stream, seq } = entry;
    const before = streams.get(stream)?.state;
    const state = evolve(before, commandOf(entry).type, entry);
    streams.set(stream, { stream, seq, leaf, state, folded: true });
    returned.push({ index, entry, before });
    notices.push(...noticesOf(index, entry, state));
  }
  return { streams: [...streams.values()], returned, notices };
}

function entryRow({ index, entry, leaf, bytes, signature }: Read) {
  return { index, stream: entry.stream, seq: entry.seq, leaf, bytes, signature };
}

function idRow({ index, entry }: Returned, id: string): IdRow {
  return { id, stream: entry.stream, index };
}

/** In the transaction of the last page: before it there is no ledger that could be written to, and after it all is done. */
async function finish(options: RestoreOptions, { to }: ProvenTail, tx: Tx): Promise<Sequenced> {
  // The parts of before are those of a backup, which has not heard of what was erased since.
  const { erasures } = await reapplyErasures(tx, options.origin, options.erasures);
  // Sessions that were ended since would be open again (docs/adr/0017), and so would links that a device was added by.
  await emptySessions(tx);
  await emptyInvitations(tx);
  await removeRestoration(tx);
  const write = await options.record(erasures);
  const packs = openPackLibrary();
  const { outcomes } = await runBatch({ ...options, packs, seen: () => to }, tx, () => [write]);
  const [outcome] = outcomes;
  if (outcome?.kind !== 'sequenced') throw outcome?.failure ?? new Failure('store_unavailable', 'nothing was written');
  return outcome.entries[0] as Sequenced;
}
