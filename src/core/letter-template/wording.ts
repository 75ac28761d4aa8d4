/**
 * The fixed words of a letter: labels, and the sentence by which a clause gives its action. The Chinese has authority.
 *
 * @module
 */
import type { Action, ConsentBasis } from '../consent/terms.ts';
import { sayNumber } from './number.ts';
import type { Clause, SIGNERS, SLOTS, STATEMENTS, SUBJECTS } from './template.ts';
import type { Language } from './words.ts';

type Signer = (typeof SIGNERS)[number];
type Subject = (typeof SUBJECTS)[number];

export interface Wording {
  /** What stands above everything; null: nothing. */
  readonly translation: string | null;
  readonly colon: string;
  readonly letterNo: string;
  readonly signers: Readonly<Record<Signer, string>>;
  readonly subjectId: (type: string, number: string) => string;
  readonly loanCard: string;
  readonly signatory: string;
  readonly grantee: string;
  readonly uscc: string;
  readonly licence: string;
  readonly contact: string;
  readonly candidates: string;
  readonly notice: string;
  readonly slots: Readonly<Record<(typeof SLOTS)[number], string>>;
  readonly statements: Readonly<Record<(typeof STATEMENTS)[number], string>>;
  readonly closing: string;
  readonly signing: string;
  readonly heading: (section: number, title: string) => string;
  readonly clause: (number: number, action: Action) => string;
  readonly listed: (number: number, name: string) => string;
  /** A label with what it says, in brackets behind a name. */
  readonly detail: (label: string, said: string) => string;
  readonly lead: (action: Action, subject: Subject) => string;
  readonly sources: string;
  readonly recipients: string;
  readonly items: string;
  /** Above the items of a class; none: of no class. */
  readonly itemClass: (names: readonly string[]) => string;
  readonly purposes: string;
  readonly term: (from: string | null, to: string) => string;
  readonly ends: string;
  readonly uses: (count: number | null) => string;
  readonly frequency: (count: number, period: string) => string;
  readonly anyFrequency: string;
  readonly offline: (length: string | null) => string;
  readonly basis: Readonly<Record<ConsentBasis, string>>;
  readonly necessity: Readonly<Record<Clause['necessity'], string>>;
  readonly sensitiveNecessity: string;
  readonly sensitiveImpact: string;
  readonly processors: string;
  readonly refusal: string;
  readonly stops: string;
  readonly closes: string;
  readonly before: string;
  readonly stays: string;
  readonly instead: string;
  readonly warning: string;
  readonly tick: string;
}

const ACTIONS_ZH: Readonly<Record<Action, string>> = {
  QUERY: '查询',
  REPORT: '报送',
  PROVIDE: '提供',
  SCORE: '评分',
  STORE: '保存',
};
const ACTIONS_EN: Readonly<Record<Action, string>> = {
  QUERY: 'query',
  REPORT: 'report',
  PROVIDE: 'provide',
  SCORE: 'score',
  STORE: 'store',
};

const LEADS_ZH: Readonly<Record<Action, string>> = {
  QUERY: '同意被授权人向下列来源查询下列信息，并仅为下列用途使用',
  REPORT: '同意被授权人仅为下列用途将下列信息报送至下列接收方',
  PROVIDE: '单独同意被授权人仅为下列用途将下列信息提供给下列接收方',
  SCORE: '同意被授权人仅为下列用途使用下列信息计算信用评分',
  STORE: '同意被授权人仅为下列用途保存下列信息',
};
const LEADS_EN: Readonly<Record<Action, string>> = {
  QUERY: 'the grantee may query the data below from the sources below, and use them for the purposes below only',
  REPORT: 'the grantee may report the data below to the recipients below, for the purposes below only',
  PROVIDE:
    'the grantee may, as agreed separately, provide the data below to the recipients below, for these purposes only',
  SCORE: 'the grantee may compute a credit score out of the data below, for the purposes below only',
  STORE: 'the grantee may store the data below, for the purposes below only',
};

const ZH: Wording = {
  translation: null,
  colon: '：',
  letterNo: '授权书编号',
  signers: {
    borrower: '授权人（借款人）',
    co_borrower: '授权人（共同借款人）',
    spouse: '授权人（借款人配偶）',
    guarantor: '授权人（担保人）',
    legal_representative: '授权人（法定代表人）',
    controller: '授权人（实际控制人）',
    firm: '授权人（企业）',
  },
  subjectId: (type, number) => `${type}：${number}`,
  loanCard: '中征码',
  signatory: '法定代表人或委托代理人',
  grantee: '被授权人',
  uscc: '统一社会信用代码',
  licence: '许可证',
  contact: '联系方式',
  candidates:
    '本项授权的被授权人为下列之一，由谁授信将在授信时确定并告知授权人；确定之前，任何一方均不得依本项授权行事',
  notice: '告知事项',
  slots: {
    handler: '个人信息处理者',
    contact: '联系方式',
    purpose: '处理目的',
    method: '处理方式',
    kinds: '信息种类',
    retention: '保存期限',
    rights: '权利行使',
    withdrawal: '撤回方式',
  },
  statements: { liability: '责任', papers: '申请未通过的材料', reading: '阅读确认' },
  closing: '声明与签署',
  signing:
    '本授权书以电子签名方式签署，或者在纸质文本上手写签名；实际采用的方式和证据等级，以签署记录和凭证为准。签署人、签署时间和对每一项的选择，以电子签名方式签署的，以签署记录和凭证为准；在纸质文本上手写签名的，以签署的原件为准。',
  heading: (section, title) => `${sayNumber(section)}、${title}`,
  clause: (number, action) => `第${sayNumber(number)}项授权：${ACTIONS_ZH[action]}`,
  listed: (number, name) => `（${number}）${name}`,
  detail: (label, said) => `（${label}：${said}）`,
  lead: (action, subject) => `${subject === 'firm' ? '本企业' : '本人'}${LEADS_ZH[action]}。`,
  sources: '信息来源',
  recipients: '接收方',
  items: '信息',
  itemClass: (names) => `【${names.length === 0 ? '其他' : names.join(' › ')}】`,
  purposes: '用途',
  term: (from, to) => `期限：自${from ?? '签署之时'}起，至${to}止；至该时刻即失效`,
  ends: '提前终止',
  uses: (count) => (count === null ? '总次数：不另设上限，以用途和期限为限' : `总次数：共计不超过${count}次`),
  frequency: (count, period) => `频率：每${period}不超过${count}次`,
  anyFrequency: '频率：不另设上限，以用途和期限为限',
  offline: (length) =>
    length === null
      ? '核验：信息来源或接收方每次均须向账本核验本项授权'
      : `核验：信息来源或接收方可凭许可离线核验，撤回最迟在${length}后对其生效`,
  basis: {
    consent: '同意的性质：同意',
    separate_consent: '同意的性质：单独同意',
    written_consent: '同意的性质：书面同意',
  },
  necessity: { necessary: '必要性：必要。理由', optional: '必要性：可选。理由' },
  sensitiveNecessity: '处理敏感个人信息的必要性',
  sensitiveImpact: '对个人权益的影响',
  processors: '受托处理者',
  refusal: '不同意的后果',
  stops: '撤回后停止',
  closes: '撤回后关闭的服务',
  before: '撤回的前提',
  stays: '撤回后保留',
  instead: '替代办法',
  warning: '提示',
  tick: '本项选择：□ 同意　□ 不同意',
};

const EN: Wording = {
  translation: 'This is a translation. The Chinese text is authoritative.',
  colon: ': ',
  letterNo: 'Letter no.',
  signers: {
    borrower: 'Authorizer (borrower)',
    co_borrower: 'Authorizer (co-borrower)',
    spouse: 'Authorizer (spouse of the borrower)',
    guarantor: 'Authorizer (guarantor)',
    legal_representative: 'Authorizer (legal representative)',
    controller: 'Authorizer (actual controller)',
    firm: 'Authorizer (firm)',
  },
  subjectId: (type, number) => `${type}: ${number}`,
  loanCard: 'Zhongzheng code',
  signatory: 'Legal representative or attorney',
  grantee: 'Grantee',
  uscc: 'Unified social credit code',
  licence: 'Licence',
  contact: 'Contact',
  candidates:
    'The grantee of this authorization is one of these. Which one grants the credit is settled, and told to the authorizer, when credit is granted; before that none of them may act under this authorization',
  notice: 'Notice',
  slots: {
    handler: 'Personal information handler',
    contact: 'Contact',
    purpose: 'Purposes',
    method: 'Method',
    kinds: 'Kinds of data',
    retention: 'Retention',
    rights: 'Exercise of rights',
    withdrawal: 'Withdrawal',
  },
  statements: { liability: 'Liability', papers: 'Papers of a refused application', reading: 'Reading' },
  closing: 'Statements and signature',
  signing:
    'This letter is signed by electronic signature, or by hand on paper; in which way, and of what evidence grade, is as the record of signature and the receipt say. Signer, time and the choice on each item are those of the record of signature and the receipt, where it is signed electronically; where it is signed by hand on paper, those of the signed original.',
  heading: (section, title) => `${section}. ${title}`,
  clause: (number, action) => `Authorization ${number}: ${ACTIONS_EN[action]}`,
  listed: (number, name) => `(${number}) ${name}`,
  detail: (label, said) => ` (${label}: ${said})`,
  lead: (action, subject) => `${subject === 'firm' ? 'This firm agrees' : 'I agree'} that ${LEADS_EN[action]}.`,
  sources: 'Sources',
  recipients: 'Recipients',
  items: 'Data',
  itemClass: (names) => `[${names.length === 0 ? 'Other' : names.join(' › ')}]`,
  purposes: 'Purposes',
  term: (from, to) => `Term: from ${from ?? 'the signature'} until ${to}, at which moment it has ended`,
  ends: 'Ends earlier',
  uses: (count) => (count === null ? 'Uses in all: no limit but purposes and term' : `Uses in all: at most ${count}`),
  frequency: (count, period) => `Frequency: at most ${count} in any ${period}`,
  anyFrequency: 'Frequency: no limit but purposes and term',
  offline: (length) =>
    length === null
      ? 'Verification: sources and recipients ask the ledger each time'
      : `Verification: sources and recipients may verify permits offline; a withdrawal reaches them after ${length} at the latest`,
  basis: {
    consent: 'Kind of consent: consent',
    separate_consent: 'Kind of consent: separate consent',
    written_consent: 'Kind of consent: written consent',
  },
  necessity: { necessary: 'Necessity: necessary. Why', optional: 'Necessity: optional. Why' },
  sensitiveNecessity: 'Why sensitive personal information is necessary',
  sensitiveImpact: 'Its impact on the person',
  processors: 'Entrusted processors',
  refusal: 'If you do not agree',
  stops: 'A withdrawal stops',
  closes: 'A withdrawal closes the service',
  before: 'What a withdrawal presupposes',
  stays: 'What stays after a withdrawal',
  instead: 'What one can do instead',
  warning: 'Warning',
  tick: 'Choice: □ agree　□ do not agree',
};

export const WORDING: Readonly<Record<Language, Wording>> = { zh: ZH, en: EN };
