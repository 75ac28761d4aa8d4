/**
 * The law of the golden ledgers: the catalogue of the story, a rule that it meets, and one that only marks. Made up, and
 * small, so that what this project ships may change beside it.
 */
import type { Pack } from '#core/pack/pack.ts';
import type { PackId } from '#core/pack/word.ts';
import type { Json } from '#core/canonical.ts';
import { type Clause, parseTemplate, type Template } from '#core/letter-template/template.ts';
import { TEMPLATE as PAPER } from '../core/letter-template/paper-template.ts';
import { paperPack, withRules } from '../core/pack/paper-pack.ts';

const named = (id: string) => ({ zh: `示例${id}`, en: id });
const said = (zh: string) => ({ zh, en: 'as said in Chinese' });
const EMPTY = paperPack({ retention: [], profiles: [], templates: [] });
const [ITEM] = EMPTY.items as [Pack['items'][number]];
const [PURPOSE] = EMPTY.purposes as [Pack['purposes'][number]];
const WARNED = {
  adverse_report: { zh: '逾期会作为不良信息报送，报送前事先告知。', en: 'A delay is reported as adverse, and told before.' },
  debt: { zh: '借款由您偿还，不还会上征信，也可能被起诉。', en: 'You repay the loan; otherwise it is reported, and you may be sued.' },
  scam: { zh: '任何人说不用还，都是骗局；钱会由您还。', en: 'Whoever says that you need not repay deceives you.' },
};
const [PARTY] = EMPTY.parties as [Pack['parties'][number]];
/** Who may turn out to grant the line: the lender of the story, or another bank. */
const FUNDERS = [
  { id: 'funder_a', name: { zh: '示例银行甲股份有限公司', en: 'Example Bank A' } },
  { id: 'funder_b', name: { zh: '示例银行乙股份有限公司', en: 'Example Bank B' } },
] as const;
const [QUERY, REPORT] = PAPER.clauses as [Clause, Clause];

/** The letter of the story. */
const TEMPLATE: Template = {
  ...PAPER,
  id: 'huabei_letter',
  signer: 'borrower',
  slots: {
    ...PAPER.slots,
    method: said('处理方式：电子方式'),
    retention: said('保存期限为关系结束后五年'),
    rights: said('可查阅、复制、更正、删除'),
    withdrawal: said('可随时逐项撤回'),
    contact: said('联系方式见上'),
  },
  clauses: [
    {
      ...QUERY,
      purposes: ['loan_apply', 'post_loan'],
      items: ['credit_info', 'credit_report'],
      sources: ['database'],
      warnings: ['debt', 'scam'],
    },
    {
      ...REPORT,
      purposes: ['credit_reporting'],
      items: ['basic', 'line', 'repayment', 'adverse'],
      recipients: ['database'],
      warnings: ['adverse_report', 'debt'],
      candidates: FUNDERS.map(({ id }) => id),
    },
  ],
  candidates: FUNDERS.map((funder) => ({
    ...funder,
    uscc: null,
    licence: said('示例金融许可证'),
    illustrative: true,
    evidence: 'rec',
  })),
  warnings: (['adverse_report', 'debt', 'scam'] as const).map((kind) => ({
    id: kind,
    kind,
    words: WARNED[kind],
    evidence: 'rec',
  })),
  teach_back: ['who_asked', 'who_uses', 'who_repays', 'no_repayment'].map((id) => ({ id, ask: named(id), stops: [named('stop')] })),
  screen: { ...PAPER.screen, boxes: ['query', 'report'].map((id) => ({ clauses: [id], documents: [PAPER.title] })) },
};
const ANY = { actions: null, subjects: null, item_kinds: null, purpose_kinds: null, bases: null, regions: null };

export const GOLDEN_PACK: Pack = {
  ...EMPTY,
  id: 'golden' as PackId,
  items: ['basic', 'credit_info', 'credit_report', 'line', 'repayment', 'adverse'].map((id) => ({ ...ITEM, id, name: named(id) })),
  parties: [
    { ...PARTY, id: 'database', name: { zh: '金融信用信息基础数据库', en: 'The database' } },
    ...FUNDERS.map((funder) => ({ ...PARTY, ...funder, kind: 'lender' as const })),
  ],
  templates: [parseTemplate(TEMPLATE) as Json as Pack['templates'][number]],
  purposes: [
    { ...PURPOSE, id: 'loan_apply', name: named('loan_apply'), kind: 'application' },
    { ...PURPOSE, id: 'post_loan', name: named('post_loan'), kind: 'post_loan' },
    { ...PURPOSE, id: 'guarantor', name: named('guarantor'), kind: 'guarantor' },
    { ...PURPOSE, id: 'credit_reporting', name: named('credit_reporting'), kind: 'reporting' },
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
