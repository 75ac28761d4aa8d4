/**
 * What a person keeps of a letter: the public page of its receipt, the page after signing, and their files.
 *
 * @module
 */
import type { Context as Call, Hono } from 'hono';
import type { LetterId } from '#core/ids.ts';
import { letterByCapability, receiptLetterByCapability } from '#service/capabilities.ts';
import type { Context } from '#service/context.ts';
import { letterReceiptOf } from '#service/receipts.ts';
import { type ShownLetter, showLetterReceipt, showOwnLetter } from '#service/shown-letter.ts';
import { newOnce } from '../form.ts';
import { PAGE_HEADERS } from '../headers.ts';
import { isShownWhole, type ShownOptions } from '../sign/shown.ts';
import { siteOf } from '../site.ts';
import { viewOf } from '../view.ts';
import { wordsOf } from '../words.ts';
import { attachment } from './attachment.ts';
import { letterPage, ownLetterPage } from './letter-pages.ts';
import { requirePrinter, sendPaper } from './paper.ts';
import type { LetterPrinter } from './printer.ts';
import { unkept } from './unkept.ts';

/**
 * To who only holds a letter's link nothing is opened that was signed, since its lender made the link, and a key says where
 * else the person is known.
 */
export interface KeepOptions extends ShownOptions {
  /** Undefined: papers can't be made here. */
  readonly printer?: LetterPrinter | undefined;
}

/** Adds `/letters/<capability>` and `/sign/<capability>/receipt`, with their files. */
export function addKeepPages(pages: Hono, context: Context, options: KeepOptions = {}): void {
  const answer = (make: (call: Call, capability: string) => Promise<Response>) => async (call: Call) => {
    try {
      return await make(call, call.req.param('capability') ?? '');
    } catch (failure) {
      return unkept(context, call, failure);
    }
  };
  pages.get(
    '/letters/:capability',
    answer(async (call, capability) => {
      const shown = await showLetterReceipt(context, capability);
      return call.html(letterPage(viewOf(call), shown, publicUrl(call, options, shown)), 200, PAGE_HEADERS);
    }),
  );
  pages.get(
    '/letters/:capability/receipt.json',
    answer(async (call, capability) => sendReceipt(context, call, receiptLetterByCapability(context, capability))),
  );
  pages.get(
    '/sign/:capability/receipt',
    answer(async (call, capability) => {
      const isWhole = await isShownWhole(context, call, capability, options);
      const own = await showOwnLetter(context, letterByCapability(context, capability), isWhole);
      const letter = `/sign/${capability}`;
      const path = `${letter}/receipt`;
      const pdf = options.printer === undefined ? null : `${path}.pdf`;
      const url = publicUrl(call, options, own);
      const paths = { letter, once: newOnce(context), url, json: `${path}.json`, pdf };
      return call.html(ownLetterPage(viewOf(call), own, paths), 200, PAGE_HEADERS);
    }),
  );
  pages.get(
    '/sign/:capability/receipt.json',
    answer(async (call, capability) => {
      const letter = letterByCapability(context, capability);
      return sendReceipt(context, call, letter, (await options.isSubject?.(call, letter)) ?? false);
    }),
  );
  pages.get(
    '/sign/:capability/receipt.pdf',
    answer((call, capability) => sendPdf(context, call, capability, options)),
  );
}

/** What the code on page and paper opens. */
function publicUrl(call: Call, { origin }: KeepOptions, { capability }: ShownLetter): string {
  return `${siteOf(call, origin).origin}/letters/${capability}`;
}

async function sendReceipt(context: Context, call: Call, letter: LetterId, isSubject = false): Promise<Response> {
  const text = await letterReceiptOf(context, letter, isSubject ? 'signatures' : 'nothing');
  return call.body(text, 200, {
    ...PAGE_HEADERS,
    'content-type': 'application/json',
    'content-disposition': attachment('letter-receipt.json', '授权书凭证.json'),
  });
}

async function sendPdf(context: Context, call: Call, capability: string, options: KeepOptions): Promise<Response> {
  const printer = requirePrinter(options.printer);
  const isWhole = await isShownWhole(context, call, capability, options);
  const own = await showOwnLetter(context, letterByCapability(context, capability), isWhole);
  const view = viewOf(call);
  const bytes = await printer.receipt({ ...own, url: publicUrl(call, options, own) }, view);
  const code = own.verdict.letter.check_code;
  return sendPaper(call, bytes, `letter-receipt-${code}.pdf`, wordsOf(view).paper.receipt.file(code));
}
