/** Who is signed in on a page, by the token of its cookie. */
import type { Context as Call } from 'hono';
import { isFailure } from '#core/failure.ts';
import type { LetterId } from '#core/ids.ts';
import type { Context } from '#service/context.ts';
import { handleOfLetter } from '#service/letters.ts';
import { type PersonSession, readingAs, readSession } from '#service/sessions.ts';
import { tokenOf } from '../session-cookie.ts';
import { siteOf } from '../site.ts';

/** @param origin As it is configured. */
export async function sessionOf(
  context: Context,
  call: Call,
  origin: string | undefined,
): Promise<PersonSession | undefined> {
  const token = tokenOf(call, siteOf(call, origin));
  return token === undefined ? undefined : readSession(context, token);
}

/** Whether the person that a letter is about is signed in. */
export async function isSignedInAs(
  context: Context,
  call: Call,
  letter: LetterId,
  origin: string | undefined,
): Promise<boolean> {
  const session = await sessionOf(context, call, origin);
  if (session === undefined) return false;
  try {
    await readingAs(context, session, await handleOfLetter(context, letter));
    return true;
  } catch (failure) {
    if (isFailure(failure, 'relationship_unknown')) return false;
    throw failure;
  }
}
