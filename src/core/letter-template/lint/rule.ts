/**
 * What one rule of lint is: what it finds in words, in the text as a whole, and in a template; why that is wrong, and
 * what would be right.
 *
 * That letters have these faults is known from eight public texts (`S`); the severities are a recommendation (`rec`) where
 * law.md 2.10 gives none; each article says for itself how well it is known.
 *
 * A rule says what is probably wrong; it is a help for who drafts, and no legal advice. It must not cry wolf: where a
 * letter says that something is *not* so, it is not found.
 *
 * @module
 */

import type { Template } from '../template.ts';
import type { EVIDENCES, Words } from '../words.ts';
import { type Sentence, segmentAt } from './sentences.ts';

/** A law, by its id in the pack cn-credit, and the article as one cites it. */
export interface Citation {
  readonly doc: keyof typeof LAWS;
  readonly art: string;
  readonly evidence: (typeof EVIDENCES)[number];
}

/** The laws that rules cite. */
export const LAWS = {
  'credit-regulation': {
    zh: '征信业管理条例',
    en: 'Regulation on the Administration of the Credit Reporting Industry',
  },
  'credit-measures': {
    zh: '征信业务管理办法',
    en: 'Measures for the Administration of Credit Reporting Business',
  },
  pipl: { zh: '个人信息保护法', en: 'Personal Information Protection Law' },
  'network-data-regulation': {
    zh: '网络数据安全管理条例',
    en: 'Regulation on the Administration of Network Data Security',
  },
  'civil-code': { zh: '民法典', en: 'Civil Code' },
} as const satisfies Readonly<Record<string, Words>>;

/** What rules of law know an item by (pack cn-credit). */
export type KindsOf = (item: string) => readonly string[];

/** A text and its sentences. */
export interface LetterText {
  readonly text: string;
  readonly sentences: readonly Sentence[];
}

/** Something found in a text: the sentence, by its place. */
export type Spot = Pick<Sentence, 'raw' | 'offset'>;

/** Something found in a template: the path of a field, and what stands there. */
export interface Flaw {
  readonly path: string;
  readonly said: string;
}

/** Words that are wrong. */
export interface Phrase {
  /** Over the folded sentence; with the flags `g` and `u`. */
  readonly pattern: RegExp;
  /** What excuses them, anywhere in the segment they stand in; null: nothing but a denial right before them. */
  readonly unlessNear: RegExp | null;
  /** What excuses them, anywhere in the sentence. */
  readonly unlessWith: RegExp | null;
}

export interface LintRule {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  readonly law: readonly Citation[];
  readonly why: Words;
  readonly better: Words;
  readonly phrases: readonly Phrase[];
  /** What is wrong with a whole text: for the most part what it lacks. */
  readonly inText: (letter: LetterText) => readonly Spot[];
  readonly inTemplate: (template: Template, kindsOf: KindsOf) => readonly Flaw[];
}

export const nothing = (): readonly never[] => [];

export function phrase(
  pattern: RegExp,
  { unlessNear = null, unlessWith = null }: { unlessNear?: RegExp | null; unlessWith?: RegExp | null } = {},
): Phrase {
  return { pattern, unlessNear, unlessWith };
}

/** Whether a sentence says the words of a phrase, and means them. */
export function says({ folded }: Sentence, { pattern, unlessNear, unlessWith }: Phrase): boolean {
  if (unlessWith?.test(folded)) return false;
  return [...folded.matchAll(pattern)].some(
    (match) => !isDenied(folded, match) && !unlessNear?.test(segmentAt(folded, match.index)),
  );
}

/** What a whole letter lacks is found at its title. */
export function atTitle({ sentences }: LetterText): readonly Spot[] {
  return sentences.slice(0, 1);
}

/** Denials, of which only words that say nothing may divide the phrase: 不存在(任何)不可撤销. */
const DENIED_BEFORE =
  /(?:不存在|没有|不含有?|不包含|不包括|并无|并非|不是|不构成|不设置?|不约定|未约定|不得约定|不得以|不使用|不采用|不作出?|不承诺|不保证|不得承诺|不得宣称|禁止|拒绝|取消|删除|杜绝|避免)(?:任何|所谓|使用|约定|设置|采用|写入|出现|作出|做出|关于|其他|类似|此类|有关|的|[“"「『])*$/;
/** 「…」的表述不适用, …条款无效. */
const DENIED_AFTER =
  /^[”"」』]?(?:等|一类|之类)?的?(?:表述|约定|条款|字样|做法|承诺|内容|说法)[^，。；]{0,6}(?:无效|不适用|不使用|不采用|不出现|均不)/;

function isDenied(folded: string, match: RegExpExecArray): boolean {
  const before = folded.slice(0, match.index);
  const after = folded.slice(match.index + match[0].length);
  return DENIED_BEFORE.test(before) || DENIED_AFTER.test(after);
}
