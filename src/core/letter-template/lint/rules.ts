/**
 * The table of lint: 22 rules out of the texts of public letters (domain/law.md 2.10). All of them run.
 *
 * Adding one is a file beside this and a line here.
 *
 * @module
 */
import { irrevocable } from './l01-irrevocable.ts';
import { unnamedParties } from './l02-unnamed-parties.ts';
import { openItems } from './l03-open-items.ts';
import { noNotice } from './l04-no-notice.ts';
import { noPurpose } from './l05-no-purpose.ts';
import { noTerm } from './l06-no-term.ts';
import { grantee } from './l07-grantee.ts';
import { preTicked } from './l08-pre-ticked.ts';
import { useImplies } from './l09-use-implies.ts';
import { bundled } from './l10-bundled.ts';
import { sensitive } from './l11-sensitive.ts';
import { sixKinds } from './l12-six-kinds.ts';
import { notice } from './l13-notice.ts';
import { refusal } from './l14-refusal.ts';
import { disclaimer } from './l15-disclaimer.ts';
import { othersConsent } from './l16-others-consent.ts';
import { noBold } from './l17-no-bold.ts';
import { assurance } from './l18-assurance.ts';
import { legibility } from './l19-legibility.ts';
import { otherTerms } from './l20-other-terms.ts';
import { blanks } from './l21-blanks.ts';
import { survival } from './l22-survival.ts';
import type { LintRule } from './rule.ts';

export const RULES: readonly LintRule[] = [
  irrevocable,
  unnamedParties,
  openItems,
  noNotice,
  noPurpose,
  noTerm,
  grantee,
  preTicked,
  useImplies,
  bundled,
  sensitive,
  sixKinds,
  notice,
  refusal,
  disclaimer,
  othersConsent,
  noBold,
  assurance,
  legibility,
  otherTerms,
  blanks,
  survival,
];
