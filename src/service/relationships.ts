/** Relationships: enrolling a subject, binding the subject's keys, and reading what happened. */

import { parseBase64Url, parseUtf8 } from '#core/bytes.ts';
import { encodeCanonical, type JsonObject } from '#core/canonical.ts';
import { verifyByParty } from '#core/consent/bound-key.ts';
import type { Method } from '#core/consent/evidence.ts';
import type { Said } from '#core/consent/explain-text.ts';
import { lawAt } from '#core/consent/law.ts';
import { activeKeys, partyIn } from '#core/consent/party.ts';
import { personIn } from '#core/consent/person.ts';
import { ownRelationship } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { verifyBinding } from '#core/consent/signature.ts';
import { bindingSigningBytes, bindingStatement, digestIdentity, normaliseIdentifier } from '#core/consent/statement.ts';
import { parseSubjectKey, subjectKeyBytes } from '#core/consent/subject-key.ts';
import type { SubjectKind } from '#core/consent/terms.ts';
import { Failure } from '#core/failure.ts';
import { type Hash, mac } from '#core/hash.ts';
import type { IdentifierFlag } from '#core/identifier/flag.ts';
import { flagsOf, requireIdentifier } from '#core/identifier/identifier.ts';
import type { Handle, PartyId, PersonId } from '#core/ids.ts';
import { type Instant, SIGNED_AHEAD_MAX_MS } from '#core/instant.ts';
import { dayAt } from '#core/pack/reckon.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { idOf, LOG_STREAM, partyStream, personStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import type { SubjectCrypto } from '#core/webauthn/assertion.ts';
import { noKeys, openKeys, sealPayload } from '#ledger/vault.ts';
import type { Planned, Sequenced, Write } from '#ledger/write.ts';
import { loadSlice } from '#store/entries.ts';
import { loadStreams } from '#store/streams.ts';
import { loadHandle, loadPerson, loadPersonOf, loadSubjectKey } from '#store/subjects.ts';
import { sayBound } from './bindings.ts';
import { type CallNames, isAnswered, nameCall, submit } from './call.ts';
import { type Caller, requirePartyCaller } from './caller.ts';
import { type Context, newId } from './context.ts';
import { loadIdentity } from './identity.ts';
import { entryOf, type Placed, type PlacedApart, placed, placedApart } from './placed.ts';
import { requireReadable, unknownRelationship } from './scope.ts';
import { viewOf } from './view.ts';

export interface Identity {
  readonly id_type: string;
  readonly id_number: string;
  readonly name: string;
  readonly phone: string | null;
}

export interface Enrol {
  readonly principal: PartyId;
  readonly subject: SubjectKind;
  readonly identity: Identity;
  /** Whether the subject comes out of records from before: then a resident number may have 15 digits. */
  readonly legacy?: boolean | undefined;
}

export interface Enrolled {
  readonly handle: Handle;
  /** What whoever relies on the document should know of it, as it was at the opening. */
  readonly flags: readonly IdentifierFlag[];
  readonly entry: Placed;
}

/**
 * Opens the relationship of a subject with the principal, and answers the principal's own handle: the same one again
 * where there is one already, and in the same way whether or not others know the person.
 *
 * @throws {Failure} `identifier_invalid`, where none of its kind can have that number; `engine_old`, for a subject out of
 *   records from before.
 */
export async function enrol(context: Context, caller: Caller, input: Enrol): Promise<Enrolled> {
  const names = nameCall(context, requirePartyCaller(caller, input.principal), 'sealed');
  requireIdentifier(input.identity, 'identity', { today: dayAt(context.clock()), legacy: input.legacy === true });
  const lookup = lookupOf(context, input.identity);
  const entries = await submit(
    context,
    async () => (await loadEnrolled(context, names, lookup, input)) ?? prepareEnrolment(context, names, lookup, input),
  );
  const opened = entryOf(entries, 'relationship.opened');
  const { flags = [] } = opened.entry.body as { readonly flags?: readonly IdentifierFlag[] };
  return { handle: idOf<Handle>(opened.entry.stream), flags, entry: placed(opened) };
}

/** The opening of the relationship that the principal already has with the person, unless this very call made it. */
async function loadEnrolled(
  { ledger }: Context,
  { claim }: CallNames,
  lookup: Hash,
  { principal }: Enrol,
): Promise<readonly Sequenced[] | undefined> {
  const rows = await ledger.store.read(async (tx) => {
    if (await isAnswered(tx, claim)) return undefined;
    const person = await loadPerson(tx, lookup);
    const handle = person && (await loadHandle(tx, person, principal));
    if (handle === undefined) return undefined;
    return loadSlice(tx, { stream: relationshipStream(handle), indexMax: Number.MAX_SAFE_INTEGER, countMax: 1 });
  });
  return rows?.map((row) => ({ ...row, entry: parseEntry(row.bytes) }));
}

async function prepareEnrolment(context: Context, names: CallNames, lookup: Hash, input: Enrol): Promise<Write> {
  const { principal, subject, identity, legacy = false } = input;
  const known = await context.ledger.store.readOnce((tx) => loadPerson(tx, lookup));
  const person = known ?? newId<PersonId>(context);
  const handle = newId<Handle>(context);
  const stream = relationshipStream(handle);
  const payload = await sealPayload(context.vault, noKeys(stream), 'relationship.opened', {
    identity: { ...identity },
    person,
    ...names.part,
  });
  return {
    claims: [names.claim],
    touches: [stream, personStream(person), LOG_STREAM, ...names.touches],
    plan(view, now) {
      // What the person froze stays frozen for who comes later.
      const held = personIn(view, personStream(person))?.frozen ?? null;
      const frozen = held && { grade: held.grade, signed_at: held.signed_at as Instant };
      const flags = flagsOf(identity, legacy, lawAt(view, now)?.isArea ?? null);
      const flagged = flags.length === 0 ? {} : { flags };
      const input = { grantee: principal, subject, frozen, ...flagged, ...names.call(0) };
      const opening: Planned = {
        command: { type: 'relationship.opened', stream, input },
        payload,
        relationships: [{ handle, person, grantee: principal }],
        persons: known === undefined ? [{ lookup, person }] : [],
      };
      return [opening];
    },
  };
}

/** HMAC-SHA-256(deployment key, ID type, normalised number): the vault's look-up key, never in an entry. */
function lookupOf({ keys }: Context, identity: Identity): Hash {
  return mac(keys.lookup, encodeCanonical(normaliseIdentifier(identity)));
}

export interface BindKey {
  readonly principal: PartyId;
  readonly handle: Handle;
  readonly key: string;
  readonly method: Method;
  readonly identified_by: PartyId | null;
  readonly identified_at: Instant | null;
  /** Under which the binding names the identity that was checked; null for a link. */
  readonly identity_salt: string | null;
  /** The subject key's signature over the binding. */
  readonly possession: string;
  /** The identifying party's signature over the binding. */
  readonly identification: string | null;
}

/**
 * Binds a key to the subject of a relationship.
 *
 * @throws {Failure} `relationship_unknown`, also for another's handle; `key_invalid`; `signature_invalid`;
 *   `identification_missing`; `already_there`.
 */
export async function bindKey(
  context: Context,
  caller: Caller,
  input: BindKey,
): Promise<{ readonly entry: PlacedApart }> {
  const names = nameCall(context, requirePartyCaller(caller, input.principal), 'sealed');
  const entries = await submit(context, () => prepareBinding(context, names, input));
  return { entry: placedApart(entryOf(entries, 'person.key_bound')) };
}

async function prepareBinding(context: Context, names: CallNames, input: BindKey): Promise<Write> {
  const { ledger, vault } = context;
  const { principal, handle, method, identified_by, identified_at, identity_salt, possession, identification } = input;
  const key = parseSubjectKey(input.key);
  const public_key = subjectKeyBytes(input.key);
  const stream = relationshipStream(handle);
  const parties = [...new Set([principal, ...(identified_by === null ? [] : [identified_by])])].map(partyStream);
  const before = await loadBefore(context, input, parties);
  const binding = bindingStatement({
    log: ledger.origin,
    handle,
    key: input.key,
    identity: identity_salt === null ? null : digestIdentity(parseBase64Url(identity_salt), before.identity),
    method,
    identifiedBy: identified_by,
    identifiedAt: identified_at,
  });
  const identifier = await verifyBindingSignatures(context, before.known, { ...input, binding });
  const payload = await sealPayload(vault, before.keys, 'person.key_bound', {
    binding,
    possession,
    ...(identification === null ? {} : { identification }),
    ...(identity_salt === null ? {} : { identity_salt }),
    ...names.part,
  });
  const { owner, person } = before;
  return {
    claims: [names.claim],
    touches: [owner, stream, ...parties, ...(key.kind === 'passkey' ? [LOG_STREAM] : [])],
    plan(view, now) {
      if (before.bound !== undefined) throw new Failure('already_there', 'the subject already has this key');
      if (identified_at !== null && identified_at > now + SIGNED_AHEAD_MAX_MS) {
        throw new Failure('signed_ahead', 'identified more than 5 minutes ahead of the ledger');
      }
      if (identified_by !== null) requireStanding(view, identified_by, identifier);
      const call = names.call(0);
      return [
        {
          command: {
            type: 'person.key_bound',
            stream: owner,
            input: { kind: key.kind, method, identified_by, identified_at, enrolled_by: principal, ...call },
          },
          payload,
          subjectKeys: [{ person, public_key }],
        },
      ];
    },
  };
}

/** The subject, and what is known of it and of its key. @throws {Failure} `relationship_unknown`, also for another's handle */
async function loadBefore({ ledger, vault }: Context, input: BindKey, parties: readonly StreamId[]) {
  const { handle, principal } = input;
  const stream = relationshipStream(handle);
  return ledger.store.read(async (tx) => {
    const person = await loadPersonOf(tx, handle);
    const known = viewOf(await loadStreams(tx, [stream, ...parties]));
    if (person === undefined || ownRelationship(known, handle, principal) === undefined) throw unknownRelationship();
    const owner = personStream(person);
    return {
      person,
      owner,
      known,
      identity: await loadIdentity(vault, tx, stream),
      keys: await openKeys(vault, tx, owner),
      bound: await loadSubjectKey(tx, person, subjectKeyBytes(input.key)),
    };
  });
}

/** The key that identified is checked again under the lock: it may be gone since it was read. */
export function requireStanding(view: View, identifier: PartyId, key: string | undefined): void {
  const party = partyIn(view, identifier);
  if (party !== undefined && !activeKeys(party).includes(key ?? '')) {
    throw new Failure('superseded', 'the identifying party’s key is gone');
  }
}

/** Verifies possession and identification, and returns the identifying party's key that signed. */
async function verifyBindingSignatures(
  crypto: SubjectCrypto,
  known: View,
  input: BindKey & { readonly binding: JsonObject },
): Promise<string | undefined> {
  const { binding, possession, identification, identified_by } = input;
  await verifyBinding(crypto, { binding, key: parseSubjectKey(input.key), signature: possession });
  const absent = [identified_by, identification, input.identity_salt].filter((each) => each === null).length;
  if (absent !== 0 && absent !== 3) {
    throw new Failure(
      'identification_missing',
      'an identification names its party, carries its signature and its salt',
    );
  }
  if (identified_by === null || identification === null) return undefined;
  const party = partyIn(known, identified_by);
  if (party === undefined) throw new Failure('party_unknown', 'no such party');
  return verifyByParty(crypto.ed25519, party, bindingSigningBytes(binding), identification);
}

const ENTRIES_PAGE_MAX = 500;

export interface EntriesPage {
  readonly handle: Handle;
  readonly entries: readonly (Placed & {
    readonly entry: string;
    /** What the subject has to learn from it, in words; null: nothing. */
    readonly said: Said | null;
  })[];
  /** Where the next page begins, or null. */
  readonly next: number | null;
}

/**
 * A relationship's entries in order, from `seq` on.
 *
 * @throws {Failure} `relationship_unknown`
 */
export async function readEntries(
  { ledger }: Context,
  caller: Caller,
  { handle, from: seq }: { readonly handle: Handle; readonly from: number },
): Promise<EntriesPage> {
  const stream = relationshipStream(handle);
  return ledger.store.read(async (tx) => {
    await requireReadable(tx, caller, stream, 'proof');
    const rows = await loadSlice(tx, {
      stream,
      indexMax: Number.MAX_SAFE_INTEGER,
      seqMin: seq,
      countMax: ENTRIES_PAGE_MAX + 1,
    });
    const entries: EntriesPage['entries'][number][] = [];
    for (const row of rows.slice(0, ENTRIES_PAGE_MAX)) {
      const entry = parseEntry(row.bytes);
      const said = entry.type === 'grantee.bound' ? await sayBound(tx, entry.body['party'] as PartyId) : null;
      entries.push({ ...placed({ ...row, entry }), entry: parseUtf8(row.bytes), said });
    }
    return { handle, entries, next: rows.length > ENTRIES_PAGE_MAX ? seq + ENTRIES_PAGE_MAX : null };
  });
}
