/** Receipts with cosignatures under their checkpoint, as a ledger serves them that has witnesses. */
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { formatReceipt, parseReceipt } from '#core/consent/receipt.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { type CosignerKey, cosignerKey } from '#core/note/key.ts';
import { formatNote, type NoteSignature, parseNote } from '#core/note/note.ts';
import { cosign } from '#core/tlog/cosignature.ts';
import { formatTlogProof, parseTlogProof } from '#core/tlog/proof.ts';
import { nativeEd25519 } from '../../src/native.ts';

export interface PaperWitness {
  readonly vkey: CosignerKey;
  readonly key: SigningKey;
}

export async function paperWitness(name: string, seed: number): Promise<PaperWitness> {
  const key = await nativeEd25519.importSeed(new Uint8Array(32).fill(seed));
  return { vkey: cosignerKey(name, key.publicKey), key };
}

/** The line of a witness under the checkpoint of a receipt. @param time in seconds. */
export function lineUnder(receipt: string, { vkey, key }: PaperWitness, time: number): Promise<NoteSignature> {
  return cosign(parseNote(checkpointOf(receipt)).text, vkey.cosigner, key, time);
}

/** The same receipt, with these lines under its checkpoint. */
export function withLines(receipt: string, lines: readonly NoteSignature[]): string {
  const { text, signatures } = parseNote(checkpointOf(receipt));
  const checkpoint = formatNote({ text, signatures: [...signatures, ...lines] });
  const { v: _v, ...parts } = parseReceipt(utf8(receipt));
  const under = (proof: string) => formatTlogProof({ ...parseTlogProof(proof), checkpoint });
  return formatReceipt({ ...parts, slices: parts.slices.map((slice) => ({ ...slice, proof: under(slice.proof) })) });
}

/** The same receipt, cosigned by these witnesses at these times, in seconds. */
export async function cosignedBy(
  receipt: string | Uint8Array,
  ...by: readonly (readonly [witness: PaperWitness, time: number])[]
): Promise<string> {
  const text = typeof receipt === 'string' ? receipt : parseUtf8(receipt);
  return withLines(text, await Promise.all(by.map(([witness, time]) => lineUnder(text, witness, time))));
}

/** The note of the one checkpoint that a receipt stands under. */
export function checkpointOf(receipt: string): string {
  return parseTlogProof(parseReceipt(utf8(receipt)).slices[0]?.proof ?? '').checkpoint;
}
