/**
 * The pages of one letter, for whoever holds its link: read it, answer what is asked, sign it, or say no.
 *
 * @module
 */
import type { Context as Call, Hono } from 'hono';
import { z } from 'zod';
import { Failure, isFailure } from '#core/failure.ts';
import { letterByCapability } from '#service/capabilities.ts';
import type { Context } from '#service/context.ts';
import { keyOfCredential } from '#service/credentials.ts';
import { answerByLink, declineByLink, notMeByLink, viewByLink } from '#service/letter-link.ts';
import { openLetterByLink } from '#service/letter-page.ts';
import { signLetter } from '#service/letters.ts';
import { limitForms, onceField, pageRequest, readForm, severalField, signedFields } from '../form.ts';
import { requireSameOrigin } from '../origin.ts';
import { namedAddress } from '../site.ts';
import { addFormPdf, type FormOptions } from './form-pdf.ts';
import { showLetter } from './show.ts';
import { keepShown } from './shown.ts';

/** What a form of the letter's page does, and where on it one comes back to. */
type Act = (call: Call, capability: string) => Promise<'' | '#text' | '#sign' | '/form.pdf' | '/receipt'>;

/** Adds `/sign/<capability>`, its paper, and what is posted from it. */
export function addSignPages(pages: Hono, context: Context, options: FormOptions): void {
  const { origin } = options;
  pages.get('/sign/:capability', async (call) => {
    const named = namedAddress(call, origin);
    return named === undefined ? showLetter(context, call, options) : call.redirect(named, 302);
  });
  addFormPdf(pages, context, options);
  pages.use('/sign/:capability/*', limitForms);
  const post = (name: string, act: Act) =>
    pages.post(`/sign/:capability/${name}`, async (call) => {
      const capability = call.req.param('capability');
      try {
        requireSameOrigin(call, origin);
        const part = await act(call, capability);
        return call.redirect(`/sign/${capability}${part}`, 303);
      } catch (failure) {
        // Of what opens nothing nothing is said, and the path is a secret; else the letter's page says why, and what to do.
        if (!isFailure(failure) || failure.code === 'letter_unknown') throw failure;
        return showLetter(context, call, options, failure);
      }
    });
  post('open', async (call, capability) => {
    const { once, to } = await readForm(call, openForm);
    // The entry is first: what is shown in full is shown after it.
    await viewByLink(context, pageRequest(call, once, 'open'), capability);
    keepShown(context, call, capability, options);
    return OPENED_AT[to];
  });
  post('answers', async (call, capability) => {
    if (await takeAnswers(context, call, capability)) keepShown(context, call, capability, options);
    return '#sign';
  });
  post('signature', takeSignature(context));
  post('decline', async (call, capability) => {
    await declineByLink(context, await requestOf(call, 'decline'), capability);
    return '';
  });
  post('not-me', async (call, capability) => {
    await notMeByLink(context, await requestOf(call, 'not-me'), capability);
    return '';
  });
}

async function requestOf(call: Call, said: string) {
  const { once } = await readForm(call, z.object({ once: onceField }));
  return pageRequest(call, once, said);
}

/** Who says that what is on record is not it, says that the letter is not its own. @returns Whether it was answered. */
async function takeAnswers(context: Context, call: Call, capability: string): Promise<boolean> {
  const fields = await readForm(call, z.looseObject({ once: onceField }));
  const answers = prefixed(fields, 'answer.');
  const confirmed = prefixed(fields, 'confirm.');
  const request = pageRequest(call, fields.once, JSON.stringify([answers, confirmed]));
  if (Object.values(confirmed).includes('no')) {
    await notMeByLink(context, request, capability);
    return false;
  }
  await answerByLink(context, request, capability, {
    answers: Object.entries(answers).map(([question, answer]) => ({ question, answer })),
    confirmed: Object.keys(confirmed),
  });
  return true;
}

function takeSignature(context: Context): Act {
  return async (call, capability) => {
    const { once, give, without, credential, signature, signed_at } = await readForm(call, signatureForm);
    if (give.length === 0) throw new Failure('input_invalid', 'give: want one or more');
    const { clauses } = await openLetterByLink(context, capability, false);
    const grants = clauses.map(({ grant: { grant, items } }) => {
      const given = give.includes(grant);
      return {
        grant,
        given,
        declined_items: given ? items.filter((item) => without.includes(`${grant}/${item}`)) : [],
      };
    });
    await signLetter(context, pageRequest(call, once, JSON.stringify([grants, signature])), {
      ...{ letter: letterByCapability(context, capability), grants, signature, signed_at },
      key: await keyOfCredential(context, credential),
    });
    return '';
  };
}

/** Where what was opened is shown: the letter, its paper, or its receipt. */
const OPENED_AT = { letter: '#text', form: '/form.pdf', receipt: '/receipt' } as const;
const openForm = z.object({ once: onceField, to: z.enum(['letter', 'form', 'receipt']).default('letter') });
const signatureForm = z.object({ once: onceField, ...signedFields, give: severalField, without: severalField });

function prefixed(fields: Readonly<Record<string, unknown>>, prefix: string): Readonly<Record<string, string>> {
  const named = Object.entries(fields).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(named.map(([name, value]) => [name.slice(prefix.length), String(value)]));
}
