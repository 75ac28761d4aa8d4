/**
 * Keys of persons, at a counter that identifies persons: found by the document. One that is lost is reported; one of before the
 * ledger lost entries is affirmed.
 *
 * @module
 */
import { signKeyLoss } from '#client/key-end.ts';
import { SALT_BYTES } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { sayMoment } from '#core/letter-template/moment.ts';
import { openAffirming } from './affirm.ts';
import { documentOf } from './document.ts';
import { find, make, show, tick, ticksOf } from './dom.ts';
import { type Operator, signingKeyOf } from './keys.ts';
import type { DeskClient } from './session.ts';
import type { Stage } from './stage.ts';
import { Wanted } from './wanted.ts';

type Found = Awaited<ReturnType<DeskClient['findIdentifiedKeys']>>;
type Reported = Pick<Parameters<typeof signKeyLoss>[1], 'handle' | 'identity'>;

/** Only who identifies persons says that one has lost a key: the others are not shown how. */
export async function openLoss(stage: Stage, operator: Operator, client: DeskClient): Promise<void> {
  const { roles } = await client.readParty(operator.party);
  show(find(stage.root, '[data-loss]'), roles.includes('identifier'));
  const [list, lost] = ['[data-keys]', '[data-lost]'].map((part) => find(stage.root, part)) as [
    HTMLElement,
    HTMLElement,
  ];
  let person: Reported | undefined;
  const affirming = openAffirming(stage, { operator, client }, (key) => nameOf(stage, key));

  stage.onSubmit('keys', async (form) => {
    person = undefined;
    show(stage.form('loss'), false);
    lost.replaceChildren();
    affirming.offer(undefined, []);
    const identity = documentOf(form);
    const { handle, keys } = await client.findIdentifiedKeys({ principal: operator.party, identity });
    if (handle === null || keys.length === 0) throw new Wanted('no_keys', 'id_number');
    person = { handle, identity };
    list.replaceChildren(...keys.map((key) => keyTick(stage, key)));
    show(stage.form('loss'), true);
    affirming.offer(person, keys);
  });
  stage.onSubmit('loss', async (form) => {
    const ended = ticksOf(form, 'key');
    if (person === undefined || ended.length === 0) throw new Wanted('want_lost_key');
    const { origin } = await client.founding();
    for (const ends of ended) {
      const loss = { log: origin, ends, ...person, salt: crypto.getRandomValues(new Uint8Array(SALT_BYTES)) };
      const body = await signKeyLoss({ party: operator.party, key: signingKeyOf(operator) }, loss, Date.now());
      const reported = { principal: operator.party, ...body, signed_at: body.signed_at as Instant };
      const { entry } = await client.reportLoss(loss.handle, reported);
      lost.append(make('p', {}, `${stage.say('key_ended')} ${entry.index}`));
      find(form, `[value="${CSS.escape(ends)}"]`)
        .closest('.tick')
        ?.remove();
    }
    // What ended is not affirmed: the others are found anew.
    affirming.offer(undefined, []);
    if (list.childElementCount > 0) return;
    show(form, false);
    stage.form('keys').reset();
  });
}

/** One whose text was erased can't be named any more: the erasure ended it. */
function keyTick(stage: Stage, found: Found['keys'][number]): HTMLElement {
  return tick({ name: 'key', value: found.key ?? '', disabled: found.key === null }, nameOf(stage, found));
}

function nameOf(stage: Stage, { kind, method, bound_at, suspended }: Found['keys'][number]): string {
  return [
    stage.say(`kind_${kind}`),
    `${stage.say('key_since')} ${sayMoment(bound_at - (bound_at % 1_000), stage.lang)}`,
    ...(method === 'existing_key' ? [stage.say('key_by_other')] : []),
    ...(suspended === true ? [stage.say('key_left')] : []),
  ].join(' · ');
}
