/**
 * Erasing: what of a stream's payloads is still there, its destruction in the transaction of the entry that says so, and
 * again, once an older backup was restored.
 *
 * @module
 */
import { ERASURES, type ErasureClass, KEYS_CLASS, type LastOf, payloadClassOf } from '#core/consent/erasure.ts';
import type { LogState } from '#core/consent/log.ts';
import { LOST_ERASURES_MAX, type LostErasure } from '#core/consent/log-continued.ts';
import type { OriginSpan } from '#core/consent/origins.ts';
import { classOf } from '#core/consent/retention.ts';
import { Failure } from '#core/failure.ts';
import { type Hash, hashText } from '#core/hash.ts';
import type { Handle, PersonId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { RetentionClass } from '#core/pack/law.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import type { Owner } from '#core/tlog/payload.ts';
import { idOf, kindOf, LOG_STREAM, type StreamId } from '#core/tlog/stream.ts';
import { loadEntriesAt, loadSlice } from '#store/entries.ts';
import {
  deleteBareKeys,
  deleteParts,
  deletePerson,
  deleteRelationship,
  type HeldPart,
  loadHeldParts,
  loadHolding,
} from '#store/erasures.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { loadHandles } from '#store/subjects.ts';
import { beginErasures, type ErasureRecord, type ErasureShelf, readJournal } from './erasure-journal.ts';

const ENTRIES_PAGE = 1_000;

/** A part that is still there, by the class that it goes with. */
export interface SurveyedPart extends HeldPart {
  readonly class: ErasureClass;
  readonly seq: number;
  readonly time: Instant;
}

/** What a stream holds, up to one of its entries. */
export interface Survey {
  /** Its last entry; -1: it has none. */
  readonly through: number;
  /** When the last entry of each class was made, by the names of the classes. */
  readonly last: readonly LastOf[];
  readonly parts: readonly SurveyedPart[];
}

/** Looks through a stream, up to an entry or to its end. */
export async function surveyPayloads(tx: Tx, stream: StreamId, throughMax = Number.MAX_SAFE_INTEGER): Promise<Survey> {
  const placed = new Map<number, Pick<SurveyedPart, 'class' | 'seq' | 'time'>>();
  const last = new Map<RetentionClass, Instant>();
  let through = -1;
  for (let full = true; full && through < throughMax; ) {
    const page = { stream, indexMax: Number.MAX_SAFE_INTEGER, seqMin: through + 1, countMax: ENTRIES_PAGE };
    const rows = await loadSlice(tx, page);
    for (const { index, seq, bytes } of rows) {
      if (seq > throughMax) break;
      const { type, time } = parseEntry(bytes);
      through = seq;
      if (ERASURES.includes(type)) continue;
      placed.set(index, { class: payloadClassOf(stream, type), seq, time });
      last.set(classOf(type), time);
    }
    full = rows.length === ENTRIES_PAGE;
  }
  const held = await loadHeldParts(tx, stream, through);
  return {
    through,
    last: [...last].map(([of, at]) => ({ class: of, at })).sort((a, b) => (a.class < b.class ? -1 : 1)),
    parts: held.flatMap((part) => {
      const place = placed.get(part.index);
      return place === undefined ? [] : [{ ...part, ...place }];
    }),
  };
}

/** How many of them each owner has of each class, by the names of both. */
export function countParts(
  parts: readonly SurveyedPart[],
): readonly { readonly class: ErasureClass; readonly owner: Owner; readonly count: number }[] {
  const counts = new Map<string, { class: ErasureClass; owner: Owner; count: number }>();
  for (const { class: of, owner } of parts) {
    const name = `${of} ${owner}`;
    counts.set(name, { class: of, owner, count: (counts.get(name)?.count ?? 0) + 1 });
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, counted]) => counted);
}

/** What goes with an entry that says so. */
export interface Destruction {
  readonly stream: StreamId;
  readonly through: number;
  readonly classes: readonly ErasureClass[];
  readonly parts: readonly Pick<HeldPart, 'index' | 'name'>[];
  readonly keys: readonly string[];
  /** The person that no relationship is left of after this write. */
  readonly forgets?: PersonId;
}

/** The destruction of some of what was surveyed. */
export function destructionOf(
  stream: StreamId,
  through: number,
  parts: readonly SurveyedPart[],
  forgets?: PersonId,
): Destruction {
  return {
    ...{ stream, through, classes: [...new Set(parts.map((each) => each.class))].sort() },
    parts: parts.map(({ index, name }) => ({ index, name })),
    keys: [...new Set(parts.map(({ data_key }) => data_key))],
    ...(forgets === undefined ? {} : { forgets }),
  };
}

/** An entry of a batch that says that something is erased. */
export interface Erasing {
  readonly log: string;
  readonly index: number;
  readonly leaf: Hash;
  readonly destruction: Destruction;
}

/**
 * Destroys what the entries of a batch say, and has it in the journal before anything is committed.
 *
 * @throws {Failure} `superseded`, if anything is not as it was when it was prepared.
 */
export async function destroy(tx: Tx, shelf: ErasureShelf, erasing: readonly Erasing[]): Promise<void> {
  if (erasing.length === 0) return;
  const left = new Set<PersonId>();
  for (const { destruction } of erasing) {
    const { stream, parts, keys } = destruction;
    if ((await deleteParts(tx, parts)) !== parts.length) throw superseded();
    await deleteBareKeys(tx, keys);
    const person = endsRelationship(destruction) ? await deleteRelationship(tx, idOf<Handle>(stream)) : undefined;
    if (person !== undefined) left.add(person);
  }
  const forgotten = new Set(erasing.flatMap(({ destruction }) => destruction.forgets ?? []));
  for (const person of new Set([...left, ...forgotten])) {
    const isLast = (await loadHandles(tx, person)).length === 0;
    if (isLast !== forgotten.has(person)) throw superseded();
    if (isLast) await deletePerson(tx, person);
  }
  beginErasures(shelf, erasing.map(recordOf));
}

function superseded(): Failure {
  return new Failure('superseded', 'what is to be erased is not as it was any more');
}

/** With the letters goes who it was that signed them. */
function endsRelationship({ stream, classes }: Pick<Destruction, 'stream' | 'classes'>): boolean {
  return kindOf(stream) === 'rel' && classes.includes('letters');
}

function recordOf({ log, index, leaf, destruction }: Erasing): ErasureRecord {
  const { stream, through, classes } = destruction;
  return { log, index, leaf: hashText(leaf), stream, through, classes };
}

export interface Reapplied {
  /** Erasures of this log that the journal has and that stand. */
  readonly erasures: number;
  /** Parts that were there again, and are gone. */
  readonly parts: number;
  /**
   * Begun, neither known to be done nor in this log: whether they ever were nobody can tell. What they name is left as it
   * is, and has to be asked for again.
   */
  readonly pending: readonly ErasureRecord[];
  /** Lines of the journal that can't be read. */
  readonly damaged: number;
}

/**
 * Erases again what the journal says was erased: for a database that was restored from an older backup, before anything of
 * it is served. Done twice it does nothing more. An erasure that is done is done again also where the restored log has not
 * got its entry yet.
 */
export async function reapplyErasures(tx: Tx, origin: string, shelf: ErasureShelf): Promise<Reapplied> {
  const { erasures, damaged } = readJournal(shelf);
  const spans = await loadOrigins(tx, origin);
  // Under a former name, what was erased behind its end was erased again when the log went on, which says so.
  const own = erasures.filter(({ log, index }) =>
    spans.some((span) => span.origin === log && (span.to === null || index < span.to)),
  );
  const rows = await loadEntriesAt(
    tx,
    own.map(({ index }) => index),
  );
  const leaves = new Map(rows.map(({ index, leaf }) => [index, hashText(leaf)]));
  const standing = own.filter(({ done, index, leaf }) => done || leaves.get(index) === leaf);
  const pending = own.filter(({ done, index }) => !done && !leaves.has(index));
  const holding = await loadHolding(
    tx,
    standing.map(({ stream }) => stream),
  );
  let parts = 0;
  for (const each of standing.filter(({ stream }) => holding.has(stream))) parts += await destroyAgain(tx, each);
  return {
    ...{ erasures: standing.length, parts, damaged },
    pending: pending.map(({ done: _unknown, ...record }) => record),
  };
}

/** The names of the log that a database holds, or is to hold. */
async function loadOrigins(tx: Tx, origin: string): Promise<readonly Pick<OriginSpan, 'origin' | 'to'>[]> {
  const [row] = await loadStreams(tx, [LOG_STREAM]);
  const former = (row?.state as LogState | undefined)?.origins ?? [];
  return [...former, { origin, to: null }];
}

/**
 * What the journal says was erased by entries of the lost tail, of entries that are left: it goes once more when a log goes
 * on under another name, unless a start has erased it again already.
 *
 * @param size how many entries are left.
 * @throws {Failure} `limit_reached`, if it is more than one entry can say.
 */
export async function findLostErasures(
  tx: Tx,
  {
    origin,
    size,
    erasures: shelf,
  }: { readonly origin: string; readonly size: number; readonly erasures: ErasureShelf },
): Promise<readonly LostErasure[]> {
  const lost = readJournal(shelf).erasures.filter(({ log, index, done }) => log === origin && index >= size && done);
  const found: LostErasure[] = [];
  for (const { stream, through: said, classes } of lost) {
    const { through, last } = await surveyPayloads(tx, stream, said);
    const has = (of: ErasureClass) => (of === KEYS_CLASS ? through >= 0 : last.some((each) => each.class === of));
    const left = classes.filter(has);
    if (left.length > 0) found.push({ stream, through, classes: left });
  }
  if (found.length <= LOST_ERASURES_MAX) return found;
  throw new Failure('limit_reached', `${found.length} erasures of the lost tail are too many for one entry`);
}

/** Erases them again. */
export async function eraseLost(tx: Tx, erasures: readonly LostErasure[]): Promise<void> {
  for (const each of erasures) await destroyAgain(tx, each);
}

async function destroyAgain(tx: Tx, { stream, through, classes }: LostErasure): Promise<number> {
  const { parts } = await surveyPayloads(tx, stream, through);
  const again = parts.filter((part) => classes.includes(part.class));
  await deleteParts(tx, again);
  await deleteBareKeys(tx, [...new Set(again.map(({ data_key }) => data_key))]);
  const person = endsRelationship({ stream, classes }) ? await deleteRelationship(tx, idOf<Handle>(stream)) : undefined;
  if (person !== undefined && (await loadHandles(tx, person)).length === 0) await deletePerson(tx, person);
  if (kindOf(stream) === 'person') await deletePerson(tx, idOf<PersonId>(stream));
  return again.length;
}
