/** Letters signed in ink: a lender with a second operator, who is witness, and the scan that stays with it. */

import { provePartyKey } from '#client/device.ts';
import { bindScan } from '#client/scan.ts';
import { partySignatory, type Signatory } from '#client/sign.ts';
import type { GrantId, LetterId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { authenticate, type Caller } from '#service/caller.ts';
import type { Context } from '#service/context.ts';
import { addPartyKey } from '#service/parties.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { type Party, signedRequest } from './actors.ts';
import { random } from './ledger-fixture.ts';

/** Who asks, by a request that clerk and witness signed. */
export async function calledByBoth(
  context: Context,
  both: readonly Signatory[],
  letter: LetterId,
  body: object,
): Promise<Caller> {
  return authenticate(context, await signedRequest(context, both, `/v1/letters/${letter}/paper`, body));
}

/** Adds an operator to a party's business. Answers how clerk and witness sign together. */
export async function addWitness(context: Context, party: Party): Promise<readonly [Signatory, Signatory]> {
  const key = await addOperator(context, party, random(32));
  return [partySignatory(party.party, party.key), partySignatory(party.party, key)];
}

/** Adds the key of a seed to a party's business. */
export async function addOperator(context: Context, party: Party, seed: Uint8Array): Promise<SigningKey> {
  const key = await nativeEd25519.importSeed(seed);
  const body = { ...(await provePartyKey(key, context.ledger.origin)), duty: 'query', operator: null } as const;
  const path = `/v1/parties/${party.party}/keys`;
  const admin = [partySignatory(party.party, party.admin)];
  const caller = await authenticate(context, await signedRequest(context, admin, path, body));
  await addPartyKey(context, caller, { party: party.party, ...body });
  return key;
}

/** What is in the lender's own files. */
export const SCAN = new TextEncoder().encode('%PDF-1.7 个人征信查询报送授权书，李示例（签名），1890-01-02');

interface Printed {
  readonly letter: LetterId;
  readonly grants: readonly { readonly grant: GrantId }[];
}

/** What clerk and witness sign of a printed letter; every clause ticked unless said otherwise. */
export function onPaper(
  { party }: { readonly party: PartyId },
  { grants }: Printed,
  signedAt: number,
  ticks: readonly boolean[] = grants.map(() => true),
  scan: Uint8Array = SCAN,
) {
  return {
    principal: party,
    signed_at: signedAt as Instant,
    grants: grants.map(({ grant }, at) => ({ grant, given: ticks[at] === true })),
    scan: bindScan(scan, 'application/pdf'),
  };
}
