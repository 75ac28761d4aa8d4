/**
 * Objections that were not answered in time (条例 25), or of which nobody can say whether they were: something to look
 * at, like all conduct.
 *
 * @module
 */
import { ANSWER_PERIOD } from '#core/consent/objection.ts';
import type { PartyId } from '#core/ids.ts';
import { periodEnd } from '#core/pack/period.ts';
import { dayAt } from '#core/pack/reckon.ts';
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
  readonly opened: number;
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
        const due = body['due'] as number | null;
        open.set(objection, { index, party: body['principal'] as PartyId, opened: time, due });
      }
      if (type !== 'objection.answered') return;
      const answered = open.get(objection);
      open.delete(objection);
      if (answered === undefined) return;
      if (isLate(answered, time)) late.push(conductOf(answered, 'it answered an objection late'));
      if (isDoubtful(answered, time)) late.push(unknownOf(answered, 'and it was answered after twenty days'));
    },
    list(now) {
      const waiting = [...open.values()].filter((each) => isLate(each, now));
      const unknown = [...open.values()].filter(({ due }) => due === null);
      return [
        ...late,
        ...waiting.map((each) => conductOf(each, 'it did not answer an objection in time')),
        ...unknown.map((each) => unknownOf(each, 'and it is not answered')),
      ];
    },
  };
}

function isLate({ due }: Open, now: number): boolean {
  return due !== null && now >= due;
}

/** A holiday only makes the period longer: within the plain twenty days an answer was in time in any case. */
function isDoubtful({ due, opened }: Open, answered: number): boolean {
  return due === null && answered >= periodEnd('term', dayAt(opened), ANSWER_PERIOD).end;
}

function unknownOf({ index, party }: Open, what: string): Conduct {
  const message = `until when an objection was to be answered is unknown, as no calendar in force reached so far, ${what}`;
  return { code: 'due_unknown', index, party, message };
}

function conductOf({ index, party }: Open, message: string): Conduct {
  return { code: 'unanswered', index, party, message };
}
