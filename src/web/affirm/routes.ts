/**
 * A passkey of before the ledger lost entries counts again (ADR 0028). `/me/affirm` is its person's, who goes from there to an
 * identity provider; `/affirm` opens what a counter hands over. Both come to the same signature of that passkey, for which
 * nobody has to be signed in; nothing is written before it.
 *
 * @module
 */
import type { Context as Call, Hono } from 'hono';
import { z } from 'zod';
import { isFailure } from '#core/failure.ts';
import type { Instant } from '#core/instant.ts';
import { openIdentifiedKey, readKeyLeft, startAffirming } from '#service/affirming.ts';
import type { Context } from '#service/context.ts';
import {
  beginIdentification,
  bindCarried,
  type IdentityProvider,
  type TakenIdentification,
  takeIdentification,
} from '#service/identification.ts';
import { limitForms, newOnce, onceField, ownForms, pageRequest, readForm, signedFields } from '../form.ts';
import { pageHeaders } from '../headers.ts';
import type { Html } from '../html.ts';
import type { Add } from '../me/add.ts';
import { namedAddress, siteOf } from '../site.ts';
import { type View, viewOf } from '../view.ts';
import { AFFIRM_SCRIPTS, affirmPage, confirmPage, donePage, linkPage, problemPage } from './pages.ts';

const TOKEN_CHARS_MAX = 8_192;
const token = z.string().min(1).max(TOKEN_CHARS_MAX);
const identifiedForm = z.object({
  state: token,
  identified_at: z
    .string()
    .regex(/^[1-9][0-9]{0,15}$/)
    .transform((text) => Number(text) as Instant),
  identification: z.string().max(128),
});
const linkForm = z.object({ link: token });
const confirmForm = z.object({ once: onceField, carried: token, ...signedFields });

const HEADERS = pageHeaders({ scripts: AFFIRM_SCRIPTS });

export interface AffirmOptions {
  /** As it is configured. */
  readonly origin: string | undefined;
  readonly providers: () => readonly IdentityProvider[];
}

/** Adds `/me/affirm`, of who is signed in. */
export function addOwnAffirming(context: Context, get: Add, { origin, providers }: AffirmOptions): void {
  get('/me/affirm', async (session, view, call) => {
    const named = namedAddress(call, origin);
    if (named !== undefined) return call.redirect(named, 302);
    const headers = pageHeaders({ scripts: AFFIRM_SCRIPTS, formActions: providers().map(({ url }) => url) });
    const left = await readKeyLeft(context, session);
    // It was affirmed meanwhile, or nothing was ever lost.
    if (left === null) return call.redirect('/me/devices', 303);
    return stepped(
      call,
      async () => {
        const state = await startAffirming(context, session);
        // The provider's page comes back without our cookies: the language goes along.
        const back = `${siteOf(call, origin).origin}/affirm/identified?lang=${view.lang}`;
        const forms = providers().map((provider) => ({
          provider,
          fields: beginIdentification(context, state, provider, back),
        }));
        return affirmPage(view, left, forms);
      },
      headers,
    );
  });
}

/** Adds the pages for which nobody is signed in. */
export function addAffirming(pages: Hono, context: Context, { origin }: Pick<AffirmOptions, 'origin'>): void {
  const confirming = (call: Call, view: View, taken: TakenIdentification): Html =>
    confirmPage(view, { ...taken, relyingParty: siteOf(call, origin).relyingParty, once: newOnce(context) });

  pages.get('/affirm/done', (call) => call.html(donePage(viewOf(call)), 200, HEADERS));

  // The provider's own page posts it. What it says counts by the provider's signature, and by nothing else.
  pages.post('/affirm/identified', limitForms, (call) =>
    stepped(call, async (view) =>
      confirming(call, view, await takeIdentification(context, await readForm(call, identifiedForm))),
    ),
  );

  for (const refuse of ownForms(origin)) pages.post('/affirm/bind', refuse);
  pages.post('/affirm/bind', (call) =>
    stepped(call, async () => {
      const { once, carried, signature } = await readForm(call, confirmForm);
      await bindCarried(context, pageRequest(call, once, carried), carried, signature);
      return '/affirm/done';
    }),
  );

  // What a counter made stands behind `#`: the page's script sends it in a form, so that no address has it.
  pages.get('/affirm', (call) => {
    const named = namedAddress(call, origin);
    return named === undefined ? call.html(linkPage(viewOf(call)), 200, HEADERS) : call.redirect(named, 302);
  });
  // Under a path of its own: a link that is opened in this page's place would be the same page, and not be loaded.
  for (const refuse of ownForms(origin)) pages.post('/affirm/open', refuse);
  pages.post('/affirm/open', (call) =>
    stepped(call, async (view) => {
      const { link } = await readForm(call, linkForm);
      return confirming(call, view, await openIdentifiedKey(context, link));
    }),
  );
}

/** One step; where it is refused, the page says why, and what to do. A text is where it goes on. */
async function stepped(
  call: Call,
  take: (view: View) => Promise<Html | string>,
  headers: Readonly<Record<string, string>> = HEADERS,
): Promise<Response> {
  const view = viewOf(call);
  try {
    const next = await take(view);
    return typeof next === 'string' ? call.redirect(next, 303) : await call.html(next, 200, headers);
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return call.html(problemPage(view, failure.code), 422, HEADERS);
  }
}
