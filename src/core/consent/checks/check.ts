/** What one check of an access is, and what it may look at. */

import type { PartyId } from '../../ids.ts';
import type { Instant } from '../../instant.ts';
import type { DENIALS } from '../../pack/rule.ts';
import type { Ground, Stated } from '../asked.ts';
import type { Law } from '../law.ts';
import type { Operator, Party } from '../party.ts';
import type { Grant, Relationship } from '../relationship.ts';
import type { Action } from '../terms.ts';

/** The codes that a decision can carry. */
export type DecisionCode = (typeof DENIALS)[number] | 'SUBJECT' | 'SUSPENDED';

/** Those that the engine's own checks deny with; the others are the law's alone. */
export type CheckCode = Exclude<
  DecisionCode,
  | 'NOFACILITY'
  | 'FORBIDDEN_KIND'
  | 'NEED_WRITTEN'
  | 'NEED_SEPARATE'
  | 'NEED_ADVERSE_WARNING'
  | 'NOTICE_MISSING'
  | 'CAPACITY'
  | 'TEMPLATE'
>;

/** What is asked: in the first place, or again at hand-over. */
export interface Wanted {
  readonly principal: PartyId;
  readonly action: Action;
  readonly purpose: string;
  readonly items: readonly string[];
  readonly door: PartyId | null;
  readonly ground: Ground;
  readonly engine: number;
  /** From engine 2 on. */
  readonly stated?: Stated;
  /** Absent: the ledger knows whom it is about. At hand-over it is not asked. */
  readonly subject?: 'unknown';
}

export interface Case {
  readonly access: Wanted;
  readonly relationship: Relationship;
  /** The grant that the access names, if this relationship has it. */
  readonly grant: Grant | undefined;
  readonly party: Party | undefined;
  /** Who of the party asks. */
  readonly operator: Operator | undefined;
  /** Whose door the data would leave by, from engine 2 on. */
  readonly door?: Party | undefined;
  /** The law of the packs in force; null, or absent before engine 2: there is none. */
  readonly law?: Law | null;
  readonly now: Instant;
  /** How often the log was continued: what stood before waits to be confirmed. */
  readonly epoch: number;
  /** Whether what it uses up is counted already: at hand-over it is, since it was decided. Absent: it is not. */
  readonly isCounted?: boolean;
}

/** One row of the table. A row is never edited once released: a changed outcome is a new row with a later `since`. */
export interface Check {
  readonly code: CheckCode;
  /** First engine that runs it. */
  readonly since: number;
  /** First engine that no longer does; null: it still does. */
  readonly until: number | null;
  /**
   * When it is asked: only at the decision, or again at hand-over, since what it looks at may end in between
   * (design §9).
   */
  readonly asked: 'at decision' | 'again at hand-over';
  /** Whether the access fails it. What is unknown fails. */
  denies(access: Case): boolean;
}
