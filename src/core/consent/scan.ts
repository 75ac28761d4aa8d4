/**
 * The scan of a letter that was signed in ink. It stays with who made it: the ledger gets a keyed digest, by which whoever
 * holds the scan can show that it is the one that was brought in, and nobody else can tell anything.
 *
 * @module
 */
import { hashText, mac } from '../hash.ts';
import { hash, integer, oneOf, record, type Shape } from '../shape.ts';

/** RFC 6838 names; JPEG and TIFF as RFC 2046 and RFC 3302 have them. */
export const MEDIA_TYPES = ['application/pdf', 'image/jpeg', 'image/png', 'image/tiff'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** Whatever is larger is no scan of a letter. */
export const SCAN_BYTES_MAX = 268_435_456;

/** What an entry says of a scan. */
export interface Scan {
  /** {@link digestScan}. */
  readonly digest: string;
  readonly media_type: MediaType;
  /** Its size. */
  readonly bytes: number;
}

export const scanShape: Shape<{ readonly [K in keyof Scan]: Scan[K] }> = record({
  digest: hash,
  media_type: oneOf(MEDIA_TYPES),
  bytes: integer(1, SCAN_BYTES_MAX),
});

/** HMAC-SHA-256 under the salt of the scan's exact bytes, base64url. The salt is 32 fresh random bytes. */
export function digestScan(salt: Uint8Array, bytes: Uint8Array): string {
  return hashText(mac(salt, bytes));
}
