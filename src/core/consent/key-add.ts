/** What a key of a person signs to add another one, as that of a further device is added. */
import { concat, utf8 } from '../bytes.ts';
import { encodeCanonical, type JsonObject } from '../canonical.ts';
import type { Handle } from '../ids.ts';

const KEY_ADD_CONTEXT = utf8('assent/key-add/v1\n');

/** So long counts what a key signs to add another: it is signed while the other device is at hand. */
export const KEY_ADD_MS_MAX: number = 5 * 60 * 1000;

/**
 * That another key is the person's too: signed by a key that still counts. It names that other key and no other, the log, and
 * the relationship that it is brought through; so it can't be carried to another person. A key is bound to a person once, for
 * ever, so what adds it can't be played again, not even after that key ended.
 */
export function keyAddStatement(adding: {
  readonly log: string;
  readonly handle: Handle;
  /** The text of the key that is added. */
  readonly key: string;
  /** By the clock of who signs. */
  readonly signedAt: number;
}): JsonObject {
  return {
    v: 1,
    log: adding.log,
    handle: adding.handle,
    key: adding.key,
    signed_at: adding.signedAt,
    expires_at: adding.signedAt + KEY_ADD_MS_MAX,
  };
}

export function keyAddSigningBytes(statement: JsonObject): Uint8Array {
  return concat(KEY_ADD_CONTEXT, encodeCanonical(statement));
}
