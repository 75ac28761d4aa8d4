/**
 * The pages: the front page, the documentation, and their one style sheet.
 *
 * @module
 */
import { Hono } from 'hono';
import { isFailure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import { readStanding, type Standing } from '#service/standing.ts';
import { type ApiDocument, docsPage, type ProblemRow } from './docs.ts';
import { homePage } from './home.ts';
import { PAGE_HEADERS } from './layout.ts';
import type { StoryLinks } from './story.ts';
import { STYLE } from './style.ts';

export interface PagesOptions {
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

/** Makes the pages, to be hung in by the API's app. */
export function createPages(context: Context, { document, problems, story }: PagesOptions): Hono {
  const pages = new Hono();
  pages.get('/', async (call) => {
    const standing = await standingNow(context);
    const page = homePage({ standing, story: story?.(), address: new URL(call.req.url).origin });
    return call.html(page, standing === undefined ? 503 : 200, PAGE_HEADERS);
  });
  pages.get('/docs', (call) =>
    call.html(docsPage(document as ApiDocument, problems, new URL(call.req.url).origin), 200, PAGE_HEADERS),
  );
  pages.get('/style.css', (call) => call.body(STYLE, 200, STYLE_HEADERS));
  return pages;
}

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
