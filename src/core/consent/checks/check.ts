/** What one check of an access is, and what it may look at. */
import type { Instant } from '../../instant.ts';
import type { AccessDecided } from '../asked.ts';
import type { Party } from '../party.ts';
import type { Grant, Relationship } from '../relationship.ts';

/** The codes of domain/words.md that a decision can carry now. */
export type DecisionCode =
  | 'NOAUTH'
  | 'NOT_YET'
  | 'EXPIRED'
  | 'REVOKED'
  | 'PARTY'
  | 'ACTION'
  | 'SCOPE'
  | 'SOURCE'
  | 'RECIPIENT'
  | 'PURPOSE'
  | 'EVIDENCE'
  | 'BASIS';

export interface Case {
  readonly access: AccessDecided;
  readonly relationship: Relationship;
  /** The grant that the access names, if this relationship has it. */
  readonly grant: Grant | undefined;
  readonly party: Party | undefined;
  readonly now: Instant;
}

/** One row of the table. A row is never edited once released: a changed outcome is a new row with a later `since`. */
export interface Check {
  readonly code: DecisionCode;
  /** First engine that runs it. */
  readonly since: number;
  /** First engine that no longer does; null: it still does. */
  readonly until: number | null;
  /** Whether the access fails it. What is unknown fails. */
  denies(access: Case): boolean;
}
