/**
 * Binding the keys of a subject: a party brings one; or the person does, on a page, with what an identity provider signed, or
 * with nothing but the link of its letter.
 *
 * @module
 */
import { parseBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { verifyByParty } from '#core/consent/bound-key.ts';
import { epochIn, isSuspended } from '#core/consent/epoch.ts';
import type { Method } from '#core/consent/evidence.ts';
import { logIn } from '#core/consent/log.ts';
import { activeKeys, partyIn } from '#core/consent/party.ts';
import { boundKeyIn, personIn } from '#core/consent/person.ts';
import { ownRelationship, relationshipIn } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { verifyBinding } from '#core/consent/signature.ts';
import { bindingSigningBytes, bindingStatement, digestIdentity } from '#core/consent/statement.ts';
import { parseSubjectKey, subjectKeyBytes } from '#core/consent/subject-key.ts';
import { Failure } from '#core/failure.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import { type Instant, SIGNED_AHEAD_MAX_MS } from '#core/instant.ts';
import { LOG_STREAM, partyStream, personStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import type { SubjectCrypto } from '#core/webauthn/assertion.ts';
import { openKeys, sealPayload } from '#ledger/vault.ts';
import type { Write } from '#ledger/write.ts';
import { loadStreams } from '#store/streams.ts';
import { loadPersonOf, loadSubjectKey } from '#store/subjects.ts';
import { type CallNames, nameCall, nameHolder, nameStatement, submit } from './call.ts';
import { type Caller, type Request, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import { loadIdentity } from './identity.ts';
import { entryOf, type PlacedApart, placedApart } from './placed.ts';
import { unknownRelationship } from './scope.ts';
import { viewOf } from './view.ts';

/** What a key of a person, and who identified the person, say of it. */
export interface Binding {
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
  /** The passkey's id on its device, base64url: by which its person signs in. */
  readonly credential?: string | undefined;
}

export interface BindKey extends Binding {
  readonly principal: PartyId;
}

/**
 * Binds a key to the subject of a relationship; or, of one that was bound before the log was continued, affirms that it gives
 * again, where somebody identified its holder anew for it (ADR 0028).
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
  return bindBy(context, names, input, (known) => {
    if (ownRelationship(known, input.handle, input.principal) === undefined) throw unknownRelationship();
    return input.principal;
  });
}

/**
 * Binds a key that a person brings, by the signatures of key and identifying party alone.
 *
 * @throws {Failure} as {@link bindKey}
 */
export function bindIdentifiedKey(
  context: Context,
  request: Request,
  input: Binding & { readonly identified_by: PartyId },
): Promise<{ readonly entry: PlacedApart }> {
  const names = nameStatement(context, request, relationshipStream(input.handle));
  return bindBy(context, names, input, () => input.identified_by);
}

/**
 * Binds a key that nobody identified anyone for: whoever holds the link of a letter brings it. It is of grade D, and supports
 * no query and no report (design §8).
 *
 * @throws {Failure} as {@link bindKey}
 */
export function bindLinkedKey(
  context: Context,
  request: Request,
  { handle, key, possession, credential }: Pick<Binding, 'handle' | 'key' | 'possession' | 'credential'>,
): Promise<{ readonly entry: PlacedApart }> {
  const stream = relationshipStream(handle);
  const nobody = { identified_by: null, identified_at: null, identity_salt: null, identification: null } as const;
  const binding: Binding = { handle, key, method: 'link', ...nobody, possession, credential };
  return bindBy(context, nameHolder(context, request, stream), binding, (known) => {
    const relationship = relationshipIn(known, stream);
    if (relationship === undefined) throw unknownRelationship();
    return relationship.grantee;
  });
}

/** @param bringerOf Who brings it, of the ledger as it was read. */
async function bindBy(
  context: Context,
  names: CallNames,
  input: Binding,
  bringerOf: (known: View) => PartyId,
): Promise<{ readonly entry: PlacedApart }> {
  const entries = await submit(context, () => prepareBinding(context, names, input, bringerOf));
  const [made] = entries;
  const isAffirmed = made?.entry.type === 'person.key_affirmed';
  return { entry: placedApart(isAffirmed ? made : entryOf(entries, 'person.key_bound')) };
}

async function prepareBinding(
  context: Context,
  names: CallNames,
  input: Binding,
  bringerOf: (known: View) => PartyId,
): Promise<Write> {
  const { ledger, vault } = context;
  const { method, identified_by, identified_at, identity_salt, possession, identification, credential } = input;
  const key = parseSubjectKey(input.key);
  const public_key = subjectKeyBytes(input.key);
  const stream = relationshipStream(input.handle);
  const before = await loadBefore(context, input, names.touches);
  const enrolled_by = bringerOf(before.known);
  const binding = bindingOf(ledger.origin, input, before.identity);
  const identifier = await verifyBindingSignatures(context, before.known, { ...input, binding });
  const affirms = identified_by !== null && identified_at !== null ? before.bound : undefined;
  const type = affirms === undefined ? 'person.key_bound' : 'person.key_affirmed';
  const payload = await sealPayload(vault, before.keys, type, {
    binding,
    possession,
    ...(identification === null ? {} : { identification }),
    ...(identity_salt === null ? {} : { identity_salt }),
    ...names.part,
  });
  const { owner, person } = before;
  const parties = [enrolled_by, ...(identified_by === null ? [] : [identified_by])].map(partyStream);
  return {
    claims: [names.claim],
    touches: [...new Set([owner, stream, LOG_STREAM, ...parties, ...names.touches])],
    plan(view, now) {
      const bound = before.bound === undefined ? undefined : boundKeyIn(personIn(view, owner), before.bound);
      const isLeft = affirms !== undefined && bound !== undefined && isSuspended(bound, epochIn(view));
      if (before.bound !== undefined && !isLeft) {
        throw new Failure('already_there', 'the subject already has this key');
      }
      if (identified_at !== null && identified_at > now + SIGNED_AHEAD_MAX_MS) {
        throw new Failure('signed_ahead', 'identified more than 5 minutes ahead of the ledger');
      }
      if (identified_by !== null) requireStanding(view, identified_by, identifier);
      if (affirms !== undefined && identified_by !== null && identified_at !== null) {
        const named = { identified_by, identified_at, enrolled_by, epoch: epochIn(view), ...names.call(0) };
        return [
          { command: { type: 'person.key_affirmed', stream: owner, input: { key: affirms, ...named } }, payload },
        ];
      }
      const said = { kind: key.kind, method, identified_by, identified_at, enrolled_by, ...names.call(0) };
      return [
        {
          command: { type: 'person.key_bound', stream: owner, input: said },
          payload,
          subjectKeys: [{ person, public_key }],
          ...(credential === undefined
            ? {}
            : { credentials: [{ credential: parseBase64Url(credential), person, public_key }] }),
        },
      ];
    },
  };
}

/** The statement that both sign, for the identity that the relationship was opened with. */
export function bindingOf(
  log: string,
  said: Pick<Binding, 'handle' | 'key' | 'method' | 'identified_by' | 'identified_at' | 'identity_salt'>,
  identity: Parameters<typeof digestIdentity>[1],
): JsonObject {
  const { handle, key, method, identified_by, identified_at, identity_salt: salt } = said;
  return bindingStatement({
    log,
    handle,
    key,
    identity: salt === null ? null : digestIdentity(parseBase64Url(salt), identity),
    method,
    identifiedBy: identified_by,
    identifiedAt: identified_at,
  });
}

/** The subject, and what is known of it and of its key. @throws {Failure} `relationship_unknown` */
async function loadBefore({ ledger, vault }: Context, input: Binding, others: readonly StreamId[]) {
  const { handle, identified_by } = input;
  const stream = relationshipStream(handle);
  const parties = identified_by === null ? [] : [partyStream(identified_by)];
  return ledger.store.read(async (tx) => {
    const person = await loadPersonOf(tx, handle);
    const known = viewOf(await loadStreams(tx, [...new Set([stream, LOG_STREAM, ...parties, ...others])]));
    if (person === undefined) throw unknownRelationship();
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
  if (party !== undefined && !activeKeys(party, logIn(view)).includes(key ?? '')) {
    throw new Failure('superseded', 'the identifying party’s key is gone');
  }
}

/** Verifies possession and identification, and returns the identifying party's key that signed. */
async function verifyBindingSignatures(
  crypto: SubjectCrypto,
  known: View,
  input: Binding & { readonly binding: JsonObject },
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
  return verifyByParty(crypto.ed25519, party, logIn(known), bindingSigningBytes(binding), identification);
}
