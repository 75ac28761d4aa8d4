/**
 * Signing in and out. What a passkey signs is the ledger's challenge; the token that comes of it is in a cookie, and on the
 * server only its digest.
 *
 * @module
 */
import type { Context as Call, Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import { isFailure } from '#core/failure.ts';
import type { Instant } from '#core/instant.ts';
import { readLoss } from '#service/affirming.ts';
import type { Context } from '#service/context.ts';
import { endSession, mintChallenge, openSession } from '#service/sessions.ts';
import { readForm, signedFields } from '../form.ts';
import { pageHeaders } from '../headers.ts';
import type { Html } from '../html.ts';
import { layout } from '../layout.ts';
import { requireSameOrigin } from '../origin.ts';
import { button } from '../parts/button.ts';
import { notice } from '../parts/notice.ts';
import { heading, sheet } from '../parts/sheet.ts';
import { dropToken, keepToken, tokenOf } from '../session-cookie.ts';
import { problemLines } from '../sign/sign-page.ts';
import { namedAddress, type Site, siteOf } from '../site.ts';
import { type View, viewOf } from '../view.ts';
import { wordsOf } from '../words.ts';
import { sayWhen } from './say.ts';

const SCRIPTS: readonly string[] = ['passkey'];

const signInForm = z.object({
  nonce: z.string().max(128),
  started_at: z
    .string()
    .regex(/^[1-9][0-9]{0,15}$/)
    .transform((text) => Number(text) as Instant),
  ...signedFields,
});

/** Adds `/me/sign-in` and `/me/sign-out`. @param origin As it is configured. */
export function addSignIn(pages: Hono, context: Context, origin: string | undefined): void {
  pages.get('/me/sign-in', (call) => {
    const named = namedAddress(call, origin);
    return named === undefined ? show(call, undefined) : call.redirect(named, 302);
  });

  pages.post('/me/sign-in', async (call) => {
    try {
      requireSameOrigin(call, origin);
      const { credential, signature, nonce, started_at } = await readForm(call, signInForm);
      const { token } = await openSession(context, { signer: { credential }, nonce, started_at, signature });
      keepToken(call, siteOf(call, origin), token);
      return call.redirect('/me', 303);
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      return show(call, failure.code);
    }
  });

  pages.post('/me/sign-out', async (call) => {
    const site = siteOf(call, origin);
    requireSameOrigin(call, origin);
    const token = tokenOf(call, site);
    if (token !== undefined) await endSession(context, token);
    dropToken(call, site);
    return call.redirect('/', 303);
  });

  async function show(call: Call, problem: string | undefined): Promise<Response> {
    // A passkey that is not there may have been lost with what the ledger lost.
    const lost = problem === 'signature_refused' ? await readLoss(context) : null;
    const page = signInPage(context, viewOf(call), siteOf(call, origin), { problem, lost });
    return call.html(page, problem === undefined ? 200 : 403, pageHeaders({ scripts: SCRIPTS }));
  }
}

function signInPage(
  context: Context,
  view: View,
  { relyingParty }: Site,
  { problem, lost }: { readonly problem: string | undefined; readonly lost: Instant | null },
): Html {
  const { signIn, sign } = wordsOf(view);
  const { nonce, started_at, statement } = mintChallenge(context);
  return layout({
    title: signIn.title,
    view,
    scripts: SCRIPTS,
    body: html`${heading(signIn.title, signIn.lede)}
${problem === undefined ? '' : problemNotice(view, problem, lost)}
<noscript>${notice(view, { kind: 'info', body: sign.noScript })}</noscript>
<form method="post" action="/me/sign-in" data-sign="session" data-statement="${JSON.stringify(statement)}" data-rp="${relyingParty}">
<input type="hidden" name="nonce" value="${nonce}"><input type="hidden" name="started_at" value="${started_at}">
<input type="hidden" name="credential"><input type="hidden" name="signature"><input type="hidden" name="signed_at">
${problemLines(sign.problems)}
${button({ kind: 'primary', text: signIn.submit, isDisabled: true })}
</form>
${sheet(html`<p>${signIn.none}</p>`)}`,
  });
}

function problemNotice(view: View, code: string, lost: Instant | null): Html {
  const { signIn } = wordsOf(view);
  const said = code === 'challenge_stale' ? signIn.stale : signIn.refused;
  return notice(view, {
    kind: 'stop',
    title: signIn.problem,
    body: html`<p>${said} <code>${code}</code></p>${lost === null ? '' : html`<p>${signIn.lost(sayWhen(view, lost))}</p>`}`,
    isAnswer: true,
  });
}
