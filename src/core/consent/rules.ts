/**
 * Every type of entry and its rule, and the four things that are done with one: decide, read back, evolve, decide again.
 *
 * @module
 */

import { encodeCanonical, equalJson, type JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { hashText, sha256 } from '../hash.ts';
import type { Instant } from '../instant.ts';
import type { StreamHead } from '../tlog/chain.ts';
import type { Entry } from '../tlog/entry.ts';
import type { Owner } from '../tlog/payload.ts';
import { kindOf, partyStream, type StreamId, type StreamKind } from '../tlog/stream.ts';
import { accessDecided, accessRefused } from './access.ts';
import { itemAttested, signerAttested, subjectAttested } from './attested.ts';
import type { Call } from './call.ts';
import { granteeBound } from './candidates.ts';
import { grantConfirmed } from './confirm.ts';
import { findingLifted, findingRecorded, grantAffirmed, grantContested } from './contest.ts';
import { ENGINE } from './engine.ts';
import { epochIn } from './epoch.ts';
import { payloadErased, personErased, refuseErased } from './erasure.ts';
import { facilityBound, facilityChanged, facilityClosed } from './facility.ts';
import { partyAcknowledged, revocationsListed } from './feed.ts';
import { grantRevoked } from './grant.ts';
import { headsRecorded } from './heads.ts';
import {
  grantExtended,
  grantNarrowed,
  grantPaused,
  grantResumed,
  relationshipFrozen,
  relationshipReleased,
} from './hold.ts';
import { holdDrafted } from './hold-draft.ts';
import { identityViewed } from './identity-view.ts';
import { issuingKeyAdded, issuingKeyCompromised, issuingKeyRetired, issuingKeySwitched } from './issuing-key.ts';
import { letterDrafted } from './letter.ts';
import { letterAnswered } from './letter-answered.ts';
import { letterSignedOnPaper } from './letter-paper.ts';
import { letterDeclined, letterSigned } from './letter-sign.ts';
import { identityViewedByLink, letterDeclinedByLink, orByLink, relationshipFrozenByLink } from './link.ts';
import { logOpened } from './log.ts';
import { logContinued } from './log-continued.ts';
import { logKeyAdded, logKeyCompromised, logKeyRetired, logKeySwitched } from './log-key.ts';
import { logRestored } from './log-restored.ts';
import { objectionAnswered, objectionMarked, objectionOpened } from './objection.ts';
import { engineRaised, packPublished, packWithdrawn, profileSwitched } from './pack-life.ts';
import { requireSigners } from './party.ts';
import { partyContinued } from './party-continued.ts';
import {
  partyKeyAdded,
  partyKeyCompromised,
  partyKeyRetired,
  partyOperatorLeft,
  partyRegistered,
  partyReinstated,
  partySuspended,
} from './party-life.ts';
import { partyLicensed, partySucceeded, processorMandated } from './party-standing.ts';
import { personKeyBound } from './person.ts';
import { personKeyAffirmed } from './person-affirm.ts';
import { personFrozen, personReleased } from './person-freeze.ts';
import { personKeyEnded } from './person-key-end.ts';
import { partyRecovered } from './recovery.ts';
import { relationshipOpened } from './relationship.ts';
import { accessRedeemed, accessSettled } from './release.ts';
import type { Event, Rule, View } from './rule.ts';
import { partySelfReinstated, partySelfSuspended } from './self-suspension.ts';
import { noticeSent } from './told.ts';

const RULES = {
  'log.opened': logOpened,
  'party.registered': partyRegistered,
  'party.key_added': partyKeyAdded,
  'party.key_retired': partyKeyRetired,
  'party.key_compromised': partyKeyCompromised,
  'party.continued': partyContinued,
  'party.recovered': partyRecovered,
  'party.operator_left': partyOperatorLeft,
  'party.suspended': partySuspended,
  'party.reinstated': partyReinstated,
  'party.self_suspended': partySelfSuspended,
  'party.self_reinstated': partySelfReinstated,
  'party.acknowledged': partyAcknowledged,
  'revocations.listed': revocationsListed,
  'person.key_bound': personKeyBound,
  'person.key_affirmed': personKeyAffirmed,
  'person.key_ended': personKeyEnded,
  'person.frozen': personFrozen,
  'person.released': personReleased,
  'person.erased': personErased,
  'relationship.opened': relationshipOpened,
  'relationship.frozen': orByLink(relationshipFrozen, relationshipFrozenByLink),
  'relationship.released': relationshipReleased,
  'identity.viewed': orByLink(identityViewed, identityViewedByLink),
  'hold.drafted': holdDrafted,
  'letter.drafted': letterDrafted,
  'letter.signed': letterSigned,
  'letter.signed_on_paper': letterSignedOnPaper,
  'letter.declined': orByLink(letterDeclined, letterDeclinedByLink),
  'letter.answered': letterAnswered,
  'grant.revoked': grantRevoked,
  'grant.paused': grantPaused,
  'grant.resumed': grantResumed,
  'grant.extended': grantExtended,
  'grant.narrowed': grantNarrowed,
  'grant.contested': grantContested,
  'grant.affirmed': grantAffirmed,
  'grant.confirmed': grantConfirmed,
  'grantee.bound': granteeBound,
  'finding.recorded': findingRecorded,
  'finding.lifted': findingLifted,
  'access.decided': accessDecided,
  'access.refused': accessRefused,
  'access.redeemed': accessRedeemed,
  'access.settled': accessSettled,
  'pack.published': packPublished,
  'pack.withdrawn': packWithdrawn,
  'profile.switched': profileSwitched,
  'log.engine_raised': engineRaised,
  'log.issuing_key_added': issuingKeyAdded,
  'log.issuing_key_switched': issuingKeySwitched,
  'log.issuing_key_retired': issuingKeyRetired,
  'log.issuing_key_compromised': issuingKeyCompromised,
  'log.log_key_added': logKeyAdded,
  'log.log_key_switched': logKeySwitched,
  'log.log_key_retired': logKeyRetired,
  'log.log_key_compromised': logKeyCompromised,
  'log.restored': logRestored,
  'log.continued': logContinued,
  'heads.recorded': headsRecorded,
  'party.licensed': partyLicensed,
  'party.succeeded': partySucceeded,
  'party.mandated': processorMandated,
  'facility.bound': facilityBound,
  'facility.changed': facilityChanged,
  'facility.closed': facilityClosed,
  'notice.sent': noticeSent,
  'subject.attested': subjectAttested,
  'signer.attested': signerAttested,
  'item.attested': itemAttested,
  'objection.opened': objectionOpened,
  'objection.marked': objectionMarked,
  'objection.answered': objectionAnswered,
  'payload.erased': payloadErased,
} as const;

export type EntryType = keyof typeof RULES;
type InputOf<T extends EntryType> = (typeof RULES)[T] extends Rule<infer Input, infer _State> ? Input : never;

/** What is asked of the ledger: a body before its decision. */
export type Command = {
  [T in EntryType]: { readonly type: T; readonly stream: StreamId; readonly input: InputOf<T> };
}[EntryType];

/** In which kind of stream each type stands. */
const STREAM_KINDS: Readonly<Record<EntryType, StreamKind | readonly StreamKind[]>> = {
  'log.opened': 'log',
  'party.registered': 'party',
  'party.key_added': 'party',
  'party.key_retired': 'party',
  'party.key_compromised': 'party',
  'party.continued': 'party',
  'party.recovered': 'party',
  'party.operator_left': 'party',
  'party.suspended': 'party',
  'party.reinstated': 'party',
  'party.self_suspended': 'party',
  'party.self_reinstated': 'party',
  'party.acknowledged': 'feed',
  'revocations.listed': 'feed',
  'person.key_bound': 'person',
  'person.key_affirmed': 'person',
  'person.key_ended': 'person',
  'person.frozen': 'person',
  'person.released': 'person',
  'person.erased': 'person',
  'relationship.opened': 'rel',
  'relationship.frozen': 'rel',
  'relationship.released': 'rel',
  'identity.viewed': 'rel',
  'hold.drafted': 'rel',
  'letter.drafted': 'rel',
  'letter.signed': 'rel',
  'letter.signed_on_paper': 'rel',
  'letter.declined': 'rel',
  'letter.answered': 'rel',
  'grant.revoked': 'rel',
  'grant.paused': 'rel',
  'grant.resumed': 'rel',
  'grant.extended': 'rel',
  'grant.narrowed': 'rel',
  'grant.contested': 'rel',
  'grant.affirmed': 'rel',
  'grant.confirmed': 'rel',
  'grantee.bound': 'rel',
  'finding.recorded': 'rel',
  'finding.lifted': 'rel',
  'access.decided': 'rel',
  'access.refused': 'refused',
  'access.redeemed': 'rel',
  'access.settled': 'rel',
  'pack.published': 'log',
  'pack.withdrawn': 'log',
  'profile.switched': 'log',
  'log.engine_raised': 'log',
  'log.issuing_key_added': 'log',
  'log.issuing_key_switched': 'log',
  'log.issuing_key_retired': 'log',
  'log.issuing_key_compromised': 'log',
  'log.log_key_added': 'log',
  'log.log_key_switched': 'log',
  'log.log_key_retired': 'log',
  'log.log_key_compromised': 'log',
  'log.restored': 'log',
  'log.continued': 'log',
  'heads.recorded': 'heads',
  'party.licensed': 'party',
  'party.succeeded': 'party',
  'party.mandated': 'party',
  'facility.bound': 'rel',
  'facility.changed': 'rel',
  'facility.closed': 'rel',
  'notice.sent': 'rel',
  'subject.attested': 'rel',
  'signer.attested': 'rel',
  'item.attested': 'rel',
  'objection.opened': 'rel',
  'objection.marked': 'rel',
  'objection.answered': 'rel',
  'payload.erased': ['rel', 'refused'],
};

export function isEntryType(type: string): type is EntryType {
  return Object.hasOwn(RULES, type);
}

/** What gives a right, or is drafted to: it carries the epoch that it is given in. */
const OF_AN_EPOCH: readonly EntryType[] = [
  'party.registered',
  'party.key_added',
  'party.continued',
  'party.mandated',
  'person.key_bound',
  'person.key_affirmed',
  'relationship.opened',
  'hold.drafted',
  'letter.drafted',
  'letter.signed',
  'letter.signed_on_paper',
  'grant.extended',
  'grant.narrowed',
  'grant.confirmed',
];

/** The command with the log's epoch, where it has one: whoever plans a write can't forget it. */
export function inEpoch(view: View, command: Command): Command {
  const epoch = epochIn(view);
  if (epoch === 0 || !OF_AN_EPOCH.includes(command.type)) return command;
  return { ...command, input: { ...command.input, epoch } } as Command;
}

/** The streams that a command's decision depends on, its own first. */
export function touches(command: Command): readonly StreamId[] {
  return [command.stream, ...othersOf(command)];
}

/** What the rule reads, and the streams of the keys that the call is authenticated by. */
function othersOf({ type, stream, input }: Command): readonly StreamId[] {
  const { by } = callOf(input);
  const others = new Set([...ruleOf(type).reads(input), ...by.map(({ party }) => partyStream(party))]);
  others.delete(stream);
  return [...others];
}

/** The fields of the call in a body. What the ledger makes by itself has none, and is by nobody. */
function callOf(
  input: JsonObject,
): Pick<Call, 'by'> & { readonly auth?: Call['auth']; readonly request?: string | null } {
  return 'by' in input ? (input as Call) : { by: [] };
}

/** The parts that a payload of this type may have, and whose they are. */
export function partsOf(type: EntryType): Readonly<Record<string, Owner>> {
  return ruleOf(type).parts;
}

/** The parts that the payload of this command's entry has, all of them and no other. */
export function neededParts(command: Command): readonly string[] {
  return ruleOf(command.type).needs(command.input);
}

/**
 * Decides a command, and returns the body of its entry.
 *
 * @throws {Failure} if it may not become an entry.
 */
export function decide(view: View, command: Command, now: Instant): JsonObject {
  const rule = ruleOf(command.type);
  const { stream, input } = command;
  requireKind(command.type, stream);
  refuseErased(view, stream, command.type);
  requireCall(view, rule, input);
  const outcome = rule.decide(input, { view, stream, now });
  const others = othersOf(command);
  return others.length === 0 ? { ...input, ...outcome } : { ...input, ...outcome, saw: sawOf(view, others) };
}

/**
 * Requires of every entry alike: it was authenticated in a way that its type takes, every signer still counts, and a
 * signed request is kept as evidence in just one place.
 */
function requireCall(view: View, rule: Rule, input: JsonObject): void {
  const { auth, by, request = null } = callOf(input);
  if (auth === undefined ? rule.auth.length > 0 : !rule.auth.includes(auth)) {
    throw new Failure('entry_invalid', `an entry of this type is not authenticated by ${auth ?? 'nothing'}`);
  }
  const isSealed = rule.needs(input).includes('request');
  const isSigned = auth === 'http-sig';
  if (isSealed ? request !== null || !isSigned : (request !== null) !== isSigned) {
    throw new Failure('entry_invalid', 'the signed request is kept nowhere, or in two places');
  }
  if (isSigned ? by.length === 0 && !isSealed : by.length > 0) {
    throw new Failure('entry_invalid', 'a signed request has its signers, and no other has any');
  }
  requireSigners(view, by);
}

/** The state of a stream after an entry. */
export function evolve(state: JsonObject | undefined, type: EntryType, event: Event<JsonObject>): JsonObject {
  return ruleOf(type).evolve(state, event);
}

/**
 * Reads the command back out of an entry.
 *
 * @throws {Failure} `entry_invalid`, if it is not an entry that this code ever wrote.
 */
export function commandOf(entry: Entry): Command {
  const { type, stream, body } = entry;
  if (!isEntryType(type)) throw new Failure('entry_invalid', `no rule for an entry of type ${type}`);
  requireKind(type, stream);
  const rule = ruleOf(type);
  const given = Object.entries(body).filter(([name]) => name !== 'saw' && !rule.outcome.includes(name));
  const input = rule.input(Object.fromEntries(given), type);
  if (typeof input['engine'] === 'number' && input['engine'] > ENGINE) {
    throw new Failure('entry_invalid', `engine ${input['engine']} is newer than this code's, ${ENGINE}`);
  }
  return { type, stream, input } as Command;
}

/**
 * Decides an entry again, as the ledger stood before it: the same code, the same moment, byte for byte the same body.
 * Who has already read its command hands it in.
 *
 * @throws {Failure} `entry_invalid`, if no rule permits the entry, or it decides otherwise.
 */
export function decideAgain(view: View, entry: Entry, command: Command = commandOf(entry)): void {
  if (neededParts(command).length > 0 !== (entry.commit !== null)) {
    throw new Failure('entry_invalid', `this ${entry.type} has no payload, or one that it must not have`);
  }
  let body: JsonObject;
  try {
    body = decide(view, command, entry.time);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure('entry_invalid', `no rule permits this ${entry.type}: ${cause.message}`, { cause });
  }
  if (!equalJson(body, entry.body)) {
    throw new Failure('entry_invalid', `this ${entry.type} is decided otherwise`);
  }
}

/** SHA-256 over the heads of the streams that a decision read: which facts it had before it. */
export function sawOf(view: View, streams: readonly StreamId[]): string {
  const heads = streams.map((stream) => view.head(stream));
  const [first] = heads;
  const last = first && lastSaw.get(first);
  if (last !== undefined && sameItems(last.streams, streams) && sameItems(last.heads, heads)) return last.saw;
  const leaves = streams.map((stream, at) => [stream, heads[at] === undefined ? null : hashText(heads[at].leaf)]);
  const saw = hashText(sha256(encodeCanonical(Object.fromEntries(leaves))));
  if (first !== undefined) lastSaw.set(first, { streams, heads, saw });
  return saw;
}

/** Most decisions of a party see the very heads that its last one saw, and then the same digest. Heads never change. */
const lastSaw = new WeakMap<
  StreamHead,
  { readonly streams: readonly StreamId[]; readonly heads: readonly (StreamHead | undefined)[]; readonly saw: string }
>();

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}

function requireKind(type: EntryType, stream: StreamId): void {
  if ([STREAM_KINDS[type]].flat().includes(kindOf(stream))) return;
  throw new Failure('entry_invalid', `${type} does not belong into ${kindOf(stream)}`);
}

/** The table's rows differ in their input; a command's type and input always come together. */
function ruleOf(type: EntryType): Rule {
  return RULES[type] as unknown as Rule;
}
