/**
 * Signatures of certificates and tokens, by WebCrypto, as browsers and Node have it: RSA PKCS #1 v1.5, and ECDSA in DER. Others
 * are refused, not guessed.
 *
 * @module
 */
import { AsnArray, AsnConvert, AsnPropTypes, AsnType, AsnTypeTypes } from '@peculiar/asn1-schema';
import type { SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import { concat, toHex } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';

export type DigestName = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** Digests that something may be signed with (RFC 5754), by their OIDs. */
const DIGESTS: Readonly<Record<string, DigestName>> = {
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};

interface Scheme {
  readonly name: 'RSASSA-PKCS1-v1_5' | 'ECDSA';
  /** Undefined: of that which the signer names. */
  readonly digest: DigestName | undefined;
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  '1.2.840.113549.1.1.1': { name: 'RSASSA-PKCS1-v1_5', digest: undefined },
  '1.2.840.113549.1.1.11': { name: 'RSASSA-PKCS1-v1_5', digest: 'SHA-256' },
  '1.2.840.113549.1.1.12': { name: 'RSASSA-PKCS1-v1_5', digest: 'SHA-384' },
  '1.2.840.113549.1.1.13': { name: 'RSASSA-PKCS1-v1_5', digest: 'SHA-512' },
  '1.2.840.10045.4.3.2': { name: 'ECDSA', digest: 'SHA-256' },
  '1.2.840.10045.4.3.3': { name: 'ECDSA', digest: 'SHA-384' },
  '1.2.840.10045.4.3.4': { name: 'ECDSA', digest: 'SHA-512' },
};

const ID_RSA = '1.2.840.113549.1.1.1';
const ID_EC = '1.2.840.10045.2.1';

/** Curves by their OIDs in DER, and how many bytes one of the two numbers of a signature has. */
const CURVES: Readonly<Record<string, { readonly namedCurve: string; readonly bytes: number }>> = {
  '06082a8648ce3d030107': { namedCurve: 'P-256', bytes: 32 },
  '06052b81040022': { namedCurve: 'P-384', bytes: 48 },
  '06052b81040023': { namedCurve: 'P-521', bytes: 66 },
};

/** A SEQUENCE whose parts are read one by one. */
export class Parts extends AsnArray<ArrayBuffer> {}
AsnType({ type: AsnTypeTypes.Sequence, itemType: AsnPropTypes.Any })(Parts);

export interface Signed {
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
  /** The OID of the signature's algorithm. */
  readonly algorithm: string;
  /** What the signer says beside that it hashed by; undefined: its algorithm says so. */
  readonly digest?: DigestName;
}

/** The name of a digest that counts. @throws {Failure} `time_stamp_invalid` */
export function digestName(oid: string): DigestName {
  const name = Object.hasOwn(DIGESTS, oid) ? DIGESTS[oid] : undefined;
  if (name === undefined) throw invalid(`digests of ${oid} are not verified here`);
  return name;
}

export async function digestOf(name: DigestName, bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(name, asSource(bytes)));
}

/** @throws {Failure} `time_stamp_invalid`, if it is by an algorithm, or of a kind of key, that is not verified here. */
export async function isSignedBy(key: SubjectPublicKeyInfo, signed: Signed): Promise<boolean> {
  const { algorithm, digest: named } = signed;
  const scheme = Object.hasOwn(SCHEMES, algorithm) ? SCHEMES[algorithm] : undefined;
  if (scheme === undefined) throw invalid(`signatures of ${algorithm} are not verified here`);
  const digest = scheme.digest ?? named;
  if (digest === undefined || (named !== undefined && named !== digest))
    throw invalid('the signature names two digests');
  return scheme.name === 'ECDSA' ? isEcdsa(key, signed, digest) : isRsa(key, signed, digest);
}

async function isRsa(key: SubjectPublicKeyInfo, { data, signature }: Signed, hash: DigestName): Promise<boolean> {
  if (key.algorithm.algorithm !== ID_RSA) throw invalid('the signature is of another kind than the key');
  const by = { name: 'RSASSA-PKCS1-v1_5', hash };
  return crypto.subtle.verify(by, await importKey(key, by), asSource(signature), asSource(data));
}

async function isEcdsa(key: SubjectPublicKeyInfo, { data, signature }: Signed, hash: DigestName): Promise<boolean> {
  const { algorithm, parameters } = key.algorithm;
  if (algorithm !== ID_EC) throw invalid('the signature is of another kind than the key');
  const curve = CURVES[parameters ? toHex(new Uint8Array(parameters)) : ''];
  if (curve === undefined) throw invalid('keys of this curve are not verified here');
  const plain = plainSignature(signature, curve.bytes);
  if (plain === undefined) return false;
  const by = { name: 'ECDSA', hash };
  return crypto.subtle.verify(by, await importKey(key, { ...by, ...curve }), asSource(plain), asSource(data));
}

/** The two numbers side by side, as WebCrypto wants them; undefined: they are not there in DER, or too large. */
function plainSignature(der: Uint8Array, bytes: number): Uint8Array | undefined {
  const parts = [...AsnConvert.parse(asSource(der), Parts)].map((part) => new Uint8Array(part));
  const header = der.length - parts.reduce((sum, part) => sum + part.length, 0);
  // Nothing stands behind them: a SEQUENCE of more than 127 bytes says its length in two.
  if (parts.length !== 2 || header !== (der.length > 129 ? 3 : 2)) return undefined;
  const [r, s] = parts.map((part) => numberIn(part, bytes));
  return r === undefined || s === undefined ? undefined : concat(r, s);
}

const TAG_INTEGER = 2;

function numberIn(der: Uint8Array, bytes: number): Uint8Array | undefined {
  const [tag, length, first = 0x80, second = 0] = der;
  if (tag !== TAG_INTEGER || length !== der.length - 2 || first >= 0x80) return undefined;
  // A zero stands in front only of what would else be negative.
  if (first === 0 && length > 1 && second < 0x80) return undefined;
  const digits = der.subarray(first === 0 ? 3 : 2);
  if (digits.length > bytes) return undefined;
  return concat(new Uint8Array(bytes - digits.length), digits);
}

async function importKey(
  key: SubjectPublicKeyInfo,
  by: { readonly name: string; readonly hash: DigestName; readonly namedCurve?: string },
) {
  try {
    return await crypto.subtle.importKey('spki', AsnConvert.serialize(key), by, false, ['verify']);
  } catch (cause) {
    throw new Failure('time_stamp_invalid', 'the certificate’s key can’t be used here', { cause });
  }
}

/** WebCrypto takes no shared memory, and we have none. */
export function asSource(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}

function invalid(message: string): Failure {
  return new Failure('time_stamp_invalid', message);
}
