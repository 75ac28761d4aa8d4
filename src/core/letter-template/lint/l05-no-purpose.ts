import { type Flaw, type LintRule, nothing, phrase } from './rule.ts';

/** No purpose to tick, or "other": a query is for the agreed purpose (条例 18, 20; PIPL 6). */
export const noPurpose: LintRule = {
  rule: 'L05',
  severity: 'error',
  law: [
    { doc: 'credit-regulation', art: '18', evidence: 'V' },
    { doc: 'credit-regulation', art: '20', evidence: 'V' },
    { doc: 'pipl', art: '6', evidence: 'memory' },
  ],
  why: {
    zh: '查询须约定用途，并只能用于约定的用途；没有可选的用途、或写“其他用途”，等于没有约定。',
    en: 'The purpose has to be agreed, and binds; with none to choose, or with “other”, none is agreed.',
  },
  better: {
    zh: '列出封闭的用途清单，由授权人逐项勾选，例如：□ 个人信贷申请　□ 贷后管理。',
    en: 'Give a closed list of purposes, each ticked by the person, such as: □ loan application　□ post-loan management.',
  },
  phrases: [
    phrase(/[□☐○◯☑☒■√][（(]?\d*[）)]?其他(?!贷款|信贷)/gu),
    phrase(/其他(?:合法|正当|合理|相关|有关|必要|经营|商业|业务|任何|一切)*的?(?:用途|目的|事由|原因|理由)/gu, {
      unlessNear: /不(?:得|会|再|予|应|用于|作|为|挪作|改作)|禁止|未经|均不|除[^，。；]{0,16}外/u,
    }),
    phrase(/任何(?:合法|正当|合理)?的?(?:用途|目的)/gu, { unlessNear: /不(?:得|会|作|用于|为)|禁止|未经|除/u }),
  ],
  inText: nothing,
  inTemplate: ({ clauses, screen }) =>
    clauses.flatMap(({ purposes }, at): readonly Flaw[] => {
      const free = purposes.filter((purpose) => !screen.disabled.purposes.includes(purpose));
      const chosenForOne = purposes.length > 0 && free.every((purpose) => screen.ticked.purposes.includes(purpose));
      if (purposes.length === 0 || chosenForOne) {
        return [{ path: `clauses[${at}].purposes`, said: purposes.join(', ') || '[]' }];
      }
      const other = purposes.findIndex((purpose) => /(?:^|_)(?:others?|any|misc)(?:_|$)/.test(purpose));
      return other < 0 ? [] : [{ path: `clauses[${at}].purposes[${other}]`, said: purposes[other] ?? '' }];
    }),
};
