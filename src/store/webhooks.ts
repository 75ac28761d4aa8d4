/** The table `webhooks`: where parties want their notices, and how far each has got. Not a log table: rows change. */
import { sql } from 'kysely';
import type { PartyId, WebhookId } from '#core/ids.ts';
import type { Tx } from './schema.ts';

export interface WebhookRow {
  readonly id: WebhookId;
  readonly party: PartyId;
  readonly url: string;
  /** The entry of the last notice that was taken. */
  readonly cursor: number;
  /** How often the next one was tried. */
  readonly attempts: number;
  /** Not tried again before, ms. */
  readonly next_at: number;
  readonly last_error: string | null;
}

const COLUMNS = ['id', 'party', 'url', 'cursor', 'attempts', 'next_at', 'last_error'] as const;

/** Adds a webhook, unless the party has one at this address already. */
export async function insertWebhook(tx: Tx, row: Pick<WebhookRow, 'id' | 'party' | 'url' | 'cursor'>): Promise<void> {
  await sql`
    insert into webhooks (id, party, url, cursor) values (${row.id}, ${row.party}, ${row.url}, ${row.cursor})
    on conflict (party, url) where removed_at is null do nothing
  `.execute(tx);
}

/** A party's webhooks that are not removed, oldest first. */
export async function loadWebhooks(tx: Tx, party: PartyId): Promise<readonly WebhookRow[]> {
  return tx
    .selectFrom('webhooks')
    .select(COLUMNS)
    .where('party', '=', party)
    .where('removed_at', 'is', null)
    .orderBy('id')
    .execute();
}

/** Removes a webhook of a party. Answers whether there ever was this one: removing it twice is removing it. */
export async function removeWebhook(tx: Tx, party: PartyId, id: WebhookId, now: number): Promise<boolean> {
  const { rows } = await sql`
    update webhooks set removed_at = coalesce(removed_at, ${now}) where id = ${id} and party = ${party} returning id
  `.execute(tx);
  return rows.length === 1;
}

/** A webhook as it is now, if it is not removed. */
export async function loadWebhook(tx: Tx, id: WebhookId): Promise<WebhookRow | undefined> {
  return tx
    .selectFrom('webhooks')
    .select(COLUMNS)
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
}

/** The webhooks that there is something to send to now: who waits longest first. */
export async function loadDueWebhooks(tx: Tx, now: number): Promise<readonly WebhookId[]> {
  const { rows } = await sql<{ id: WebhookId }>`
    select id from webhooks
    where removed_at is null and next_at <= ${now}
      and exists (select 1 from notices where notices.party = webhooks.party and notices.index > webhooks.cursor)
    order by next_at, id
  `.execute(tx);
  return rows.map(({ id }) => id);
}

/**
 * Says how a try went: where the webhook is now, and when it is tried again. Answers false where it was removed, or another
 * process has moved it.
 */
export async function moveWebhook(
  tx: Tx,
  from: Pick<WebhookRow, 'id' | 'cursor'>,
  to: Pick<WebhookRow, 'cursor' | 'attempts' | 'next_at' | 'last_error'> & { readonly removed_at: number | null },
): Promise<boolean> {
  const { rows } = await sql`
    update webhooks set cursor = ${to.cursor}, attempts = ${to.attempts}, next_at = ${to.next_at},
      last_error = ${to.last_error}, removed_at = ${to.removed_at}
    where id = ${from.id} and cursor = ${from.cursor} and removed_at is null returning id
  `.execute(tx);
  return rows.length === 1;
}
