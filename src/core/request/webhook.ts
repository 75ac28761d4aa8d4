/**
 * What is signed of a webhook (Standard Webhooks 1.0.0, asymmetric: `v1a`). The id begins with a party's id in hex and has
 * no full stop, so that these bytes are never those of an entry, a permit or an answer, which the same key signs.
 *
 * @module
 */
import { concat, toBase64, utf8 } from '../bytes.ts';
import type { PartyId } from '../ids.ts';
import type { PublicKey } from '../note/key.ts';

/** The identifier of an Ed25519 signature in `webhook-signature`. */
export const WEBHOOK_SCHEME = 'v1a';

/** A party has this many webhooks at most. */
export const WEBHOOKS_MAX = 8;
export const WEBHOOK_URL_CHARS_MAX = 512;

/** Names a message: the same each time that it is sent. One key signs for all parties, so that it says for whom. */
export function webhookMessageId(party: PartyId, seq: number): string {
  return `${party}_${seq}`;
}

/** @param timestamp of this attempt, in seconds. */
export function webhookSigningBytes(id: string, timestamp: number, body: string): Uint8Array {
  return concat(utf8(`${id}.${timestamp}.`), utf8(body));
}

/** A public key as libraries for Standard Webhooks take it. */
export function formatWebhookKey(key: PublicKey): string {
  return `whpk_${toBase64(key)}`;
}
