/**
 * Asking a time-stamping authority over HTTP (RFC 3161, 3.4) for a time-stamp of some bytes: of their SHA-256, never of the
 * bytes themselves. What it answers is believed only where it is of this request, and verifies.
 *
 * @module
 */
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { MessageImprint, PKIStatus, TimeStampReq, TimeStampResp } from '@peculiar/asn1-tsp';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { toHex } from '#core/bytes.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { sha256 } from '#core/hash.ts';
import { SIGNED_AHEAD_MAX_MS } from '#core/instant.ts';
import type { TsaCertificates } from '#time-stamp/certificates.ts';
import { openTimeStamp, type TimeStamp, TOKEN_BYTES_MAX } from '#time-stamp/token.ts';
import { readLimited } from '../../read-limited.ts';

/** Whom to ask. */
export interface Tsa {
  readonly url: string;
  readonly certificates: TsaCertificates;
  /** The OID of the policy that it is to stamp by; undefined: its own choice. */
  readonly policy: string | undefined;
}

export interface TsaMeans {
  readonly fetch: typeof fetch;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: () => number;
}

export interface Stamped {
  /** The TimeStampToken, DER. */
  readonly token: Uint8Array;
  readonly stamp: TimeStamp;
}

const ID_SHA_256 = '2.16.840.1.101.3.4.2.1';
const NONCE_BYTES = 8;

/**
 * @throws {Failure} `time_stamp_invalid`, if it refuses, or answers something else than a good time-stamp of these bytes;
 * whatever `fetch` throws.
 */
export async function askTsa(tsa: Tsa, data: Uint8Array, means: TsaMeans, signal: AbortSignal): Promise<Stamped> {
  const nonce = drawNonce(means.random);
  const answer = await post(tsa.url, requestOf(tsa, data, nonce), means.fetch, signal);
  const token = tokenOf(answer);
  const stamp = await openTimeStamp(token, data, tsa.certificates);
  if (stamp.nonce !== toHex(nonce)) throw invalid('the TSA answers another request: the nonce is not the one sent');
  if (tsa.policy !== undefined && stamp.policy !== tsa.policy) {
    throw invalid(`the TSA stamped by policy ${stamp.policy}, not ${tsa.policy}`);
  }
  if (Math.abs(stamp.time - means.clock()) > SIGNED_AHEAD_MAX_MS) {
    throw invalid('the TSA’s clock and this server’s are more than five minutes apart');
  }
  return { token, stamp };
}

function requestOf({ policy }: Tsa, data: Uint8Array, nonce: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithm: ID_SHA_256, parameters: null }),
      hashedMessage: new OctetString(Uint8Array.from(sha256(data))),
    }),
    nonce: nonce.buffer,
    certReq: true,
  });
  if (policy !== undefined) request.reqPolicy = policy;
  return AsnConvert.serialize(request);
}

/** An INTEGER that is positive and has one spelling: its first byte is neither 0 nor negative. */
function drawNonce(random: (bytes: number) => Uint8Array): Uint8Array<ArrayBuffer> {
  const nonce = Uint8Array.from(random(NONCE_BYTES));
  nonce[0] = ((nonce[0] ?? 0) & 0x3f) | 0x40;
  return nonce;
}

async function post(url: string, body: ArrayBuffer, by: typeof fetch, signal: AbortSignal): Promise<Uint8Array> {
  const headers = { 'content-type': 'application/timestamp-query', 'user-agent': 'assent' };
  const response = await by(url, { method: 'POST', body, headers, redirect: 'manual', signal });
  const [mediaType = ''] = (response.headers.get('content-type') ?? '').split(';');
  const bytes = await readLimited(response, TOKEN_BYTES_MAX, 'a TSA');
  if (response.status !== 200) throw invalid(`the TSA answers ${response.status}`);
  if (mediaType.trim().toLowerCase() !== 'application/timestamp-reply') throw invalid('the TSA answers no time-stamp');
  return bytes;
}

/** What it granted. `grantedWithMods` is not what was asked for. */
function tokenOf(answer: Uint8Array): Uint8Array {
  try {
    const { status, timeStampToken } = AsnConvert.parse(answer, TimeStampResp);
    if (status.status !== PKIStatus.granted || timeStampToken === undefined) {
      throw invalid(`the TSA grants no time-stamp: status ${status.status}`);
    }
    return new Uint8Array(AsnConvert.serialize(timeStampToken));
  } catch (cause) {
    if (isFailure(cause)) throw cause;
    throw new Failure('time_stamp_invalid', 'the TSA answers what is no time-stamp response', { cause });
  }
}

function invalid(message: string): Failure {
  return new Failure('time_stamp_invalid', message);
}
