/** Signing in, in the tests: with a key of Ed25519 through a relationship, or with a passkey by its credential. */
import { toBase64Url } from '#core/bytes.ts';
import {
  bindingSigningBytes,
  bindingStatement,
  digestIdentity,
  sessionSigningBytes,
  sessionStatement,
} from '#core/consent/statement.ts';
import type { Handle } from '#core/ids.ts';
import type { Context } from '#service/context.ts';
import { bindKey } from '#service/key-binding.ts';
import { type Challenge, mintChallenge, type OpenedSession, type OpenSession, openSession } from '#service/sessions.ts';
import { calledBy, type Party, type Person } from './actors.ts';
import type { AssertionChange, Passkey } from './authenticator.ts';
import { random } from './ledger-fixture.ts';

/** What a person's device answers to a challenge, over another log if one is named. */
export async function answered(
  challenge: Challenge,
  { key }: Pick<Person, 'key'>,
  handle: Handle,
  log?: string,
): Promise<OpenSession> {
  const { nonce, started_at } = challenge;
  const statement = log === undefined ? challenge.statement : sessionStatement({ log, nonce, startedAt: started_at });
  const signature = toBase64Url(await key.sign(sessionSigningBytes(statement)));
  return { signer: { handle, key: toBase64Url(key.publicKey) }, nonce, started_at, signature };
}

/** Signs a person in. */
export async function signIn(context: Context, person: Pick<Person, 'key'>, handle: Handle): Promise<OpenedSession> {
  return openSession(context, await answered(mintChallenge(context), person, handle));
}

/** What an authenticator answers to a challenge. */
export function answeredBy(challenge: Challenge, passkey: Passkey, change?: AssertionChange): OpenSession {
  const signature = passkey.sign(sessionSigningBytes(challenge.statement), change);
  const { nonce, started_at } = challenge;
  return { signer: { credential: passkey.credential }, nonce, started_at, signature };
}

/** Brings a passkey of a person that an identity provider identified, and says which credential it is. */
export async function bindPasskeyOf(
  context: Context,
  by: { readonly lender: Party; readonly identifier: Party; readonly handle: Handle; readonly person: Person },
  passkey: Passkey,
): Promise<void> {
  const { lender, identifier, handle, person } = by;
  const salt = random(32);
  const at = context.clock();
  const named = { method: 'identity_provider' as const, identified_by: identifier.party, identified_at: at };
  const identity = digestIdentity(salt, { id_type: 'resident_id', id_number: person.idNumber });
  const binding = bindingStatement({
    ...{ log: context.ledger.origin, handle, key: passkey.key, identity },
    ...{ method: named.method, identifiedBy: identifier.party, identifiedAt: at },
  });
  const bytes = bindingSigningBytes(binding);
  const body = {
    ...{ principal: lender.party, key: passkey.key, ...named, identity_salt: toBase64Url(salt) },
    possession: passkey.sign(bytes),
    identification: toBase64Url(await identifier.key.sign(bytes)),
  };
  await bindKey(context, await calledBy(context, lender.party, `/v1/relationships/${handle}/keys`, body), {
    handle,
    ...body,
    credential: passkey.credential,
  });
}
