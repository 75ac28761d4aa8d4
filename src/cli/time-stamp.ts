/** Time-stamps, as commands take them and say them. */
import { readFileSync, statSync } from 'node:fs';
import { parseUtf8 } from '#core/bytes.ts';
import { Failure, readAs } from '#core/failure.ts';
import { parseTsaCertificates, type TsaCertificates } from '#time-stamp/certificates.ts';
import { STAMP_BYTES_MAX } from '#time-stamp/file.ts';
import type { StampTerms } from '#time-stamp/receipt-stamp.ts';
import type { TimeStamp } from '#time-stamp/token.ts';
import { Usage } from './output.ts';

export const TIME_STAMP_OPTIONS = {
  'time-stamp': { type: 'string' },
  tsa: { type: 'string' },
  consistency: { type: 'string' },
} as const;

/** @throws {Usage} @throws {Failure} `input_invalid`, `key_invalid` */
export function readStampTerms(
  values: { readonly 'time-stamp'?: string; readonly tsa?: string; readonly consistency?: string },
  receipts: number,
): StampTerms | undefined {
  const { 'time-stamp': file, tsa, consistency } = values;
  if (file === undefined && tsa === undefined && consistency === undefined) return undefined;
  if (file === undefined || tsa === undefined || receipts > 1)
    throw new Usage('verify: want --time-stamp FILE with --tsa FILE, and one receipt');
  return {
    file: readLimited(file),
    certificates: readCertificates(tsa),
    proof: consistency === undefined ? undefined : readLimited(consistency),
  };
}

/** @throws {Failure} `input_invalid`, `key_invalid` */
export function readCertificates(file: string): TsaCertificates {
  const bytes = readLimited(file);
  return readAs('key_invalid', `${file}: want the TSA’s certificate, or its authority’s (PEM)`, () =>
    parseTsaCertificates(bytes),
  );
}

/** The file's text, which {@link readCertificates} can read: for the process that has the ledger open. */
export function readCertificatesText(file: string): string {
  readCertificates(file);
  return parseUtf8(readLimited(file));
}

export function sayStamp({ notLaterThan, tsa, policy }: Pick<TimeStamp, 'notLaterThan' | 'tsa' | 'policy'>): string {
  return `existed not later than ${new Date(notLaterThan).toISOString()}, by TSA ${tsa} (policy ${policy})`;
}

function readLimited(file: string): Uint8Array {
  try {
    if (statSync(file).size <= STAMP_BYTES_MAX) return new Uint8Array(readFileSync(file));
  } catch (cause) {
    throw new Failure('input_invalid', `${file} can't be read`, { cause });
  }
  throw new Failure('input_invalid', `${file} is too large for what it is named as`);
}
