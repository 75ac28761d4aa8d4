/** Streams as they were read before the lock: enough to refuse early, never to decide. */
import type { View } from '#core/consent/rule.ts';
import type { StreamRow } from '#store/streams.ts';

export function viewOf(rows: readonly StreamRow[], pack?: NonNullable<View['pack']>): View {
  const streams = new Map(rows.map((row) => [row.stream, row]));
  return {
    head: (stream) => streams.get(stream),
    state: (stream) => streams.get(stream)?.state,
    ...(pack === undefined ? {} : { pack }),
  };
}
