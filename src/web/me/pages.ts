/**
 * The person's pages: what it gave, who looked, taking back, objecting, freezing. Each is for who is signed in; another's
 * things are not there. What is posted is taken from our own pages only.
 *
 * @module
 */
import type { Context as Call, Hono } from 'hono';
import { z } from 'zod';
import { Failure, isFailure } from '#core/failure.ts';
import type { AccessId, GrantId } from '#core/ids.ts';
import { readKeyLeft } from '#service/affirming.ts';
import { letterReceiptCapability } from '#service/capabilities.ts';
import type { Context } from '#service/context.ts';
import { eraseBySession } from '#service/erasures.ts';
import type { IdentityProvider } from '#service/identification.ts';
import { readAuthorizations } from '#service/person/authorizations.ts';
import { readConnected } from '#service/person/connected.ts';
import { readErasableInWords } from '#service/person/erasable.ts';
import { IDENTITY_LOOKS_MAX, readIdentityLooks } from '#service/person/identity-looks.ts';
import { type LookWindow, readAllLooks, readLooks } from '#service/person/looks.ts';
import { looksCsv } from '#service/person/looks-csv.ts';
import { openOwnObjection, readObjectionOffer, readObjections } from '#service/person/objections.ts';
import { readPropagation } from '#service/person/propagation.ts';
import { readRevokeAllPreview, readRevokePreview } from '#service/person/revoke-preview.ts';
import { readStatements } from '#service/person/statements.ts';
import { revokeBySession } from '#service/session-acts.ts';
import { freezeBySession } from '#service/session-freeze.ts';
import type { PersonSession } from '#service/sessions.ts';
import { addOwnAffirming } from '../affirm/routes.ts';
import { newOnce, onceField, ownForms, pageRequest, readForm } from '../form.ts';
import { PAGE_HEADERS } from '../headers.ts';
import { viewOf } from '../view.ts';
import { type Add, grantIn, type Show } from './add.ts';
import { addDevices } from './device-routes.ts';
import { erasedPage, erasePage } from './erase.ts';
import { grantPage, revokePage } from './grant.ts';
import { looksPage } from './looks.ts';
import { freezePage, newObjectionPage, objectionsPage } from './objections.ts';
import { connectedPage, overviewPage } from './overview.ts';
import { addSigning } from './signing.ts';

/** So many of the newest views of identity details are on the page; the file has the others. */
const IDENTITY_LOOKS_SHOWN = 50;

export interface MeOptions {
  /** Who is signed in. */
  readonly personOf: (call: Call) => Promise<PersonSession | undefined>;
  /** Of the site, as it is configured; undefined: on one's own machine. */
  readonly origin: string | undefined;
  /** Where one signs in. */
  readonly signIn?: string;
  /** Who identifies persons on the pages. */
  readonly providers?: () => readonly IdentityProvider[];
}

/** Adds the pages under `/me`. */
export function addMePages(pages: Hono, context: Context, options: MeOptions): void {
  const get = (path: string, show: Show) => pages.get(path, (call) => answer(options, call, show));
  const post = (path: string, act: Show) => {
    for (const refuse of ownForms(options.origin)) pages.post(path, refuse);
    pages.post(path, (call) => answer(options, call, act));
  };
  addReading(context, get);
  addTakingBack(context, get, post);
  addObjecting(context, get, post);
  addErasing(context, get, post);
  addSigning(context, get, post, options.origin);
  addDevices(context, get, post, options.origin);
  addOwnAffirming(context, get, { origin: options.origin, providers: options.providers ?? (() => []) });
}

function addReading(context: Context, get: Add): void {
  get('/me', async (session, view) =>
    overviewPage(view, await readAuthorizations(context, session), {
      waiting: await readStatements(context, session),
      left: await readKeyLeft(context, session),
    }),
  );
  get('/me/connected', async (session, view) => connectedPage(view, (await readConnected(context, session)).databases));
  get('/me/looks', async (session, view, call) => {
    const window = windowOf(call);
    const after = call.req.query('after');
    if (after !== undefined && !/^[0-9]{1,15}$/.test(after)) throw new Failure('input_invalid', 'after: want a number');
    const page = await readLooks(context, session, { window, after: after === undefined ? null : Number(after) });
    const identity =
      after === undefined
        ? await readIdentityLooks(context, session, { window, countMax: IDENTITY_LOOKS_SHOWN })
        : null;
    return looksPage(view, window, page, identity);
  });
  get('/me/looks.csv', async (session, view, call) => {
    const window = windowOf(call);
    const { looks, complete } = await readAllLooks(context, session, window);
    const seen = await readIdentityLooks(context, session, { window, countMax: IDENTITY_LOOKS_MAX });
    const listed = { looks, views: seen.views, complete: complete && seen.complete };
    const headers = {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="looks.csv"',
    };
    return call.body(looksCsv(listed, view.lang === 'en' ? 'en' : 'zh'), 200, { ...PAGE_HEADERS, ...headers });
  });
}

function addTakingBack(context: Context, get: Add, post: Add): void {
  get('/me/grants/:id', async (session, view, call) => {
    const grant = grantIn(call.req.param('id'));
    const preview = await readRevokePreview(context, session, grant);
    const receipt = `/letters/${letterReceiptCapability(context, preview.grant.letter)}`;
    const heard = await readPropagation(context, session, grant);
    const left = await readKeyLeft(context, session);
    return grantPage(view, preview, heard, { receipt, once: newOnce(context), left });
  });
  get('/me/grants/:id/revoke', async (session, view, call) => {
    const grant = grantIn(call.req.param('id'));
    const preview = await readRevokePreview(context, session, grant);
    return revokePage(view, [preview], { action: `/me/grants/${grant}/revoke`, once: newOnce(context) });
  });
  post('/me/grants/:id/revoke', async (session, _view, call) => {
    const grant = grantIn(call.req.param('id'));
    const { once } = await readForm(call, onceForm);
    await revokeBySession(context, pageRequest(call, once, grant), session, { grants: [grant] });
    return call.redirect(`/me/grants/${grant}`, 303);
  });
  get('/me/revoke-all', async (session, view) =>
    revokePage(view, await readRevokeAllPreview(context, session), {
      action: '/me/revoke-all',
      once: newOnce(context),
    }),
  );
  post('/me/revoke-all', async (session, _view, call) => {
    const form = await readForm(call, z.object({ once: onceField, grant: oneOrMore }));
    // Those that were shown, and no other.
    const grants = form.grant.map(grantIn);
    await revokeBySession(context, pageRequest(call, form.once, grants.join()), session, { grants });
    return call.redirect('/me', 303);
  });
  get('/me/freeze', async (session, view) => {
    const { frozen_at } = await readAuthorizations(context, session);
    return freezePage(view, frozen_at, newOnce(context));
  });
  post('/me/freeze', async (session, _view, call) => {
    const { once } = await readForm(call, onceForm);
    await freezeBySession(context, pageRequest(call, once, 'freeze'), session);
    return call.redirect('/me/freeze', 303);
  });
}

function addObjecting(context: Context, get: Add, post: Add): void {
  get('/me/objections', async (session, view) => objectionsPage(view, await readObjections(context, session)));
  get('/me/objections/new', async (session, view, call) => {
    const about = aboutOf(call.req.query('access'), call.req.query('grant'));
    const offer = await readObjectionOffer(context, session, about);
    const named = 'access' in about ? (['access', about.access] as const) : (['grant', about.grant] as const);
    return newObjectionPage(view, { about: named, ...offer, once: newOnce(context) });
  });
  post('/me/objections', async (session, _view, call) => {
    const form = await readForm(call, objectionForm);
    const about = aboutOf(form.access, form.grant);
    // Every line end of a form's text is two characters.
    const reason = form.reason.replaceAll('\r\n', '\n');
    const said = JSON.stringify([about, form.item, reason]);
    await openOwnObjection(context, pageRequest(call, form.once, said), session, { about, items: form.item, reason });
    return call.redirect('/me/objections', 303);
  });
}

const onceForm = z.object({ once: onceField });

function addErasing(context: Context, get: Add, post: Add): void {
  get('/me/erase', async (session, view) =>
    erasePage(view, await readErasableInWords(context, session), newOnce(context)),
  );
  post('/me/erase', async (session, view, call) => {
    const { once } = await readForm(call, onceForm.extend({ sure: z.literal('yes') }));
    const erased = await eraseBySession(context, pageRequest(call, once, 'erase'), session, { handle: null });
    // Who signed in may be nobody's now, so it is shown at once and nowhere else.
    return erasedPage(view, context.ledger.origin, erased);
  });
}

const oneOrMore = z.union([z.string().transform((each) => [each]), z.array(z.string()).max(4_096)]);
const objectionForm = z.object({
  once: onceField,
  access: z.string().optional(),
  grant: z.string().optional(),
  item: oneOrMore,
  reason: z.string(),
});

function windowOf(call: Call): LookWindow {
  return call.req.query('window') === '2y' ? '2y' : '1m';
}

function aboutOf(access: string | undefined, grant: string | undefined): { access: AccessId } | { grant: GrantId } {
  if (access === undefined) return { grant: grantIn(grant) };
  return { access: grantIn(access) as string as AccessId };
}

/** What fails is answered by the pages' own handler. */
async function answer({ personOf, signIn = '/me/sign-in' }: MeOptions, call: Call, show: Show): Promise<Response> {
  const session = await personOf(call);
  if (session === undefined) return call.redirect(signIn, 303);
  try {
    const shown = await show(session, viewOf(call), call);
    return shown instanceof Response ? shown : await call.html(shown, 200, PAGE_HEADERS);
  } catch (failure) {
    // It ended while the page was made.
    if (isFailure(failure, 'session_required') || isFailure(failure, 'key_ended')) return call.redirect(signIn, 303);
    throw failure;
  }
}
