/**
 * A letter's text as an operator of its grantee reads it: whom it is about is masked. Each view of that in full is an entry
 * (identity-views.ts); its subject reads every character of what it signs, and who drafted it had the text in the answer.
 *
 * @module
 */
import { slotsShape } from '#core/consent/letter-text.ts';
import { maskName, maskNumber, maskPhone } from '#core/identifier/mask.ts';
import { type OpenedPart, partName } from '#ledger/vault.ts';
import type { Identity } from './identity.ts';
import type { Words } from './letters.ts';

/** Who the text may name: as the relationship was opened, and as the letter's own slots say it. */
export interface Named {
  readonly identity: Identity | null;
  readonly index: number;
  readonly parts: ReadonlyMap<string, OpenedPart>;
}

export function maskWords({ text, translation }: Words, named: Named): Words {
  const masks = masksOf(named);
  const mask = (words: string | null) =>
    words && masks.reduce((said, [value, masked]) => said.replaceAll(value, masked), words);
  return { text: mask(text), translation: mask(translation) };
}

/** What is masked, and as what; the longest first, so that no part of one is left of another. */
function masksOf({ identity, index, parts }: Named): readonly (readonly [string, string])[] {
  const slots = parts.get(partName(index, 'slots'));
  const subject = slots === undefined ? null : slotsShape(slots.value, 'slots').subject;
  const names = [identity?.name, subject?.name].flatMap((each) => each ?? []);
  const numbers = [identity?.id_number, subject?.id_number].flatMap((each) => each ?? []);
  const phones = [identity?.phone].flatMap((each) => each ?? []);
  return [
    ...names.map((each) => [each, maskName(each)] as const),
    ...numbers.map((each) => [each, maskNumber(each)] as const),
    ...phones.map((each) => [each, maskPhone(each)] as const),
  ]
    .filter(([value]) => value !== '')
    .sort(([a], [b]) => b.length - a.length);
}
