/** What doors do in tests: show permits to the ledger, and settle them. */
import { randomUUID } from 'node:crypto';
import { toBase64Url, utf8 } from '#core/bytes.ts';
import { digestPermit } from '#core/consent/permit.ts';
import type { Result } from '#core/consent/release.ts';
import type { Terms } from '#core/consent/terms.ts';
import { hashText, sha256 } from '#core/hash.ts';
import type { AccessId, GrantId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { type AccessAnswer, type AskAccess, askAccess } from '#service/accesses.ts';
import type { Context } from '#service/context.ts';
import { redeem, type Settle, settle } from '#service/releases.ts';
import { calledBy, draft, type Party, sign, type signedScene, twoClauses } from './actors.ts';

export type Scene = Awaited<ReturnType<typeof signedScene>>;

/** Asks, and gets the permit with the answer. */
export async function askPermit(
  context: Context,
  access: AskAccess,
  idempotencyKey: string = randomUUID(),
): Promise<AccessAnswer> {
  return askAccess(context, await calledBy(context, access.principal, '/v1/accesses', access, idempotencyKey), access);
}

/** A new letter of the scene's person, and an access under its query clause. */
export async function newQuery(context: Context, scene: Scene, change: Partial<Terms> = {}): Promise<AskAccess> {
  const [query, report] = twoClauses(scene.bureau, context.clock()) as [Omit<Terms, 'grant'>, Omit<Terms, 'grant'>];
  const letter = await draft(context, {
    lender: scene.lender,
    handle: scene.handle,
    grants: [{ ...query, ...change }, report],
  });
  await sign(context, letter, scene.person, [true, false]);
  return { ...scene.queryAccess, ground: { grant: (letter.grants[0] as Terms).grant } };
}

export const grantOf = ({ ground }: AskAccess): GrantId => (ground as { readonly grant: GrantId }).grant;

/** Shows a permit to the ledger, by its digest. */
export async function present(
  context: Context,
  door: Party,
  { access, permit }: { readonly access: AccessId; readonly permit: string | null },
  idempotencyKey: string = randomUUID(),
) {
  const body = { permit: hashText(digestPermit(permit ?? '')) };
  const path = `/v1/accesses/${access}/redemption`;
  return redeem(context, await calledBy(context, door.party, path, body, idempotencyKey), { access, ...body });
}

/** What a door says it did. */
function settlementOf(now: number, result: Result, change: Partial<Settle> = {}): Omit<Settle, 'access'> {
  const isSent = result === 'released';
  return {
    result,
    reason: result === 'refused' ? 'OTHER' : null,
    items: isSent ? ['credit_report'] : [],
    count: isSent ? 1 : 0,
    response: isSent ? toBase64Url(sha256(utf8('a response'))) : null,
    began_at: now as Instant,
    ended_at: now as Instant,
    ...change,
  };
}

export async function settleAs(
  context: Context,
  door: Party,
  access: AccessId,
  result: Result,
  change: Partial<Settle> = {},
  idempotencyKey: string = randomUUID(),
) {
  const body = settlementOf(context.clock(), result, change);
  const path = `/v1/accesses/${access}/settlement`;
  return settle(context, await calledBy(context, door.party, path, body, idempotencyKey), { ...body, access });
}
