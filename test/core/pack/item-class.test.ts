/** Classes of items: a tree of two levels, what a class holds in one version, and how a pack that has none is as before. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#core/canonical.ts';
import { diffPacks } from '#core/pack/diff.ts';
import { classNames, itemsOfClass } from '#core/pack/item-class.ts';
import { lintPack } from '#core/pack/lint.ts';
import { encodePack, type Pack, type PackVersions, parsePack } from '#core/pack/pack.ts';
import type { PackId } from '#core/pack/word.ts';
import { expectFailure } from '../../support/failure.ts';
import { SOCIAL_INSURANCE, treePack } from '../../support/tree-pack.ts';
import { PAPER_PACK, paperBytes, paperPack, versionsOf } from './paper-pack.ts';

const NONE: PackVersions = new Map();
const said = (pack: Pack, others: PackVersions = NONE) =>
  lintPack(pack, others).map(({ path, code, message }) => `${path} ${code}: ${message}`);
const both = (text: string) => ({ zh: `示例${text}`, en: text });
const classOf = (id: string, parent: string | null = null) => ({
  id,
  name: both(id),
  parent,
  illustrative: true,
  evidence: 'rec' as const,
});
const [item] = paperPack().items as [Pack['items'][number]];
const classed = (classes: Pack['classes'], of: string): Pack => ({
  ...paperPack(),
  ...(classes === undefined ? {} : { classes }),
  items: [{ ...item, class: of }],
});

describe('the catalogue of 7 classes, 26 parts and 96 items', () => {
  const tree = treePack(1);

  test('is a pack without a problem, and the same after a round', () => {
    expect(said(tree)).toEqual([]);
    expect(parsePack(encodePack(tree))).toEqual(tree);
    const { classes = [], items } = tree;
    expect(classes.filter(({ parent }) => parent === null)).toHaveLength(7);
    expect(classes.filter(({ parent }) => parent !== null)).toHaveLength(26);
    expect(items.filter(({ class: of }) => of !== undefined)).toHaveLength(96);
  });

  test('has four items in the part that is ticked, and all of its parts in a class', () => {
    expect(itemsOfClass(tree, SOCIAL_INSURANCE)).toEqual(['item_1', 'item_2', 'item_3', 'item_4']);
    const { classes = [] } = tree;
    for (const { id, parent } of classes.filter((each) => each.parent === null)) {
      const parts = classes.filter((each) => each.parent === id).flatMap((each) => itemsOfClass(tree, each.id) ?? []);
      expect(itemsOfClass(tree, id)?.toSorted(), parent ?? id).toEqual(parts.toSorted());
    }
    const whole = classes.filter(({ parent }) => parent === null).flatMap(({ id }) => itemsOfClass(tree, id) ?? []);
    expect(new Set(whole).size).toBe(96);
    expect(whole).toHaveLength(96);
  });

  test('calls the class of an item by its way from above', () => {
    expect(
      classNames([tree])
        .get('item_1')
        ?.map(({ zh }) => zh),
    ).toEqual(['示例社会保障类', '示例社会保障小类1']);
    expect(classNames([tree]).has('basic')).toBe(false);
  });

  test('shows by its difference what a class has more or less, and that it is wider', () => {
    const { sections, classes, widened } = diffPacks(tree, treePack(2));
    expect(classes).toEqual([{ class: SOCIAL_INSURANCE, added: ['item_97'], removed: [] }]);
    expect(sections.find(({ section }) => section === 'items')).toMatchObject({ added: ['item_97'], changed: [] });
    expect(widened.items).toEqual(['item_97']);
    const [moved, ...rest] = tree.items.slice(GOLDEN);
    const regrouped = { ...tree, items: [...tree.items.slice(0, GOLDEN), { ...moved, class: 'class_1_1' }, ...rest] };
    expect(diffPacks(tree, regrouped as Pack)).toMatchObject({
      sections: [{ section: 'items', changed: ['item_1'] }],
      classes: [
        { class: 'class_1_1', added: ['item_1'], removed: [] },
        { class: SOCIAL_INSURANCE, added: [], removed: ['item_1'] },
      ],
      widened: { items: [] },
    });
    const gone = { ...tree, items: tree.items.filter(({ id }) => id !== 'item_1') };
    expect(diffPacks(tree, gone).classes).toEqual([{ class: SOCIAL_INSURANCE, added: [], removed: ['item_1'] }]);
  });
});
const GOLDEN = treePack(1).items.length - 96;

test('a pack without classes has the very bytes that it had', () => {
  expect(paperPack()).not.toHaveProperty('classes');
  expect(encodePack(paperPack())).toEqual(paperBytes(PAPER_PACK));
  const { class: _class, ...bare } = { ...PAPER_PACK.items[0], class: null };
  expectFailure('pack_invalid', () => paperPack({ items: [{ ...bare, class: null }] as Json }));
});

test('what a class holds in a version stays, whatever later versions are', () => {
  const tree = treePack(1);
  const ids = (tree.classes ?? []).map(({ id }) => id);
  fc.assert(
    fc.property(fc.constantFrom(...ids), fc.array(fc.constantFrom(...ids)), (id, added) => {
      const before = itemsOfClass(tree, id);
      const later: Pack = {
        ...tree,
        version: 2,
        items: [...tree.items, ...added.map((of, at) => ({ ...item, id: `later_${at}`, class: of }))],
      };
      const after = itemsOfClass(later, id) ?? [];
      expect(itemsOfClass(tree, id)).toEqual(before);
      expect(after.slice(0, before?.length)).toEqual(before);
    }),
  );
});

describe('a pack is refused', () => {
  test.each<[string, Pack, string]>([
    [
      'with an item of no known class',
      classed(undefined, 'a'),
      'items[0].class reference_unknown: this pack has no class a',
    ],
    [
      'with a class whose parent is not there',
      classed([classOf('a', 'b')], 'a'),
      'classes[0].parent reference_unknown: this pack has no class b',
    ],
    [
      'with a class in itself',
      classed([classOf('a', 'a'), classOf('b')], 'b'),
      'classes[0].parent cycle: a is a part of itself',
    ],
    [
      'with an item in a class that has parts',
      classed([classOf('a'), classOf('b', 'a')], 'a'),
      'items[0].class class_mismatch: a has parts: want one of them',
    ],
    [
      'with a third level',
      classed([classOf('a'), classOf('b', 'a'), classOf('c', 'b')], 'c'),
      'classes[2].parent class_mismatch: b is a part of a: classes have two levels at most',
    ],
    [
      'with a class that is there twice',
      classed([classOf('a'), { ...classOf('a'), name: both('other') }], 'a'),
      'classes[1].id duplicate: a is there already, at classes[0].id',
    ],
    [
      'with two classes of one name',
      classed([classOf('a'), { ...classOf('b'), name: both('a') }], 'a'),
      'classes[1].name name_taken: a is called 示例a, too: no letter could tell',
    ],
  ])('%s', (_what, pack, problem) => {
    expect(said(pack)).toEqual([problem]);
  });

  test('with two classes that are parts of each other', () => {
    expect(said(classed([classOf('a', 'b'), classOf('b', 'a'), classOf('c')], 'c'))).toEqual([
      'classes[0].parent cycle: a is a part of itself',
      'classes[1].parent cycle: b is a part of itself',
    ]);
  });

  test('with a class that a needed pack has, and puts no item into one of those', () => {
    const base = { ...paperPack(), id: 'base' as PackId, classes: [classOf('a')] };
    const bare = { laws: [], profiles: [], purposes: [], codes: [], parties: [], rules: [], retention: [] };
    const needs = [{ pack: 'base' as PackId, version: 1 }];
    const own = { ...paperPack(), ...bare, needs, items: [{ ...item, id: 'own', name: both('own'), class: 'a' }] };
    expect(said(own, versionsOf(base))).toEqual(['items[0].class reference_unknown: this pack has no class a']);
    expect(said({ ...own, classes: [classOf('a')] }, versionsOf(base))).toEqual([
      'classes[0].id duplicate: a is there already, in pack base',
    ]);
  });
});
