/** What a pack's files may leave out: canonical bytes have every field, people need not write those that say nothing. */
import { EMPTY_SECTIONS } from '#wire/packs.ts';

const ROW_DEFAULTS: Readonly<Record<string, object>> = {
  laws: { number: null, to: null },
  classes: { parent: null, illustrative: false },
  items: { level: null, fi_class: null, illustrative: false },
  purposes: { reasons: [], feedback_days: null },
  codes: { flagged: false },
  parties: { illustrative: false, cadence: null, closes: null },
  rules: { applies: {}, params: {}, to: null, profile: null, replaces: null },
  retention: { law: [], profile: null },
  areas: { from: null, to: null },
};
const RULE_DEFAULTS = {
  applies: { actions: null, subjects: null, item_kinds: null, purpose_kinds: null, bases: null, regions: null },
  params: { days: null, workdays: null, years: null, count: null, grade: null, owed_to: null },
};

/** Fills in what was left out. What is of another type than it should be stays, for the schema to refuse. */
export function fillPack(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const sections = Object.entries(value).map(([name, rows]): [string, unknown] => {
    const defaults = Object.hasOwn(ROW_DEFAULTS, name) ? ROW_DEFAULTS[name] : undefined;
    if (defaults === undefined || !Array.isArray(rows)) return [name, rows];
    return [name, rows.map((row) => fillRow(name, fill(row, defaults)))];
  });
  return { ...EMPTY_SECTIONS, ...Object.fromEntries(sections) };
}

function fillRow(section: string, row: unknown): unknown {
  if (section !== 'rules' || !isRecord(row)) return row;
  return {
    ...row,
    applies: fill(row['applies'], RULE_DEFAULTS.applies),
    params: fill(row['params'], RULE_DEFAULTS.params),
  };
}

function fill(value: unknown, defaults: object): unknown {
  return isRecord(value) ? { ...defaults, ...value } : value;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
