/** Keys that persons have lost, at a counter that identifies persons. */
import { signKeyLoss } from '#client/key-end.ts';
import { SALT_BYTES } from '#core/hash.ts';
import { type Handle, parseId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { find, make, show, textOf } from './dom.ts';
import { type Operator, signingKeyOf } from './keys.ts';
import type { DeskClient } from './session.ts';
import type { Stage } from './stage.ts';
import { Wanted } from './wanted.ts';

/** Only who identifies persons says that one has lost a key: the others are not shown how. */
export async function openLoss(stage: Stage, operator: Operator, client: DeskClient): Promise<void> {
  const { roles } = await client.readParty(operator.party);
  show(find(stage.root, '[data-loss]'), roles.includes('identifier'));
  stage.onSubmit('loss', async (form) => {
    const { origin } = await client.founding();
    const loss = {
      log: origin,
      handle: handleOf(textOf(form, 'handle')),
      ends: textOf(form, 'lost_key'),
      identity: { id_type: textOf(form, 'id_type'), id_number: textOf(form, 'id_number') },
      salt: crypto.getRandomValues(new Uint8Array(SALT_BYTES)),
    };
    const body = await signKeyLoss({ party: operator.party, key: signingKeyOf(operator) }, loss, Date.now());
    const reported = { principal: operator.party, ...body, signed_at: body.signed_at as Instant };
    const { entry } = await client.reportLoss(loss.handle, reported);
    find(stage.root, '[data-lost]').replaceChildren(make('p', {}, `${stage.say('key_ended')} ${entry.index}`));
    form.reset();
  });
}

function handleOf(text: string): Handle {
  try {
    return parseId<Handle>(text);
  } catch {
    throw new Wanted('want_handle', 'handle');
  }
}
