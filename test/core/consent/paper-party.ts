/** Parties on paper: what is done with their keys and operators, by whoever calls. */
import type { Call, Signer } from '#core/consent/call.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, decide, type EntryType } from '#core/consent/rules.ts';
import type { FailureCode } from '#core/failure.ts';
import { useSha256 } from '#core/hash.ts';
import type { OperatorId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  calledBy,
  calledByKeeper,
  KEEPER,
  keysOfParty,
  LENDER,
  MINUTE,
  OTHER_LENDER,
  openedPaper,
  operatorOf,
  type Paper,
  paperId,
  signerOf,
  stated,
  TODAY,
} from './paper-ledger.ts';

useSha256(nativeSha256);

export const at = (ms: number) => ms as Instant;
export const NEW = paperId<PartyId>(0x777);
export const NEW_OPERATOR = paperId<OperatorId>(0x888);

export function refuses(code: FailureCode, view: View, command: Command, time: number = TODAY) {
  expectFailure(code, () => decide(view, command, at(time)));
}
export const permits = (view: View, command: Command, time: number = TODAY) => decide(view, command, at(time));

export type Of<T extends EntryType> = Extract<Command, { readonly type: T }>['input'];
export const registered = (change: Partial<Of<'party.registered'>> = {}, stream = partyStream(NEW)): Command => ({
  type: 'party.registered',
  stream,
  input: { name: '示例', roles: ['grantee'], keys: keysOfParty(NEW), ...calledByKeeper(), ...change },
});

/** The things that are done with a party's keys and operators, by whoever calls. */
export const DONE = {
  'party.key_added': (party: PartyId, call: Call, change: object = {}) =>
    of('party.key_added', party, { key: 'N'.repeat(43), operator: NEW_OPERATOR, duty: 'query' }, call, change),
  'party.key_retired': (party: PartyId, call: Call, change: object = {}) =>
    of('party.key_retired', party, { key: 0 }, call, change),
  'party.key_compromised': (party: PartyId, call: Call, change: object = {}) =>
    of('party.key_compromised', party, { key: 0, since: TODAY - MINUTE }, call, change),
  'party.operator_left': (party: PartyId, call: Call, change: object = {}) =>
    of('party.operator_left', party, { operator: operatorOf(party, 'query') }, call, change),
} as const;
export const ADMINISTERED = Object.entries(DONE);
export const [ADDED, RETIRED, COMPROMISED, LEFT] = ADMINISTERED.map(([, make]) => make) as [Make, Make, Make, Make];
export type Make = (typeof DONE)['party.key_added'];

function of(type: EntryType, party: PartyId, input: object, call: Call, change: object): Command {
  return { type, stream: partyStream(party), input: { ...input, ...call, ...change } } as unknown as Command;
}
export const suspended = (party: PartyId, call: Call = calledByKeeper()) => of('party.suspended', party, {}, call, {});
export const reinstated = (party: PartyId, call: Call = calledByKeeper()) =>
  of('party.reinstated', party, {}, call, {});
export const byAdmin = (party: PartyId = LENDER) => calledBy(party, 'admin');

/** A call with these signatures under it. */
export const signedBy = (...by: readonly Signer[]): Call => ({ ...calledByKeeper(), by });
export const [KEEPER_A, KEEPER_B] = [signerOf(KEEPER, 'query'), signerOf(KEEPER, 'admin')];

/** A ledger whose keeper has a third operator, who is no administrator. */
export function withKeepersClerk(): { paper: Paper; clerk: Signer } {
  const paper = openedPaper();
  paper.write(ADDED(KEEPER, calledByKeeper(), { key: 'C'.repeat(43) }), TODAY - MINUTE);
  return { paper, clerk: { party: KEEPER, operator: NEW_OPERATOR, key: 2 } };
}

/** A third administrator of the keeper: it keeps two. */
export const THIRD = paperId<OperatorId>(0x889);
export const THIRD_ADMIN = ADDED(KEEPER, calledByKeeper(), { key: 'D'.repeat(43), operator: THIRD, duty: 'admin' });

/** Calls that are not two administrators of the keeper, and what they are answered. */
export function notTheKeeper(clerk: Signer): readonly (readonly [string, Call, FailureCode])[] {
  return [
    ['one administrator', signedBy(KEEPER_A), 'second_signature'],
    ['one administrator twice', signedBy(KEEPER_A, KEEPER_A), 'second_signature'],
    ['an administrator and a clerk', signedBy(KEEPER_A, clerk), 'duty_missing'],
    ['a clerk and an administrator', signedBy(clerk, KEEPER_B), 'duty_missing'],
    ['an administrator and another’s', signedBy(KEEPER_A, signerOf(LENDER, 'admin')), 'principal_mismatch'],
    ['another’s and an administrator', signedBy(signerOf(LENDER, 'admin'), KEEPER_A), 'principal_mismatch'],
    ['two of another', signedBy(signerOf(LENDER, 'query'), signerOf(LENDER, 'admin')), 'principal_mismatch'],
    ['another’s administrator', byAdmin(OTHER_LENDER), 'principal_mismatch'],
    ['three', signedBy(KEEPER_A, KEEPER_B, clerk), 'second_signature'],
    ['nobody', signedBy(), 'entry_invalid'],
    ['a subject', stated(), 'entry_invalid'],
    ['a session', { ...stated(), auth: 'session' }, 'entry_invalid'],
  ];
}
