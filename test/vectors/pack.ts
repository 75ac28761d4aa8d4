/**
 * The law of the golden ledgers: the catalogue of the story, a rule that it meets, and one that only marks. Made up, and
 * small, so that what this project ships may change beside it.
 */
import type { Pack } from '#core/pack/pack.ts';
import type { PackId } from '#core/pack/word.ts';
import { paperPack, withRules } from '../core/pack/paper-pack.ts';

const EMPTY = paperPack({ retention: [], profiles: [], templates: [] });
const [ITEM] = EMPTY.items as [Pack['items'][number]];
const [PURPOSE] = EMPTY.purposes as [Pack['purposes'][number]];
const ANY = { actions: null, subjects: null, item_kinds: null, purpose_kinds: null, bases: null, regions: null };

export const GOLDEN_PACK: Pack = {
  ...EMPTY,
  id: 'golden' as PackId,
  items: ['basic', 'credit_info', 'credit_report', 'line', 'repayment', 'adverse'].map((id) => ({ ...ITEM, id })),
  purposes: [
    { ...PURPOSE, id: 'loan_apply', kind: 'application' },
    { ...PURPOSE, id: 'post_loan', kind: 'post_loan' },
    { ...PURPOSE, id: 'guarantor', kind: 'guarantor' },
    { ...PURPOSE, id: 'credit_reporting', kind: 'reporting' },
  ],
  // The year in which they are made, without a holiday.
  calendar: { years: [{ year: 2026, evidence: 'rec', holidays: [], workdays: [] }] },
  rules: withRules(
    { id: 'G-1', applies: ANY, require: 'of_age_or_guardian', otherwise: { deny: 'CAPACITY' } },
    { id: 'G-2', applies: ANY, require: 'party_licensed', otherwise: { deny: 'PARTY' } },
    { id: 'G-3', applies: { ...ANY, purpose_kinds: ['post_loan'] }, require: 'live_facility', otherwise: { deny: 'NOFACILITY' } },
    { id: 'G-4', applies: ANY, require: 'never', otherwise: { flag: 'review' }, severity: 'warning' },
    { id: 'G-5', applies: { ...ANY, actions: ['QUERY'] }, require: 'never', otherwise: { oblige: 'feedback_due' }, severity: 'warning' },
  ).rules,
};
