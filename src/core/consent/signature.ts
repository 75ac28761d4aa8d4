/**
 * Signatures of subjects, and of those who identify them: one code for the server that takes them, and for the audit
 * that checks them again.
 *
 * @module
 */
import { toBase64Url } from '../bytes.ts';
import type { JsonObject } from '../canonical.ts';
import { Failure, isFailure } from '../failure.ts';
import type { PublicKey } from '../note/key.ts';
import type { SubjectCrypto } from '../webauthn/assertion.ts';
import { keyAddSigningBytes } from './key-add.ts';
import {
  bindingSigningBytes,
  keyEndSigningBytes,
  partyKeySigningBytes,
  sessionSigningBytes,
  statementSigningBytes,
} from './statement.ts';
import { type SubjectKey, verifyBySubject } from './subject-key.ts';

/**
 * Verifies a subject's signature over a statement that we rebuilt.
 *
 * @throws {Failure} `signature_invalid`, if the key did not sign exactly this: another text, tick, time or log.
 */
export async function verifyStatement(
  crypto: SubjectCrypto,
  signed: { readonly statement: JsonObject; readonly key: SubjectKey; readonly signature: string },
): Promise<void> {
  await verifyBySubject(crypto, signed.key, statementSigningBytes(signed.statement), signed.signature);
}

/**
 * Verifies a subject's signature over one of several statements that we rebuilt.
 *
 * @throws {Failure} `signature_invalid`, if the key signed none of them.
 */
export async function verifyOneOf(
  crypto: SubjectCrypto,
  statements: readonly JsonObject[],
  signed: { readonly key: SubjectKey; readonly signature: string },
): Promise<void> {
  const [statement, ...others] = statements;
  if (statement === undefined) throw new Failure('signature_invalid', 'there is no statement that the key could sign');
  try {
    await verifyStatement(crypto, { statement, ...signed });
  } catch (failure) {
    if (others.length === 0 || !isFailure(failure, 'signature_invalid')) throw failure;
    await verifyOneOf(crypto, others, signed);
  }
}

/**
 * Verifies a signature over a key's binding: by the key itself, or by the party that identified the person.
 *
 * @throws {Failure} `signature_invalid`
 */
export async function verifyBinding(
  crypto: SubjectCrypto,
  signed: { readonly binding: JsonObject; readonly key: SubjectKey; readonly signature: string },
): Promise<void> {
  await verifyBySubject(crypto, signed.key, bindingSigningBytes(signed.binding), signed.signature);
}

/**
 * Verifies what a key of the person says of another that it adds.
 *
 * @throws {Failure} `signature_invalid`
 */
export async function verifyKeyAdd(
  crypto: SubjectCrypto,
  signed: { readonly statement: JsonObject; readonly key: SubjectKey; readonly signature: string },
): Promise<void> {
  await verifyBySubject(crypto, signed.key, keyAddSigningBytes(signed.statement), signed.signature);
}

/**
 * Verifies what a key of the person says of the end of another, or of its own.
 *
 * @throws {Failure} `signature_invalid`
 */
export async function verifyKeyEnd(
  crypto: SubjectCrypto,
  signed: { readonly statement: JsonObject; readonly key: SubjectKey; readonly signature: string },
): Promise<void> {
  await verifyBySubject(crypto, signed.key, keyEndSigningBytes(signed.statement), signed.signature);
}

/**
 * Verifies the statement that opens a session.
 *
 * @throws {Failure} `signature_invalid`
 */
export async function verifySession(
  crypto: SubjectCrypto,
  signed: { readonly session: JsonObject; readonly key: SubjectKey; readonly signature: string },
): Promise<void> {
  await verifyBySubject(crypto, signed.key, sessionSigningBytes(signed.session), signed.signature);
}

/**
 * Verifies that who brings a party's new key can sign with it.
 *
 * @throws {Failure} `signature_invalid`
 */
export async function verifyPossession(
  crypto: SubjectCrypto,
  signed: { readonly log: string; readonly key: PublicKey; readonly signature: string },
): Promise<void> {
  const bytes = partyKeySigningBytes({ log: signed.log, key: toBase64Url(signed.key) });
  await verifyBySubject(crypto, { kind: 'ed25519', key: signed.key }, bytes, signed.signature);
}
