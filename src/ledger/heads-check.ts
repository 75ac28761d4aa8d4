/**
 * The audit of recorded heads: the root over where every stream ended at a size, computed again out of the replay, by going
 * back from where it stands.
 *
 * @module
 */
import { HEADS_SPAN_MAX, type HeadsRecorded } from '#core/consent/heads.ts';
import { hashText } from '#core/hash.ts';
import type { StreamHead } from '#core/tlog/chain.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { rootOfHeads } from '#core/tlog/heads.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import type { Replay } from './replay.ts';

export interface HeadsCheck {
  /** Looks at an entry before it is folded in, and says what is wrong with the heads that it records. */
  note(replay: Replay, entry: Entry, index: number): string | undefined;
}

/** What an entry moved on. */
interface Step {
  readonly index: number;
  readonly stream: StreamId;
  readonly before: StreamHead | undefined;
}

export function checkHeads(): HeadsCheck {
  let steps: Step[] = [];
  return {
    note(replay, entry, index) {
      const wrong = entry.type === 'heads.recorded' ? judge(replay, entry, index, steps) : undefined;
      steps.push({ index, stream: entry.stream, before: replay.head(entry.stream) });
      if (steps.length > 2 * HEADS_SPAN_MAX) steps = steps.slice(-HEADS_SPAN_MAX);
      return wrong;
    },
  };
}

function judge(replay: Replay, entry: Entry, index: number, steps: readonly Step[]): string | undefined {
  const { size, root, streams } = entry.body as HeadsRecorded;
  if (!(size <= index)) return 'it records heads of entries that come after it';
  if (index - size > HEADS_SPAN_MAX) return `it records heads of more than ${HEADS_SPAN_MAX} entries before it`;
  const heads = headsAt(replay, size, steps);
  if (heads.size === streams && hashText(rootOfHeads(heads)) === root) return undefined;
  return `the heads of all streams at ${size} entries are not those that it records`;
}

/** Undoes the steps since, the last one first. */
function headsAt(replay: Replay, size: number, steps: readonly Step[]): ReadonlyMap<StreamId, StreamHead> {
  const heads = new Map<StreamId, StreamHead>(replay.streams);
  for (let at = steps.length - 1; at >= 0; at--) {
    const { index, stream, before } = steps[at] as Step;
    if (index < size) break;
    if (before === undefined) heads.delete(stream);
    else heads.set(stream, before);
  }
  return heads;
}
