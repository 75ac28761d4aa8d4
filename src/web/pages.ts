/**
 * The pages: the front page, the documentation, the page of a receipt, and their one style sheet.
 *
 * @module
 */
import { Hono } from 'hono';
import type { Said } from '#core/consent/explain-text.ts';
import { isFailure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import { showReceipt } from '#service/shown-receipt.ts';
import { readStanding, type Standing } from '#service/standing.ts';
import { type ApiDocument, docsPage, type ProblemRow } from './docs.ts';
import { homePage } from './home.ts';
import { addKeepPages, type KeepOptions } from './keep/keep-pages.ts';
import { PAGE_HEADERS } from './layout.ts';
import { noReceiptPage, receiptPage } from './receipt.ts';
import { SCRIPTS } from './scripts.gen.ts';
import type { StoryLinks } from './story.ts';
import { STYLE } from './style.ts';

export interface PagesOptions extends KeepOptions {
  /** The API's OpenAPI document: our own, so it is read without being checked. */
  readonly document: unknown;
  readonly problems: readonly ProblemRow[];
  /** The newest story of this ledger, if one was played. */
  readonly story?: () => StoryLinks | undefined;
}

const STYLE_HEADERS = {
  ...PAGE_HEADERS,
  'cache-control': 'public, max-age=300',
  'content-type': 'text/css; charset=utf-8',
};

const SCRIPT_HEADERS = { ...STYLE_HEADERS, 'content-type': 'text/javascript; charset=utf-8' };

/** Makes the pages, to be hung in by the API's app. */
export function createPages(context: Context, { document, problems, story, ...keep }: PagesOptions): Hono {
  const pages = new Hono();
  pages.get('/', async (call) => {
    const standing = await standingNow(context);
    const page = homePage({ standing, story: story?.(), address: new URL(call.req.url).origin });
    return call.html(page, standing === undefined ? 503 : 200, PAGE_HEADERS);
  });
  pages.get('/docs', (call) =>
    call.html(docsPage(document as ApiDocument, problems, new URL(call.req.url).origin), 200, PAGE_HEADERS),
  );
  pages.get('/receipts/:capability', async (call) => {
    const capability = call.req.param('capability');
    try {
      const shown = await showReceipt(context, capability);
      return call.html(receiptPage(shown, `/v1/receipts/${capability}`), 200, PAGE_HEADERS);
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      const [status, problem] = UNSHOWN[failure.code] ?? UNSHOWN_NOW;
      if (status === 503) context.log.warn('receipt_not_shown', failure);
      return call.html(noReceiptPage(problem), status, PAGE_HEADERS);
    }
  });
  addKeepPages(pages, context, keep);
  pages.get('/style.css', (call) => call.body(STYLE, 200, STYLE_HEADERS));
  for (const [name, text] of Object.entries(SCRIPTS)) {
    pages.get(`/scripts/${name}.js`, (call) => call.body(text, 200, SCRIPT_HEADERS));
  }
  return pages;
}

/** Why a receipt is not shown. What the path says stands nowhere: it is a secret. */
const UNSHOWN_NOW = [
  503,
  {
    zh: '暂时无法显示，请稍后再试；凭证不会因此失效。',
    en: 'It can’t be shown now. Try again later: the receipt is none the worse for it.',
  },
] as const;
const UNSHOWN: Readonly<Record<string, readonly [404 | 503, Said]>> = {
  access_unknown: [
    404,
    {
      zh: '没有这一凭证。请核对链接或二维码是否完整。',
      en: 'There is no such receipt. Look whether the link or the code is complete.',
    },
  ],
};

/** The page still says what this is when the database is gone. */
async function standingNow(context: Context): Promise<Standing | undefined> {
  try {
    return await readStanding(context);
  } catch (failure) {
    if (!isFailure(failure, 'store_unavailable')) throw failure;
    context.log.warn('page_without_database', failure);
    return undefined;
  }
}
