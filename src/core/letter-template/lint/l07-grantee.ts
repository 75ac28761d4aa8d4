import type { Words } from '../words.ts';
import { atTitle, type Flaw, type LetterText, type LintRule, type Spot } from './rule.ts';

/** How the full name of one who may lend, or act for one who does, ends. */
const LEGAL_NAME =
  /\p{Script=Han}{2,}(?:有限责任公司|股份有限公司|有限公司|信用合作联社|联合社|银行[^，。；]{0,16}(?:分行|支行|营业部))/u;
const LABEL = /^(?:被授权人|被授权方|被授权机构|受权人|致)(?:（[^）]*）)?[：:]/u;
const LICENCE = /许可证|金融许可|牌照|批准文号|统一社会信用代码/u;

/** Who is authorized: by the full legal name, with licence (PIPL 17(1); 业务管理办法 5; 0.28). */
export const grantee: LintRule = {
  rule: 'L07',
  severity: 'error',
  law: [
    { doc: 'pipl', art: '17', evidence: 'V' },
    { doc: 'credit-measures', art: '5', evidence: 'memory' },
  ],
  why: {
    zh: '须告知处理者的名称和联系方式；没有全称、只写品牌名，或没有业务许可，无法确定向谁授权。',
    en: 'The handler’s name has to be told; without the full name, by a brand, or without a licence nobody knows who is authorized.',
  },
  better: {
    zh: '被授权人：××消费金融有限公司（统一社会信用代码：…，金融许可证：…）。',
    en: 'Grantee: the full legal name (unified social credit code: …, financial licence: …).',
  },
  phrases: [],
  inText,
  inTemplate: ({ grantee_licence, candidates, processors }) => [
    ...(grantee_licence === null ? [{ path: 'grantee_licence', said: 'null' }] : []),
    ...candidates.flatMap(({ id, licence }, at) =>
      licence === null ? [{ path: `candidates[${at}].licence`, said: id }] : [],
    ),
    ...tradeNames('candidates', candidates),
    ...tradeNames('processors', processors),
  ],
};

function inText(letter: LetterText): readonly Spot[] {
  const labelled = letter.sentences.find(({ folded }) => LABEL.test(folded));
  if (labelled !== undefined && !LEGAL_NAME.test(labelled.folded)) return [labelled];
  const named = letter.sentences.find(({ folded }) => LEGAL_NAME.test(folded));
  if (named === undefined) return atTitle(letter);
  return letter.sentences.some(({ folded }) => LICENCE.test(folded)) ? [] : [labelled ?? named];
}

function tradeNames(path: string, parties: readonly { readonly name: Words | null }[]): readonly Flaw[] {
  return parties.flatMap(({ name }, at) =>
    name === null || LEGAL_NAME.test(name.zh) ? [] : [{ path: `${path}[${at}].name`, said: name.zh }],
  );
}
