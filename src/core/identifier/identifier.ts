/**
 * Whether an identifier can be one of its kind: what a clerk typed wrong is found before it is anybody's relationship.
 *
 * A number that passes need not be anybody's.
 *
 * @module
 */
import { type Identifier, normaliseIdentifier } from '../consent/statement.ts';
import { Failure } from '../failure.ts';
import type { Day } from '../pack/day.ts';
import { IDENTIFIER_FLAGS, type IdentifierFlag } from './flag.ts';
import { checkInstitutionCode } from './institution-code.ts';
import { checkLoanCard } from './loan-card.ts';
import { checkOldResidentId, checkResidentId, isOldResidentId } from './resident-id.ts';
import { checkCreditCode } from './unified-credit-code.ts';

/** Says what is wrong with a normalised number, never the number itself; null: nothing. */
type Check = (number: string, today: Day) => string | null;

/** What only its issuer can check. */
const asItStands: Check = () => null;

const CHECKS = {
  /** Also of the temporary card and of 港澳台居民居住证, reckoned alike: one number is one person's under one kind. */
  resident_id: checkResidentId,
  /** 统一社会信用代码 */
  uscc: checkCreditCode,
  /** 中征码 */
  loan_card: checkLoanCard,
  /** 金融机构编码 */
  institution_code: checkInstitutionCode,
  household_register: asItStands,
  passport: asItStands,
  military_id: asItStands,
  police_id: asItStands,
  /** 港澳居民来往内地通行证 */
  travel_permit_hk_macao: asItStands,
  /** 台湾居民来往大陆通行证 */
  travel_permit_taiwan: asItStands,
  residence_permit_foreigner: asItStands,
  hong_kong_id: asItStands,
  macao_id: asItStands,
  taiwan_id: asItStands,
  other: asItStands,
} as const satisfies Readonly<Record<string, Check>>;
export type IdType = keyof typeof CHECKS;

/** The kinds of documents that subjects are enrolled by; the codes that a credit database has for them are in packs. */
export const ID_TYPES = Object.keys(CHECKS) as readonly IdType[];

/** How an identifier is read. */
export interface Reading {
  /** In Asia/Shanghai: nobody is born after it. */
  readonly today: Day;
  /** Whether it comes out of records from before: then a resident number may have 15 digits. */
  readonly legacy: boolean;
}

/**
 * Refuses an identifier that none of its kind can be.
 *
 * @param at Where it stands in what was sent.
 * @throws {Failure} `identifier_invalid`, which names the field and never repeats the number: it is personal data. Its
 *   cause is the list that doors tell from, `[{at, message}]`.
 */
export function requireIdentifier(identifier: Identifier, at: string, { today, legacy }: Reading): void {
  const [kind, number] = normaliseIdentifier(identifier);
  const type = ID_TYPES.find((each) => each === kind);
  if (type === undefined) throw refusal(`${at}.id_type`, `want a document of one of ${ID_TYPES.join(', ')}`);
  const isOld = legacy && isOldNumber(type, number);
  const problem = isOld ? checkOldResidentId(number, today) : CHECKS[type](number, today);
  if (problem !== null) throw refusal(`${at}.id_number`, `${type}: ${problem}`);
}

function refusal(at: string, message: string): Failure {
  return new Failure('identifier_invalid', message, { cause: [{ at, message }] });
}

/**
 * What to know of an identifier.
 *
 * @param isArea As the packs in force say; null: they have no areas.
 */
export function flagsOf(
  identifier: Identifier,
  legacy: boolean,
  isArea: ((code: string) => boolean) | null,
): readonly IdentifierFlag[] {
  const [kind, number] = normaliseIdentifier(identifier);
  const flagged: Readonly<Record<IdentifierFlag, boolean>> = {
    area_unknown: kind === 'resident_id' && isArea !== null && !isArea(number.slice(0, AREA_DIGITS)),
    legacy_import: legacy,
    number_old: isOldNumber(kind, number),
  };
  return IDENTIFIER_FLAGS.filter((flag) => flagged[flag]);
}

const AREA_DIGITS = 6;

function isOldNumber(kind: string, number: string): boolean {
  return kind === 'resident_id' && isOldResidentId(number);
}
