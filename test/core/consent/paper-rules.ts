/** What the rules permit and refuse, on paper. */
import { expect } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import type { PartyRole } from '#core/consent/party.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, decide } from '#core/consent/rules.ts';
import type { FailureCode } from '#core/failure.ts';
import { useSha256 } from '#core/hash.ts';
import type { PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  calledBy,
  calledByKeeper,
  IDENTIFIER,
  keysOfParty,
  LENDER,
  MINUTE,
  operatorOf,
  paperId,
  sealedBy,
  stated,
  TODAY,
} from './paper-ledger.ts';

useSha256(nativeSha256);

export const FIVE = 5 * MINUTE;

/** Expects a command to be refused with this code, and to leave the ledger as it was. */
export function refuses(code: FailureCode, view: View, command: Command, time: number = TODAY) {
  const before = view.state(command.stream);
  expectFailure(code, () => decide(view, command, time as Instant));
  expect(view.state(command.stream)).toBe(before);
}
export const permits = (view: View, command: Command, time: number = TODAY) => decide(view, command, time as Instant);

const NEW_PARTY = paperId<PartyId>(0x777);
export const party = (input: Partial<{ name: string; roles: readonly PartyRole[] }> = {}): Command => ({
  type: 'party.registered',
  stream: partyStream(NEW_PARTY),
  input: { name: '示例', roles: ['grantee'], keys: keysOfParty(NEW_PARTY), ...calledByKeeper(), ...input },
});
export const keyAdded = (key: string): Command => ({
  type: 'party.key_added',
  stream: partyStream(LENDER),
  input: { key, operator: operatorOf(LENDER, 'query'), duty: 'query', ...calledBy(LENDER, 'admin') },
});

export function bound(change: Partial<JsonObject> = {}) {
  return {
    kind: 'ed25519',
    method: 'identity_provider',
    identified_by: IDENTIFIER,
    identified_at: TODAY,
    enrolled_by: LENDER,
    ...sealedBy(LENDER),
    ...change,
  } as never;
}

/** A key that the one at place 0 adds. */
export function addedKey(change: Partial<JsonObject> = {}) {
  return {
    kind: 'ed25519',
    method: 'existing_key',
    identified_by: null,
    identified_at: null,
    enrolled_by: null,
    signed_by: 0,
    signed_at: TODAY,
    ...stated(),
    ...change,
  } as never;
}

/** The end of a person's key, by itself unless `change` says how else. */
export function ended(change: Partial<JsonObject> = {}) {
  return {
    key: 0,
    signed_by: 0,
    identified_by: null,
    brought_by: null,
    signed_at: TODAY,
    ...stated(),
    ...change,
  } as never;
}

/** The same at a counter: an identifying party says so, and the lender brings it. */
export function lost(change: Partial<JsonObject> = {}) {
  return ended({ signed_by: null, identified_by: IDENTIFIER, brought_by: LENDER, ...sealedBy(LENDER), ...change });
}
