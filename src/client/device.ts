/**
 * What a subject's device does: completes the statement that the ledger drafted with ticks and time, and signs it. The
 * key never leaves the device.
 *
 * @module
 */
import { parseBase64Url, toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import {
  answeredStatement,
  answerOf,
  bindingSigningBytes,
  bindingStatement,
  digestIdentity,
  type Identifier,
  partyKeySigningBytes,
  revocationStatement,
  statementSigningBytes,
  type Tick,
} from '#core/consent/statement.ts';
import { type Hash, sha256 } from '#core/hash.ts';
import type { GrantId, Handle, PartyId, StatementRef } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { digestText } from '#core/tlog/payload.ts';

export interface SignedStatement {
  readonly key: string;
  readonly signature: string;
  readonly signed_at: number;
}

/** Whether a letter's statement binds just the text that comes with it: a device asks this of what it shows, then signs. */
export function bindsText(letter: {
  readonly text: string | null;
  readonly text_salt: string | null;
  readonly statement: Readonly<Record<string, unknown>>;
}): boolean {
  const { text, text_salt: salt, statement } = letter;
  return text !== null && salt !== null && digestText(parseBase64Url(salt), text) === statement['text'];
}

/** Signs a letter: `ticks` says, in the letter's order, which clauses are given, and what is left out of them. */
export async function signLetterStatement(
  key: SigningKey,
  letter: { readonly statement: JsonObject; readonly grants: readonly { readonly grant: GrantId }[] },
  ticks: readonly Tick[],
  signedAt: number,
): Promise<
  SignedStatement & {
    readonly grants: readonly {
      readonly grant: GrantId;
      readonly given: boolean;
      readonly declined_items?: readonly string[];
    }[];
  }
> {
  const signed = await signStatement(key, answeredStatement(letter.statement, ticks, signedAt), signedAt);
  return { ...signed, grants: letter.grants.map(({ grant }, index) => ({ grant, ...answerOf(ticks[index]) })) };
}

/** Declines a letter as a whole, by the statement that was drafted to be signed. */
export function signDecline(
  key: SigningKey,
  letter: { readonly statement: JsonObject; readonly grants: readonly { readonly grant: GrantId }[] },
  signedAt: number,
): Promise<SignedStatement> {
  const grants = letter.grants.map(({ grant }) => grant);
  const declined = { ...letter.statement, kind: 'decline', grants, warnings: [], signed_at: signedAt };
  return signStatement(key, declined, signedAt);
}

/** Signs the taking back of a grant. */
export function signRevocation(
  key: SigningKey,
  revocation: { readonly log: string; readonly grant: GrantId; readonly grantee: PartyId },
  signedAt: number,
): Promise<SignedStatement> {
  const { log, grant, grantee } = revocation;
  return signStatement(key, revocationStatement({ log, ref: grant, grantee, signedAt }), signedAt);
}

/** Makes what binds a key to a person: signed by the key itself, and by the party that identified the person. */
export async function signBinding(
  key: SigningKey,
  identifier: { readonly party: PartyId; readonly key: SigningKey },
  binding: {
    readonly log: string;
    readonly handle: Handle;
    readonly identifiedAt: number;
    /** Whom the identifying party identified, and 32 fresh random bytes to name that under. */
    readonly identity: Identifier;
    readonly salt: Uint8Array;
  },
) {
  const named = {
    method: 'identity_provider',
    identified_by: identifier.party,
    identified_at: binding.identifiedAt,
  } as const;
  const publicKey = toBase64Url(key.publicKey);
  const bytes = bindingSigningBytes(
    bindingStatement({
      log: binding.log,
      handle: binding.handle,
      key: publicKey,
      identity: digestIdentity(binding.salt, binding.identity),
      method: named.method,
      identifiedBy: identifier.party,
      identifiedAt: binding.identifiedAt,
    }),
  );
  const [possession, identification] = await Promise.all([key.sign(bytes), identifier.key.sign(bytes)]);
  return {
    key: publicKey,
    ...named,
    identity_salt: toBase64Url(binding.salt),
    possession: toBase64Url(possession),
    identification: toBase64Url(identification),
  };
}

async function signStatement(key: SigningKey, statement: JsonObject, signedAt: number): Promise<SignedStatement> {
  const signature = await key.sign(statementSigningBytes(statement));
  return { key: toBase64Url(key.publicKey), signature: toBase64Url(signature), signed_at: signedAt };
}

/** What a passkey is asked to sign for a statement: the challenge of `navigator.credentials.get`. */
export function statementChallenge(statement: JsonObject): Hash {
  return sha256(statementSigningBytes(statement));
}

/** The same for the binding of a passkey to a person, to show that it is there. */
export function bindingChallenge(binding: Parameters<typeof bindingStatement>[0]): Hash {
  return sha256(bindingSigningBytes(bindingStatement(binding)));
}

/** Signs what was drafted with `POST /v1/statements`: a pause, a freeze, or the end of one. */
export async function signHold(
  key: SigningKey,
  drafted: { readonly ref: StatementRef; readonly statement: JsonObject },
  signedAt: number,
): Promise<SignedStatement & { readonly ref: StatementRef }> {
  const signed = await signStatement(key, { ...drafted.statement, signed_at: signedAt }, signedAt);
  return { ref: drafted.ref, ...signed };
}

/** A party's new key, with the proof that it can sign. Whoever enters it says whose it is, and with which duty. */
export async function provePartyKey(
  key: SigningKey,
  log: string,
): Promise<{ readonly key: string; readonly possession: string }> {
  const text = toBase64Url(key.publicKey);
  return { key: text, possession: toBase64Url(await key.sign(partyKeySigningBytes({ log, key: text }))) };
}
