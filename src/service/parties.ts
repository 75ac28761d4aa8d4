/** Organisations: registering one, the life of its keys and operators, and its standing. */
import { toBase64Url } from '#core/bytes.ts';
import { epochIn } from '#core/consent/epoch.ts';
import { parseKeyText } from '#core/consent/key-text.ts';
import type { Duty, Mandated, Party, PartyRole } from '#core/consent/party.ts';
import { keyNumber, partyIn } from '#core/consent/party.ts';
import type { View } from '#core/consent/rule.ts';
import type { Command } from '#core/consent/rules.ts';
import { verifyPossession } from '#core/consent/signature.ts';
import { Failure } from '#core/failure.ts';
import type { OperatorId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { idOf, LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { loadStreams } from '#store/streams.ts';
import { nameCall, submit } from './call.ts';
import { type Caller, requirePartyCaller } from './caller.ts';
import { type Context, newId } from './context.ts';
import { entryOf, type Placed, placed } from './placed.ts';

/** A new key, with the proof that who brings it can sign with it. */
export interface NewKey {
  readonly key: string;
  /** The key's signature over `"assent/party-key/v1\n" || JCS({v: 1, log, key})`. */
  readonly possession: string;
  readonly duty: Duty;
}

export interface RegisterParty {
  readonly name: string;
  readonly roles: readonly PartyRole[];
  readonly keys: readonly NewKey[];
}

export interface NamedKey {
  readonly key: string;
  readonly operator: OperatorId;
  readonly duty: Duty;
}

/**
 * Registers an organisation, which gets its id from the ledger, and an operator for each of its first keys. Two
 * administrators of the keeper sign it.
 *
 * @throws {Failure} `principal_mismatch`, `second_signature`, `party_role`, `key_invalid`, `signature_invalid`
 */
export async function registerParty(
  context: Context,
  caller: Caller,
  { name, roles, keys }: RegisterParty,
): Promise<{ readonly party: PartyId; readonly keys: readonly NamedKey[]; readonly entry: Placed }> {
  const names = nameCall(context, requirePartyCaller(caller), 'open');
  await Promise.all(keys.map((key) => requirePossession(context, key)));
  const entries = await submit(context, async () => {
    const stream = partyStream(newId<PartyId>(context));
    const named = keys.map(({ key, duty }): NamedKey => ({ key, operator: newId<OperatorId>(context), duty }));
    const input = { name, roles, keys: named, ...names.call(0) };
    return {
      claims: [names.claim],
      touches: [stream, LOG_STREAM, ...names.touches],
      plan: () => [{ command: { type: 'party.registered', stream, input }, ...names.evidence }],
    };
  });
  const made = entryOf(entries, 'party.registered');
  const registered = made.entry.body['keys'] as unknown as readonly NamedKey[];
  return { party: idOf<PartyId>(made.entry.stream), keys: registered, entry: placed(made) };
}

/**
 * Adds a key: for a new operator, or for one that is there, whose old key goes on beside it until it is retired.
 *
 * @throws {Failure} `key_invalid`, `signature_invalid`; `party_unknown`; `already_there`; `operator_unknown`
 */
export async function addPartyKey(
  context: Context,
  caller: Caller,
  input: NewKey & { readonly party: PartyId; readonly operator: OperatorId | null },
): Promise<NamedKey & { readonly party: PartyId; readonly entry: Placed }> {
  const { party, duty } = input;
  await requirePossession(context, input);
  const key = toBase64Url(parseKeyText(input.key));
  const made = await change(context, caller, party, (view, call) => {
    const known = input.operator !== null && Object.hasOwn(partyIn(view, party)?.operators ?? {}, input.operator);
    if (input.operator !== null && !known) throw new Failure('operator_unknown', 'no such operator');
    const operator = input.operator ?? newId<OperatorId>(context);
    return { type: 'party.key_added', stream: partyStream(party), input: { key, operator, duty, ...call } };
  });
  return { party, key, operator: made.entry.body['operator'] as OperatorId, duty, entry: placed(made) };
}

/**
 * Ends a key, from its entry on and for good.
 *
 * @throws {Failure} `party_unknown`, `key_ended`
 */
export function retirePartyKey(
  context: Context,
  caller: Caller,
  { party, key }: { readonly party: PartyId; readonly key: string },
): Promise<PartyChanged> {
  return changed(context, caller, party, (view, call) => ({
    type: 'party.key_retired',
    stream: partyStream(party),
    input: { key: numberOf(view, party, key), ...call },
  }));
}

/**
 * Declares that a key was in other hands since a time: it ends, and the audit lists what it signed since then.
 *
 * @throws {Failure} `party_unknown`, `key_ended`, `already_there`, `input_invalid`
 */
export function compromisePartyKey(
  context: Context,
  caller: Caller,
  { party, key, since }: { readonly party: PartyId; readonly key: string; readonly since: Instant },
): Promise<PartyChanged> {
  return changed(context, caller, party, (view, call) => ({
    type: 'party.key_compromised',
    stream: partyStream(party),
    input: { key: numberOf(view, party, key), since, ...call },
  }));
}

/** An operator left: none of its keys signs any more. @throws {Failure} `party_unknown`, `operator_unknown`, `key_ended` */
export function operatorLeaves(
  context: Context,
  caller: Caller,
  { party, operator }: { readonly party: PartyId; readonly operator: OperatorId },
): Promise<PartyChanged> {
  return changed(context, caller, party, (_view, call) => ({
    type: 'party.operator_left',
    stream: partyStream(party),
    input: { operator, ...call },
  }));
}

/**
 * A party goes on after the log was continued, with the keys of it that are named (ADR 0028). Two of the keeper sign it.
 *
 * @throws {Failure} `party_unknown`, `party_role`, `key_ended`, `already_there`, `input_invalid`, `second_signature`
 */
export function continueParty(
  context: Context,
  caller: Caller,
  { party, keys }: { readonly party: PartyId; readonly keys: readonly string[] },
): Promise<PartyChanged> {
  return changed(context, caller, party, (view, call) => ({
    type: 'party.continued',
    stream: partyStream(party),
    input: { keys: keys.map((key) => numberOf(view, party, key)), epoch: epochIn(view), ...call },
  }));
}

/** The keeper takes nothing of a party any more, or takes it again. @throws {Failure} `party_unknown`, `already_there` */
export function setSuspended(
  context: Context,
  caller: Caller,
  { party, suspended }: { readonly party: PartyId; readonly suspended: boolean },
): Promise<PartyChanged> {
  const type = suspended ? 'party.suspended' : 'party.reinstated';
  return changed(context, caller, party, (_view, call) => ({ type, stream: partyStream(party), input: { ...call } }));
}

/** A span of time that a source is suspended for, by its own word. */
export interface SuspendSelf {
  readonly party: PartyId;
  readonly from: Instant;
  readonly to: Instant | null;
  readonly compromised_since: Instant | null;
}

/** A source suspends itself, from then on or for a time. Its own administrator signs it. @throws {Failure} `party_unknown` */
export function suspendSelf(context: Context, caller: Caller, { party, ...said }: SuspendSelf): Promise<PartyChanged> {
  return changed(context, caller, party, (_view, call) => ({
    type: 'party.self_suspended',
    stream: partyStream(party),
    input: { ...said, ...call },
  }));
}

/** A source lifts what it laid upon itself; never what the keeper did. @throws {Failure} `party_unknown`, `already_there` */
export function reinstateSelf(
  context: Context,
  caller: Caller,
  { party }: { readonly party: PartyId },
): Promise<PartyChanged> {
  return changed(context, caller, party, (_view, call) => ({
    type: 'party.self_reinstated',
    stream: partyStream(party),
    input: { ...call },
  }));
}

/** Registers a licence, or changes the one of its kind. Two of the keeper sign it. @throws {Failure} `party_unknown` */
export function licenseParty(
  context: Context,
  caller: Caller,
  {
    party,
    ...said
  }: { readonly party: PartyId; readonly kind: string; readonly from: Instant; readonly to: Instant | null },
): Promise<PartyChanged> {
  return changed(context, caller, party, (_view, call) => ({
    type: 'party.licensed',
    stream: partyStream(party),
    input: { ...said, ...call },
  }));
}

/** Registers whom a party succeeded. Two of the keeper sign it. @throws {Failure} `party_unknown`, `already_there` */
export function succeedParty(
  context: Context,
  caller: Caller,
  { party, predecessor }: { readonly party: PartyId; readonly predecessor: PartyId },
): Promise<PartyChanged> {
  const plan: Plan = (_view, call) => ({
    type: 'party.succeeded',
    stream: partyStream(party),
    input: { predecessor, ...call },
  });
  return changed(context, caller, party, plan, [predecessor]);
}

/**
 * Gives a processor its mandate. The principal's administrator signs it.
 *
 * @throws {Failure} `party_unknown`, `party_role`, `duty_missing`
 */
export async function mandateProcessor(
  context: Context,
  asked: Caller,
  said: {
    readonly party: PartyId;
    readonly principal: PartyId;
    readonly from: Instant;
    readonly to: Instant | null;
    readonly covers: readonly Mandated[];
  },
): Promise<PartyChanged> {
  const { party, principal, from, to, covers } = said;
  const names = nameCall(context, requirePartyCaller(asked, principal), 'open');
  const stream = partyStream(party);
  const input = { principal, from, to, covers, ...names.call(0) };
  const entries = await submit(context, async () => ({
    claims: [names.claim],
    touches: [stream, partyStream(principal), LOG_STREAM, ...names.touches],
    plan: () => [{ command: { type: 'party.mandated', stream, input }, ...names.evidence }],
  }));
  return { party, entry: placed(entryOf(entries, 'party.mandated')) };
}

export interface PartyChanged {
  readonly party: PartyId;
  readonly entry: Placed;
}

type Plan = (view: View, call: ReturnType<ReturnType<typeof nameCall>['call']>) => Command;

async function changed(
  context: Context,
  caller: Caller,
  party: PartyId,
  plan: Plan,
  others: readonly PartyId[] = [],
): Promise<PartyChanged> {
  return { party, entry: placed(await change(context, caller, party, plan, others)) };
}

async function change(context: Context, asked: Caller, party: PartyId, plan: Plan, others: readonly PartyId[] = []) {
  const caller = requirePartyCaller(asked);
  const names = nameCall(context, caller, 'open');
  const entries = await submit(context, async () => ({
    claims: [names.claim],
    touches: [partyStream(party), ...others.map(partyStream), LOG_STREAM, ...names.touches],
    plan(view) {
      // Another's party is answered like an unknown one, but to the keeper.
      const isOther = party !== caller.party && !caller.roles.includes('keeper');
      if (isOther || partyIn(view, party) === undefined) throw unknownParty();
      return [{ command: plan(view, names.call(0)), ...names.evidence }];
    },
  }));
  return entries[0] as (typeof entries)[number];
}

function numberOf(view: View, party: PartyId, key: string): number {
  const number = keyNumber(partyIn(view, party) as Party, key);
  if (number === undefined) throw new Failure('key_ended', 'the party has no such key');
  return number;
}

async function requirePossession({ ed25519, p256, ledger }: Context, { key, possession }: NewKey): Promise<void> {
  await verifyPossession({ ed25519, p256 }, { log: ledger.origin, key: parseKeyText(key), signature: possession });
}

/** @throws {Failure} `party_unknown`, also for another's id, unless the keeper or a supervisor asks. */
export async function readParty({ ledger }: Context, caller: Caller, party: PartyId): Promise<Party> {
  const mayAsk =
    caller.kind === 'party' &&
    (caller.party === party || caller.roles.some((role) => role === 'keeper' || role === 'supervisor'));
  const [row] = mayAsk ? await ledger.store.readOnce((tx) => loadStreams(tx, [partyStream(party)])) : [];
  if (row === undefined) throw unknownParty();
  return row.state as unknown as Party;
}

function unknownParty(): Failure {
  return new Failure('party_unknown', 'no such party');
}
