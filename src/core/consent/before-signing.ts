/**
 * What a person is asked before a letter is signed: the questions of its template, and whether facts on record are right
 * (domain/users.md 4.6, domain/seeds.md 1.19). An answer that a template says stops, stops the signing for a day.
 *
 * What is answered is personal: it stands in the payload, and the body of its entry says only whether it is clear. The
 * audit judges the answers again while they are there.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { PartyId } from '../ids.ts';
import { type Instant, SIGNED_AHEAD_MAX_MS } from '../instant.ts';
import { sayMoment } from '../letter-template/moment.ts';
import { QUESTIONS_MAX, type Template } from '../letter-template/template.ts';
import { LANGUAGES } from '../letter-template/words.ts';
import { code, id, line, list, nullable, record, type Shape, type ShapeOf } from '../shape.ts';

/** How long nothing is signed after an answer that stops (domain/users.md 4.6: hold 24 h). */
export const STOPPED_MS = 86_400_000;
/** How often the questions of one letter are answered at most. */
export const ANSWERED_MAX = 16;
export const ANSWER_CHARS_MAX = 200;
export const CONFIRMS_MAX = 8;
export const CONFIRM_CHARS_MAX = 300;
export const OWED_CHARS_MAX = 64;
export const RETURN_TO_CHARS_MAX = 2_000;

/** Said of a part of the payload that is there; absent where it is not. */
const present: Shape<true> = (value, at) => {
  if (value === true) return true;
  throw new Failure('entry_invalid', `${at}: want true, or no such field`);
};

/** What a draft's body may say of what is shown before it is signed. Each is absent where there is nothing. */
export const BEFORE_SIGNING = {
  /** Facts on record that the person confirms: which, and who says so. What they say is a part of the payload. */
  confirms: list(record({ id: code, by: id<PartyId>() }), CONFIRMS_MAX),
  /** Where the person goes with the result, and what it will owe: parts of the payload. */
  returns: present,
  owes: present,
};
export type BeforeSigning = {
  readonly confirms?: readonly { readonly id: string; readonly by: PartyId }[];
  readonly returns?: true;
  readonly owes?: true;
};

/** The engine that a draft's body says, and whether something has to be answered before. Drafts of the first engine say neither: they ask nothing. */
export type DraftedBy =
  | { readonly engine: number; readonly asks: boolean }
  | { readonly engine?: never; readonly asks?: never };

export const BEFORE_PARTS = ['confirm', 'return_to', 'owed'] as const;

/** The parts of a draft's payload that come with it. */
export function partsBefore({ confirms, returns, owes }: BeforeSigning): readonly (typeof BEFORE_PARTS)[number][] {
  return [
    ...(confirms === undefined ? [] : ['confirm' as const]),
    ...(returns === undefined ? [] : ['return_to' as const]),
    ...(owes === undefined ? [] : ['owed' as const]),
  ];
}

/**
 * Requires of a draft that it says whether it asks as it is: it does where its template has questions, or shows a fact to
 * be confirmed; and that it shows each fact once.
 *
 * @throws {Failure} `input_invalid`, `entry_invalid`
 */
export function requireAsking(
  { asks, confirms }: Pick<BeforeSigning, 'confirms'> & { readonly asks: boolean },
  template: Template | null,
): void {
  if (confirms !== undefined && new Set(confirms.map((each) => each.id)).size < Math.max(confirms.length, 1)) {
    throw new Failure('input_invalid', 'confirm: want one fact or more, each with an id of its own');
  }
  const isAsking = (template?.teach_back.length ?? 0) > 0 || confirms !== undefined;
  if (asks === isAsking) return;
  throw new Failure(
    'entry_invalid',
    'a letter asks before it is signed where there is something to ask, and only there',
  );
}

/** What a letter shows to be confirmed. Its English, if any, has no authority. */
export const confirmShape = list(
  record({
    id: code,
    zh: line(CONFIRM_CHARS_MAX),
    en: nullable(line(CONFIRM_CHARS_MAX)),
    by: id<PartyId>(),
  }),
  CONFIRMS_MAX,
);
export type Confirm = ShapeOf<typeof confirmShape>;

/** An address of the lender, in ASCII: over TLS, or on the very machine; without a name, password or fragment. */
const HOST = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])`;
const LOOPBACK = String.raw`(?:localhost|127\.0\.0\.1|\[::1\])`;
/** What a path and a query are made of (RFC 3986). */
const REST = "(?:[/?][A-Za-z0-9\\-._~:/?[\\]@!$&'()*+,;=%]*)?";
const RETURN_TO = new RegExp(`^(?:https://${HOST}|http://${LOOPBACK})(?::[0-9]{1,5})?${REST}$`);

export function isReturnTo(text: string): boolean {
  return text.length <= RETURN_TO_CHARS_MAX && RETURN_TO.test(text);
}

export const returnToShape: Shape<string> = (value, at) => {
  const text = line(RETURN_TO_CHARS_MAX)(value, at);
  if (isReturnTo(text)) return text;
  throw new Failure('entry_invalid', `${at}: want an https URL, or one of this machine, without name and fragment`);
};
export const owedShape: Shape<string> = line(OWED_CHARS_MAX);

/** What a person answered: a text to each question, and which facts are right. */
export const answersShape = record({
  answers: list(record({ question: code, answer: line(ANSWER_CHARS_MAX) }), QUESTIONS_MAX),
  confirmed: list(code, CONFIRMS_MAX),
});
export type Answers = ShapeOf<typeof answersShape>;

export const OUTCOMES = ['clear', 'stop'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How the questions of a letter were answered last. */
export type Answered = {
  readonly outcome: Outcome;
  readonly at: number;
  /** Until when nothing is signed, after the last answer that stopped; null: none did. */
  readonly held_until: number | null;
  readonly count: number;
};

/** What a draft has of it. */
interface Asked {
  readonly asks: boolean;
  readonly answered?: Answered;
}

/**
 * Judges answers: clear, unless one of them is what its template says stops.
 *
 * @throws {Failure} `input_invalid`, if a question is not answered, or one that is not asked is; or a fact is not confirmed.
 */
export function judgeAnswers(
  questions: Template['teach_back'],
  { confirms = [] }: Pick<BeforeSigning, 'confirms'>,
  { answers, confirmed }: Answers,
): Outcome {
  const given = new Map(answers.map(({ question, answer }) => [question, plain(answer)]));
  const isWhole = given.size === answers.length && given.size === questions.length;
  if (!isWhole || questions.some((question) => (given.get(question.id) ?? '') === '')) {
    throw new Failure('input_invalid', 'answers: want an answer to each question of the letter, once, and to no other');
  }
  const isConfirmed = confirmed.length === confirms.length && confirms.every((fact) => confirmed.includes(fact.id));
  if (!isConfirmed) {
    throw new Failure(
      'input_invalid',
      'confirmed: want every fact that the letter shows, once; if one is wrong, it is not to be signed',
    );
  }
  const stops = questions.some(({ id: question, stops: stopping }) =>
    stopping.some((words) => LANGUAGES.some((language) => plain(words[language]) === given.get(question))),
  );
  return stops ? 'stop' : 'clear';
}

/** An answer without what does not change it: spaces around it, how it ends, capitals. */
function plain(answer: string): string {
  return answer
    .normalize('NFKC')
    .replace(/[\s。．.!！,，;；]+$/u, '')
    .trim()
    .toLowerCase();
}

/** How a letter stands, as far as its questions go. */
export const ASKED_STATUSES = ['none', 'open', 'held', 'clear'] as const;
export type AskedStatus = (typeof ASKED_STATUSES)[number];

export function askedStatus(draft: Asked, now: Instant): AskedStatus {
  if (!draft.asks) return 'none';
  if (heldUntil(draft, now) !== null) return 'held';
  return draft.answered?.outcome === 'clear' ? 'clear' : 'open';
}

/** Until when a letter is held; null: it is not. */
export function heldUntil({ answered }: Pick<Asked, 'answered'>, now: Instant): number | null {
  const until = answered?.held_until ?? null;
  return until !== null && now < until ? until : null;
}

/** @throws {Failure} `letter_held` */
export function refuseHeld(draft: Pick<Asked, 'answered'>, now: Instant): void {
  const until = heldUntil(draft, now);
  if (until === null) return;
  throw new Failure('letter_held', `an answer stopped the signing: it is held until ${sayMoment(until, 'en')} (UTC+8)`);
}

/**
 * Requires that what a letter asks was answered, and is clear; and that nothing was signed before that was.
 *
 * @throws {Failure} `letter_held`, `teach_back_missing`, `signed_before`
 */
export function requireClear(draft: Asked, now: Instant): void {
  if (draft.asks === false) return;
  refuseHeld(draft, now);
  if (draft.answered?.outcome !== 'clear') {
    throw new Failure('teach_back_missing', 'the questions of this letter were not answered, or not since it was held');
  }
}

/** A signature made while the letter was held, or before its answers, is none of who answered. @throws {Failure} `signed_before` */
export function requireSignedAfter({ answered }: Pick<Asked, 'answered'>, signedAt: Instant): void {
  if (answered === undefined || signedAt >= answered.at - SIGNED_AHEAD_MAX_MS) return;
  throw new Failure('signed_before', 'signed before the questions of the letter were answered');
}

/** What is dated while the letter was held was signed then. @throws {Failure} `signed_before` */
export function requireInkAfter({ answered }: Pick<Asked, 'answered'>, signedAt: Instant): void {
  if (signedAt >= (answered?.held_until ?? 0)) return;
  throw new Failure('signed_before', 'dated within the time that the letter was held, or before it');
}
