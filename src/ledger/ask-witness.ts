/**
 * One conversation with one witness (C2SP tlog-witness): it is asked to cosign a checkpoint, from the size that it is
 * believed to be at. Told that it is at another, it is asked again from there.
 *
 * @module
 */
import { Failure, isFailure } from '#core/failure.ts';
import type { Hash } from '#core/hash.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { CosignerKey } from '#core/note/key.ts';
import { type NoteSignature, parseNote, parseSignatureLines } from '#core/note/note.ts';
import { formatAddCheckpoint, parseSizeAnswer, SIZE_MEDIA_TYPE } from '#core/tlog/add-checkpoint.ts';
import { openCosignatures } from '#core/tlog/cosignature.ts';
import type { Size } from '#core/tlog/tree.ts';

/** Sends one request to a witness. Follows no redirect; throws where no answer came, or one that is too long. */
export type CallWitness = (request: WitnessRequest, signal: AbortSignal) => Promise<WitnessAnswer>;

export interface WitnessRequest {
  readonly url: string;
  /** Undefined: it is only read. */
  readonly body?: string;
}

export interface WitnessAnswer {
  readonly status: number;
  /** Without its parameters; null: none. */
  readonly mediaType: string | null;
  readonly body: string;
}

export interface Question {
  readonly url: string;
  readonly key: CosignerKey;
  readonly size: Size;
  readonly note: string;
  /** The size that the witness cosigned last, as far as is known; 0: none. */
  readonly oldSize: Size;
  /** The size of the largest tree that was ever signed here. */
  readonly signedSize: Size;
}

export interface Means {
  readonly call: CallWitness;
  readonly prove: (oldSize: Size, size: Size) => Promise<readonly Hash[]>;
  readonly ed25519: Ed25519;
  readonly clock: () => number;
}

/** What came of it. Of what a witness says only a cosignature is believed by itself. */
export type WitnessOutcome =
  /** `forgot`: it says to be at a smaller size than it has cosigned before. Its word is worth less from then on. */
  | { readonly kind: 'cosigned'; readonly line: NoteSignature; readonly forgot: boolean }
  /** It has cosigned a larger tree than was ever signed here: this ledger was rolled back, or the witness lies. */
  | { readonly kind: 'ahead'; readonly theirSize: Size; readonly answer: WitnessAnswer }
  /** It says that this tree does not continue the one that it has cosigned: this ledger forked, or the witness lies. */
  | { readonly kind: 'contradicted'; readonly oldSize: Size; readonly answer: WitnessAnswer }
  /** It will never cosign as things are: it does not know the log, or its key. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Not now. */
  | { readonly kind: 'failed'; readonly why: string };

/** Where a witness is. */
export type WitnessPlace =
  | { readonly kind: 'at'; readonly size: Size }
  | Extract<WitnessOutcome, { readonly kind: 'contradicted' | 'refused' | 'failed' }>;

/** How far a witness's clock may be from ours. */
const CLOCKS_APART_SECONDS_MAX = 300;
/** How often a witness is told in one conversation where it is: once, unless others ask it, too. */
const QUESTIONS_MAX = 3;

/** @throws whatever `call` throws. */
export async function askWitness(question: Question, means: Means, signal: AbortSignal): Promise<WitnessOutcome> {
  const { url, size, note, signedSize } = question;
  let { oldSize } = question;
  for (let asked = 0; asked < QUESTIONS_MAX; asked++) {
    const proof = oldSize === 0 || oldSize >= size ? [] : await means.prove(oldSize, size);
    const body = formatAddCheckpoint({ oldSize, proof, checkpoint: note });
    const answer = await means.call({ url: `${url}/add-checkpoint`, body }, signal);
    if (answer.status !== 409 || answer.mediaType !== SIZE_MEDIA_TYPE) {
      return judge(question, { oldSize, forgot: oldSize < question.oldSize }, answer, means);
    }
    const theirSize = sizeIn(answer);
    if (theirSize === undefined) return failed('409 with something else than a size');
    if (theirSize > signedSize) return { kind: 'ahead', theirSize, answer };
    if (theirSize === oldSize || theirSize > size)
      return failed(`it says to be at ${theirSize}, asked from ${oldSize}`);
    oldSize = theirSize;
  }
  return failed('it says another size each time');
}

/**
 * Asks a witness where it is: about a checkpoint, as if it had cosigned that already. So it cosigns no tree that it had not.
 *
 * @throws whatever `call` throws.
 */
export async function locateWitness(
  question: Omit<Question, 'oldSize' | 'signedSize'>,
  means: Omit<Means, 'prove'>,
  signal: AbortSignal,
): Promise<WitnessPlace> {
  const { url, size, note } = question;
  const body = formatAddCheckpoint({ oldSize: size, proof: [], checkpoint: note });
  const answer = await means.call({ url: `${url}/add-checkpoint`, body }, signal);
  if (answer.status === 409 && answer.mediaType === SIZE_MEDIA_TYPE) {
    const theirSize = sizeIn(answer);
    if (theirSize === undefined || theirSize === size) return failed('409 with something else than another size');
    return { kind: 'at', size: theirSize };
  }
  const outcome = await judge(question, { oldSize: size, forgot: false }, answer, means);
  return outcome.kind === 'cosigned' ? { kind: 'at', size } : outcome;
}

async function judge(
  { key, size, note }: Pick<Question, 'key' | 'size' | 'note'>,
  { oldSize, forgot }: { readonly oldSize: Size; readonly forgot: boolean },
  answer: WitnessAnswer,
  { ed25519, clock }: Pick<Means, 'ed25519' | 'clock'>,
): Promise<Exclude<WitnessOutcome, { readonly kind: 'ahead' }>> {
  switch (answer.status) {
    case 200: {
      const line = await cosignatureIn(answer, note, key, ed25519, clock);
      return typeof line === 'string' ? failed(line) : { kind: 'cosigned', line, forgot };
    }
    case 409:
      // Version 1.0.0 of the protocol says so that it has cosigned another tree of this size.
      return oldSize === size ? { kind: 'contradicted', oldSize, answer } : failed('409 without a size');
    case 422:
      // From nothing there is nothing to contradict.
      return oldSize > 0 ? { kind: 'contradicted', oldSize, answer } : failed('422 to a first checkpoint');
    case 400:
    case 403:
    case 404:
      return { kind: 'refused', why: `status ${answer.status}` };
    default:
      return failed(`status ${answer.status}`);
  }
}

/** The witness's own line, or why there is none that counts. */
async function cosignatureIn(
  { body }: WitnessAnswer,
  note: string,
  key: CosignerKey,
  ed25519: Ed25519,
  clock: () => number,
): Promise<NoteSignature | string> {
  try {
    const { text } = parseNote(note);
    const [cosignature] = await openCosignatures({ text, signatures: parseSignatureLines(body) }, [key], ed25519);
    if (cosignature === undefined) return '200 without a cosignature by the key of the policy';
    const apart = Math.abs(cosignature.timeSeconds - clock() / 1_000);
    return apart <= CLOCKS_APART_SECONDS_MAX ? cosignature.line : `its clock is ${Math.round(apart)} s off`;
  } catch (thrown) {
    if (thrown instanceof Failure) return `200 with something else than its cosignature: ${thrown.message}`;
    throw thrown;
  }
}

function sizeIn({ body }: WitnessAnswer): Size | undefined {
  try {
    return parseSizeAnswer(body);
  } catch (thrown) {
    if (isFailure(thrown, 'input_invalid')) return undefined;
    throw thrown;
  }
}

function failed(why: string): Extract<WitnessOutcome, { readonly kind: 'failed' }> {
  return { kind: 'failed', why };
}
