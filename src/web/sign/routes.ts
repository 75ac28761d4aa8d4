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
import { answerByLink, declineByLink, notMeByLink } from '#service/letter-link.ts';
import { openLetterByLink } from '#service/letter-page.ts';
import { signLetter } from '#service/letters.ts';
import { limitForms, onceField, pageRequest, readForm, severalField, signedFields } from '../form.ts';
import { requireSameOrigin } from '../origin.ts';
import { namedAddress } from '../site.ts';
import { addFormPdf, type FormOptions } from './form-pdf.ts';
import { showLetter } from './show.ts';

/** What a form of the letter's page does. */
type Act = (call: Call, capability: string) => Promise<void>;

/** Adds `/sign/<capability>`, its paper, and what is posted from it. */
export function addSignPages(pages: Hono, context: Context, options: FormOptions): void {
  const { origin } = options;
  pages.get('/sign/:capability', async (call) => {
    const named = namedAddress(call, origin);
    return named === undefined ? showLetter(context, call, options) : call.redirect(named, 302);
  });
  addFormPdf(pages, context, options);
  pages.use('/sign/:capability/*', limitForms);
  const post = (name: string, act: Act, part = '') =>
    pages.post(`/sign/:capability/${name}`, async (call) => {
      const capability = call.req.param('capability');
      try {
        requireSameOrigin(call, origin);
        await act(call, capability);
        return call.redirect(`/sign/${capability}${part}`, 303);
      } catch (failure) {
        // Of what opens nothing nothing is said, and the path is a secret; else the letter's page says why, and what to do.
        if (!isFailure(failure) || failure.code === 'letter_unknown') throw failure;
        return showLetter(context, call, options, failure);
      }
    });
  post('answers', takeAnswers(context), '#sign');
  post('signature', takeSignature(context));
  post('decline', async (call, capability) => {
    await declineByLink(context, await requestOf(call, 'decline'), capability);
  });
  post('not-me', async (call, capability) => {
    await notMeByLink(context, await requestOf(call, 'not-me'), capability);
  });
}

async function requestOf(call: Call, said: string) {
  const { once } = await readForm(call, z.object({ once: onceField }));
  return pageRequest(call, once, said);
}

/** Who says that what is on record is not it, says that the letter is not its own. */
function takeAnswers(context: Context): Act {
  return async (call, capability) => {
    const fields = await readForm(call, z.looseObject({ once: onceField }));
    const answers = prefixed(fields, 'answer.');
    const confirmed = prefixed(fields, 'confirm.');
    const request = pageRequest(call, fields.once, JSON.stringify([answers, confirmed]));
    if (Object.values(confirmed).includes('no')) {
      await notMeByLink(context, request, capability);
      return;
    }
    await answerByLink(context, request, capability, {
      answers: Object.entries(answers).map(([question, answer]) => ({ question, answer })),
      confirmed: Object.keys(confirmed),
    });
  };
}

function takeSignature(context: Context): Act {
  return async (call, capability) => {
    const { once, give, without, credential, signature, signed_at } = await readForm(call, signatureForm);
    if (give.length === 0) throw new Failure('input_invalid', 'give: want one or more');
    const { clauses } = await openLetterByLink(context, capability);
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
  };
}

const signatureForm = z.object({ once: onceField, ...signedFields, give: severalField, without: severalField });

function prefixed(fields: Readonly<Record<string, unknown>>, prefix: string): Readonly<Record<string, string>> {
  const named = Object.entries(fields).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(named.map(([name, value]) => [name.slice(prefix.length), String(value)]));
}
