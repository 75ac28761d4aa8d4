/**
 * Retention: until when what a stream holds has to be kept, and what is due for erasure (domain/law.md 2.8; PIPL 19, 47).
 *
 * It is worked out of the stream and the packs in force: entries stay for ever, and nothing is erased by being due. An
 * erasure is decided by the same (`erasure.ts`). What is not known keeps a thing.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { Day } from '../pack/day.ts';
import { RETENTION_CLASSES, type RetentionClass, type RetentionRule, type RetentionStart } from '../pack/law.ts';
import { periodEnd } from '../pack/period.ts';
import { addDays, dayAt, startOf } from '../pack/reckon.ts';
import type { Entry } from '../tlog/entry.ts';
import type { ErasedClasses } from './erased-classes.ts';
import { factsIn } from './facts.ts';
import type { Relationship } from './relationship.ts';

/** What is worked out of an entry: that there is one, of what, and when; and where in its stream, once anything is erased. */
export type Noted = Pick<Entry, 'type' | 'time' | 'body'> & Partial<Pick<Entry, 'seq'>>;

/** The things of one class in one stream. */
export interface Retained {
  readonly class: RetentionClass;
  readonly count: number;
  /** How many of them are due for erasure. */
  readonly due: number;
  /** When the next of them will be; null: no end that is known is still to come. */
  readonly next_due: Instant | null;
  /** When the last of them is; null: of one at least no end is known yet, or an objection is open. */
  readonly kept_until: Instant | null;
  /** The rules that say so, by their ids, sorted. */
  readonly by: readonly string[];
}

export interface Retention {
  /** When nothing of the relationship was in force any more; null: something is, and it is not only stored. */
  readonly ended_at: Instant | null;
  /** Whether an objection is open: until it is answered, no evidence is due. */
  readonly disputed: boolean;
  /** Those of which there are things. */
  readonly classes: readonly Retained[];
}

/** What one thing is kept from; null: that has not come. */
type Starts = { readonly [start in RetentionStart]?: Day | null };
interface Held {
  readonly class: RetentionClass;
  readonly starts: Starts;
}

/** Whatever else stands in a relationship is evidence of its letters, which is kept the longest. */
const CLASS_OF: Readonly<Record<string, RetentionClass>> = {
  'access.decided': 'decisions',
  'access.refused': 'decisions',
  'access.redeemed': 'decisions',
  'access.settled': 'decisions',
  'notice.sent': 'decisions',
  'identity.viewed': 'decisions',
  'objection.opened': 'objections',
  'objection.marked': 'objections',
  'objection.answered': 'objections',
};

/** That something was erased is kept for ever, and keeps nothing. */
const ERASURE = 'payload.erased';

/** The class that whatever an entry of a relationship, or of refusals, holds belongs to. */
export function classOf(type: string): RetentionClass {
  return CLASS_OF[type] ?? 'letters';
}

/**
 * How what a stream holds is kept, as of a moment.
 *
 * @param relationship Its state; undefined for a party's refusals, which are of no relationship that is its own.
 * @param entries All of the stream's.
 * @param rules Those in force.
 * @param erased What of it is erased already.
 */
export function retentionOf(
  relationship: Relationship | undefined,
  entries: readonly Noted[],
  rules: readonly RetentionRule[],
  now: Instant,
  erased: ErasedClasses = {},
): Retention {
  const acts = entries.filter(({ type }) => type !== ERASURE);
  const last = Math.max(...acts.map(({ time }) => time));
  const ended_at = relationship === undefined ? null : endOf(relationship, last, now);
  const disputed = relationship !== undefined && hasOpenObjection(relationship);
  const kept = acts.filter(({ type, seq }) => seq === undefined || seq > (erased[classOf(type)]?.through ?? -1));
  const held = [...entriesHeld(kept, ended_at), ...(relationship === undefined ? [] : itemsHeld(relationship))];
  const classes = RETENTION_CLASSES.flatMap((each) => {
    const own = held.filter((thing) => thing.class === each);
    const covering = rules.filter(({ covers }) => covers === each);
    return own.length === 0 ? [] : [retained(each, own, covering, { now, disputed })];
  });
  return { ended_at, disputed, classes };
}

/** The moment from which no grant, no facility and no draft is left that could be used; null: there is one. */
function endOf(relationship: Relationship, last: number, now: Instant): Instant | null {
  const { facilities } = factsIn(relationship);
  if (hasOpenObjection(relationship)) return null;
  const end = Math.max(
    last,
    ...Object.values(relationship.grants).map(({ terms, revoked_at }) => earlier(terms.to, revoked_at)),
    ...Object.values(facilities).map(({ to, closed_at }) => earlier(to, closed_at)),
    ...Object.values(relationship.drafts).map(({ expires_at }) => expires_at),
  );
  return end <= now ? (end as Instant) : null;
}

function earlier(one: number | null, other: number | null): number {
  return Math.min(one ?? Number.POSITIVE_INFINITY, other ?? Number.POSITIVE_INFINITY);
}

function hasOpenObjection(relationship: Relationship): boolean {
  return Object.values(factsIn(relationship).objections).some(({ answered_at }) => answered_at === null);
}

function entriesHeld(entries: readonly Noted[], endedAt: Instant | null): readonly Held[] {
  const answered = new Map(
    entries
      .filter(({ type }) => type === 'objection.answered')
      .map(({ body, time }) => [body['objection'], dayAt(time)] as const),
  );
  const relationship_end = endedAt === null ? null : dayAt(endedAt);
  return entries.map(({ type, time, body }) => {
    const found = classOf(type);
    const decision = found === 'objections' ? (answered.get(body['objection']) ?? null) : dayAt(time);
    return { class: found, starts: { relationship_end, decision } };
  });
}

function itemsHeld(relationship: Relationship): readonly Held[] {
  return Object.values(factsIn(relationship).items).map(({ ended_on, determined_on }) => ({
    class: 'adverse_items',
    starts: { settlement: ended_on, determination: determined_on },
  }));
}

interface Standing {
  readonly now: Instant;
  readonly disputed: boolean;
}

function retained(
  of: RetentionClass,
  things: readonly Held[],
  rules: readonly RetentionRule[],
  { now, disputed }: Standing,
): Retained {
  const terms = things.map(({ starts }) => termOf(starts, rules));
  const ends = terms.map(({ end }) => end);
  const known = ends.filter((end) => end !== null);
  const isStayed = disputed && rules.some(({ limit }) => limit === 'at_least');
  const coming = known.filter((end) => end > now);
  return {
    class: of,
    count: things.length,
    due: isStayed ? 0 : known.length - coming.length,
    next_due: isStayed || coming.length === 0 ? null : (Math.min(...coming) as Instant),
    kept_until: isStayed || known.length < ends.length ? null : (Math.max(...known) as Instant),
    by: [...new Set(terms.flatMap(({ by }) => by))].sort(),
  };
}

interface Term {
  readonly end: Instant | null;
  readonly by: readonly string[];
}
interface RuleEnd {
  readonly id: string;
  readonly end: Instant | null;
}

/** Of those that say at least the longest wins, and one whose start has not come has no end; of those that say at most, the shortest. */
function termOf(starts: Starts, rules: readonly RetentionRule[]): Term {
  const ends = (limit: RetentionRule['limit']) =>
    rules.filter((rule) => rule.limit === limit).map((rule): RuleEnd => ({ id: rule.id, end: endBy(rule, starts) }));
  const [least, most] = [ends('at_least'), ends('at_most').filter(({ end }) => end !== null)];
  const open = least.filter(({ end }) => end === null);
  if (open.length > 0) return { end: null, by: open.map(({ id }) => id) };
  const first = Math.min(...most.map(({ end }) => Number(end)));
  const last = Math.max(...least.map(({ end }) => Number(end)), ...(most.length > 0 ? [first] : []));
  if (!Number.isFinite(last)) return { end: null, by: [] };
  return { end: last as Instant, by: [...least, ...most].filter(({ end }) => end === last).map(({ id }) => id) };
}

/** When a rule lets go of what begins so; null: it has not begun, or nobody knows. */
function endBy({ keep, from }: RetentionRule, starts: Starts): Instant | null {
  const start = starts[from] ?? null;
  if (start === null) return null;
  return 'years' in keep ? periodEnd('retention', start, { years: keep.years }).end : startOf(addDays(start, 1));
}
