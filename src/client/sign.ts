/**
 * Signing a request (RFC 9421, RFC 9530): what a party's key, or a subject's, puts under it.
 *
 * @module
 */
import { toBase64, toBase64Url, utf8 } from '#core/bytes.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { contentDigest } from '#core/request/content-digest.ts';
import { componentsOf, formatSignatureBase, formatSignatureParams } from '#core/request/signature-base.ts';
import { formatKeyName } from '#core/request/signed-request.ts';
import { partyStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';

/** Who signs: the key, and whose it is. */
export interface Signatory {
  readonly stream: StreamId;
  readonly key: SigningKey;
}

export function partySignatory(party: PartyId, key: SigningKey): Signatory {
  return { stream: partyStream(party), key };
}

/** A subject signs by the handle of a relationship of its own. */
export function subjectSignatory(handle: Handle, key: SigningKey): Signatory {
  return { stream: relationshipStream(handle), key };
}

export interface Unsigned {
  readonly method: 'GET' | 'POST';
  /** Host, and port where it is not the scheme's own. */
  readonly authority: string;
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
  /** The exact text that is sent; undefined in a read. */
  readonly body?: string;
  readonly idempotencyKey?: string;
}

/** One signature: the base that was signed, the parameters that name it, and the key's bytes, base64. */
interface Signed {
  readonly base: string;
  readonly params: string;
  readonly signature: string;
}

/** Signs a request by each signatory. `created` is in seconds. */
export function signBases(
  signatories: readonly Signatory[],
  { method, authority, path, query, body, idempotencyKey }: Unsigned,
  created: number,
): Promise<readonly Signed[]> {
  const components = componentsOf({
    method,
    authority,
    path,
    query: query === '' ? '?' : query,
    contentDigest: body === undefined ? null : contentDigest(utf8(body)),
    idempotencyKey: idempotencyKey ?? null,
  });
  const names = components.map(([name]) => name);
  return Promise.all(
    signatories.map(async ({ stream, key }) => {
      const keyid = formatKeyName({ stream, key: toBase64Url(key.publicKey) });
      const params = formatSignatureParams(names, { created, keyid });
      const base = formatSignatureBase(components, params);
      return { base, params, signature: toBase64(await key.sign(utf8(base))) };
    }),
  );
}

/** The headers that a signed request carries, one signature for each signatory. `created` is in seconds. */
export async function signRequest(
  signatories: readonly Signatory[],
  request: Unsigned,
  created: number,
): Promise<Record<string, string>> {
  const { body, idempotencyKey } = request;
  const signed = await signBases(signatories, request, created);
  return {
    ...(body === undefined ? {} : { 'content-digest': contentDigest(utf8(body)) }),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    'signature-input': signed.map(({ params }, at) => `sig${at + 1}=${params}`).join(', '),
    signature: signed.map(({ signature }, at) => `sig${at + 1}=:${signature}:`).join(', '),
  };
}
