import { type LintRule, nothing, phrase } from './rule.ts';

/** Use taken for consent: consent is explicit, and written for a query (PIPL 14, 条例 18). */
export const useImplies: LintRule = {
  rule: 'L09',
  severity: 'error',
  law: [
    { doc: 'pipl', art: '14', evidence: 'V' },
    { doc: 'credit-regulation', art: '18', evidence: 'V' },
  ],
  why: {
    zh: '查询个人信息须取得本人的书面同意，同意须明确作出；使用服务、登录或沉默都不是同意。',
    en: 'A query needs written consent, given explicitly; use, login or silence is none.',
  },
  better: {
    zh: '仅在本人对本项授权勾选“同意”并签署后，被授权人方可查询。',
    en: 'The grantee may query only after I have ticked “agree” on this item and signed.',
  },
  phrases: [
    phrase(
      /(?:使用|登录|登陆|注册|访问|浏览|下载|安装|沉默|未提出异议|不提出异议|未表示反对|未回复|未反馈)(?:(?!不(?:得|会|能|应|再|因|以)?(?:因此|当然)?(?:视|等|代|表|默|构|意))[^。；]){0,24}(?:视为|视同|默认|即表示|即代表|即为|意味着|等同于)[^。；]{0,12}(?:同意|授权|接受|认可)/gu,
      { unlessNear: /不(?:得|会|能|应|再)?[^，。；]{0,10}(?:视为|视同|默认|表示|代表|意味)(?!.*不视为同意)/u },
    ),
  ],
  inText: nothing,
  inTemplate: nothing,
};
