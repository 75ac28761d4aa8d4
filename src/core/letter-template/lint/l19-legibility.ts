import { atTitle, type LintRule } from './rule.ts';

/** Characters of a letter: more is not read. Ours, since no source gives a number. */
const LETTER_CHARACTERS_MAX = 6_000;

/** The measures of 工信部适老化 (users P-11): each at least. */
const LEAST = { font_dp: 18, line_percent: 130, contrast_percent: 450, target_dp: 44 } as const;

/** Too small, too pale or too long: told clearly and conspicuously (PIPL 17). The measures are those of the elder mode. */
export const legibility: LintRule = {
  rule: 'L19',
  severity: 'warning',
  law: [{ doc: 'pipl', art: '17', evidence: 'V' }],
  why: {
    zh: '告知须显著、清晰易懂；字号、行距、对比度、按钮过小，或全文过长，等于没有告知。',
    en: 'What is told has to be conspicuous and clear; too small, too pale or too long is not told.',
  },
  better: {
    zh: '正文不小于 18 dp，行距不小于 1.3，对比度不低于 4.5:1，选框不小于 44 dp；全文不超过 6000 字，并附摘要。',
    en: 'Body at least 18 dp, lines 1.3, contrast 4.5:1, boxes 44 dp; at most 6,000 characters, with a summary.',
  },
  phrases: [],
  inText: (letter) => (letter.text.length > LETTER_CHARACTERS_MAX ? atTitle(letter) : []),
  inTemplate: ({ screen }) => [
    ...(['font_dp', 'line_percent', 'contrast_percent', 'target_dp'] as const)
      .filter((measure) => screen[measure] < LEAST[measure])
      .map((measure) => ({ path: `screen.${measure}`, said: String(screen[measure]) })),
    ...(screen.characters_max > LETTER_CHARACTERS_MAX
      ? [{ path: 'screen.characters_max', said: String(screen.characters_max) }]
      : []),
  ],
};
