/**
 * The scan of a letter signed in ink, on the side that keeps it: what the ledger is told of it, and whether a scan at hand
 * is the one that it was told of.
 *
 * @module
 */
import { toBase64Url } from '#core/bytes.ts';
import { digestScan, type MediaType, type Scan } from '#core/consent/scan.ts';
import { parseHashText, SALT_BYTES } from '#core/hash.ts';

/**
 * Says of a scan what `signLetterOnPaper` takes: digest, type, size, and a fresh salt. Keep the scan, byte for byte; the
 * salt is in `readLetter` again, until the subject's data are erased.
 */
export function bindScan(bytes: Uint8Array, mediaType: MediaType): Scan & { readonly salt: string } {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  return {
    digest: digestScan(salt, bytes),
    salt: toBase64Url(salt),
    media_type: mediaType,
    bytes: bytes.length,
  };
}

/**
 * Whether a scan at hand is, byte for byte, the one that was brought in.
 *
 * @throws {Failure} `input_invalid`, if the salt is not 32 bytes in base64url.
 */
export function bindsScan(scan: { readonly digest: string; readonly salt: string }, bytes: Uint8Array): boolean {
  return digestScan(parseHashText(scan.salt), bytes) === scan.digest;
}
