/**
 * Adding a device on the pages: a device that is there makes a link, the new one makes its key behind it, and the first adds
 * that key once its person saw the same code on both.
 *
 * A link takes one key, and shows that key's code to nobody but who brought it: whoever opens the link of another learns that
 * it was used, and nothing to compare. So somebody who was quicker with it is found out.
 *
 * @module
 */
import { toBase64Url, utf8 } from '#core/bytes.ts';
import { encodeCanonical, type JsonObject } from '#core/canonical.ts';
import { deviceCode } from '#core/consent/device-code.ts';
import { keyAddStatement } from '#core/consent/key-add.ts';
import { verifyBinding } from '#core/consent/signature.ts';
import { parseSubjectKey } from '#core/consent/subject-key.ts';
import { Failure } from '#core/failure.ts';
import { type Hash, mac, sha256 } from '#core/hash.ts';
import type { Handle } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import {
  bringWaitingKey,
  type InvitationRow,
  loadInvitation,
  loadInvitationOf,
  putInvitation,
  removeInvitations,
  useInvitation,
  type WaitingKey,
} from '#store/device-invitations.ts';
import type { Request } from '../caller.ts';
import type { Context } from '../context.ts';
import { keyOfCredential } from '../credentials.ts';
import {
  finishRegistration,
  type PasskeyOptions,
  pendingPasskey,
  type RelyingParty,
  startRegistration,
} from '../identification.ts';
import { type AddedKey, addedBinding, addKey } from '../key-add.ts';
import { unknownRelationship } from '../scope.ts';
import type { SignedByPasskey } from './devices.ts';
import { loadRelations, type SignedIn } from './relations.ts';

/** How long a link is good, for both devices. */
export const INVITATION_MS_MAX: number = 10 * 60 * 1000;
/** Until then who opens it is told that it is over, and not that there never was one. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** A capability in base64url: 256 bits. */
const CAPABILITY_PATTERN = /^[A-Za-z0-9_-]{43}$/;
const CAPABILITY_CONTEXT = utf8('device-invitation\n');

export interface Invitation {
  /** Known to who reads the link alone. */
  readonly capability: string;
  /** Exclusive. */
  readonly expires_at: Instant;
}

/**
 * Makes the link by which a device is added; the person's former one ends with it.
 *
 * @param once The form's own: sent twice, it makes one link.
 */
export async function inviteDevice(context: Context, person: SignedIn, once: string): Promise<Invitation> {
  const { ledger, clock, keys } = context;
  const now = clock();
  const said = encodeCanonical([person.person, once]);
  const capability = toBase64Url(mac(keys.capability, CAPABILITY_CONTEXT, said));
  const token = digestOf(capability);
  return ledger.store.transaction(async (tx) => {
    const [relation] = (await loadRelations(context, tx, person)).all;
    if (relation === undefined) throw unknownRelationship();
    await removeInvitations(tx, (now - KEPT_MS) as Instant);
    const expires_at = (now + INVITATION_MS_MAX) as Instant;
    await putInvitation(tx, { person: person.person, token, handle: relation.handle, expires_at });
    const put = await loadInvitation(tx, token);
    return { capability, expires_at: put?.expires_at ?? expires_at };
  });
}

/**
 * What the new device is asked to make.
 *
 * @throws {Failure} `invitation_unknown`; `invitation_over`, of one that was used, or is too old
 */
export async function startInvited(
  context: Context,
  capability: string,
  site: RelyingParty,
): Promise<{ readonly options: PasskeyOptions; readonly expires_at: Instant }> {
  const { handle, expires_at } = await openInvitation(context, capability);
  return { options: await startRegistration(context, handle, site), expires_at };
}

/** A passkey that the new device made: what it signs next, and what the page carries on. */
export interface InvitedKey {
  readonly carried: string;
  readonly credential: string;
  readonly statement: JsonObject;
}

/** @throws {Failure} as {@link startInvited}; `key_invalid`, `challenge_stale` */
export async function finishInvited(
  context: Context,
  capability: string,
  site: RelyingParty,
  response: string,
): Promise<InvitedKey> {
  const { handle } = await openInvitation(context, capability);
  const carried = await finishRegistration(context, handle, site, response);
  const { key, credential } = pendingPasskey(context, carried);
  return { carried, credential, statement: addedBinding(context.ledger.origin, { handle, adds: key }) };
}

/**
 * Brings the new device's key, once it signed its binding. The very same again is the same answer; another key is refused.
 *
 * @returns The code that is compared on both devices.
 * @throws {Failure} as {@link startInvited}; `challenge_stale`, `signature_invalid`
 */
export async function bringInvited(
  context: Context,
  capability: string,
  carried: string,
  possession: string,
): Promise<string> {
  const { handle, key, credential } = pendingPasskey(context, carried);
  const token = digestOf(capability);
  const found = requireUnexpired(context, await loadBy(context, capability));
  if (found.handle !== handle) throw new Failure('challenge_stale', 'the passkey was made for another link');
  if (found.key === key && found.possession === possession) return deviceCode(key);
  requireUnused(found);
  const binding = addedBinding(context.ledger.origin, { handle, adds: key });
  await verifyBinding(context, { binding, key: parseSubjectKey(key), signature: possession });
  const waiting: WaitingKey = { key, credential, possession };
  const isBrought = await context.ledger.store.transaction((tx) => bringWaitingKey(tx, token, waiting));
  if (!isBrought) throw overInvitation();
  return deviceCode(key);
}

/** How the person's invitation stands. */
export type Waiting =
  /** There is none, or it is over. */
  | { readonly status: 'none' }
  /** The other device made no key yet. */
  | { readonly status: 'open'; readonly expires_at: Instant }
  | {
      readonly status: 'waiting';
      readonly expires_at: Instant;
      readonly code: string;
      /** What a passkey signs, once it says `signed_at` and `expires_at`. */
      readonly statement: JsonObject;
    };

export async function readWaiting(context: Context, { person }: SignedIn): Promise<Waiting> {
  const found = await context.ledger.store.readOnce((tx) => loadInvitationOf(tx, person));
  if (found === undefined || found.used_at !== null || context.clock() >= found.expires_at) return { status: 'none' };
  const { key, handle, expires_at } = found;
  if (key === null) return { status: 'open', expires_at };
  return { status: 'waiting', expires_at, code: deviceCode(key), statement: statementOf(context, handle, key) };
}

/**
 * Adds the key that waits, by whichever passkey of the person signed. It is that very key that was signed for, or none.
 *
 * @throws {Failure} as `addKey`; `invitation_unknown`, `invitation_over`, where none waits
 */
export async function addInvited(
  context: Context,
  request: Request,
  { person }: SignedIn,
  { credential, signature, signed_at }: SignedByPasskey,
): Promise<AddedKey> {
  const { store } = context.ledger;
  const found = requireUnexpired(context, await store.readOnce((tx) => loadInvitationOf(tx, person)));
  const { handle, key, possession } = found;
  if (key === null || possession === null || found.credential === null) {
    throw new Failure('invitation_unknown', 'no key was made by this invitation yet');
  }
  const signer = await keyOfCredential(context, credential);
  const added = await addKey(context, request, {
    ...{ handle, adds: key, possession, credential: found.credential },
    ...{ key: signer, signature, signed_at },
  });
  await store.transaction((tx) => useInvitation(tx, found.token, context.clock()));
  return added;
}

async function openInvitation(context: Context, capability: string): Promise<InvitationRow> {
  return requireUnused(requireUnexpired(context, await loadBy(context, capability)));
}

async function loadBy({ ledger }: Context, capability: string): Promise<InvitationRow | undefined> {
  if (!CAPABILITY_PATTERN.test(capability)) return undefined;
  return ledger.store.readOnce((tx) => loadInvitation(tx, digestOf(capability)));
}

function requireUnexpired({ clock }: Context, found: InvitationRow | undefined): InvitationRow {
  if (found === undefined) throw new Failure('invitation_unknown', 'no such invitation');
  if (clock() >= found.expires_at) throw overInvitation();
  return found;
}

function requireUnused(found: InvitationRow): InvitationRow {
  if (found.key !== null) throw overInvitation();
  return found;
}

function overInvitation(): Failure {
  return new Failure('invitation_over', 'the invitation was used, or is too old');
}

function statementOf({ ledger }: Context, handle: Handle, key: string): JsonObject {
  const {
    signed_at: _at,
    expires_at: _until,
    ...statement
  } = keyAddStatement({
    ...{ log: ledger.origin, handle, key, signedAt: 0 },
  });
  return statement as JsonObject;
}

function digestOf(capability: string): Hash {
  return sha256(utf8(capability));
}
