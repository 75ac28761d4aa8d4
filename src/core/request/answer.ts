/**
 * The ledger's signature under its answer to a write (RFC 9421, section 2.4): status and body, bound to the method, path
 * and idempotency key that were asked with.
 *
 * @module
 */
import { parseBase64, toBase64Url, utf8 } from '../bytes.ts';
import { isFailure } from '../failure.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { type IssuingKeys, listKeys } from '../note/issuing-keys.ts';
import { formatSignatureBase, formatSignatureParams, type SignatureParams } from './signature-base.ts';

export interface AnswerCovered {
  readonly status: number;
  readonly contentDigest: string;
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string;
}

const NAMES = ['"@status"', '"content-digest"', '"@method";req', '"@path";req', '"idempotency-key";req'];

/** The base whose bytes are signed, and the value of the member in Signature-Input. */
export function answerBase(
  covered: AnswerCovered,
  params: SignatureParams,
): { readonly base: string; readonly params: string } {
  const { status, contentDigest, method, path, idempotencyKey } = covered;
  const values = [String(status), contentDigest, method, path, idempotencyKey];
  const formatted = formatSignatureParams(NAMES, params);
  return {
    base: formatSignatureBase(
      NAMES.map((name, at) => [name, values[at] as string]),
      formatted,
    ),
    params: formatted,
  };
}

/** The label of our signature in Signature-Input and Signature. */
export const ANSWER_LABEL = 'assent';

/**
 * Tells whether the attacker-controlled headers of an answer are the issuing key's over just this answer. The one form
 * that we write is the one that is taken.
 */
export async function verifyAnswer(
  trust: { readonly issuingKey: IssuingKeys; readonly ed25519: Ed25519 },
  covered: AnswerCovered,
  headers: { readonly input: string; readonly signature: string },
): Promise<boolean> {
  const [, created] = /;created=(\d{1,12});/.exec(headers.input) ?? [];
  const [, encoded] = /^assent=:([A-Za-z0-9+/=]+):$/.exec(headers.signature) ?? [];
  if (created === undefined || encoded === undefined) return false;
  const named = listKeys(trust.issuingKey).map((key) => {
    const keyid = `log/${toBase64Url(key)}`;
    return { key, ...answerBase(covered, { created: Number(created), keyid }) };
  });
  const found = named.find(({ params }) => headers.input === `${ANSWER_LABEL}=${params}`);
  if (found === undefined) return false;
  try {
    return await trust.ed25519.verify(found.key, utf8(found.base), parseBase64(encoded));
  } catch (failure) {
    if (isFailure(failure)) return false;
    throw failure;
  }
}
