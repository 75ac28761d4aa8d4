/** Slices of streams as a receipt shows them, under one checkpoint. */
import { parseUtf8, toBase64Url } from '#core/bytes.ts';
import { SLICE_ENTRIES_MAX, type Slice } from '#core/consent/receipt.ts';
import { Failure } from '#core/failure.ts';
import { formatTlogProof } from '#core/tlog/proof.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { parseIndex, parseSize } from '#core/tlog/tree.ts';
import { proveInclusion } from '#ledger/tree.ts';
import type { CheckpointRow } from '#store/checkpoints.ts';
import { loadSlice } from '#store/entries.ts';
import type { Tx } from '#store/schema.ts';

/**
 * A stream from its first entry to the last one that a decision could see, with the proof of that one. None of a stream that
 * had not begun.
 *
 * @throws {Failure} `limit_reached`
 */
export async function loadReceiptSlice(
  tx: Tx,
  stream: StreamId,
  indexMax: number,
  checkpoint: CheckpointRow,
): Promise<Slice | undefined> {
  const rows = await loadSlice(tx, { stream, indexMax, countMax: SLICE_ENTRIES_MAX + 1 });
  if (rows.length > SLICE_ENTRIES_MAX)
    throw new Failure('limit_reached', `a slice has ${SLICE_ENTRIES_MAX} entries at most`);
  const last = rows.at(-1);
  // A door that the caller named and nobody knows has no stream.
  if (last === undefined) return undefined;
  return {
    stream,
    entries: rows.map((row) => parseUtf8(row.bytes)),
    signatures: rows.map((row) => toBase64Url(row.signature)),
    proof: await proofText(tx, last.index, checkpoint),
  };
}

/** The `c2sp.org/tlog-proof@v1` text of one entry. */
export async function proofText(tx: Tx, at: number, checkpoint: CheckpointRow): Promise<string> {
  const index = parseIndex(at);
  const proof = await proveInclusion(tx, index, parseSize(checkpoint.size));
  return formatTlogProof({ index, proof, checkpoint: checkpoint.note });
}
