import type { LogState } from '#core/consent/log.ts';
import type { Party } from '#core/consent/party.ts';
import type { StreamId } from '#core/tlog/stream.ts';

/** Parties as they were last read: enough to verify a signature, never to decide. The lock checks each key again. */
export interface PartyMemory {
  get(stream: StreamId): Remembered | undefined;
  set(stream: StreamId, party: Remembered): void;
}

export interface Remembered {
  readonly party: Party;
  /** The log as it was then: how often it was continued says which keys count. */
  readonly log: LogState | undefined;
}

const REMEMBERED_MAX = 1_024;

export function rememberParties(): PartyMemory {
  const known = new Map<StreamId, Remembered>();
  return {
    get: (stream) => known.get(stream),
    set(stream, party) {
      known.delete(stream);
      known.set(stream, party);
      if (known.size > REMEMBERED_MAX) known.delete(known.keys().next().value as StreamId);
    },
  };
}
