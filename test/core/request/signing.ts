/** Requests signed by hand: what is signed, line by line, so that a test can sign something else as well. */
import { toBase64Url, utf8 } from '#core/bytes.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { contentDigest } from '#core/request/content-digest.ts';
import {
  type Covered,
  componentsOf,
  formatSignatureBase,
  formatSignatureParams,
} from '#core/request/signature-base.ts';
import { formatKeyName, type SignedRequest } from '#core/request/signed-request.ts';
import type { StreamId } from '#core/tlog/stream.ts';

export interface Signing {
  readonly stream: StreamId;
  readonly key: SigningKey;
  /** The key that is named, where it is another than the one that signs. */
  readonly named?: string;
}

/** What a request is signed over, unless a test changes it. */
export function coveredBy(path: string, body: string, change: Partial<Covered> = {}): Covered {
  return {
    method: 'POST',
    authority: 'ledger.example',
    path,
    query: '?',
    contentDigest: contentDigest(utf8(body)),
    idempotencyKey: '7c8f0e52',
    ...change,
  };
}

/** Signs what is covered with every key, and keeps it beside the body. `created` is in seconds. */
export async function signedOver(
  signers: readonly Signing[],
  covered: Covered,
  body: string,
  created: number,
): Promise<SignedRequest> {
  const components = componentsOf(covered);
  const names = components.map(([name]) => name);
  const signatures = signers.map(async ({ stream, key, named = toBase64Url(key.publicKey) }) => {
    const params = formatSignatureParams(names, { created, keyid: formatKeyName({ stream, key: named }) });
    const base = formatSignatureBase(components, params);
    return { base, signature: toBase64Url(await key.sign(utf8(base))) };
  });
  return { body, signatures: await Promise.all(signatures) };
}
