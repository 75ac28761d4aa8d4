/** What both pages of a letter's receipt say: what is recorded, how it stands now, and what it does not prove. */
import { html } from 'hono/html';
import type { Said } from '#core/consent/explain-text.ts';
import { ACTIONS, ANSWERS, GRADE_TEXTS, NOBODY } from '#core/consent/verdict-text.ts';
import type { ShownClause, ShownLetter } from '#service/shown-letter.ts';
import type { Html, Inner } from '../html.ts';
import { checkCode } from '../parts/check-code.ts';
import { type Fact, factList } from '../parts/facts.ts';
import { notice } from '../parts/notice.ts';
import { qrFrame } from '../parts/qr-frame.ts';
import { section, sheet } from '../parts/sheet.ts';
import { join, sayIn, sayList } from '../say.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { STATUSES, sayTime, sayUntil } from './letter-words.ts';
import { qrCode } from './qr.ts';

export function answered(view: View, { verdict: { letter } }: ShownLetter): Html {
  const { keep } = wordsOf(view);
  const isGiven = letter.answer !== 'declined';
  const title = sayIn(view, ANSWERS[letter.answer]);
  return notice(view, { kind: isGiven ? 'done' : 'info', title, body: isGiven ? keep.given : keep.refused });
}

/** Where it is said that a clause waits, since entries were lost after it was signed; nothing elsewhere. @param isOwn Of its subject. */
export function suspended(view: View, { clauses: all }: ShownLetter, isOwn: boolean): Html | '' {
  if (!all.some(({ status }) => status === 'suspended')) return '';
  const { title, body, own } = wordsOf(view).keep.suspended;
  const way = isOwn ? html`<p class="unprinted"><a href="/me">${own}</a></p>` : '';
  return notice(view, { kind: 'warn', title, body: html`<p>${body}</p>${way}` });
}

export function recorded(view: View, { verdict: { letter, asOf }, log, grantee, identifiedBy }: ShownLetter): Html {
  const { record } = wordsOf(view).keep;
  const { evidence } = letter;
  const coded = (code: string, name: string | null): Inner => name ?? html`<code>${code}</code>`;
  const by = evidence.identified_by;
  return section(
    record.title,
    sheet(
      factList([
        [record.grantee, coded(letter.grantee, grantee)],
        [record.time, sayIn(view, sayTime(letter.time))],
        ...(letter.signed_at === null ? [] : [[record.signed, sayIn(view, sayTime(letter.signed_at))] as const]),
        [record.grade, sayIn(view, GRADE_TEXTS[evidence.grade])],
        [record.identified, by === null ? sayIn(view, NOBODY) : coded(by, identifiedBy)],
        [wordsOf(view).parts.checkCode, checkCode(view, letter.check_code)],
        [record.log, html`<code>${log}</code>`],
        [record.place, record.placeOf(letter.index, String(asOf ?? '—'))],
        [record.leaf, html`<code>${letter.leaf}</code>`],
      ]),
    ),
  );
}

export function clauses(view: View, { clauses: all, standing }: ShownLetter): Html {
  const words = wordsOf(view).keep.clauses;
  return section(
    words.title,
    html`${all.map((each) => clause(view, each))}
<p class="soft">${words.asOf(standing.size, sayIn(view, sayTime(standing.time)))}</p>`,
  );
}

function clause(view: View, shown: ShownClause): Html {
  const words = wordsOf(view).keep.clauses;
  const { action, given, status, purposes, items, declined, doors, candidates, from, to } = shown;
  const start = from === null ? words.from : sayIn(view, sayTime(from));
  const facts: readonly Fact[] = [
    [words.choice, given ? words.given : words.notGiven],
    [words.now, sayIn(view, STATUSES[status])],
    [words.why, sayList(view, purposes)],
    [words.data, sayList(view, items)],
    ...some(declined, (each): Fact => [words.left, sayList(view, each)]),
    ...some(doors, (each): Fact => [words.doors, join(view, each)]),
    ...some(candidates, (each): Fact => [words.candidates, join(view, each)]),
    [words.term, words.termOf(start, sayIn(view, sayUntil(to)))],
  ];
  return sheet(html`<h3>${sayIn(view, ACTIONS[action])}</h3>${factList(facts)}`);
}

/** A fact where there is anything to say. */
function some<T extends Said | string>(all: readonly T[], say: (all: readonly T[]) => Fact): readonly Fact[] {
  return all.length === 0 ? [] : [say(all)];
}

export function notProven(view: View): Html {
  const { proves } = wordsOf(view).keep;
  return section(proves.title, sheet(html`<p>${proves.does}</p><p>${proves.doesNot}</p>`));
}

export interface File {
  readonly path: string;
  readonly said: string;
}

/** @param url The absolute address of the public page. */
export function toKeep(view: View, url: string, files: readonly File[]): Html {
  const words = wordsOf(view).keep.files;
  return section(
    words.title,
    html`${qrFrame(view, { image: qrCode(url), label: words.code, href: url })}
<div class="unprinted">
${files.map((file) => html`<p><a href="${file.path}" download>${file.said}</a></p>`)}
<p><a href="/verify">${wordsOf(view).receipt.verify.page}</a></p>
<pre>npx assent verify receipt.json</pre>
</div>`,
  );
}
