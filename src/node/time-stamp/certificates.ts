/**
 * Certificates of time-stamping authorities (RFC 3161, 2.3): which are pinned, and which one may have signed at a time. Whether
 * one was revoked is not asked: who pins a certificate says by that file whom it believes, and until when.
 *
 * @module
 */
import { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate, ExtendedKeyUsage, id_kp_timeStamping, KeyUsage, KeyUsageFlags } from '@peculiar/asn1-x509';
import { parseUtf8 } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';

/** Those of one file: the TSA's own, or of the CA that issued it, with those between them that sign. */
export type TsaCertificates = readonly X509Certificate[];

const CERTIFICATES_BYTES_MAX = 65_536;

const ID_KEY_USAGE = '2.5.29.15';
const ID_EXTENDED_KEY_USAGE = '2.5.29.37';
/** Critical ones that are looked at, or that say nothing about a leaf: basicConstraints, certificatePolicies. */
const UNDERSTOOD = [ID_KEY_USAGE, ID_EXTENDED_KEY_USAGE, '2.5.29.19', '2.5.29.32'];

const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/**
 * Reads a file of one certificate or several (PEM).
 *
 * @throws {Failure} `key_invalid`, if it holds none, or one that can't be read.
 */
export function parseTsaCertificates(file: Uint8Array): TsaCertificates {
  try {
    const found = file.length > CERTIFICATES_BYTES_MAX ? [] : [...parseUtf8(file).matchAll(PEM)];
    if (found.length > 0) return found.map(([pem]) => new X509Certificate(pem));
  } catch (cause) {
    throw new Failure('key_invalid', 'a certificate of the file can’t be read', { cause });
  }
  throw new Failure('key_invalid', 'want certificates of a time-stamping authority: -----BEGIN CERTIFICATE-----');
}

/**
 * The certificate stamps and nothing else, is pinned or issued by one that is, and both were valid at `time`.
 *
 * @throws {Failure} `time_stamp_invalid`
 */
export function requireTsaCertificate(certificate: X509Certificate, time: number, pinned: TsaCertificates): void {
  requireStamps(certificate);
  requireValid(certificate, time);
  if (pinned.some(({ raw }) => raw.equals(certificate.raw))) return;
  const issuer = pinned.find((each) => isIssuer(each, certificate));
  if (issuer === undefined) throw invalid('who signed is not pinned, and no pinned authority issued its certificate');
  requireValid(issuer, time);
}

function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** RFC 3161, 2.3: one extended key usage, critical, and that is timeStamping; a key usage, if there is one, that signs. */
function requireStamps({ raw }: X509Certificate): void {
  const extensions = AsnConvert.parse(raw, Certificate).tbsCertificate.extensions ?? [];
  const usage = extensions.find(({ extnID }) => extnID === ID_EXTENDED_KEY_USAGE);
  const usages = usage === undefined ? [] : [...AsnConvert.parse(usage.extnValue.buffer, ExtendedKeyUsage)];
  if (usage?.critical !== true || usages.length !== 1 || usages[0] !== id_kp_timeStamping) {
    throw invalid('the certificate is not one for time-stamping alone (extendedKeyUsage, critical)');
  }
  if (extensions.some(({ critical, extnID }) => critical && !UNDERSTOOD.includes(extnID))) {
    throw invalid('the certificate has a critical extension that is not understood here');
  }
  const keyUsage = extensions.find(({ extnID }) => extnID === ID_KEY_USAGE);
  if (keyUsage === undefined) return;
  const bits = AsnConvert.parse(keyUsage.extnValue.buffer, KeyUsage).toNumber();
  if ((bits & (KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation)) === 0) {
    throw invalid('the certificate’s key is not one to sign with');
  }
}

function requireValid({ validFrom, validTo }: X509Certificate, time: number): void {
  if (time >= Date.parse(validFrom) && time <= Date.parse(validTo)) return;
  throw invalid('the certificate was not valid at the time that it stamped');
}

function invalid(message: string): Failure {
  return new Failure('time_stamp_invalid', message);
}
