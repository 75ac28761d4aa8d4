/**
 * Delivery: sends every notice to the webhooks of its party, in order, until it is taken. Each webhook's cursor is in the
 * database and moves after the answer, so that a crash between the two sends one notice again, under the same id, and
 * loses none. Receivers that fail wait longer and longer, alone.
 *
 * @module
 */
import { toBase64 } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import type { WebhookId } from '#core/ids.ts';
import { WEBHOOK_SCHEME, webhookMessageId, webhookSigningBytes } from '#core/request/webhook.ts';
import { loadDueWebhooks, loadWebhook, moveWebhook, type WebhookRow } from '#store/webhooks.ts';
import type { Context } from './context.ts';
import { loadFeed, type Notice } from './feed.ts';
import { parseWebhookUrl } from './webhook-url.ts';

/** Sends one request. Follows no redirect and reads no body; throws where no answer came. */
export type Post = (url: string, message: Message & { readonly signal: AbortSignal }) => Promise<Answer>;

export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  /** The header `retry-after`, or null. */
  readonly retryAfter: string | null;
}

export interface Deliverer {
  /** Looks once for what is due, and answers when all of that was tried. It looks by itself all the time. */
  look(): Promise<void>;
  /** Ends what is under way: it is tried again by whoever comes next. */
  close(): Promise<void>;
}

export interface DelivererOptions {
  readonly post: Post;
  /** How often it looks by itself; 0: only when told. */
  readonly lookEveryMs?: number;
  readonly answerWaitMs?: number;
}

type Surroundings = Pick<Context, 'ledger' | 'issuingKey' | 'clock' | 'random' | 'log' | 'callsLoopback'>;

const LOOK_EVERY_MS = 500;
const ANSWER_WAIT_MS = 10_000;
/** Receivers that are called at the same time. */
const SENDING_MAX = 32;
/** Then others have their turn. */
const PAGE_MAX = 100;
const BACK_OFF_MS_MIN = 5_000;
const BACK_OFF_MS_MAX = 12 * 3_600_000;
const GONE = 410;

export function openDeliverer(context: Surroundings, options: DelivererOptions): Deliverer {
  const { ledger, log, clock } = context;
  const { lookEveryMs = LOOK_EVERY_MS, answerWaitMs = ANSWER_WAIT_MS } = options;
  const sending = new Map<WebhookId, Promise<void>>();
  const closing = new AbortController();
  let reading: Promise<readonly WebhookId[]> | undefined;

  /** Sends to one receiver as long as it takes what it gets. */
  async function send(id: WebhookId): Promise<void> {
    // Read once nobody else sends to it: what was due when we looked may have been sent since.
    const found = await ledger.store.read(async (tx) => {
      const webhook = await loadWebhook(tx, id);
      if (webhook === undefined || webhook.next_at > clock()) return undefined;
      return { webhook, page: await loadFeed(tx, webhook.party, webhook.cursor, PAGE_MAX) };
    });
    if (found === undefined) return;
    let at = found.webhook;
    for (const notice of found.page) {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(answerWaitMs)]);
      const tried = await attempt(context, options.post, at, notice, signal);
      if (closing.signal.aborted && tried.error !== null) return;
      const to = moved(at, notice, tried, clock(), context.random);
      const isOurs = await ledger.store.transaction((tx) => moveWebhook(tx, at, to));
      if (!isOurs || tried.error !== null || closing.signal.aborted) return;
      at = { ...at, ...to };
    }
  }

  /** One read at a time: a database that is slow is not asked more often for it. */
  async function readDue(): Promise<readonly WebhookId[]> {
    try {
      return await ledger.store.readOnce((tx) => loadDueWebhooks(tx, clock()));
    } catch (thrown) {
      log.warn('webhooks_unread', thrown);
      return [];
    } finally {
      reading = undefined;
    }
  }

  async function look(): Promise<void> {
    if (closing.signal.aborted || ledger.fenced() !== undefined) return;
    reading ??= readDue();
    for (const id of await reading) {
      if (sending.has(id) || sending.size >= SENDING_MAX || closing.signal.aborted) continue;
      const sent = send(id)
        .catch((thrown) => log.warn('webhook_not_sent', thrown))
        .finally(() => sending.delete(id));
      sending.set(id, sent);
    }
    await Promise.all(sending.values());
  }

  const timer = lookEveryMs === 0 ? undefined : setInterval(look, lookEveryMs);
  return {
    look,
    async close() {
      clearInterval(timer);
      closing.abort();
      await Promise.all(sending.values());
    },
  };
}

interface Tried {
  /** Why it was not taken, as a code; null: it was. */
  readonly error: string | null;
  readonly status: number | null;
  readonly retryAfter: string | null;
}

async function attempt(
  context: Surroundings,
  post: Post,
  { url }: WebhookRow,
  notice: Notice,
  signal: AbortSignal,
): Promise<Tried> {
  const message = await signMessage(context, notice);
  try {
    // Again: what was allowed when it was registered may not be any more.
    const { status, retryAfter } = await post(parseWebhookUrl(url, context.callsLoopback === true), {
      ...message,
      signal,
    });
    const isTaken = status >= 200 && status < 300;
    return { error: isTaken ? null : `status_${status}`, status, retryAfter };
  } catch (thrown) {
    const refused = isFailure(thrown, 'input_invalid') ? 'address_refused' : 'unreachable';
    return { error: signal.aborted ? 'timeout' : refused, status: null, retryAfter: null };
  }
}

/** Signed anew for each attempt: receivers refuse an old timestamp. The id stays, and they know by it what they have. */
async function signMessage({ issuingKey, clock }: Surroundings, notice: Notice): Promise<Message> {
  const id = webhookMessageId(notice.party, notice.seq);
  const timestamp = Math.floor(clock() / 1_000);
  const { type, time } = notice;
  const body = JSON.stringify({ type, timestamp: new Date(time).toISOString(), data: notice });
  const signature = await issuingKey.sign(webhookSigningBytes(id, timestamp, body));
  return {
    headers: {
      'content-type': 'application/json',
      'user-agent': 'assent',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `${WEBHOOK_SCHEME},${toBase64(signature)}`,
    },
    body,
  };
}

/** Where a webhook stands after a try. Nothing is ever skipped; who says to be gone is removed. */
function moved(
  webhook: WebhookRow,
  notice: Notice,
  { error, status, retryAfter }: Tried,
  now: number,
  random: Context['random'],
): Parameters<typeof moveWebhook>[2] {
  // Who was served last comes last in the next round.
  if (error === null) return { cursor: notice.seq, attempts: 0, next_at: now, last_error: null, removed_at: null };
  const attempts = webhook.attempts + 1;
  const wait = Math.max(backOffMs(attempts, random), retryAfterMs(retryAfter));
  const removed_at = status === GONE ? now : null;
  return { cursor: webhook.cursor, attempts, next_at: now + wait, last_error: error, removed_at };
}

/** Twice as long each time, of which a random half: receivers that failed together do not come back together. */
function backOffMs(attempts: number, random: Context['random']): number {
  const wait = Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS_MIN * 2 ** Math.min(attempts - 1, 30));
  const [byte = 0] = random(1);
  return Math.floor(wait * (0.5 + byte / 510));
}

function retryAfterMs(header: string | null): number {
  return header !== null && /^\d{1,9}$/.test(header) ? Math.min(Number(header) * 1_000, BACK_OFF_MS_MAX) : 0;
}
