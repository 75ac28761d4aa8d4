/**
 * The stream `party/<id>`: an organisation with its roles, its operators, and the keys that they sign with.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { OperatorId, PartyId } from '../ids.ts';
import { id, type Shape } from '../shape.ts';
import { partyStream } from '../tlog/stream.ts';
import type { Call, Signer } from './call.ts';
import { epochIn, isSuspended, type OfEpoch } from './epoch.ts';
import { endOfEpoch, epochOf, type LogState, logIn } from './log.ts';
import type { View } from './rule.ts';

/**
 * What a party may be. An `identifier` says who a person is, and so is nobody's grantee (design §8); an `auditor` reads the
 * bundles of all entries, and no letter.
 */
export const PARTY_ROLES = [
  'grantee',
  'provider',
  'bureau',
  'processor',
  'platform',
  'supervisor',
  'auditor',
  'identifier',
  'keeper',
] as const;
export type PartyRole = (typeof PARTY_ROLES)[number];

/**
 * What an operator does: keys and operators, or the party's business. Never both in one hand (JR/T 0115-2014 [S]:
 * administrators do not query; one person, one account).
 */
export const DUTIES = ['admin', 'query'] as const;
export type Duty = (typeof DUTIES)[number];

export const PARTY_NAME_MAX = 200;

export const partyId: Shape<PartyId> = id<PartyId>();

export type Operator = {
  readonly duty: Duty;
  /** Ledger time from which the operator signs no more; null: still there. */
  readonly left_at: number | null;
};

export type PartyKey = {
  /** Ed25519, base64url. */
  readonly key: string;
  readonly operator: OperatorId;
  /** Ledger time from which it signs no more; null: it still does. */
  readonly ended_at: number | null;
  /** From when on it may have been in other hands, if that was declared. */
  readonly compromised_since: number | null;
  /** The log's epoch when it was added, or last counted among those of a party that was continued. Absent: 0. */
  readonly epoch?: number;
};

export type Party = {
  readonly name: string;
  readonly roles: readonly PartyRole[];
  readonly operators: { readonly [operator: string]: Operator };
  /** Every key that the party ever had, by its number. */
  readonly keys: readonly PartyKey[];
  /** Ledger time from which nothing of the party is taken; null: it is in good standing. */
  readonly suspended_at: number | null;
  /** The span that it suspended itself for, the last one. Absent before the first. */
  readonly self_suspended?: SelfSuspension;
  /** The keeper's: which recovery key counts now, and those before it. Absent while it is the one that entry 0 names. */
  readonly recovery?: { readonly key: string; readonly spent: readonly string[] };
  /** Its licences. Absent before the first one. */
  readonly licences?: readonly Licence[];
  /** The parties whose authorizations it took over (PIPL 22). Absent where there is none. */
  readonly succeeds?: readonly PartyId[];
  /** The parties that it acts for, by their mandate (PIPL 21). Absent before the first one. */
  readonly mandates?: readonly Mandate[];
  /** The log's epoch when it was registered, or last continued. Absent: 0. */
  readonly epoch?: number;
};

/** From inclusive, to exclusive; null: until it lifts it. A compromise reaches back, for uses that are recorded late. */
export type SelfSuspension = {
  readonly from: number;
  readonly to: number | null;
  readonly compromised_since: number | null;
};

/** From inclusive, to exclusive; null: until it is taken away. */
export type Licence = { readonly kind: string; readonly from: number; readonly to: number | null };
/** What a mandate can be for: accesses, and facts of each kind. Never to approve, nor to mandate others (domain/seeds.md 3.23). */
export const MANDATED = ['access', 'facility', 'notice', 'attestation', 'objection'] as const;
export type Mandated = (typeof MANDATED)[number];
export type Mandate = {
  readonly principal: PartyId;
  readonly from: number;
  readonly to: number | null;
  readonly covers: readonly Mandated[];
  /** The log's epoch when it was given. Absent: 0. */
  readonly epoch?: number;
};

/** A party as it counts now: keys of the keeper may have ended with the name of the log that they were of. */
export function partyIn(view: View, party: PartyId): Party | undefined {
  const found = view.state(partyStream(party)) as Party | undefined;
  // Only what a keeper signs is of the log's own keys: no other decision reads the log for it.
  return found?.roles.includes('keeper') ? asItCounts(logIn(view), found) : found;
}

/** The keeper by its own stream's state and the log's. */
function asItCounts(log: LogState | undefined, party: Party): Party {
  if (log?.origins === undefined || !party.roles.includes('keeper')) return party;
  const endedAt = (number: number) => log.origins?.find(({ ended }) => ended.includes(number))?.at ?? null;
  const keys = party.keys.map((key, number) => ({ ...key, ended_at: endedAt(number) ?? key.ended_at }));
  return { ...party, keys };
}

/** The recovery keys that a ledger ever had, the one that counts last. */
export function recoveryKeysOf(view: View): readonly string[] {
  const log = logIn(view);
  if (log === undefined) return [];
  const { key, spent } = partyIn(view, log.keeper)?.recovery ?? { key: log.recovery_key, spent: [] };
  const before = (log.origins ?? []).map((each) => each.recovery_key);
  const used = [...spent, ...before.filter((each) => !spent.includes(each))];
  // What the keeper was recovered with under a former name is spent, too: the log names the one that came after it.
  return used.includes(key) ? [...used, log.recovery_key] : [...used, key];
}

/** @throws {Failure} `party_unknown`, if there is no such party; `party_role`, if it may not act in this role. */
export function requireParty(view: View, party: PartyId, role?: PartyRole): Party {
  const found = partyIn(view, party);
  if (found === undefined) throw new Failure('party_unknown', 'no such party');
  if (role !== undefined && !found.roles.includes(role)) {
    throw new Failure('party_role', `this party is registered without the role ${role}`);
  }
  return found;
}

/** Whether a party is suspended by itself at a moment. */
function isSelfSuspended({ self_suspended }: Party, now: number): boolean {
  if (self_suspended === undefined) return false;
  const { from, to, compromised_since } = self_suspended;
  return Math.min(from, compromised_since ?? from) <= now && (to === null || now < to);
}

/** Whether data may leave by a party's door at a moment: it is known, and neither the keeper nor itself suspended it. */
export function isDoorInStanding(party: Party | undefined, now: number): boolean {
  return party !== undefined && party.suspended_at === null && !isSelfSuspended(party, now);
}

/** Whether a party asks for itself, or in the place of one that it succeeded. */
export function speaksFor(party: Party, id: PartyId, grantee: PartyId): boolean {
  return id === grantee || party.succeeds?.includes(grantee) === true;
}

/** Whether a processor has this principal's mandate for such an act, at a moment: given since the log was last continued. */
export function isMandated(
  { mandates = [] }: Party,
  principal: PartyId,
  act: Mandated,
  { now, epoch }: { readonly now: number; readonly epoch: number },
): boolean {
  return mandates.some(
    ({ from, to, covers, ...mandate }) =>
      mandate.principal === principal &&
      covers.includes(act) &&
      from <= now &&
      (to === null || now < to) &&
      !isSuspended(mandate, epoch),
  );
}

/**
 * Requires that a call was signed by one operator of the party that it acts for, or of a processor that has its mandate
 * for such an act at this moment (PIPL 21). A mandate is to act, never to approve for oneself.
 *
 * @throws {Failure} `principal_mismatch`
 */
export function requireActingFor(
  view: View,
  call: Pick<Call, 'by'>,
  principal: PartyId,
  { act, now }: { readonly act: Mandated; readonly now: number },
): void {
  const [signer, second] = call.by;
  const processor = signer && partyIn(view, signer.party);
  if (
    processor !== undefined &&
    second === undefined &&
    isMandated(processor, principal, act, { now, epoch: epochIn(view) })
  )
    return;
  requireActing(view, call, principal);
}

export function operatorIn(party: Party | undefined, operator: OperatorId): Operator | undefined {
  return party !== undefined && Object.hasOwn(party.operators, operator) ? party.operators[operator] : undefined;
}

/** The number of a key among a party's, or undefined. */
export function keyNumber(party: Party, key: string): number | undefined {
  const number = party.keys.findIndex((each) => each.key === key);
  return number < 0 ? undefined : number;
}

/** The public keys that sign for the party now. @param log of no log that is at hand: undefined. */
export function activeKeys(party: Party, log: OfEpoch | undefined): readonly string[] {
  return party.keys.filter((key) => keyEnded(party, key, log) === undefined).map(({ key }) => key);
}

/** Why a key does not sign, in words for its owner; undefined if it does. */
export function keyEnded(party: Party, key: PartyKey, log: OfEpoch | undefined): string | undefined {
  return endOf(party, key) ?? (countsSince(party, key, log) ? undefined : WAITING);
}

const WAITING = 'entries were lost: the keeper has to continue the party first, with this key';

/** Why a key ended for good, or with its party; undefined: it did not. */
function endOf(party: Party, key: PartyKey): string | undefined {
  if (party.suspended_at !== null) return 'the party is suspended';
  if (key.compromised_since !== null) return 'the key was declared compromised';
  if (key.ended_at !== null) return 'the key was retired';
  return operatorIn(party, key.operator)?.left_at === null ? undefined : 'the operator has left';
}

/** Whether all that a key lacks is the keeper's word that it counts since the log was continued. */
function isWaiting(party: Party, key: PartyKey, log: OfEpoch | undefined): boolean {
  return endOf(party, key) === undefined && !countsSince(party, key, log);
}

/** Requires that a key signs. @throws {Failure} `key_ended`; `key_waiting`, until the keeper continues its party with it */
export function requireSigning(party: Party, key: PartyKey, log: OfEpoch | undefined): void {
  const ended = keyEnded(party, key, log);
  if (ended !== undefined) throw new Failure(isWaiting(party, key, log) ? 'key_waiting' : 'key_ended', ended);
}

/**
 * How many entries, from the first on, a key of before may still be shown while its party waits: those that there were when it
 * counted last, and the `log.continued` right behind them. A key that ended in what was lost could read these before, but for
 * the last one, which every receipt shows. Undefined: none. A key that its party was continued without is shown none.
 */
export function entriesOfBefore(party: Party, key: PartyKey, log: LogState): number | undefined {
  const since = epochOf(party);
  if (!isWaiting(party, key, log) || !isSuspended(party, epochOf(log)) || epochOf(key) < since) return undefined;
  const end = endOfEpoch(log, since);
  return end === undefined ? undefined : end + 1;
}

/**
 * Whether a key counts since the log was continued: somebody said so, of the party and of the key. Which of the keeper's do not
 * any more, {@link asItCounts} says.
 */
function countsSince(party: Party, key: PartyKey, log: OfEpoch | undefined): boolean {
  const epoch = epochOf(log ?? {});
  return party.roles.includes('keeper') || (!isSuspended(party, epoch) && !isSuspended(key, epoch));
}

/**
 * Requires that every signer of a call still counts: the key is the party's, of that operator, and neither retired nor
 * compromised; nobody left or is suspended; two signatures are of two operators.
 *
 * @throws {Failure} `party_unknown`, `key_ended`, `key_waiting`, `second_signature`
 */
export function requireSigners(view: View, by: readonly Signer[]): void {
  for (const signer of by) {
    const party = requireParty(view, signer.party);
    const key = party.keys[signer.key];
    if (key?.operator !== signer.operator) throw new Failure('key_ended', 'the party has no such key');
    requireSigning(party, key, logIn(view));
  }
  if (new Set(by.map(({ operator }) => operator)).size !== by.length) {
    throw new Failure('second_signature', 'two signatures are to be of two operators');
  }
}

/**
 * Requires that a call was signed by one operator of the party that it acts for, with this duty.
 *
 * @throws {Failure} `principal_mismatch`, `duty_missing`
 */
export function requireActing(view: View, { by }: Pick<Call, 'by'>, party: PartyId, duty?: Duty): void {
  const [signer, second] = by;
  if (signer?.party !== party || second !== undefined) {
    throw new Failure('principal_mismatch', 'a party acts by one signature of its own');
  }
  if (duty !== undefined) requireDuty(view, { by }, duty);
}

/** @throws {Failure} `duty_missing` */
export function requireDuty(view: View, { by: [signer] }: Pick<Call, 'by'>, duty: Duty): void {
  if (signer === undefined || operatorIn(partyIn(view, signer.party), signer.operator)?.duty !== duty) {
    throw new Failure('duty_missing', `this takes an operator with the duty ${duty}`);
  }
}

/**
 * Requires that two operators of the party that it acts for signed, each with this duty: one alone vouches for nothing.
 *
 * @throws {Failure} `principal_mismatch`, `second_signature`, `duty_missing`
 */
export function requireTwoActing(view: View, { by }: Pick<Call, 'by'>, party: PartyId, duty: Duty): void {
  if (by.length === 0 || by.some((signer) => signer.party !== party)) {
    throw new Failure('principal_mismatch', 'a party acts by signatures of its own');
  }
  requireTwo(view, by, duty, 'this takes two operators: sign with both keys');
}

/**
 * Requires that two administrators of the keeper signed: nobody changes parties and keys alone.
 *
 * @throws {Failure} `principal_mismatch`, `second_signature`, `duty_missing`
 */
export function requireKeeper(view: View, { by }: Pick<Call, 'by'>): void {
  const keeper = logIn(view)?.keeper;
  if (keeper === undefined || by.length === 0 || by.some(({ party }) => party !== keeper)) {
    throw new Failure('principal_mismatch', 'only the keeper of this ledger may do this');
  }
  requireTwo(view, by, 'admin', 'the keeper acts by two operators: sign with both keys');
}

/** That two signatures are of two operators is required of every call. */
function requireTwo(view: View, by: readonly Signer[], duty: Duty, wanted: string): void {
  if (by.length !== 2) throw new Failure('second_signature', wanted);
  if (by.some(({ party, operator }) => operatorIn(partyIn(view, party), operator)?.duty !== duty)) {
    throw new Failure('duty_missing', `this takes operators with the duty ${duty}`);
  }
}
