/** Bringing a passkey of a person, over HTTP. */
import { toBase64Url } from '#core/bytes.ts';
import { bindingSigningBytes, bindingStatement, digestIdentity } from '#core/consent/statement.ts';
import type { Handle } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { type Answer, type Door, signersOf } from '../api/door.ts';
import type { Party, Person } from './actors.ts';
import type { AssertionChange, Passkey } from './authenticator.ts';
import { random } from './ledger-fixture.ts';

export interface PasskeyBinding {
  readonly lender: Party;
  /** Undefined: it rests on a link only. */
  readonly identifier?: Party | undefined;
  readonly handle: Handle;
  readonly person: Person;
  readonly passkey: Passkey;
  readonly change?: AssertionChange;
}

/** Brings a passkey, with its assertion over the binding, and who identified the person. */
export async function bindPasskey(
  door: Door,
  { lender, identifier, handle, person, passkey, change }: PasskeyBinding,
): Promise<Answer> {
  const identified_at = identifier === undefined ? null : (Date.now() as Instant);
  const salt = random(32);
  const method = identifier === undefined ? 'link' : 'identity_provider';
  const identity = { id_type: 'resident_id', id_number: person.idNumber };
  const bytes = bindingSigningBytes(
    bindingStatement({
      log: door.fixture.context.ledger.origin,
      handle,
      key: passkey.key,
      identity: identifier === undefined ? null : digestIdentity(salt, identity),
      method,
      identifiedBy: identifier?.party ?? null,
      identifiedAt: identified_at,
    }),
  );
  return door.as(signersOf(lender)).post(`/v1/relationships/${handle}/keys`, {
    principal: lender.party,
    key: passkey.key,
    method,
    identified_by: identifier?.party ?? null,
    identified_at,
    identity_salt: identifier === undefined ? null : toBase64Url(salt),
    possession: passkey.sign(bytes, change),
    identification: identifier === undefined ? null : toBase64Url(await identifier.key.sign(bytes)),
    credential: passkey.credential,
  });
}
