import { type LintRule, nothing, phrase } from './rule.ts';

/** Adverse information reported without a word: who provides it tells the person before (条例 15, 41; 0.30). */
export const noNotice: LintRule = {
  rule: 'L04',
  severity: 'error',
  law: [{ doc: 'credit-regulation', art: '15', evidence: 'V' }],
  why: {
    zh: '向征信机构提供个人不良信息，应当事先告知信息主体本人；不能以授权书免除告知。',
    en: 'Before adverse information is reported the person has to be told; a letter can’t waive that.',
  },
  better: {
    zh: '报送不良信息前，被授权人将事先告知本人拟报送的内容、日期和异议途径；依法公开的不良信息除外。',
    en: 'Before adverse information is reported, the grantee tells me what, when, and how to object; except what is public by law.',
  },
  phrases: [
    phrase(
      /(?<!不会|不得|不能|不可|绝不)(?:不再|无需|无须|不必|不需要?|毋须|毋需|不予|可以?不|不(?=另行|再行|事先|提前|单独|再次|逐[一次笔]))(?:再|另行|再行|事先|提前|单独|再次|额外|逐[一次笔])*(?:向)?(?:本人|我|您|授权人)?(?:另行|再行|事先|提前|单独)?(?:告知|通知|提示|征得)/gu,
      {
        unlessWith:
          /(?<!除)依法公开的(?:不良)?信息，?(?:可以?|无需|无须|不)|^(?![^。]*(?:报送|上报|不良|违约|逾期|负面|征信|提供))/u,
      },
    ),
  ],
  inText: nothing,
  inTemplate: ({ clauses, warnings }) =>
    clauses.flatMap((clause, at) => {
      const told = warnings.some(({ id, kind }) => kind === 'adverse_report' && clause.warnings.includes(id));
      return clause.action === 'REPORT' && clause.items.includes('adverse') && !told
        ? [{ path: `clauses[${at}].warnings`, said: 'adverse' }]
        : [];
    }),
};
