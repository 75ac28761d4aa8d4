/** Objections that were not answered in time (条例 25): something to look at, like all conduct. */
import type { PartyId } from '#core/ids.ts';
import type { Entry } from '#core/tlog/entry.ts';
import type { Conduct } from './conduct.ts';

export interface ObjectionCheck {
  note(entry: Entry, index: number): void;
  /** What there is to say, as of the time of the last entry. */
  list(now: number): readonly Conduct[];
}

interface Open {
  readonly index: number;
  readonly party: PartyId;
  /** After which it is late; null: no calendar in force reached that far. */
  readonly due: number | null;
}

export function checkObjections(): ObjectionCheck {
  const open = new Map<string, Open>();
  const late: Conduct[] = [];

  return {
    note({ type, body, time }, index) {
      const objection = String(body['objection']);
      if (type === 'objection.opened') {
        open.set(objection, { index, party: body['principal'] as PartyId, due: body['due'] as number | null });
      }
      if (type !== 'objection.answered') return;
      const answered = open.get(objection);
      open.delete(objection);
      if (answered !== undefined && isLate(answered, time))
        late.push(conductOf(answered, 'it answered an objection late'));
    },
    list(now) {
      const waiting = [...open.values()].filter((each) => isLate(each, now));
      return [...late, ...waiting.map((each) => conductOf(each, 'it did not answer an objection in time'))];
    },
  };
}

function isLate({ due }: Open, now: number): boolean {
  return due !== null && now >= due;
}

function conductOf({ index, party }: Open, message: string): Conduct {
  return { code: 'unanswered', index, party, message };
}
