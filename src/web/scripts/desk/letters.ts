/** `/desk/letters`: how a letter stands; its subject masked, or shown by an entry that the subject reads. */
import type { Client } from '#client/client.ts';
import { type LetterId, parseId } from '#core/ids.ts';
import { facts, find, make, show, textOf, ticksOf } from './dom.ts';
import { fieldsOf, type Template } from './draft.ts';
import { linkTo } from './link.ts';
import { type DeskClient, requireOperator } from './session.ts';
import type { Stage } from './stage.ts';
import { keepLetter, lettersKept } from './store.ts';
import { type Said, Wanted } from './wanted.ts';

export type Letter = Awaited<ReturnType<Client['readLetter']>>;
type Why = Parameters<Client['viewIdentity']>[1]['why'];

export async function openLetters(stage: Stage): Promise<void> {
  const { operator, client } = await requireOperator();
  let letter: Letter | undefined;
  const names = namesIn((await client.listTemplates()).templates);
  stage.onSubmit('find', async (form) => {
    letter = await findLetter(client, textOf(form, 'letter'));
    await showLetter(stage, client, letter, names);
  });
  stage.onSubmit('view', async (form) => {
    if (letter === undefined) throw new Wanted('want_letter');
    const body = {
      principal: operator.party,
      fields: [...fieldsOf(ticksOf(form, 'field'))],
      why: whyOf(textOf(form, 'why')),
    };
    const { identity, entry } = await client.viewIdentity(letter.handle, body);
    const shown = Object.entries(identity ?? {}).map(([name, value]) => [stage.say(name), value ?? '—'] as const);
    find(stage.root, '[data-seen]').replaceChildren(
      identity === null ? make('p', {}, stage.say('erased')) : facts(shown),
      make('p', {}, `${stage.say('seen_entry')} ${entry.index}`),
    );
  });
  offerKept(stage);
  await showNamed(stage);
}

/** @throws {Wanted} if the text is no id. */
export async function findLetter(client: DeskClient, text: string): Promise<Letter> {
  let id: LetterId;
  try {
    id = parseId<LetterId>(text);
  } catch {
    throw new Wanted('want_letter_id', 'letter');
  }
  const letter = await client.readLetter(id);
  keepLetter(id);
  return letter;
}

/** The letters that were looked at here, to choose from. */
export function offerKept(stage: Stage): void {
  find(stage.root, 'datalist').replaceChildren(...lettersKept().map((id) => make('option', { value: id })));
}

/** The letter that a link within the desk names: after the `#`, which no server sees. */
export async function showNamed(stage: Stage): Promise<void> {
  const named = location.hash.slice(1);
  if (named === '') return;
  const form = stage.form('find');
  find<HTMLInputElement>(form, '[name="letter"]').value = named;
  form.requestSubmit();
}

async function showLetter(stage: Stage, client: DeskClient, letter: Letter, names: Names): Promise<void> {
  const { identity } = await client.readIdentity(letter.handle);
  const who =
    identity === null ? stage.say('erased') : `${identity.name} ${identity.id_number} ${identity.phone ?? ''}`;
  find(stage.root, '[data-letter]').replaceChildren(
    facts([
      [stage.say('status'), stage.say(`status_${statusOf(letter)}`)],
      [stage.say('subject'), who.trim()],
      [stage.say('handle'), make('code', {}, letter.handle)],
      [stage.say('letter_id'), make('code', {}, letter.letter)],
    ]),
    ...(letter.sign_path === null ? [] : linkTo(stage, letter.sign_path)),
    make('h2', {}, stage.say('grants')),
    make('ul', {}, ...letter.grants.map((each) => grantLine(stage, each, names))),
  );
  find(stage.root, '[data-seen]').replaceChildren();
  show(find(stage.root, '[data-found]'), true);
}

/** How a letter stands; of one that waits also whether its questions were answered, and whether it is held by that. */
function statusOf({ status, asked }: Letter): string {
  if (status !== 'drafted') return status;
  if (asked.status === 'held') return 'held';
  return asked.status === 'clear' ? 'answered' : status;
}

/** What purposes and items are called. */
type Names = ReadonlyMap<string, Said>;

function namesIn(templates: readonly Template[]): Names {
  const named = templates.flatMap(({ clauses }) => clauses.flatMap(({ purposes, items }) => [...purposes, ...items]));
  return new Map(named.map(({ id, name }) => [id, name]));
}

function grantLine(
  stage: Stage,
  { grant, action, items, purposes, status }: Letter['grants'][number],
  names: Names,
): HTMLElement {
  // Of a pack that is not in force any more only the code is known.
  const say = (code: string) => stage.pick(names.get(code) ?? { zh: code, en: code });
  const words = `${stage.say(`action_${action}`)} · ${stage.say(`grant_${status}`)}`;
  const what = [purposes, items].map((codes) => codes.map(say).join(stage.say('comma'))).join(' · ');
  return make('li', {}, make('strong', {}, words), make('p', {}, what), make('code', {}, grant));
}

function whyOf(text: string): Why {
  const why = WHYS.find((each) => each === text);
  if (why === undefined) throw new Wanted('want_why', 'why');
  return why;
}

const WHYS: readonly Why[] = ['serve_subject', 'verify_paper', 'answer_objection', 'law'];
