/**
 * Names that the ledger mints: 128 bits as 32 lower-case hex digits, the first 48 bits the time in
 * milliseconds, so that they sort by time; the other 80 are random. Nobody else's string opens a stream.
 *
 * @module
 */
import { assert } from './assert.ts';
import type { Brand } from './brand.ts';
import { toHex } from './bytes.ts';
import { Failure } from './failure.ts';
import type { Instant } from './instant.ts';

export type PartyId = Brand<string, 'PartyId'>;
export type PersonId = Brand<string, 'PersonId'>;
/** A relationship's random name: one subject with one grantee. */
export type Handle = Brand<string, 'Handle'>;
export type LetterId = Brand<string, 'LetterId'>;
export type GrantId = Brand<string, 'GrantId'>;
export type AccessId = Brand<string, 'AccessId'>;
/** A named human or system user of a party. Who that is, the party knows; the ledger never does. */
export type OperatorId = Brand<string, 'OperatorId'>;
/** Where a party wants its notices to be sent. */
export type WebhookId = Brand<string, 'WebhookId'>;
/** A list of accesses that is decided part by part. */
export type JobId = Brand<string, 'JobId'>;
/** A fact of a relationship: a facility, a notice, an objection. */
export type FactId = Brand<string, 'FactId'>;
/** What a statement is signed under: once, for ever. */
export type StatementRef = Brand<string, 'StatementRef'>;

export const ID_RANDOM_BYTES = 10;
export const ID_PATTERN: RegExp = /^[0-9a-f]{32}$/;

/** Mints an id out of a time and ten fresh random bytes. The caller names the kind by the type it assigns to. */
export function mintId<Id extends string>(now: Instant, random: Uint8Array): Id {
  assert(random.length === ID_RANDOM_BYTES, 'an id has ten random bytes');
  assert(now < 2 ** 48, 'an id has 48 bits for its time, which last until the year 10889');
  return (now.toString(16).padStart(12, '0') + toHex(random)) as Id;
}

/** @throws {Failure} `input_invalid`, if the value is not an id that this ledger could have minted. */
export function parseId<Id extends string>(value: unknown): Id {
  if (typeof value !== 'string' || !ID_PATTERN.test(value)) {
    throw new Failure('input_invalid', 'an id is 32 lower-case hex digits');
  }
  return value as Id;
}
