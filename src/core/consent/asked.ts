/**
 * What is asked when an access is asked for: who, what, why, where to, and on what ground.
 *
 * @module
 */
import type { AccessId, GrantId, PartyId } from '../ids.ts';
import {
  code,
  flag,
  hash,
  id,
  integer,
  isObject,
  list,
  nullable,
  oneOf,
  record,
  type Shape,
  type ShapeOf,
} from '../shape.ts';
import { CALL } from './call.ts';
import { partyId } from './party.ts';
import { ACTIONS, ITEMS_MAX, OTHER_BASES, type OtherBasis } from './terms.ts';

/** What an access stands on. The caller names it; the ledger never searches for one. */
export type Ground = { readonly grant: GrantId } | { readonly basis: OtherBasis; readonly reference: boolean };

export const grantGround = record({ grant: id<GrantId>() });
/** A reference (a document's number) may say who someone is: the body says only whether the payload has one. */
const basisGround = record({ basis: oneOf(OTHER_BASES), reference: flag });
const ground: Shape<Ground> = (value, at) =>
  isObject(value) && Object.hasOwn(value, 'grant') ? grantGround(value, at) : basisGround(value, at);

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

export const decidedInput = record({ ...ASKED, ground, ...CALL });
export type AccessDecided = ShapeOf<typeof decidedInput>;

export const refusedInput = record({ ...ASKED, ...CALL });
export type AccessRefused = ShapeOf<typeof refusedInput>;
