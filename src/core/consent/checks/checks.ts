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
import { evidence } from './evidence.ts';
import { expired } from './expired.ts';
import { noAuthorization } from './no-authorization.ts';
import { notYet } from './not-yet.ts';
import { party } from './party.ts';
import { purpose } from './purpose.ts';
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
  party,
  action,
  scope,
  source,
  recipient,
  purpose,
  evidence,
  basis,
];

/** Runs the checks of the access's engine and returns every failing code, sorted. None: it is allowed. */
export function failingCodes(access: Case): readonly DecisionCode[] {
  const { engine } = access.access;
  return CHECKS.filter((check) => engine >= check.since && (check.until === null || engine < check.until))
    .filter((check) => check.denies(access))
    .map((check) => check.code)
    .sort();
}
