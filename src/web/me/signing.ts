/** What a person signs on its own pages by its passkey: that a hold ends, and whatever else waits for its signature. */
import type { Context as Call } from 'hono';
import { z } from 'zod';
import { Failure, isFailure } from '#core/failure.ts';
import { parseId, type StatementRef } from '#core/ids.ts';
import { readKeyLeft } from '#service/affirming.ts';
import type { Context } from '#service/context.ts';
import { askEnding, readStatement, signStatement } from '#service/person/statements.ts';
import { pauseBySession } from '#service/session-acts.ts';
import type { PersonSession } from '#service/sessions.ts';
import { newOnce, onceField, pageRequest, readForm, signedFields } from '../form.ts';
import { pageHeaders } from '../headers.ts';
import { namedAddress, siteOf } from '../site.ts';
import { type View, viewOf } from '../view.ts';
import { type Add, grantIn } from './add.ts';
import { SIGNING_SCRIPTS, statementPage } from './statement.ts';

const onceForm = z.object({ once: onceField });
const signedForm = z.object({ once: onceField, ...signedFields });

/** @param origin As it is configured. */
export function addSigning(context: Context, get: Add, post: Add, origin: string | undefined): void {
  post('/me/release', async (session, _view, call) => {
    const { once } = await readForm(call, onceForm);
    const ref = await askEnding(context, pageRequest(call, once, 'release'), session, { kind: 'release' });
    return call.redirect(`/me/statements/${ref}`, 303);
  });
  post('/me/grants/:id/pause', async (session, _view, call) => {
    const grant = grantIn(call.req.param('id'));
    const { once } = await readForm(call, onceForm);
    await pauseBySession(context, pageRequest(call, once, grant), session, { grant });
    return call.redirect(`/me/grants/${grant}`, 303);
  });
  post('/me/grants/:id/resume', async (session, _view, call) => {
    const grant = grantIn(call.req.param('id'));
    const { once } = await readForm(call, onceForm);
    const ref = await askEnding(context, pageRequest(call, once, grant), session, { kind: 'resume', grant });
    return call.redirect(`/me/statements/${ref}`, 303);
  });
  post('/me/grants/:id/confirm', async (session, _view, call) => {
    const grant = grantIn(call.req.param('id'));
    const { once } = await readForm(call, onceForm);
    const ref = await askEnding(context, pageRequest(call, once, grant), session, { kind: 'confirm', grant });
    return call.redirect(`/me/statements/${ref}`, 303);
  });
  get('/me/statements/:ref', async (session, view, call) => {
    const named = namedAddress(call, origin);
    return named === undefined ? show(session, view, call) : call.redirect(named, 302);
  });
  post('/me/statements/:ref', async (session, _view, call) => {
    const ref = refIn(call.req.param('ref'));
    try {
      const { once, ...signed } = await readForm(call, signedForm);
      const said = pageRequest(call, once, signed.signature);
      const { grant } = await signStatement(context, said, session, ref, signed);
      // After a freeze was lifted: to how each authorization stands, now that they count again.
      return call.redirect(grant === null ? '/me' : `/me/grants/${grant}`, 303);
    } catch (failure) {
      if (!isFailure(failure) || failure.code === 'statement_unknown') throw failure;
      return show(session, viewOf(call), call, failure.code);
    }
  });

  async function show(session: PersonSession, view: View, call: Call, problem?: string): Promise<Response> {
    const stated = await readStatement(context, session, refIn(call.req.param('ref')));
    const { relyingParty } = siteOf(call, origin);
    const left = await readKeyLeft(context, session);
    const page = statementPage(view, stated, { relyingParty, once: newOnce(context), problem, left });
    return call.html(page, problem === undefined ? 200 : 422, pageHeaders({ scripts: SIGNING_SCRIPTS }));
  }
}

/** @throws {Failure} `statement_unknown`, for what is no ref: it is nobody's. */
function refIn(text: string | undefined): StatementRef {
  try {
    return parseId<StatementRef>(text ?? '');
  } catch (cause) {
    throw new Failure('statement_unknown', 'no such statement', { cause });
  }
}
