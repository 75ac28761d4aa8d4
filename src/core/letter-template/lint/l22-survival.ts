import { type LintRule, nothing, phrase } from './rule.ts';

/** Outlives the contract it serves: without the purpose data are deleted, and consent can still be withdrawn (PIPL 47, 15). */
export const survival: LintRule = {
  rule: 'L22',
  severity: 'error',
  law: [
    { doc: 'pipl', art: '47', evidence: 'V' },
    { doc: 'pipl', art: '15', evidence: 'V' },
  ],
  why: {
    zh: '合同无效、解除或目的已实现的，处理的目的不复存在，应当停止处理并删除；授权不能脱离目的独立存续。',
    en: 'With the contract void or ended its purpose is gone, processing stops and data are deleted; consent does not live on without it.',
  },
  better: {
    zh: '借款合同无效、被撤销或终止的，本授权同时终止；依法须继续保存的信息，只作保存。',
    en: 'Where the contract is void, avoided or ended, this authorization ends too; what law wants kept is stored only.',
  },
  phrases: [
    phrase(
      /授权书?(?:条款)?的?效力(?:具有)?独立(?:性)?|(?:授权|本授权书|本条款)[^。，；]{0,8}独立于[^。；]{0,20}(?:合同|协议)/gu,
      {
        unlessNear: /不(?:具有|独立)|并不/u,
      },
    ),
    phrase(
      /(?:合同|协议)[^。；]{0,24}(?:无效|被撤销|解除|终止|未成立|不成立|未生效)[^。；]{0,24}授权(?:(?!同时|随之|也|亦|一并|不再)[^。；]){0,16}(?:仍|继续|依然|不受影响|依旧)/gu,
    ),
    phrase(
      /(?:不因|不受)[^。；]{0,16}(?:合同|协议)[^。；]{0,12}(?:无效|被撤销|解除|终止)[^。；]{0,8}(?:而)?(?:影响|失效|终止|无效)/gu,
      {
        unlessWith: /^(?![^。；]*授权)/u,
      },
    ),
  ],
  inText: nothing,
  inTemplate: nothing,
};
