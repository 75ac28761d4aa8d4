/** Which objections the audit has something to say of: those whose time went by, answered since or not. */
import { describe, expect, it } from 'vitest';
import type { Entry } from '#core/tlog/entry.ts';
import { checkObjections } from '#ledger/objections.ts';

const DUE = 1_000;
const PARTY = 'a'.repeat(32);

function entry(type: string, objection: string, time: number, body: object = {}): Entry {
  return { type, time, body: { objection, principal: PARTY, ...body } } as unknown as Entry;
}

/** What is said at a time of one objection, received as number 7 and answered then or never. */
function saidOf({ due = DUE as number | null, answeredAt = null as number | null, now = 0 }) {
  const check = checkObjections();
  check.note(entry('objection.opened', 'x', 0, { due }), 7);
  check.note(entry('objection.marked', 'x', 1), 8);
  if (answeredAt !== null) check.note(entry('objection.answered', 'x', answeredAt), 9);
  return check.list(now).map(({ code, index, party, message }) => [code, index, party, message]);
}

const WAITING = ['unanswered', 7, PARTY, 'it did not answer an objection in time'];
const LATE = ['unanswered', 7, PARTY, 'it answered an objection late'];

const SAYING = 'until when an objection was to be answered is unknown, as no calendar in force reached so far, and';
const UNKNOWN = ['due_unknown', 7, PARTY, `${SAYING} it is not answered`];
const DOUBTFUL = ['due_unknown', 7, PARTY, `${SAYING} it was answered after twenty days`];
/** The end of 1970-01-21 in Asia/Shanghai: twenty days from the first. */
const PLAIN = Date.parse('1970-01-22T00:00:00+08:00');

describe('an objection', () => {
  it.each([
    ['is nothing to say of in its time', { now: DUE - 1 }, []],
    ['is unanswered from the moment of its end on', { now: DUE }, [WAITING]],
    ['is nothing to say of, once answered in time', { answeredAt: DUE - 1, now: 2 * DUE }, []],
    ['stays a finding, answered at the moment of its end or later', { answeredAt: DUE, now: DUE }, [LATE]],
    ['is of unknown end where no calendar said when, from the first moment on', { due: null, now: 1 }, [UNKNOWN]],
    ['stays so while it waits', { due: null, now: 8e15 }, [UNKNOWN]],
    [
      'is nothing to say of, answered within the plain twenty days',
      { due: null, answeredAt: PLAIN - 1, now: 8e15 },
      [],
    ],
    ['stays of unknown end, answered after them', { due: null, answeredAt: PLAIN, now: PLAIN }, [DOUBTFUL]],
  ])('%s', (_what, given, said) => {
    expect(saidOf(given)).toEqual(said);
  });

  it('is told apart from another one', () => {
    const check = checkObjections();
    check.note(entry('objection.opened', 'x', 0, { due: DUE }), 1);
    check.note(entry('objection.opened', 'y', 0, { due: DUE }), 2);
    check.note(entry('objection.answered', 'x', 1), 3);
    expect(check.list(DUE).map(({ index }) => index)).toEqual([2]);
  });
});
