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

describe('an objection', () => {
  it.each([
    ['is nothing to say of in its time', { now: DUE - 1 }, []],
    ['is unanswered from the moment of its end on', { now: DUE }, [WAITING]],
    ['is nothing to say of, once answered in time', { answeredAt: DUE - 1, now: 2 * DUE }, []],
    ['stays a finding, answered at the moment of its end or later', { answeredAt: DUE, now: DUE }, [LATE]],
    ['is never late where no calendar said when', { due: null, now: Number.MAX_SAFE_INTEGER }, []],
    ['is never late where no calendar said when, answered or not', { due: null, answeredAt: 9e15, now: 9e15 }, []],
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
