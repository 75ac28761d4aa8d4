/**
 * The letter of the story: query and report, each ticked separately, made by the ledger from the template of a consumer
 * credit line (packs/huabei). What the template leaves open stands here; every name and number is made up.
 *
 * @module
 */
import type { LetterSlots } from '#core/consent/letter-text.ts';
import type { PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';

const YEAR_MS = 365 * 86_400_000;

/**
 * Made-up organisations, but for the bureau's name: a template knows its sources, and the candidates for the line, by the
 * names that the packs have, so here a made-up party plays that one.
 */
export const NAMES = {
  identifier: '示例身份认证有限公司',
  lender: '示例银行甲股份有限公司',
  funder: '示例银行乙股份有限公司',
  bureau: '金融信用信息基础数据库',
} as const;

/** A made-up person: nobody living was born in 18xx, and the area 990001 is nowhere. */
export const SUBJECT = {
  id_type: 'resident_id',
  id_number: '990001189003070010',
  name: '李示例',
  phone: null,
} as const;

/** The template's id, in whichever pack has it. */
export const TEMPLATE_ID = 'huabei_letter';

/** The credit code is of the unassigned area 9900xx. */
export const SLOTS: LetterSlots = {
  letter_no: 'EX-1890-001',
  grantee: {
    uscc: '91990001MA0000103M',
    licence: { zh: '商业银行金融许可证（示例）', en: 'Financial licence of a commercial bank (example)' },
    contact: { zh: '示例路一号', en: '1 Example Road' },
  },
  subject: {
    name: SUBJECT.name,
    id_type: { zh: '居民身份证', en: 'Resident identity card' },
    id_number: '9900**********0010',
    loan_card: null,
    signatory: null,
  },
  doors: [],
};

/** What the person answers before it signs, by the template's questions. */
export const ANSWERS: Readonly<Record<string, string>> = {
  who_asked: '我自己要办',
  who_uses: '我自己用',
  who_repays: '清楚，由我还',
  no_repayment: '没有',
};

/** The parties that its clauses name. */
interface LetterCast {
  readonly lender: PartyId;
  readonly funder: PartyId;
  readonly bureau: PartyId;
}

/** Query at the bureau, and report to it by whichever of two banks grants the line; for a year from `now`, in ms. */
export function clausesOf({ lender, funder, bureau }: LetterCast, now: number) {
  const common = {
    from: null,
    to: (now + YEAR_MS) as Instant,
    basis: 'written_consent',
    necessity: 'necessary',
    uses_max: null,
    frequency: null,
    staleness_ms: null,
  } as const;
  return [
    {
      action: 'QUERY' as const,
      purposes: ['loan_apply', 'post_loan'],
      items: ['credit_info', 'credit_report'],
      sources: [bureau],
      recipients: [],
      ...common,
    },
    {
      action: 'REPORT' as const,
      purposes: ['credit_reporting'],
      items: ['basic', 'line', 'repayment', 'adverse'],
      sources: [],
      recipients: [bureau],
      candidates: [lender, funder],
      ...common,
    },
  ];
}
