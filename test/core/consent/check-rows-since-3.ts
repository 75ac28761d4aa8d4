/** What the checks of engine 3 deny, in the form of check-rows.ts: what nobody confirmed since the log was continued. */
import type { Grant } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { DAY_LATER, lawful, type Row } from './check-rows.ts';
import { continuedView, withContinued } from './paper-epoch.ts';
import { onReport, paper } from './paper-grants.ts';
import {
  BUREAU,
  calledBy,
  changed,
  LENDER,
  OTHER_LENDER,
  partyOf,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  relationshipOf,
} from './paper-ledger.ts';

/** Both grants confirmed, or given, in this epoch. */
function confirmed(view: View, epoch: number): View {
  const { grants, ...rest } = relationshipOf(view);
  const given = (id: string) => ({ ...(grants[id] as Grant), epoch });
  return changed(view, {
    [REL]: { ...rest, grants: { [QUERY_GRANT]: given(QUERY_GRANT), [REPORT_GRANT]: given(REPORT_GRANT) } },
  });
}

const twice = continuedView(paper, 2);
const everybody = withContinued(twice, [LENDER, BUREAU], 2);
const allowed = confirmed(everybody, 2);
const onLaw = withContinued(continuedView(lawful, 2), [LENDER, BUREAU], 2);
const relationshipAt = (epoch: number) => changed(onLaw, { [REL]: { ...relationshipOf(onLaw), epoch } });
const own = { purpose: 'own_report', ground: { basis: 'statutory_duty', reference: false } } as const;

/** Another acts for the lender, and goes on. */
function mandated(view: View): View {
  const mandates = [{ principal: LENDER, from: 0, to: null, covers: ['access'], epoch: 2 }];
  const processor = { ...partyOf(view, OTHER_LENDER), mandates };
  return withContinued(changed(view, { [partyStream(OTHER_LENDER)]: processor }), [OTHER_LENDER], 2);
}

export const SINCE_3: readonly Row[] = [
  [
    'SUSPENDED',
    'a grant of before the log was continued, even where it was confirmed once before',
    [confirmed(everybody, 1), {}, DAY_LATER],
    [allowed, {}, DAY_LATER],
  ],
  [
    'SUSPENDED',
    'an access on law in a relationship that was not confirmed since',
    [relationshipAt(1), own, DAY_LATER],
    [relationshipAt(2), own, DAY_LATER],
  ],
  [
    'PARTY',
    'a grantee that nobody vouched for since, though its processor may sign',
    [mandated(withContinued(allowed, [LENDER], 1)), calledBy(OTHER_LENDER), DAY_LATER],
    [mandated(allowed), calledBy(OTHER_LENDER), DAY_LATER],
  ],
  [
    'SOURCE',
    'a source that nobody vouched for since',
    [withContinued(allowed, [BUREAU], 1), {}, DAY_LATER],
    [allowed, {}, DAY_LATER],
  ],
  [
    'RECIPIENT',
    'a recipient that nobody vouched for since',
    [withContinued(allowed, [BUREAU], 1), onReport, DAY_LATER],
    [allowed, onReport, DAY_LATER],
  ],
];
