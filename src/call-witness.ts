/** Calling witnesses by `fetch`, on Node and Workers. */
import { parseUtf8 } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import type { CallWitness } from '#ledger/ask-witness.ts';

/** The largest answer that is read: a note with all its signatures. */
const ANSWER_BYTES_MAX = 65_536;

/** Follows no redirect: where a witness is, the policy says. */
export function callWitnessBy(by: typeof fetch): CallWitness {
  return async ({ url, body }, signal) => {
    const sent = body === undefined ? { method: 'GET' } : { method: 'POST', body, headers: SENT };
    const response = await by(url, { ...sent, redirect: 'manual', signal });
    const [mediaType = ''] = (response.headers.get('content-type') ?? '').split(';');
    return {
      status: response.status,
      mediaType: mediaType.trim().toLowerCase() || null,
      body: parseUtf8(await readLimited(response)),
    };
  };
}

const SENT = { 'content-type': 'text/plain; charset=utf-8', 'user-agent': 'assent' };

async function readLimited({ body }: Response): Promise<Uint8Array> {
  if (body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Failure('too_large', `a witness answers ${ANSWER_BYTES_MAX} bytes at most`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
