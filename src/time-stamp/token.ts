/**
 * Time-stamps (RFC 3161, RFC 5816): opens the token of a time-stamping authority over bytes, against certificates that were
 * pinned, and never against those that come with it. What is opened was signed; what a token says beside is not read.
 *
 * @module
 */
import { Attribute, ContentInfo, type IssuerAndSerialNumber, SignedData, type SignerInfo } from '@peculiar/asn1-cms';
import { AsnArray, AsnConvert, AsnType, AsnTypeTypes, OctetString } from '@peculiar/asn1-schema';
import { TSTInfo } from '@peculiar/asn1-tsp';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { equalBytes, parseHex, toHex } from '#core/bytes.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { sha256 } from '#core/hash.ts';
import { INSTANT_MAX, type Instant } from '#core/instant.ts';
import { parseCertificate, requireTsaCertificate, type TsaCertificate, type TsaCertificates } from './certificates.ts';
import { asSource, type DigestName, digestName, digestOf, isSignedBy, Parts } from './signature.ts';

/** What a TSA's signature says of some bytes. */
export interface TimeStamp {
  /** The TSA's own clock, in milliseconds: `genTime`. */
  readonly time: Instant;
  /** The latest that it can have been, by the accuracy that the TSA states: the bytes existed by then. */
  readonly notLaterThan: Instant;
  /** The subject of the certificate that signed. */
  readonly tsa: string;
  /** The policy's OID. */
  readonly policy: string;
  /** The token's serial number, and the nonce that it repeats, in hex; null: none. */
  readonly serial: string;
  readonly nonce: string | null;
}

/** No token of ours is larger: a few certificates and a signature. */
export const TOKEN_BYTES_MAX = 65_536;

const ID_SIGNED_DATA = '1.2.840.113549.1.7.2';
const ID_TST_INFO = '1.2.840.113549.1.9.16.1.4';
/** The same, as an OBJECT IDENTIFIER in DER. */
const TST_INFO_DER = parseHex('060b2a864886f70d0109100104');
const ID_CONTENT_TYPE = '1.2.840.113549.1.9.3';
const ID_MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const ID_SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const ID_SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const ID_SHA_256 = '2.16.840.1.101.3.4.2.1';

class Attributes extends AsnArray<Attribute> {}
AsnType({ type: AsnTypeTypes.Set, itemType: Attribute })(Attributes);

/**
 * Opens a TimeStampToken (DER) over SHA-256 of `data`.
 *
 * @throws {Failure} `time_stamp_invalid`, if it is none, of other bytes, not signed by a pinned TSA, or by a certificate that
 * may not stamp or was not valid then.
 */
export async function openTimeStamp(token: Uint8Array, data: Uint8Array, pinned: TsaCertificates): Promise<TimeStamp> {
  try {
    return await open(token, data, pinned);
  } catch (cause) {
    if (isFailure(cause)) throw cause;
    // The parsers throw errors of several kinds; each says that this is no token.
    throw new Failure('time_stamp_invalid', 'no time-stamp token can be read from this', { cause });
  }
}

async function open(token: Uint8Array, data: Uint8Array, pinned: TsaCertificates): Promise<TimeStamp> {
  if (token.length > TOKEN_BYTES_MAX) throw invalid(`a time-stamp token has at most ${TOKEN_BYTES_MAX} bytes`);
  const signed = parseSigned(token);
  const signer = onlyOne(signed.signerInfos, 'signer');
  const content = contentOf(signed);
  const attributes = signer.signedAttrs ?? [];
  if (signed.crls !== undefined || signer.unsignedAttrs !== undefined) {
    throw invalid('a time-stamp token carries nothing beside its certificates that nobody signed');
  }
  const digest = digestName(signer.digestAlgorithm.algorithm);
  requireAttributes(attributes, await digestOf(digest, content));
  const certificate = await signerCertificate(signed, attributes, pinned);
  requireSigner(signer, certificate);
  await requireSignature(signer, digest, certificate);
  const info = AsnConvert.parse(asSource(content), TSTInfo);
  requireImprint(info, data);
  await requireTsaCertificate(certificate, info.genTime.getTime(), pinned);
  return stampOf(info, certificate);
}

/** One spelling of the outer layer: nothing stands behind a token. */
function parseSigned(token: Uint8Array): SignedData {
  const outer = AsnConvert.parse(asSource(token), ContentInfo);
  if (outer.contentType !== ID_SIGNED_DATA) throw invalid('a time-stamp token is CMS signed data');
  if (!equalBytes(bytesOf(AsnConvert.serialize(outer)), token)) throw invalid('a time-stamp token is DER, and no more');
  const signed = AsnConvert.parse(outer.content, SignedData);
  if (signed.version !== 3) throw invalid('a time-stamp token is CMS signed data of version 3');
  return signed;
}

function contentOf({ encapContentInfo: { eContentType, eContent } }: SignedData): Uint8Array {
  if (eContentType !== ID_TST_INFO) throw invalid('the signed data hold no TSTInfo');
  if (eContent?.single === undefined) throw invalid('the signed data hold no content');
  return bytesOf(eContent.single.buffer);
}

function requireAttributes(attributes: readonly Attribute[], digest: Uint8Array): void {
  const type = bytesOf(onlyValue(attributes, ID_CONTENT_TYPE));
  if (!equalBytes(type, TST_INFO_DER)) throw invalid('the signature is of another type of content');
  if (!equalBytes(octetsOf(onlyValue(attributes, ID_MESSAGE_DIGEST)), digest))
    throw invalid('the signature is of another TSTInfo');
}

/** The certificate that the signature names by its digest, among those in the token and those that are pinned. */
async function signerCertificate(
  signed: SignedData,
  attributes: readonly Attribute[],
  pinned: TsaCertificates,
): Promise<TsaCertificate> {
  const names = namedCertificates(attributes);
  const sent = (signed.certificates ?? []).flatMap(({ certificate }) => certificate ?? []);
  const known = [...pinned, ...sent.map((each) => parseCertificate(bytesOf(AsnConvert.serialize(each))))];
  for (const each of known) if (await isNamed(each, names)) return each;
  throw invalid('the certificate that the signature names is neither in the token nor among those that are pinned');
}

async function isNamed({ raw }: TsaCertificate, names: readonly Named[]): Promise<boolean> {
  for (const { digest, of } of names) if (!equalBytes(await digestOf(of, raw), digest)) return false;
  return true;
}

interface Named {
  readonly of: DigestName;
  readonly digest: Uint8Array;
}

/** The first of each attribute is the signer's (RFC 5035, 5); where both attributes are there, both name it. */
function namedCertificates(attributes: readonly Attribute[]): readonly Named[] {
  const named = [ID_SIGNING_CERTIFICATE, ID_SIGNING_CERTIFICATE_V2].flatMap((id) =>
    attributes.some(({ attrType }) => attrType === id)
      ? nameIn(firstPart(firstPart(onlyValue(attributes, id))), id)
      : [],
  );
  if (named.length === 0) throw invalid('the signature names no certificate (ESSCertID, ESSCertIDv2)');
  return named;
}

const TAG_SEQUENCE = 0x30;

/** ESSCertID begins with a SHA-1 digest; ESSCertIDv2 with the algorithm of its digest, where that is not SHA-256. */
function nameIn(essCertId: ArrayBuffer, id: string): Named {
  const [first, second] = AsnConvert.parse(essCertId, Parts);
  if (first === undefined) throw invalid('the signature names no certificate');
  if (id === ID_SIGNING_CERTIFICATE) return { of: 'SHA-1', digest: octetsOf(first) };
  if (bytesOf(first)[0] !== TAG_SEQUENCE || second === undefined) return { of: 'SHA-256', digest: octetsOf(first) };
  return { of: digestName(AsnConvert.parse(first, AlgorithmIdentifier).algorithm), digest: octetsOf(second) };
}

function firstPart(sequence: ArrayBuffer): ArrayBuffer {
  const [first] = AsnConvert.parse(sequence, Parts);
  if (first === undefined) throw invalid('the signature names no certificate');
  return first;
}

function octetsOf(der: ArrayBuffer): Uint8Array {
  return bytesOf(AsnConvert.parse(der, OctetString).buffer);
}

/** Who signed is said once more outside of what is signed: it must be the same. */
function requireSigner({ sid }: SignerInfo, { parsed: { tbsCertificate } }: TsaCertificate): void {
  const { issuerAndSerialNumber: named, subjectKeyIdentifier } = sid;
  if (named === undefined || subjectKeyIdentifier !== undefined || !isOf(named, tbsCertificate)) {
    throw invalid('the signer is named by another certificate than the one that it signed for');
  }
}

function isOf(
  named: IssuerAndSerialNumber,
  { issuer, serialNumber }: TsaCertificate['parsed']['tbsCertificate'],
): boolean {
  return (
    equalBytes(bytesOf(named.serialNumber), bytesOf(serialNumber)) &&
    equalBytes(bytesOf(AsnConvert.serialize(named.issuer)), bytesOf(AsnConvert.serialize(issuer)))
  );
}

async function requireSignature(signer: SignerInfo, digest: DigestName, { parsed }: TsaCertificate): Promise<void> {
  const { signatureAlgorithm, signature } = signer;
  // Signed is the SET OF itself, in DER, in place of the implicit tag under which it is sent (RFC 5652, 5.4).
  const data = bytesOf(AsnConvert.serialize(new Attributes(signer.signedAttrs)));
  const signed = { data, signature: bytesOf(signature.buffer), algorithm: signatureAlgorithm.algorithm, digest };
  if (!(await isSignedBy(parsed.tbsCertificate.subjectPublicKeyInfo, signed)))
    throw invalid('the signature is not the TSA’s');
}

function requireImprint({ messageImprint, extensions }: TSTInfo, data: Uint8Array): void {
  const { hashAlgorithm, hashedMessage } = messageImprint;
  if (hashAlgorithm.algorithm !== ID_SHA_256) throw invalid('the time-stamp is over another digest than SHA-256');
  if (!equalBytes(bytesOf(hashedMessage.buffer), sha256(data))) throw invalid('the time-stamp is of other bytes');
  if (extensions?.some(({ critical }) => critical)) throw invalid('the time-stamp has a critical extension');
}

function stampOf(info: TSTInfo, { subject }: TsaCertificate): TimeStamp {
  const time = info.genTime.getTime();
  const { seconds = 0, millis = 0, micros = 0 } = info.accuracy ?? {};
  const notLaterThan = time + seconds * 1_000 + millis + Math.ceil(micros / 1_000);
  if (!Number.isSafeInteger(notLaterThan) || time < 0 || notLaterThan > INSTANT_MAX || notLaterThan < time) {
    throw invalid('the time-stamp has no time that can be');
  }
  return {
    time: time as Instant,
    notLaterThan: notLaterThan as Instant,
    tsa: subject,
    policy: info.policy,
    serial: toHex(bytesOf(info.serialNumber)),
    nonce: info.nonce === undefined ? null : toHex(bytesOf(info.nonce)),
  };
}

/** The one value of the one attribute of a type. */
function onlyValue(attributes: readonly Attribute[], type: string): ArrayBuffer {
  const attribute = onlyOne(
    attributes.filter(({ attrType }) => attrType === type),
    `attribute ${type}`,
  );
  return onlyOne(attribute.attrValues, `value of attribute ${type}`);
}

function onlyOne<T>(items: readonly T[], what: string): T {
  const [first, second] = items;
  if (first === undefined || second !== undefined) throw invalid(`want one ${what}, have ${items.length}`);
  return first;
}

function bytesOf(buffer: ArrayBuffer): Uint8Array {
  return new Uint8Array(buffer);
}

function invalid(message: string): Failure {
  return new Failure('time_stamp_invalid', message);
}
