/**
 * Sending: each request is signed anew, and a write that got no answer is sent again under the same key, so that what
 * happened once happens once. It knows no message: what comes back is a text, or a refusal.
 *
 * @module
 */
import { utf8 } from '#core/bytes.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import { verifyAnswer } from '#core/request/answer.ts';
import { contentDigest } from '#core/request/content-digest.ts';
import { type Signatory, signRequest, type Unsigned } from './sign.ts';
import { type TrustedKeys, withKeys } from './trusted-keys.ts';

export interface ClientOptions {
  /** Where the ledger is, such as `http://127.0.0.1:8787`. */
  readonly url: string;
  /** What signatures name as the host, where that is not the one in the URL: behind a proxy. */
  readonly authority?: string;
  readonly fetch: (url: string, init?: FetchInit) => Promise<FetchAnswer>;
  /** Whose keys sign every request; none: only what is public can be read, and only statements be handed in. */
  readonly signers: readonly Signatory[];
  /** Milliseconds since 1970, UTC: signatures carry it. */
  readonly clock: () => number;
  /** Makes a fresh idempotency key. */
  readonly newKey: () => string;
  /** Verifies that answers to writes are the ledger's: {@link openIssuingKeyRing}. Without it they are taken as they come. */
  readonly trust?: { readonly issuingKey: TrustedKeys; readonly ed25519: Ed25519 };
  /** Waits before a write is sent again. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** What the client needs of `fetch`, in any runtime. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}
export interface FetchAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** The ledger refused, with a stable code and what to do next. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string;
  readonly next: string | undefined;

  constructor(status: number, code: string, detail: string, next: string | undefined) {
    super(detail);
    this.status = status;
    this.code = code;
    this.next = next;
  }
}

const SENT_MAX = 5;
const AGAIN_AFTER_MS = 250;

/** Sends a signed request, and answers the text of what came back. */
export type Send = (path: string, write?: { readonly body: string; readonly key: string }) => Promise<string>;

/** Signs and sends a request, again and again where no answer came. */
export function openSender(options: ClientOptions): Send {
  const authority = options.authority ?? authorityOf(options.url);

  async function headersOf(path: string, write?: { readonly body: string; readonly key: string }) {
    const json = write === undefined ? {} : { 'content-type': 'application/json' };
    if (options.signers.length === 0)
      return { ...json, ...(write === undefined ? {} : { 'idempotency-key': write.key }) };
    const [pathname = '', search] = path.split('?');
    const unsigned = { authority, path: pathname, query: search === undefined ? '' : `?${search}` };
    const request: Unsigned =
      write === undefined
        ? { ...unsigned, method: 'GET' }
        : { ...unsigned, method: 'POST', body: write.body, idempotencyKey: write.key };
    return { ...json, ...(await signRequest(options.signers, request, Math.floor(options.clock() / 1_000))) };
  }

  return async function send(path, write) {
    for (let sent = 1; ; sent++) {
      // Signed again each time: a signature is taken for five minutes, a key for ever.
      const headers = await headersOf(path, write);
      const init: FetchInit =
        write === undefined ? { method: 'GET', headers } : { method: 'POST', headers, body: write.body };
      const answer = await attempt(() => options.fetch(`${options.url}${path}`, init));
      if (answer?.ok) {
        if (write !== undefined) await requireSigned(options, { path, key: write.key }, answer);
        return answer.text;
      }
      // No answer, or "not now": the same key makes sure that nothing happens twice.
      if (sent < SENT_MAX && (answer === undefined || answer.status === 503 || answer.status === 429)) {
        await options.sleep(AGAIN_AFTER_MS * sent);
        continue;
      }
      if (answer === undefined)
        throw new Refused(0, 'unreachable', `no answer from ${options.url}`, 'is the server running?');
      throw refusalOf(answer.status, answer.text);
    }
  };
}

/** @throws {Refused} `answer_unsigned`, if an answer to a write is not the ledger's. */
async function requireSigned(
  { trust }: ClientOptions,
  asked: { readonly path: string; readonly key: string },
  { status, headers, text }: Answer,
): Promise<void> {
  if (trust === undefined) return;
  const covered = { status, contentDigest: contentDigest(utf8(text)), method: 'POST', path: asked.path };
  const signed = { input: headers.get('signature-input') ?? '', signature: headers.get('signature') ?? '' };
  const isSigned = await withKeys(trust.issuingKey, async (issuingKey) => {
    const by = { issuingKey, ed25519: trust.ed25519 };
    return (await verifyAnswer(by, { ...covered, idempotencyKey: asked.key }, signed)) || undefined;
  });
  if (isSigned === true) return;
  throw new Refused(status, 'answer_unsigned', 'the ledger did not sign this answer', 'is this the right server?');
}

/** What the ledger is asked for as: lower-case, without the scheme's own port. */
function authorityOf(url: string): string {
  const [, scheme = '', authority = ''] = /^(https?):\/\/([^/?#]+)/i.exec(url) ?? [];
  return authority.toLowerCase().replace(scheme.toLowerCase() === 'https' ? /:443$/ : /:80$/, '');
}

/** An answer that was read to its end. */
interface Answer extends Omit<FetchAnswer, 'text'> {
  readonly text: string;
}

/** The answer, or undefined where none came, or it broke off. */
async function attempt(fetch: () => Promise<FetchAnswer>): Promise<Answer | undefined> {
  try {
    const answer = await fetch();
    return { ok: answer.ok, status: answer.status, headers: answer.headers, text: await answer.text() };
  } catch {
    return undefined;
  }
}

function refusalOf(status: number, text: string): Refused {
  try {
    const { code, detail, next } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (typeof code === 'string' && typeof detail === 'string' && typeof next === 'string') {
      return new Refused(status, code, detail, next);
    }
  } catch {
    // Not JSON: told below.
  }
  return new Refused(status, 'unreadable', `status ${status}, and no problem that could be read`, undefined);
}
