/**
 * Selective disclosure, offline: of a receipt that opens parts of what is kept, one that opens fewer. Every part is committed
 * to under a salt of its own (design §4), so that what is left out stays proven, and says nothing.
 *
 * What can be opened has a name and a place: `text:2`, the text of the letter that was drafted at seq 2 of the relationship;
 * `signature:3`, what the subject signed at seq 3, with the key and who identified the person; and, of the entries that
 * slices end with, each part by itself: `NAME:entry-12`, by the entry's index in the tree.
 *
 * @module
 */
import { utf8 } from '../bytes.ts';
import type { Json, JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { isObject } from '../shape.ts';
import { parseEntry } from '../tlog/entry.ts';
import { parseTlogProof } from '../tlog/proof.ts';
import { type BoundKeyShown, formatReceipt, type OpenedParts, type Receipt, type ShownEvidence } from './receipt.ts';

/** The parts of a receipt by their names and places, such as `text:2` or `possession:entry-12`. */
export interface ShownParts {
  readonly opened: readonly string[];
  /** Known to be there by their digests, and not opened. What an entry without digests keeps, a receipt does not name. */
  readonly withheld: readonly string[];
}

/** What makes no sense alone: the parts at one entry that are opened together. */
const TOGETHER = {
  text: ['text', 'text_salt'],
  signature: ['binding', 'signature', 'statement', 'session'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
/** A signature is shown to be the person's by the relationship's opening, which says whose it is. */
const PERSON = 'person';
const OPENING_SEQ = 0;

/** Every part that a receipt opens, and every one that it names and does not open; in the receipt's order. */
export function shownParts({ opened, evidence }: Receipt): ShownParts {
  const all = [
    ...(evidence?.opened ?? []).map((parts) => ({ place: String(parts.seq), ...parts })),
    ...(evidence?.keys ?? []).map((key) => ({ place: entryPlace(indexOf(key)), ...key })),
    ...opened.map((parts) => ({ place: entryPlace(parts.index), ...parts })),
  ];
  const named = all.flatMap(({ place, digests, parts }) =>
    Object.keys(digests).map((name) => ({ at: `${name}:${place}`, isOpened: Object.hasOwn(parts, name) })),
  );
  return {
    opened: named.filter(({ isOpened }) => isOpened).map(({ at }) => at),
    withheld: named.filter(({ isOpened }) => !isOpened).map(({ at }) => at),
  };
}

/** What {@link discloseReceipt} can leave open of a receipt, by the names that it takes. */
export function openableParts({ opened, evidence }: Receipt): readonly string[] {
  const together = (evidence?.opened ?? []).flatMap(({ seq, parts }) =>
    Object.keys(TOGETHER).flatMap((name) => (Object.hasOwn(parts, name) ? [`${name}:${seq}`] : [])),
  );
  const single = opened.flatMap(({ index, parts }) => Object.keys(parts).map((name) => `${name}:${entryPlace(index)}`));
  return [...together, ...single];
}

/**
 * The file of a receipt that opens only what is named, and holds neither value nor salt of anything else. A name without
 * its place stands for all of that name; no name, for a receipt that opens nothing.
 *
 * It verifies nothing, and what it makes of a receipt that does not hold does not hold either.
 *
 * @throws {Failure} `input_invalid`, naming what there is, if the receipt does not open what is named.
 */
export function discloseReceipt(receipt: Receipt, names: readonly string[]): string {
  const openable = openableParts(receipt);
  const kept = new Set(names.flatMap((name) => resolve(openable, name)));
  const { v: _version, ...rest } = receipt;
  const opened = receipt.opened.map((each) => ({
    ...each,
    ...narrowed(each, (name) => kept.has(`${name}:${entryPlace(each.index)}`)),
  }));
  if (rest.kind === 'erasure' || rest.evidence === undefined) return formatReceipt({ ...rest, opened });
  return formatReceipt({ ...rest, opened, evidence: discloseEvidence(rest.evidence, kept) });
}

function resolve(openable: readonly string[], name: string): readonly string[] {
  const found = openable.filter((each) => each === name || each.startsWith(`${name}:`));
  if (found.length > 0) return found;
  const there = openable.length === 0 ? 'it opens nothing' : `there is ${openable.join(', ')}`;
  throw new Failure('input_invalid', `the receipt opens no ${JSON.stringify(name.slice(0, 80))}: ${there}`);
}

function discloseEvidence({ keys, opened }: ShownEvidence, kept: ReadonlySet<string>): ShownEvidence {
  const signatures = opened.filter(({ seq }) => kept.has(`signature:${seq}`));
  const places = new Set(signatures.map(({ parts }) => placeOf(parts['binding']?.value)));
  const isKept = (seq: number, name: string): boolean =>
    name === PERSON && seq === OPENING_SEQ
      ? signatures.length > 0
      : Object.entries(TOGETHER).some(
          ([unit, parts]) => kept.has(`${unit}:${seq}`) && (parts as readonly string[]).includes(name),
        );
  return {
    // The stream of a key names its person: a key that signed nothing that is shown goes whole.
    keys: keys.filter((key) => places.has(placeOf(headOf(key)))),
    opened: opened.map((each) => ({ ...each, ...narrowed(each, (name) => isKept(each.seq, name)) })),
  };
}

function narrowed({ digests, parts }: OpenedParts, isKept: (name: string) => boolean): OpenedParts {
  return { digests, parts: Object.fromEntries(Object.entries(parts).filter(([name]) => isKept(name))) };
}

/** Where the key that signed was bound, as its signature says. */
function placeOf(binding: Json | undefined): string | undefined {
  return isObject(binding) ? `${String(binding['stream'])}/${String(binding['seq'])}` : undefined;
}

function headOf({ entry }: BoundKeyShown): JsonObject {
  const { stream, seq } = parseEntry(utf8(entry));
  return { stream, seq };
}

function indexOf({ proof }: BoundKeyShown): number {
  return parseTlogProof(proof).index;
}

function entryPlace(index: number): string {
  return `entry-${index}`;
}
