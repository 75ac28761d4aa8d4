/** The keys of a person: which of them count, and the end of one, by the person or at a counter. */
import { parseBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { verifyByParty } from '#core/consent/bound-key.ts';
import { isSuspended } from '#core/consent/epoch.ts';
import type { BindingMethod, KeyKind } from '#core/consent/evidence.ts';
import { logIn } from '#core/consent/log.ts';
import { partyIn } from '#core/consent/party.ts';
import { type BoundKey, boundKeyIn, type KeyBound, personIn } from '#core/consent/person.ts';
import type { KeyEnded } from '#core/consent/person-key-end.ts';
import { ownRelationship } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { commandOf } from '#core/consent/rules.ts';
import { verifyKeyEnd } from '#core/consent/signature.ts';
import { digestIdentity, type Identifier, keyEndSigningBytes, keyEndStatement } from '#core/consent/statement.ts';
import { acceptedSubjectKey, subjectKeyBytes } from '#core/consent/subject-key.ts';
import { Failure } from '#core/failure.ts';
import type { Handle, PartyId, PersonId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { isObject } from '#core/shape.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { idOf, LOG_STREAM, partyStream, personStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import { openKeys, openParts, partName, type SealedPayload, sealPayload, type Vault } from '#ledger/vault.ts';
import type { Planned, Write } from '#ledger/write.ts';
import { loadPlaces } from '#store/entries.ts';
import { loadPartsAt } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { loadPerson, loadPersonOf, loadSubjectKey } from '#store/subjects.ts';
import { type CallNames, claimRef, nameCall, nameStatement, submit } from './call.ts';
import { type Caller, type Request, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import { loadIdentity, lookupOf } from './identity.ts';
import { requireStanding } from './key-binding.ts';
import { entryOf, type PlacedApart, placedApart } from './placed.ts';
import { requireReadable, unknownRelationship } from './scope.ts';
import { type Signed, unknownKey } from './statements.ts';
import { loadEpoch, viewOf } from './view.ts';

export interface SubjectKeyView {
  /** Its text; null once it is erased. */
  readonly key: string | null;
  readonly kind: KeyKind;
  readonly method: BindingMethod;
  /** Of a key that another one added: who identified the person for that one. */
  readonly identified_by: PartyId | null;
  readonly identified_at: number | null;
  /** The text of the key that added it, also of one that ended since; null: none did, or that is erased. */
  readonly added_by: string | null;
  /** The party that brought it; null: another key of the person added it. */
  readonly enrolled_by: PartyId | null;
  readonly bound_at: number;
  /** Entries were lost since: it only takes away until it is affirmed. Absent: it gives, too. */
  readonly suspended?: true;
}

/**
 * The keys of a person that count: all of them to the person; to a grantee those that it brought itself, since the others say
 * where else the person is known.
 *
 * @throws {Failure} `relationship_unknown`, also for another's
 */
export async function readSubjectKeys(
  { ledger, vault }: Context,
  caller: Caller,
  handle: Handle,
): Promise<{ readonly handle: Handle; readonly keys: readonly SubjectKeyView[] }> {
  return ledger.store.read(async (tx) => {
    const { grantee } = await requireReadable(tx, caller, relationshipStream(handle), 'letter');
    const owner = await loadOwner(tx, handle);
    const bound = personIn(viewOf(await loadStreams(tx, [owner])), owner)?.keys ?? [];
    const isShown = ({ enrolled_by }: BoundKey) =>
      caller.kind === 'subject' || enrolled_by === caller.party || enrolled_by === grantee;
    const shown = await shownKeys(vault, tx, owner, bound.filter(isShown));
    return { handle, keys: shown.map(({ view }) => view) };
  });
}

export interface IdentifiedKeys {
  /** By which the party reports a loss: that of a key that it identified the person for; null: it did for none. */
  readonly handle: Handle | null;
  readonly keys: readonly SubjectKeyView[];
}

/**
 * The keys of a person that stand on this party's identification, for one who comes to its counter and has none at hand. Of
 * keys that others identified for it learns nothing, nor whether the person is known at all.
 */
export async function findIdentifiedKeys(
  context: Context,
  caller: Caller,
  { principal, identity }: { readonly principal: PartyId; readonly identity: Identifier },
): Promise<IdentifiedKeys> {
  const { party } = requirePartyCaller(caller, principal);
  const { ledger, vault } = context;
  return ledger.store.read(async (tx) => {
    const person = await loadPerson(tx, lookupOf(context, identity));
    if (person === undefined) return { handle: null, keys: [] };
    const owner = personStream(person);
    const bound = personIn(viewOf(await loadStreams(tx, [owner])), owner)?.keys ?? [];
    const own = await shownKeys(
      vault,
      tx,
      owner,
      bound.filter(({ identified_by }) => identified_by === party),
    );
    const handle = own.findLast(({ view }) => view.method !== 'existing_key')?.handle ?? null;
    return { handle, keys: handle === null ? [] : own.map(({ view }) => view) };
  });
}

interface ShownKey {
  readonly view: SubjectKeyView;
  /** Under which it was bound; null once that is erased. */
  readonly handle: Handle | null;
}

/** The keys with their texts, as far as those are not erased. */
async function shownKeys(
  vault: Vault,
  tx: Tx,
  owner: StreamId,
  bound: readonly BoundKey[],
): Promise<readonly ShownKey[]> {
  const epoch = await loadEpoch(tx);
  const seqs = new Set(bound.flatMap(({ seq, signed_by }) => [seq, ...(signed_by === undefined ? [] : [signed_by])]));
  const rows = await loadPlaces(tx, owner, [...seqs]);
  const sealed = await loadPartsAt(
    tx,
    rows.map(({ index }) => index),
    ['binding'],
  );
  const parts = await openParts(vault, sealed);
  const found = new Map(
    rows.map(({ index, bytes }) => {
      const entry = parseEntry(bytes);
      const binding = parts.get(partName(index, 'binding'))?.value;
      const { key: text, handle } = (isObject(binding) ? binding : UNREADABLE) as Pick<SubjectKeyView, 'key'> &
        Pick<ShownKey, 'handle'>;
      return [entry.seq, { entry, text, handle }] as const;
    }),
  );
  return bound.flatMap((each) => {
    const { seq, identified_by, signed_by } = each;
    const own = found.get(seq);
    if (own === undefined) return [];
    const { kind, method, identified_at, enrolled_by } = commandOf(own.entry).input as KeyBound;
    const added_by = (signed_by === undefined ? undefined : found.get(signed_by)?.text) ?? null;
    const left = isSuspended(each, epoch) ? ({ suspended: true } as const) : {};
    const said = { kind, method, identified_by, identified_at, added_by, enrolled_by, ...left };
    return [{ handle: own.handle, view: { key: own.text, ...said, bound_at: own.entry.time } }];
  });
}

const UNREADABLE = { key: null, handle: null };

export interface EndKey extends Signed {
  readonly handle: Handle;
  /** The key that ends; `key` signs, and may be the same. */
  readonly ends: string;
}

export interface EndedKey {
  readonly handle: Handle;
  readonly entry: PlacedApart;
}

/**
 * Ends a key by another one of the same person, or by itself.
 *
 * @throws {Failure} `relationship_unknown`, `subject_key_unknown`, `key_invalid`, `signature_invalid`, `signed_ahead`,
 *   `grade_low`, `key_ended`, if the signer does not count; `already_revoked`, if the key ended before
 */
export async function endKey(context: Context, request: Request, input: EndKey): Promise<EndedKey> {
  const { handle } = input;
  const names = nameStatement(context, request, relationshipStream(handle));
  const entries = await submit(context, () => prepareEnd(context, names, input));
  return { handle, entry: placedApart(entryOf(entries, 'person.key_ended')) };
}

async function prepareEnd(context: Context, names: CallNames, input: EndKey): Promise<Write> {
  const { ledger, vault } = context;
  const { handle, ends, key, signature, signed_at } = input;
  const found = await ledger.store.read(async (tx) => {
    const owner = await loadOwner(tx, handle);
    const [ending, signer] = [await loadPlace(tx, owner, ends), await loadPlace(tx, owner, key)];
    return { ending, signer, owner, keys: await openKeys(vault, tx, owner) };
  });
  const { owner, ending } = found;
  const said = { log: ledger.origin, handle, key: ends, signedAt: signed_at };
  const statement = keyEndStatement({ ...said, identity: null, identifiedBy: null });
  await verifyKeyEnd(context, { statement, key: acceptedSubjectKey(key), signature });
  const payload = await sealPayload(vault, found.keys, 'person.key_ended', { statement, signature });
  const once = claimRef(context, `${owner}/${ending}`, [signed_at, key, signature]);
  return {
    claims: [names.claim, { ...once, mismatch: 'already_revoked' }],
    touches: [owner, LOG_STREAM],
    plan: (view) => [
      planEnd(view, owner, payload, {
        key: ending,
        signed_by: found.signer,
        identified_by: null,
        brought_by: null,
        signed_at: signed_at as Instant,
        ...names.call(0),
      }),
    ],
  };
}

export interface ReportLoss {
  readonly principal: PartyId;
  readonly handle: Handle;
  /** The key that ends. */
  readonly key: string;
  readonly identified_by: PartyId;
  /** Under which the statement names the identity that was checked. */
  readonly identity_salt: string;
  /** The identifying party's, over the statement of the key's end. */
  readonly signature: string;
  readonly signed_at: Instant;
}

/**
 * Ends a key of a person who has none at hand, and whom a party identified at its counter: that party brings it, or the
 * grantee of a relationship.
 *
 * @throws {Failure} `relationship_unknown`, also for another's handle; `subject_key_unknown`, `party_unknown`, `party_role`,
 *   `signature_invalid`, `signed_ahead`; `already_revoked`, if the key ended before
 */
export async function reportLoss(context: Context, caller: Caller, input: ReportLoss): Promise<EndedKey> {
  const { handle } = input;
  const names = nameCall(context, requirePartyCaller(caller, input.principal), 'sealed');
  const entries = await submit(context, () => prepareLoss(context, names, input));
  return { handle, entry: placedApart(entryOf(entries, 'person.key_ended')) };
}

async function prepareLoss(context: Context, names: CallNames, input: ReportLoss): Promise<Write> {
  const { ledger, vault } = context;
  const { principal, handle, identified_by, identity_salt, signature, signed_at } = input;
  const stream = relationshipStream(handle);
  const parties = [...new Set([principal, identified_by])].map(partyStream);
  const found = await ledger.store.read(async (tx) => {
    const known = viewOf(await loadStreams(tx, [stream, LOG_STREAM, ...parties]));
    const isItsOwn = principal === identified_by || ownRelationship(known, handle, principal) !== undefined;
    if (!isItsOwn) throw unknownRelationship();
    const owner = await loadOwner(tx, handle);
    const identity = await loadIdentity(vault, tx, stream);
    const ending = await loadPlace(tx, owner, input.key);
    return { known, owner, identity, ending, keys: await openKeys(vault, tx, owner) };
  });
  const { owner, ending } = found;
  const statement = keyEndStatement({
    log: ledger.origin,
    handle,
    key: input.key,
    identity: digestIdentity(parseBase64Url(identity_salt), found.identity),
    identifiedBy: identified_by,
    signedAt: signed_at,
  });
  const signer = await verifyIdentifier(context, found.known, input, statement);
  const values = { statement, signature, identity_salt, ...names.part };
  const payload = await sealPayload(vault, found.keys, 'person.key_ended', values);
  return {
    claims: [names.claim],
    touches: [owner, LOG_STREAM, ...parties],
    plan(view) {
      requireStanding(view, identified_by, signer);
      const said = { identified_by, brought_by: principal, signed_at, ...names.call(0) };
      return [planEnd(view, owner, payload, { key: ending, signed_by: null, ...said })];
    },
  };
}

/** The identifying party's key that signed. @throws {Failure} `party_unknown`, `signature_invalid` */
async function verifyIdentifier(
  context: Context,
  known: View,
  { identified_by, signature }: ReportLoss,
  statement: JsonObject,
): Promise<string> {
  const party = partyIn(known, identified_by);
  if (party === undefined) throw new Failure('party_unknown', 'no such party');
  return verifyByParty(context.ed25519, party, logIn(known), keyEndSigningBytes(statement), signature);
}

function planEnd(view: View, owner: StreamId, payload: SealedPayload, input: KeyEnded): Planned {
  if (boundKeyIn(personIn(view, owner), input.key) === undefined) {
    throw new Failure('already_revoked', 'the key ended before');
  }
  return { command: { type: 'person.key_ended', stream: owner, input }, payload };
}

/** The stream of a relationship's person. @throws {Failure} `relationship_unknown` */
export async function loadOwner(tx: Tx, handle: Handle): Promise<StreamId> {
  const person = await loadPersonOf(tx, handle);
  if (person === undefined) throw unknownRelationship();
  return personStream(person);
}

/** Where a key was bound to a person. @throws {Failure} `subject_key_unknown`, `key_invalid` */
export async function loadPlace(tx: Tx, owner: StreamId, key: string): Promise<number> {
  const seq = await loadSubjectKey(tx, idOf<PersonId>(owner), subjectKeyBytes(key));
  if (seq === undefined) throw unknownKey();
  return seq;
}
