import { atTitle, type LintRule } from './rule.ts';

/** Between `**` on one line, not the asterisks of a masked number; or as HTML. */
const BOLD = /\*\*[^*\s][^*\n]*\*\*|<(?:b|strong)>/u;

/** No key clause stands out: a format clause is prompted conspicuously, and explained on request (条例 19, 民法典 496). */
export const noBold: LintRule = {
  rule: 'L17',
  severity: 'error',
  law: [
    { doc: 'credit-regulation', art: '19', evidence: 'V' },
    { doc: 'civil-code', art: '496', evidence: 'V' },
  ],
  why: {
    zh: '采用格式合同条款取得同意的，应当在合同中作出足以引起注意的提示，并按要求作出明确说明；全文没有加粗的重点条款。',
    en: 'Where consent is taken by a format clause, it has to be prompted so that one notices; nothing here is bold.',
  },
  better: {
    zh: '将授权事项、不同意与撤回的后果、不利后果提示加粗（在本系统的文本中写作 **……**）。',
    en: 'Make bold what is authorized, what follows refusal and withdrawal, and the warnings (here: **…**).',
  },
  phrases: [],
  inText: (letter) => (BOLD.test(letter.text) ? [] : atTitle(letter)),
  inTemplate: ({ clauses }) =>
    clauses.flatMap(({ id, key }, at) => (key ? [] : [{ path: `clauses[${at}].key`, said: id }])),
};
