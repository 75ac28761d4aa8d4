/** A made-up template with a clause of every action, and grants and names to go with it. */
import type { Terms } from '#core/consent/terms.ts';
import type { GrantId, PartyId } from '#core/ids.ts';
import type { LetterNames } from '#core/letter-template/names.ts';
import { type Clause, parseTemplate, type Template } from '#core/letter-template/template.ts';
import type { Words } from '#core/letter-template/words.ts';

export const both = (zh: string, en = `${zh} (en)`): Words => ({ zh, en });

const CLAUSES = ['query', 'report', 'provide', 'score', 'store'] as const;
const ACTIONS = ['QUERY', 'REPORT', 'PROVIDE', 'SCORE', 'STORE'] as const;
const FUNDERS = ['funder1', 'funder2', 'funder3'];

function clauseOf(id: (typeof CLAUSES)[number], at: number): Clause {
  const action = ACTIONS[at] ?? 'QUERY';
  const sends = action === 'REPORT' || action === 'PROVIDE';
  const three = (kind: string) => [1, 2, 3].map((number) => `${id}_${kind}${number}`);
  return {
    id,
    action,
    purposes: three('purpose'),
    items: three('item'),
    sources: action === 'QUERY' ? three('party') : [],
    recipients: sends ? three('party') : [],
    basis: action === 'PROVIDE' ? 'separate_consent' : 'written_consent',
    necessity: 'necessary',
    why: both(`${id}之理由`),
    refusal: { blocks: true, words: both(`${id}之不同意后果`) },
    revoking: {
      stops: both(`${id}之停止`),
      closes: both(`${id}之关闭`),
      before: null,
      stays: both(`${id}之保留`),
      instead: null,
    },
    ends: both(`${id}之提前终止`),
    key: true,
    warnings: [`${id}_warning`],
    processors: id === 'report' ? ['processor'] : [],
    candidates: id === 'report' ? FUNDERS : [],
    sensitive: id === 'store' ? { necessity: both('存储之必要性'), impact: both('存储之影响') } : null,
  };
}

const slot = both('告知');

export const TEMPLATE: Template = parseTemplate({
  id: 'paper',
  version: 1,
  title: both('示例授权书', 'Example letter'),
  subject: 'person',
  signer: 'spouse',
  grantee_licence: both('示例许可'),
  slots: {
    handler: slot,
    contact: slot,
    purpose: slot,
    method: slot,
    kinds: slot,
    retention: slot,
    rights: slot,
    withdrawal: slot,
  },
  statements: { liability: both('责任由被授权人承担'), papers: both('材料不退'), reading: both('已阅读') },
  clauses: CLAUSES.map(clauseOf),
  warnings: CLAUSES.map((id) => ({
    id: `${id}_warning`,
    kind: 'adverse_report',
    words: both(`${id}之提示`),
    evidence: 'rec',
  })),
  processors: [
    { id: 'processor', name: both('示例受托有限公司'), task: both('受托报送'), illustrative: true, evidence: 'rec' },
  ],
  candidates: FUNDERS.map((id) => ({
    id,
    name: both(`〔${id}〕银行股份有限公司`),
    uscc: '91990001MA00000157',
    licence: both('示例金融许可证'),
    illustrative: true,
    evidence: 'rec',
  })),
  teach_back: [],
  screen: {
    boxes: CLAUSES.map((id) => ({ clauses: [id], documents: [both('示例授权书')] })),
    ticked: { clauses: [], purposes: [] },
    disabled: { clauses: [], purposes: [] },
    font_dp: 18,
    line_percent: 130,
    contrast_percent: 450,
    target_dp: 44,
    characters_max: 5_000,
  },
  illustrative: true,
  evidence: 'rec',
});

/** Ids of parties by their codes. */
export function partyOf(code: string): PartyId {
  const place = PARTIES.indexOf(code);
  return String(place).padStart(32, '0') as PartyId;
}

const PARTIES = TEMPLATE.clauses.flatMap((clause) => [...clause.sources, ...clause.recipients, ...clause.candidates]);

const named = (codes: readonly string[]) => Object.fromEntries(codes.map((code) => [code, both(`〔${code}〕`)]));

export const NAMES: LetterNames = {
  letter_no: '示例-2024-001',
  grantee: {
    name: both('示例银行股份有限公司'),
    uscc: '91990001MA00000157',
    licence: both('示例金融许可证'),
    contact: both('示例路一号'),
  },
  subject: {
    name: '李示例',
    id_type: both('居民身份证'),
    id_number: '9900**********0014',
    loan_card: null,
    signatory: null,
  },
  purposes: named(TEMPLATE.clauses.flatMap(({ purposes }) => purposes)),
  items: named(TEMPLATE.clauses.flatMap(({ items }) => items)),
  itemClasses: {},
  parties: Object.fromEntries(
    PARTIES.map((party) => [
      partyOf(party),
      { party, name: nameOfParty(party), uscc: null, contact: both('示例路二号') },
    ]),
  ),
};

/** A candidate is called as its template calls it. */
function nameOfParty(party: string): Words {
  return TEMPLATE.candidates.find(({ id }) => id === party)?.name ?? both(`〔${party}〕有限公司`);
}

/** Everything that a clause offers, for a time. */
export function grantOf(clause: Clause, change: Partial<Terms> = {}): Terms {
  return {
    grant: '0198abcdef0123456789abcdef012345' as GrantId,
    action: clause.action,
    purposes: clause.purposes,
    items: clause.items,
    sources: clause.sources.map(partyOf),
    recipients: clause.recipients.map(partyOf),
    from: null,
    to: Date.UTC(2027, 4, 31, 16),
    basis: clause.basis,
    necessity: clause.necessity,
    uses_max: null,
    frequency: null,
    staleness_ms: null,
    ...(clause.candidates.length === 0 ? {} : { candidates: clause.candidates.map(partyOf) }),
    ...change,
  };
}

export const GRANTS: readonly Terms[] = TEMPLATE.clauses.map((clause) => grantOf(clause));
