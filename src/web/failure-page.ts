/**
 * The page in place of another that can't be shown: what happened, its stable code, and what to do next.
 *
 * @module
 */
import type { ErrorHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { Failure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import type { ProblemRow } from './docs.ts';
import { PAGE_HEADERS } from './headers.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import { mainNav } from './nav.ts';
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

/** Some codes have words of their own; all others are said in one way. */
function failurePage(view: View, code: string): Html {
  const { failure } = wordsOf(view);
  const { title, next } = failure.of[code as keyof typeof failure.of] ?? failure.other;
  const body = errorState(view, { title, next, code, isPage: true });
  return layout({ title, view, nav: mainNav(view), robots: 'noindex', body });
}
