/** What a lint may look at: the pack, all versions of others, and those that its references may lead into. */
import type { Pack, PackVersions } from './pack.ts';
import type { PackProblem } from './problem.ts';

export interface LintCase {
  readonly pack: Pack;
  readonly others: PackVersions;
  /** The packs that it needs, as far as they are there, each in its newest version. */
  readonly needed: readonly Pack[];
}

export type Lint = (given: LintCase) => readonly PackProblem[];

export function lintCase(pack: Pack, others: PackVersions): LintCase {
  const ids = new Set(pack.needs.map((need) => need.pack));
  const needed = [...ids].flatMap((id) => (id === pack.id ? [] : (newestOf(others, id) ?? [])));
  return { pack, others, needed };
}

export function newestOf(packs: PackVersions, id: Pack['id']): Pack | undefined {
  return packs.get(id)?.toSorted((a, b) => b.version - a.version)[0];
}
