/** A letter that was signed on paper: ticked just as the paper is, and brought in by clerk and witness. */
import { bindScan } from '#client/scan.ts';
import { MEDIA_TYPES, type MediaType, SCAN_BYTES_MAX } from '#core/consent/scan.ts';
import type { Instant } from '#core/instant.ts';
import { fileOf, make, textOf, tick, ticksOf } from './dom.ts';
import { momentOf, type Template } from './draft.ts';
import type { Operator } from './keys.ts';
import type { Letter } from './letters.ts';
import { clientOf } from './session.ts';
import { readKeyFile } from './sign-in.ts';
import type { Stage } from './stage.ts';
import { Wanted } from './wanted.ts';

/** The clauses to tick: none is ticked before. @param templates In force, for what items are called. */
export function clauseFields(stage: Stage, { grants }: Letter, templates: readonly Template[]): readonly HTMLElement[] {
  const named = templates.flatMap(({ clauses }) => clauses.flatMap(({ items }) => items));
  const names = new Map(named.map(({ id, name }) => [id, stage.pick(name)]));
  return grants.map((each, at) => clauseField(stage, each, at, names));
}

function clauseField(
  stage: Stage,
  { grant, action, items }: Letter['grants'][number],
  at: number,
  names: ReadonlyMap<string, string>,
): HTMLElement {
  const without = items.map((item) => tick({ name: `without/${grant}`, value: item }, names.get(item) ?? item));
  return make(
    'fieldset',
    {},
    make('legend', {}, `${at + 1} · ${stage.say(`action_${action}`)}`),
    tick({ name: 'given', value: grant }, stage.say('is_given')),
    make('details', {}, make('summary', {}, stage.say('left_out')), ...without),
  );
}

/** Clerk and witness both sign, each with a key of its own; of the scan only a keyed digest leaves this browser. */
export async function bringIn(clerk: Operator, letter: Letter, form: HTMLFormElement) {
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
