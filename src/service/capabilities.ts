/**
 * Capabilities: a path that opens one receipt to whoever holds it, for who has no key of a party (design §9). It is the
 * access's id with 128 bits that only this deployment can make; it is not logged, and says nothing to who guesses.
 *
 * @module
 */
import { concat, equalBytes, parseBase64Url, parseHex, toBase64Url, toHex } from '#core/bytes.ts';
import { Failure, readAs } from '#core/failure.ts';
import { mac } from '#core/hash.ts';
import { type AccessId, parseId } from '#core/ids.ts';
import type { Context } from './context.ts';
import { receiptOf } from './receipts.ts';

const ID_BYTES = 16;
const MAC_BYTES = 16;

export function receiptCapability({ keys }: Pick<Context, 'keys'>, access: AccessId): string {
  const id = parseHex(access);
  return toBase64Url(concat(id, mac(keys.capability, id).subarray(0, MAC_BYTES)));
}

/** @throws {Failure} `access_unknown`, if it is not a capability of this deployment; and as a receipt's. */
export async function receiptByCapability(context: Context, capability: string): Promise<string> {
  const bytes = readAs('access_unknown', 'no such access', () => parseBase64Url(capability));
  const id = bytes.subarray(0, ID_BYTES);
  const wanted = mac(context.keys.capability, id).subarray(0, MAC_BYTES);
  if (bytes.length !== ID_BYTES + MAC_BYTES || !equalBytes(bytes.subarray(ID_BYTES), wanted)) {
    throw new Failure('access_unknown', 'no such access');
  }
  return receiptOf(context, parseId<AccessId>(toHex(id)));
}
