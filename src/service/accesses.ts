/** Accesses: the decision that must be had before any data moves. */
import { type Ground, type Stated, UNSTATED } from '#core/consent/asked.ts';
import type { Call } from '#core/consent/call.ts';
import { isOwnAsking } from '#core/consent/candidates.ts';
import type { Judged } from '#core/consent/checks/apply-law.ts';
import { ENGINE_WITH_LAW } from '#core/consent/checks/judge.ts';
import { ENGINE } from '#core/consent/engine.ts';
import { epochIn } from '#core/consent/epoch.ts';
import { logIn } from '#core/consent/log.ts';
import { isMandated, partyIn } from '#core/consent/party.ts';
import { relationshipIn } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import type { Action, OtherBasis } from '#core/consent/terms.ts';
import { Failure } from '#core/failure.ts';
import type { AccessId, GrantId, Handle, PartyId } from '#core/ids.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import {
  kindOf,
  LOG_STREAM,
  partyStream,
  refusedStream,
  relationshipStream,
  type StreamId,
} from '#core/tlog/stream.ts';
import { openKeys, type SealedPayload, sealPayload } from '#ledger/vault.ts';
import type { Planned, Sequenced, Write } from '#ledger/write.ts';
import { loadMinted } from '#store/entries.ts';
import { readClock } from '#store/head.ts';
import { loadIdentified } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { type CallNames, nameCall, submit } from './call.ts';
import { type Caller, requireActingCaller } from './caller.ts';
import { type Context, newId } from './context.ts';
import { permitOf, readSubject } from './permits.ts';
import { type Placed, placed } from './placed.ts';
import { mayRead, unknownRelationship } from './scope.ts';
import { isKeptBack } from './told.ts';
import { viewOf as viewOfStreams } from './view.ts';

/** The ground as a caller names it: a grant of the relationship, or a legal basis with a document's reference. */
export type NamedGround =
  | { readonly grant: GrantId }
  | { readonly basis: OtherBasis; readonly reference: string | null };

export interface AskAccess {
  readonly principal: PartyId;
  readonly handle: Handle;
  readonly ground: NamedGround;
  readonly action: Action;
  readonly purpose: string;
  readonly items: readonly string[];
  readonly door: PartyId | null;
  /** Salted digest of the request that will be sent to the door; null: the permit is for any such request. */
  readonly bound: string | null;
  /** What the caller says besides; nothing, if it is absent. A ledger before engine 2 has no place for it. */
  readonly stated?: Stated | undefined;
}

export interface AccessView {
  readonly access: AccessId;
  readonly decision: 'allow' | 'deny';
  readonly codes: readonly string[];
  readonly engine: number;
  readonly ground: Ground | null;
  readonly action: Action;
  readonly purpose: string;
  readonly items: readonly string[];
  readonly door: PartyId | null;
  readonly bound: string | null;
  /** What the law of the packs in force says of it; null where no pack is in force. */
  readonly law: Judged | null;
  readonly entry: Placed;
}

/** The answer to who asked: with the permit that the door wants to see. */
export interface AccessAnswer extends AccessView {
  /** A compact JWS; null where nothing is allowed, or nothing leaves through a door. */
  readonly permit: string | null;
  /** Until when it counts. */
  readonly until: number | null;
}

/**
 * Decides one access and records it, allowed or denied. A denial is an answer like any other.
 *
 * @throws {Failure} `party_unknown`, if the principal is no party: there is nobody to record it for.
 */
export async function askAccess(context: Context, caller: Caller, input: AskAccess): Promise<AccessAnswer> {
  const own = await requireActingCaller(context, caller, input.principal, 'access');
  const isSealed = !('grant' in input.ground) && input.ground.reference !== null;
  const names = nameCall(context, own, isSealed ? 'sealed' : 'open');
  // Almost every handle is the caller's own: what only a refusal needs is sealed once one turns out to be due.
  let foreign = false;
  // Read before the lock, under which nothing is opened; what was erased meanwhile takes no entry there (core/consent/erasure.ts).
  const subject = input.door === null ? undefined : await readSubject(context, relationshipStream(input.handle));
  const known: SubjectKnown = input.door === null || subject !== undefined ? 'known' : 'unknown';
  const entries = await submit(context, async () =>
    prepareAccess(
      context,
      names,
      { ...input, known },
      {
        refusal: foreign ? await sealRefusal(context, nameCall(context, own, 'sealed'), input) : undefined,
        onForeign() {
          foreign = true;
        },
      },
    ),
  );
  const made = entries[0] as Sequenced;
  return answerOf(made, await permitOf(context, made, subject));
}

export function answerOf(made: Sequenced, permit: string | null): AccessAnswer {
  const until = made.entry.body['until'] as number | null | undefined;
  return { ...viewOf(made), permit, until: until ?? null };
}

interface Foreign {
  readonly refusal: { readonly call: Call; readonly payload: SealedPayload } | undefined;
  readonly onForeign: () => void;
}

async function prepareAccess(
  context: Context,
  names: CallNames,
  input: AskAccess & { readonly known: SubjectKnown },
  foreign: Foreign,
): Promise<Write> {
  const { principal } = input;
  const access = newId<AccessId>(context);
  const stream = relationshipStream(input.handle);
  const refused = refusedStream(principal);
  const reference = await sealReference(context, names, input);
  const decided = (view: View): Planned => ({
    command: decidedCommand(view, access, input, names.call(0), input.known),
    mints: [access],
    ...names.evidence,
    ...(reference === undefined ? {} : { payload: reference }),
  });
  return {
    claims: [names.claim],
    touches: [stream, partyStream(principal), LOG_STREAM, refused, ...names.touches, ...doorStream(input)],
    plan(view) {
      if (isOwnAsking(view, input)) return [decided(view)];
      if (view.head(partyStream(principal)) === undefined) throw new Failure('party_unknown', 'no such party');
      foreign.onForeign();
      if (foreign.refusal === undefined) throw new Failure('superseded', 'a refusal is to be sealed first');
      const { call, payload } = foreign.refusal;
      return [{ command: refusedCommand(view, access, input, call), payload, mints: [access] }];
    },
  };
}

/** The stream of the door, whose standing is a fact of the decision. */
export function doorStream({ door }: Pick<AskAccess, 'door'>): readonly StreamId[] {
  return door === null ? [] : [partyStream(door)];
}

/** The command of an access on the caller's own relationship, for the engine in force. */
export function decidedCommand(
  view: View,
  access: AccessId,
  input: AskAccess,
  call: Call,
  known: SubjectKnown,
): Planned['command'] {
  const { principal, handle, ground, action, purpose, items, door, bound, stated = UNSTATED } = input;
  const engine = engineIn(view);
  const asked = { access, principal, action, purpose, items, door, bound, engine, ground: groundOf(ground) };
  const stream = relationshipStream(handle);
  const isUnknown = door !== null && known === 'unknown';
  if (engine < ENGINE_WITH_LAW) {
    // The first engine has no word for it in an entry.
    if (isUnknown) throw unknownRelationship();
    return { type: 'access.decided', stream, input: { ...asked, ...call } };
  }
  const subject = isUnknown ? ({ subject: 'unknown' } as const) : {};
  return { type: 'access.decided', stream, input: { ...asked, stated, ...subject, ...call } };
}

/** Whether the database has whom a relationship is of. */
export type SubjectKnown = 'known' | 'unknown';

/** Of the relationships that are named, those whose subject is there. */
export async function loadKnownSubjects(tx: Tx, handles: readonly Handle[]): Promise<(handle: Handle) => SubjectKnown> {
  const streams = new Set(await loadIdentified(tx, [...new Set(handles.map(relationshipStream))]));
  return (handle) => (streams.has(relationshipStream(handle)) ? 'known' : 'unknown');
}

/** The engine in force; what no log says is decided by the newest one, and refused under the lock. */
export function engineIn(view: View): number {
  return logIn(view)?.engine ?? ENGINE;
}

/** The command of an access on another's relationship, or on none. */
export function refusedCommand(view: View, access: AccessId, input: AskAccess, call: Call): Planned['command'] {
  const { principal, action, purpose, items, door, bound } = input;
  const asked = { access, principal, action, purpose, items, door, bound, engine: engineIn(view) };
  return { type: 'access.refused', stream: refusedStream(principal), input: { ...asked, ...call } };
}

/** What was claimed may be another's handle: it is kept, sealed, and stands in no entry. */
async function sealRefusal(
  { ledger, vault }: Context,
  names: CallNames,
  { principal, handle, ground }: AskAccess,
): Promise<NonNullable<Foreign['refusal']>> {
  const keys = await ledger.store.readOnce((tx) => openKeys(vault, tx, refusedStream(principal)));
  const claimed = { handle, ground: { ...ground } };
  const payload = await sealPayload(vault, keys, 'access.refused', { claimed, ...names.part });
  return { call: names.call(0), payload };
}

/** A document's number may say who someone is, so it is a part of the payload. */
async function sealReference(
  { ledger, vault }: Context,
  names: CallNames,
  { handle, ground }: AskAccess,
): Promise<SealedPayload | undefined> {
  if ('grant' in ground || ground.reference === null) return undefined;
  const keys = await ledger.store.readOnce((tx) => openKeys(vault, tx, relationshipStream(handle)));
  return sealPayload(vault, keys, 'access.decided', { reference: ground.reference, ...names.part });
}

function groundOf(ground: NamedGround): Ground {
  return 'grant' in ground ? ground : { basis: ground.basis, reference: ground.reference !== null };
}

/**
 * What a caller has of an access: all that it rests on, as whose relationship it is, its subject, or who supervises, and
 * who was refused on another's; or the access alone, as its door, as the party that a grant is bound to, or as the processor
 * that asked for it, while its mandate lasts.
 */
type Sight = 'whole' | 'alone';

/** @throws {Failure} `access_unknown`, also for another's, where more is wanted than the caller may see, or sooner (told.ts). */
export async function loadAccess(tx: Tx, caller: Caller, access: AccessId, wanted: Sight): Promise<Sequenced> {
  const found = await findAccess(tx, access);
  const sight = (await isKeptBack(tx, caller, found.entry)) ? undefined : await sightOf(tx, caller, found.entry);
  if (sight === 'whole' || (sight === 'alone' && wanted === 'alone')) return found;
  throw new Failure('access_unknown', 'no such access');
}

/** @throws {Failure} `access_unknown` */
export async function findAccess(tx: Tx, access: AccessId): Promise<Sequenced> {
  const row = await loadMinted(tx, access);
  const entry = row && parseEntry(row.bytes);
  if (row !== undefined && entry !== undefined && isAccess(entry)) return { ...row, entry };
  throw new Failure('access_unknown', 'no such access');
}

async function sightOf(tx: Tx, caller: Caller, { stream, body }: Entry): Promise<Sight | undefined> {
  if (caller.kind === 'party' && caller.duty === 'admin') return undefined;
  // What was refused stands in a stream of who asked, and is nobody's relationship.
  const isRelated = kindOf(stream) === 'rel';
  const isOwn = isRelated ? await mayReadStream(tx, caller, stream) : isSupervised(caller);
  if (isOwn) return 'whole';
  if (caller.kind !== 'party') return undefined;
  // Whom a grant is bound to asked in another's relationship: the rest of that is not its to see.
  if (body['principal'] === caller.party) return isRelated ? 'alone' : 'whole';
  if (body['door'] === caller.party) return 'alone';
  const [signer] = body['by'] as unknown as Call['by'];
  const isAsker = signer?.party === caller.party;
  return isAsker && (await isMandatedNow(tx, caller.party, body['principal'] as PartyId)) ? 'alone' : undefined;
}

/** Whether a party has another's mandate to ask for accesses, at this moment. */
export async function isMandatedNow(tx: Tx, id: PartyId, principal: PartyId): Promise<boolean> {
  const view = viewOfStreams(await loadStreams(tx, [partyStream(id), LOG_STREAM]));
  const party = partyIn(view, id);
  const at = { now: await readClock(tx), epoch: epochIn(view) };
  return party !== undefined && isMandated(party, principal, 'access', at);
}

function isSupervised(caller: Caller): boolean {
  return caller.kind === 'party' && caller.roles.includes('supervisor');
}

async function mayReadStream(tx: Tx, caller: Caller, stream: StreamId): Promise<boolean> {
  const relationship = relationshipIn(viewOfStreams(await loadStreams(tx, [stream])), stream);
  return relationship !== undefined && mayRead(tx, caller, stream, relationship, 'proof');
}

function isAccess(entry: Entry): boolean {
  return entry.type === 'access.decided' || entry.type === 'access.refused';
}

export function viewOf(made: Sequenced): AccessView {
  const { access, decision, codes, engine, ground, action, purpose, items, door, bound } = made.entry
    .body as unknown as Omit<AccessView, 'entry' | 'ground' | 'law'> & Partial<Pick<AccessView, 'ground' | 'law'>>;
  const law = lawOf(made.entry.body['law'] as Judged | null | undefined);
  const asked = { ground: ground ?? null, action, purpose, items, door, bound };
  return { access, decision, codes, engine, ...asked, law, entry: placed(made) };
}

/** In one order, whether it was decided just now or read back: a repeat is answered byte for byte the same. */
function lawOf(judged: Judged | null | undefined): Judged | null {
  if (judged == null) return null;
  const { packs, basis, reason, rules, marks, obligations, expired, own_query } = judged;
  const sorted = Object.fromEntries(Object.entries(packs).sort(([a], [b]) => (a < b ? -1 : 1)));
  const owed = obligations.map(({ name, due }) => ({ name, due }));
  return { packs: sorted, basis, reason, rules, marks, obligations: owed, expired, own_query };
}
