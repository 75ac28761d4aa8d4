/** No two things of one kind are called the same: a letter says names, and who reads it must tell what was meant. */
import type { Lint } from './lint-case.ts';
import { wrong } from './problem.ts';

/** What a letter's text calls by its name. */
const NAMED = ['classes', 'items', 'purposes', 'parties'] as const;

export const lintNames: Lint = ({ pack, needed }) =>
  NAMED.flatMap((section) => {
    const idOf = new Map(
      needed.flatMap((other) => (other[section] ?? []).map(({ name, id }) => [name.zh, id] as const)),
    );
    return (pack[section] ?? []).flatMap(({ name, id }, at) => {
      const known = idOf.get(name.zh);
      idOf.set(name.zh, id);
      if (known === undefined || known === id) return [];
      return [
        wrong(`${section}[${at}].name`, 'name_taken', `${known} is called ${name.zh}, too: no letter could tell`),
      ];
    });
  });
