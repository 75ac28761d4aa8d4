import { atTitle, type LintRule, phrase } from './rule.ts';

const TERM =
  /有效期|授权期限|期限[：:为自]|起至|至[^。；]{0,24}(?:止|终止|结清|办结|之日)|自[^。；]{0,24}(?:之日|之时|日|时)起[^。；]{0,16}(?:年|月|日|天)/u;

/** No term, or none that ends: consent is informed, and data are kept no longer than necessary (PIPL 14, 17, 19). */
export const noTerm: LintRule = {
  rule: 'L06',
  severity: 'error',
  law: [
    { doc: 'pipl', art: '17', evidence: 'V' },
    { doc: 'pipl', art: '19', evidence: 'V' },
  ],
  why: {
    zh: '授权书须写明期限；长期、永久的授权使本人无法预期，也超出实现目的的最短时间。',
    en: 'A letter says how long it holds; without end it can’t be foreseen, and outlasts what the purpose needs.',
  },
  better: {
    zh: '期限：自签署之日起至本笔业务结清且授信额度终止之日止，最长不超过三年。',
    en: 'Term: from the signature until the business is settled and its credit line ended, three years at most.',
  },
  phrases: [
    phrase(/长期有效|永久(?:性)?有效|永续有效|无固定期限|无期限|不设(?:定)?(?:有效)?期限|期限不限|不限期限|无限期/gu, {
      unlessNear: /身份证|证件|执照|营业期限|经营期限|不(?:得|是|为|作)/u,
    }),
    phrase(/(?:有效期|期限)(?:为|：)?(?:长期|永久|无限)/gu, { unlessNear: /身份证|证件|执照|营业期限|经营期限/u }),
    phrase(/持续有效(?!至|到|期)/gu, { unlessWith: TERM }),
  ],
  inText: (letter) => (letter.sentences.some(({ folded }) => TERM.test(folded)) ? [] : atTitle(letter)),
  inTemplate: ({ clauses }) =>
    clauses.flatMap(({ id, ends }, at) => (ends === null ? [{ path: `clauses[${at}].ends`, said: id }] : [])),
};
