/**
 * The ordered table of checks. All of them run, every failing code is returned, deny wins.
 *
 * Adding one is a file beside this and a line here; every decision says which `engine` ran, so that an audit years
 * later runs just the rows of that engine.
 *
 * @module
 */
import { action } from './action.ts';
import { basis, basisUngrounded } from './basis.ts';
import type { Case, Check, DecisionCode } from './check.ts';
import { dup, dupOnLaw } from './dup.ts';
import { evidence } from './evidence.ts';
import { endedByEvent, expired } from './expired.ts';
import { frequency } from './frequency.ts';
import { contested, frozen } from './frozen.ts';
import { noAuthorization } from './no-authorization.ts';
import { notYet } from './not-yet.ts';
import { operator } from './operator.ts';
import { party, partyOrSuccessor } from './party.ts';
import { purpose, purposeUnknown } from './purpose.ts';
import { quota } from './quota.ts';
import { recipient, recipientSuspended } from './recipient.ts';
import { revoked } from './revoked.ts';
import { scope, scopeUnknown } from './scope.ts';
import { source, sourceSuspended } from './source.ts';
import { subjectUnknown } from './subject.ts';
import { partyLeft, recipientLeft, sourceLeft, suspended } from './suspended.ts';

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
  partyOrSuccessor,
  scopeUnknown,
  sourceSuspended,
  recipientSuspended,
  purposeUnknown,
  basisUngrounded,
  contested,
  endedByEvent,
  dupOnLaw,
  subjectUnknown,
  suspended,
  partyLeft,
  sourceLeft,
  recipientLeft,
];

/** When an access is judged: as it is asked for, or again when its permit is handed over. */
export type Asked = 'at decision' | 'at hand-over';

/** The rows that an engine runs, in their order. */
export function runningChecks(engine: number): readonly Check[] {
  return CHECKS.filter(({ since, until }) => engine >= since && (until === null || engine < until));
}

/** Runs the checks of the access's engine and returns every failing code, sorted. None: it is allowed. */
export function failingCodes(access: Case, asked: Asked = 'at decision'): readonly DecisionCode[] {
  const { engine } = access.access;
  const codes = runningChecks(engine)
    .filter((check) => asked === 'at decision' || check.asked === 'again at hand-over')
    .filter((check) => check.denies(access))
    .map((check) => check.code);
  return [...new Set(codes)].sort();
}
