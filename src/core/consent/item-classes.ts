/**
 * Classes of items in a letter that is drafted: they stand for the items that they hold in the version in force, and the
 * grant has those, one by one. What a later version adds to a class is no part of it (domain/seeds.md 3.12).
 *
 * @module
 */
import type { Json } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import { type ItemClassName, itemClassesShape, itemsOfClass } from '../pack/item-class.ts';
import { code, isObject, list } from '../shape.ts';
import type { Law } from './law.ts';
import { ITEMS_MAX, type Terms } from './terms.ts';

/** A clause as it is asked for: with items, with classes that stand for items, or with both. */
export type ClauseDraft = Omit<Terms, 'grant'> & { readonly item_classes?: readonly ItemClassName[] };

/**
 * A clause with the items that it names, and behind them those of its classes by the law of a moment, each once.
 *
 * @throws {Failure} `pack_not_in_force`, `item_class_unknown`; `input_invalid`, for too many.
 */
export function expandItems(law: Law | null, { item_classes = [], ...terms }: ClauseDraft): Omit<Terms, 'grant'> {
  if (item_classes.length === 0) return terms;
  return { ...terms, items: itemsWith(law, terms.items, item_classes) };
}

/**
 * A clause as its request had it, with the items that the law of that time makes of its classes.
 *
 * @throws {Failure} `entry_invalid`, if none can have been drafted by it.
 */
export function meantBy(law: Law | null, clause: Json): Json {
  if (!isObject(clause) || clause['item_classes'] === undefined) return clause;
  const { item_classes, items, ...terms } = clause;
  return readAs('entry_invalid', 'its clauses name classes of items that were not there', () => {
    const [named, classes] = [readItems(items, 'items'), itemClassesShape(item_classes, 'item_classes')];
    return { ...terms, items: classes.length === 0 ? named : itemsWith(law, named, classes) };
  });
}

const readItems = list(code, ITEMS_MAX);

/** Items, and behind them those of classes, each once. */
function itemsWith(law: Law | null, named: readonly string[], classes: readonly ItemClassName[]): readonly string[] {
  const items = [...new Set([...named, ...classes.flatMap((each) => itemsOfNamed(law, each))])];
  if (items.length <= ITEMS_MAX) return items;
  throw new Failure('input_invalid', `items: ${items.length} with those of its classes, want ${ITEMS_MAX} at most`);
}

function itemsOfNamed(law: Law | null, { pack: id, version, class: of }: ItemClassName): readonly string[] {
  const pack = law?.inForce.find((each) => each.id === id);
  if (pack?.version !== version) {
    const inForce = pack === undefined ? 'no version of it is' : `version ${pack.version} is`;
    throw new Failure('pack_not_in_force', `version ${version} of pack ${id} is not in force now: ${inForce}`);
  }
  const items = itemsOfClass(pack, of);
  if (items !== undefined) return items;
  throw new Failure('item_class_unknown', `the pack has no class ${of} in version ${version}`);
}
