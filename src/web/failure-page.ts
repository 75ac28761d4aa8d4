/**
 * The page in place of another that can't be shown: what happened, its stable code, and what to do next.
 *
 * @module
 */
import type { Context as Call, ErrorHandler, MiddlewareHandler } from 'hono';
import { html } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { Failure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import type { ProblemRow } from './docs.ts';
import { PAGE_HEADERS } from './headers.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import { mainNav } from './nav.ts';
import { buttonRow, linkButton } from './parts/button.ts';
import { errorState } from './parts/state.ts';
import { type View, viewOfNothing } from './view.ts';
import { wordsOf } from './words.ts';

/**
 * Answers what a page throws with a page. Its status is the code's in the API, too; whatever has none is our fault, and
 * says nothing of it.
 */
export function answerFailures({ log }: Pick<Context, 'log'>, problems: readonly ProblemRow[]): ErrorHandler {
  const kinds = new Map(problems);
  return (thrown, call) => {
    const known = thrown instanceof Failure ? kinds.get(thrown.code) : undefined;
    const status = (known?.status ?? 500) as ContentfulStatusCode;
    const code = thrown instanceof Failure && known !== undefined ? thrown.code : 'internal';
    // Not with its path: that may be a secret.
    if (status >= 500) log.warn('page_failed', thrown);
    return call.html(failurePage(viewOfNothing(call), code), status, PAGE_HEADERS);
  };
}

const MISSING: Readonly<Record<number, string>> = { 404: 'not_found', 405: 'method_not_allowed' };

/**
 * Answers a browser that goes to what is not there with a page, instead of the problem that programs get. Hung in last, so
 * that only what no page answered comes by.
 */
export function answerMissing(): MiddlewareHandler {
  return async (call, next) => {
    await next();
    const { status, headers } = call.res;
    const code = MISSING[status];
    if (code === undefined || !wantsPage(call)) return;
    const kept = ['allow', 'x-request-id'].flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    // What was set before would win over the headers of a page.
    call.res = undefined;
    const page = failurePage(viewOfNothing(call), code);
    call.res = await call.html(page, status as ContentfulStatusCode, { ...PAGE_HEADERS, ...Object.fromEntries(kept) });
  };
}

/** A browser names HTML when somebody goes to an address; what is under `/v1` is for programs, whoever asks. */
function wantsPage({ req }: Call): boolean {
  const accepted = (req.header('accept') ?? '').split(',').map((each) => each.split(';')[0]?.trim().toLowerCase());
  return accepted.includes('text/html') && !/^\/v\d+(?:\/|$)/.test(req.path);
}

/** Some codes have words of their own; all others are said in one way. */
function failurePage(view: View, code: string): Html {
  const { failure } = wordsOf(view);
  const { title, next } = failure.of[code as keyof typeof failure.of] ?? failure.other;
  const home = linkButton({ kind: 'quiet', text: wordsOf(view).frame.home, href: '/' });
  const body = html`${errorState(view, { title, next, code, isPage: true })}
${buttonRow(home)}`;
  return layout({ title, view, nav: mainNav(view), robots: 'noindex', body });
}
