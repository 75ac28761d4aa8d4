/** The log's own stream under one checkpoint, with what leads from one log key to the next (core/consent/follow-log-keys.ts). */
import { stepsIn } from '#core/consent/follow-log-keys.ts';
import { LOG_KEY_STEPS, type LogKeySpan, signersAt, spansAfter } from '#core/consent/log-key-spans.ts';
import { type FollowableSlice, SLICE_ENTRIES_MAX } from '#core/consent/receipt.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { type CheckpointRow, loadCheckpointAfter } from '#store/checkpoints.ts';
import { loadSlice } from '#store/entries.ts';
import type { Tx } from '#store/schema.ts';
import { loadWitnessedAfter } from '#store/witnessed.ts';
import { loadReceiptSlice, proofText } from './receipt-slice.ts';

/** Undefined: there is no log yet. Where its key was never exchanged, it is the slice alone. @throws {Failure} `limit_reached` */
export async function loadFollowable(tx: Tx, checkpoint: CheckpointRow): Promise<FollowableSlice | undefined> {
  const indexMax = checkpoint.size - 1;
  const slice = await loadReceiptSlice(tx, LOG_STREAM, indexMax, checkpoint);
  if (slice === undefined || !slice.entries.some((text) => LOG_KEY_STEPS.some((type) => text.includes(type))))
    return slice;
  const rows = await loadSlice(tx, { stream: LOG_STREAM, indexMax, countMax: SLICE_ENTRIES_MAX });
  const entries = rows.map(({ index, bytes }) => ({ index, entry: parseEntry(bytes) }));
  let spans: readonly LogKeySpan[] = [];
  for (const { index, entry } of entries) spans = spansAfter(spans, entry, index);
  const steps = stepsIn(entries.map(({ entry }) => entry)).flatMap((count) => entries[count - 1]?.index ?? []);
  if (steps.length === 0) return slice;
  const key_steps: string[] = [];
  for (const index of steps)
    key_steps.push(await proofText(tx, index, await checkpointOf(tx, index, spans, checkpoint)));
  return { ...slice, key_steps };
}

/**
 * A checkpoint of the time of an entry: the first that holds it. A witnessed one where the same keys sign it: who takes nothing
 * of a key that was in other hands later is shown that a quorum saw this before.
 */
async function checkpointOf(
  tx: Tx,
  index: number,
  spans: readonly LogKeySpan[],
  newest: CheckpointRow,
): Promise<CheckpointRow> {
  const signed = await loadCheckpointAfter(tx, index);
  const witnessed = await loadWitnessedAfter(tx, index);
  const isOfThen = (row: CheckpointRow) => {
    const ids = signersAt(spans, row.size).map(({ keyId }) => keyId);
    return signersAt(spans, index + 1).every(({ keyId }) => ids.includes(keyId));
  };
  if (witnessed !== undefined && witnessed.size <= newest.size && isOfThen(witnessed)) return witnessed;
  return signed !== undefined && signed.size <= newest.size ? signed : newest;
}
