import { type Flaw, type LintRule, nothing, phrase } from './rule.ts';

const DENIED =
  /不(?:得|会|再|予|应|包括|包含|含|涉及|查询|采集|收集|报送|提供|使用|处理|影响|扩大)|均不|未经|禁止|之外的|以外的/u;

/** Items that are left open: the kinds of data are told, and what is wider later needs new consent (PIPL 14, 17; 0.16). */
export const openItems: LintRule = {
  rule: 'L03',
  severity: 'error',
  law: [
    { doc: 'pipl', art: '17', evidence: 'V' },
    { doc: 'pipl', art: '14', evidence: 'V' },
  ],
  why: {
    zh: '信息种类须事先告知；“包括但不限于”“其他相关信息”“将来新增业务”使授权范围不确定。种类变更须重新取得同意。',
    en: 'The kinds of data have to be told beforehand; open wordings leave the scope undetermined. A change of kinds needs new consent.',
  },
  better: {
    zh: '逐项列明信息种类（例如：基本信息、授信额度、还款情况、违约信息），不设兜底；新增种类另行取得同意。',
    en: 'List each kind of data, without a catch-all; for a kind that is added, ask for consent anew.',
  },
  phrases: [
    phrase(/(?<![不非])(?:包括|包含)但不(?:仅)?限于|(?<![并])不(?:仅)?限于(?:上述|以上|前述)/gu),
    phrase(
      /其他(?:与[^，。；]{0,12}(?:相关|有关)的|相关|有关|必要|需要)?的?(?:个人|企业|信用)?(?:信息|资料|数据|材料)/gu,
      {
        unlessNear: DENIED,
      },
    ),
    phrase(/等(?:相关|有关|其他|一切)(?:个人|企业|信用)?的?(?:信息|资料|数据|材料)/gu, { unlessNear: DENIED }),
    phrase(/(?:将来|今后|未来|日后|后续)(?:可能)?(?:新增|开办|推出|开展|增加|扩展)/gu, {
      unlessWith: /另行|重新|单独|须经|不适用|不包括|不得|不会/u,
    }),
    phrase(
      /(?:查询|采集|收集|报送|获取|提供|使用)(?:本人|我|本企业|本公司)?的?(?:一切|所有|全部)(?:相关|有关)?的?(?:个人|企业|信用)?(?:信息|资料|数据)/gu,
      {
        unlessNear: DENIED,
      },
    ),
  ],
  inText: nothing,
  inTemplate: ({ clauses }) =>
    clauses.flatMap(({ items }, at) => [
      ...(items.length === 0 ? [{ path: `clauses[${at}].items`, said: '[]' }] : []),
      ...catchAlls(`clauses[${at}].items`, items),
    ]),
};

const CATCH_ALL = /(?:^|_)(?:others?|any|all|misc|etc)(?:_|$)/;

function catchAlls(path: string, items: readonly string[]): readonly Flaw[] {
  return items.flatMap((item, at) => (CATCH_ALL.test(item) ? [{ path: `${path}[${at}]`, said: item }] : []));
}
