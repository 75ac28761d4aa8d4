/** A person who gets a passkey on a page, in the tests: what the device, the identity provider and the pages do. */
import { parseBase64Url, toBase64Url } from '#core/bytes.ts';
import { bindingSigningBytes, bindingStatement, digestIdentity } from '#core/consent/statement.ts';
import type { Handle } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Context } from '#service/context.ts';
import {
  beginIdentification,
  bindCarried,
  bindPending,
  finishRegistration,
  type IdentificationForm,
  type Identified,
  type IdentityProvider,
  linkedStatement,
  startRegistration,
  takeIdentification,
} from '#service/identification.ts';
import type { PlacedApart } from '#service/placed.ts';
import { type Party, type Person, request } from './actors.ts';
import type { Passkey } from './authenticator.ts';

/** Where the passkeys of {@link newPasskey} are made. */
export const SITE = { relyingParty: 'ledger.example.org', origin: 'https://ledger.example.org' };

export function providerOf({ party }: Pick<Party, 'party'>): IdentityProvider {
  return { party, name: { zh: '示例', en: 'Example' }, url: 'https://id.example/identify' };
}

/** What a browser posts of a passkey that was just made. */
export function registrationOf(passkey: Passkey, challenge: string, flags?: number): string {
  const made = passkey.register(parseBase64Url(challenge), flags);
  return JSON.stringify({
    id: passkey.credential,
    rawId: passkey.credential,
    type: 'public-key',
    clientExtensionResults: {},
    response: {
      clientDataJSON: toBase64Url(made.clientData),
      attestationObject: toBase64Url(made.attestationObject),
      authenticatorData: toBase64Url(made.authenticatorData),
      publicKeyAlgorithm: -7,
    },
  });
}

interface Newcomer {
  readonly handle: Handle;
  readonly passkey: Passkey;
}

/** Makes a passkey, and answers what the page carries on of it. */
export async function madeFor(context: Context, { handle, passkey }: Newcomer): Promise<string> {
  const { challenge } = await startRegistration(context, handle, SITE);
  return finishRegistration(context, handle, SITE, registrationOf(passkey, challenge));
}

/** What a provider signs, of whom it identified itself. */
export async function identifiedBy(
  form: IdentificationForm,
  { party, key }: Party,
  { idNumber }: Pick<Person, 'idNumber'>,
  at: number,
): Promise<Identified> {
  const binding = bindingStatement({
    ...{ log: form.log, handle: form.handle, key: form.key },
    identity: digestIdentity(parseBase64Url(form.salt), { id_type: 'resident_id', id_number: idNumber }),
    ...{ method: 'identity_provider', identifiedBy: party, identifiedAt: at },
  });
  const identification = toBase64Url(await key.sign(bindingSigningBytes(binding)));
  return { state: form.state, identified_at: at as Instant, identification };
}

/** Gets a person a passkey that a provider identified it for. */
export async function bindIdentified(
  context: Context,
  { provider, person, ...newcomer }: Newcomer & { readonly provider: Party; readonly person: Person },
): Promise<PlacedApart> {
  const pending = await madeFor(context, newcomer);
  const form = beginIdentification(context, pending, providerOf(provider), 'https://ledger.example.org/back');
  const identified = await identifiedBy(form, provider, person, context.clock());
  const { carried, statement } = await takeIdentification(context, identified);
  const possession = newcomer.passkey.sign(bindingSigningBytes(statement));
  return (await bindCarried(context, request(), carried, possession)).entry;
}

/** Gets a person a passkey that nothing but a link vouches for. */
export async function bindLinked(context: Context, newcomer: Newcomer): Promise<PlacedApart> {
  const pending = await madeFor(context, newcomer);
  const possession = newcomer.passkey.sign(bindingSigningBytes(linkedStatement(context, pending).statement));
  return (await bindPending(context, request(), pending, possession)).entry;
}
