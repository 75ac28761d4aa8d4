/**
 * What a pack says of data and those who have them: items, purposes, the codes of others' schemes, parties.
 *
 * Items, purposes and parties are named by codes, since grants and accesses name them so.
 *
 * @module
 */
import { SUBJECT_KINDS } from '../consent/terms.ts';
import { code, flag, integer, list, nullable, oneOf, record, recordWith } from '../shape.ts';
import { knownBy, matching, some, title } from './word.ts';

/**
 * What rules know an item by:
 *
 *     basic        who someone is
 *     credit       lines, repayment, reports (业务管理办法: used to judge credit standing)
 *     adverse      不良信息 (条例 15, 16)
 *     derived      made out of other items, such as a score (业务管理办法)
 *     forbidden    religion, genes, fingerprints, blood type, illness and its history (条例 14§1)
 *     asset        income, deposits, securities, commercial insurance, real estate, tax amount (条例 14§2)
 *     sensitive    PIPL 28
 *     public       public by law (条例 13)
 *     appointment  任职, what someone is in a firm: no personal data (条例 13)
 */
export const ITEM_KINDS = [
  'basic',
  'credit',
  'adverse',
  'derived',
  'forbidden',
  'asset',
  'sensitive',
  'public',
  'appointment',
] as const;

/** JR/T 0171-2020: C3 secrets of authentication, C2 identifies or shows balances, C1 the rest. */
export const FI_CLASSES = ['C1', 'C2', 'C3'] as const;

export const itemShape = recordWith(
  {
    id: code,
    name: title,
    kinds: some(oneOf(ITEM_KINDS), ITEM_KINDS.length),
    /** JR/T 0197-2020, 1 to 5; null: not graded. */
    level: nullable(integer(1, 5)),
    fi_class: nullable(oneOf(FI_CLASSES)),
    /** Whether the name is ours and not a source's own word. */
    illustrative: flag,
    evidence: knownBy,
  },
  /** The class that it stands in, by its id. */
  { class: code },
);

/** A class of items (大类), or a part of one (小类). One that has parts has no items of its own. */
export const itemClassShape = record({
  id: code,
  name: title,
  /** The class that it is a part of; null: of none. */
  parent: nullable(code),
  illustrative: flag,
  evidence: knownBy,
});

/** What rules know a purpose by. `self`: the subject asks for its own data (条例 17). */
export const PURPOSE_KINDS = [
  'application',
  'post_loan',
  'guarantor',
  'representative',
  'merchant',
  'onboarding',
  'review',
  'dispute',
  'judicial',
  'withdrawal',
  'reporting',
  'self',
  'other',
] as const;

export const REASONS_MAX = 64;
export const FEEDBACK_DAYS_MAX = 366;

/** A code as others' schemes write it: 02, A. */
export const CODE_TEXT_PATTERN: RegExp = /^(?!.*[0-9]{6})[0-9A-Za-z._-]{1,16}$/;
const codeText = matching(CODE_TEXT_PATTERN, 'a code of a scheme, such as 02');

/**
 * Why data may be wanted. A pack may say a purpose again that a pack it needs has said, to map it on the reasons of a
 * scheme; then all but reasons and evidence is the same.
 */
export const purposeShape = record({
  id: code,
  name: title,
  subjects: some(oneOf(SUBJECT_KINDS), SUBJECT_KINDS.length),
  kind: oneOf(PURPOSE_KINDS),
  /** The codes that a source may be told for it. */
  reasons: list(record({ scheme: code, code: codeText }), REASONS_MAX),
  /** Within how many days the outcome is told; null: it need not be. */
  feedback_days: nullable(integer(1, FEEDBACK_DAYS_MAX)),
  evidence: knownBy,
});

/** A code of a scheme that is others', such as the reasons that the credit database asks for. */
export const codeShape = record({
  scheme: code,
  code: codeText,
  name: title,
  /** Whether its use always deserves a look. */
  flagged: flag,
  evidence: knownBy,
});

export const PARTY_KINDS = ['bureau', 'database', 'lender', 'processor'] as const;
/** How often a recipient is told: by the month, or the day after. */
export const CADENCES = ['monthly', 'next_day'] as const;

/** A time of day in Asia/Shanghai. */
export const CLOSES_PATTERN: RegExp = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/;

export const partyShape = record({
  id: code,
  name: title,
  kind: oneOf(PARTY_KINDS),
  illustrative: flag,
  cadence: nullable(oneOf(CADENCES)),
  /** When its business closes on a working day; null: it has no hours that are known (民法典 203 §2: then 24:00). */
  closes: nullable(matching(CLOSES_PATTERN, 'a time such as 17:30')),
  evidence: knownBy,
});
