/** What the checks of engine 2 deny, in the form of check-rows.ts. */
import type { View } from '#core/consent/rule.ts';
import type { SubjectKind } from '#core/consent/terms.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { DAY_LATER, lawful, type Row, STRANGE, withParty } from './check-rows.ts';
import { CATALOGUE, inForce } from './paper-catalogue.ts';
import { onReport, paper, withGrant } from './paper-grants.ts';
import {
  BUREAU,
  calledBy,
  changed,
  LENDER,
  OTHER_LENDER,
  paperId,
  partyOf,
  REPORT_GRANT,
  sealedBy,
  TODAY,
  withRoles,
} from './paper-ledger.ts';

const withoutItem = (item: string) =>
  inForce(paper, { ...CATALOGUE, items: CATALOGUE.items.filter(({ id }) => id !== item) });
const withoutPurpose = (purpose: string) =>
  inForce(paper, { ...CATALOGUE, purposes: CATALOGUE.purposes.filter(({ id }) => id !== purpose) });
const withSubjects = (...subjects: readonly SubjectKind[]) =>
  inForce(paper, { ...CATALOGUE, purposes: CATALOGUE.purposes.map((each) => ({ ...each, subjects })) });
const succeeding = (view: View) =>
  changed(view, { [partyStream(OTHER_LENDER)]: { ...partyOf(view, OTHER_LENDER), succeeds: [LENDER] } });

const selfSuspended = (to: number) =>
  changed(paper, {
    [partyStream(BUREAU)]: {
      ...partyOf(paper, BUREAU),
      self_suspended: { from: TODAY, to, compromised_since: null },
    },
  });

/** What engine 2 asks besides: how the door stands, what the packs know, and what law other bases rest on. */
export const SINCE_2: readonly Row[] = [
  [
    'EXPIRED',
    'the very instant at which the facility ends that the grant ends with',
    [withGrant({ ends: { [paperId(1)]: DAY_LATER } }, { ends_with: 'facility' }), {}, DAY_LATER],
    [withGrant({ ends: { [paperId(1)]: DAY_LATER } }, { ends_with: 'facility' }), {}, DAY_LATER - 1],
  ],
  [
    'FROZEN',
    'a grant that is contested (民法典 143–151)',
    [withGrant({ contested_at: TODAY }), {}, DAY_LATER],
    [withGrant({ contested_at: null }), {}, DAY_LATER],
  ],
  [
    'PARTY',
    'a successor that is no grantee (any more)',
    [
      succeeding(withRoles(paper, OTHER_LENDER, ['bureau'])),
      { principal: OTHER_LENDER, ...calledBy(OTHER_LENDER) },
      DAY_LATER,
    ],
    [succeeding(paper), { principal: OTHER_LENDER, ...calledBy(OTHER_LENDER) }, DAY_LATER],
  ],
  [
    'PARTY',
    'whom its successor was given a letter instead of',
    [succeeding(withGrant({ grantee: OTHER_LENDER })), {}, DAY_LATER],
    [
      succeeding(withGrant({ grantee: OTHER_LENDER })),
      { principal: OTHER_LENDER, ...calledBy(OTHER_LENDER) },
      DAY_LATER,
    ],
  ],
  [
    'SOURCE',
    'a source that suspended itself until later',
    [selfSuspended(DAY_LATER + 1), {}, DAY_LATER],
    [selfSuspended(DAY_LATER), {}, DAY_LATER],
  ],
  [
    'SOURCE',
    'a source that nobody knows, though the grant names it',
    [withGrant({}, { sources: [STRANGE, BUREAU] }), { door: STRANGE }, DAY_LATER],
    [withGrant({}, { sources: [STRANGE, BUREAU] }), { door: BUREAU }, DAY_LATER],
  ],
  [
    'SOURCE',
    'a source that is suspended (V30)',
    [withParty(BUREAU, { suspended_at: TODAY }), {}, DAY_LATER],
    [withParty(BUREAU, { suspended_at: null }), {}, DAY_LATER],
  ],
  [
    'RECIPIENT',
    'a recipient that is suspended',
    [withParty(BUREAU, { suspended_at: TODAY }), onReport, DAY_LATER],
    [withParty(BUREAU, { suspended_at: null }), onReport, DAY_LATER],
  ],
  [
    'RECIPIENT',
    'a recipient that suspended itself until later',
    [selfSuspended(DAY_LATER + 1), onReport, DAY_LATER],
    [selfSuspended(DAY_LATER), onReport, DAY_LATER],
  ],
  [
    'RECIPIENT',
    'a recipient that nobody knows, though the grant names it',
    [withGrant({}, { recipients: [STRANGE, BUREAU] }, REPORT_GRANT), { ...onReport, door: STRANGE }, DAY_LATER],
    [withGrant({}, { recipients: [STRANGE, BUREAU] }, REPORT_GRANT), onReport, DAY_LATER],
  ],
  [
    'SCOPE',
    'an item that no pack in force knows, though the grant has it',
    [withoutItem('credit_info'), { items: ['credit_info'] }, DAY_LATER],
    [withoutItem('credit_report'), { items: ['credit_info'] }, DAY_LATER],
  ],
  [
    'SCOPE',
    'no item at all, on a basis of law',
    [lawful, { items: [], purpose: 'own_report', ground: { basis: 'statutory_duty', reference: false } }, DAY_LATER],
    [lawful, { purpose: 'own_report', ground: { basis: 'statutory_duty', reference: false } }, DAY_LATER],
  ],
  [
    'PURPOSE',
    'a purpose that no pack in force knows, though it was ticked (V03)',
    [withoutPurpose('loan_apply'), {}, DAY_LATER],
    [withoutPurpose('post_loan'), {}, DAY_LATER],
  ],
  [
    'PURPOSE',
    'a purpose that the packs know for firms only',
    [withSubjects('firm'), {}, DAY_LATER],
    [withSubjects('firm', 'person'), {}, DAY_LATER],
  ],
  ...(['contract_necessary', 'statutory_duty', 'judicial'] as const).map(
    (basis): Row => [
      'BASIS',
      `${basis} without the document that it rests on (V22)`,
      [lawful, { ground: { basis, reference: false } }, DAY_LATER],
      [lawful, { ground: { basis, reference: true }, ...sealedBy(LENDER) }, DAY_LATER],
    ],
  ),
  [
    'BASIS',
    'something without a document that is not one’s own (条例 17)',
    [lawful, { purpose: 'court_order', ground: { basis: 'statutory_duty', reference: false } }, DAY_LATER],
    [lawful, { purpose: 'own_report', ground: { basis: 'statutory_duty', reference: false } }, DAY_LATER],
  ],
  [
    'BASIS',
    'one item that is not public, on its being public by law (条例 13)',
    [lawful, { items: ['court_ruling', 'basic'], ground: { basis: 'public_by_law', reference: false } }, DAY_LATER],
    [lawful, { items: ['court_ruling'], ground: { basis: 'public_by_law', reference: false } }, DAY_LATER],
  ],
];
