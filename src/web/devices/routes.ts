/**
 * `/devices/<capability>`: a new device makes its passkey, by the link that another device of its person shows. Nobody is
 * signed in here, and the ledger has nothing of the key before the other device adds it.
 *
 * @module
 */
import type { Context as Call, Hono } from 'hono';
import { z } from 'zod';
import { isFailure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import { bringInvited, finishInvited, startInvited } from '#service/person/device-invitations.ts';
import { ownForms, readForm, signedFields } from '../form.ts';
import { pageHeaders } from '../headers.ts';
import type { Html } from '../html.ts';
import { namedAddress, siteOf } from '../site.ts';
import { viewOf } from '../view.ts';
import {
  compareHerePage,
  confirmHerePage,
  DEVICE_SCRIPTS,
  type InvitedPage,
  makeHerePage,
  problemHerePage,
} from './pages.ts';

const TOKEN_CHARS_MAX = 8_192;
const registrationForm = z.object({ response: z.string().max(TOKEN_CHARS_MAX) });
const bindingForm = z.object({ carried: z.string().min(1).max(TOKEN_CHARS_MAX), ...signedFields });

const PATH = '/devices/:capability';
const HEADERS = pageHeaders({ scripts: DEVICE_SCRIPTS });

/** Adds the pages. @param origin As it is configured. */
export function addInvitedPages(pages: Hono, context: Context, origin: string | undefined): void {
  for (const path of [PATH, `${PATH}/key`]) {
    for (const refuse of ownForms(origin)) pages.post(path, refuse);
  }

  pages.get(PATH, (call) => {
    const named = namedAddress(call, origin);
    if (named !== undefined) return call.redirect(named, 302);
    return step(call, async (page, capability) => {
      const { options, expires_at } = await startInvited(context, capability, siteOf(call, origin));
      return makeHerePage(page, JSON.stringify(options), expires_at);
    });
  });

  pages.post(PATH, (call) =>
    step(call, async (page, capability) => {
      const { response } = await readForm(call, registrationForm);
      const site = siteOf(call, origin);
      return confirmHerePage(page, await finishInvited(context, capability, site, response), site.relyingParty);
    }),
  );

  pages.post(`${PATH}/key`, (call) =>
    step(call, async ({ view }, capability) => {
      const { carried, signature } = await readForm(call, bindingForm);
      return compareHerePage(view, await bringInvited(context, capability, carried, signature));
    }),
  );
}

/** One step. What is wrong with the key is said here; what is wrong with the link, without its path, as of every page. */
async function step(call: Call, take: (page: InvitedPage, capability: string) => Promise<Html>): Promise<Response> {
  const capability = call.req.param('capability') ?? '';
  const page = { view: viewOf(call), path: `/devices/${capability}` };
  try {
    return await call.html(await take(page, capability), 200, HEADERS);
  } catch (failure) {
    if (!isFailure(failure) || !RETRIED.includes(failure.code)) throw failure;
    return call.html(problemHerePage(page, failure.code), 422, HEADERS);
  }
}

const RETRIED: readonly string[] = ['challenge_stale', 'key_invalid', 'signature_invalid', 'input_invalid'];
