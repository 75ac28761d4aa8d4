/**
 * A tail that was lost with the database is back: where from, up to where, what of it could not come back, and which two of
 * the keeper did it (design §7, the restore ceremony). It changes no state; the audit computes both roots again.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { hash, integer, oneOf, record, type ShapeOf } from '../shape.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import { CALL, opened } from './call.ts';
import type { LogState } from './log.ts';
import { requireKeeper } from './party.ts';
import type { Rule } from './rule.ts';

const count = integer(0, Number.MAX_SAFE_INTEGER);

const restoredInput = record({
  /** The tree that the database had been set back to. */
  from_size: count,
  from_root: hash,
  /** The tree that was put back whole: this entry stands right behind it. */
  size: count,
  root: hash,
  source: oneOf(['mirror']),
  /** Up to which size the signer remembered to have signed. Less than `size`: its memory had been set back, too. */
  signed_size: count,
  /** Parts of payloads that the tail's entries had and that no mirror holds, and in how many streams. */
  lost_parts: count,
  lost_streams: count,
  /** How many erasures the journal had, each of which was done again. */
  erasures: count,
  ...CALL,
});
export type LogRestored = ShapeOf<typeof restoredInput>;

export const logRestored: Rule<LogRestored, LogState> = {
  auth: ['http-sig'],
  input: restoredInput,
  outcome: [],
  parts: {},
  needs: () => [],
  reads: () => [],
  decide(input, { view, stream }) {
    if (stream !== LOG_STREAM) throw new Failure('entry_invalid', 'a restore is recorded in the log’s own stream');
    requireKeeper(view, input);
    if (input.size <= input.from_size) throw new Failure('entry_invalid', 'a restore puts back one entry or more');
    if (input.signed_size > input.size) {
      throw new Failure('entry_invalid', 'more is signed than was put back: the restore is not whole');
    }
    return {};
  },
  evolve: (state) => opened(state),
};
