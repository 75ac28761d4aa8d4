/**
 * Certificates of time-stamping authorities (RFC 3161, 2.3): which are pinned, and which one may have signed at a time. Whether
 * one was revoked is not asked: who pins a certificate says by that file whom it believes, and until when.
 *
 * @module
 */
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  type Extension,
  id_kp_timeStamping,
  KeyUsage,
  KeyUsageFlags,
  type Name,
} from '@peculiar/asn1-x509';
import { concat, equalBytes, parseBase64, parseUtf8 } from '#core/bytes.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { asSource, isSignedBy } from './signature.ts';

export interface TsaCertificate {
  /** DER. */
  readonly raw: Uint8Array;
  readonly parsed: Certificate;
  /** Whom it names: `O=…, CN=…`. */
  readonly subject: string;
  /** In milliseconds, both inclusive. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** Those of one file: the TSA's own, or of the CA that issued it, with those between them that sign. */
export type TsaCertificates = readonly TsaCertificate[];

export const CERTIFICATES_BYTES_MAX = 65_536;

const ID_KEY_USAGE = '2.5.29.15';
const ID_BASIC_CONSTRAINTS = '2.5.29.19';
const ID_EXTENDED_KEY_USAGE = '2.5.29.37';
/** Critical ones that are looked at, or that say nothing about a leaf: basicConstraints, certificatePolicies. */
const UNDERSTOOD = [ID_KEY_USAGE, ID_EXTENDED_KEY_USAGE, ID_BASIC_CONSTRAINTS, '2.5.29.32'];

const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/**
 * Reads a file of one certificate or several (PEM).
 *
 * @throws {Failure} `key_invalid`, if it holds none, or one that can't be read.
 */
export function parseTsaCertificates(file: Uint8Array): TsaCertificates {
  try {
    const found = file.length > CERTIFICATES_BYTES_MAX ? [] : [...parseUtf8(file).matchAll(PEM)];
    if (found.length > 0)
      return found.map(([, base64 = '']) => parseCertificate(parseBase64(base64.replace(/\s/g, ''))));
  } catch (cause) {
    throw new Failure('key_invalid', 'a certificate of the file can’t be read', { cause });
  }
  throw new Failure('key_invalid', 'want certificates of a time-stamping authority: -----BEGIN CERTIFICATE-----');
}

/** @param raw DER. Throws whatever its parser does. @throws {Failure} `time_stamp_invalid` */
export function parseCertificate(raw: Uint8Array): TsaCertificate {
  const parsed = AsnConvert.parse(asSource(raw), Certificate);
  requireDer(raw, parsed);
  const { validity, subject } = parsed.tbsCertificate;
  return {
    raw,
    parsed,
    subject: textOf(subject),
    validFrom: validity.notBefore.getTime().getTime(),
    validTo: validity.notAfter.getTime().getTime(),
  };
}

/** One spelling of what nobody signs: what the parser would let pass. */
function requireDer(raw: Uint8Array, { tbsCertificateRaw, signatureAlgorithm, signatureValue }: Certificate): void {
  const signed = new Uint8Array(tbsCertificateRaw ?? new ArrayBuffer(0));
  const algorithm = new Uint8Array(AsnConvert.serialize(signatureAlgorithm));
  const parts = concat(signed, algorithm, bitString(new Uint8Array(signatureValue)));
  if (raw.length === lengthIn(raw) && equalBytes(raw.subarray(-parts.length), parts)) return;
  throw invalid('a certificate is DER, and no more');
}

/** In DER, of whole bytes. */
function bitString(bytes: Uint8Array): Uint8Array {
  const length = 1 + bytes.length;
  const said = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concat(Uint8Array.of(0x03, ...said, 0), bytes);
}

/** How long a SEQUENCE of at most 65,535 bytes says that it is, with its header. */
function lengthIn([_tag, length = 0, high = 0, low = 0]: Uint8Array): number {
  if (length < 0x80) return 2 + length;
  return length === 0x81 ? 3 + high : 4 + 256 * high + low;
}

/**
 * The certificate stamps and nothing else, is pinned or issued by one that is, and both were valid at `time`.
 *
 * @throws {Failure} `time_stamp_invalid`
 */
export async function requireTsaCertificate(
  certificate: TsaCertificate,
  time: number,
  pinned: TsaCertificates,
): Promise<void> {
  requireStamps(extensionsOf(certificate));
  requireValid(certificate, time);
  if (pinned.some(({ raw }) => equalBytes(raw, certificate.raw))) return;
  const issuers: TsaCertificate[] = [];
  for (const each of pinned) if (await isIssuer(each, certificate)) issuers.push(each);
  // An authority that renews its certificate keeps its name and key: one of both was valid.
  const issuer = issuers.find((each) => isValid(each, time)) ?? issuers[0];
  if (issuer === undefined) throw invalid('who signed is not pinned, and no pinned authority issued its certificate');
  requireValid(issuer, time);
}

async function isIssuer(issuer: TsaCertificate, { parsed }: TsaCertificate): Promise<boolean> {
  const { tbsCertificate, tbsCertificateRaw, signatureAlgorithm, signatureValue } = parsed;
  const { subject, subjectPublicKeyInfo } = issuer.parsed.tbsCertificate;
  const isNamed = equalBytes(derOf(subject), derOf(tbsCertificate.issuer));
  if (!isNamed || !mayIssue(extensionsOf(issuer)) || tbsCertificateRaw === undefined) return false;
  // Said twice, and only the one within is signed (RFC 5280, 4.1.1.2).
  if (tbsCertificate.signature.algorithm !== signatureAlgorithm.algorithm) return false;
  const signed = {
    data: new Uint8Array(tbsCertificateRaw),
    signature: new Uint8Array(signatureValue),
    algorithm: signatureAlgorithm.algorithm,
  };
  try {
    return await isSignedBy(subjectPublicKeyInfo, signed);
  } catch (failure) {
    // Another of the same name, with a key of another kind, may be pinned beside.
    if (!isFailure(failure)) throw failure;
    return false;
  }
}

/** RFC 5280, 4.2.1.9: a CA; where its key's usage is said, to sign certificates is one. */
function mayIssue(extensions: readonly Extension[]): boolean {
  const constraints = extensions.find(({ extnID }) => extnID === ID_BASIC_CONSTRAINTS);
  if (constraints === undefined || !AsnConvert.parse(constraints.extnValue.buffer, BasicConstraints).cA) return false;
  const usage = usageOf(extensions);
  return usage === undefined || hasUsage(usage, [KeyUsageFlags.keyCertSign]);
}

/** RFC 3161, 2.3: one extended key usage, critical, and that is timeStamping; a key usage, if there is one, that signs. */
function requireStamps(extensions: readonly Extension[]): void {
  const usage = extensions.find(({ extnID }) => extnID === ID_EXTENDED_KEY_USAGE);
  const usages = usage === undefined ? [] : [...AsnConvert.parse(usage.extnValue.buffer, ExtendedKeyUsage)];
  if (usage?.critical !== true || usages.length !== 1 || usages[0] !== id_kp_timeStamping) {
    throw invalid('the certificate is not one for time-stamping alone (extendedKeyUsage, critical)');
  }
  if (extensions.some(({ critical, extnID }) => critical && !UNDERSTOOD.includes(extnID))) {
    throw invalid('the certificate has a critical extension that is not understood here');
  }
  const keyUsage = usageOf(extensions);
  if (keyUsage !== undefined && !hasUsage(keyUsage, [KeyUsageFlags.digitalSignature, KeyUsageFlags.nonRepudiation])) {
    throw invalid('the certificate’s key is not one to sign with');
  }
}

/** Its bits; undefined: it does not say. */
function usageOf(extensions: readonly Extension[]): number | undefined {
  const usage = extensions.find(({ extnID }) => extnID === ID_KEY_USAGE);
  return usage && AsnConvert.parse(usage.extnValue.buffer, KeyUsage).toNumber();
}

function hasUsage(bits: number, any: readonly number[]): boolean {
  return any.some((flag) => (bits & flag) !== 0);
}

function extensionsOf({ parsed }: TsaCertificate): readonly Extension[] {
  return parsed.tbsCertificate.extensions ?? [];
}

function isValid({ validFrom, validTo }: TsaCertificate, time: number): boolean {
  return time >= validFrom && time <= validTo;
}

function requireValid(certificate: TsaCertificate, time: number): void {
  if (isValid(certificate, time)) return;
  throw invalid('the certificate was not valid at the time that it stamped');
}

const SHORT: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.97': 'organizationIdentifier',
};

/** In the order in which it stands; a sign that no reader can see is not handed on. */
function textOf(name: Name): string {
  const one = ({ type, value }: Name[number][number]) => `${SHORT[type] ?? type}=${value.toString()}`;
  const all = name.map((each) => each.map(one).join(' + ')).join(', ');
  return all.replace(/\p{C}/gu, '\u{fffd}');
}

function derOf(name: Name): Uint8Array {
  return new Uint8Array(AsnConvert.serialize(name));
}

function invalid(message: string): Failure {
  return new Failure('time_stamp_invalid', message);
}
