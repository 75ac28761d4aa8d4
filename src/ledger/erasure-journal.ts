/**
 * The erasure journal: what was erased, kept apart from the database, so that a backup that is restored can be made to
 * forget again. It is durable before the erasure is committed, and names streams and places, nobody and nothing of anyone.
 *
 * One line of canonical JSON for each step: `begun` before COMMIT, `done` after it. A record that was begun and is not done
 * may have been committed, or not: whether its entry is in the log says which.
 *
 * @module
 */
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { encodeCanonical, type JsonObject, parseCanonical } from '#core/canonical.ts';
import { type ErasureClass, KEYS_CLASS } from '#core/consent/erasure.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { RETENTION_CLASSES } from '#core/pack/law.ts';
import { hash, integer, list, oneOf, record, type Shape, text } from '#core/shape.ts';
import { parseStream, type StreamId } from '#core/tlog/stream.ts';

/** Where the journal's lines are kept. A line that `append` returned from outlives the loss of power. */
export interface ErasureShelf {
  append(line: string): void;
  /** All lines, in the order they were appended; broken ones included. */
  load(): readonly string[];
}

/** What an entry erased. */
export interface ErasureRecord {
  readonly log: string;
  readonly index: number;
  /** Of the entry that says so: a restored log has another one there, or none. */
  readonly leaf: string;
  readonly stream: StreamId;
  /** The last place of which parts were destroyed. */
  readonly through: number;
  readonly classes: readonly ErasureClass[];
}

export interface JournaledErasure extends ErasureRecord {
  /** Whether it is known to have been committed. */
  readonly done: boolean;
}

export interface Journaled {
  readonly erasures: readonly JournaledErasure[];
  /** Lines that can't be read: a crash leaves one torn. */
  readonly damaged: number;
}

const CLASSES = [...RETENTION_CLASSES, KEYS_CLASS] as const;
const stream: Shape<StreamId> = (value) => parseStream(value);
const place = integer(0, Number.MAX_SAFE_INTEGER);
const begun = record({
  v: integer(1, 1),
  step: oneOf(['begun']),
  ...{
    log: text(512),
    index: place,
    leaf: hash,
    stream,
    through: place,
    classes: list(oneOf(CLASSES), CLASSES.length),
  },
});
const done = record({ v: integer(1, 1), step: oneOf(['done']), leaf: hash });

/** To be called before COMMIT. @throws {Failure} `store_unavailable`, if it can't be written: then nothing is erased. */
export function beginErasures(shelf: ErasureShelf, records: readonly ErasureRecord[]): void {
  try {
    for (const each of records) shelf.append(lineOf({ v: 1, step: 'begun', ...each, classes: [...each.classes] }));
  } catch (cause) {
    throw new Failure('store_unavailable', 'the erasure journal can’t be written', { cause });
  }
}

/** To be called after COMMIT. */
export function finishErasures(shelf: ErasureShelf, leaves: readonly string[]): void {
  try {
    for (const leaf of leaves) shelf.append(lineOf({ v: 1, step: 'done', leaf }));
  } catch {
    // The erasure stands, and its entry in the log says that it was done.
  }
}

/** Reads a journal, each erasure once. */
export function readJournal(shelf: ErasureShelf): Journaled {
  const erasures = new Map<string, JournaledErasure>();
  let damaged = 0;
  for (const line of shelf.load()) {
    const step = readLine(line);
    if (step === undefined) damaged++;
    else if ('stream' in step) erasures.set(step.leaf, { done: false, ...erasures.get(step.leaf), ...step });
    else {
      const known = erasures.get(step.leaf);
      if (known !== undefined) erasures.set(step.leaf, { ...known, done: true });
    }
  }
  return { erasures: [...erasures.values()], damaged };
}

function lineOf(step: JsonObject): string {
  return parseUtf8(encodeCanonical(step));
}

function readLine(line: string): ErasureRecord | { readonly leaf: string } | undefined {
  try {
    const value = parseCanonical(utf8(line));
    if ((value as JsonObject)['step'] === 'done') return { leaf: done(value, 'journal').leaf };
    const { v: _version, step: _step, ...read } = begun(value, 'journal');
    return read;
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return undefined;
  }
}
