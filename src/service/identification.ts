/**
 * A person gets a passkey on a page: it is made, an identity provider says who its person is, and it signs that itself. What
 * is on its way is in the browser's hands, under our MAC; the ledger has nothing of it before the key is bound.
 *
 * @module
 */
import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type RegistrationResponseJSON,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { parseBase64Url, parseUtf8, toBase64Url, utf8 } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { verifyByParty } from '#core/consent/bound-key.ts';
import type { Said } from '#core/consent/explain-text.ts';
import { logIn } from '#core/consent/log.ts';
import { partyIn } from '#core/consent/party.ts';
import { bindingSigningBytes } from '#core/consent/statement.ts';
import { Failure, isFailure, readAs } from '#core/failure.ts';
import { SALT_BYTES } from '#core/hash.ts';
import { type Handle, type PartyId, parseId } from '#core/ids.ts';
import { type Instant, SIGNED_AHEAD_MAX_MS } from '#core/instant.ts';
import { LOG_STREAM, partyStream, relationshipStream } from '#core/tlog/stream.ts';
import { readRegistration } from '#core/webauthn/registration.ts';
import { loadStreams } from '#store/streams.ts';
import type { Request } from './caller.ts';
import type { Context } from './context.ts';
import { handOut, takeBack } from './handed.ts';
import { loadIdentity } from './identity.ts';
import { bindIdentifiedKey, bindingOf, bindLinkedKey } from './key-binding.ts';
import type { PlacedApart } from './placed.ts';
import { viewOf } from './view.ts';

/** Who identifies persons on the pages, as the roof is configured: a party with the role `identifier`. */
export interface IdentityProvider {
  readonly party: PartyId;
  readonly name: Said;
  /** Where its form is posted to. */
  readonly url: string;
}

/** What a device is asked to make: `navigator.credentials.create`, as JSON (WebAuthn 3, section 5.1.8). */
export type PasskeyOptions = PublicKeyCredentialCreationOptionsJSON;

/** Whose passkeys these are, and from where they are made. */
export interface RelyingParty {
  readonly relyingParty: string;
  readonly origin: string;
}

/** How long a person may take to make a passkey. */
const CREATED_WITHIN_MS = 5 * 60 * 1_000;
/** And to be identified. */
const IDENTIFIED_WITHIN_MS = 15 * 60 * 1_000;
const USER_ID_BYTES = 32;
/** COSE: Ed25519, ES256. */
const ALGORITHMS = [-8, -7];
const RS256 = -257;

/** A passkey that somebody is identified for: one that was made just now, or one that waits to be affirmed. */
export interface Pending {
  readonly handle: Handle;
  readonly key: string;
  readonly credential: string;
  readonly salt: string;
}

/** What `navigator.credentials.create` is asked for. Its challenge is ours by its MAC, and says which relationship it is for. */
export async function startRegistration(
  context: Context,
  handle: Handle,
  { relyingParty }: RelyingParty,
): Promise<PasskeyOptions> {
  const challenge = handOut(context, 'passkey', { handle, relyingParty }, CREATED_WITHIN_MS);
  return generateRegistrationOptions({
    rpName: 'Assent 授权与同意账本',
    rpID: relyingParty,
    // It is shown on the person's own device, and kept there: it says what the key is for, and not who the person is.
    userName: 'Assent 授权账本',
    userID: new Uint8Array(context.random(USER_ID_BYTES)),
    challenge: new Uint8Array(utf8(challenge)),
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/**
 * Reads what the device answered. Answers what the page carries on: the passkey, bound to nobody yet.
 *
 * @throws {Failure} `key_invalid`, if it is none that we take; `challenge_stale`
 */
export async function finishRegistration(
  context: Context,
  handle: Handle,
  { relyingParty, origin }: RelyingParty,
  text: string,
): Promise<string> {
  const response = readAnswer(text);
  const { credential, key } = readRegistration(relyingParty, authenticatorDataOf(response));
  const { verified } = await verifyAnswer(context, handle, { relyingParty, origin }, response);
  if (!verified || response.id !== credential) throw new Failure('key_invalid', 'the device made another passkey');
  return handPending(context, { handle, key, credential, salt: toBase64Url(context.random(SALT_BYTES)) });
}

/** What a page carries on of a passkey until somebody was identified for it. */
export function handPending(context: Context, pending: Pending): string {
  return handOut(context, 'pending', { ...pending }, IDENTIFIED_WITHIN_MS);
}

function readAnswer(text: string): RegistrationResponseJSON {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const response = value as RegistrationResponseJSON | undefined;
  if (typeof response?.id === 'string' && typeof response.response?.clientDataJSON === 'string') return response;
  throw new Failure('key_invalid', 'not what a device answers that made a passkey');
}

function authenticatorDataOf({ response }: RegistrationResponseJSON): Uint8Array {
  if (response.publicKeyAlgorithm === RS256) {
    throw new Failure('key_invalid', 'a passkey of RS256 is not taken: make one of ES256 (−7) or Ed25519 (−8)');
  }
  return readAs('key_invalid', 'a passkey comes with its authenticator data', () =>
    parseBase64Url(response.authenticatorData ?? ''),
  );
}

async function verifyAnswer(
  context: Context,
  handle: Handle,
  { relyingParty, origin }: RelyingParty,
  response: RegistrationResponseJSON,
) {
  try {
    return await verifyRegistrationResponse({
      response,
      expectedChallenge: (challenge) => isOurs(context, handle, relyingParty, challenge),
      expectedOrigin: origin,
      expectedRPID: relyingParty,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
  } catch (cause) {
    if (isFailure(cause)) throw cause;
    throw new Failure('key_invalid', 'not a passkey that was made on this page just now', { cause });
  }
}

/** @throws {Failure} `challenge_stale` */
function isOurs(context: Context, handle: Handle, relyingParty: string, challenge: string): boolean {
  const text = parseUtf8(parseBase64Url(challenge));
  const said = takeBack(context, 'passkey', text);
  return said['handle'] === handle && said['relyingParty'] === relyingParty;
}

/** What the form to an identity provider says. It names nobody: whoever it identifies, it signs for that one. */
export interface IdentificationForm {
  readonly log: string;
  readonly handle: Handle;
  readonly key: string;
  readonly salt: string;
  readonly state: string;
  readonly return_to: string;
}

/** @throws {Failure} `challenge_stale` */
export function beginIdentification(
  context: Context,
  state: string,
  { party }: IdentityProvider,
  returnTo: string,
): IdentificationForm {
  const { handle, key, salt } = readPending(context, state);
  const named = handOut(context, 'identifying', { state, party }, IDENTIFIED_WITHIN_MS);
  return { log: context.ledger.origin, handle, key, salt, state: named, return_to: returnTo };
}

/** What a provider sends back. */
export interface Identified {
  readonly state: string;
  readonly identified_at: Instant;
  /** Its signature over the binding. */
  readonly identification: string;
}

export interface TakenIdentification {
  readonly handle: Handle;
  /** The id of the passkey that signs next. */
  readonly credential: string;
  /** Who identified the person, by its registered name. */
  readonly by: string;
  /** What it signs, and what the page carries on. */
  readonly statement: JsonObject;
  readonly carried: string;
}

/**
 * Takes what a provider signed. Answers what the passkey signs itself now, and what the page carries on.
 *
 * @throws {Failure} `challenge_stale`, `signed_ahead`, `party_role`; `identification_other`, if the provider did not identify
 *   this letter's person, and nothing of that person is told then.
 */
export async function takeIdentification(
  context: Context,
  { state, ...signed }: Identified,
): Promise<TakenIdentification> {
  const said = takeBack(context, 'identifying', state);
  const pending = readPending(context, String(said['state']));
  const named = { party: parseId<PartyId>(said['party']), ...signed };
  const verified = await verifyIdentified(context, pending, named);
  const { handle, credential } = pending;
  return { handle, credential, ...verified, carried: carryIdentified(context, String(said['state']), named) };
}

/** What a provider signed of a passkey, and when. */
type SignedByProvider = Omit<Identified, 'state'> & { readonly party: PartyId };

/**
 * Verifies that a provider identified this relationship's person for a passkey, just now. Answers what the passkey signs
 * itself, and the provider's registered name.
 *
 * @throws {Failure} as {@link takeIdentification}
 */
export async function verifyIdentified(
  context: Context,
  pending: Omit<Pending, 'credential'>,
  { party, identified_at, identification }: SignedByProvider,
): Promise<Pick<TakenIdentification, 'statement' | 'by'>> {
  const now = context.clock();
  if (identified_at > now + SIGNED_AHEAD_MAX_MS) {
    throw new Failure('signed_ahead', 'identified more than 5 minutes ahead of the ledger');
  }
  if (now - identified_at > IDENTIFIED_WITHIN_MS) {
    throw new Failure('challenge_stale', 'the person was identified more than 15 minutes ago');
  }
  const { known, identity } = await loadKnown(context, pending.handle, party);
  const statement = statementOf(context, pending, { party, identified_at }, identity);
  const identifier = partyIn(known, party);
  if (identifier === undefined || !identifier.roles.includes('identifier')) {
    throw new Failure('party_role', 'this party identifies nobody');
  }
  try {
    await verifyByParty(context.ed25519, identifier, logIn(known), bindingSigningBytes(statement), identification);
  } catch (cause) {
    if (!isFailure(cause, 'signature_invalid')) throw cause;
    throw new Failure('identification_other', 'the provider did not identify the person of this letter', { cause });
  }
  return { statement, by: identifier.name };
}

/**
 * What a page carries on of a passkey that somebody was identified for, until it signed itself. It is over when the
 * identification is: whoever gets hold of the page later was not the one who was identified.
 */
export function carryIdentified(context: Context, state: string, signed: SignedByProvider): string {
  const forMs = signed.identified_at + IDENTIFIED_WITHIN_MS - context.clock();
  return handOut(context, 'identified', { state, ...signed }, Math.min(forMs, IDENTIFIED_WITHIN_MS));
}

/**
 * Binds the passkey, once it signed the binding too.
 *
 * @throws {Failure} `challenge_stale`, `signature_invalid`, `already_there`
 */
export async function bindCarried(
  context: Context,
  request: Request,
  carried: string,
  possession: string,
): Promise<{ readonly entry: PlacedApart }> {
  const said = takeBack(context, 'identified', carried);
  const { handle, key, credential, salt } = readPending(context, String(said['state']));
  return bindIdentifiedKey(context, request, {
    ...{ handle, key, credential, possession },
    method: 'identity_provider',
    identified_by: parseId<PartyId>(said['party']),
    identified_at: Number(said['identified_at']) as Instant,
    identity_salt: salt,
    identification: String(said['identification']),
  });
}

/** The statement that a passkey signs which nobody identifies anyone for, and its id. @throws {Failure} `challenge_stale` */
export function linkedStatement(
  context: Context,
  state: string,
): Pick<TakenIdentification, 'handle' | 'credential' | 'statement'> {
  const { handle, key, credential } = readPending(context, state);
  const nobody = { method: 'link', identified_by: null, identified_at: null, identity_salt: null } as const;
  const statement = bindingOf(context.ledger.origin, { handle, key, ...nobody }, { id_type: '', id_number: '' });
  return { handle, credential, statement };
}

/** @throws {Failure} `challenge_stale`, `signature_invalid`, `already_there`, `identification_missing` */
export async function bindPending(
  context: Context,
  request: Request,
  state: string,
  possession: string,
): Promise<{ readonly entry: PlacedApart }> {
  const { handle, key, credential } = readPending(context, state);
  return bindLinkedKey(context, request, { handle, key, credential, possession });
}

/** The passkey that was made, for a page that binds it otherwise. @throws {Failure} `challenge_stale` */
export function pendingPasskey(context: Context, state: string): Pick<Pending, 'handle' | 'key' | 'credential'> {
  return readPending(context, state);
}

function readPending(context: Context, state: string): Pending {
  const { handle, key, credential, salt } = takeBack(context, 'pending', state);
  return { handle: handle as Handle, key: String(key), credential: String(credential), salt: String(salt) };
}

function statementOf(
  { ledger }: Context,
  { handle, key, salt }: Omit<Pending, 'credential'>,
  { party, identified_at }: { readonly party: PartyId; readonly identified_at: Instant },
  identity: Parameters<typeof bindingOf>[2],
): JsonObject {
  const named = { method: 'identity_provider', identified_by: party, identified_at, identity_salt: salt } as const;
  return bindingOf(ledger.origin, { handle, key, ...named }, identity);
}

function loadKnown({ ledger, vault }: Context, handle: Handle, party: PartyId) {
  return ledger.store.read(async (tx) => ({
    known: viewOf(await loadStreams(tx, [LOG_STREAM, partyStream(party)])),
    identity: await loadIdentity(vault, tx, relationshipStream(handle)),
  }));
}
