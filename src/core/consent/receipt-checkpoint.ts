/** The one checkpoint that all proofs of a receipt stand under. */
import { equalBytes } from '../bytes.ts';
import { Failure } from '../failure.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { VerifierKey } from '../note/key.ts';
import { openSignedCheckpoint, type SignedCheckpoint, type VerifiedCheckpoint } from '../tlog/checkpoint.ts';
import { parseTlogProof } from '../tlog/proof.ts';
import type { Receipt } from './receipt.ts';

/** Two signed trees of one log that can't both be: evidence against its keeper. */
export class Divergence extends Failure {}

/**
 * @param vkeys of one log: where one key took over from another, either is believed.
 * @throws {Failure} `checkpoint_invalid`, `proof_invalid`, `receipt_invalid`; {@link Divergence}
 */
export async function openReceiptCheckpoint(
  receipt: Receipt,
  vkeys: readonly VerifierKey[],
  ed25519: Ed25519,
): Promise<SignedCheckpoint> {
  const notes = checkpointNotesOf(receipt);
  const opened = await Promise.all(notes.map((note) => openSignedCheckpoint(note, vkeys, ed25519)));
  refuseDiverged(opened.map(({ checkpoint }) => checkpoint));
  const [first, ...rest] = opened;
  if (first === undefined) throw new Failure('receipt_invalid', 'the receipt has no slice');
  if (rest.length > 0) throw new Failure('receipt_invalid', 'its proofs stand under different checkpoints');
  return first;
}

/** The notes of all checkpoints that a receipt shows, each once: of one that holds, just one. @throws {Failure} `proof_invalid` */
export function checkpointNotesOf(receipt: Receipt): readonly string[] {
  const proofs = [
    ...receipt.slices,
    ...[receipt.erasure, receipt.continued].filter((slice) => slice !== undefined),
    ...(receipt.evidence?.keys ?? []).flatMap((key) => [key, key.identifier ?? []].flat()),
    ...(receipt.log_keys === undefined ? [] : [receipt.log_keys]),
  ];
  return [...new Set(proofs.map(({ proof }) => parseTlogProof(proof).checkpoint))];
}

/** The note of a receipt that was opened: then all its proofs stand under this one. */
export function checkpointNoteOf({ slices: [slice] }: Receipt): string {
  if (slice === undefined) throw new Failure('receipt_invalid', 'the receipt has no slice');
  return parseTlogProof(slice.proof).checkpoint;
}

/** Compares all with all, before anything else is refused: this is evidence that must not get lost. */
function refuseDiverged(checkpoints: readonly VerifiedCheckpoint[]): void {
  const roots = new Map<number, VerifiedCheckpoint['root']>();
  for (const { size, root } of checkpoints) {
    if (!equalBytes(roots.get(size) ?? root, root)) {
      throw new Divergence('checkpoint_invalid', `two different trees of ${size} entries are signed: keep this file`);
    }
    roots.set(size, root);
  }
}
