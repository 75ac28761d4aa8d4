/** Answers to writes are signed by the issuing key, so that a client can show what it was told (RFC 9421, section 2.4). */
import { toBase64, toBase64Url, utf8 } from '#core/bytes.ts';
import { ANSWER_LABEL, answerBase } from '#core/request/answer.ts';
import { contentDigest } from '#core/request/content-digest.ts';
import type { Context } from '#service/context.ts';
import type { Answer } from './answer.ts';

/** The issuing key's name in a signature: `log/<public key>`. */
export async function signAnswer(
  { issuingKey, clock }: Context,
  asked: { readonly path: string; readonly idempotencyKey: string },
  made: Answer,
): Promise<Answer> {
  const digest = contentDigest(utf8(made.body));
  const { base, params } = answerBase(
    { status: made.status, contentDigest: digest, method: 'POST', ...asked },
    { created: Math.floor(clock() / 1_000), keyid: `log/${toBase64Url(issuingKey.publicKey)}` },
  );
  const signature = toBase64(await issuingKey.sign(utf8(base)));
  const headers = {
    'content-digest': digest,
    'signature-input': `${ANSWER_LABEL}=${params}`,
    signature: `${ANSWER_LABEL}=:${signature}:`,
  };
  return { ...made, headers: { ...made.headers, ...headers } };
}
