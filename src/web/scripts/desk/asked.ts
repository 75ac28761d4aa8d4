/** What a person is asked before it signs, put by a clerk, and its answers as they are relayed: in its own words. */
import type { Client } from '#client/client.ts';
import type { PartyId } from '#core/ids.ts';
import { make, textOf } from './dom.ts';
import type { Template } from './draft.ts';
import type { Letter } from './letters.ts';
import type { Stage } from './stage.ts';
import { Wanted } from './wanted.ts';

type Asked = Pick<Letter, 'asked'>;
type Relayed = Pick<Parameters<Client['answerLetter']>[1], 'answers' | 'confirmed'>;

/** The facts on record, by whose record each is, and the questions of the template. Nothing is chosen before. */
export function questionFields(
  stage: Stage,
  { on_record, asked: { confirm, questions }, sign_path }: Letter,
  templates: readonly Template[],
): readonly HTMLElement[] {
  const names = namesFor(stage, on_record, templates);
  return [
    ...(confirm ?? []).map(({ id, zh, en, by }) =>
      card(
        `confirm.${id}`,
        [
          `${names.get(by) ?? by} ${stage.say('has_on_record')}`,
          make('br'),
          make('strong', {}, stage.pick({ zh, en: en ?? zh })),
        ],
        [
          ['yes', stage.say('fact_right')],
          ['no', stage.say('fact_wrong')],
        ],
      ),
    ),
    ...questions.map(({ id, ask, stops }) =>
      card(
        `answer.${id}`,
        [stage.pick(ask)],
        [
          // What is answered is kept in Chinese, in whichever language it was asked.
          ...stops.map((each) => [each.zh, stage.pick(each)] as const),
          [stage.pair('answer_fine').zh, stage.say('answer_fine')],
          [OWN_WORDS, stage.say('answer_own')],
        ],
        ownWords(stage, id),
      ),
    ),
    ...(sign_path === null ? [] : [make('p', {}, make('a', { href: `${sign_path}#not-me` }, stage.say('to_not_me')))]),
  ];
}

/** As the templates in force call them, in the page's language; of others the registered name. */
function namesFor(
  stage: Stage,
  onRecord: Letter['on_record'],
  templates: readonly Template[],
): ReadonlyMap<PartyId, string> {
  const named = templates.flatMap(({ clauses }) =>
    clauses.flatMap(({ sources, recipients, candidates }) => [...sources, ...recipients, ...candidates]),
  );
  return new Map([
    ...onRecord.map(({ party, name }) => [party, name] as const),
    ...named.flatMap(({ party, name }) => (party === null ? [] : [[party, stage.pick(name)] as const])),
  ]);
}

const OWN_WORDS = '';
const ANSWER_CHARS_MAX = '200';

function ownWords(stage: Stage, id: string): HTMLElement {
  return make('input', {
    type: 'text',
    name: `said.${id}`,
    maxlength: ANSWER_CHARS_MAX,
    autocomplete: 'off',
    'aria-label': stage.say('answer_said'),
  });
}

function card(
  name: string,
  legend: readonly (Node | string)[],
  answers: readonly (readonly [value: string, text: string])[],
  ...more: readonly HTMLElement[]
): HTMLElement {
  const choices = answers.map(([value, text]) => {
    const input = make('input', { type: 'radio', name, value, required: true, autocomplete: 'off' });
    return make('label', { class: 'answer' }, input, make('span', {}, text));
  });
  return make(
    'fieldset',
    { class: 'question' },
    make('legend', {}, ...legend),
    make('div', { class: 'answers' }, ...choices, ...more),
  );
}

/**
 * What was answered.
 *
 * @throws {Wanted} if own words are missing, or something on record is not of this person: then nothing is to be signed.
 */
export function answersIn(form: HTMLFormElement, { asked: { confirm, questions } }: Asked): Relayed {
  const facts = (confirm ?? []).map(({ id }) => id);
  if (facts.some((id) => textOf(form, `confirm.${id}`) !== 'yes')) throw new Wanted('want_not_me');
  return {
    confirmed: facts,
    answers: questions.map(({ id }) => {
      const answer = textOf(form, `answer.${id}`) || textOf(form, `said.${id}`);
      if (answer === '') throw new Wanted('want_answer', `said.${id}`);
      return { question: id, answer };
    }),
  };
}
