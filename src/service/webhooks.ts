/** Webhooks: where a party wants its notices to be sent. Configuration, and no entry: the ledger knows no addresses. */
import { requireActing, requireSigners } from '#core/consent/party.ts';
import { Failure } from '#core/failure.ts';
import type { PartyId, WebhookId } from '#core/ids.ts';
import { formatWebhookKey, WEBHOOKS_MAX } from '#core/request/webhook.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { loadHead } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import * as table from '#store/webhooks.ts';
import { type Caller, type PartyCaller, requirePartyCaller } from './caller.ts';
import { type Context, newId } from './context.ts';
import { viewOf } from './view.ts';
import { parseWebhookUrl } from './webhook-url.ts';

export interface Webhook {
  readonly webhook: WebhookId;
  readonly party: PartyId;
  readonly url: string;
  /** The entry of the last notice that it took; at first, of the last entry before it was registered. */
  readonly cursor: number;
  /** How often the next notice was tried in vain, when it is tried again, and what went wrong. */
  readonly attempts: number;
  readonly next_at: number | null;
  readonly last_error: string | null;
  /** Our public key, as libraries for Standard Webhooks take it. */
  readonly key: string;
}

/**
 * Registers an address; the same one again is the same webhook. It gets the notices from now on: those before are in the
 * feed.
 *
 * @throws {Failure} `input_invalid`, `duty_missing`, `key_ended`, `limit_reached`, `read_only`
 */
export async function registerWebhook(
  context: Context,
  caller: Caller,
  input: { readonly url: string },
): Promise<Webhook> {
  const own = requirePartyCaller(caller);
  const { party } = own;
  const url = parseWebhookUrl(input.url, context.callsLoopback === true);
  const row = await changeAs(context, own, async (tx) => {
    const known = await table.loadWebhooks(tx, party);
    if (known.every((each) => each.url !== url)) {
      if (known.length >= WEBHOOKS_MAX)
        throw new Failure('limit_reached', `a party has ${WEBHOOKS_MAX} webhooks at most`);
      const cursor = ((await loadHead(tx))?.size ?? 0) - 1;
      await table.insertWebhook(tx, { id: newId<WebhookId>(context), party, url, cursor });
    }
    return (await table.loadWebhooks(tx, party)).find((each) => each.url === url);
  });
  if (row === undefined) throw new Failure('superseded', 'it was removed in the same moment');
  return viewWebhook(context, row);
}

/** Nothing more is sent there. @throws {Failure} `webhook_unknown`, also for another's. */
export async function removeWebhook(
  context: Context,
  caller: Caller,
  { webhook }: { readonly webhook: WebhookId },
): Promise<{ readonly webhook: WebhookId }> {
  const own = requirePartyCaller(caller);
  const found = await changeAs(context, own, (tx) => table.removeWebhook(tx, own.party, webhook, context.clock()));
  if (!found) throw new Failure('webhook_unknown', 'no such webhook');
  return { webhook };
}

export async function listWebhooks(
  context: Context,
  caller: Caller,
): Promise<{ readonly webhooks: readonly Webhook[] }> {
  const { party } = requirePartyCaller(caller);
  const rows = await context.ledger.store.readOnce((tx) => table.loadWebhooks(tx, party));
  return { webhooks: rows.map((row) => viewWebhook(context, row)) };
}

/** No rule decides this under the lock, so that here the signer is checked again, in the same transaction. */
async function changeAs<T>({ ledger }: Context, caller: PartyCaller, change: (tx: Tx) => Promise<T>): Promise<T> {
  const fenced = ledger.fenced();
  if (fenced !== undefined) throw new Failure('read_only', `the ledger is read-only: ${fenced}`);
  return ledger.store.transaction(async (tx) => {
    const view = viewOf(await loadStreams(tx, [partyStream(caller.party)]));
    requireSigners(view, caller.signers);
    requireActing(view, { by: caller.signers }, caller.party, 'query');
    return change(tx);
  });
}

function viewWebhook({ issuingKey }: Context, row: table.WebhookRow): Webhook {
  const { id, party, url, cursor, attempts, next_at, last_error } = row;
  const key = formatWebhookKey(issuingKey.publicKey);
  return { webhook: id, party, url, cursor, attempts, next_at: attempts === 0 ? null : next_at, last_error, key };
}
