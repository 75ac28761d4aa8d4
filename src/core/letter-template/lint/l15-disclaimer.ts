import { type LintRule, nothing, phrase } from './rule.ts';

const THEM = /(?:我方|本公司|我司|本行|我行|平台|本平台|银行|贵行|被授权人|被授权方|乙方|服务方|运营方)/u.source;

/** Who processes clears itself, or has the subject bear it: void as a format term, and the burden is the handler's (民法典 497, PIPL 69). */
export const disclaimer: LintRule = {
  rule: 'L15',
  severity: 'error',
  law: [
    { doc: 'civil-code', art: '497', evidence: 'memory' },
    { doc: 'pipl', art: '69', evidence: 'V' },
  ],
  why: {
    zh: '格式条款不合理地免除提供方责任、加重对方责任的无效；侵害个人信息权益，处理者不能证明自己没有过错的，应当承担责任。',
    en: 'A format term that clears its author or burdens the other side unreasonably is void; a handler answers unless it proves to be without fault.',
  },
  better: {
    zh: '被授权人超出授权范围查询、使用或报送的，由被授权人承担相应法律责任。',
    en: 'Where the grantee queries, uses or reports beyond this letter, it bears the liability.',
  },
  phrases: [
    phrase(
      new RegExp(
        `${THEM}(?:(?!本人|(?<!被)授权人|您|企业|不得|不能|不会|不应)[^。，；]){0,20}(?:(?:概|均|一律)?不|无需|无须|毋需|毋须|免予?|免于|不予)(?:承担|负担?)(?:任何|一切|相关|相应|法律|赔偿|连带|由此|因此|产生|的)*(?:责任|后果|义务|损失)`,
        'gu',
      ),
    ),
    phrase(
      /(?:后果|责任|损失|风险)(?:均|全部|概|一律|应)?(?:由|归)(?:本人|授权人|用户|您|我|本企业|企业|客户|委托人)(?:自行|全部|独自|独立)*(?:承担|负责)/gu,
      { unlessNear: /还款|偿还|不(?:得|会|应|再)?由/u },
    ),
    phrase(/与(?:我方|本公司|我司|本行|平台|本平台|被授权人)(?:概|均)?无关/gu),
  ],
  inText: nothing,
  inTemplate: nothing,
};
