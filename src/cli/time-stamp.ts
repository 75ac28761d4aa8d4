/** When a receipt's tree existed at the latest, by a time-stamp and the TSA's certificate of one's own. */
import { readFileSync, statSync } from 'node:fs';
import { parseUtf8 } from '#core/bytes.ts';
import { parseReceipt, type Receipt } from '#core/consent/receipt.ts';
import { checkpointNoteOf } from '#core/consent/receipt-checkpoint.ts';
import { type FollowedReceipt, followReceipt } from '#core/consent/receipt-log-keys.ts';
import { Failure, isFailure, readAs } from '#core/failure.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { parseTsaCertificates, type TsaCertificates } from '../node/time-stamp/certificates.ts';
import { openStamped, requireCovered, STAMP_BYTES_MAX } from '../node/time-stamp/file.ts';
import type { TimeStamp } from '../node/time-stamp/token.ts';
import { Usage } from './output.ts';

export const TIME_STAMP_OPTIONS = {
  'time-stamp': { type: 'string' },
  tsa: { type: 'string' },
  consistency: { type: 'string' },
} as const;

/** What was named: a time-stamp, who may have made it, and a proof. */
export interface StampTerms {
  readonly file: Uint8Array;
  readonly certificates: TsaCertificates;
  readonly proof: Uint8Array | undefined;
}

/** What a time-stamp says of a receipt; `problem`: nothing. */
export type StampVerdict =
  | { readonly stamp: TimeStamp; readonly problem: null }
  | { readonly stamp: null; readonly problem: { readonly code: string; readonly message: string } };

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

/** Of a receipt that holds by `trusted`. */
export async function judgeStamp(
  receipt: Uint8Array,
  trusted: readonly VerifierKey[],
  { file, certificates, proof }: StampTerms,
  ed25519: Ed25519,
): Promise<StampVerdict> {
  try {
    const opened = parseReceipt(receipt);
    const note = checkpointNoteOf(opened);
    const [origin] = note.split('\n', 1);
    const own = trusted.filter(({ name }) => name === origin);
    if (own.length === 0) throw new Failure('time_stamp_invalid', 'no key of this log is trusted');
    const { checkpoint, followed } = await followByAny(opened, own, ed25519);
    const led = followed?.spans.map(({ key }) => key) ?? [];
    const others = led.filter(({ keyId }) => !own.some((each) => each.keyId === keyId));
    const stamped = await openStamped(file, [...own, ...others], certificates);
    requireCovered(checkpoint, stamped.checkpoint, proof);
    return { stamp: stamped.stamp, problem: null };
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return { stamp: null, problem: { code: failure.code, message: failure.message } };
  }
}

/** By the first of several keys of its log that leads to its checkpoint's. @throws {Failure} as {@link followReceipt} */
async function followByAny(
  receipt: Receipt,
  [vkey, ...others]: readonly VerifierKey[],
  ed25519: Ed25519,
): Promise<FollowedReceipt> {
  try {
    return await followReceipt(receipt, vkey as VerifierKey, ed25519);
  } catch (failure) {
    if (!isFailure(failure) || others.length === 0) throw failure;
    return followByAny(receipt, others, ed25519);
  }
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
