/** Receipts: what the parties of an access keep, to be verified without us. */
import { parseUtf8, toBase64Url } from '#core/bytes.ts';
import { formatReceipt, SLICE_ENTRIES_MAX, type Slice } from '#core/consent/receipt.ts';
import { Failure } from '#core/failure.ts';
import type { AccessId, PartyId } from '#core/ids.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { formatTlogProof } from '#core/tlog/proof.ts';
import { LOG_STREAM, partyStream, type StreamId } from '#core/tlog/stream.ts';
import { parseIndex, parseSize } from '#core/tlog/tree.ts';
import { proveInclusion } from '#ledger/tree.ts';
import type { CheckpointRow } from '#store/checkpoints.ts';
import { type EntryRow, loadEntriesAt, loadSlice } from '#store/entries.ts';
import { loadId } from '#store/ids.ts';
import type { Tx } from '#store/schema.ts';
import { isAccess } from './accesses.ts';
import type { Context } from './context.ts';

/** How long a receipt waits for the checkpoint that covers its access. */
const PUBLISHED_WAIT_MS = 2_000;

/**
 * The receipt of an access, as the bytes of its file.
 *
 * @throws {Failure} `access_unknown`; `not_published`, if no checkpoint covers it yet; `limit_reached`, if a stream is
 *   longer than a receipt may hold.
 */
export async function accessReceipt({ ledger }: Context, access: AccessId): Promise<string> {
  const { store, publisher, origin } = ledger;
  const row = await store.read((tx) => loadAccess(tx, access));
  const checkpoint = await publisher.published(row.index + 1, PUBLISHED_WAIT_MS);
  const principal = parseEntry(row.bytes).body['principal'] as PartyId;
  const slices = await store.read(async (tx) => {
    const made: Slice[] = [];
    for (const stream of [row.stream, LOG_STREAM, partyStream(principal)]) {
      made.push(await loadReceiptSlice(tx, stream, row.index, checkpoint));
    }
    return made;
  });
  return formatReceipt({ log: origin, access, slices, opened: [] });
}

async function loadAccess(tx: Tx, access: AccessId): Promise<EntryRow> {
  const found = await loadId(tx, access);
  const row = found && (await loadEntriesAt(tx, [found.index]))[0];
  if (row === undefined || !isAccess(parseEntry(row.bytes))) throw new Failure('access_unknown', 'no such access');
  return row;
}

/** A stream from its first entry to the last one that the decision could see, with the proof of that one. */
async function loadReceiptSlice(tx: Tx, stream: StreamId, indexMax: number, checkpoint: CheckpointRow): Promise<Slice> {
  const rows = await loadSlice(tx, { stream, indexMax, countMax: SLICE_ENTRIES_MAX + 1 });
  if (rows.length > SLICE_ENTRIES_MAX)
    throw new Failure('limit_reached', `a slice has ${SLICE_ENTRIES_MAX} entries at most`);
  const index = parseIndex((rows.at(-1) as EntryRow).index);
  const proof = await proveInclusion(tx, index, parseSize(checkpoint.size));
  return {
    stream,
    entries: rows.map((row) => parseUtf8(row.bytes)),
    signatures: rows.map((row) => toBase64Url(row.signature)),
    proof: formatTlogProof({ index, proof, checkpoint: checkpoint.note }),
  };
}
