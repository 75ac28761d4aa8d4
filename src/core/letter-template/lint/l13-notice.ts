import { SLOTS, STATEMENTS, type Template } from '../template.ts';
import { atTitle, type Flaw, type LetterText, type LintRule, type Spot } from './rule.ts';

/** What a text has to say somewhere, by the words it can't be said without. */
const SAID = [
  /联系方式|联系电话|联系地址|客服|电话[：:]|地址[：:]/u,
  /用途|目的|用于|为了?[^，。；]{0,16}(?:审批|办理|申请|管理|评估|核实)/u,
  /信息|资料|报告|记录/u,
  /保存|留存|存储|保留/u,
  /查阅|复制|更正|删除/u,
  /(?<!不)(?:可以?|有权)[^。；不]{0,24}(?:撤回|撤销)|撤回(?:方式|办法|途径)/u,
] as const;

/** Letters of those who will owe. */
const DEBTORS: readonly Template['signer'][] = ['borrower', 'co_borrower', 'guarantor'];

/** What has to be told: PIPL 17, how to withdraw, and to who borrows, that one will owe (1.23, 1.34). */
export const notice: LintRule = {
  rule: 'L13',
  severity: 'error',
  law: [
    { doc: 'pipl', art: '17', evidence: 'V' },
    { doc: 'pipl', art: '15', evidence: 'V' },
  ],
  why: {
    zh: '处理前须以显著方式、清晰易懂的语言告知：处理者名称和联系方式，目的、方式、种类、保存期限，以及行使权利和撤回的方式；借款类授权书还须提示还款义务。',
    en: 'To be told beforehand: handler and contact; purpose, method, kinds, retention; how to exercise rights and withdraw; and, to who borrows, the duty to repay.',
  },
  better: {
    zh: '补齐告知事项：处理者、联系方式、目的、方式、种类、保存期限、权利行使（查阅、复制、更正、删除）、撤回方式；借款类并加还款提示。',
    en: 'Add what is missing of: handler, contact, purpose, method, kinds, retention, rights, withdrawal; and the warning to who borrows.',
  },
  phrases: [],
  inText,
  inTemplate: (template) => [
    ...SLOTS.filter((slot) => template.slots[slot] === null).map((slot) => missing(`slots.${slot}`)),
    ...STATEMENTS.filter((statement) => template.statements[statement] === null).map((statement) =>
      missing(`statements.${statement}`),
    ),
    ...clausesUntold(template),
    ...debtUntold(template),
  ],
};

function inText(letter: LetterText): readonly Spot[] {
  return SAID.every((said) => letter.sentences.some(({ folded }) => said.test(folded))) ? [] : atTitle(letter);
}

function clausesUntold({ clauses }: Template): readonly Flaw[] {
  return clauses.flatMap(({ revoking }, at) => (revoking === null ? [missing(`clauses[${at}].revoking`)] : []));
}

/** That one will owe, that whoever says otherwise deceives, and the questions before signing. */
function debtUntold({ signer, clauses, warnings, teach_back }: Template): readonly Flaw[] {
  if (!DEBTORS.includes(signer)) return [];
  const shown = warnings.filter(({ id }) => clauses.some((clause) => clause.warnings.includes(id)));
  return [
    ...(['debt', 'scam'] as const)
      .filter((kind) => !shown.some((warning) => warning.kind === kind))
      .map((kind) => ({ path: 'warnings', said: kind })),
    ...(teach_back.length === 0 ? [{ path: 'teach_back', said: '[]' }] : []),
  ];
}

function missing(path: string): Flaw {
  return { path, said: 'null' };
}
