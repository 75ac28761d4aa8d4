/** Whether a letter is shown in full to who asks, and the cookie by which its browser is known. */
import type { Context as Call } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { LetterId } from '#core/ids.ts';
import { letterByCapability } from '#service/capabilities.ts';
import type { Context } from '#service/context.ts';
import { isShown, SHOWN_MS, shownToken } from '#service/letter-shown.ts';
import { siteOf } from '../site.ts';

export interface ShownOptions {
  /** As it is configured. */
  readonly origin?: string | undefined;
  /** Whether a visitor is signed in as the subject of a letter. Undefined: nobody is. */
  readonly isSubject?: (call: Call, letter: LetterId) => Promise<boolean>;
}

const NAME = 'assent-letter';

/** @throws {Failure} `letter_unknown` */
export async function isShownWhole(
  context: Context,
  call: Call,
  capability: string,
  { origin, isSubject }: ShownOptions,
): Promise<boolean> {
  const letter = letterByCapability(context, capability);
  const token = siteOf(call, origin).secure ? getCookie(call, NAME, 'secure') : getCookie(call, NAME);
  return isShown(context, letter, token) || ((await isSubject?.(call, letter)) ?? false);
}

/** For this letter's pages only, and not for scripts; as the session's, it does not come along from elsewhere. */
export function keepShown(context: Context, call: Call, capability: string, { origin }: ShownOptions): void {
  const token = shownToken(context, letterByCapability(context, capability));
  const common = { path: `/sign/${capability}`, httpOnly: true, sameSite: 'Lax', maxAge: SHOWN_MS / 1_000 } as const;
  if (siteOf(call, origin).secure) setCookie(call, NAME, token, { ...common, prefix: 'secure', secure: true });
  else setCookie(call, NAME, token, common);
}
