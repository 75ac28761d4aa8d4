/** A party's client over the real door, without a socket; and holds, as a person's device makes them. */
import { randomUUID } from 'node:crypto';
import { type Client, openClient } from '#client/client.ts';
import { signHold } from '#client/device.ts';
import { partySignatory } from '#client/sign.ts';
import type { HoldKind } from '#core/consent/relationship.ts';
import type { GrantId, Handle, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import type { Context } from '#service/context.ts';
import { draftHold, holdEverything, holdGrant } from '#service/holds.ts';
import { createApp } from '../../src/api/app.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { calledBy, DAY_MS, type Party, type Person, request } from './actors.ts';

export function clientTo(
  context: Context,
  { party, key }: { readonly party: PartyId; readonly key: SigningKey },
): Client {
  const app = createApp(context, { hosts: () => true });
  return openClient({
    url: 'http://ledger.test',
    fetch: async (url, init) => app.request(url, init),
    signers: [partySignatory(party, key)],
    clock: context.clock,
    newKey: randomUUID,
    trust: { issuingKey: context.issuingKey.publicKey, ed25519: nativeEd25519 },
    sleep: async () => {},
  });
}

/** A person pauses, resumes, freezes or releases, by a statement that the lender asked for. */
export async function hold(
  context: Context,
  {
    kind,
    handle,
    grant,
    lender,
    person,
  }: {
    readonly kind: HoldKind;
    readonly handle: Handle;
    readonly grant: GrantId | null;
    readonly lender: Party;
    readonly person: Person;
  },
) {
  const body = { handle, kind, grant, expires_at: (context.clock() + DAY_MS) as Instant };
  const drafted = await draftHold(context, await calledBy(context, lender.party, '/v1/statements', body), body);
  const signed = await signHold(person.key, drafted, context.clock());
  if (kind === 'freeze' || kind === 'release') return holdEverything(context, request(), { kind, handle, ...signed });
  return holdGrant(context, request(), { kind, grant: grant as GrantId, ...signed });
}
