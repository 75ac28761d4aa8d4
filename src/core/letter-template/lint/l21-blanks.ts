import type { LetterText, LintRule, Spot } from './rule.ts';

/** Lines of underscores, or empty brackets and gaps after a colon. */
const BLANK = /_{3,}|＿{2,}|[（(][ \u3000]{2,}[）)]|[：:][ \u3000]{4,}(?=\S)|[ \u3000]{3,}年[ \u3000]{2,}月/u;
const FILLED_LATER = /签名|签字|签章|盖章|公章|日期|签署人|经办人/u;
const STRUCK = /划线|作废|划去|本栏空白|以下空白|此处空白/u;

/** Blank spaces that are not struck: what is filled in later was not agreed to (PIPL 14; N-09). */
export const blanks: LintRule = {
  rule: 'L21',
  severity: 'warning',
  law: [{ doc: 'pipl', art: '14', evidence: 'V' }],
  why: {
    zh: '签署时留有空白，事后填入的内容并未经本人同意。',
    en: 'What is filled into a blank after the signature was never agreed to.',
  },
  better: {
    zh: '签署前填完所有栏目；不用的栏目写明“此处空白，已划线作废”。',
    en: 'Fill in everything before the signature; strike out what is not used, and say so.',
  },
  phrases: [],
  inText: ({ sentences }: LetterText): readonly Spot[] =>
    sentences.filter(({ raw }) => BLANK.test(raw) && !FILLED_LATER.test(raw) && !STRUCK.test(raw)),
  inTemplate: (template) =>
    template.clauses.flatMap(({ id, sources, recipients, action }, at) => {
      const open = action === 'QUERY' ? sources.length === 0 : sendsNowhere(action, recipients);
      return open ? [{ path: `clauses[${at}].${action === 'QUERY' ? 'sources' : 'recipients'}`, said: id }] : [];
    }),
};

function sendsNowhere(action: string, recipients: readonly string[]): boolean {
  return (action === 'REPORT' || action === 'PROVIDE') && recipients.length === 0;
}
