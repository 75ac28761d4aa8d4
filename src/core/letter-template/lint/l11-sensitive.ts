import type { LetterText, LintRule, Spot } from './rule.ts';

const SENSITIVE =
  /人脸|面部(?:特征|识别)|生物识别|声纹|虹膜|行踪|位置轨迹|金融账户|银行账[户号]|(?:账户|银行|交易)流水|健康信息|医疗信息/u;
const TAKEN = /查询|采集|收集|获取|报送|提供|使用|处理|读取|调取/u;
const DENIED = /不(?:得|会|再|予|采集|收集|查询|报送|提供|使用|处理|读取|涉及|包括|包含|含|以)/u;

/** Sensitive data without saying why they are needed and what that does to one (PIPL 28–30). */
export const sensitive: LintRule = {
  rule: 'L11',
  severity: 'error',
  law: [
    { doc: 'pipl', art: '28', evidence: 'V' },
    { doc: 'pipl', art: '29', evidence: 'V' },
    { doc: 'pipl', art: '30', evidence: 'V' },
  ],
  why: {
    zh: '处理生物识别、金融账户、行踪等敏感个人信息，须有特定目的和充分必要性，告知必要性和对个人权益的影响，并取得单独同意。',
    en: 'Sensitive data need a specific purpose and necessity; both it and the impact on the person have to be told, and agreed separately.',
  },
  better: {
    zh: '单列一项，写明：处理该信息的必要性：……；对本人权益的影响：……；不同意的，可以……代替。',
    en: 'Make it an item of its own: why it is necessary …; its impact on me …; and what I can do instead.',
  },
  phrases: [],
  inText,
  inTemplate: ({ clauses }, kindsOf) =>
    clauses.flatMap((clause, at) =>
      clause.sensitive === null
        ? clause.items.flatMap((item, place) =>
            kindsOf(item).includes('sensitive') ? [{ path: `clauses[${at}].items[${place}]`, said: item }] : [],
          )
        : [],
    ),
};

function inText({ sentences }: LetterText): readonly Spot[] {
  const told = (pattern: RegExp) => sentences.some(({ folded }) => pattern.test(folded));
  if (told(/必要性|所必需|之所以必要/u) && told(/(?:权益|您|本人|个人)[^。；]{0,8}影响|影响[：:]/u)) return [];
  return sentences
    .filter(({ folded }) => SENSITIVE.test(folded) && TAKEN.test(folded) && !DENIED.test(folded))
    .slice(0, 1);
}
