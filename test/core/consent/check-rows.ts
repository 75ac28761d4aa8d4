/** What each check denies: an access that it alone denies, and one that differs in just what it looks at. */
import type { Freeze } from '#core/consent/person.ts';
import type { Grant, OpenAccess } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import type { Terms } from '#core/consent/terms.ts';
import { OPEN_MAX } from '#core/consent/use.ts';
import type { PartyId } from '#core/ids.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { CATALOGUE, inForce } from './paper-catalogue.ts';
import { END, onReport, paper, withGrant } from './paper-grants.ts';
import {
  type ask,
  BUREAU,
  calledBy,
  changed,
  DAY,
  LENDER,
  MINUTE,
  OTHER_BUREAU,
  paperId,
  partyOf,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  relationshipOf,
  TODAY,
  withRoles,
} from './paper-ledger.ts';

/** A permit that is out since yesterday, and not taken. */
const OUT: OpenAccess = {
  grant: QUERY_GRANT,
  action: 'QUERY',
  purpose: 'loan_apply',
  items: ['credit_report', 'credit_info'],
  door: BUREAU,
  until: TODAY + DAY + 1,
  redeemed_at: null,
};
const TAKEN: OpenAccess = { ...OUT, redeemed_at: TODAY };

/** The standing ledger with accesses that are not settled, and the query grant changed. */
export function withOpen(
  open: readonly Partial<OpenAccess>[],
  change: Partial<Grant> = {},
  termsChange: Partial<Terms> = {},
): View {
  const view = withGrant(change, termsChange);
  const waiting = open.map((each, n): [string, OpenAccess] => [paperId(0x6000 + n), { ...OUT, ...each }]);
  return changed(view, { [REL]: { ...relationshipOf(view), open: Object.fromEntries(waiting) } });
}
const repeated = (count: number, each: Partial<OpenAccess>) => Array.from({ length: count }, () => each);

const later = (ms: number) => TODAY + ms;

export type Row = readonly [
  code: string,
  what: string,
  deny: readonly [View, Parameters<typeof ask>[0], number],
  allow: readonly [View, Parameters<typeof ask>[0], number],
];

export const DAY_LATER = later(DAY);
const HOUR = 60 * MINUTE;
export const FREEZE: Freeze = { at: TODAY, grade: 'D', signed_at: TODAY };
export const AGAIN = { items: ['credit_info', 'credit_report'] } as const;
const ELSE = { purpose: 'post_loan' } as const;
export const HOURLY = { count: 2, period_ms: HOUR } as const;

const FREQUENCY: readonly Row[] = [
  [
    'FREQUENCY',
    'the third use within the period; what was used just a period ago counts no more',
    [withGrant({ recent: [DAY_LATER - HOUR + 1, DAY_LATER - 1] }, { frequency: HOURLY }), {}, DAY_LATER],
    [withGrant({ recent: [DAY_LATER - HOUR, DAY_LATER - 1] }, { frequency: HOURLY }), {}, DAY_LATER],
  ],
  [
    'FREQUENCY',
    'the third use, one of them by a permit that is still out',
    [withOpen([{}], { recent: [DAY_LATER - 1] }, { frequency: HOURLY }), ELSE, DAY_LATER],
    [withOpen([{}], { recent: [DAY_LATER - 1] }, { frequency: HOURLY }), ELSE, DAY_LATER + 1],
  ],
  [
    'FREQUENCY',
    'the third use by permits that are out; one of another grant is none',
    [withOpen([{}, {}], {}, { frequency: HOURLY }), ELSE, DAY_LATER],
    [withOpen([{}, { grant: REPORT_GRANT }], {}, { frequency: HOURLY }), ELSE, DAY_LATER],
  ],
];

const QUOTA: readonly Row[] = [
  [
    'QUOTA',
    'the second use of a letter for one',
    [withGrant({ used: 1 }, { uses_max: 1 }), {}, DAY_LATER],
    [withGrant({ used: 0 }, { uses_max: 1 }), {}, DAY_LATER],
  ],
  [
    'QUOTA',
    'one use more than all, one of them by a permit that is still out',
    [withOpen([{}], { used: 2 }, { uses_max: 3 }), ELSE, DAY_LATER],
    [withOpen([{}], { used: 2 }, { uses_max: 3 }), ELSE, DAY_LATER + 1],
  ],
  [
    'QUOTA',
    'one use more than all; what its door took is counted where it was spent, and not twice',
    [withOpen([TAKEN, {}], { used: 1 }, { uses_max: 2 }), ELSE, DAY_LATER],
    [withOpen([TAKEN], { used: 1 }, { uses_max: 2 }), ELSE, DAY_LATER],
  ],
  [
    'QUOTA',
    `another release while ${OPEN_MAX} wait for their settlement, of whatever grant`,
    [withOpen(repeated(OPEN_MAX, { ...TAKEN, grant: REPORT_GRANT, redeemed_at: TODAY + 1 })), {}, DAY_LATER],
    [withOpen(repeated(OPEN_MAX - 1, { ...TAKEN, grant: REPORT_GRANT, redeemed_at: TODAY + 1 })), {}, DAY_LATER],
  ],
  [
    'QUOTA',
    'another release while so many wait; those that were never settled leave after a day',
    [withOpen(repeated(OPEN_MAX, { ...TAKEN, redeemed_at: TODAY + 1 })), {}, DAY_LATER],
    [withOpen(repeated(OPEN_MAX, TAKEN)), {}, DAY_LATER],
  ],
  [
    'QUOTA',
    'another release while so many wait; what goes through no door waits for nothing',
    [withOpen(repeated(OPEN_MAX, { grant: REPORT_GRANT })), {}, DAY_LATER],
    [
      withOpen(repeated(OPEN_MAX, { grant: REPORT_GRANT }), {}, { action: 'SCORE', sources: [] }),
      { action: 'SCORE', door: null },
      DAY_LATER,
    ],
  ],
];

const DUP: readonly Row[] = [
  [
    'DUP',
    'the same again, its items in any order, while the permit is out',
    [withOpen([{}]), AGAIN, DAY_LATER],
    [withOpen([{}]), AGAIN, DAY_LATER + 1],
  ],
  [
    'DUP',
    'the same again, and not once the door took it',
    [withOpen([{}]), AGAIN, DAY_LATER],
    [withOpen([TAKEN]), AGAIN, DAY_LATER],
  ],
  [
    'DUP',
    'the same; of another purpose it is another',
    [withOpen([{}]), AGAIN, DAY_LATER],
    [withOpen([{}]), { ...AGAIN, ...ELSE }, DAY_LATER],
  ],
  [
    'DUP',
    'the same; of fewer items it is another',
    [withOpen([{}]), AGAIN, DAY_LATER],
    [withOpen([{}]), { items: ['credit_info'] }, DAY_LATER],
  ],
  [
    'DUP',
    'the same; at another door it is another',
    [withOpen([{}], {}, { sources: [BUREAU, OTHER_BUREAU] }), AGAIN, DAY_LATER],
    [withOpen([{}], {}, { sources: [BUREAU, OTHER_BUREAU] }), { ...AGAIN, door: OTHER_BUREAU }, DAY_LATER],
  ],
  [
    'DUP',
    'the same; of another action, or under another grant, it is another',
    [withOpen([{}]), AGAIN, DAY_LATER],
    [withOpen([{ action: 'REPORT' }, { grant: REPORT_GRANT }]), AGAIN, DAY_LATER],
  ],
];

/** The standing ledger with a pack in force that has no rule: its catalogue alone. */
export const lawful = inForce(paper, CATALOGUE);
export const withParty = (party: PartyId, change: object, view: View = paper) =>
  changed(view, { [partyStream(party)]: { ...partyOf(paper, party), ...change } });
export const STRANGE = paperId<PartyId>(0x99);
/** Each row differs from an allowed access in just what its code looks at. */
export const ALONE: readonly Row[] = [
  [
    'NOAUTH',
    'a grant that was never given',
    [paper, { ground: { grant: paperId(0xf9) } }, DAY_LATER],
    [paper, {}, DAY_LATER],
  ],
  [
    'NOT_YET',
    'a millisecond before the grant begins, and from then on not',
    [withGrant({}, { from: DAY_LATER }), {}, DAY_LATER - 1],
    [withGrant({}, { from: DAY_LATER }), {}, DAY_LATER],
  ],
  [
    'NOT_YET',
    'a millisecond before the grant was given',
    [withGrant({ given_at: DAY_LATER }), {}, DAY_LATER - 1],
    [withGrant({ given_at: DAY_LATER }), {}, DAY_LATER],
  ],
  ['EXPIRED', 'the very instant of its end (V07)', [paper, {}, END], [paper, {}, END - 1]],
  ['EXPIRED', 'long after its end', [paper, {}, END + 1000 * DAY], [paper, {}, END - 1]],
  [
    'REVOKED',
    'a grant taken back',
    [withGrant({ revoked_at: DAY_LATER }), {}, DAY_LATER + 1],
    [withGrant({ revoked_at: null }), {}, DAY_LATER + 1],
  ],
  [
    'REVOKED',
    'a grant taken back in the same millisecond: the order of entries decides (V07)',
    [withGrant({ revoked_at: DAY_LATER }), {}, DAY_LATER],
    [paper, {}, DAY_LATER],
  ],
  [
    'PARTY',
    'a principal that is not registered as a grantee (any more)',
    [withRoles(paper, LENDER, ['bureau']), {}, DAY_LATER],
    [withRoles(paper, LENDER, ['bureau', 'grantee']), {}, DAY_LATER],
  ],
  [
    'OPERATOR',
    'an administrator: who administers does not look (V19)',
    [paper, calledBy(LENDER, 'admin'), DAY_LATER],
    [paper, calledBy(LENDER, 'query'), DAY_LATER],
  ],
  [
    'FROZEN',
    'a grant that its subject paused',
    [withGrant({ paused: FREEZE }), {}, DAY_LATER],
    [withGrant({ paused: null }), {}, DAY_LATER],
  ],
  [
    'FROZEN',
    'everything, once its subject froze everything',
    [changed(paper, { [REL]: { ...relationshipOf(paper), frozen: FREEZE } }), {}, DAY_LATER],
    [changed(paper, { [REL]: { ...relationshipOf(paper), frozen: null } }), {}, DAY_LATER],
  ],
  [
    'ACTION',
    'another action than the one given',
    [withGrant({}, { action: 'PROVIDE' }), { action: 'STORE', door: null }, DAY_LATER],
    [withGrant({}, { action: 'STORE' }), { action: 'STORE', door: null }, DAY_LATER],
  ],
  [
    'SCOPE',
    'one item too many',
    [paper, { items: ['credit_report', 'tax'] }, DAY_LATER],
    [paper, { items: ['credit_report', 'credit_info'] }, DAY_LATER],
  ],
  ['SCOPE', 'no item at all', [paper, { items: [] }, DAY_LATER], [paper, { items: ['credit_info'] }, DAY_LATER]],
  [
    'SOURCE',
    'a source that the grant does not name',
    [paper, { door: OTHER_BUREAU }, DAY_LATER],
    [withGrant({}, { sources: [BUREAU, OTHER_BUREAU] }), { door: OTHER_BUREAU }, DAY_LATER],
  ],
  ['SOURCE', 'no source', [paper, { door: null }, DAY_LATER], [paper, { door: BUREAU }, DAY_LATER]],
  [
    'RECIPIENT',
    'a recipient that was added elsewhere later (V11)',
    [paper, { ...onReport, door: OTHER_BUREAU }, DAY_LATER],
    [paper, onReport, DAY_LATER],
  ],
  ['RECIPIENT', 'no recipient', [paper, { ...onReport, door: null }, DAY_LATER], [paper, onReport, DAY_LATER]],
  [
    'RECIPIENT',
    'a recipient of a PROVIDE that the grant does not name',
    [
      withGrant({}, { action: 'PROVIDE' }, REPORT_GRANT),
      { ...onReport, action: 'PROVIDE', door: OTHER_BUREAU },
      DAY_LATER,
    ],
    [withGrant({}, { action: 'PROVIDE' }, REPORT_GRANT), { ...onReport, action: 'PROVIDE' }, DAY_LATER],
  ],
  [
    'RECIPIENT',
    'a SCORE that goes anywhere',
    [withGrant({}, { action: 'SCORE', sources: [] }), { action: 'SCORE', door: BUREAU }, DAY_LATER],
    [withGrant({}, { action: 'SCORE', sources: [] }), { action: 'SCORE', door: null }, DAY_LATER],
  ],
  [
    'RECIPIENT',
    'a STORE that goes anywhere, even where the grant names the place',
    [withGrant({}, { action: 'STORE' }, REPORT_GRANT), { ...onReport, action: 'STORE' }, DAY_LATER],
    [withGrant({}, { action: 'STORE' }, REPORT_GRANT), { ...onReport, action: 'STORE', door: null }, DAY_LATER],
  ],
  [
    'PURPOSE',
    'a purpose that was not ticked (V03, V04)',
    [paper, { purpose: 'guarantor' }, DAY_LATER],
    [paper, { purpose: 'post_loan' }, DAY_LATER],
  ],
  [
    'EVIDENCE',
    'a query on a bare claim',
    [withGrant({ grade: 'D' }), {}, DAY_LATER],
    [withGrant({ grade: 'C' }), {}, DAY_LATER],
  ],
  [
    'EVIDENCE',
    'a report on a bare claim',
    [withGrant({ grade: 'D' }, {}, REPORT_GRANT), onReport, DAY_LATER],
    [withGrant({ grade: 'A' }, {}, REPORT_GRANT), onReport, DAY_LATER],
  ],
  [
    'EVIDENCE',
    'a grade that nobody knows',
    [withGrant({ grade: 'S' as never }), {}, DAY_LATER],
    [withGrant({ grade: 'B' }), {}, DAY_LATER],
  ],
  ...(['PROVIDE', 'SCORE', 'STORE'] as const).map((action): Row => {
    const asked = { ...onReport, action, door: action === 'PROVIDE' ? BUREAU : null };
    return [
      'EVIDENCE',
      `a ${action} on a grade that nobody knows; on a bare claim it stands`,
      [withGrant({ grade: 'S' as never }, { action }, REPORT_GRANT), asked, DAY_LATER],
      [withGrant({ grade: 'D' }, { action }, REPORT_GRANT), asked, DAY_LATER],
    ];
  }),
  ...FREQUENCY,
  ...QUOTA,
  ...DUP,
  [
    'SUBJECT',
    'what leaves by a door, of a person whom the ledger does not know any more',
    [paper, { subject: 'unknown' }, DAY_LATER],
    [paper, {}, DAY_LATER],
  ],
  [
    'SUBJECT',
    'a PROVIDE likewise; what leaves by no door stands',
    [
      withGrant({}, { action: 'PROVIDE' }, REPORT_GRANT),
      { ...onReport, action: 'PROVIDE', subject: 'unknown' },
      DAY_LATER,
    ],
    [
      withGrant({}, { action: 'SCORE' }, REPORT_GRANT),
      { ...onReport, action: 'SCORE', door: null, subject: 'unknown' },
      DAY_LATER,
    ],
  ],
  [
    'BASIS',
    'a legal basis without a pack of bases (V22)',
    [paper, { ground: { basis: 'judicial', reference: false } }, DAY_LATER],
    [paper, {}, DAY_LATER],
  ],
];
