/**
 * Linting: what no reader of one pack alone can see, since it takes all of it, or others besides. One table, all rows run.
 *
 * @module
 */
import { type Lint, lintCase } from './lint-case.ts';
import { lintClasses } from './lint-classes.ts';
import { lintDates } from './lint-dates.ts';
import { lintIds } from './lint-ids.ts';
import { lintNames } from './lint-names.ts';
import { lintNeeds } from './lint-needs.ts';
import { lintReferences } from './lint-references.ts';
import { lintRules } from './lint-rules.ts';
import type { Pack, PackVersions } from './pack.ts';
import type { PackProblem } from './problem.ts';

const LINTS: readonly Lint[] = [lintNeeds, lintIds, lintNames, lintReferences, lintClasses, lintDates, lintRules];

/**
 * Everything that is wrong with a pack among others, in all their versions; `others` may hold earlier and later versions
 * of the pack itself. No error: it may be published.
 */
export function lintPack(pack: Pack, others: PackVersions): readonly PackProblem[] {
  const given = lintCase(pack, others);
  return LINTS.flatMap((lint) => lint(given));
}
