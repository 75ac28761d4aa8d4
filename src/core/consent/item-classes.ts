/**
 * Classes of items in a letter that is drafted: they stand for the items that they hold in the version in force, and the
 * grant has those, one by one. What a later version adds to a class is no part of it (domain/seeds.md 3.12).
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { type ItemClassName, itemsOfClass } from '../pack/item-class.ts';
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
  const items = [...new Set([...terms.items, ...item_classes.flatMap((each) => itemsOfNamed(law, each))])];
  if (items.length <= ITEMS_MAX) return { ...terms, items };
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
