import { atTitle, type Flaw, type LintRule, phrase } from './rule.ts';

const SAID =
  /(?:不同意|拒绝|不授权|不签署|未同意)[^。；]{0,40}(?:后果|无法|不能|不予|不影响|不受影响|仍可|停止|终止)|不同意的后果/u;

/** What follows a refusal, untold or at odds with what is necessary (PIPL 16; 0.22, 3.16). */
export const refusal: LintRule = {
  rule: 'L14',
  severity: 'error',
  law: [{ doc: 'pipl', art: '16', evidence: 'V' }],
  why: {
    zh: '不得以不同意或撤回同意为由拒绝提供服务，除非该信息为服务所必需；须说明每一项是否必需、理由和不同意的后果，且不自相矛盾。',
    en: 'A service can’t be refused for a refusal unless the data are necessary for it; each item says whether, why, and what follows, without contradiction.',
  },
  better: {
    zh: '必要（理由：不查询无法评估还款能力）；不同意的后果：无法完成本次贷款审批，其他服务不受影响。',
    en: 'Necessary (because without a query the ability to repay can’t be judged); if I do not agree: no decision on this loan; other services go on.',
  },
  phrases: [
    phrase(
      /(?:可选|选填|非必要|非必需|自愿选择)(?:(?!不影响|不受影响|仍可)[^。；]){0,40}(?:不同意|拒绝|不授权|未授权)(?:(?!不影响|不受影响|仍可|不会因)[^。；]){0,20}(?:无法|不能|不予|停止|终止|拒绝)/gu,
    ),
  ],
  inText: (letter) => (letter.sentences.some(({ folded }) => SAID.test(folded)) ? [] : atTitle(letter)),
  inTemplate: ({ clauses }) =>
    clauses.flatMap(({ necessity, why, refusal }, at): readonly Flaw[] => [
      ...(why === null ? [{ path: `clauses[${at}].why`, said: 'null' }] : []),
      ...(refusal === null ? [{ path: `clauses[${at}].refusal`, said: 'null' }] : []),
      ...(refusal !== null && refusal.blocks !== (necessity === 'necessary')
        ? [{ path: `clauses[${at}].refusal.blocks`, said: `${necessity}, ${refusal.blocks}` }]
        : []),
    ]),
};
