/**
 * Looks, and views of identity details, as a file for a spreadsheet: CSV of RFC 4180, in UTF-8 with the mark that makes Excel read it so. Names come from
 * others, and a cell that begins like a formula would be run by who opens the file: an apostrophe before it stops that.
 *
 * @module
 */
import type { Said } from '#core/consent/explain-text.ts';
import { BY_LINK, IDENTITY_VIEW, shownText, whyText } from './identity-look-text.ts';
import type { IdentityLook } from './identity-looks.ts';
import { ACTION_TEXTS, basisText, CLASS_TEXTS, resultText } from './look-text.ts';
import type { Look } from './looks.ts';
import { isoOf } from './moment.ts';

const BYTE_ORDER_MARK = '\ufeff';

type Language = keyof Said;
interface Column {
  readonly name: Said;
  readonly of: (look: Look, language: Language) => string;
  /** What a view of identity details says there. */
  readonly ofView: (view: IdentityLook, language: Language) => string;
}

const column = (zh: string, en: string, of: Column['of'], ofView: Column['ofView'] = () => ''): Column => ({
  name: { zh, en },
  of,
  ofView,
});
const YES: Said = { zh: '是', en: 'yes' };
const NO: Said = { zh: '否', en: 'no' };

const COLUMNS: readonly Column[] = [
  column('时间（北京时间）', 'time (Beijing)', momentOf, momentOf),
  column('机构', 'institution', institutionOf, institutionOf),
  column('受托方', 'processor', ({ processor }, language) => processor?.[language] ?? ''),
  column('操作员代码', 'operator', operatorsOf, (view, language) =>
    view.operators.length === 0 ? BY_LINK[language] : operatorsOf(view),
  ),
  column(
    '行为',
    'action',
    ({ action }, language) => ACTION_TEXTS[action][language],
    (_view, language) => IDENTITY_VIEW[language],
  ),
  column('用途', 'purpose', ({ purpose }, language) => purpose[language]),
  column('类别', 'class', (look, language) => CLASS_TEXTS[look.class][language]),
  column(
    '查询原因代码',
    'reason code',
    ({ reason }) => reason?.code ?? '',
    ({ why }) => why ?? '',
  ),
  column(
    '查询原因',
    'reason',
    ({ reason }, language) => reason?.name?.[language] ?? '',
    (view, language) => whyText(view)[language],
  ),
  column(
    '信息',
    'items',
    ({ items }, language) =>
      allOf(
        items.map(({ name }) => name),
        language,
      ),
    (view, language) => allOf(shownText(view), language),
  ),
  column('来源或接收方', 'source or recipient', ({ door }, language) => door?.[language] ?? ''),
  column('授权书', 'letter', ({ ground }) => (ground.kind === 'letter' ? (ground.letter ?? '') : '')),
  column('法律依据', 'legal basis', ({ ground }, language) =>
    ground.kind === 'law' ? basisText(ground.basis)[language] : '',
  ),
  column('有依据', 'covered', ({ covered }, language) => (covered ? YES : NO)[language]),
  column('结果', 'result', ({ result }, language) => resultText(result).line[language]),
  column('原因', 'why', ({ result }, language) =>
    resultText(result)
      .why.map((each) => each[language])
      .join('; '),
  ),
  column('代码', 'codes', ({ result }) => ('codes' in result ? result.codes.join(' ') : '')),
  column('访问编号', 'access', ({ access }) => access),
];

const CUT: Said = {
  zh: '更早的没有列在这里：一份文件列不下。请改用较短的期间，或在授权书的凭证中查看。',
  en: 'Earlier ones are not listed here: there are more than one file holds. Choose a shorter period, or see the receipts of the letters.',
};

export interface Listed {
  readonly looks: readonly Look[];
  readonly views: readonly IdentityLook[];
  /** Whether these are all that there are in the period. */
  readonly complete: boolean;
}

/** The newest first, whichever they are; a last line says so where earlier ones are missing. */
export function looksCsv({ looks, views, complete }: Listed, language: Language): string {
  const lines = [
    ...looks.map((look) => ({ index: look.index, cells: COLUMNS.map(({ of }) => of(look, language)) })),
    ...views.map((view) => ({ index: view.index, cells: COLUMNS.map(({ ofView }) => ofView(view, language)) })),
  ].sort((a, b) => b.index - a.index);
  const rows = [
    COLUMNS.map(({ name }) => name[language]),
    ...lines.map(({ cells }) => cells),
    ...(complete ? [] : [[CUT[language]]]),
  ];
  return BYTE_ORDER_MARK + rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function momentOf({ time }: Look | IdentityLook): string {
  return isoOf(time);
}

function institutionOf({ institution }: Look | IdentityLook, language: Language): string {
  return institution[language];
}

function operatorsOf({ operators }: Look | IdentityLook): string {
  return operators.join(' ');
}

function allOf(list: readonly Said[], language: Language): string {
  return list.map((each) => each[language]).join('; ');
}

const FORMULA = /^[\s]*[=+\-@\t\r]/u;

function cell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n']/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
