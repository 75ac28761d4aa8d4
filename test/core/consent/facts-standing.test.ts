/** How facts stand at a moment. */
import { describe, expect, test } from 'vitest';
import { type Facts, factsIn } from '#core/consent/facts.ts';
import { facilityStatus, spanStatus, standing } from '#core/consent/facts-standing.ts';

const NOW = 1_000_000;
const at = (facts: Partial<Facts>, now = NOW) => standing({ ...factsIn({}), ...facts }, now);

describe('how a fact stands', () => {
  test('is nothing of what there is none of', () => {
    expect(at({})).toEqual(factsIn({}));
  });

  test.each([
    [{ from: NOW + 1, to: null }, 'pending'],
    [{ from: NOW, to: null }, 'live'],
    [{ from: 0, to: NOW + 1 }, 'live'],
    [{ from: 0, to: NOW }, 'ended'],
  ] as const)('is told of a span %j: %s', (span, status) => {
    expect(spanStatus(span, NOW)).toBe(status);
    expect(facilityStatus({ ...span, closed_at: null }, NOW)).toBe(status);
    expect(facilityStatus({ ...span, closed_at: NOW + 1 }, NOW)).toBe(status);
    expect(facilityStatus({ ...span, closed_at: NOW }, NOW)).toBe('closed');
    expect(at({ signers: [{ kind: 'attorney', ...span }] }).signers).toMatchObject([{ status }]);
    const facilities = { f: { ...span, closed_at: null } };
    expect(at({ facilities }).facilities).toEqual({ f: { ...facilities.f, status } });
  });

  test.each([
    [{ due: NOW + 1, answered_at: null }, 'open'],
    [{ due: NOW, answered_at: null }, 'overdue'],
    [{ due: null, answered_at: null }, 'due_unknown'],
    [{ due: NOW - 1, answered_at: NOW }, 'answered'],
    [{ due: null, answered_at: 0 }, 'answered'],
  ] as const)('is told of an objection %j: %s', (objection, status) => {
    const objections = { o: { items: ['line'], opened_at: 0, marked_at: null, ...objection } };
    expect(at({ objections }).objections['o']).toEqual({ ...objections.o, status });
  });

  test('is told of a notice, that counts for what comes after it', () => {
    const notice = { kind: 'other', items: ['line'] } as const;
    const { notices } = at({ notices: [NOW - 1, NOW, NOW + 1].map((each) => ({ ...notice, at: each })) });
    expect(notices.map(({ status }) => status)).toEqual(['counts', 'pending', 'pending']);
  });
});
