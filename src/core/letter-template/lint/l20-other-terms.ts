import { type LintRule, nothing, phrase } from './rule.ts';

const DENIED = /不(?:约定|包含|包括|含|涉及|设)|另行约定|由[^，。；]{0,12}合同约定|以[^，。；]{0,12}合同为准/u;

/** Terms of another contract mixed in: consent to data is told apart from them (PIPL 14, 民法典 496). */
export const otherTerms: LintRule = {
  rule: 'L20',
  severity: 'warning',
  law: [
    { doc: 'pipl', art: '14', evidence: 'V' },
    { doc: 'civil-code', art: '496', evidence: 'V' },
  ],
  why: {
    zh: '授权书夹带管辖、利率、违约金等合同条款，使人难以看清同意了什么。',
    en: 'Jurisdiction, interest or penalties within a letter make it hard to see what one agrees to.',
  },
  better: {
    zh: '将争议解决、利率、违约责任等移入借款合同，授权书只写信息的查询、使用、报送和提供。',
    en: 'Move disputes, interest and penalties into the contract; the letter is about data only.',
  },
  phrases: [
    phrase(
      /仲裁(?:委员会|解决|裁决)|(?:法院|诉讼|专属|协议|争议)[^，。；]{0,6}管辖|管辖法院|违约金|滞纳金|罚息|(?:年化|贷款|借款|执行)利率(?:为|按)|强制执行(?:公证|效力)|提前(?:收回|到期)/gu,
      {
        unlessWith: DENIED,
      },
    ),
  ],
  inText: nothing,
  inTemplate: nothing,
};
