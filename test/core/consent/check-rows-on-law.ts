/** What the checks deny that look at an access on law instead of a grant, in the form of check-rows.ts. */
import type { OpenAccess } from '#core/consent/relationship.ts';
import { DAY_LATER, lawful, type Row, STRANGE, withOpen, withParty } from './check-rows.ts';
import { CATALOGUE, inForce } from './paper-catalogue.ts';
import { BUREAU, calledBy, LENDER, OTHER_BUREAU, sealedBy, TODAY } from './paper-ledger.ts';

/** A court's query, and the permit of one that is out. */
const COURT = { purpose: 'court_order', ground: { basis: 'judicial', reference: true }, ...sealedBy(LENDER) } as const;
const OUT_ON_LAW = { grant: null, ground: COURT.ground, purpose: COURT.purpose, items: ['credit_report'] } as const;
const courtly = (...open: readonly Partial<OpenAccess>[]) => inForce(withOpen(open), CATALOGUE);

const DUP_ON_LAW: readonly Row[] = [
  [
    'DUP',
    'the same on the same basis while its permit is out',
    [courtly(OUT_ON_LAW), COURT, DAY_LATER],
    [courtly(OUT_ON_LAW), COURT, DAY_LATER + 1],
  ],
  [
    'DUP',
    'the same on the same basis, and not once the door took it',
    [courtly(OUT_ON_LAW), COURT, DAY_LATER],
    [courtly({ ...OUT_ON_LAW, redeemed_at: TODAY + 1 }), COURT, DAY_LATER],
  ],
  [
    'DUP',
    'the same; on another basis, or under a grant, it is another',
    [courtly(OUT_ON_LAW), COURT, DAY_LATER],
    [
      courtly(
        { ...OUT_ON_LAW, ground: { basis: 'statutory_duty', reference: true } },
        { purpose: 'court_order', items: ['credit_report'] },
      ),
      COURT,
      DAY_LATER,
    ],
  ],
  [
    'DUP',
    'the same of public items; where a document is named it is another',
    [
      courtly({ ...OUT_ON_LAW, items: ['court_ruling'], ground: { basis: 'public_by_law', reference: false } }),
      { ...COURT, items: ['court_ruling'], ground: { basis: 'public_by_law', reference: false }, ...calledBy(LENDER) },
      DAY_LATER,
    ],
    [
      courtly({ ...OUT_ON_LAW, items: ['court_ruling'], ground: { basis: 'public_by_law', reference: false } }),
      { ...COURT, items: ['court_ruling'], ground: { basis: 'public_by_law', reference: true } },
      DAY_LATER,
    ],
  ],
  [
    'DUP',
    'the same; of another action, purpose, item, or at another door it is another',
    [courtly(OUT_ON_LAW), COURT, DAY_LATER],
    [
      courtly(
        { ...OUT_ON_LAW, action: 'REPORT' },
        { ...OUT_ON_LAW, purpose: 'own_report' },
        { ...OUT_ON_LAW, items: ['credit_report', 'credit_info'] },
        { ...OUT_ON_LAW, door: OTHER_BUREAU },
      ),
      COURT,
      DAY_LATER,
    ],
  ],
];

const RECIPIENT_ON_LAW: readonly Row[] = [
  ...(['REPORT', 'PROVIDE'] as const).flatMap((action): readonly Row[] => [
    [
      'RECIPIENT',
      `a ${action} on law to whom nobody knows`,
      [lawful, { ...COURT, action, door: STRANGE }, DAY_LATER],
      [lawful, { ...COURT, action, door: BUREAU }, DAY_LATER],
    ],
    [
      'RECIPIENT',
      `a ${action} on law to who is suspended`,
      [withParty(BUREAU, { suspended_at: TODAY }, lawful), { ...COURT, action }, DAY_LATER],
      [withParty(BUREAU, { suspended_at: null }, lawful), { ...COURT, action }, DAY_LATER],
    ],
  ]),
  ...(['SCORE', 'STORE'] as const).map(
    (action): Row => [
      'RECIPIENT',
      `a ${action} on law that goes anywhere`,
      [lawful, { ...COURT, action }, DAY_LATER],
      [lawful, { ...COURT, action, door: null }, DAY_LATER],
    ],
  ),
];

export const ON_LAW: readonly Row[] = [
  [
    'SOURCE',
    'a source that is suspended, also on law',
    [withParty(BUREAU, { suspended_at: TODAY }, lawful), COURT, DAY_LATER],
    [lawful, COURT, DAY_LATER],
  ],
  ...RECIPIENT_ON_LAW,
  ...DUP_ON_LAW,
];
