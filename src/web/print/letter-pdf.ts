/**
 * The receipt of a letter on paper, for its subject: what is recorded, the exact text, how to verify it, and what it does not
 * prove. It has names, so it is nobody else's.
 *
 * @module
 */
import { ACTIONS, ANSWERS, GRADE_TEXTS, NOBODY } from '#core/consent/verdict-text.ts';
import type { OwnLetter, ShownClause } from '#service/shown-letter.ts';
import { STATUSES, sayTime, sayUntil } from '../keep/letter-words.ts';
import { join, sayIn, sayList } from '../say.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import type { PrintFonts } from './faces.ts';
import { textBlocks, translationBlocks } from './letter-text.ts';
import { type Block, printSheet } from './sheet.ts';

export interface LetterContent extends OwnLetter {
  /** The absolute address of the public page: what the code opens. */
  readonly url: string;
}

type Spoken = Pick<View, 'lang'>;

/** @param view In which language its fixed words are; the text of the letter is as it was signed. @throws {Failure} `glyph_missing` */
export function letterPdf(content: LetterContent, fonts: PrintFonts, view: Spoken): Promise<Uint8Array> {
  const { letter } = content.verdict;
  const { keep, paper } = wordsOf(view);
  const { receipt: words, struck, page } = paper;
  const blocks: readonly Block[] = [
    { kind: 'title', text: keep.title },
    { kind: 'code', text: letter.check_code },
    ...recorded(content, view),
    { kind: 'heading', text: keep.clauses.title },
    ...content.clauses.flatMap((clause, at) => clauseBlocks(clause, at + 1, view)),
    ...(content.clauses.some(({ status }) => status === 'suspended') ? [line(keep.suspended.body)] : []),
    ...toVerify(content, view),
    { kind: 'heading', text: words.limits },
    line(words.notProven),
    { kind: 'page' },
    ...theText(content, view),
  ];
  const title = words.title(letter.check_code);
  return printSheet(
    {
      ...{ title, lang: view.lang, blocks, time: letter.time, foot: title, struck, page },
      qr: { url: content.url, caption: words.scan },
    },
    fonts,
  );
}

function recorded({ verdict, log, grantee, identifiedBy, name }: LetterContent, view: Spoken): readonly Block[] {
  const { letter, asOf } = verdict;
  const { keep, paper } = wordsOf(view);
  const { record } = keep;
  const { receipt: words } = paper;
  const timeOf = (moment: number) => sayIn(view, sayTime(moment));
  const { evidence, signed_at } = letter;
  return [
    fact(words.result, sayIn(view, ANSWERS[letter.answer])),
    ...(name === null ? [] : [fact(keep.person, name)]),
    fact(record.grantee, grantee ?? letter.grantee),
    fact(record.time, timeOf(letter.time)),
    ...(signed_at === null ? [] : [fact(words.signed, words.signedOf(timeOf(signed_at)))]),
    fact(record.grade, sayIn(view, GRADE_TEXTS[evidence.grade])),
    fact(record.identified, identifiedBy ?? evidence.identified_by ?? sayIn(view, NOBODY)),
    fact(record.log, log),
    fact(record.place, words.place(letter.index, String(asOf))),
    fact(record.leaf, letter.leaf),
    fact(words.letter, letter.letter),
  ];
}

function clauseBlocks(clause: ShownClause, number: number, view: Spoken): readonly Block[] {
  const { action, given, purposes, items, declined, doors, candidates, from, to, status } = clause;
  const { keep, paper } = wordsOf(view);
  const { receipt: words } = paper;
  const choice = given ? keep.clauses.given : keep.clauses.notGiven;
  const start = from === null ? keep.clauses.from : sayIn(view, sayTime(from));
  return [
    { kind: 'bold', text: words.clause(number, sayIn(view, ACTIONS[action]), choice, sayIn(view, STATUSES[status])) },
    line(words.uses(sayList(view, purposes), sayList(view, items))),
    ...(declined.length === 0 ? [] : [line(words.declined(sayList(view, declined)))]),
    ...(doors.length === 0 ? [] : [line(words.doors(join(view, doors)))]),
    ...(candidates.length === 0 ? [] : [line(words.candidates(join(view, candidates)))]),
    line(words.term(start, sayIn(view, sayUntil(to)))),
  ];
}

function toVerify({ url, standing }: LetterContent, view: Spoken): readonly Block[] {
  const { receipt: words } = wordsOf(view).paper;
  return [
    { kind: 'heading', text: words.verify },
    line(words.standing(standing.size, url)),
    line(words.offline),
    line(words.code),
  ];
}

function theText({ text, translation }: LetterContent, view: Spoken): readonly Block[] {
  const { original, receipt } = wordsOf(view).paper;
  if (text === null) return [line(receipt.erased)];
  return [{ kind: 'heading', text: original }, ...textBlocks(text), ...translationBlocks(view, translation)];
}

function fact(label: string, value: string): Block {
  return { kind: 'fact', label, value };
}

function line(text: string): Block {
  return { kind: 'line', text };
}
