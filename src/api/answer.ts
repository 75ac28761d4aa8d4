/**
 * Answering: every answer leaves through here, with the headers that all of them carry.
 *
 * @module
 */
import type { Context as Call } from 'hono';
import { toHex } from '#core/bytes.ts';
import type { Context } from '#service/context.ts';

/** What a call carries from one step to the next. */
export interface Env {
  Variables: { requestId: string };
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** `cache-control` is `no-store` unless it is said here. */
  readonly headers: Readonly<Record<string, string>>;
}

const REQUEST_ID_BYTES = 8;

/** Nothing that answers as data may be taken for a page, framed, or kept. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** Makes the answer in one piece: headers set one by one would cost the hot path more than they are worth. */
export function answer(
  context: Context,
  call: Call<Env>,
  { status, body, headers }: Omit<Answer, 'body'> & { readonly body: string | Uint8Array },
): Response {
  return new Response(body as string | Uint8Array<ArrayBuffer>, {
    status,
    headers: { ...HEADERS, 'x-request-id': requestIdOf(context, call), ...headers },
  });
}

/** The request's id, minted when it is first asked for. A caller's own is not taken: it could be anything. */
export function requestIdOf({ random }: Context, call: Call<Env>): string {
  const known = call.get('requestId');
  if (known !== undefined) return known;
  const minted = toHex(random(REQUEST_ID_BYTES));
  call.set('requestId', minted);
  return minted;
}
