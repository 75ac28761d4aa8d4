/** Receipts: what the parties of an access, of a letter, or of an erasure keep, to be verified without us. */
import { parseUtf8, utf8 } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { ERASURES } from '#core/consent/erasure.ts';
import { LETTER_ANSWERS } from '#core/consent/letter-summary.ts';
import type { LogState } from '#core/consent/log.ts';
import { erases } from '#core/consent/open-erasure.ts';
import { shownBeside } from '#core/consent/open-receipt.ts';
import { formatReceipt, SLICE_ENTRIES_MAX, type Slice } from '#core/consent/receipt.ts';
import { packsRead } from '#core/consent/receipt-packs.ts';
import { commandOf, evolve } from '#core/consent/rules.ts';
import { Failure } from '#core/failure.ts';
import { hashText } from '#core/hash.ts';
import type { AccessId, LetterId } from '#core/ids.ts';
import { encodePack } from '#core/pack/pack.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import type { PackLibrary } from '#ledger/packs.ts';
import type { CheckpointRow } from '#store/checkpoints.ts';
import { loadEntriesAt, loadSlice } from '#store/entries.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { findAccess, loadAccess } from './accesses.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import { loadFollowable } from './followable-slice.ts';
import { loadLetter, unknownLetter } from './letters.ts';
import { loadEvidence } from './opened-evidence.ts';
import { loadReceiptSlice } from './receipt-slice.ts';
import { mayRead } from './scope.ts';
import { isKeptBack, requireAllTold } from './told.ts';

/** How long a receipt waits for the checkpoint that covers its entry. */
const PUBLISHED_WAIT_MS = 2_000;

/**
 * What a receipt opens. Only a subject opens signatures, of what it signed itself: a key is a link to wherever else the person
 * is known.
 */
export type Opens = 'signatures' | 'nothing';

/**
 * The receipt of an access, as the bytes of its file.
 *
 * @throws {Failure} `access_unknown`; `principal_mismatch`, if another opens signatures; `not_published`, if no checkpoint
 *   covers it yet; `not_told`, to its subject, where it shows what law lets it be told of later; `limit_reached`, if a stream is longer than a receipt may hold.
 */
export async function accessReceipt(
  context: Context,
  caller: Caller,
  access: AccessId,
  opens: Opens = 'nothing',
): Promise<string> {
  // The relationship's whole slice is its lender's and its subject's, not of the door that one access went through.
  const row = await context.ledger.store.read(async (tx) => {
    const { entry, index } = await loadAccess(tx, caller, access, 'whole');
    await requireAllTold(tx, caller, { stream: entry.stream, indexMax: await lastShown(tx, { entry, index }) });
    return { entry, index };
  });
  requireSubject(caller, opens);
  return makeReceipt(context, { kind: 'access', access }, row, opens);
}

/** Who holds a path to a receipt may be its subject: it is told nothing sooner (told.ts). */
const HOLDER = { kind: 'subject' } as const;

/**
 * The receipt, for whoever holds its path.
 *
 * @throws {Failure} `access_unknown`, also while its subject is not told of it; and as {@link accessReceipt}
 */
export async function receiptOf(context: Context, access: AccessId): Promise<string> {
  const row = await context.ledger.store.read(async (tx) => {
    const found = await findAccess(tx, access);
    if (await isKeptBack(tx, HOLDER, found.entry)) throw new Failure('access_unknown', 'no such access');
    await requireAllTold(tx, HOLDER, { stream: found.entry.stream, indexMax: await lastShown(tx, found) });
    return found;
  });
  return makeReceipt(context, { kind: 'access', access }, row, 'nothing');
}

/**
 * The receipt of a letter that its subject signed or declined: for its grantee, or its subject.
 *
 * @throws {Failure} `letter_unknown`, `letter_unanswered`, `not_told`; and as {@link accessReceipt}
 */
export async function letterReceipt(
  context: Context,
  caller: Caller,
  letter: LetterId,
  opens: Opens = 'nothing',
): Promise<string> {
  const row = await context.ledger.store.read(async (tx) => {
    const { stream, relationship } = await loadLetter(tx, letter);
    if (!(await mayRead(tx, caller, stream, relationship, 'letter'))) throw unknownLetter();
    const found = await findAnswer(tx, letter);
    await requireAllTold(tx, caller, { stream, indexMax: await lastShown(tx, found) });
    return found;
  });
  requireSubject(caller, opens);
  return makeReceipt(context, { kind: 'letter', letter }, row, opens);
}

/** The receipt, for whoever holds its path, or is signed in as its subject. @throws {Failure} as {@link letterReceipt} */
export async function letterReceiptOf(context: Context, letter: LetterId, opens: Opens = 'nothing'): Promise<string> {
  const row = await context.ledger.store.read(async (tx) => {
    const found = await findAnswer(tx, letter);
    await requireAllTold(tx, HOLDER, { stream: found.entry.stream, indexMax: await lastShown(tx, found) });
    return found;
  });
  return makeReceipt(context, { kind: 'letter', letter }, row, opens);
}

/**
 * The certificate of an erasure, for whoever holds its path: who asked for it may be nobody's any more.
 *
 * @throws {Failure} `erasure_unknown`, `not_told`; and as {@link accessReceipt}
 */
export async function erasureReceiptOf(context: Context, index: number): Promise<string> {
  const row = await context.ledger.store.read(async (tx) => {
    const [found] = await loadEntriesAt(tx, [index]);
    const entry = found && parseEntry(found.bytes);
    if (found === undefined || entry === undefined || !ERASURES.includes(entry.type)) {
      throw new Failure('erasure_unknown', 'no such erasure');
    }
    await requireAllTold(tx, HOLDER, { stream: entry.stream, indexMax: index });
    return { index, entry, leaf: found.leaf };
  });
  return makeReceipt(context, { kind: 'erasure', leaf: hashText(row.leaf) }, row, 'nothing');
}

function requireSubject({ kind }: Caller, opens: Opens): void {
  if (opens === 'nothing' || kind === 'subject') return;
  throw new Failure('principal_mismatch', 'a subject opens what it signed itself');
}

interface Row {
  readonly index: number;
  readonly entry: Entry;
}

/** The entry by which a subject answered a letter. @throws {Failure} `letter_unknown`, `letter_unanswered` */
async function findAnswer(tx: Tx, letter: LetterId): Promise<Row> {
  const { stream, entry: draft } = await loadLetter(tx, letter);
  const later = { stream, indexMax: Number.MAX_SAFE_INTEGER, seqMin: draft.seq + 1, countMax: SLICE_ENTRIES_MAX };
  for (const { index, bytes } of await loadSlice(tx, later)) {
    const entry = parseEntry(bytes);
    if (Object.hasOwn(LETTER_ANSWERS, entry.type) && entry.body['letter'] === letter) return { index, entry };
  }
  throw new Failure('letter_unanswered', 'the letter is neither signed nor declined');
}

type Named =
  | { readonly kind: 'access'; readonly access: AccessId }
  | { readonly kind: 'letter'; readonly letter: LetterId }
  | { readonly kind: 'erasure'; readonly leaf: string };

async function makeReceipt({ ledger, vault }: Context, named: Named, row: Row, opens: Opens): Promise<string> {
  const { store, publisher, origin } = ledger;
  const gone = named.kind === 'erasure' ? undefined : await store.read((tx) => findErasure(tx, row));
  const checkpoint = await publisher.published((gone ?? row.index) + 1, PUBLISHED_WAIT_MS);
  const { slices, packs, log } = await store.read(async (tx) => {
    const made: Slice[] = [];
    for (const stream of [row.entry.stream, ...shownBeside(row.entry)]) {
      const slice = await loadReceiptSlice(tx, stream, row.index, checkpoint);
      if (slice !== undefined) made.push(slice);
    }
    const texts = await loadPackTexts(tx, row.entry, made, ledger.packs);
    return { slices: made, packs: texts, log: await loadFollowable(tx, checkpoint) };
  });
  const { stream } = row.entry;
  const erasure =
    gone === undefined ? undefined : await store.read((tx) => loadReceiptSlice(tx, stream, gone, checkpoint));
  const evidence = opens === 'nothing' ? undefined : await store.read((tx) => loadEvidence(vault, tx, row, checkpoint));
  const continued = await store.read((tx) => loadContinued(tx, row.index, checkpoint));
  const shown = {
    ...{ log: origin, slices, opened: [] },
    ...(packs.length === 0 ? {} : { packs }),
    ...(continued === undefined ? {} : { continued }),
    ...(log?.key_steps === undefined ? {} : { log_keys: log }),
  };
  if (named.kind === 'erasure') return formatReceipt({ ...named, ...shown });
  return formatReceipt({
    ...{ ...named, ...shown },
    ...(evidence === undefined ? {} : { evidence }),
    ...(erasure === undefined ? {} : { erasure }),
  });
}

/** Of what was before the log went on under its present name: the log's own stream up to where it says so. */
async function loadContinued(tx: Tx, index: number, checkpoint: CheckpointRow): Promise<Slice | undefined> {
  const [log] = await loadStreams(tx, [LOG_STREAM]);
  const to = (log?.state as LogState | undefined)?.origins?.at(-1)?.to ?? 0;
  return index < to ? loadReceiptSlice(tx, LOG_STREAM, to, checkpoint) : undefined;
}

/** Where its receipt ends: at the entry itself, or at the one by which what is behind it was erased. */
async function lastShown(tx: Tx, row: Row): Promise<number> {
  return (await findErasure(tx, row)) ?? row.index;
}

/** The first entry after it that says that payloads of its stream, up to it, are gone; undefined: none does. */
async function findErasure(tx: Tx, { index, entry }: Row): Promise<number | undefined> {
  const [state] = await loadStreams(tx, [entry.stream]);
  if (state?.state['erased'] === undefined) return undefined;
  const slice = { stream: entry.stream, indexMax: Number.MAX_SAFE_INTEGER, countMax: SLICE_ENTRIES_MAX };
  const rows = (await loadSlice(tx, slice)).map((row) => ({ index: row.index, entry: parseEntry(row.bytes) }));
  const own = rows.filter((row) => row.index <= index);
  return rows.find((row) => row.index > index && own.some((each) => erases(row.entry, each.entry)))?.index;
}

/** The texts of the packs that decided, by what the log's own entries say of them. */
async function loadPackTexts(
  tx: Tx,
  entry: Entry,
  slices: readonly Slice[],
  library: PackLibrary,
): Promise<readonly string[]> {
  const log = logOf(slices.find(({ stream }) => stream === LOG_STREAM)?.entries ?? []);
  if (log === undefined) return [];
  await library.load(tx, log);
  return packsRead(log, entry).map((digest) => {
    const pack = library.get(digest);
    if (pack === undefined) throw new Failure('pack_unknown', 'a pack that decided is not at hand');
    return parseUtf8(encodePack(pack));
  });
}

function logOf(entries: readonly string[]): LogState | undefined {
  let state: JsonObject | undefined;
  for (const text of entries) {
    const entry = parseEntry(utf8(text));
    state = evolve(state, commandOf(entry).type, entry);
  }
  return state as LogState | undefined;
}
