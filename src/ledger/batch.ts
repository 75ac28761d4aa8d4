/**
 * One batch, in one transaction: lock, load, decide, append, save (design §6, steps 1 to 3). COMMIT is the caller's.
 *
 * @module
 */
import { assert } from '#core/assert.ts';
import { concat, equalBytes } from '#core/bytes.ts';
import { issuingKeyFor } from '#core/consent/issuing-key.ts';
import { type LogState, logIn } from '#core/consent/log.ts';
import { type Command, decide, evolve, inEpoch, neededParts } from '#core/consent/rules.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { type Hash, hashLeaf, hashText, parseHash } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { nextLink } from '#core/tlog/chain.ts';
import { type Entry, encodeEntry, entrySigningBytes, parseEntry } from '#core/tlog/entry.ts';
import { commitTo } from '#core/tlog/payload.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import {
  appendLeaves,
  type Frontier,
  parseFrontier,
  parseSize,
  rootOf,
  type Size,
  type TreeHead,
} from '#core/tlog/tree.ts';
import { appendRows } from '#store/append.ts';
import { insertCredentials } from '#store/credentials.ts';
import { loadEntriesAt } from '#store/entries.ts';
import { type HeadRow, lockHead } from '#store/head.ts';
import type { IdempotencyRow } from '#store/idempotency.ts';
import type { IdRow } from '#store/ids.ts';
import type { NoticeRow } from '#store/notices.ts';
import { insertPacks } from '#store/packs.ts';
import { insertDataKeys, insertDigests, insertParts } from '#store/payloads.ts';
import type { RequestRow } from '#store/requests.ts';
import type { Tx } from '#store/schema.ts';
import { arePersons, insertPersons, insertRelationships, insertSubjectKeys } from '#store/subjects.ts';
import { loadTouched } from '#store/touched.ts';
import { destroy, type Erasing } from './erasure.ts';
import type { ErasureShelf } from './erasure-journal.ts';
import type { Issuer } from './issuer.ts';
import { acknowledgementsOf, noticesOf } from './notices.ts';
import type { PackLibrary } from './packs.ts';
import { stepsOf } from './steps.ts';
import { completeTiles } from './tree.ts';
import { digestRows } from './vault.ts';
import { type WorkingView, workingView } from './view.ts';
import type { Planned, Sequenced, Write } from './write.ts';

export interface BatchContext {
  readonly issuer: Issuer;
  /** Ledger time: the database's own clock, read after the head is locked. */
  readonly ledgerClock: (tx: Tx) => Promise<Instant>;
  /** This process's clock. It decides nothing: too far from the database's, and the ledger stops. */
  readonly processClock: () => Instant;
  /** The largest tree that this process has seen committed or signed. Behind or beside it is another history. */
  readonly seen: () => TreeHead;
  readonly packs: PackLibrary;
  /** Where it is kept what was erased, apart from the database. */
  readonly erasures: ErasureShelf;
}

/** How far the clocks of process and database, or the last entry and now, may be apart (design §4). */
const CLOCK_APART_MAX_MS = 5_000;

export type Outcome =
  | { readonly kind: 'sequenced'; readonly entries: readonly Sequenced[] }
  | { readonly kind: 'failed'; readonly failure: unknown };

export interface BatchResult {
  /** One for each write that was taken, in their order. */
  readonly outcomes: readonly Outcome[];
  /** The head after this batch. */
  readonly head: TreeHead;
  /** The leaves of the entries that say that something is erased. */
  readonly erased: readonly string[];
  /** Whether another issuing key took over in it. */
  readonly switched: boolean;
}

/** An entry that is decided and has its place, not yet signed. */
interface Staged extends Omit<Sequenced, 'signature'> {
  readonly planned: Planned;
  /** The issuing key that signs it. */
  readonly issuing: string;
  readonly notices: readonly NoticeRow[];
}

interface Stage {
  readonly head: HeadRow;
  readonly now: Instant;
  readonly view: WorkingView;
  readonly entries: Staged[];
  readonly idempotency: IdempotencyRow[];
}

/**
 * Decides and appends writes in order. A write that fails leaves no trace, and never disturbs its neighbours. Which
 * writes it takes is asked once the head is locked: whatever came while it waited is in the batch.
 */
export async function runBatch(context: BatchContext, tx: Tx, take: () => readonly Write[]): Promise<BatchResult> {
  const head = await lockHead(tx);
  if (head === undefined) throw new Failure('store_unavailable', 'the database holds no log yet');
  const seen = context.seen();
  if (head.size === seen.size && !equalBytes(head.root, seen.root)) {
    throw new Failure('read_only', `the database holds another tree of ${head.size} entries than was answered from`);
  }
  if (head.size < seen.size) {
    throw new Failure('read_only', `the database is at ${head.size}, behind ${seen.size} entries already answered`);
  }
  const now = await ledgerTime(context, tx, head);
  const writes = take();
  // The log's own stream always: it names the key that signs.
  const touched = new Set([LOG_STREAM, ...writes.flatMap((write) => write.touches)]);
  const idems = writes.flatMap((write) => write.claims.map((claim) => claim.idem));
  const { streams, idempotency } = await loadTouched(tx, [...touched], idems);
  const known = await loadKnown(tx, idempotency);
  const log = streams.find(({ stream }) => stream === LOG_STREAM)?.state as LogState | undefined;
  await context.issuer.follow(tx, log);
  await context.packs.load(tx, log);
  const view = workingView(streams, touched, context.packs.get);
  const stage: Stage = { head, now, view, entries: [], idempotency: [] };
  const slots = writes.map((write) => stageWrite(stage, known, write));
  const signed = await signAll(context.issuer, stage.entries);
  const { size, root } = stage.entries.length === 0 ? head : await append(tx, stage, signed);
  const erasing = stage.entries.flatMap(erasingOf);
  await destroy(tx, context.erasures, erasing);
  return {
    head: { size: parseSize(size), root },
    erased: erasing.map(({ leaf }) => hashText(leaf)),
    switched: log !== undefined && logIn(view)?.issuing_key !== log.issuing_key,
    outcomes: slots.map((slot) =>
      slot.kind === 'staged'
        ? { kind: 'sequenced', entries: slot.places.map((place) => signed[place] as Sequenced) }
        : slot,
    ),
  };
}

async function ledgerTime(context: BatchContext, tx: Tx, head: HeadRow): Promise<Instant> {
  const clock = await context.ledgerClock(tx);
  if (head.time - clock > CLOCK_APART_MAX_MS) {
    throw new Failure('clock_unsound', `the last entry is ${head.time - clock} ms ahead of the database's clock`);
  }
  const apart = Math.abs(context.processClock() - clock);
  if (apart > CLOCK_APART_MAX_MS) {
    throw new Failure('clock_unsound', `the clocks of server and database are ${apart} ms apart`);
  }
  return Math.max(head.time, clock) as Instant;
}

type Known = ReadonlyMap<string, { readonly row: IdempotencyRow; readonly entries: readonly Sequenced[] }>;

/** What the claims of this batch were answered before, if they were. */
async function loadKnown(tx: Tx, rows: readonly IdempotencyRow[]): Promise<Known> {
  if (rows.length === 0) return new Map();
  const entries = await loadEntriesAt(
    tx,
    rows.flatMap((row) => indexesOf(row)),
  );
  const byIndex = new Map(entries.map((row) => [row.index, row]));
  return new Map(
    rows.map((row) => [
      keyOf(row.idem),
      {
        row,
        entries: indexesOf(row).map((index) => {
          const entry = byIndex.get(index);
          assert(entry !== undefined, 'an answered entry is there');
          return { ...entry, entry: parseEntry(entry.bytes) };
        }),
      },
    ]),
  );
}

type Slot = { readonly kind: 'staged'; readonly places: readonly number[] } | Outcome;

function stageWrite(stage: Stage, known: Known, write: Write): Slot {
  try {
    for (const claim of write.claims) {
      const answered = answeredBefore(stage, known, claim.idem);
      if (answered === undefined) continue;
      if (!equalBytes(answered.request, claim.request)) {
        throw new Failure(claim.mismatch, 'this was already used for another request');
      }
      return answered.slot;
    }
    return stageNew(stage, write);
  } catch (failure) {
    return { kind: 'failed', failure };
  }
}

function answeredBefore(stage: Stage, known: Known, idem: Hash): { request: Hash; slot: Slot } | undefined {
  const before = known.get(keyOf(idem));
  if (before !== undefined) {
    return { request: before.row.request, slot: { kind: 'sequenced', entries: before.entries } };
  }
  const now = stage.idempotency.find((row) => equalBytes(row.idem, idem));
  if (now === undefined) return undefined;
  return {
    request: now.request,
    slot: { kind: 'staged', places: indexesOf(now).map((index) => index - stage.head.size) },
  };
}

function stageNew(stage: Stage, write: Write): Slot {
  const view = stage.view.fork();
  const entries: Staged[] = [];
  for (const planned of write.plan(view, stage.now)) {
    entries.push(stageEntry(stage, view, planned, stage.head.size + stage.entries.length + entries.length));
  }
  view.keep();
  const first = stage.entries.length;
  stage.entries.push(...entries);
  for (const { idem, request } of write.claims) {
    stage.idempotency.push({ idem, request, first_index: stage.head.size + first, count: entries.length });
  }
  return { kind: 'staged', places: entries.map((_entry, place) => first + place) };
}

function stageEntry(stage: Stage, view: WorkingView, planned: Planned, index: number): Staged {
  const { payload } = planned;
  const command = inEpoch(view, planned.command);
  refuseErasedKeys(stage, planned);
  const body = decide(view, command, stage.now);
  // Only of what may become an entry: an input that contradicts itself is refused above, not a bug of ours.
  const parts = Object.keys(payload?.digests ?? {});
  assert(parts.sort().join() === [...neededParts(command)].sort().join(), 'an entry has all parts of its payload');
  const { seq, prev } = nextLink(view.head(command.stream));
  const entry: Entry = {
    log: stage.head.origin,
    stream: command.stream,
    seq,
    prev,
    time: stage.now,
    type: command.type,
    body,
    commit: payload === undefined ? null : commitTo(payload.digests),
  };
  const bytes = encodeEntry(entry);
  const leaf = hashLeaf(bytes);
  const issuing = String(issuingKeyFor(logIn(view), entry));
  const state = stateAfter(view, command, entry);
  view.set(command.stream, { seq, leaf, state });
  return { index, bytes, leaf, entry, planned, issuing, notices: noticesOf(index, entry, state) };
}

/** What was sealed before an erasure is under keys that go with it. */
function refuseErasedKeys({ entries }: Stage, { command, payload }: Planned): void {
  if (payload === undefined || !entries.some(({ planned }) => planned.destruction?.stream === command.stream)) return;
  throw new Failure('superseded', 'the keys that this was sealed under are destroyed');
}

function erasingOf({ index, leaf, entry, planned: { destruction } }: Staged): readonly Erasing[] {
  return destruction === undefined ? [] : [{ log: entry.log, index, leaf, destruction }];
}

function stateAfter(view: WorkingView, command: Command, entry: Entry) {
  return evolve(view.state(command.stream), command.type, entry);
}

/** Each by the key in force just before it: where one takes over, what follows in the same batch is signed by that one. */
async function signAll(issuer: Issuer, entries: readonly Staged[]): Promise<readonly (Staged & Sequenced)[]> {
  const signed: (Staged & Sequenced)[] = [];
  for (let start = 0, end = 0; start < entries.length; start = end) {
    const { issuing } = entries[start] as Staged;
    const other = entries.findIndex((each, place) => place > start && each.issuing !== issuing);
    end = other < 0 ? entries.length : other;
    const key = issuer.require(issuing);
    const run = entries.slice(start, end);
    const signatures = await key.signAll(run.map(({ leaf }) => entrySigningBytes(leaf)));
    signed.push(...run.map((staged, place) => ({ ...staged, signature: signatures[place] as Uint8Array })));
  }
  return signed;
}

async function append(tx: Tx, stage: Stage, entries: readonly (Staged & Sequenced)[]): Promise<HeadRow> {
  const { head, now } = stage;
  const leaves = entries.map((entry) => entry.leaf);
  await insertPayloads(tx, entries);
  await completeTiles(tx, head.size as Size, leaves);
  const frontier = appendLeaves(frontierOf(head), leaves);
  const size = parseSize(head.size + entries.length);
  const to: HeadRow = { origin: head.origin, time: now, ...headColumns(frontier, size) };
  const moved = await appendRows(
    tx,
    {
      entries: entries.map(rowOf),
      streams: stage.view.changes(),
      idempotency: stage.idempotency,
      ids: entries.flatMap(idRowsOf),
      requests: requestRowsOf(entries),
      notices: entries.flatMap(({ notices }) => notices),
      acknowledgements: entries.flatMap(({ index, entry }) => acknowledgementsOf(index, entry)),
      steps: entries.flatMap(({ index, entry }) => stepsOf(index, entry)),
    },
    head,
    to,
  );
  assert(moved, 'the head stays where it was locked');
  return to;
}

async function insertPayloads(tx: Tx, entries: readonly (Staged & Sequenced)[]): Promise<void> {
  await insertPacks(
    tx,
    entries.flatMap(({ planned }) => planned.pack ?? []),
  );
  const sealed = entries.filter(({ planned }) => planned.payload !== undefined);
  if (sealed.length === 0) return;
  await insertDataKeys(
    tx,
    sealed.flatMap(({ planned }) => planned.payload?.dataKeys ?? []),
  );
  await insertDigests(
    tx,
    sealed.flatMap(({ index, planned }) => digestRows(index, planned.payload?.digests ?? {})),
  );
  const parts = sealed.flatMap(({ index, planned }) =>
    (planned.payload?.parts ?? []).map((part) => ({ index, ...part })),
  );
  if ((await insertParts(tx, parts)) < parts.length) {
    throw new Failure('superseded', 'a key that this was sealed under is destroyed');
  }
  await insertPersons(
    tx,
    sealed.flatMap(({ planned }) => planned.persons ?? []),
  );
  const known = sealed.flatMap(({ planned }) => planned.known ?? []);
  if (!(await arePersons(tx, known))) {
    throw new Failure('superseded', 'nothing is left of a person that this was prepared for');
  }
  await insertRelationships(
    tx,
    sealed.flatMap(({ planned }) => planned.relationships ?? []),
  );
  await insertSubjectKeys(
    tx,
    sealed.flatMap(({ entry, planned }) => (planned.subjectKeys ?? []).map((key) => ({ ...key, seq: entry.seq }))),
  );
  await insertCredentials(
    tx,
    sealed.flatMap(({ planned }) => planned.credentials ?? []),
  );
}

function rowOf({ index, entry, leaf, bytes, signature }: Sequenced) {
  return { index, stream: entry.stream, seq: entry.seq, leaf, bytes, signature };
}

function idRowsOf({ index, entry, planned }: Staged): readonly IdRow[] {
  return (planned.mints ?? []).map((id) => ({ id, stream: entry.stream, index }));
}

/** One request may make several entries: it is one row. */
function requestRowsOf(entries: readonly Staged[]): readonly RequestRow[] {
  const rows = new Map<string, RequestRow>();
  for (const { planned } of entries) {
    if (planned.request !== undefined) rows.set(keyOf(planned.request.digest), planned.request);
  }
  return [...rows.values()];
}

/** The frontier as the head row keeps it. */
export function frontierOf(head: HeadRow): Frontier {
  const hashes = Array.from({ length: head.frontier.length / 32 }, (_, i) =>
    parseHash(head.frontier.subarray(i * 32, i * 32 + 32)),
  );
  return parseFrontier(parseSize(head.size), hashes);
}

export function headColumns(frontier: Frontier, size: Size): Pick<HeadRow, 'size' | 'root' | 'frontier'> {
  return { size, root: rootOf(frontier), frontier: concat(...frontier.roots) };
}

function indexesOf(row: IdempotencyRow): readonly number[] {
  return Array.from({ length: row.count }, (_, n) => row.first_index + n);
}

function keyOf(idem: Hash): string {
  return String.fromCharCode(...idem);
}

/** Whether a batch must be run again, write by write: the database refused it, or did not say what it did. */
export function isDatabaseFailure(thrown: unknown): boolean {
  return isFailure(thrown, 'store_unavailable');
}
