import { type Flaw, type LintRule, nothing, phrase } from './rule.ts';

/** Query, report and provide in one tick: what goes to others is agreed separately (PIPL 23; 0.17). */
export const bundled: LintRule = {
  rule: 'L10',
  severity: 'error',
  law: [
    { doc: 'pipl', art: '23', evidence: 'V' },
    { doc: 'credit-regulation', art: '18', evidence: 'V' },
    { doc: 'credit-regulation', art: '29', evidence: 'V' },
  ],
  why: {
    zh: '查询、报送、向第三方提供是不同的处理，须能分别同意、分别撤回；对外提供还须单独同意。',
    en: 'To query, to report and to provide are different things, each agreed and withdrawn by itself; provision needs separate consent.',
  },
  better: {
    zh: '查询、报送、提供各列一项，各设“□ 同意　□ 不同意”，可只同意其中一项。',
    en: 'Make query, report and provision items of their own, each with a box, so that one can agree to one of them only.',
  },
  phrases: [
    phrase(
      /(?<!超出本?|未经)(?:同意|授权(?![人书方机]))(?:(?!同意|不)[^。；]){0,60}查询(?:(?!同意)[^。；]){0,60}(?:报送|上报|提供给|对外提供|向[^，。；]{1,24}(?:提供|披露|共享))/gu,
      { unlessWith: /分别|各自|逐[一项]|单独|仅|只|不代表|不等于|不视为|不表示|《[^》]*查询[^》]*》(?![^。；]*查询)/u },
    ),
  ],
  inText: nothing,
  inTemplate: ({ clauses, screen }) => [
    ...screen.boxes.flatMap((box, at) =>
      box.clauses.length > 1 ? [{ path: `screen.boxes[${at}].clauses`, said: box.clauses.join(', ') }] : [],
    ),
    ...clauses.flatMap((clause, at): readonly Flaw[] => {
      const boxes = screen.boxes.filter((box) => box.clauses.includes(clause.id)).length;
      return [
        ...(boxes === 1 ? [] : [{ path: 'screen.boxes', said: clause.id }]),
        ...(clause.action === 'PROVIDE' && clause.basis !== 'separate_consent'
          ? [{ path: `clauses[${at}].basis`, said: clause.basis }]
          : []),
      ];
    }),
  ],
};
