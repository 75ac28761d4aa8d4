/** Holds in the tests: statements that a lender asks for, or the person, and that the person's device signs. */
import { signHold } from '#client/device.ts';
import type { HoldKind } from '#core/consent/relationship.ts';
import type { GrantId, Handle } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { confirmStanding } from '#service/confirm.ts';
import type { Context } from '#service/context.ts';
import { type DraftedHold, draftHold, holdEverything, holdGrant } from '#service/holds.ts';
import { calledBy, DAY_MS, type Party, type Person, request } from './actors.ts';

export interface Hold {
  readonly handle: Handle;
  readonly kind: HoldKind | 'confirm';
  readonly grant?: GrantId;
  readonly expires_at?: number;
}

export function holdBody(context: Context, { handle, kind, grant, expires_at }: Hold) {
  return { handle, kind, grant: grant ?? null, expires_at: (expires_at ?? context.clock() + DAY_MS) as Instant };
}

export async function draftedHold(context: Context, lender: Pick<Party, 'party'>, hold: Hold): Promise<DraftedHold> {
  const body = holdBody(context, hold);
  return draftHold(context, await calledBy(context, lender.party, '/v1/statements', body), body);
}

export type SignedHold = Awaited<ReturnType<typeof signHold>>;

/** What a device signed last: nobody signs two statements in one millisecond, and what ends a hold is signed later. */
let lastSigned = { at: 0, clock: 0 };

export function signedHold(
  context: Context,
  drafted: DraftedHold,
  { key }: Pick<Person, 'key'>,
  signedAt: number = deviceTime(context.clock()),
): Promise<SignedHold> {
  return signHold(key, drafted, signedAt);
}

function deviceTime(clock: number): number {
  const at = clock >= lastSigned.clock && clock <= lastSigned.at ? lastSigned.at + 1 : clock;
  lastSigned = { at, clock };
  return at;
}

/** Hands in a signed statement: where it goes, its draft says. */
export function putHold(
  context: Context,
  { kind, grant, handle }: Pick<DraftedHold, 'kind' | 'grant' | 'handle'>,
  signed: SignedHold,
  idempotencyKey?: string,
) {
  const asked = request(idempotencyKey);
  if (kind === 'confirm') return confirmStanding(context, asked, { ...signed, grant: grant as GrantId });
  if (kind !== 'freeze' && kind !== 'release') {
    return holdGrant(context, asked, { ...signed, kind, grant: grant as GrantId });
  }
  return holdEverything(context, asked, { ...signed, kind, handle });
}

/** All of it: the lender asks for the statement, the person signs it. */
export async function hold(context: Context, lender: Party, person: Pick<Person, 'key'>, asked: Hold) {
  const drafted = await draftedHold(context, lender, asked);
  return putHold(context, drafted, await signedHold(context, drafted, person));
}
