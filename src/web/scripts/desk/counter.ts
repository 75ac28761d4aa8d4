/** `/desk/counter`: a letter on paper, printed and brought in by two operators; and keys that persons have lost. */
import { signKeyLoss } from '#client/key-end.ts';
import { bindScan } from '#client/scan.ts';
import { MEDIA_TYPES, type MediaType, SCAN_BYTES_MAX } from '#core/consent/scan.ts';
import { SALT_BYTES } from '#core/hash.ts';
import { type Handle, parseId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { facts, fileOf, find, make, show, textOf, tick, ticksOf } from './dom.ts';
import { momentOf } from './draft.ts';
import { type Operator, signingKeyOf } from './keys.ts';
import { findLetter, type Letter, offerKept, showNamed } from './letters.ts';
import { clientOf, type DeskClient, requireOperator } from './session.ts';
import { readKeyFile } from './sign-in.ts';
import type { Stage } from './stage.ts';
import { Wanted } from './wanted.ts';

export async function openCounter(stage: Stage): Promise<void> {
  const { operator, client } = await requireOperator();
  let letter: Letter | undefined;
  const paper = stage.form('paper');
  stage.onSubmit('find', async (form) => {
    letter = await findLetter(client, textOf(form, 'letter'));
    showClauses(stage, paper, letter);
    show(find(stage.root, '[data-found]'), true);
  });
  stage.onSubmit('print', async () => {
    if (letter === undefined) throw new Wanted('want_letter');
    await printLetter(stage, client, operator, letter);
  });
  stage.onSubmit('paper', async (form) => {
    if (letter === undefined) throw new Wanted('want_letter');
    const made = await bringIn(operator, letter, form);
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

/** The clauses to tick just as they are ticked on the paper: none is ticked before. */
function showClauses(stage: Stage, form: HTMLFormElement, letter: Letter): void {
  find(form, '[data-clauses]').replaceChildren(...letter.grants.map((each, at) => clauseField(stage, each, at)));
  show(form, letter.status === 'drafted');
  if (letter.status !== 'drafted') throw new Wanted('not_open');
}

function clauseField(stage: Stage, { grant, action, items }: Letter['grants'][number], at: number): HTMLElement {
  const without = items.map((item) => tick({ name: `without/${grant}`, value: item }, item));
  return make(
    'fieldset',
    {},
    make('legend', {}, `${at + 1} · ${stage.say(`action_${action}`)}`),
    tick({ name: 'given', value: grant }, stage.say('is_given')),
    make('details', {}, make('summary', {}, stage.say('left_out')), ...without),
  );
}

/** The text says who its subject is, so that it is looked at is an entry first. */
async function printLetter(stage: Stage, client: DeskClient, { party }: Operator, letter: Letter): Promise<void> {
  await client.viewIdentity(letter.handle, {
    principal: party,
    fields: ['id_number', 'name'],
    why: 'verify_paper',
  });
  const boxes = letter.grants.map(({ action }, at) => make('p', {}, `□ ${at + 1} · ${stage.say(`action_${action}`)}`));
  find(stage.root, '[data-paper]').replaceChildren(
    make('pre', { class: 'letter', lang: 'zh-CN' }, letter.text ?? stage.say('erased')),
    ...boxes,
    make('p', {}, `${stage.say('sign_here')}：____________________　${stage.say('date_here')}：__________`),
    make('p', {}, `${stage.say('clerk')}：____________　${stage.say('witness')}：____________`),
    make('p', {}, `${stage.say('letter_id')}：${letter.letter}`),
  );
  window.print();
}

/** Clerk and witness both sign, each with a key of its own; of the scan only a keyed digest leaves this browser. */
async function bringIn(clerk: Operator, letter: Letter, form: HTMLFormElement) {
  const file = fileOf(form, 'scan');
  const type = MEDIA_TYPES.find((each) => each === file?.type);
  if (file === undefined || type === undefined || file.size > SCAN_BYTES_MAX) throw new Wanted('want_scan', 'scan');
  const signed_at = momentOf(textOf(form, 'signed_on'), 'signed_on', Date.now()) as Instant;
  const witness = await readKeyFile(clerk.party, fileOf(form, 'key'));
  if (witness.publicKey === clerk.publicKey) throw new Wanted('want_other_key', 'key');
  const scan = await scanOf(file, type);
  const given = ticksOf(form, 'given');
  const grants = letter.grants.map(({ grant }) => ({
    grant,
    given: given.includes(grant),
    ...withoutOf(form, grant, given.includes(grant)),
  }));
  const body = { principal: clerk.party, grants, signed_at, scan };
  return clientOf(clerk, witness).signLetterOnPaper(letter.letter, body);
}

async function scanOf(file: File, type: MediaType): Promise<ReturnType<typeof bindScan>> {
  return bindScan(new Uint8Array(await file.arrayBuffer()), type);
}

function withoutOf(form: HTMLFormElement, grant: string, isGiven: boolean): { declined_items?: string[] } {
  const items = isGiven ? ticksOf(form, `without/${grant}`) : [];
  return items.length === 0 ? {} : { declined_items: [...items] };
}

/** Only who identifies persons says that one has lost a key: the others are not shown how. */
async function openLoss(stage: Stage, operator: Operator, client: DeskClient): Promise<void> {
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
