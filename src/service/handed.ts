/**
 * What a page hands to a browser, and takes back: a value under this deployment's own MAC, for a while. Nothing of it is
 * stored, and whoever has it can read it.
 *
 * @module
 */
import { concat, equalBytes, parseBase64Url, toBase64Url } from '#core/bytes.ts';
import { encodeCanonical, type Json, type JsonObject, parseCanonical } from '#core/canonical.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { mac } from '#core/hash.ts';
import { isObject } from '#core/shape.ts';
import type { Context } from './context.ts';

const MAC_BYTES = 32;
const TEXT_CHARS_MAX = 8_192;

type Keyed = Pick<Context, 'keys' | 'clock'>;

/** @param kind What it is for: of one kind it is none of another. */
export function handOut({ keys, clock }: Keyed, kind: string, value: JsonObject, forMs: number): string {
  const bytes = encodeCanonical({ kind, value, until: clock() + forMs });
  return toBase64Url(concat(mac(keys.handed, bytes), bytes));
}

/** @throws {Failure} `challenge_stale`, if it is none of ours, of another kind, or too old. */
export function takeBack({ keys, clock }: Keyed, kind: string, text: string): JsonObject {
  const handed = text.length > TEXT_CHARS_MAX ? undefined : open(keys.handed, text);
  const value = isObject(handed) ? handed['value'] : undefined;
  if (!isObject(handed) || handed['kind'] !== kind || !isObject(value) || clock() >= Number(handed['until'])) {
    throw new Failure('challenge_stale', 'what the page handed out is unknown, or too old');
  }
  return value;
}

function open(key: Uint8Array, text: string): Json | undefined {
  try {
    const bytes = parseBase64Url(text);
    const said = bytes.subarray(MAC_BYTES);
    return equalBytes(bytes.subarray(0, MAC_BYTES), mac(key, said)) ? parseCanonical(said) : undefined;
  } catch (failure) {
    if (isFailure(failure)) return undefined;
    throw failure;
  }
}
