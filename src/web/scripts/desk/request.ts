/** `/desk/request`: a subject is enrolled, a letter drafted from a template, and its link shown as text and as a code. */
import type { Client } from '#client/client.ts';

import type { Handle, PartyId } from '#core/ids.ts';

import { clauseFields, reachedOf, recordFields, recordsOf, tickedOf } from './clauses.ts';
import { documentOf } from './document.ts';
import { find, make, show, textOf } from './dom.ts';
import { bothOf, dayIn, draftingOf, isPhone, type LetterHead, type Subject, type Template } from './draft.ts';
import { linkTo } from './link.ts';
import { textOfLetter } from './seen.ts';
import { type DeskClient, requireOperator } from './session.ts';
import type { Stage } from './stage.ts';
import { keep, keepLetter, loadKept } from './store.ts';
import { Wanted } from './wanted.ts';

type Enrolment = Parameters<Client['enrol']>[0];

interface Enrolled {
  readonly handle: Handle;
  readonly kind: Enrolment['subject'];
  readonly subject: Subject;
}

const GRANT_DAYS = 365;
const SIGN_DAYS = 7;

export async function openRequest(stage: Stage): Promise<void> {
  const { operator, client } = await requireOperator();
  const { templates } = await client.listTemplates();
  let enrolled: Enrolled | undefined;
  let template: Template | undefined;
  const letter = stage.form('letter');

  stage.onSubmit('enrol', async (form) => {
    enrolled = await enrolFrom(stage, client, operator.party, form);
    for (const field of form.querySelectorAll<HTMLInputElement>('input, select')) field.disabled = true;
    show(find(form, 'button'), false);
    offerTemplates(stage, letter, templates, enrolled.kind);
    show(letter, true);
    letter.querySelector<HTMLElement>('select')?.focus();
  });

  find<HTMLSelectElement>(letter, 'select[name="template"]').addEventListener('change', ({ target }) => {
    template = templates[Number((target as HTMLSelectElement).value)];
    const fields = template === undefined ? [] : clauseFields(stage, template);
    find(letter, '[data-clauses]').replaceChildren(...fields);
    const records = template === undefined ? [] : recordFields(stage, template);
    find(letter, '[data-records]').replaceChildren(...records);
  });

  stage.onSubmit('letter', async (form) => {
    if (enrolled === undefined) throw new Wanted('want_subject');
    if (template === undefined) throw new Wanted('want_template', 'template');
    const { handle, subject } = enrolled;
    const letterhead = letterheadOf(form);
    const ticked = tickedOf(form, template);
    const drafting = draftingOf(
      { principal: operator.party, handle },
      {
        template,
        ticked,
        last: textOf(form, 'last'),
        signBy: textOf(form, 'sign_by'),
        letterNo: textOf(form, 'letter_no'),
        letterhead,
        subject: { ...subject, loan_card: textOf(form, 'loan_card'), signatory: textOf(form, 'signatory') },
        reached: reachedOf(form, template, ticked),
        owed: textOf(form, 'owed'),
        returnTo: textOf(form, 'return_to'),
        confirm: recordsOf(form, template, operator.party),
      },
      Date.now(),
    );
    const drafted = await client.draftLetter(drafting);
    // Kept once the ledger took it: what was mistyped is not offered again.
    await keep('letterhead', letterhead);
    keepLetter(drafted.letter);
    show(form, false);
    showDrafted(stage, drafted);
  });

  await fillLetter(letter);
}

/** What a clerk mistyped is told at its field, before it leaves this page. */
async function enrolFrom(
  stage: Stage,
  client: DeskClient,
  principal: PartyId,
  form: HTMLFormElement,
): Promise<Enrolled> {
  const said = { name: textOf(form, 'name'), phone: textOf(form, 'phone') || null };
  if (said.name === '') throw new Wanted('want_name', 'name');
  const identity = { ...documentOf(form), ...said };
  if (identity.phone !== null && !isPhone(identity.phone)) throw new Wanted('want_phone', 'phone');
  const kind = textOf(form, 'subject') as Enrolment['subject'];
  const { handle } = await client.enrol({ principal, subject: kind, identity });
  const { name, id_number, id_type } = identity;
  const subject = { name, id_number, id_type: stage.pair(`id_${id_type}`), loan_card: '', signatory: '' };
  return { handle, kind, subject };
}

/** Those for such a subject, each by its place among all. */
function offerTemplates(
  stage: Stage,
  form: HTMLFormElement,
  templates: readonly Template[],
  kind: Enrolled['kind'],
): void {
  const select = find<HTMLSelectElement>(form, 'select[name="template"]');
  // Two packs may call theirs the same.
  const titles = templates.map(({ title }) => stage.pick(title));
  const isShared = (title: string) => titles.indexOf(title) !== titles.lastIndexOf(title);
  const nameOf = ({ title, pack }: Template) =>
    isShared(stage.pick(title)) ? `${stage.pick(title)}（${pack}）` : stage.pick(title);
  const options = templates.flatMap((each, at) =>
    each.subject === kind ? [make('option', { value: String(at) }, nameOf(each))] : [],
  );
  if (options.length === 0) throw new Wanted('no_template');
  select.replaceChildren(make('option', { value: '' }, stage.say('choose')), ...options);
}

async function fillLetter(form: HTMLFormElement): Promise<void> {
  const now = Date.now();
  const letterhead = await loadKept('letterhead');
  const values: Readonly<Record<string, string>> = {
    last: dayIn(GRANT_DAYS, now),
    sign_by: dayIn(SIGN_DAYS, now),
    ...(letterhead === undefined
      ? {}
      : {
          uscc: letterhead.uscc,
          licence_zh: letterhead.licence.zh,
          licence_en: letterhead.licence.en,
          contact_zh: letterhead.contact.zh,
          contact_en: letterhead.contact.en,
        }),
  };
  for (const [name, value] of Object.entries(values)) find<HTMLInputElement>(form, `[name="${name}"]`).value = value;
}

function letterheadOf(form: HTMLFormElement): LetterHead {
  const of = (name: string) => bothOf({ zh: textOf(form, `${name}_zh`), en: textOf(form, `${name}_en`) });
  return { uscc: textOf(form, 'uscc'), licence: of('licence'), contact: of('contact') };
}

type Drafted = Awaited<ReturnType<Client['draftLetter']>>;

/** The way to the letter's page, which says nothing of anybody and is all that is printed; and the text that the ledger made. */
function showDrafted(stage: Stage, drafted: Drafted): void {
  const { letter, text, translation, sign_path } = drafted;
  const out = find(stage.root, '[data-drafted]');
  out.replaceChildren(
    make('h2', { tabindex: '-1' }, stage.say('drafted')),
    ...linkTo(stage, sign_path),
    make('p', {}, `${stage.say('letter_id')}：`, make('code', { 'data-letter-id': true }, letter)),
    make(
      'div',
      { class: 'unprinted' },
      make('p', {}, make('a', { href: `/desk/letters#${letter}` }, stage.say('to_letter'))),
      make('h3', {}, stage.say('text_made')),
      textOfLetter(stage, text ?? ''),
      ...(translation === null ? [] : [translationOf(stage, translation)]),
    ),
  );
  show(out, true);
  find(out, 'h2').focus();
}

function translationOf(stage: Stage, text: string): HTMLElement {
  const pre = make('pre', { class: 'letter', lang: 'en', tabindex: '0' }, text);
  return make('details', {}, make('summary', {}, stage.say('translation')), pre);
}
