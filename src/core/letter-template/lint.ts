/**
 * Lint of letters: what in a text or a template goes against law or practice, with the sentence, the reason, the article
 * and a better wording (domain/law.md 2.10, L01 to L22). A template with an error is not published.
 *
 * @module
 */

import type { Json } from '../canonical.ts';
import { isObject } from '../shape.ts';
import {
  type Citation,
  type Flaw,
  type KindsOf,
  type LetterText,
  type LintRule,
  type Spot,
  says,
} from './lint/rule.ts';
import { RULES } from './lint/rules.ts';
import { sentencesOf } from './lint/sentences.ts';
import type { Template } from './template.ts';
import type { Words } from './words.ts';

/** Longer texts are no letters; the patterns stay fast below it. */
export const LINT_TEXT_MAX = 50_000;

/** What is looked through: a text, a template, or a template with the text made from it. */
export type LintInput =
  | { readonly text: string; readonly template: Template | null }
  | { readonly text: null; readonly template: Template };

/** Where it was found: in the text, from 0 in UTF-16 code units; or in the template, by a path. */
export type FoundAt =
  | { readonly kind: 'text'; readonly offset: number }
  | { readonly kind: 'template'; readonly path: string };

export interface Finding {
  /** L01 to L22. */
  readonly rule: string;
  readonly severity: LintRule['severity'];
  /** The sentence of the text, or what stands at the path. */
  readonly sentence: string;
  readonly at: FoundAt;
  readonly why: Words;
  readonly law: readonly Citation[];
  readonly better: Words;
}

/**
 * The kinds of items that law names itself: the six of 条例 14§2, and of these the financial accounts of PIPL 28. What
 * others a pack knows, the caller says.
 */
export const lawKindsOf: KindsOf = (item) => LAW_KINDS.get(item) ?? [];

const LAW_KINDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['income', ['asset']],
  ['deposits', ['asset', 'sensitive']],
  ['securities', ['asset', 'sensitive']],
  ['insurance', ['asset']],
  ['real_estate', ['asset']],
  ['tax_amount', ['asset']],
]);

/** Runs every rule, in the order of their ids, and within a rule in the order of the text. */
export function lintLetter(input: LintInput, kindsOf: KindsOf = lawKindsOf): readonly Finding[] {
  const letter = input.text === null ? null : { text: input.text, sentences: sentencesOf(input.text) };
  const { template } = input;
  const texts = template === null ? [] : [...textsOf(template, '')];
  return RULES.flatMap((rule) => [
    ...(letter === null ? [] : spotsIn(rule, letter).map((spot) => findingAt(rule, spot))),
    ...(template === null ? [] : [...flawsOf(rule, texts), ...rule.inTemplate(template, kindsOf)]).map((flaw) =>
      findingIn(rule, flaw),
    ),
  ]);
}

/** Whether something found keeps a template from being published. */
export function hasError(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

function spotsIn(rule: LintRule, letter: LetterText): readonly Spot[] {
  const spots = [
    ...letter.sentences.filter((sentence) => rule.phrases.some((phrase) => says(sentence, phrase))),
    ...rule.inText(letter),
  ];
  // A sentence is found once by a rule, however often it is wrong.
  return [...new Map(spots.map((spot) => [spot.offset, spot])).values()].sort((a, b) => a.offset - b.offset);
}

/** Words that are wrong in the texts that a template adds of its own. */
function flawsOf(rule: LintRule, texts: readonly Flaw[]): readonly Flaw[] {
  return texts.flatMap(({ path, said }) =>
    sentencesOf(said)
      .filter((sentence) => rule.phrases.some((phrase) => says(sentence, phrase)))
      .map(({ raw }) => ({ path, said: raw })),
  );
}

/** Every Chinese text of a template, with its path. */
function* textsOf(value: Json, path: string): Generator<Flaw> {
  if (Array.isArray(value)) {
    for (const [at, each] of value.entries()) yield* textsOf(each, `${path}[${at}]`);
  } else if (isObject(value)) {
    for (const [name, each] of Object.entries(value)) {
      const inner = path === '' ? name : `${path}.${name}`;
      if (name === 'zh' && typeof each === 'string') yield { path: inner, said: each };
      else yield* textsOf(each, inner);
    }
  }
}

function findingAt(rule: LintRule, { raw, offset }: Spot): Finding {
  return { ...saidBy(rule), sentence: raw, at: { kind: 'text', offset } };
}

function findingIn(rule: LintRule, { path, said }: Flaw): Finding {
  return { ...saidBy(rule), sentence: said, at: { kind: 'template', path } };
}

function saidBy({
  rule,
  severity,
  why,
  law,
  better,
}: LintRule): Pick<Finding, 'rule' | 'severity' | 'why' | 'law' | 'better'> {
  return { rule, severity, why, law, better };
}
