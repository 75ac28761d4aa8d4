/**
 * Comparing a door's own query list with a ledger that was just replayed: the one thing that no log proves by itself is that
 * everything was recorded. What is said here is as far as that one list, and names it.
 *
 * @module
 */
import type { JsonObject } from '#core/canonical.ts';
import { Failure } from '#core/failure.ts';
import { isObject } from '#core/shape.ts';
import type { Entry } from '#core/tlog/entry.ts';

/** One query, as the door's own books have it. */
export interface ListedQuery {
  readonly line: number;
  /** The access that it was answered under; null: under none. */
  readonly access: string | null;
  readonly time: number;
  /** Where the second or minute ends that `time` is written as, exclusive: the query was somewhere in between. */
  readonly until: number;
  /** In the door's own scheme; null: the list does not say. */
  readonly reason: string | null;
}

export interface QueryList {
  readonly door: string;
  readonly queries: readonly ListedQuery[];
  /** How far the times of one query may lie apart, ms. */
  readonly apartMax: number;
  /** How far the door's clock may be off, ms: so much before its letter's signature a query is not called late. */
  readonly clockMax: number;
  /** The time that the list covers, from inclusive, to exclusive. */
  readonly from: number;
  readonly to: number;
}

export type Difference =
  /** Nothing in the ledger permitted it. */
  | { readonly kind: 'list_only'; readonly line: number; readonly access: string | null }
  /** It was permitted and taken, and the list does not have it. */
  | { readonly kind: 'ledger_only'; readonly index: number; readonly access: string }
  | { readonly kind: 'time' | 'reason'; readonly line: number; readonly index: number; readonly access: string }
  /** It was queried before the letter was signed that it stands on. */
  | { readonly kind: 'signed_late'; readonly line: number; readonly index: number; readonly access: string };

export interface Reconciled {
  readonly matched: number;
  readonly differences: readonly Difference[];
}

export interface QueryCheck {
  note(entry: Entry, index: number): void;
  /** @throws {Failure} `party_unknown`, if the ledger has no such door: it would agree with any list that is empty. */
  reconcile(list: QueryList): Reconciled;
}

interface Queried {
  readonly index: number;
  readonly access: string;
  readonly door: string;
  readonly reason: string | null;
  readonly grant: string | null;
  /** When it was decided, or, for a use recorded later, when it is said to have been. */
  readonly decidedAt: number;
  /** When the door took its permit; undefined: not by asking. */
  takenAt?: number;
  /** Whether the door asked, or said that it had released or found nothing. */
  isTaken: boolean;
}

export function checkQueries(): QueryCheck {
  const queries = new Map<string, Queried>();
  const grantsOf = new Map<string, readonly string[]>();
  const signedAt = new Map<string, number>();
  const parties = new Set<string>();

  function noteDecided({ body, time }: Entry, index: number): void {
    if (body['decision'] !== 'allow' || typeof body['door'] !== 'string') return;
    const access = String(body['access']);
    const used = fieldOf(body['stated'], 'used_at');
    const isLate = typeof used === 'number';
    queries.set(access, {
      index,
      access,
      door: body['door'],
      reason: reasonOf(body),
      grant: isObject(body['ground']) && 'grant' in body['ground'] ? String(body['ground']['grant']) : null,
      decidedAt: isLate ? used : time,
      isTaken: isLate,
    });
  }

  function noteTaken({ type, body, time }: Entry): void {
    const found = queries.get(String(body['access']));
    if (found === undefined) return;
    if (type === 'access.redeemed' && body['decision'] === 'allow') {
      found.takenAt ??= time;
      found.isTaken = true;
    }
    if (type === 'access.settled') {
      found.isTaken ||= body['result'] === 'released' || body['result'] === 'nothing_found';
    }
  }

  function noteSigned({ body, time }: Entry): void {
    for (const grant of grantsOf.get(String(body['letter'])) ?? []) signedAt.set(grant, time);
  }

  return {
    note(entry, index) {
      const { type, body } = entry;
      if (type === 'party.registered') parties.add(entry.stream);
      if (type === 'access.decided') noteDecided(entry, index);
      if (type === 'access.redeemed' || type === 'access.settled') noteTaken(entry);
      if (type === 'letter.drafted') grantsOf.set(String(body['letter']), grantsIn(body));
      if (type === 'letter.signed' || type === 'letter.signed_on_paper') noteSigned(entry);
    },
    reconcile(list) {
      if (!parties.has(`party/${list.door}`)) throw new Failure('party_unknown', 'no party of this ledger has that id');
      const seen = new Set<string | null>();
      const listed = list.queries.map((query): readonly Difference[] => {
        const { line, access } = query;
        // A permit is good for one query, however often it was handed over.
        if (access !== null && seen.has(access)) return [{ kind: 'list_only', line, access }];
        seen.add(access);
        return judge(query, list, queries, signedAt);
      });
      const missing = [...queries.values()]
        .filter((each) => each.door === list.door && each.isTaken && !seen.has(each.access))
        .filter((each) => list.from <= timeOf(each) && timeOf(each) < list.to)
        .map(({ index, access }): Difference => ({ kind: 'ledger_only', index, access }));
      return {
        matched: listed.filter((each) => each.length === 0).length,
        differences: [...listed.flat(), ...missing],
      };
    },
  };
}

/** What a line and the ledger say differently; nothing: it is matched. */
function judge(
  { line, access, time, until, reason }: ListedQuery,
  { door, apartMax, clockMax }: QueryList,
  queries: ReadonlyMap<string, Queried>,
  signedAt: ReadonlyMap<string, number>,
): readonly Difference[] {
  const found = access === null ? undefined : queries.get(access);
  if (found === undefined || found.door !== door) return [{ kind: 'list_only', line, access }];
  const at = { line, index: found.index, access: found.access };
  const signed = found.grant === null ? undefined : signedAt.get(found.grant);
  return [
    ...(Math.max(time - timeOf(found), timeOf(found) - (until - 1)) > apartMax
      ? [{ kind: 'time', ...at } as const]
      : []),
    ...(reason !== null && reason !== found.reason ? [{ kind: 'reason', ...at } as const] : []),
    ...(signed !== undefined && until + clockMax <= signed ? [{ kind: 'signed_late', ...at } as const] : []),
  ];
}

function timeOf({ takenAt, decidedAt }: Queried): number {
  return takenAt ?? decidedAt;
}

/** The reason that the door was told: by the law's packs, or by the caller. */
function reasonOf(body: JsonObject): string | null {
  const reason = fieldOf(body['law'], 'reason') ?? fieldOf(body['stated'], 'reason');
  return typeof reason === 'string' ? reason : null;
}

function fieldOf(value: JsonObject[string] | undefined, name: string): JsonObject[string] | null {
  return isObject(value) ? (value[name] ?? null) : null;
}

function grantsIn(body: JsonObject): readonly string[] {
  const grants = Array.isArray(body['grants']) ? body['grants'] : [];
  return grants.flatMap((grant: JsonObject[string]) => (isObject(grant) ? [String(grant['grant'])] : []));
}
