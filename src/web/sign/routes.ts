/**
 * The pages of one letter, for whoever holds its link: read it, answer what is asked, sign it, or say no.
 *
 * @module
 */
import type { Context as Call, Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import { Failure, isFailure } from '#core/failure.ts';
import { letterByCapability } from '#service/capabilities.ts';
import type { Context } from '#service/context.ts';
import { keyOfCredential } from '#service/credentials.ts';
import { answerByLink, declineByLink, notMeByLink } from '#service/letter-link.ts';
import { type LetterPage, openLetterByLink } from '#service/letter-page.ts';
import { signLetter } from '#service/letters.ts';
import { limitForms, newOnce, onceField, pageRequest, readForm, severalField, signedFields } from '../form.ts';
import { pageHeaders } from '../headers.ts';
import type { Html } from '../html.ts';
import { requireSameOrigin } from '../origin.ts';
import { notice } from '../parts/notice.ts';
import { namedAddress, siteOf } from '../site.ts';
import { viewOf } from '../view.ts';
import { wordsOf } from '../words.ts';
import { donePage } from './done-page.ts';
import { letterPage, SIGN_SCRIPTS } from './letter-page.ts';

/** Adds `/sign/<capability>` and what is posted from it. @param origin As it is configured. */
export function addSignPages(pages: Hono, context: Context, origin: string | undefined): void {
  pages.get('/sign/:capability', async (call) => {
    const named = namedAddress(call, origin);
    if (named !== undefined) return call.redirect(named, 302);
    return shown(call, undefined);
  });

  pages.use('/sign/:capability/*', limitForms);
  pages.post('/sign/:capability/answers', (call) =>
    acting(call, async (capability) => {
      const fields = await readForm(call, z.looseObject({ once: onceField }));
      const answers = prefixed(fields, 'answer.');
      const confirmed = prefixed(fields, 'confirm.');
      const request = pageRequest(call, fields.once, JSON.stringify([answers, confirmed]));
      if (Object.values(confirmed).includes('no')) return refuse(call, capability, request, 'not_me');
      await answerByLink(context, request, capability, {
        answers: Object.entries(answers).map(([question, answer]) => ({ question, answer })),
        confirmed: Object.keys(confirmed),
      });
      return call.redirect(`${call.req.path.replace(/\/answers$/, '')}#sign`, 303);
    }),
  );

  pages.post('/sign/:capability/signature', (call) =>
    acting(call, async (capability) => {
      const fields = await readForm(call, signatureForm);
      const { clauses } = await openLetterByLink(context, capability);
      const said = clauses.map(({ grant: { grant, items } }) => {
        const given = fields.give.includes(grant);
        return {
          grant,
          given,
          declined_items: given ? items.filter((item) => fields.without.includes(`${grant}/${item}`)) : [],
        };
      });
      if (fields.give.length === 0) throw new Failure('input_invalid', 'give: want one or more');
      const request = pageRequest(call, fields.once, JSON.stringify([said, fields.signature]));
      await signLetter(context, request, {
        letter: letterByCapability(context, capability),
        grants: said,
        key: await keyOfCredential(context, fields.credential),
        signature: fields.signature,
        signed_at: fields.signed_at,
      });
      return call.redirect(call.req.path.replace(/\/signature$/, ''), 303);
    }),
  );

  for (const reason of ['decline', 'not-me'] as const) {
    pages.post(`/sign/:capability/${reason}`, (call) =>
      acting(call, async (capability) => {
        const { once } = await readForm(call, z.object({ once: onceField }));
        const request = pageRequest(call, once, reason);
        return refuse(call, capability, request, reason === 'not-me' ? 'not_me' : null);
      }),
    );
  }

  async function refuse(
    call: Call,
    capability: string,
    request: ReturnType<typeof pageRequest>,
    reason: 'not_me' | null,
  ): Promise<Response> {
    if (reason === 'not_me') await notMeByLink(context, request, capability);
    else await declineByLink(context, request, capability);
    return call.redirect(`/sign/${capability}`, 303);
  }

  /** What a form does; where that is refused, the letter's page says why, and what to do. */
  async function acting(call: Call, act: (capability: string) => Promise<Response>): Promise<Response> {
    try {
      requireSameOrigin(call, origin);
      return await act(call.req.param('capability') ?? '');
    } catch (failure) {
      if (!isFailure(failure) || failure.code === 'letter_unknown') throw failure;
      return shown(call, failure);
    }
  }

  /** The path is a secret: of what opens nothing, the page of the failure says nothing. */
  async function shown(call: Call, problem: Failure | undefined): Promise<Response> {
    const view = viewOf(call);
    const capability = call.req.param('capability') ?? '';
    const letter = await openLetterByLink(context, capability);
    const { relyingParty } = siteOf(call, origin);
    const path = `/sign/${capability}`;
    const isOver = isAnswered(letter);
    const page = isOver
      ? donePage({ view, shown: letter, path })
      : letterPage({
          view,
          shown: letter,
          path,
          relyingParty,
          once: newOnce(context),
          ...problemOf(problem),
          hasNewKey: call.req.query('key') === 'new',
        });
    return call.html(page, problem === undefined ? 200 : 422, pageHeaders({ scripts: isOver ? [] : SIGN_SCRIPTS }));

    function problemOf(failure: Failure | undefined): { readonly problem?: Html } {
      if (failure === undefined) return {};
      const { failure: words } = wordsOf(view);
      const { title, next } = words.of[failure.code as keyof typeof words.of] ?? words.other;
      const body = html`${next} <code>${failure.code}</code>`;
      return { problem: notice(view, { kind: 'stop', title, body, isAnswer: true }) };
    }
  }
}

function isAnswered({ status }: LetterPage): boolean {
  return status === 'signed' || status === 'declined' || status === 'expired';
}

const signatureForm = z.object({ once: onceField, ...signedFields, give: severalField, without: severalField });

function prefixed(fields: Readonly<Record<string, unknown>>, prefix: string): Readonly<Record<string, string>> {
  const named = Object.entries(fields).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(named.map(([name, value]) => [name.slice(prefix.length), String(value)]));
}
