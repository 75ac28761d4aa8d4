/**
 * From the log key that a reader was given to those that the log has had before and since: the one walk that every reader
 * takes. A key is believed because a tree that a believed key signed holds the entry that adds it, and no other one is; so
 * what is trusted stays what the reader was given.
 *
 * What is shown is the log's own slice, and of each of its entries about log keys a proof under a checkpoint of that time. By
 * these each such entry has its place in the tree, and each key the sizes for which it signs.
 *
 * A log that goes on under another name is trusted anew, by that name's own key (ADR 0028): what is walked begins there.
 *
 * @module
 */
import { utf8 } from '../bytes.ts';
import { Failure, isFailure } from '../failure.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { VerifierKey } from '../note/key.ts';
import { openSignedCheckpoint, type SignedCheckpoint, type VerifiedCheckpoint } from '../tlog/checkpoint.ts';
import { type Entry, parseEntry } from '../tlog/entry.ts';
import { parseTlogProof } from '../tlog/proof.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import { foldLog, readLogState } from './fold-log.ts';
import type { LogState } from './log.ts';
import { LOG_KEY_STEPS, type LogKeySpan, signs, spansAfter } from './log-key-spans.ts';
import { type OpenedSlice, openSlice, verifySliceSignatures } from './open-slice.ts';
import { type OriginSpan, originsOf, requirePlaces } from './origins.ts';
import type { FollowableSlice } from './receipt.ts';

export interface FollowedLog {
  /** The log's own state, as of the slice's last entry. */
  readonly log: LogState;
  /** Every log key that it names, and for which sizes it signs. */
  readonly spans: readonly LogKeySpan[];
  /** What the slice's last entry is proven under, and who signed it. */
  readonly checkpoint: VerifiedCheckpoint;
  readonly signers: readonly VerifierKey[];
}

/** Whether a checkpoint that these keys signed is believed, by more than their signatures. */
export type Counts = (note: string, signers: readonly VerifierKey[]) => Promise<boolean>;

/**
 * Verifies an attacker-controlled slice of the log's own stream against the log keys that the reader trusts, and returns what
 * it says of the log. An older slice than there is knows the older keys only.
 *
 * @param given of one log.
 * @throws {Failure} `proof_invalid`, `checkpoint_invalid`, `entry_invalid`, `receipt_invalid`, `signature_invalid`,
 *   `key_invalid`
 */
export async function followLogKeys(
  shown: FollowableSlice,
  given: readonly VerifierKey[],
  ed25519: Ed25519,
  counts: Counts = async () => true,
): Promise<FollowedLog> {
  const [first] = given;
  if (shown.stream !== LOG_STREAM || first === undefined)
    throw new Failure('proof_invalid', `not the stream ${LOG_STREAM}`);
  const walk = new Walk(shown, ed25519);
  const believed = await walk.reach(given, counts);
  const { whole, steps, spans, note } = await walk.place(believed);
  if (!spans.some(({ key }) => given.some((each) => isSame(each, key)))) {
    throw new Failure('entry_invalid', 'the log names other log keys than the trusted one');
  }
  for (const signed of [...steps.map((each) => each.signed), note]) requireInSpan(spans, signed);
  const log = foldLog(whole.entries);
  await verifySliceSignatures(ed25519, log, shown, whole);
  const { checkpoint, signers } = note;
  return { log, spans, checkpoint, signers: signers.filter((key) => signedWithin(spans, key, checkpoint.size)) };
}

/** An entry about a log key, or the last entry, with the beginning of the slice that it ends. */
interface Place {
  /** How many entries that beginning has. */
  readonly count: number;
  readonly proof: string;
  readonly note: string;
}

interface OpenedPlace {
  readonly opened: OpenedSlice;
  readonly signed: SignedCheckpoint;
}

class Walk {
  readonly #shown: FollowableSlice;
  readonly #origins: readonly OriginSpan[];
  readonly #ed25519: Ed25519;
  readonly #steps: readonly Place[];
  readonly #whole: Place;

  constructor(shown: FollowableSlice, ed25519: Ed25519) {
    this.#shown = shown;
    // Read before anything is verified: every slice is judged by the names.
    this.#origins = originsOf(readLogState(shown.entries));
    this.#ed25519 = ed25519;
    const placeOf = (count: number, proof: string) => ({ count, proof, note: parseTlogProof(proof).checkpoint });
    const { entries, key_steps = [], proof } = shown;
    const counts = stepsIn(entries.map((text) => parseEntry(utf8(text))));
    if (counts.length !== key_steps.length) {
      throw new Failure('proof_invalid', 'want a proof of each entry about a log key, and of no other');
    }
    this.#steps = counts.map((count, at) => placeOf(count, key_steps[at] as string));
    this.#whole = placeOf(entries.length, proof);
  }

  /** Goes on from key to key until the whole slice stands under one that is believed; returns all that it names. */
  async reach(given: readonly VerifierKey[], counts: Counts): Promise<readonly VerifierKey[]> {
    let believed = given;
    const left = new Set([...this.#steps, this.#whole]);
    for (;;) {
      const reached = await this.#firstOf([...left], believed, counts);
      left.delete(reached.place);
      believed = distinct([...believed, ...namedIn(reached.opened)]);
      if (reached.place === this.#whole) return believed;
    }
  }

  /** The first place that a believed key signed. The last one is tried first: mostly there is nothing to follow. */
  async #firstOf(places: readonly Place[], believed: readonly VerifierKey[], counts: Counts) {
    let why: Failure | undefined;
    for (const place of places.toReversed()) {
      try {
        const { signed, opened } = await this.#open(place, believed);
        if (await counts(place.note, signed.signers)) return { place, opened };
        why ??= new Failure('checkpoint_invalid', 'only a log key that was in other hands vouches for it');
      } catch (failure) {
        if (!isFailure(failure, 'signature_invalid')) throw failure;
        why ??= failure;
      }
    }
    throw why ?? new Failure('signature_invalid', 'no trusted log key leads to it');
  }

  /** All places opened under what is believed in the end, and the spans that follow. */
  async place(believed: readonly VerifierKey[]) {
    const steps: OpenedPlace[] = [];
    for (const each of this.#steps) steps.push(await this.#open(each, believed));
    const { opened: whole, signed: note } = await this.#open(this.#whole, believed);
    requirePlaces(whole.entries, whole.index);
    const places = [...steps.map(({ opened }) => opened), whole];
    for (const [at, { index, entries }] of places.entries()) {
      const before = places[at - 1];
      if (before === undefined) continue;
      // The last entry may itself be about a log key: then it is proven twice, and at one place.
      const apart = entries.length - before.entries.length;
      if (apart === 0 ? index !== before.index : index < before.index + apart) {
        throw new Failure('proof_invalid', 'the entries about log keys are not in their order in the tree');
      }
    }
    let spans = spansOfName(whole.entries);
    for (const { opened } of steps) {
      spans = spansAfter(spans, opened.entries.at(-1) as Entry, opened.index);
    }
    return { whole, steps, spans, note };
  }

  async #open({ count, proof, note }: Place, believed: readonly VerifierKey[]): Promise<OpenedPlace> {
    const signed = await openSignedCheckpoint(note, believed, this.#ed25519);
    const beginning = { ...this.#shown, entries: this.#shown.entries.slice(0, count), proof };
    return { signed, opened: openSlice(beginning, this.#origins, signed.checkpoint) };
  }
}

/** Where the log's own stream begins, under its present name. */
function beginningOf(entries: readonly Entry[]): number {
  return Math.max(
    entries.findLastIndex(({ type }) => type === 'log.continued'),
    0,
  );
}

/** The places behind the entries about the log keys of its present name, in the log's own stream. */
export function stepsIn(entries: readonly Entry[]): readonly number[] {
  const beginning = beginningOf(entries);
  return entries.flatMap(({ type }, at) => (at > beginning && LOG_KEY_STEPS.includes(type) ? [at + 1] : []));
}

/** Of the key that its present name begins with. */
function spansOfName(entries: readonly Entry[]): readonly LogKeySpan[] {
  const beginning = entries[beginningOf(entries)] as Entry;
  // What the entry itself says of its index, its judgement compares with the tree (log-continued.ts).
  return spansAfter([], beginning, beginning.type === 'log.continued' ? Number(beginning.body['size']) : 0);
}

/** The log keys that the beginning of the log's own stream names, of its present name. */
function namedIn({ entries }: OpenedSlice): readonly VerifierKey[] {
  let spans = spansOfName(entries);
  const name = spans[0]?.key.name;
  for (const count of stepsIn(entries)) spans = spansAfter(spans, entries[count - 1] as Entry, count - 1);
  if (spans.some(({ key }) => key.name !== name)) throw new Failure('key_invalid', 'a log key of another log');
  return spans.map(({ key }) => key);
}

/** A key that had ended, or had not taken over, signs nothing that counts, whoever has it. */
function requireInSpan(spans: readonly LogKeySpan[], { checkpoint, signers }: SignedCheckpoint): void {
  if (signers.some((key) => signedWithin(spans, key, checkpoint.size))) return;
  throw new Failure('checkpoint_invalid', 'it is signed by a log key that had ended by then, or had not taken over');
}

function signedWithin(spans: readonly LogKeySpan[], signer: VerifierKey, size: number): boolean {
  return spans.some((span) => isSame(span.key, signer) && signs(span, size));
}

function distinct(keys: readonly VerifierKey[]): readonly VerifierKey[] {
  return keys.filter((key, at) => keys.findIndex((each) => isSame(each, key)) === at);
}

/** Of one log: an id of four bytes tells its keys apart, since it adds none that shares one (log-key.ts). */
function isSame(a: VerifierKey, b: VerifierKey): boolean {
  return a.name === b.name && a.keyId === b.keyId && a.publicKey.every((byte, at) => byte === b.publicKey[at]);
}
