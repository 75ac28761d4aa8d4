/** The letter of a link as a paper to sign at a counter, while it can be signed: `/sign/<capability>/form.pdf`. */
import type { Context as Call, Hono } from 'hono';
import { Failure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import { type LetterPage, openLetterByLink } from '#service/letter-page.ts';
import { requirePrinter, sendPaper } from '../keep/paper.ts';
import type { LetterPrinter } from '../keep/printer.ts';
import { unkept } from '../keep/unkept.ts';
import type { FormContent } from '../print/letter-form.ts';
import { sayIn } from '../say.ts';
import { siteOf } from '../site.ts';
import { type View, viewOf } from '../view.ts';
import { wordsOf } from '../words.ts';
import { isShownWhole, type ShownOptions } from './shown.ts';

export interface FormOptions extends ShownOptions {
  /** Undefined: papers can't be made here. */
  readonly printer?: LetterPrinter | undefined;
}

/** Where the paper of a letter is; null: papers can't be made here. @param path `/sign/<capability>`. */
export function formPath(path: string, { printer }: FormOptions): string | null {
  return printer === undefined ? null : `${path}/form.pdf`;
}

export function addFormPdf(pages: Hono, context: Context, options: FormOptions): void {
  pages.get('/sign/:capability/form.pdf', async (call) => {
    try {
      return await sendForm(context, call, options);
    } catch (failure) {
      return unkept(context, call, failure);
    }
  });
}

async function sendForm(context: Context, call: Call, options: FormOptions): Promise<Response> {
  const { origin } = options;
  const printer = requirePrinter(options.printer);
  const capability = call.req.param('capability') ?? '';
  const shown = await openLetterByLink(context, capability, await isShownWhole(context, call, capability, options));
  const view = viewOf(call);
  const content = formOf(view, shown, `${siteOf(call, origin).origin}/sign/${capability}`);
  // What is signed in ink is the text, word for word: it is printed by who was shown it.
  if (shown.masked) return call.redirect(`/sign/${capability}#text`, 303);
  const bytes = await printer.form(content, view);
  return sendPaper(call, bytes, `letter-${shown.letter}.pdf`, wordsOf(view).paper.form.file(shown.letter));
}

/** Nobody is handed a paper to sign that could not be brought in. */
const CLOSED = {
  signed: 'already_signed',
  declined: 'letter_declined',
  expired: 'letter_expired',
  held: 'letter_held',
} as const;

/** @throws {Failure} `already_signed`, `letter_declined`, `letter_expired`, `letter_held`; `print_unavailable`, once its text is erased. */
function formOf(view: View, shown: LetterPage, url: string): FormContent {
  const { letter, status, text, translation, asking, clauses, asked, facts, expires_at, drafted_at } = shown;
  if (status in CLOSED) {
    throw new Failure(CLOSED[status as keyof typeof CLOSED], 'a letter is printed while it can be signed');
  }
  if (text === null) throw new Failure('print_unavailable', 'the text of this letter is erased');
  return {
    ...{ letter, text, translation, url, owed: asked.owed, expires_at, drafted_at },
    grantee: sayIn(view, asking.name),
    clauses: clauses.map(({ grant }) => ({ action: grant.action })),
    facts: (facts ?? []).map(({ zh, en, of }) => ({
      said: sayIn(view, { zh, en: en ?? zh }),
      of: sayIn(view, of.name),
    })),
  };
}
