/** Which time-stamping authority is asked, and how often: what the configuration says, and what it may say. */
import { resolve } from 'node:path';
import { Failure } from '#core/failure.ts';

/** Out of the environment; the certificates are read at the start. */
export interface TimeStampSettings {
  readonly url: string;
  /** The file of the certificates that are believed (PEM). */
  readonly certificates: string;
  /** The OID of the policy to stamp by; undefined: the authority's own choice. */
  readonly policy: string | undefined;
  /** How often it is asked at most, where there is something new. */
  readonly everyMs: number;
}

const EVERY_S = 3_600;
const EVERY_S_MIN = 10;
const EVERY_S_MAX = 7 * 86_400;

interface Given {
  readonly url: string | undefined;
  readonly certificates: string | undefined;
  readonly policy: string | undefined;
  readonly every: string | undefined;
}

/** @throws {Failure} `config_invalid`, naming the variable and what was wanted. */
export function readTimeStampSettings(given: Given, keysDir: string): TimeStampSettings | undefined {
  const { url, certificates, policy, every = String(EVERY_S) } = given;
  if (Object.values(given).every((value) => value === undefined)) return undefined;
  if (url === undefined || certificates === undefined)
    throw invalid('ASSENT_TSA_URL and ASSENT_TSA_CERTIFICATE: want both, or nothing of ASSENT_TSA_…');
  // Not repeated: a password may stand in it.
  if (!isTsaUrl(url)) throw invalid('ASSENT_TSA_URL: want an address with https or http, without a password');
  if (policy !== undefined && !isPolicyId(policy)) throw invalid('ASSENT_TSA_POLICY: want an OID, such as 1.2.3.4');
  const seconds = /^[1-9][0-9]{0,6}$/.test(every) ? Number(every) : 0;
  if (seconds < EVERY_S_MIN || seconds > EVERY_S_MAX)
    throw invalid(`ASSENT_TSA_EVERY: want seconds, a whole number from ${EVERY_S_MIN} to ${EVERY_S_MAX}`);
  return { url, certificates: resolve(keysDir, certificates), policy, everyMs: seconds * 1_000 };
}

/** What it answers is signed, so http will do; a password in an address would stand in lists of processes, and in logs. */
export function isTsaUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isHttp && url?.username === '' && url.password === '';
}

export function isPolicyId(text: string): boolean {
  return /^[012](?:\.(?:0|[1-9][0-9]{0,18})){1,31}$/.test(text);
}

function invalid(message: string): Failure {
  return new Failure('config_invalid', message);
}
