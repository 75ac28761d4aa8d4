/** `/me/devices/add`: a further device of who is signed in. The new one makes its key at web/devices. */
import type { Context as Call } from 'hono';
import { z } from 'zod';
import { isFailure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import { addInvited, inviteDevice, readWaiting } from '#service/person/device-invitations.ts';
import type { PersonSession } from '#service/sessions.ts';
import { newOnce, onceField, pageRequest, readForm, signedFields } from '../form.ts';
import { pageHeaders } from '../headers.ts';
import { namedAddress, siteOf } from '../site.ts';
import { viewOf } from '../view.ts';
import type { Add } from './add.ts';
import { addDevicePage, invitationPage } from './add-device.ts';
import { SIGNING_SCRIPTS } from './statement.ts';

const onceForm = z.object({ once: onceField });
const signedForm = z.object({ once: onceField, ...signedFields });

/** To be added before `/me/devices/:seq`, which would take its path. @param origin As it is configured. */
export function addAddingDevice(context: Context, get: Add, post: Add, origin: string | undefined): void {
  // The link is shown where it is made, and nowhere again: the ledger keeps no more than its digest.
  post('/me/devices', async (session, view, call) => {
    const { once } = await readForm(call, onceForm);
    const { capability, expires_at } = await inviteDevice(context, session, once);
    return invitationPage(view, `${siteOf(call, origin).origin}/devices/${capability}`, expires_at);
  });
  get('/me/devices/add', async (session, _view, call) => {
    const named = namedAddress(call, origin);
    return named === undefined ? show(session, call) : call.redirect(named, 302);
  });
  post('/me/devices/add', async (session, _view, call) => {
    const { once, ...signed } = await readForm(call, signedForm);
    try {
      await addInvited(context, pageRequest(call, once, signed.signature), session, signed);
      return call.redirect('/me/devices', 303);
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      return show(session, call, failure.code);
    }
  });

  async function show(session: PersonSession, call: Call, problem?: string): Promise<Response> {
    const { relyingParty } = siteOf(call, origin);
    const waiting = await readWaiting(context, session);
    const page = addDevicePage(viewOf(call), waiting, { relyingParty, once: newOnce(context), problem });
    return call.html(page, problem === undefined ? 200 : 422, pageHeaders({ scripts: SIGNING_SCRIPTS }));
  }
}
