/** A grant as its person reads it: in words, with how it stands at a moment. */
import { endOf } from '#core/consent/end.ts';
import type { Moment } from '#core/consent/epoch.ts';
import type { Grade } from '#core/consent/evidence.ts';
import type { Said } from '#core/consent/explain-text.ts';
import { type GrantStatus, statusOf } from '#core/consent/grant.ts';
import type { Grant, Relationship } from '#core/consent/relationship.ts';
import { type Action, type Basis, doorsOf, type Terms } from '#core/consent/terms.ts';
import type { GrantId, LetterId } from '#core/ids.ts';
import type { Names } from './names.ts';

/** What one clause asks for or allows. */
export interface ClauseInWords {
  readonly grant: GrantId;
  readonly action: Action;
  readonly purposes: readonly Said[];
  readonly items: readonly Said[];
  /** Sources or recipients. */
  readonly doors: readonly Said[];
  readonly basis: Basis;
  readonly necessity: 'necessary' | 'optional';
}

export type StatusInWords = GrantStatus | 'frozen';
/** `suspended`: it waits for its subject to confirm it, since the ledger lost entries. */
export type Group = 'active' | 'suspended' | 'ended' | 'contested';

export interface GrantInWords extends ClauseInWords {
  readonly letter: LetterId;
  /** Whom it is given to; of one with candidates, none before it is bound. */
  readonly grantee: Said | null;
  /** Between which it may be settled who that is, where candidates are named. */
  readonly candidates: readonly Said[];
  readonly status: StatusInWords;
  readonly group: Group;
  readonly grade: Grade;
  /** From inclusive, to exclusive. */
  readonly from: number;
  readonly to: number;
  readonly signed_at: number;
  readonly given_at: number;
  /** When it was taken back, paused, contested; null: it is not. */
  readonly revoked_at: number | null;
  readonly paused_at: number | null;
  readonly contested_at: number | null;
  /** How often it was used, and may be; null: without limit. */
  readonly used: number;
  readonly uses_max: number | null;
  /** The grant that it was made of by its subject; null: its letter gave it. */
  readonly of: GrantId | null;
}

export function clauseInWords(names: Names, terms: Terms): ClauseInWords {
  return {
    grant: terms.grant,
    action: terms.action,
    purposes: terms.purposes.map(names.purpose),
    items: terms.items.map(names.item),
    doors: doorsOf(terms).map(names.party),
    basis: terms.basis,
    necessity: terms.necessity,
  };
}

export function grantInWords(names: Names, relationship: Relationship, grant: Grant, at: Moment): GrantInWords {
  const { terms, bound, paused, contested_at = null, of = null } = grant;
  const status = statusIn(relationship, grant, at);
  const holder = terms.candidates === undefined ? (grant.grantee ?? relationship.grantee) : bound?.party;
  return {
    ...clauseInWords(names, terms),
    letter: grant.letter as LetterId,
    grantee: holder === undefined ? null : names.party(holder),
    candidates: (terms.candidates ?? []).map(names.party),
    status,
    group: groupOf(status),
    grade: grant.grade,
    from: Math.max(terms.from ?? 0, grant.given_at),
    to: endOf(grant),
    signed_at: grant.signed_at,
    given_at: grant.given_at,
    revoked_at: grant.revoked_at,
    paused_at: paused?.at ?? null,
    contested_at,
    used: grant.used,
    uses_max: terms.uses_max,
    of,
  };
}

/** A grant that would be active is frozen where its subject has frozen everything. */
export function statusIn(
  { frozen }: Pick<Relationship, 'frozen'>,
  grant: Grant,
  { now, epoch }: Moment,
): StatusInWords {
  const status = statusOf(grant, now, epoch);
  return status === 'active' && frozen !== null ? 'frozen' : status;
}

function groupOf(status: StatusInWords): Group {
  if (status === 'contested' || status === 'suspended') return status;
  return status === 'expired' || status === 'revoked' ? 'ended' : 'active';
}
