import type { Template } from '../template.ts';
import type { Flaw, KindsOf, LetterText, LintRule, Spot } from './rule.ts';

const SIX = /收入|存款|有价证券|商业保险|不动产|纳税(?:数额|额|信息|情况|记录)/u;
const TAKEN = /查询|采集|收集|获取|报送|提供|使用|读取|调取/u;
const DENIED = /不(?:得|会|再|予|采集|收集|查询|报送|提供|使用|读取|涉及|包括|包含|含)/u;

/** The six kinds of 条例 14§2 without warning of adverse consequences, or without written consent. */
export const sixKinds: LintRule = {
  rule: 'L12',
  severity: 'error',
  law: [{ doc: 'credit-regulation', art: '14§2', evidence: 'V' }],
  why: {
    zh: '采集收入、存款、有价证券、商业保险、不动产和纳税数额信息，须明确告知提供该信息可能产生的不利后果，并取得书面同意。',
    en: 'Income, deposits, securities, commercial insurance, real estate and tax paid need a warning of adverse consequences and written consent.',
  },
  better: {
    zh: '提示：提供上述信息可能产生不利后果，例如据此作出不予授信、降低额度或提高利率的决定。□ 已知悉并书面同意',
    en: 'Warning: providing these data may have adverse consequences, such as refusal, a lower line or a higher rate. □ I know, and agree in writing',
  },
  phrases: [],
  inText,
  inTemplate,
};

function inText({ sentences }: LetterText): readonly Spot[] {
  if (sentences.some(({ folded }) => /不利(?:后果|影响)/u.test(folded))) return [];
  return sentences.filter(({ folded }) => SIX.test(folded) && TAKEN.test(folded) && !DENIED.test(folded)).slice(0, 1);
}

function inTemplate({ clauses, warnings }: Template, kindsOf: KindsOf): readonly Flaw[] {
  return clauses.flatMap((clause, at) => {
    const warned = warnings.some(({ id, kind }) => kind === 'adverse_consequence' && clause.warnings.includes(id));
    if (warned && clause.basis === 'written_consent') return [];
    return clause.items.flatMap((item, place) =>
      kindsOf(item).includes('asset') ? [{ path: `clauses[${at}].items[${place}]`, said: item }] : [],
    );
  });
}
