/**
 * The pages: the front page, the documentation, the page of a receipt, and their one style sheet.
 *
 * @module
 */
import { type Context as Call, Hono } from 'hono';
import { utf8 } from '#core/bytes.ts';
import { type FailureCode, isFailure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import type { IdentityProvider } from '#service/identification.ts';
import { showReceipt } from '#service/shown-receipt.ts';
import { readStanding, type Standing } from '#service/standing.ts';
import { gzipped } from '#wire/gzip.ts';
import { addAffirming } from './affirm/routes.ts';
import { addComponents } from './components.ts';
import { addDesk } from './desk/pages.ts';
import { addInvitedPages } from './devices/routes.ts';
import { type ApiDocument, docsPage, type ProblemRow } from './docs.ts';
import { answerFailures, answerMissing } from './failure-page.ts';
import { addFiles } from './files.ts';
import { PAGE_HEADERS } from './headers.ts';
import { homePage } from './home.ts';
import { addErasurePages } from './keep/erasure-pages.ts';
import { addKeepPages, type KeepOptions } from './keep/keep-pages.ts';
import { addKeyPages } from './key/routes.ts';
import { addMePages } from './me/pages.ts';
import { isSignedInAs, sessionOf } from './me/session.ts';
import { addSignIn } from './me/sign-in.ts';
import { noReceiptPage, receiptPage } from './receipt.ts';
import { addSignPages } from './sign/routes.ts';
import type { StoryLinks } from './story.ts';
import { VERIFY_HEADERS, verifyPage } from './verify/page.ts';
import { viewOf, viewOfNothing } from './view.ts';
import { addView } from './view-route.ts';

export interface PagesOptions extends KeepOptions {
  /** The API's OpenAPI document: our own, so it is read without being checked. */
  readonly document: unknown;
  readonly problems: readonly ProblemRow[];
  /** Who identifies persons on the pages. */
  readonly providers?: () => readonly IdentityProvider[];
  /** The newest story of this ledger, if one was played. */
  readonly story?: () => StoryLinks | undefined;
}

/** Makes the pages, to be hung in by the API's app. */
export function createPages(
  context: Context,
  { document, problems, story, providers = () => [], ...keep }: PagesOptions,
): Hono {
  const pages = new Hono();
  pages.onError(answerFailures(context, problems));
  pages.get('/', async (call) => {
    const standing = await standingNow(context);
    const page = homePage({ view: viewOf(call), standing, story: story?.(), address: new URL(call.req.url).origin });
    return call.html(page, standing === undefined ? 503 : 200, PAGE_HEADERS);
  });
  pages.get('/docs', (call) =>
    call.html(
      docsPage(viewOf(call), document as ApiDocument, problems, new URL(call.req.url).origin),
      200,
      PAGE_HEADERS,
    ),
  );
  pages.get('/receipts/:capability', async (call) => {
    const capability = call.req.param('capability');
    try {
      const shown = await showReceipt(context, capability);
      return call.html(receiptPage(viewOf(call), shown, `/v1/receipts/${capability}`), 200, PAGE_HEADERS);
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      // What the path says stands nowhere: it is a secret.
      const [why, status] = UNSHOWN[failure.code] ?? (['now', 503] as const);
      if (why === 'now') context.log.warn('receipt_not_shown', failure);
      return call.html(noReceiptPage(viewOfNothing(call), why, failure.code), status, PAGE_HEADERS);
    }
  });
  pages.get('/verify', async (call) => {
    const page = utf8(String(await verifyPage(viewOf(call), await vkeyNow(context))));
    const { body, headers } = await gzipped(call.req.header('accept-encoding'), page);
    return call.body(Uint8Array.from(body), 200, { ...VERIFY_HEADERS, ...headers });
  });
  addFiles(pages);
  const shown: KeepOptions = {
    isSubject: (call, letter) => isSignedInAs(context, call, letter, keep.origin),
    ...keep,
  };
  addSignPages(pages, context, shown);
  addKeyPages(pages, context, { origin: keep.origin, providers });
  addInvitedPages(pages, context, keep.origin);
  addAffirming(pages, context, { origin: keep.origin });
  addSignIn(pages, context, keep.origin);
  const personOf = (call: Call) => sessionOf(context, call, keep.origin);
  addMePages(pages, context, { origin: keep.origin, personOf, providers });
  addKeepPages(pages, context, shown);
  addErasurePages(pages, context, shown);
  addView(pages, keep.origin);
  addDesk(pages, keep.printer !== undefined);
  addComponents(pages, keep.origin);
  pages.use(answerMissing());
  return pages;
}

/** Why a receipt is not shown, other than that something is amiss now. */
const UNSHOWN: { readonly [C in FailureCode]?: readonly ['unknown' | 'later' | 'now', 404 | 409 | 503] } = {
  access_unknown: ['unknown', 404],
  not_told: ['later', 409],
};

/** The page verifies offline, and is there when the database is gone, too. */
async function vkeyNow({ ledger, log }: Context): Promise<string> {
  try {
    return await ledger.vkeyToShow();
  } catch (failure) {
    log.warn('vkey_not_read', failure);
    return ledger.vkey;
  }
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
