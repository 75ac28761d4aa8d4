/**
 * Receiving webhooks: whether a message is the ledger's, is fresh, and is for us (Standard Webhooks 1.0.0, `v1a`).
 *
 * @module
 */
import { parseBase64, utf8 } from '#core/bytes.ts';
import { Failure, isFailure } from '#core/failure.ts';
import type { PartyId } from '#core/ids.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import { type IssuingKeys, verifyByAny } from '#core/note/issuing-keys.ts';
import { WEBHOOK_SCHEME, webhookMessageId, webhookSigningBytes } from '#core/request/webhook.ts';
import { type noticeSchema, webhookBodySchema } from '#wire/feed.ts';
import { parseInput } from '#wire/input.ts';
import { parseStrictJson } from '#wire/json.ts';
import type { AnswerOf } from '#wire/types.ts';
import { type TrustedKeys, withKeys } from './trusted-keys.ts';

export interface WebhookTrust {
  /** The ledger's: {@link openIssuingKeyRing}. A message is signed by the key in force when it is sent. */
  readonly issuingKey: TrustedKeys;
  readonly ed25519: Ed25519;
  /** Who receives: the ledger signs for all parties with one key. */
  readonly party: PartyId;
}

/** Replays older than this are refused; what is younger, the notice's `seq` tells. */
const AGE_MAX_MS = 5 * 60_000;
const SIGNATURES_MAX = 8;

/**
 * Verifies an attacker-controlled request, and returns its notice. `body` is the exact text that came; take each `seq` in
 * once, and answer 2xx only when it is kept.
 *
 * @param now milliseconds since 1970.
 * @throws {Failure} `signature_malformed`, `signature_stale`, `signature_invalid`; `input_invalid`, if it is for another.
 */
export async function verifyWebhook(
  trust: WebhookTrust,
  headers: { get(name: string): string | null },
  body: string,
  now: number,
): Promise<AnswerOf<typeof noticeSchema>> {
  const id = headers.get('webhook-id') ?? '';
  const timestamp = headers.get('webhook-timestamp') ?? '';
  const signatures = (headers.get('webhook-signature') ?? '').split(' ');
  if (!/^[0-9a-f]{32}_\d{1,16}$/.test(id) || !/^\d{1,12}$/.test(timestamp) || signatures.length > SIGNATURES_MAX) {
    throw new Failure('signature_malformed', 'want the headers webhook-id, webhook-timestamp and webhook-signature');
  }
  if (Math.abs(now - Number(timestamp) * 1_000) > AGE_MAX_MS) {
    throw new Failure('signature_stale', 'sent more than 5 minutes before or after now');
  }
  const signed = webhookSigningBytes(id, Number(timestamp), body);
  const verified = await withKeys(trust.issuingKey, async (keys) => {
    const each = await Promise.all(signatures.map((text) => verifyOne(trust.ed25519, keys, signed, text)));
    return each.includes(true) || undefined;
  });
  if (verified === undefined) throw new Failure('signature_invalid', 'no signature of the ledger over just this');
  const { data } = parseInput(webhookBodySchema, parseStrictJson(utf8(body)));
  if (data.party !== trust.party || id !== webhookMessageId(data.party, data.seq)) {
    throw new Failure('input_invalid', 'this notice is for another party');
  }
  return data;
}

async function verifyOne(ed25519: Ed25519, keys: IssuingKeys, signed: Uint8Array, text: string): Promise<boolean> {
  const [scheme, encoded = ''] = text.split(',');
  if (scheme !== WEBHOOK_SCHEME) return false;
  try {
    return await verifyByAny(ed25519, keys, signed, parseBase64(encoded));
  } catch (failure) {
    if (isFailure(failure)) return false;
    throw failure;
  }
}
