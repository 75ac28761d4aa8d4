/**
 * `POST /view`: chooses how pages are shown, and goes back to where the form stood.
 *
 * @module
 */
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { isFailure } from '#core/failure.ts';
import { failurePage } from './failure-page.ts';
import { PAGE_HEADERS } from './headers.ts';
import { parseReturnPath, requireSameOrigin } from './origin.ts';
import { hereOf, keepView, parseView, viewOfNothing } from './view.ts';

/** A path, and a choice. */
const FORM_BYTES_MAX = 4_096;

export function addView(pages: Hono): void {
  pages.post('/view', bodyLimit({ maxSize: FORM_BYTES_MAX }), async (call) => {
    try {
      requireSameOrigin(call);
      const form = await call.req.parseBody();
      // A page that found nothing does not repeat its path: the browser says it.
      const back = form['return'] === undefined ? hereOf(call) : parseReturnPath(call, form['return']);
      keepView(call, parseView(String(form['view'])));
      return call.redirect(back, 303);
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      const status = failure.code === 'cross_site' ? 403 : 400;
      return call.html(failurePage(viewOfNothing(call), failure.code), status, PAGE_HEADERS);
    }
  });
}
