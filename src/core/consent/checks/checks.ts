/**
 * The ordered table of checks. All of them run, every failing code is returned, deny wins.
 *
 * Adding one is a file beside this and a line here; every decision says which `engine` ran, so that an audit years
 * later runs just the rows of that engine.
 *
 * @module
 */
import { action } from './action.ts';
import { basis } from './basis.ts';
import type { Case, Check, DecisionCode } from './check.ts';
import { dup } from './dup.ts';
import { evidence } from './evidence.ts';
import { expired } from './expired.ts';
import { frequency } from './frequency.ts';
import { frozen } from './frozen.ts';
import { noAuthorization } from './no-authorization.ts';
import { notYet } from './not-yet.ts';
import { operator } from './operator.ts';
import { party } from './party.ts';
import { purpose } from './purpose.ts';
import { quota } from './quota.ts';
import { recipient } from './recipient.ts';
import { revoked } from './revoked.ts';
import { scope } from './scope.ts';
import { source } from './source.ts';

/** The engine that decides new accesses. */
export const ENGINE = 1;

export const CHECKS: readonly Check[] = [
  noAuthorization,
  notYet,
  expired,
  revoked,
  frozen,
  party,
  operator,
  action,
  scope,
  source,
  recipient,
  purpose,
  evidence,
  basis,
  frequency,
  quota,
  dup,
];

/** Runs the checks of the access's engine and returns every failing code, sorted. None: it is allowed. */
export function failingCodes(
  access: Case,
  asked: 'at decision' | 'at hand-over' = 'at decision',
): readonly DecisionCode[] {
  const { engine } = access.access;
  return CHECKS.filter((check) => engine >= check.since && (check.until === null || engine < check.until))
    .filter((check) => asked === 'at decision' || check.asked === 'again at hand-over')
    .filter((check) => check.denies(access))
    .map((check) => check.code)
    .sort();
}
