/**
 * `/desk/counter`: a letter is shown and printed, its questions are answered by the person and relayed, and what was signed on
 * paper is brought in by two operators; and keys that persons have lost.
 *
 * @module
 */
import { answersIn, questionFields } from './asked.ts';
import { facts, find, make, show, textOf } from './dom.ts';
import type { Template } from './draft.ts';
import { bringIn, clauseFields } from './ink.ts';
import { findLetter, type Letter, offerKept, showNamed } from './letters.ts';
import { openLoss } from './loss.ts';
import { heldNotice, seenLetter } from './seen.ts';
import { requireOperator } from './session.ts';
import type { Stage } from './stage.ts';
import { Wanted } from './wanted.ts';

export async function openCounter(stage: Stage): Promise<void> {
  const { operator, client } = await requireOperator();
  const { templates } = await client.listTemplates();
  let letter: Letter | undefined;
  const chosen = (): Letter => {
    if (letter === undefined) throw new Wanted('want_letter');
    return letter;
  };
  stage.onSubmit('find', async (form) => {
    letter = undefined;
    forgetLetter(stage);
    letter = await findLetter(client, textOf(form, 'letter'));
    showStanding(stage, letter, templates);
  });
  stage.onSubmit('print', async () => {
    const shown = chosen();
    // The text says who its subject is, so that it is looked at is an entry first.
    await client.viewIdentity(shown.handle, {
      principal: operator.party,
      fields: ['id_number', 'name'],
      why: 'verify_paper',
    });
    find(stage.root, '[data-paper]').replaceChildren(...seenLetter(stage, shown));
    if (shown.asked.status !== 'open') return;
    // What is on record is of the person, too; and nobody answers before there was something to read.
    find(stage.root, '[data-questions]').replaceChildren(...questionFields(stage, shown, templates));
    show(stage.form('answers'), true);
  });
  stage.onSubmit('answers', async (form) => {
    const asked = chosen();
    await client.answerLetter(asked.letter, { principal: operator.party, ...answersIn(form, asked) });
    letter = await client.readLetter(asked.letter);
    showStanding(stage, letter, templates);
  });
  stage.onSubmit('paper', async (form) => {
    const made = await bringIn(operator, chosen(), form);
    find(stage.root, '[data-brought]').replaceChildren(
      make('p', {}, stage.say('brought_in')),
      facts([
        [stage.say('given'), String(made.given.length)],
        [stage.say('declined'), String(made.declined.length)],
        [stage.say('entry'), String(made.entry.index)],
      ]),
    );
    show(form, false);
  });
  offerKept(stage);
  await openLoss(stage, operator, client);
  await showNamed(stage);
}

/** Of one person's letter nothing stays while another's is looked for. */
function forgetLetter({ root, form }: Stage): void {
  for (const part of ['paper', 'questions', 'held', 'brought']) find(root, `[data-${part}]`).replaceChildren();
  show(form('answers'), false);
  show(find(root, '[data-found]'), false);
}

/** What can be done next: while it is held nothing, before its questions are answered no paper. */
function showStanding(stage: Stage, letter: Letter, templates: readonly Template[]): void {
  const { root, form } = stage;
  if (letter.status !== 'drafted') throw new Wanted('not_open');
  const { status } = letter.asked;
  show(find(root, '[data-found]'), true);
  show(form('print'), status !== 'held');
  show(find(root, '[data-asked]'), status !== 'none');
  show(find(root, '[data-unasked]'), status === 'open');
  show(find(root, '[data-clear]'), status === 'clear');
  show(form('answers'), false);
  find(root, '[data-held]').replaceChildren(...(status === 'held' ? heldNotice(stage, letter) : []));
  if (status === 'held') find(root, '[data-paper]').replaceChildren();
  find(form('paper'), '[data-clauses]').replaceChildren(...clauseFields(stage, letter, templates));
  show(find(root, '[data-bring-in]'), status === 'none' || status === 'clear');
  show(form('paper'), true);
}
