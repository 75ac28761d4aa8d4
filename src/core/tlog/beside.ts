/**
 * What is served beside an entry bundle: of each entry its signature by the issuing key and the salted digests of its
 * payload's parts, and the signed requests that its entries name. Canonical JSON, for the same entries as the bundle:
 *
 *     { "v": 1, "signatures": [<base64url>…], "digests": [{<part>: <base64url>…}…], "requests": {<digest>: <text>…} }
 *
 * It proves nothing by itself: signatures are verified by the issuing key, digests by what their entry committed to,
 * requests by the digest that an entry names.
 *
 * @module
 */
import { parseBase64Url, toBase64Url } from '../bytes.ts';
import { encodeCanonical, type Json, parseCanonical } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import { hashText, parseHashText } from '../hash.ts';
import { isObject } from '../shape.ts';
import type { PartDigests } from './payload.ts';

const BESIDE_VERSION = 1;
/** A longer request is read by its digest: it may be that of thousands of entries. */
export const REQUEST_BESIDE_CHARS_MAX = 16_384;

export interface Beside {
  readonly signatures: readonly Uint8Array[];
  readonly digests: readonly PartDigests[];
  /** Texts of signed requests by their digest, as far as they are short. */
  readonly requests: ReadonlyMap<string, string>;
}

export function formatBeside({ signatures, digests, requests }: Beside): Uint8Array {
  return encodeCanonical({
    v: BESIDE_VERSION,
    signatures: signatures.map(toBase64Url),
    digests: digests.map((parts) =>
      Object.fromEntries(Object.entries(parts).map(([name, digest]) => [name, hashText(digest)])),
    ),
    requests: Object.fromEntries(requests),
  });
}

/**
 * Reads what is said to stand beside a bundle of exactly `width` entries.
 *
 * @throws {Failure} `proof_invalid`
 */
export function parseBeside(bytes: Uint8Array, width: number): Beside {
  const value = readAs('proof_invalid', 'what stands beside a bundle is canonical JSON', () => parseCanonical(bytes));
  if (!isObject(value) || Object.keys(value).length !== 4 || value['v'] !== BESIDE_VERSION) throw invalid();
  const { signatures, digests, requests } = value;
  if (!isList(signatures, width) || !isList(digests, width) || !isObject(requests)) throw invalid();
  return readAs('proof_invalid', 'beside a bundle stand base64url and texts', () => ({
    signatures: signatures.map((each) => parseBase64Url(textOf(each))),
    digests: digests.map(digestsOf),
    requests: new Map(Object.entries(requests).map(([digest, text]) => [digest, textOf(text)])),
  }));
}

function digestsOf(value: Json): PartDigests {
  if (!isObject(value)) throw invalid();
  return Object.fromEntries(Object.entries(value).map(([name, digest]) => [name, parseHashText(textOf(digest))]));
}

function isList(value: Json | undefined, length: number): value is readonly Json[] {
  return Array.isArray(value) && value.length === length;
}

function textOf(value: Json): string {
  if (typeof value !== 'string') throw invalid();
  return value;
}

function invalid(): Failure {
  return new Failure('proof_invalid', 'this is not what stands beside a bundle of so many entries');
}
