/**
 * From the log key that a reader was given to those that the log has had before and since: the one walk that every reader
 * takes. A key is believed because a tree that a believed key signed holds the entry that adds it, and no other one is; so
 * what is trusted stays what the reader was given.
 *
 * What is shown is the log's own slice, and of each of its entries about log keys a proof under a checkpoint of that time. By
 * these each such entry has its place in the tree, and each key the sizes for which it signs.
 *
 * @module
 */
import { utf8 } from '../bytes.ts';
import type { JsonObject } from '../canonical.ts';
import { Failure, isFailure } from '../failure.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { VerifierKey } from '../note/key.ts';
import { openSignedCheckpoint, type SignedCheckpoint, type VerifiedCheckpoint } from '../tlog/checkpoint.ts';
import { parseEntry } from '../tlog/entry.ts';
import { parseTlogProof } from '../tlog/proof.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import type { LogState } from './log.ts';
import { LOG_KEY_STEPS, type LogKeySpan, signs, spansAfter } from './log-key-spans.ts';
import { type OpenedSlice, openSlice, verifySliceSignatures } from './open-slice.ts';
import type { FollowableSlice } from './receipt.ts';
import { commandOf, evolve } from './rules.ts';

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
  const walk = new Walk(shown, first.name, ed25519);
  const believed = await walk.reach(given, counts);
  const { whole, steps, spans, note } = await walk.place(believed);
  if (!spans.some(({ key }) => given.some((each) => isSame(each, key)))) {
    throw new Failure('entry_invalid', 'the log names other log keys than the trusted one');
  }
  for (const signed of [...steps.map((each) => each.signed), note]) requireInSpan(spans, signed);
  const log = stateOf(whole);
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
  readonly #name: string;
  readonly #ed25519: Ed25519;
  readonly #steps: readonly Place[];
  readonly #whole: Place;

  constructor(shown: FollowableSlice, name: string, ed25519: Ed25519) {
    this.#shown = shown;
    this.#name = name;
    this.#ed25519 = ed25519;
    const placeOf = (count: number, proof: string) => ({ count, proof, note: parseTlogProof(proof).checkpoint });
    const { entries, key_steps = [], proof } = shown;
    const counts = entries.flatMap((text, at) => (LOG_KEY_STEPS.includes(parseEntry(utf8(text)).type) ? [at + 1] : []));
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
    let spans = spansAfter([], whole.entries[0] as OpenedSlice['entries'][number], 0);
    for (const { opened } of steps) {
      spans = spansAfter(spans, opened.entries.at(-1) as OpenedSlice['entries'][number], opened.index);
    }
    return { whole, steps, spans, note };
  }

  async #open({ count, proof, note }: Place, believed: readonly VerifierKey[]): Promise<OpenedPlace> {
    const signed = await openSignedCheckpoint(note, believed, this.#ed25519);
    const beginning = { ...this.#shown, entries: this.#shown.entries.slice(0, count), proof };
    return { signed, opened: openSlice(beginning, this.#name, signed.checkpoint) };
  }
}

/** The log keys that the beginning of the log's own stream names. */
function namedIn({ entries }: OpenedSlice): readonly VerifierKey[] {
  let spans: readonly LogKeySpan[] = [];
  for (const [at, entry] of entries.entries()) spans = spansAfter(spans, entry, at);
  const [first] = entries;
  if (spans.some(({ key }) => key.name !== first?.log)) throw new Failure('key_invalid', 'a log key of another log');
  return spans.map(({ key }) => key);
}

function stateOf({ entries }: OpenedSlice): LogState {
  let state: JsonObject | undefined;
  for (const entry of entries) state = evolve(state, commandOf(entry).type, entry);
  return state as LogState;
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
