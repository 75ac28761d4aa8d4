/** What a file shows: its verdict axis by axis, what is recorded, who signed what, and what nobody but the ledger says. */

import type { AccessSummary } from '#core/consent/access-summary.ts';
import { CONTINUED, sayContinued } from '#core/consent/continued-text.ts';
import type { ErasureSummary } from '#core/consent/erasure-summary.ts';
import type { LetterClause, LetterSummary } from '#core/consent/letter-summary.ts';
import type { Verdict } from '#core/consent/verdict.ts';
import {
  ACTIONS,
  ANSWERS,
  AXIS_TEXTS,
  CLASS_TEXTS,
  ERASURE_LIMITS,
  GRADE_TEXTS,
  type Meaning,
  NOBODY,
} from '#core/consent/verdict-text.ts';
import type { VerifiedSignature } from '#core/consent/verify-evidence.ts';
import type { Witnessing } from '#core/consent/witnessing.ts';
import { facts, make } from '../desk/dom.ts';
import type { Examined } from './examine.ts';
import { type StampShown, sayStamp } from './stamp.ts';
import type { Tongue } from './words.ts';

type Fact = readonly [term: string, said: Node | string];

export function showExamined(tongue: Tongue, examined: Examined, log: string): HTMLElement {
  const { file, verdict, trouble, stamp } = examined;
  const body =
    verdict === null || trouble !== null ? failed(tongue, examined) : recorded(tongue, verdict, { log, stamp });
  return make('section', { class: 'examined' }, make('h3', {}, file), ...body);
}

function notice(kind: 'done' | 'warn' | 'stop', word: string, ...body: readonly (Node | string)[]): HTMLElement {
  return make(
    'div',
    { class: `notice ${kind}` },
    make('p', { class: 'notice-title' }, make('span', { class: 'kind' }, word)),
    make('div', { class: 'notice-body' }, ...body),
  );
}

function failed({ words, pick }: Tongue, { verdict, trouble }: Examined): readonly HTMLElement[] {
  const { what, next } = words.trouble[trouble ?? 'other'];
  const { word, means } = AXIS_TEXTS.recorded[verdict?.recorded ?? 'invalid'];
  const isDiverged = verdict?.recorded === 'diverged';
  const { problem = null } = verdict ?? {};
  return [
    notice(
      'stop',
      pick(word),
      ...(isDiverged
        ? [make('p', {}, pick(means))]
        : [make('p', {}, what), make('p', {}, make('strong', {}, words.results.next), ' ', next)]),
      ...(problem === null
        ? []
        : [
            make(
              'p',
              { class: 'small' },
              `${words.results.detail} `,
              make('span', { lang: 'en' }, `${problem.message} `, make('code', {}, problem.code)),
            ),
          ]),
    ),
  ];
}

interface Beside {
  /** The name of the log. */
  readonly log: string;
  readonly stamp: StampShown | null;
}

function recorded(tongue: Tongue, verdict: Verdict, beside: Beside): readonly HTMLElement[] {
  const { words, pick } = tongue;
  const { access, letter, erasure } = verdict;
  const { word, means } = AXIS_TEXTS.recorded[verdict.recorded];
  return [
    notice(verdict.recorded === 'stale' ? 'warn' : 'done', pick(word), make('p', {}, pick(means))),
    sheet(words.axes.title, facts(axesOf(tongue, verdict, beside))),
    ...(verdict.continued ?? []).map((each) =>
      notice('warn', pick(CONTINUED), ...sayContinued(each).map((said) => make('p', {}, pick(said)))),
    ),
    ...(access === null ? [] : [sheet(words.about.access, facts(accessFacts(tongue, verdict, access)))]),
    ...(letter === null ? [] : [letterSheet(tongue, verdict, letter)]),
    ...(erasure === null ? [signedSheet(tongue, verdict)] : [erasureSheet(tongue, verdict, erasure)]),
    sheet(words.attested.title, attestedList(tongue, verdict)),
    sheet(words.limits.title, make('p', {}, erasure === null ? words.limits.body : pick(ERASURE_LIMITS))),
  ];
}

function sheet(title: string, ...body: readonly HTMLElement[]): HTMLElement {
  return make('div', { class: 'sheet' }, make('h4', {}, title), ...body);
}

function axesOf(tongue: Tongue, verdict: Verdict, { log, stamp }: Beside): readonly Fact[] {
  const { words, pick } = tongue;
  const { axes } = words;
  const about = verdict.access ?? verdict.letter ?? verdict.erasure;
  const meaning = ({ word, means }: Meaning) =>
    make('div', {}, make('strong', {}, pick(word)), make('p', { class: 'soft' }, pick(means)));
  return [
    [axes.recorded, meaning(AXIS_TEXTS.recorded[verdict.recorded])],
    ...witnessFacts(tongue, verdict.witnessing),
    [axes.decision, meaning(AXIS_TEXTS.decision[verdict.decision])],
    [axes.payload, meaning(AXIS_TEXTS.payload[verdict.payload])],
    [axes.asOf, axes.asOfMeans(verdict.asOf ?? 0)],
    ...(stamp === null ? [] : [[axes.time, sayStamp(tongue, stamp)] as const]),
    ...(verdict.followed_to === undefined ? [] : [[axes.logKey, axes.logKeyMeans(verdict.followed_to)] as const]),
    [axes.place, axes.placeOf(about?.index ?? 0)],
    [axes.code, make('span', { class: 'check-code' }, about?.check_code ?? '')],
    [axes.log, make('code', {}, log)],
  ];
}

/** Who cosigned, each at its own clock's time. Without a policy nobody was asked for. */
function witnessFacts({ words, moment }: Tongue, witnessing: Witnessing | null): readonly Fact[] {
  const { axes } = words;
  if (witnessing === null) return [[axes.quorum, axes.unasked]];
  const { quorum, since, cosigned } = witnessing;
  const one = ({ name, organisation, time }: Witnessing['cosigned'][number]) =>
    make('li', {}, axes.cosigner(name, organisation, moment(time)));
  return [
    [axes.quorum, make('strong', { class: quorum === 'met' ? 'allow' : 'deny' }, axes.quorums[quorum])],
    ...(since === null ? [] : [[axes.since, moment(since)] as const]),
    [axes.cosigned, cosigned.length === 0 ? axes.nobody : make('ul', {}, ...cosigned.map(one))],
  ];
}

/** By its name where the receipt shows one; else as it is written. */
function named({ pick }: Tongue, { names }: Verdict, id: string): string {
  const name = Object.hasOwn(names, id) ? names[id] : undefined;
  if (name === undefined) return id;
  const said = pick(name);
  return said === id ? id : `${said} (${id})`;
}

function accessFacts(tongue: Tongue, verdict: Verdict, access: AccessSummary): readonly Fact[] {
  const { words, pick, list, moment } = tongue;
  const { about } = words;
  const name = (id: string) => named(tongue, verdict, id);
  const action = ACTIONS[access.action as keyof typeof ACTIONS];
  const result = access.decision === 'allow' ? about.allow : `${about.deny} ${access.codes.join(' ')}`;
  return [
    [about.result, make('strong', { class: access.decision }, result)],
    [about.who, name(access.principal)],
    [about.what, action === undefined ? access.action : pick(action)],
    [about.why, name(access.purpose)],
    [about.data, list(access.items.map(name))],
    [about.door, access.door === null ? about.none : name(access.door)],
    [about.recordedAt, moment(access.time)],
  ];
}

function letterSheet(tongue: Tongue, verdict: Verdict, letter: LetterSummary): HTMLElement {
  const { words, pick, moment } = tongue;
  const { about } = words;
  const { evidence } = letter;
  const by = evidence.identified_by;
  return sheet(
    about.letter,
    facts([
      [about.answer, make('strong', {}, pick(ANSWERS[letter.answer]))],
      [about.grantee, named(tongue, verdict, letter.grantee)],
      [about.recordedAt, moment(letter.time)],
      ...(letter.signed_at === null ? [] : [[about.signedAt, moment(letter.signed_at)] as const]),
      [about.grade, pick(GRADE_TEXTS[evidence.grade])],
      [about.identified, by === null ? pick(NOBODY) : named(tongue, verdict, by)],
    ]),
    ...letter.clauses.map((clause) => clauseOf(tongue, verdict, clause)),
  );
}

function clauseOf(tongue: Tongue, verdict: Verdict, clause: LetterClause): HTMLElement {
  const { words, pick, list, until } = tongue;
  const { about } = words;
  const { action, purposes, items, declined_items, doors, to, given } = clause;
  const name = (id: string) => named(tongue, verdict, id);
  const taken = items.filter((item) => !declined_items.includes(item));
  return make(
    'div',
    { class: 'clause' },
    make('h5', {}, pick(ACTIONS[action])),
    facts([
      [about.choice, make('strong', { class: given ? 'allow' : 'deny' }, given ? about.given : about.notGiven)],
      [about.why, list(purposes.map(name))],
      [about.data, list(taken.map(name))],
      ...(declined_items.length === 0 ? [] : [[about.declined, list(declined_items.map(name))] as const]),
      [about.door, list(doors.map(name))],
      [about.until, until(to)],
    ]),
  );
}

function erasureSheet(tongue: Tongue, verdict: Verdict, erasure: ErasureSummary): HTMLElement {
  const { words, pick, list, moment } = tongue;
  const { about, erased } = words;
  const rules = (by: readonly string[]) => list(by.map((id) => pick(verdict.names[id] ?? { zh: id, en: id })));
  const rows = (until: number | null, by: readonly string[]): readonly Fact[] => [
    [about.until, until === null ? erased.open : moment(until)],
    ...(by.length === 0 ? [] : [[erased.by, rules(by)] as const]),
  ];
  return sheet(
    erased.title,
    facts([
      [erased.of, erased.streams[erasure.of === 'person' || erasure.of === 'refused' ? erasure.of : 'rel']],
      [about.recordedAt, moment(erasure.time)],
      [erased.through, erased.throughOf(erasure.through)],
    ]),
    ...erasure.classes.map(({ class: of, parts, kept_until, by }) =>
      make(
        'div',
        { class: 'clause' },
        make('h5', {}, pick(CLASS_TEXTS[of])),
        facts([[erased.went, erased.parts(parts)], ...(kept_until === null ? [] : rows(kept_until, by))]),
      ),
    ),
    ...erasure.kept.map(({ class: of, kept_until, by }) =>
      make(
        'div',
        { class: 'clause' },
        make('h5', {}, pick(CLASS_TEXTS[of])),
        facts([[erased.went, make('strong', {}, erased.stays)], ...rows(kept_until, by)]),
      ),
    ),
  );
}

function signedSheet(tongue: Tongue, verdict: Verdict): HTMLElement {
  const { words } = tongue;
  const { signatures } = verdict;
  if (signatures.length === 0) return sheet(words.signed.title, make('p', {}, words.signed.none));
  return sheet(words.signed.title, ...signatures.map((each) => signatureOf(tongue, verdict, each)));
}

function signatureOf(tongue: Tongue, verdict: Verdict, signed: VerifiedSignature): HTMLElement {
  const { words, pick } = tongue;
  const { signed: said, about } = words;
  const { seq, type, by, kind, key, identified_by, text, signature } = signed;
  const isVerified = signature === 'verified';
  const how = isVerified ? said.verified : said.notChecked;
  return make(
    'div',
    { class: 'clause' },
    make('h5', {}, said.one(seq, type)),
    facts([
      [said.status, make('strong', { class: isVerified ? 'allow' : 'deny' }, how)],
      [said.kind, by === 'session' ? `${said.kinds[kind]}${about.comma}${said.bySession}` : said.kinds[kind]],
      [about.identified, identified_by === null ? pick(NOBODY) : named(tongue, verdict, identified_by)],
      [said.key, make('code', {}, key)],
    ]),
    ...(text === null ? [] : [textOf(said.text, text)]),
  );
}

function textOf(title: string, text: string): HTMLElement {
  return make('details', { class: 'letter' }, make('summary', {}, title), make('div', { class: 'text' }, text));
}

function attestedList({ words, pick }: Tongue, verdict: Verdict): HTMLElement {
  if (verdict.facts.length === 0) return make('p', {}, words.attested.none);
  return make('ul', {}, ...verdict.facts.map((fact) => make('li', {}, pick(fact))));
}
