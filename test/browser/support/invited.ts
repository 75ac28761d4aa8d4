/** A device that is added by a link, played without a browser: for pages that show what waits. */
import { bindingSigningBytes } from '#core/consent/statement.ts';
import type { Context } from '#service/context.ts';
import { bringInvited, finishInvited, inviteDevice, startInvited } from '#service/person/device-invitations.ts';
import { newPasskey } from '../../support/authenticator.ts';
import { registrationOf } from '../../support/identified.ts';
import { signIn } from '../../support/sessions.ts';
import type { Asked } from './town.ts';

type Who = Pick<Asked, 'person' | 'handle'>;

const ONCE = 'd'.repeat(22);

/** Makes a link as somebody's device does. Answers its path. @param ago How long ago, in milliseconds. */
export async function invite(context: Context, { person, handle }: Who, ago = 0): Promise<string> {
  const { session } = await signIn(context, person, handle);
  const then = { ...context, clock: () => (context.clock() - ago) as ReturnType<typeof context.clock> };
  return `/devices/${(await inviteDevice(then, session, ONCE)).capability}`;
}

/** The same, behind which a key was made that waits now. @param url Of the site. */
export async function inviteWith(context: Context, who: Who, url: string): Promise<string> {
  const path = await invite(context, who);
  const capability = path.replace('/devices/', '');
  const site = { relyingParty: new URL(url).hostname, origin: url };
  const device = newPasskey(site.relyingParty, 'ES256', site.origin);
  const { options } = await startInvited(context, capability, site);
  const made = await finishInvited(context, capability, site, registrationOf(device, options.challenge));
  await bringInvited(context, capability, made.carried, device.sign(bindingSigningBytes(made.statement)));
  return path;
}
