/**
 * The public surface of the client: asking the ledger, signing on a device, verifying offline.
 *
 * @module
 */

export { discloseReceipt, openableParts, type ShownParts } from '#core/consent/disclose.ts';
export type { ErasedClass, ErasureSummary, KeptClass } from '#core/consent/erasure-summary.ts';
export type { Explanation } from '#core/consent/explain.ts';
export type { LetterClause, LetterSummary } from '#core/consent/letter-summary.ts';
export { bindRequest, openPermit, type Permit } from '#core/consent/permit.ts';
export { parseReceipt, type Receipt, type Slice } from '#core/consent/receipt.ts';
export { findTaint, type TaintedEntry } from '#core/consent/receipt-taint.ts';
export type { MediaType, Scan } from '#core/consent/scan.ts';
export type { Tick } from '#core/consent/statement.ts';
export type { Verdict } from '#core/consent/verdict.ts';
export type { VerifiedSignature } from '#core/consent/verify-evidence.ts';
export { explainReceipt, verifyReceipt } from '#core/consent/verify-receipt.ts';
export type { Cosigner, Witnessing, WitnessTerms } from '#core/consent/witnessing.ts';
export { verifyProof } from '#core/credential/data-integrity.ts';
export { formatDidKey } from '#core/credential/did-key.ts';
export { Failure } from '#core/failure.ts';
export {
  type AccessId,
  type GrantId,
  type Handle,
  type LetterId,
  type OperatorId,
  type PartyId,
  parseId,
  type StatementRef,
} from '#core/ids.ts';
export { type Ed25519, portableEd25519, type SigningKey } from '#core/note/ed25519.ts';
export { parsePrivatePem, parseVkey, type VerifierKey } from '#core/note/key.ts';
export { parsePolicy, type WitnessPolicy } from '#core/tlog/policy.ts';
export { formatAssertion } from '#core/webauthn/assertion.ts';
export { formatPasskeyKey } from '#core/webauthn/passkey-key.ts';
export { type Registration, readRegistration } from '#core/webauthn/registration.ts';
export { type Client, openClient } from './client.ts';
export { bindBody, type Connection, type ConnectOptions, connect, connectDoor } from './connect.ts';
export {
  bindingChallenge,
  bindsText,
  provePartyKey,
  type SignedStatement,
  signBinding,
  signDecline,
  signHold,
  signLetterStatement,
  signRevocation,
  statementChallenge,
} from './device.ts';
export {
  type Admitted,
  type Door,
  type DoorCode,
  type DoorOptions,
  openDoor,
  type Presented,
  type Released,
  type Turned,
} from './door.ts';
export { affirmPath, signIdentifiedKey } from './identified-key.ts';
export { addedKeyChallenge, keyAddChallenge, signAddedKey, signKeyAdd } from './key-add.ts';
export { keyEndChallenge, signKeyEnd, signKeyLoss } from './key-end.ts';
export {
  ACCESS_HEADER,
  type Call,
  doorProblem,
  PERMIT_HEADER,
  REQUEST_SALT_HEADER,
  RESPONSE_SALT_HEADER,
  type RoutePermit,
  requirePermit,
  SOURCE_SILENT,
  turnAway,
} from './require-permit.ts';
export { bindScan, bindsScan } from './scan.ts';
export { type ClientOptions, Refused } from './send.ts';
export { partySignatory, type Signatory, signRequest, subjectSignatory, type Unsigned } from './sign.ts';
export { openIssuingKeyRing, openIssuingKeys } from './trust.ts';
export type { IssuingKeyRing, TrustedKeys } from './trusted-keys.ts';
export { webcryptoEd25519 } from './webcrypto-ed25519.ts';
export { webcryptoP256 } from './webcrypto-p256.ts';
export { verifyWebhook, type WebhookTrust } from './webhook.ts';
