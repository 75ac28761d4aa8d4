/**
 * The states that a batch works on: what was read under the lock, and on top what the batch itself has decided.
 *
 * @module
 */
import { assert } from '#core/assert.ts';
import type { JsonObject } from '#core/canonical.ts';
import type { View } from '#core/consent/rule.ts';
import type { StreamHead } from '#core/tlog/chain.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import type { StreamChange, StreamRow } from '#store/streams.ts';

export interface StreamState extends StreamHead {
  readonly state: JsonObject;
}

/** A view that can be written to, and thrown away without a trace. */
export interface WorkingView extends View {
  set(stream: StreamId, state: StreamState): void;
  /** A view on top of this one, for one write: what it sets is not seen below until it is kept. */
  fork(): WorkingView & { keep(): void };
  /** What was set on this very view. */
  changes(): readonly StreamChange[];
}

/** Builds the view of a batch. Asking for a stream that was not touched is a mistake of ours. */
export function workingView(
  rows: readonly StreamRow[],
  touched: ReadonlySet<StreamId>,
  pack: NonNullable<View['pack']>,
): WorkingView {
  const loaded = new Map<StreamId, StreamState>(rows.map((row) => [row.stream, row]));
  return overlay((stream) => {
    assert(touched.has(stream), `a batch reads only what it touched, and ${stream.split('/')[0]} was not`);
    return loaded.get(stream);
  }, pack);
}

function overlay(below: (stream: StreamId) => StreamState | undefined, pack: NonNullable<View['pack']>): WorkingView {
  const own = new Map<StreamId, StreamState>();
  const find = (stream: StreamId) => own.get(stream) ?? below(stream);
  const set = (stream: StreamId, state: StreamState) => {
    own.set(stream, state);
  };
  return {
    head: find,
    state: (stream) => find(stream)?.state,
    pack,
    set,
    fork() {
      const above = overlay(find, pack);
      return {
        ...above,
        keep: () => {
          for (const { stream, seq, leaf, state } of above.changes()) set(stream, { seq, leaf, state });
        },
      };
    },
    changes: () =>
      [...own].map(([stream, { seq, leaf, state }]) => ({
        stream,
        seq,
        leaf,
        state,
        folded: state !== below(stream)?.state,
      })),
  };
}
