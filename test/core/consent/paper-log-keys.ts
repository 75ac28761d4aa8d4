/** A paper ledger whose log key is exchanged, its checkpoints, and what a receipt shows of the exchange. */
import { parseUtf8, toBase64Url, utf8 } from '#core/bytes.ts';
import { LOG_OVERLAP_MS_MIN, logKeyPossessionBytes } from '#core/consent/log-key.ts';
import { LOG_KEY_STEPS, type LogKeySpan, signersAt, spansAfter } from '#core/consent/log-key-spans.ts';
import { type FollowableSlice, formatReceipt } from '#core/consent/receipt.ts';
import type { Command } from '#core/consent/rules.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatVkey, type VerifierKey, verifierKey } from '#core/note/key.ts';
import { formatNote, type NoteSignature, parseNote } from '#core/note/note.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { cosign } from '#core/tlog/cosignature.ts';
import { parseInclusionProof } from '#core/tlog/inclusion.ts';
import { formatTlogProof, parseTlogProof } from '#core/tlog/proof.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { parseIndex, parseSize } from '#core/tlog/tree.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import type { PaperWitness } from '../../support/cosigned.ts';
import { naiveTree } from '../tlog/naive.ts';
import { calledByKeeper, type Line, LOG, type Paper } from './paper-ledger.ts';
import { type Keys, keysOf, type Parts, receiptOf, signLeaf } from './paper-receipt.ts';

/** The first is the one that entry 0 names. */
export interface LogKeyRow {
  readonly key: SigningKey;
  readonly vkey: VerifierKey;
  readonly text: string;
}

export const own: Keys = await keysOf(40);

export async function rowOf(seed: number, name: string = LOG): Promise<LogKeyRow> {
  const key = await nativeEd25519.importSeed(new Uint8Array(32).fill(seed));
  const vkey = verifierKey(name, key.publicKey);
  return { key, vkey, text: formatVkey(vkey) };
}

export const rows: readonly LogKeyRow[] = [
  { key: own.log, vkey: own.vkey, text: own.texts.log_key },
  ...(await Promise.all([180, 181, 182].map((seed) => rowOf(seed)))),
];

export const textOf = (at: number): string => (rows[at] as LogKeyRow).text;
export const vkeyOf = (at: number): VerifierKey => (rows[at] as LogKeyRow).vkey;

const about = (type: Command['type'], input: object): Command =>
  ({ type, stream: LOG_STREAM, input: { ...calledByKeeper(), ...input } }) as unknown as Command;

export async function addsKey(row: LogKeyRow, change: object = {}): Promise<Command> {
  const possession = toBase64Url(await row.key.sign(logKeyPossessionBytes(LOG, row.text)));
  return about('log.log_key_added', { vkey: row.text, possession, ...change });
}
export const adds = (at: number, change: object = {}): Promise<Command> => addsKey(rows[at] as LogKeyRow, change);
export const switches = (at: number, now: number, change: object = {}): Command =>
  about('log.log_key_switched', { vkey: textOf(at), until: now + LOG_OVERLAP_MS_MIN, ...change });
export const retires = (at: number, change: object = {}): Command =>
  about('log.log_key_retired', { vkey: textOf(at), ...change });
export const compromises = (at: number, since: number, change: object = {}): Command =>
  about('log.log_key_compromised', { vkey: textOf(at), since, ...change });

export function spansOf(paper: Paper): readonly LogKeySpan[] {
  let spans: readonly LogKeySpan[] = [];
  for (const { entry, index } of paper.lines) spans = spansAfter(spans, entry, index);
  return spans;
}

export interface Shown {
  /** Of the tree; by default all of it. */
  readonly size?: number;
  /** Who signs the checkpoint of a size; by default those who do. */
  readonly signers?: (size: number) => readonly number[];
  /** Under the checkpoint of which size an entry of the index is proven; by default of the first that holds it. */
  readonly stepSize?: (index: number) => number;
  /** Who cosigns the checkpoint of a size, and when, in seconds. */
  readonly cosigners?: (size: number) => readonly (readonly [PaperWitness, number])[];
}

export async function noteOf(paper: Paper, size: number, { signers, cosigners }: Shown = {}): Promise<string> {
  const tree = naiveTree(paper.lines.map((line) => line.leaf));
  const ids = signersAt(spansOf(paper), size).map(({ keyId }) => keyId);
  const signing =
    signers?.(size).map((at) => rows[at] as LogKeyRow) ?? rows.filter(({ vkey }) => ids.includes(vkey.keyId));
  const keys = signing.map(({ key }) => key) as unknown as readonly [SigningKey, ...SigningKey[]];
  const note = await signCheckpoint({ origin: LOG, size: parseSize(size), root: tree.root(size) }, ...keys);
  const { text, signatures } = parseNote(note);
  const lines: NoteSignature[] = [];
  for (const [{ vkey, key }, time] of cosigners?.(size) ?? []) lines.push(await cosign(text, vkey.cosigner, key, time));
  return formatNote({ text, signatures: [...signatures, ...lines] });
}

async function proofOf(paper: Paper, index: number, size: number, shown: Shown): Promise<string> {
  const tree = naiveTree(paper.lines.map((line) => line.leaf));
  const proof = parseInclusionProof(tree.inclusion(index, size));
  return formatTlogProof({ index: parseIndex(index), proof, checkpoint: await noteOf(paper, size, shown) });
}

/** What `GET /v1/log/keys` says under the checkpoint of a size. */
export async function followable(paper: Paper, shown: Shown = {}): Promise<FollowableSlice> {
  const { size = paper.lines.length, stepSize = (index) => index + 1 } = shown;
  const lines = paper.lines.filter(({ entry, index }) => entry.stream === LOG_STREAM && index < size);
  const steps = lines.filter(({ entry }) => LOG_KEY_STEPS.includes(entry.type));
  const key_steps = await Promise.all(steps.map(({ index }) => proofOf(paper, index, stepSize(index), shown)));
  return {
    stream: LOG_STREAM,
    entries: lines.map(({ bytes }) => parseUtf8(bytes)),
    signatures: await Promise.all(lines.map(({ leaf }) => signLeaf(own, leaf))),
    proof: await proofOf(paper, (lines.at(-1) as Line).index, size, shown),
    ...(key_steps.length === 0 ? {} : { key_steps }),
  };
}

/** The receipt of an access under the checkpoint of a size, with what leads to who signed that. */
export async function followedReceipt(paper: Paper, access: Line, shown: Shown = {}): Promise<Parts> {
  const { size = paper.lines.length } = shown;
  const parts = await receiptOf(paper, own, access, { size });
  const checkpoint = await noteOf(paper, size, shown);
  const under = (proof: string) => formatTlogProof({ ...parseTlogProof(proof), checkpoint });
  const slices = parts.slices.map((slice) => ({ ...slice, proof: under(slice.proof) }));
  const log_keys = await followable(paper, shown);
  return { ...parts, slices, ...(log_keys.key_steps === undefined ? {} : { log_keys }) };
}

export function fileOf(parts: Parts): Uint8Array<ArrayBuffer> {
  return utf8(formatReceipt(parts));
}
