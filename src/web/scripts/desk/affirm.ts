/**
 * A key of before the ledger lost entries, at a counter that identifies persons (ADR 0028): the clerk compares the document, the
 * operator's key signs that, and the person confirms with its own key on its own device, by the link that is shown here.
 *
 * @module
 */
import { affirmPath, signIdentifiedKey } from '#client/identified-key.ts';
import { SALT_BYTES } from '#core/hash.ts';
import { find, make, show, textOf, ticksOf } from './dom.ts';
import { type Operator, signingKeyOf } from './keys.ts';
import { linkTo } from './link.ts';
import type { DeskClient } from './session.ts';
import type { Stage } from './stage.ts';
import { Wanted } from './wanted.ts';

type Found = Awaited<ReturnType<DeskClient['findIdentifiedKeys']>>;
type Key = Found['keys'][number];
/** Whose keys they are: by which relationship, and by which document. */
export type Holder = Pick<Parameters<typeof signIdentifiedKey>[1], 'handle' | 'identity'>;

export interface Affirming {
  /** Offers those of a person's keys that wait; of nobody's there is nothing to offer. */
  offer(holder: Holder | undefined, keys: readonly Key[]): void;
}

/** @param nameOf What a key is called in a list. */
export function openAffirming(
  stage: Stage,
  { operator, client }: { readonly operator: Operator; readonly client: DeskClient },
  nameOf: (key: Key) => string,
): Affirming {
  const [list, link] = ['[data-left]', '[data-affirm-link]'].map((part) => find(stage.root, part)) as [
    HTMLElement,
    HTMLElement,
  ];
  let of: Holder | undefined;

  stage.onSubmit('affirm', async (form) => {
    link.replaceChildren();
    const key = textOf(form, 'left');
    if (of === undefined || key === '') throw new Wanted('want_left_key');
    if (ticksOf(form, 'compared').length === 0) throw new Wanted('want_compared', 'compared');
    const { origin } = await client.founding();
    const said = { log: origin, key, ...of, salt: crypto.getRandomValues(new Uint8Array(SALT_BYTES)) };
    const signed = await signIdentifiedKey({ party: operator.party, key: signingKeyOf(operator) }, said, Date.now());
    link.append(
      make('h3', { tabindex: '-1' }, stage.say('affirm_link')),
      make('p', {}, stage.say('affirm_link_hint')),
      ...linkTo(stage, affirmPath(signed), { label: 'code_of_affirm', isDense: true }),
    );
    form.reset();
    find(link, 'h3').focus();
  });

  return {
    offer(holder, keys) {
      of = holder;
      link.replaceChildren();
      const left = keys.filter(({ key, suspended }) => suspended === true && key !== null);
      list.replaceChildren(...left.map((key) => choice(key.key ?? '', nameOf(key))));
      show(stage.form('affirm'), left.length > 0);
    },
  };
}

function choice(value: string, name: string): HTMLElement {
  return make(
    'label',
    { class: 'answer' },
    make('input', { type: 'radio', name: 'left', value }),
    make('span', {}, name),
  );
}
