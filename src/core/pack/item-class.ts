/**
 * Classes of items: what a class holds in one version of its pack, and what an item's class is called.
 *
 * Whoever ticks a class grants the items that it has in the version named (domain/seeds.md 3.12): it is expanded before
 * anything is shown or signed, and no later version adds to it.
 *
 * @module
 */
import { code, integer, list, record, type ShapeOf } from '../shape.ts';
import { type Pack, VERSION_MAX } from './pack.ts';
import { packId, type Text } from './word.ts';

type ItemClass = NonNullable<Pack['classes']>[number];

/** A clause is drafted with so many classes at most. */
export const ITEM_CLASSES_MAX = 32;

/** Classes as who drafts a letter names them: each of a pack in the version that is in force. */
export const itemClassesShape = list(
  record({ pack: packId, version: integer(1, VERSION_MAX), class: code }),
  ITEM_CLASSES_MAX,
);
export type ItemClassName = ShapeOf<typeof itemClassesShape>[number];

/** The items of a class and of its parts, in the order of the pack; undefined: it has no such class. */
export function itemsOfClass({ classes = [], items }: Pack, id: string): readonly string[] | undefined {
  if (classes.every((each) => each.id !== id)) return undefined;
  const within = new Set([id, ...classes.filter(({ parent }) => parent === id).map((each) => each.id)]);
  return items.filter(({ class: of }) => of !== undefined && within.has(of)).map((item) => item.id);
}

/** What the class of each item is called, with the class that it is a part of; an item of no class has none. */
export function classNames(packs: readonly Pack[]): ReadonlyMap<string, readonly Text[]> {
  return new Map(
    packs.flatMap(({ items, classes = [] }) => {
      const byId = new Map(classes.map((each) => [each.id, each]));
      return items.flatMap(({ id, class: of }) => (of === undefined ? [] : [[id, pathOf(byId, of)] as const]));
    }),
  );
}

function pathOf(byId: ReadonlyMap<string, ItemClass>, id: string): readonly Text[] {
  const found = byId.get(id);
  if (found === undefined) return [];
  const above = found.parent === null ? undefined : byId.get(found.parent);
  return above === undefined ? [found.name] : [above.name, found.name];
}
