/** The clauses of a template as boxes to tick, none of which is ticked before the clerk does; and what was ticked. */
import type { PartyId } from '#core/ids.ts';
import { make, show, textOf, tick, ticksOf } from './dom.ts';
import type { Clause, OnRecord, Reached, Template, Ticked } from './draft.ts';
import type { Stage } from './stage.ts';
import type { Said } from './wanted.ts';

type Part = 'purposes' | 'items' | 'sources' | 'recipients' | 'candidates';
const PARTS: readonly Part[] = ['purposes', 'items', 'sources', 'recipients', 'candidates'];

/** A fieldset for each clause, with a box for the clause itself and one for everything in it. */
export function clauseFields(stage: Stage, template: Template): readonly HTMLElement[] {
  return template.clauses.map((clause) => {
    const { id, action, necessity, why } = clause;
    const title = `${stage.say(`action_${action}`)} · ${stage.say(necessity)}`;
    const parts = PARTS.filter((part) => clause[part].length > 0).map((part) => partField(stage, clause, part));
    const inside = make(
      'div',
      { hidden: true },
      ...parts,
      ...contactsOf(clause).map((each) => contactFields(stage, each)),
    );
    const asked = tick({ name: 'clause', value: id }, stage.say('ask_clause'));
    // What a clause asks for is of no interest before it is asked for at all.
    asked.addEventListener('change', ({ target }) => show(inside, (target as HTMLInputElement).checked));
    return make(
      'fieldset',
      { 'data-clause': id },
      make('legend', {}, title),
      ...(why === null ? [] : [make('p', {}, stage.pick(why))]),
      asked,
      inside,
    );
  });
}

function partField(stage: Stage, clause: Clause, part: Part): HTMLElement {
  const boxes = clause[part].map((each) => {
    // Who is not registered can't be named in a letter.
    const isAbsent = 'party' in each && each.party === null;
    const words = isAbsent ? `${stage.pick(each.name)}（${stage.say('not_registered')}）` : stage.pick(each.name);
    return tick({ name: boxName(clause.id, part), value: each.id, disabled: isAbsent }, words);
  });
  return make('fieldset', {}, make('legend', {}, stage.say(`part_${part}`)), ...boxes);
}

/** Whom data are provided to has to be reachable (PIPL 23), and so has who may turn out to be the grantee. */
function contactsOf({ action, recipients, candidates }: Clause): readonly Clause['sources'][number][] {
  const wanted = [...(action === 'PROVIDE' ? recipients : []), ...candidates];
  return wanted.filter(({ party }) => party !== null);
}

function contactFields(stage: Stage, { id, name }: Clause['sources'][number]): HTMLElement {
  const field = (of: string, word: string) =>
    make(
      'div',
      { class: 'field' },
      make('label', { for: `field-${of}-${id}` }, stage.say(word)),
      make('input', { id: `field-${of}-${id}`, name: `${of}/${id}`, autocomplete: 'off' }),
    );
  return make(
    'fieldset',
    {},
    make('legend', {}, `${stage.say('reached')}：${stage.pick(name)}`),
    field('uscc', 'uscc'),
    field('contact_zh', 'contact_zh'),
    field('contact_en', 'contact_en'),
  );
}

/** Whoever the template names may have on record what is to be confirmed; each gets a field of its own. */
export function recordFields(stage: Stage, template: Template): readonly HTMLElement[] {
  return onRecord(template).map(({ id, name }) =>
    make(
      'div',
      { class: 'field' },
      make('label', { for: `field-confirm-${id}` }, `${stage.say('confirm_of')}${stage.pick(name)}`),
      make('textarea', { id: `field-confirm-${id}`, name: `confirm/${id}`, autocomplete: 'off' }),
    ),
  );
}

/** The facts that were filled in: the lender's own, and those of others. */
export function recordsOf(form: HTMLFormElement, template: Template, own: PartyId): readonly OnRecord[] {
  const others = onRecord(template).map(({ id, party }) => ({ by: party, lines: textOf(form, `confirm/${id}`) }));
  return [{ by: own, lines: textOf(form, 'confirm') }, ...others];
}

function onRecord({ clauses }: Template): readonly { id: string; name: Said; party: PartyId }[] {
  const found = new Map<string, { id: string; name: Said; party: PartyId }>();
  for (const { id, name, party } of clauses.flatMap(({ sources, recipients }) => [...sources, ...recipients])) {
    if (party !== null) found.set(id, { id, name, party });
  }
  return [...found.values()];
}

function boxName(clause: string, part: Part): string {
  return `${clause}/${part}`;
}

/** The clauses that are asked for, in the template's order. */
export function tickedOf(form: HTMLFormElement, template: Template): readonly Ticked[] {
  const asked = ticksOf(form, 'clause');
  return template.clauses
    .filter(({ id }) => asked.includes(id))
    .map(({ id }) => {
      const of = (part: Part) => ticksOf(form, boxName(id, part));
      return {
        clause: id,
        purposes: of('purposes'),
        items: of('items'),
        sources: of('sources'),
        recipients: of('recipients'),
        candidates: of('candidates'),
      };
    });
}

/** How those are reached that were ticked, as far as it was said. */
export function reachedOf(form: HTMLFormElement, template: Template, ticked: readonly Ticked[]): readonly Reached[] {
  const found = new Map<PartyId, Reached>();
  for (const { clause: id, recipients, candidates } of ticked) {
    const clause = template.clauses.find((each) => each.id === id);
    for (const { id: code, party } of clause === undefined ? [] : contactsOf(clause)) {
      if (party === null || ![...recipients, ...candidates].includes(code)) continue;
      const contact = { zh: textOf(form, `contact_zh/${code}`), en: textOf(form, `contact_en/${code}`) };
      const usccField = `uscc/${code}`;
      const uscc = textOf(form, usccField);
      if (uscc !== '' || contact.zh !== '') found.set(party, { party, uscc, usccField, contact });
    }
  }
  return [...found.values()];
}
