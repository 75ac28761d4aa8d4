import { type Flaw, type LintRule, nothing, phrase } from './rule.ts';

const NAMED = /(?:有限责任公司|股份有限公司|有限公司|信用合作联社|数据库)/u.source;
/** Said not to receive anything. */
const DENIED =
  /不(?:得|会|再|予|应|向|包括|包含|含|涉及|由|允许|提供|转让|共享|披露|泄露)|禁止|没有|无权|以外的|之外的|均不|未经[^，。；]{0,20}(?:同意|授权)/u;
/** Named at once, and the list is closed. */
const LISTED = new RegExp(
  `(?:机构|公司|企业|银行|方|伙伴|第三方|主体)(?:[（(：:]|（?(?:仅指|是指|即|为|仅限于?))(?![^。]*等[^。]{0,4}。?$)[^。]*${NAMED}`,
  'u',
);

/** Third parties without a name: each recipient is told by name and contact (PIPL 23; 0.18, 0.33). */
export const unnamedParties: LintRule = {
  rule: 'L02',
  severity: 'error',
  law: [
    { doc: 'pipl', art: '23', evidence: 'V' },
    { doc: 'network-data-regulation', art: '21', evidence: 'V' },
  ],
  why: {
    zh: '向其他处理者提供信息，须告知每一接收方的名称和联系方式并取得单独同意；“关联公司”“合作机构”之类不是名称。',
    en: 'Each recipient has to be told by name and contact, with separate consent; affiliates or partners are no names.',
  },
  better: {
    zh: '逐一列明接收方的全称和联系方式；以后新增的接收方，另行取得单独同意。',
    en: 'List each recipient by its full name and contact; for one that is added later, ask for separate consent.',
  },
  phrases: [
    phrase(/指定的(?:其他|任何)?(?:第三方|第三人|机构|单位|公司|主体)/gu, { unlessNear: DENIED, unlessWith: LISTED }),
    phrase(/关联(?:公司|企业|机构|方)|关系企业/gu, { unlessNear: DENIED, unlessWith: LISTED }),
    phrase(
      /集团(?:内|成员|下属|旗下|各|体系)[^，。；、]{0,6}(?:公司|机构|企业|单位|主体)|(?:所属|所在|我们?的?|本)集团/gu,
      {
        unlessNear: DENIED,
        unlessWith: LISTED,
      },
    ),
    phrase(/(?:合作|联名|业务往来)(?:的)?(?:机构|方|伙伴|银行|公司|企业|商户|品牌)/gu, {
      unlessNear: DENIED,
      unlessWith: LISTED,
    }),
    phrase(
      /其他(?:[^，。；、]{0,10}的)?(?:相关|有关|合法|必要|合作|个人|征信|金融|数据)*(?:机构|第三方|第三人|主体|单位|公司|企业)/gu,
      { unlessNear: DENIED, unlessWith: LISTED },
    ),
    phrase(/(?:任何|相关|有关|授权的|若干|某些)(?:的)?第三(?:方|人)|等(?:第三方|机构|单位|公司)/gu, {
      unlessNear: DENIED,
      unlessWith: LISTED,
    }),
  ],
  inText: nothing,
  inTemplate: ({ clauses, candidates, processors }) => [
    ...clauses.flatMap(({ sources, recipients }, at) => [
      ...classes(`clauses[${at}].sources`, sources),
      ...classes(`clauses[${at}].recipients`, recipients),
    ]),
    ...unnamed('candidates', candidates),
    ...unnamed('processors', processors),
  ],
};

/** Codes that stand for a class of parties, not for one. */
const CLASS_CODE = /(?:^|_)(?:affiliates?|partners?|third_part(?:y|ies)|group|others?|any|co_?brand)(?:_|$)/;

function classes(path: string, codes: readonly string[]): readonly Flaw[] {
  return codes.flatMap((code, at) => (CLASS_CODE.test(code) ? [{ path: `${path}[${at}]`, said: code }] : []));
}

function unnamed(
  path: string,
  parties: readonly { readonly id: string; readonly name: object | null }[],
): readonly Flaw[] {
  return parties.flatMap(({ id, name }, at) => (name === null ? [{ path: `${path}[${at}].name`, said: id }] : []));
}
