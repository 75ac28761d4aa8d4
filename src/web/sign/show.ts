/** The page of a letter as it stands now: to be read and answered, or with what came of it. */
import type { Context as Call } from 'hono';
import type { Failure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import { openLetterByLink } from '#service/letter-page.ts';
import { newOnce } from '../form.ts';
import { pageHeaders } from '../headers.ts';
import { refusal } from '../parts/refusal.ts';
import { siteOf } from '../site.ts';
import { viewOf } from '../view.ts';
import { donePage } from './done-page.ts';
import { type FormOptions, formPath } from './form-pdf.ts';
import { letterPage } from './letter-page.ts';
import { isShownWhole } from './shown.ts';
import { SIGN_SCRIPTS } from './sign-page.ts';

const OVER: readonly string[] = ['signed', 'declined', 'expired'];

/** @param problem What was wrong with the form that was just sent. @throws {Failure} `letter_unknown` */
export async function showLetter(
  context: Context,
  call: Call,
  options: FormOptions,
  problem?: Failure,
): Promise<Response> {
  const view = viewOf(call);
  const capability = call.req.param('capability') ?? '';
  const shown = await openLetterByLink(context, capability, await isShownWhole(context, call, capability, options));
  const path = `/sign/${capability}`;
  const said = problem === undefined ? {} : { problem: refusal(view, problem.code) };
  const status = problem === undefined ? 200 : 422;
  const hasNewKey = call.req.query('key') === 'new';
  if (OVER.includes(shown.status)) {
    return call.html(donePage({ view, shown, path, hasNewKey, ...said }), status, pageHeaders());
  }
  const { relyingParty } = siteOf(call, options.origin);
  const page = letterPage({
    ...{ view, shown, path, relyingParty, once: newOnce(context), hasNewKey },
    form: formPath(path, options),
    ...said,
  });
  return call.html(page, status, pageHeaders({ scripts: SIGN_SCRIPTS }));
}
