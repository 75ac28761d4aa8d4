/**
 * What is asked when an access is asked for: who, what, why, where to, and on what ground.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { AccessId, GrantId, PartyId } from '../ids.ts';
import { CODE_TEXT_PATTERN } from '../pack/catalogue.ts';
import {
  code,
  flag,
  hash,
  id,
  instant,
  integer,
  isObject,
  list,
  nullable,
  oneOf,
  record,
  recordWith,
  type Shape,
  type ShapeOf,
} from '../shape.ts';
import { CALL } from './call.ts';
import { partyId } from './party.ts';
import { ACTIONS, ITEMS_MAX, OTHER_BASES, type OtherBasis } from './terms.ts';

/** Law instead of a grant, and whether its document was named. */
export type BasisGround = { readonly basis: OtherBasis; readonly reference: boolean };
/** What an access stands on. The caller names it; the ledger never searches for one. */
export type Ground = { readonly grant: GrantId } | BasisGround;

const grantGround = record({ grant: id<GrantId>() });
/** A reference (a document's number) may say who someone is: the body says only whether the payload has one. */
const basisGround = record({ basis: oneOf(OTHER_BASES), reference: flag });
export const groundShape: Shape<Ground> = (value, at) =>
  isObject(value) && Object.hasOwn(value, 'grant') ? grantGround(value, at) : basisGround(value, at);

/** A code as a source's own scheme has it: 02, A. */
const reasonCode: Shape<string> = (value, at) => {
  if (typeof value === 'string' && CODE_TEXT_PATTERN.test(value)) return value;
  throw new Failure('entry_invalid', `${at}: want a code of the source's scheme, such as 02`);
};

/** What is asked, less the ground: it stands in both kinds of entry below. */
const ASKED = {
  access: id<AccessId>(),
  principal: partyId,
  action: oneOf(ACTIONS),
  purpose: code,
  items: list(code, ITEMS_MAX),
  /** Where the data would leave: the source of a QUERY, the recipient of a REPORT or PROVIDE; SCORE and STORE have none. */
  door: nullable(id<PartyId>()),
  /** Salted digest of the request that the lender will send to the door; null: the permit is for any such request. */
  bound: nullable(hash),
  /** Which version of the table of checks decides. */
  engine: integer(1, 1_000_000),
};

/** What a caller says besides, from engine 2 on: its own claims, each of which is judged. */
const statedShape = record({
  /** The reason that the source will be told, in its own scheme; null: the one that the packs map the purpose on. */
  reason: nullable(reasonCode),
  /** When it was used already, if it is recorded late; null: it has not been used. Never yields a permit. */
  used_at: nullable(instant),
  /** The caller's clock; null: not said. */
  asked_at: nullable(instant),
  /** How many officers ask, where they ask by a document (条例 33); null: not said. */
  officers: nullable(integer(1, 9)),
});
export type Stated = ShapeOf<typeof statedShape>;

/** An access about which nothing more is said. */
export const UNSTATED: Stated = { reason: null, used_at: null, asked_at: null, officers: null };

/** The first engine whose accesses say more. */
const ENGINE_STATED = 2;

const decidedFirst = record({ ...ASKED, ground: groundShape, ...CALL });
const decidedStated = recordWith(
  { ...ASKED, ground: groundShape, stated: statedShape, ...CALL },
  /** The ledger's own word, that it does not know any more whom the relationship is of. Absent where it does. */
  { subject: oneOf(['unknown']) },
);
export type AccessDecided = ShapeOf<typeof decidedFirst> & {
  readonly stated?: Stated;
  readonly subject?: 'unknown';
};
export const decidedInput: Shape<AccessDecided> = (value, at) => {
  const engine = isObject(value) ? value['engine'] : undefined;
  return typeof engine === 'number' && engine >= ENGINE_STATED ? decidedStated(value, at) : decidedFirst(value, at);
};

export const refusedInput = record({ ...ASKED, ...CALL });
export type AccessRefused = ShapeOf<typeof refusedInput>;
