/**
 * That one browser was shown a letter in full, after the entry of it: a token that it keeps for a while, so that each further
 * page of the same letter is the same view. It opens nothing without the letter's link, and no other letter.
 *
 * @module
 */
import { equalBytes, parseBase64Url, toBase64Url, utf8 } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import { mac } from '#core/hash.ts';
import type { LetterId } from '#core/ids.ts';
import type { Context } from './context.ts';

/** As long as it takes to read a letter, to get a passkey, and to sign. Later it is another view. */
export const SHOWN_MS = 3_600_000;

type Kept = Pick<Context, 'keys' | 'clock'>;

export function shownToken(context: Kept, letter: LetterId): string {
  const until = context.clock() + SHOWN_MS;
  return `${until}.${toBase64Url(macOf(context, letter, until))}`;
}

/** Whether a token says so of this letter, still. */
export function isShown(context: Kept, letter: LetterId, token: string | undefined): boolean {
  const [, until, said] = /^([1-9][0-9]{0,15})\.([A-Za-z0-9_-]{43})$/.exec(token ?? '') ?? [];
  if (until === undefined || said === undefined || Number(until) <= context.clock()) return false;
  return equalBytes(bytesOf(said), macOf(context, letter, Number(until)));
}

function macOf({ keys }: Kept, letter: LetterId, until: number): Uint8Array {
  return mac(keys.capability, utf8(`letter-shown/${letter}/${until}`));
}

function bytesOf(text: string): Uint8Array {
  try {
    return parseBase64Url(text);
  } catch (failure) {
    if (isFailure(failure)) return new Uint8Array();
    throw failure;
  }
}
