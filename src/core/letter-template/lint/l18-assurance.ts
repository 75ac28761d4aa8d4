import { type LintRule, nothing, phrase } from './rule.ts';

/** A warning repeats what deceivers say. */
const QUOTED = /骗|谎|虚假|不实|有人说|任何人说|有人告诉|声称|宣称|切勿|不要相信/u;

/** Absolute assurances: they mislead, since what is reported does have effects (网数条例 22; 0.30, 1.23). */
export const assurance: LintRule = {
  rule: 'L18',
  severity: 'error',
  law: [
    { doc: 'network-data-regulation', art: '22', evidence: 'V' },
    { doc: 'pipl', art: '5', evidence: 'memory' },
  ],
  why: {
    zh: '不得以误导方式取得同意；“不会影响征信”“绝对安全”之类的绝对保证与事实不符。',
    en: 'Consent must not be had by misleading; absolute assurances such as “does not affect your credit” are not true.',
  },
  better: {
    zh: '查询会留下查询记录；逾期会报送为不良信息，可能影响您今后的贷款。',
    en: 'A query leaves a record; a default is reported as adverse information, and may affect later loans.',
  },
  phrases: [
    phrase(
      /(?:不会|绝不|决不|绝对不|完全不|不至于)(?:会)?(?:对(?:您|本人)?的?)?(?:(?:个人)?(?:征信|信用)(?:记录|报告)?)?(?:受到?|产生|造成|构成|有)?(?:任何|丝毫)?(?:不良|负面)?影响(?:到)?(?:您|本人)?的?(?:个人)?(?:征信|信用)/gu,
      {
        unlessWith: QUOTED,
      },
    ),
    phrase(
      /(?:征信|信用(?:记录|报告|评分)?)(?:(?!此前|撤回前)[^。，；]){0,10}(?:不会|绝不|决不|绝对不|完全不)(?:会)?(?:受到?|产生|造成|有)?[^。，；]{0,4}影响/gu,
      {
        unlessWith: QUOTED,
      },
    ),
    phrase(
      /(?:对|就)(?:您|本人)?的?(?:个人)?(?:征信|信用)(?:记录|报告)?(?:没有|无|毫无)(?:任何)?(?:不良|负面)?影响|不会受到?任何(?:不良|负面)?影响|不上征信/gu,
      {
        unlessWith: QUOTED,
      },
    ),
    phrase(
      /(?:百分之百|百分百|100[%％])(?:通过|安全|保密|放款|获批)|绝对(?:安全|保密|可靠)|保证(?:通过|放款|获批|下款)|(?:不用|无需|不必|不需要?)(?:偿还|还款|还(?:钱|贷|本金)?)(?![^。；]{0,4}(?:材料|资料))/gu,
      {
        unlessWith: QUOTED,
      },
    ),
  ],
  inText: nothing,
  inTemplate: nothing,
};
