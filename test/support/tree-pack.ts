/**
 * A catalogue as wide as that of a verification platform for farming households: 7 classes, 26 parts, 96 items
 * (domain/seeds.md 3.12). The numbers are the source's, all names are made up.
 */
import type { Json, JsonObject } from '#core/canonical.ts';
import type { Pack } from '#core/pack/pack.ts';
import type { PackId } from '#core/pack/word.ts';
import { GOLDEN_PACK } from '../vectors/pack.ts';

const CLASSES = ['身份', '社会保障', '农业经营', '资产', '税费', '司法', '补贴'] as const;
const PARTS = [4, 4, 4, 4, 4, 3, 3] as const;
/** The part whose items are ticked in tests. */
export const SOCIAL_INSURANCE = 'class_2_1';
const made = { illustrative: true, evidence: 'rec' } as const;
const both = (zh: string, en: string) => ({ zh: `示例${zh}`, en: `Example ${en}` });

const classes = CLASSES.flatMap((name, at) => [
  { id: `class_${at + 1}`, name: both(`${name}类`, `class ${at + 1}`), parent: null, ...made },
  ...Array.from({ length: PARTS[at] as number }, (_, part) => ({
    id: `class_${at + 1}_${part + 1}`,
    name: both(`${name}小类${part + 1}`, `part ${at + 1}.${part + 1}`),
    parent: `class_${at + 1}`,
    ...made,
  })),
]);
const parts = classes.filter(({ parent }) => parent !== null).map(({ id }) => id);
/** Four items in 18 of the parts, three in the other eight. */
const places = [SOCIAL_INSURANCE, ...parts.filter((id) => id !== SOCIAL_INSURANCE)].flatMap((id, at) =>
  Array.from({ length: at < 18 ? 4 : 3 }, () => id),
);
const items = (count: number): Pack['items'] =>
  Array.from({ length: count }, (_, at) => ({
    id: `item_${at + 1}`,
    name: both(`数据项${at + 1}`, `item ${at + 1}`),
    kinds: ['basic' as const],
    level: null,
    fi_class: null,
    ...made,
    // What is added later is added to what was ticked.
    class: places[at] ?? SOCIAL_INSURANCE,
  }));

const [template] = GOLDEN_PACK.templates as unknown as [JsonObject & { readonly clauses: readonly JsonObject[] }];

/** The catalogue in a version; the second has a 97th item. Its template offers every item of it; it has no rule. */
export function treePack(version: 1 | 2, from: Pack['from'] = GOLDEN_PACK.from): Pack {
  const everything = [...GOLDEN_PACK.items, ...items(version === 1 ? 96 : 97)];
  const [query] = template.clauses as [JsonObject];
  const offered = {
    ...template,
    clauses: [{ ...query, items: everything.map(({ id }) => id) }, ...template.clauses.slice(1)],
  };
  return {
    ...GOLDEN_PACK,
    id: 'tree' as PackId,
    version,
    from,
    items: everything,
    classes,
    rules: [],
    templates: [offered as Json as Pack['templates'][number]],
  };
}
