/** `POST /view`: chooses how pages are shown, and goes back to where the form stood. */
import type { Hono } from 'hono';
import { z } from 'zod';
import { ownForms, readForm } from './form.ts';
import { parseReturnPath } from './origin.ts';
import { hereOf, keepView, parseView } from './view.ts';

const viewForm = z.strictObject({
  view: z.string(),
  /** A page that found nothing does not repeat its path: the browser says it. */
  return: z.string().optional(),
});

/** @param origin How people reach the pages, as it is configured; undefined: whatever was asked for. */
export function addView(pages: Hono, origin: string | undefined): void {
  for (const refuse of ownForms(origin)) pages.post('/view', refuse);
  pages.post('/view', async (call) => {
    const form = await readForm(call, viewForm);
    const back = form.return === undefined ? hereOf(call) : parseReturnPath(call, form.return);
    keepView(call, parseView(form.view));
    return call.redirect(back, 303);
  });
}
