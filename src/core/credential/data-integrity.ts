/**
 * W3C Data Integrity proofs, cryptosuite eddsa-jcs-2022 (Data Integrity EdDSA Cryptosuites 1.0, section 3.3): Ed25519 over
 * SHA-256(JCS(proof options)) || SHA-256(JCS(document)), 64 bytes that nothing else which a ledger's key signs can be.
 *
 * @module
 */
import { concat } from '../bytes.ts';
import { encodeJcs, equalJson, type Json, type JsonObject } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import { sha256 } from '../hash.ts';
import type { Ed25519, SigningKey } from '../note/ed25519.ts';
import type { PublicKey } from '../note/key.ts';
import { isObject } from '../shape.ts';
import { parseBase58Btc, toBase58Btc } from './base58.ts';
import { formatDidKey, methodOf, parseDidKey } from './did-key.ts';

const SUITE = 'eddsa-jcs-2022';
const TYPE = 'DataIntegrityProof';
const PURPOSE = 'assertionMethod';

/** What is signed of a document under these options of its proof, which have no `proofValue`. */
export function proofSigningBytes(document: JsonObject, options: JsonObject): Uint8Array {
  return concat(sha256(encodeJcs(options)), sha256(encodeJcs(document)));
}

/**
 * Adds a proof by the did:key of `key`.
 *
 * @param created In XML Schema dateTimeStamp, to the second: `2026-11-27T00:00:00Z`.
 */
export async function addProof(document: JsonObject, key: SigningKey, created: string): Promise<JsonObject> {
  const options = {
    type: TYPE,
    cryptosuite: SUITE,
    created,
    verificationMethod: methodOf(formatDidKey(key.publicKey)),
    proofPurpose: PURPOSE,
    '@context': document['@context'] as Json,
  };
  const signature = await key.sign(proofSigningBytes(document, options));
  return { ...document, proof: { ...options, proofValue: toBase58Btc(signature) } };
}

/**
 * Verifies the one proof of a secured document, by a did:key that its proof names, and answers with that key: whose it is,
 * and whether that one may say so, the caller has to know.
 *
 * @throws {Failure} `proof_invalid`, `key_invalid`, `signature_invalid`
 */
export async function verifyProof(secured: JsonObject, ed25519: Ed25519): Promise<PublicKey> {
  const { proof, ...document } = secured;
  if (!isObject(proof)) throw new Failure('proof_invalid', 'want one proof');
  const { proofValue, ...options } = proof;
  const { type, cryptosuite, proofPurpose, verificationMethod, '@context': context } = options;
  if (type !== TYPE || cryptosuite !== SUITE || proofPurpose !== PURPOSE) {
    throw new Failure('proof_invalid', `want a ${TYPE} of ${SUITE} for ${PURPOSE}`);
  }
  if (context !== undefined && !equalJson(context, document['@context'])) {
    throw new Failure('proof_invalid', 'its proof is of another @context');
  }
  if (typeof verificationMethod !== 'string' || typeof proofValue !== 'string') {
    throw new Failure('proof_invalid', 'a proof has a verificationMethod and a proofValue');
  }
  const [did = ''] = verificationMethod.split('#', 1);
  if (verificationMethod !== methodOf(did)) throw new Failure('proof_invalid', 'want the method of a did:key');
  const key = parseDidKey(did);
  const signature = readAs('proof_invalid', 'its proofValue is none', () => parseBase58Btc(proofValue));
  if (await ed25519.verify(key, proofSigningBytes(document, options), signature)) return key;
  throw new Failure('signature_invalid', 'its proof is not by the key that it names');
}
