/** Streams as they were read before the lock: enough to refuse early, never to decide. */
import { epochIn } from '#core/consent/epoch.ts';
import type { View } from '#core/consent/rule.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams, type StreamRow } from '#store/streams.ts';

export function viewOf(rows: readonly StreamRow[], pack?: NonNullable<View['pack']>): View {
  const streams = new Map(rows.map((row) => [row.stream, row]));
  return {
    head: (stream) => streams.get(stream),
    state: (stream) => streams.get(stream)?.state,
    ...(pack === undefined ? {} : { pack }),
  };
}

/** How often the log was continued. */
export async function loadEpoch(tx: Tx): Promise<number> {
  return epochIn(viewOf(await loadStreams(tx, [LOG_STREAM])));
}
