/**
 * The public surface of the client: asking the ledger, signing on a device, verifying offline.
 *
 * @module
 */

export { type Verdict, verifyReceipt } from '#core/consent/verify-receipt.ts';
export { type Ed25519, portableEd25519, type SigningKey } from '#core/note/ed25519.ts';
export { parseVkey, type VerifierKey } from '#core/note/key.ts';
export { type Client, type ClientOptions, openClient, Refused } from './client.ts';
export { type SignedStatement, signBinding, signLetterStatement, signRevocation } from './device.ts';
