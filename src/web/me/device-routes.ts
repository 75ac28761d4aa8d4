/** `/me/devices`: the keys of who is signed in, and the end of one, which a passkey signs. */
import type { Context as Call } from 'hono';
import { z } from 'zod';
import { isFailure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import { endDevice, readDevice, readDevices } from '#service/person/devices.ts';
import type { PersonSession } from '#service/sessions.ts';
import { unknownKey } from '#service/statements.ts';
import { newOnce, onceField, pageRequest, readForm, signedFields } from '../form.ts';
import { pageHeaders } from '../headers.ts';
import { namedAddress, siteOf } from '../site.ts';
import { type View, viewOf } from '../view.ts';
import type { Add } from './add.ts';
import { addAddingDevice } from './add-device-routes.ts';
import { devicePage, devicesPage } from './devices.ts';
import { SIGNING_SCRIPTS } from './statement.ts';

const signedForm = z.object({ once: onceField, ...signedFields });

/** @param origin As it is configured. */
export function addDevices(context: Context, get: Add, post: Add, origin: string | undefined): void {
  get('/me/devices', async (session, view) => devicesPage(view, await readDevices(context, session), newOnce(context)));
  addAddingDevice(context, get, post, origin);
  get('/me/devices/:seq', async (session, view, call) => {
    const named = namedAddress(call, origin);
    return named === undefined ? show(session, view, call) : call.redirect(named, 302);
  });
  post('/me/devices/:seq', async (session, _view, call) => {
    const seq = seqIn(call.req.param('seq'));
    try {
      const { once, ...signed } = await readForm(call, signedForm);
      await endDevice(context, pageRequest(call, once, signed.signature), session, seq, signed);
      return call.redirect('/me/devices', 303);
    } catch (failure) {
      // Of a key that ended meanwhile there is no page to show again.
      if (!isFailure(failure) || failure.code === 'already_revoked') throw failure;
      return show(session, viewOf(call), call, failure.code);
    }
  });

  async function show(session: PersonSession, view: View, call: Call, problem?: string): Promise<Response> {
    const device = await readDevice(context, session, seqIn(call.req.param('seq')));
    const { relyingParty } = siteOf(call, origin);
    const page = devicePage(view, device, { relyingParty, once: newOnce(context), problem });
    return call.html(page, problem === undefined ? 200 : 422, pageHeaders({ scripts: SIGNING_SCRIPTS }));
  }
}

/** @throws {Failure} `subject_key_unknown`, for what is no place. */
function seqIn(text: string | undefined): number {
  if (text === undefined || !/^(?:0|[1-9][0-9]{0,8})$/.test(text)) throw unknownKey();
  return Number(text);
}
