/** The page in place of a receipt that can't be shown, or of a file that can't be made; words/…/keep.ts says why. */
import type { Context as Call } from 'hono';
import { type Failure, type FailureCode, isFailure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import { PAGE_HEADERS } from '../headers.ts';
import { viewOfNothing } from '../view.ts';
import { wordsOf } from '../words.ts';
import { unkeptPage } from './letter-pages.ts';

const UNKEPT: { readonly [C in FailureCode]?: 404 | 409 | 422 | 501 } = {
  letter_unknown: 404,
  erasure_unknown: 404,
  letter_unanswered: 409,
  already_signed: 409,
  letter_declined: 409,
  letter_expired: 409,
  letter_held: 409,
  not_told: 409,
  glyph_missing: 422,
  print_unavailable: 501,
};

/** What the path says stands nowhere: it is a secret. @throws whatever is no Failure */
export function unkept({ log }: Pick<Context, 'log'>, call: Call, failure: unknown): Response | Promise<Response> {
  if (!isFailure(failure)) throw failure;
  const status = UNKEPT[failure.code] ?? 503;
  if (status === 503) log.warn('receipt_not_shown', failure);
  const view = viewOfNothing(call);
  const { none } = wordsOf(view).keep;
  const words = none[failure.code as keyof typeof none] ?? none.now;
  return call.html(unkeptPage(view, words, codeOf(failure)), status, PAGE_HEADERS);
}

/** Of a missing character its code point is said, too: whoever adds a font has to know. */
function codeOf({ code, message }: Failure): string {
  return code === 'glyph_missing' ? `${code} ${/U\+[0-9A-F]+$/.exec(message)?.[0] ?? ''}` : code;
}
