/**
 * The audit of erasures, both ways: what an entry says is erased is gone, with its keys, and what is gone was erased by an
 * entry. The second, and that it is gone, only a database can show; what is counted and dated, every source.
 *
 * @module
 */

import { canonicalText, type Json, type JsonObject } from '#core/canonical.ts';
import { ERASURES, type ErasureClass, erasedBy, payloadClassOf } from '#core/consent/erasure.ts';
import type { LostErasure } from '#core/consent/log-continued.ts';
import { classOf } from '#core/consent/retention.ts';
import { isEntryType, partsOf } from '#core/consent/rules.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { kindOf, type StreamId } from '#core/tlog/stream.ts';
import { loadBareKeys, loadPartNames } from '#store/erasures.ts';
import type { Tx } from '#store/schema.ts';
import { surveyPayloads } from './erasure.ts';
import type { Finding } from './replay.ts';
import { partName } from './vault.ts';

type Add = (finding: Finding) => void;

export interface ErasureCheck {
  /** Each entry, in index order, with the names of its payload's parts. */
  note(entry: Entry, index: number, names: readonly string[], add: Add): void;
  /** Compares what was noted since the last time, the entries `[start, end)`, with what a database holds. */
  settle(tables: Tx, start: number, end: number, add: Add): Promise<void>;
  /** What is gone and that nothing says was erased; and who is erased while one of its relationships is left. */
  finish(personOf: ReadonlyMap<StreamId, StreamId>, add: Add): void;
}

/** The parts of one class and owner that a stream committed to, and no entry says are erased. */
interface Standing {
  /** The indexes of their entries, one for each part. */
  indexes: number[];
  /** The seqs of the same, of what a party was refused: that goes piece by piece. Elsewhere all goes at once. */
  seqs: number[];
  /** Those that are gone all the same. */
  lost: { readonly seq: number; readonly index: number; readonly name: string }[];
}

interface Watched {
  readonly standing: Map<string, Standing>;
  /** When the last entries of the classes were made, with their seqs. */
  readonly last: Map<string, { readonly seq: number; readonly at: number }[]>;
}

interface Noted {
  readonly entry: Entry;
  readonly index: number;
  readonly names: readonly string[];
}

/** @param settles Whether what is noted is compared with a database. */
export function checkErasures(settles: boolean): ErasureCheck {
  const streams = new Map<StreamId, Watched>();
  const persons = new Map<StreamId, number>();
  let page: Noted[] = [];
  const restored: Span[] = [];
  const watchedOf = (stream: StreamId): Watched => {
    const known = streams.get(stream) ?? { standing: new Map(), last: new Map() };
    streams.set(stream, known);
    return known;
  };
  return {
    note(entry, index, names, add) {
      const { type, stream } = entry;
      const watched = names.length > 0 || hasClasses(stream) ? watchedOf(stream) : undefined;
      if (!ERASURES.includes(type)) {
        if (watched !== undefined) noteKept(watched, { entry, index, names });
      } else if (watched !== undefined) {
        const message = whyMiscounted(watched, entry);
        if (message !== undefined) add({ code: 'payload', index, message });
        if (type === 'person.erased') persons.set(stream, index);
      }
      if (type === 'log.restored') restored.push(forgetLost(streams.values(), entry));
      for (const each of erasedAgain(entry)) forgetErased(watchedOf(each.stream), each);
      if (settles) page.push({ entry, index, names });
    },
    async settle(tables, start, end, add) {
      const there = await loadPartNames(tables, start, end);
      const noted = page;
      page = [];
      for (const each of noted) noteLost(watchedOf, each, there);
      for (const each of noted) {
        if (ERASURES.includes(each.entry.type)) await settleErasure(tables, watchedOf(each.entry.stream), each, add);
        for (const lost of erasedAgain(each.entry)) {
          await settleLost(tables, watchedOf(lost.stream), lost, (message) =>
            add({ code: 'payload', index: each.index, message }),
          );
        }
      }
    },
    finish(personOf, add) {
      for (const { standing } of streams.values()) {
        for (const { lost } of standing.values()) {
          for (const each of lost) if (!restored.some((span) => isIn(span, each.index))) add(goneUnsaid(each));
        }
      }
      for (const [relationship, person] of personOf) {
        const index = persons.get(person);
        if (index === undefined) continue;
        add({ code: 'payload', index, message: `a person is erased, and ${relationship} is not, which is of it` });
      }
    },
  };
}

/** Entries `[start, end)` that were put back out of a mirror, which has no payloads. */
interface Span {
  readonly start: number;
  readonly end: number;
}

function isIn({ start, end }: Span, index: number): boolean {
  return start <= index && index < end;
}

/** What was lost with a database, and did not come back with its entries, is not there to be erased any more. */
function forgetLost(streams: Iterable<Watched>, { body }: Entry): Span {
  const span = { start: Number(body['from_size']), end: Number(body['size']) };
  for (const { standing } of streams)
    for (const each of standing.values()) keepOnly(each, (at) => !isIn(span, at.index));
  return span;
}

/** What a log that went on under another name says was erased by entries that it lost. */
function erasedAgain({ type, body }: Entry): readonly LostErasure[] {
  const said: unknown = type === 'log.continued' ? body['erasures'] : [];
  return Array.isArray(said) ? said : [];
}

/** It is not there to be erased any more. */
function forgetErased({ standing }: Watched, { stream, through, classes }: LostErasure): void {
  const isOfMany = kindOf(stream) === 'refused';
  for (const [name, each] of standing) {
    if (isNamed(classes, name)) keepOnly(each, ({ seq }) => isOfMany && seq > through);
  }
}

function isNamed(classes: LostErasure['classes'], name: string): boolean {
  return classes.some((each) => name.startsWith(`${each} `));
}

/** It may be gone, and must be. */
async function settleLost(
  tables: Tx,
  { standing }: Watched,
  { stream, through, classes }: LostErasure,
  add: (message: string) => void,
): Promise<void> {
  for (const [name, each] of standing) {
    if (isNamed(classes, name)) each.lost = each.lost.filter(({ seq }) => seq > through);
  }
  const left = (await surveyPayloads(tables, stream, through)).parts.filter((part) => classes.includes(part.class));
  for (const part of left) add(`the part ${part.name} of entry ${part.index} is there, and it says that it is erased`);
}

function keepOnly(
  standing: Standing,
  isKept: (part: { readonly index: number; readonly seq: number }) => boolean,
): void {
  const { indexes, seqs } = standing;
  const kept = (_each: number, at: number) => isKept({ index: indexes[at] as number, seq: seqs[at] ?? 0 });
  standing.indexes = indexes.filter(kept);
  standing.seqs = seqs.filter(kept);
}

function goneUnsaid({ index, name }: Standing['lost'][number]): Finding {
  return { code: 'payload', index, message: `its part ${name} is gone, and no entry says that it was erased` };
}

/** The streams that have classes of retention, and of whose entries the last is dated. */
function hasClasses(stream: StreamId): boolean {
  return ['rel', 'refused'].includes(kindOf(stream));
}

function standingOf({ standing }: Watched, of: ErasureClass, owner: string): Standing {
  const name = `${of} ${owner}`;
  const known = standing.get(name) ?? { indexes: [], seqs: [], lost: [] };
  standing.set(name, known);
  return known;
}

function noteKept(watched: Watched, { entry, index, names }: Noted): void {
  const { type, stream, seq, time } = entry;
  const isOfMany = kindOf(stream) === 'refused';
  for (const [of, owner] of ownersOf(stream, type, names)) {
    const kept = standingOf(watched, of, owner);
    kept.indexes.push(index);
    if (isOfMany) kept.seqs.push(seq);
  }
  if (!hasClasses(stream)) return;
  const of = classOf(type);
  const dated = { seq, at: time };
  watched.last.set(of, isOfMany ? [...(watched.last.get(of) ?? []), dated] : [dated]);
}

function ownersOf(stream: StreamId, type: string, names: readonly string[]) {
  if (!isEntryType(type)) return [];
  const owners = partsOf(type);
  return names.map((name) => [payloadClassOf(stream, type), owners[name] ?? '', name] as const);
}

/** What it says went, and when the last of each class was made, is what the entries before it say. */
function whyMiscounted(watched: Watched, { type, stream, body }: Entry): string | undefined {
  const through = Number(body['through']);
  const parts = readParts(type, body);
  if (parts === undefined) return undefined;
  for (const { class: of, owner, count } of parts) {
    const standing = standingOf(watched, of, owner);
    const before = standing.indexes.length;
    keepOnly(standing, ({ seq }) => kindOf(stream) === 'refused' && seq > through);
    const gone = before - standing.indexes.length;
    if (gone !== count) return `it says that ${count} parts of ${of} are erased, and there were ${gone}`;
  }
  if (type === 'person.erased') return undefined;
  const last = [...watched.last]
    .flatMap(([of, dated]) => {
      const at = dated.findLast(({ seq }) => seq <= through)?.at;
      return at === undefined ? [] : [{ class: of, at }];
    })
    .sort((a, b) => (a.class < b.class ? -1 : 1));
  if (canonicalText(last as unknown as Json) === canonicalText(body['last'] ?? null)) return undefined;
  return 'it says that the last entry of a class was made at another time';
}

/** Undefined: what it says can't be read, which the replay has found already. */
function readParts(type: string, body: JsonObject): ReturnType<typeof erasedBy> | undefined {
  try {
    return erasedBy(type, body);
  } catch {
    return undefined;
  }
}

function noteLost(
  watchedOf: (stream: StreamId) => Watched,
  { entry, index, names }: Noted,
  there: ReadonlySet<string>,
): void {
  const { stream, seq, type } = entry;
  for (const [of, owner, name] of ownersOf(stream, type, names)) {
    if (there.has(partName(index, name))) continue;
    standingOf(watchedOf(stream), of, owner).lost.push({ seq, index, name });
  }
}

/** What an entry says is erased may be gone, and must be: parts and keys. */
async function settleErasure(tables: Tx, watched: Watched, { entry, index }: Noted, add: Add): Promise<void> {
  const { stream, type, body } = entry;
  const through = Number(body['through']);
  const erased = readParts(type, body) ?? [];
  for (const { class: of, owner } of erased) {
    const standing = standingOf(watched, of, owner);
    standing.lost = standing.lost.filter(({ seq }) => seq > through);
  }
  const isErased = (each: { readonly class: string; readonly owner: string }) =>
    erased.some((one) => one.class === each.class && one.owner === each.owner);
  const left = (await surveyPayloads(tables, stream, through)).parts.filter(isErased);
  for (const part of left) {
    const message = `the part ${part.name} of entry ${part.index} is there, and it says that it is erased`;
    add({ code: 'payload', index, message });
  }
  const bare = (await loadBareKeys(tables, stream)).filter(({ owner, retention }) =>
    isErased({ owner, class: retention.split('/')[0] as string }),
  );
  if (bare.length > 0) add({ code: 'payload', index, message: 'a key of what it says is erased is there still' });
}
