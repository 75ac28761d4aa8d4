/**
 * Classes of items are a tree of two levels, and every item stands in a leaf of it: what one ticks is a set without doubt.
 * They are the pack's own, so that no version of another pack changes what a class holds in a version of this one.
 */
import type { Lint } from './lint-case.ts';
import { type PackProblem, wrong } from './problem.ts';

export const lintClasses: Lint = ({ pack: { classes = [], items } }) => {
  const byId = new Map(classes.map((each) => [each.id, each]));
  const parents = new Set(classes.map(({ parent }) => parent));
  return [
    ...classes.flatMap(({ id, parent }, at): readonly PackProblem[] => {
      if (parent === null) return [];
      const path = `classes[${at}].parent`;
      const above = byId.get(parent);
      if (above === undefined) return [wrong(path, 'reference_unknown', `this pack has no class ${parent}`)];
      if (parent === id || above.parent === id) return [wrong(path, 'cycle', `${id} is a part of itself`)];
      if (above.parent === null) return [];
      return [wrong(path, 'class_mismatch', `${parent} is a part of ${above.parent}: classes have two levels at most`)];
    }),
    ...items.flatMap(({ class: of }, at): readonly PackProblem[] => {
      if (of === undefined) return [];
      const path = `items[${at}].class`;
      if (!byId.has(of)) return [wrong(path, 'reference_unknown', `this pack has no class ${of}`)];
      if (!parents.has(of)) return [];
      return [wrong(path, 'class_mismatch', `${of} has parts: want one of them`)];
    }),
  ];
};
