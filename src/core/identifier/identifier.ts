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
import { checkInstitutionCode } from './institution-code.ts';
import { checkLoanCard } from './loan-card.ts';
import { checkResidentId } from './resident-id.ts';
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

/**
 * Refuses an identifier that none of its kind can be.
 *
 * @param today In Asia/Shanghai: nobody is born after it.
 * @throws {Failure} `identifier_invalid`, which never repeats the number: it is personal data.
 */
export function requireIdentifier(identifier: Identifier, today: Day): void {
  const [kind, number] = normaliseIdentifier(identifier);
  const type = ID_TYPES.find((each) => each === kind);
  if (type === undefined) throw new Failure('identifier_invalid', `want a document of one of ${ID_TYPES.join(', ')}`);
  const problem = CHECKS[type](number, today);
  if (problem !== null) throw new Failure('identifier_invalid', `${type}: ${problem}`);
}
