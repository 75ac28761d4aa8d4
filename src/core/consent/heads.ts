/**
 * The stream `heads`: the root over the heads of all streams, as of an earlier size that it names. The ledger makes it by
 * itself. Whether the root is right, no stream's state tells: the audit computes it again.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { hash, integer, record, type ShapeOf } from '../shape.ts';
import { HEADS_STREAM } from '../tlog/stream.ts';
import type { Rule } from './rule.ts';

/** How many entries there may be between a size and the entry that records its heads: the audit looks back no further. */
export const HEADS_SPAN_MAX = 65_536;

const recordedInput = record({
  size: integer(1, Number.MAX_SAFE_INTEGER),
  /** Over JCS([stream, seq, leaf]) of each, sorted by stream. */
  root: hash,
  /** How many streams there were. */
  streams: integer(1, Number.MAX_SAFE_INTEGER),
});
export type HeadsRecorded = ShapeOf<typeof recordedInput>;

export type HeadsState = HeadsRecorded & { readonly at: number };

export const headsRecorded: Rule<HeadsRecorded, HeadsState> = {
  auth: [],
  input: recordedInput,
  outcome: [],
  parts: {},
  needs: () => [],
  reads: () => [],
  decide({ size }, { view, stream }) {
    const last = view.state(HEADS_STREAM) as HeadsState | undefined;
    if (stream !== HEADS_STREAM) throw new Failure('entry_invalid', 'heads are recorded in their own stream');
    if (last !== undefined && size <= last.size)
      throw new Failure('already_there', 'heads of a later size are recorded');
    return {};
  },
  evolve: (_state, { body, time }) => ({ size: body.size, root: body.root, streams: body.streams, at: time }),
};
