/** The log key exchanged, as the keeper does it. */
import { toBase64Url } from '#core/bytes.ts';
import { LOG_OVERLAP_MS_MIN, logKeyPossessionBytes } from '#core/consent/log-key.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatVkey, type VerifierKey, verifierKey } from '#core/note/key.ts';
import type { Context } from '#service/context.ts';
import { addLogKey, retireLogKey, switchLogKey } from '#service/log-keys.ts';
import { calledByKeeper } from './actors.ts';
import { ORIGIN } from './ledger-fixture.ts';

export const LOG_KEYS_PATH = '/v1/log/log-keys';

export function vkeyOf({ publicKey }: SigningKey, origin: string = ORIGIN): VerifierKey {
  return verifierKey(origin, publicKey);
}

export function textOf(key: SigningKey, origin: string = ORIGIN): string {
  return formatVkey(vkeyOf(key, origin));
}

/** @param signedFor the log that the key says it is for. */
export async function add(context: Context, key: SigningKey, signedFor: string = context.ledger.origin) {
  const vkey = textOf(key, context.ledger.origin);
  const body = { vkey, possession: toBase64Url(await key.sign(logKeyPossessionBytes(signedFor, vkey))) };
  return addLogKey(context, await calledByKeeper(context, LOG_KEYS_PATH, body), body);
}

/** @param more than the shortest overlap, in ms: the database’s clock may be ahead of ours. */
export async function switchTo(context: Context, key: SigningKey, more = 0) {
  const vkey = textOf(key, context.ledger.origin);
  const body = { vkey, until: (context.clock() + LOG_OVERLAP_MS_MIN + more) as Instant };
  return switchLogKey(context, await calledByKeeper(context, `${LOG_KEYS_PATH}/switch`, body), body);
}

export async function retire(context: Context, key: SigningKey) {
  const body = { vkey: textOf(key, context.ledger.origin) };
  return retireLogKey(context, await calledByKeeper(context, `${LOG_KEYS_PATH}/retirement`, body), body.vkey);
}
