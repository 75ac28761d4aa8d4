/**
 * `/sign/<capability>/key`: a person gets a passkey, on the way to signing a letter. What is on its way is in the forms, under
 * the service's MAC; nothing is written before the passkey confirms.
 *
 * @module
 */
import type { Context as Call, Hono } from 'hono';
import { z } from 'zod';
import { isFailure } from '#core/failure.ts';
import type { Handle } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Context } from '#service/context.ts';
import {
  beginIdentification,
  bindCarried,
  bindPending,
  finishRegistration,
  type IdentityProvider,
  linkedStatement,
  startRegistration,
  takeIdentification,
} from '#service/identification.ts';
import { openLetterByLink } from '#service/letter-page.ts';
import { newOnce, onceField, pageRequest, readForm, signedFields } from '../form.ts';
import { pageHeaders } from '../headers.ts';
import type { Html } from '../html.ts';
import { requireSameOrigin } from '../origin.ts';
import { sayIn } from '../say.ts';
import { namedAddress, siteOf } from '../site.ts';
import { viewOf } from '../view.ts';
import { confirmPage, identifyPage, KEY_SCRIPTS, type KeyPage, keyProblemPage, makePage } from './pages.ts';

export interface KeyPagesOptions {
  /** As it is configured. */
  readonly origin: string | undefined;
  readonly providers: () => readonly IdentityProvider[];
}

const TOKEN_CHARS_MAX = 8_192;
const token = z.string().min(1).max(TOKEN_CHARS_MAX);
const registrationForm = z.object({ response: z.string().max(TOKEN_CHARS_MAX) });
const linkForm = z.object({ state: token });
const identifiedForm = z.object({
  state: token,
  identified_at: z
    .string()
    .regex(/^[1-9][0-9]{0,15}$/)
    .transform((text) => Number(text) as Instant),
  identification: z.string().max(128),
});
const confirmForm = z.object({ once: onceField, carried: token, ...signedFields });

/** Adds the pages. The steps are in the order in which a person takes them. */
export function addKeyPages(pages: Hono, context: Context, options: KeyPagesOptions): void {
  const step = stepOf(context, options);
  addMaking(pages, context, options, step);
  addIdentifying(pages, context, options, step);
  addBinding(pages, context, options, step);
}

function addMaking(pages: Hono, context: Context, { origin, providers }: KeyPagesOptions, step: Step): void {
  pages.get('/sign/:capability/key', async (call) => {
    const named = namedAddress(call, origin);
    if (named !== undefined) return call.redirect(named, 302);
    return step(call, async (page, handle) =>
      makePage(page, await startRegistration(context, handle, siteOf(call, origin))),
    );
  });

  pages.post('/sign/:capability/key', (call) =>
    step(call, async (page, handle) => {
      requireSameOrigin(call, origin);
      const { response } = await readForm(call, registrationForm);
      const site = siteOf(call, origin);
      const state = await finishRegistration(context, handle, site, response);
      // The provider's page comes back without our cookies: the language goes along.
      const back = `${site.origin}${page.path}/identified?lang=${page.view.lang}`;
      const forms = providers().map((provider) => ({
        provider,
        fields: beginIdentification(context, state, provider, back),
      }));
      return identifyPage(page, state, forms);
    }),
  );
}

function addIdentifying(pages: Hono, context: Context, { origin, providers }: KeyPagesOptions, step: Step): void {
  const confirming = (call: Call, action: string) => ({
    action,
    relyingParty: siteOf(call, origin).relyingParty,
    once: newOnce(context),
  });

  // The provider's own page posts it. What it says counts by the provider's signature, and by nothing else.
  pages.post('/sign/:capability/identified', (call) =>
    step(call, async (page) => {
      const taken = await takeIdentification(context, await readForm(call, identifiedForm));
      const { carried, statement, credential } = taken;
      const by = providers().find(({ party }) => party === statement['identified_by']);
      return confirmPage(page, {
        ...confirming(call, `${page.path}/key/bind`),
        ...{ statement, carried, credential, by: by === undefined ? taken.by : sayIn(page.view, by.name) },
      });
    }),
  );

  pages.post('/sign/:capability/key/link', (call) =>
    step(call, async (page) => {
      requireSameOrigin(call, origin);
      const { state } = await readForm(call, linkForm);
      const { statement, credential } = linkedStatement(context, state);
      return confirmPage(page, {
        ...confirming(call, `${page.path}/key/bind-linked`),
        ...{ statement, credential, carried: state, by: null },
      });
    }),
  );
}

function addBinding(pages: Hono, context: Context, { origin }: KeyPagesOptions, step: Step): void {
  for (const [name, bind] of [
    ['bind', bindCarried],
    ['bind-linked', bindPending],
  ] as const) {
    pages.post(`/sign/:capability/key/${name}`, (call) =>
      step(call, async (page) => {
        requireSameOrigin(call, origin);
        const { once, carried, signature } = await readForm(call, confirmForm);
        await bind(context, pageRequest(call, once, carried), carried, signature);
        return `${page.path}?key=new#sign`;
      }),
    );
  }
}

type Take = (page: KeyPage, handle: Handle) => Promise<Html | string>;
type Step = (call: Call, take: Take) => Promise<Response>;

/** One step; where it is refused, the page says why, and what to do. A text is where it goes on. */
function stepOf(context: Context, { providers }: KeyPagesOptions): Step {
  return async (call, take) => {
    const capability = call.req.param('capability') ?? '';
    const page = { view: viewOf(call), path: `/sign/${capability}` };
    const headers = pageHeaders({ scripts: KEY_SCRIPTS, formActions: providers().map(({ url }) => url) });
    try {
      const { handle } = await openLetterByLink(context, capability, false);
      const next = await take(page, handle);
      return typeof next === 'string' ? call.redirect(next, 303) : call.html(next, 200, headers);
    } catch (failure) {
      if (!isFailure(failure) || failure.code === 'letter_unknown') throw failure;
      return call.html(keyProblemPage(page, failure.code), 422, headers);
    }
  };
}
