import { type LintRule, nothing, phrase } from './rule.ts';

const OTHERS =
  /(?:他人|第三人|第三方|配偶|家属|亲属|被查询人|被查询者|信息主体|联系人|共同借款人|担保人|客户|员工|股东)/u.source;

/** Somebody asserts another's consent: each person agrees for himself (条例 13, 18; law 2.10: one letter per natural person). */
export const othersConsent: LintRule = {
  rule: 'L16',
  severity: 'error',
  law: [
    { doc: 'credit-regulation', art: '18', evidence: 'V' },
    { doc: 'credit-regulation', art: '13', evidence: 'V' },
    { doc: 'pipl', art: '14', evidence: 'V' },
  ],
  why: {
    zh: '须取得被查询者本人的书面同意；操作人或签署人声称“已获他人授权”不能代替本人的同意。',
    en: 'The person looked up has to agree in writing; that somebody claims to have the consent does not replace it.',
  },
  better: {
    zh: '查询配偶、担保人等其他人信息的，由其本人另行签署授权书。',
    en: 'To look up a spouse, guarantor or anybody else, that person signs a letter of his own.',
  },
  phrases: [
    phrase(
      /(?:默认|视为|推定)(?:您|用户|操作人|经办人|本人)?(?:已经?|均已)(?:获取|取得|获得|征得|得到)(?:了)?[^。；，]{0,16}(?:授权|同意)/gu,
      {
        unlessNear: /不(?:得|会|能|应|再)?(?:默认|视为|推定)/u,
      },
    ),
    phrase(
      new RegExp(
        `(?:保证|确认|承诺|声明|确保|宣称)(?:(?!不)[^。；，]){0,10}已经?(?:获取|取得|获得|征得|得到|经)[^。；，]{0,10}${OTHERS}[^。；，]{0,10}(?:授权|同意)`,
        'gu',
      ),
    ),
    phrase(
      new RegExp(
        `(?<!不|不得|不能|不可|不可以|无权)(?:代表|代为|代|替)${OTHERS}[^。；，]{0,8}(?:授权|同意|签署)`,
        'gu',
      ),
      {
        unlessNear: /不(?:得|能|可|会|应)?(?:代|替)|无权|禁止/u,
      },
    ),
  ],
  inText: nothing,
  inTemplate: nothing,
};
