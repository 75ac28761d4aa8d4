/**
 * What the parties did, as the ledger shows it: releases never settled or settled late, more sent than was permitted, and,
 * given a door's own list of what it released, what that list and the ledger say differently. None of it means that the
 * ledger does not hold; all of it is for someone to look at.
 *
 * @module
 */
import type { Json } from '#core/canonical.ts';
import { dueOf } from '#core/consent/release.ts';
import type { AccessId, PartyId } from '#core/ids.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { idOf } from '#core/tlog/stream.ts';

export type ConductCode =
  /** A permit was taken, and its door did not say in time what became of it. */
  | 'unsettled'
  | 'late'
  /** More was sent than the permit covers, by the door's own word. */
  | 'scope'
  /** On the door's own list, and nothing in the ledger permits it. */
  | 'unpermitted'
  /** The door's own list has more than it settled. */
  | 'understated'
  /** Settled as released, and not on the door's own list. */
  | 'unlisted'
  /** Released by a source that says it was compromised then. */
  | 'compromised'
  /** An objection was not answered within its days, or after them. */
  | 'unanswered'
  /** Until when an objection was to be answered, no calendar in force could say. */
  | 'due_unknown';

export interface Conduct {
  readonly code: ConductCode;
  /** The entry that it is about; null where the ledger has none. */
  readonly index: number | null;
  readonly party: PartyId;
  readonly message: string;
}

/** One release, as a door's own books have it. */
export interface ListedRelease {
  /** The access that it was made under; null: under none. */
  readonly access: AccessId | null;
  readonly items: readonly string[];
  readonly count: number;
}

/** A door's own list, complete for the time that it covers. */
export interface DoorList {
  readonly door: PartyId;
  readonly releases: readonly ListedRelease[];
}

export interface ConductCheck {
  note(entry: Entry, index: number): void;
  /** What there is to say, as of the time of the last entry. */
  list(now: number, lists: readonly DoorList[]): readonly Conduct[];
}

interface Taken {
  readonly index: number;
  readonly door: PartyId;
  readonly due: number;
}

interface Settled {
  readonly index: number;
  readonly items: readonly string[];
  readonly count: number;
  readonly released: boolean;
  readonly at: number;
}

/** A source's word that it was compromised, from a time to that of the entry. */
interface Compromised {
  readonly door: PartyId;
  readonly since: number;
  readonly until: number;
}

export function checkConduct(): ConductCheck {
  const until = new Map<string, number>();
  const taken = new Map<string, Taken>();
  const settled = new Map<string, Settled & { readonly door: PartyId }>();
  const said: Conduct[] = [];
  const compromised: Compromised[] = [];

  function noteDecided({ body, time }: Entry, index: number): void {
    if (body['decision'] !== 'allow' || typeof body['until'] !== 'number') return;
    const access = String(body['access']);
    until.set(access, body['until']);
    if (body['offline'] !== true) return;
    const due = dueOf({ until: body['until'], redeemed_at: time }, true);
    taken.set(access, { index, door: body['door'] as PartyId, due });
  }

  function noteRedeemed({ body, time }: Entry, index: number): void {
    if (body['decision'] !== 'allow') return;
    const access = String(body['access']);
    const due = dueOf({ until: until.get(access) ?? 0, redeemed_at: time }, false);
    taken.set(access, { index, door: body['door'] as PartyId, due });
  }

  function noteSuspended({ stream, body, time }: Entry): void {
    const since = body['compromised_since'];
    if (typeof since === 'number') compromised.push({ door: idOf<PartyId>(stream), since, until: time });
  }

  function noteSettled({ body, time }: Entry, index: number): void {
    const access = String(body['access']);
    const door = body['door'] as PartyId;
    taken.delete(access);
    const items = body['items'] as readonly string[];
    settled.set(access, {
      index,
      door,
      items,
      count: body['count'] as number,
      released: body['result'] === 'released',
      at: time,
    });
    for (const code of body['codes'] as readonly Json[]) {
      if (code === 'LATE') said.push({ code: 'late', index, party: door, message: 'it settled after its time' });
      if (code === 'SCOPE')
        said.push({ code: 'scope', index, party: door, message: 'it sent more than was permitted' });
    }
  }

  return {
    note(entry, index) {
      if (entry.type === 'access.decided') noteDecided(entry, index);
      if (entry.type === 'access.redeemed') noteRedeemed(entry, index);
      if (entry.type === 'access.settled') noteSettled(entry, index);
      if (entry.type === 'party.self_suspended') noteSuspended(entry);
    },
    list(now, lists) {
      const overdue = [...taken.values()]
        .filter(({ due }) => now > due)
        .map(({ index, door }): Conduct => {
          const message = 'it took a permit and never said what it released';
          return { code: 'unsettled', index, party: door, message };
        });
      const doubtful = doubtfulOf([...settled.values()], compromised);
      return [...said, ...overdue, ...doubtful, ...lists.flatMap((list) => reconcile(list, settled))];
    },
  };
}

function doubtfulOf(
  settled: readonly (Settled & { readonly door: PartyId })[],
  compromised: readonly Compromised[],
): readonly Conduct[] {
  return settled
    .filter((each) => each.released && compromised.some((span) => isWithin(each, span)))
    .map(({ index, door }) => {
      return { code: 'compromised', index, party: door, message: 'it released this while it was compromised' };
    });
}

function isWithin({ door, at }: Settled & { readonly door: PartyId }, span: Compromised): boolean {
  return door === span.door && span.since <= at && at < span.until;
}

/** What a list has of one access, all together: a permit is good for one settlement, however often it was handed over. */
function summed(releases: readonly ListedRelease[]): readonly ListedRelease[] {
  const under = Map.groupBy(releases, ({ access }) => access ?? '');
  return [...under.values()].flatMap((lines) => {
    const access = lines[0]?.access ?? null;
    if (access === null) return lines;
    const count = lines.reduce((sum, line) => sum + line.count, 0);
    return [{ access, items: [...new Set(lines.flatMap(({ items }) => items))], count }];
  });
}

function reconcile(
  { door, releases }: DoorList,
  settled: ReadonlyMap<string, Settled & { readonly door: PartyId }>,
): readonly Conduct[] {
  const listed = new Set(releases.map(({ access }) => access));
  const found = summed(releases).flatMap((release): readonly Conduct[] => {
    const ours = release.access === null ? undefined : settled.get(release.access);
    if (ours === undefined || ours.door !== door) {
      const message = 'its own list has a release that nothing in the ledger permits or settles';
      return [{ code: 'unpermitted', index: null, party: door, message }];
    }
    const isMore = release.count > ours.count || release.items.some((item) => !ours.items.includes(item));
    const message = 'its own list has more than it settled';
    return isMore ? [{ code: 'understated', index: ours.index, party: door, message }] : [];
  });
  const unlisted = [...settled]
    .filter(([access, each]) => each.door === door && each.released && !listed.has(access as AccessId))
    .map(([, { index }]): Conduct => {
      const message = 'it settled a release that is not on its own list';
      return { code: 'unlisted', index, party: door, message };
    });
  return [...found, ...unlisted];
}
