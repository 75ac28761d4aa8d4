/** Calling witnesses by `fetch`, on Node and Workers. */
import { parseUtf8 } from '#core/bytes.ts';
import type { CallWitness } from '#ledger/ask-witness.ts';
import { readLimited } from './read-limited.ts';

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
      body: parseUtf8(await readLimited(response, ANSWER_BYTES_MAX, 'a witness')),
    };
  };
}

const SENT = { 'content-type': 'text/plain; charset=utf-8', 'user-agent': 'assent' };
