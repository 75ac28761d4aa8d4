/**
 * Classes of items: what a class holds in one version of its pack, and what an item's class is called.
 *
 * Whoever ticks a class grants the items that it has in the version named (domain/seeds.md 3.12): it is expanded before
 * anything is shown or signed, and no later version adds to it.
 *
 * @module
 */
import type { Pack } from './pack.ts';
import type { PackId, Text } from './word.ts';

/** A clause is drafted with so many classes at most. */
export const ITEM_CLASSES_MAX = 32;

/** A class as who drafts a letter names it: of a pack in the version that is in force. */
export interface ItemClassName {
  readonly pack: PackId;
  readonly version: number;
  readonly class: string;
}

/** The items of a class and of its parts, in the order of the pack; undefined: it has no such class. */
export function itemsOfClass({ classes = [], items }: Pack, id: string): readonly string[] | undefined {
  if (classes.every((each) => each.id !== id)) return undefined;
  const within = new Set([id, ...classes.filter(({ parent }) => parent === id).map((each) => each.id)]);
  return items.filter(({ class: of }) => of !== undefined && within.has(of)).map((item) => item.id);
}

/** What the class of each item is called, with the class that it is a part of; an item of no class has none. */
export function classNames(packs: readonly Pack[]): ReadonlyMap<string, readonly Text[]> {
  const classes = new Map(packs.flatMap((pack) => (pack.classes ?? []).map((each) => [each.id, each] as const)));
  const pathOf = (id: string): readonly Text[] => {
    const found = classes.get(id);
    if (found === undefined) return [];
    const above = found.parent === null ? undefined : classes.get(found.parent);
    return above === undefined ? [found.name] : [above.name, found.name];
  };
  return new Map(
    packs.flatMap(({ items }) =>
      items.flatMap(({ id, class: of }) => (of === undefined ? [] : [[id, pathOf(of)] as const])),
    ),
  );
}
