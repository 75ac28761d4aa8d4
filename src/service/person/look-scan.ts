/**
 * Every access on a person's relationships within a window, the newest first, each with what became of it. They are found
 * and counted by `access_steps`; entries are read of those that are shown only, and of those that law may defer.
 *
 * @module
 */

import type { Decided } from '#core/consent/access.ts';
import type { AccessDecided } from '#core/consent/asked.ts';
import type { AccessRedeemed, AccessSettled, Redemption } from '#core/consent/release.ts';
import type { AccessId } from '#core/ids.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { stepsOf } from '#ledger/steps.ts';
import { type AccessStepRow, loadDecided, loadFollowing, loadStepped } from '#store/access-steps.ts';
import { loadEntriesAt, loadNewest } from '#store/entries.ts';
import type { Tx } from '#store/schema.ts';
import { noticeOf, toldAt } from '../told.ts';

/** So many steps are read at most. */
const SCANNED_MAX = 20_000;

/** An access as it is found: what is counted of it. */
export interface Found extends Pick<AccessDecided & Decided, 'access' | 'decision' | 'action' | 'purpose'> {
  readonly index: number;
  readonly stream: StreamId;
  readonly time: number;
  /** From when on its subject is told of it. */
  readonly told_at: number;
}

export interface Step<Body> {
  readonly time: number;
  readonly body: Body;
}

/** An access as it was decided, and what followed. */
export interface Scanned extends Pick<Found, 'index' | 'stream' | 'time' | 'told_at'> {
  readonly body: AccessDecided & Decided;
  /** When its door presented the permit, the last time first, and what that was answered. */
  readonly redemptions: readonly Step<AccessRedeemed & Redemption>[];
  readonly settlement: Step<AccessSettled> | null;
}

export interface Scan {
  /** The newest first. Those that may not be told of yet are not among them. */
  readonly accesses: readonly Found[];
  /** Whether the whole window was read. */
  readonly complete: boolean;
  /** Reads the entries of some of them, and of what followed. */
  open(chosen: readonly Found[]): Promise<readonly Scanned[]>;
}

/** @param since - accesses before it are left out. @param now - what is told of later than now is left out. */
export async function scanAccesses(
  tx: Tx,
  streams: readonly StreamId[],
  { since, now }: { readonly since: number; readonly now: number },
): Promise<Scan> {
  const { stepped, recent, isCut } = await readRecent(tx, streams);
  const countMax = isCut ? 0 : SCANNED_MAX;
  const filed = await loadDecided(tx, streams, { since, before: stepped, countMax });
  const steps = [...recent, ...filed];
  const told = await toldOf(tx, steps);
  const accesses = steps.flatMap((row): readonly Found[] => {
    if (row.step !== 'decided' || row.time < since) return [];
    const told_at = row.may_defer === true ? (told.get(row.index) ?? null) : row.time;
    return told_at === null || told_at > now ? [] : [{ ...(row as AccessStepRow & Found), told_at }];
  });
  return {
    accesses,
    complete: filed.length < countMax,
    open: (chosen) => openAccesses(tx, streams, { chosen, recent, before: stepped }),
  };
}

/** Steps that are not filed yet, because older code appended them: read from the entries themselves, the newest first. */
export async function readRecent(tx: Tx, streams: readonly StreamId[]) {
  const { stepped, size } = (await loadStepped(tx)) ?? { stepped: 0, size: 0 };
  if (stepped >= size) return { stepped, recent: [], isCut: false };
  const rows = await loadNewest(tx, streams, { from: stepped, countMax: SCANNED_MAX });
  const recent = rows.flatMap(({ index, bytes }) => stepsOf(index, parseEntry(bytes)));
  return { stepped, recent, isCut: rows.length === SCANNED_MAX };
}

/** From when on those that law may defer are told of, by the places of their entries. */
async function toldOf(tx: Tx, steps: readonly AccessStepRow[]): Promise<ReadonlyMap<number, number | null>> {
  const deferrable = steps.filter((row) => row.may_defer === true);
  if (deferrable.length === 0) return new Map();
  const given = steps.filter(({ step }) => step === 'told');
  const entries = await readAt(
    tx,
    [...deferrable, ...given].map(({ index }) => index),
  );
  const notices = given.flatMap(({ index }) => {
    const entry = entries.get(index);
    return entry === undefined ? [] : [{ index, notice: noticeOf(entry) }];
  });
  return new Map(
    deferrable.map(({ index }) => {
      const later = notices.filter((each) => each.index > index).map(({ notice }) => notice);
      const entry = entries.get(index);
      return [index, entry === undefined ? null : toldAt(entry, later)];
    }),
  );
}

async function openAccesses(
  tx: Tx,
  streams: readonly StreamId[],
  {
    chosen,
    recent,
    before,
  }: { readonly chosen: readonly Found[]; readonly recent: readonly AccessStepRow[]; readonly before: number },
): Promise<readonly Scanned[]> {
  const accesses = chosen.map(({ access }) => access);
  const wanted = new Set(accesses);
  const following = [
    ...(await loadFollowing(tx, streams, { accesses, before })),
    ...recent.filter(({ step, access }) => isFollowing(step) && access !== null && wanted.has(access)).map(indexOf),
  ];
  const entries = await readAt(tx, [...chosen.map(indexOf), ...following]);
  const followed = followedIn(following.sort((a, b) => b - a).flatMap((index) => entries.get(index) ?? []));
  return chosen.flatMap(({ index, stream, time, told_at, access }): readonly Scanned[] => {
    const entry = entries.get(index);
    if (entry === undefined) return [];
    const body = entry.body as unknown as AccessDecided & Decided;
    const { redemptions = [], settlement = null } = followed.get(access) ?? {};
    return [{ index, stream, time, told_at, body, redemptions, settlement }];
  });
}

function isFollowing(step: string): boolean {
  return step === 'redeemed' || step === 'settled';
}

function indexOf({ index }: { readonly index: number }): number {
  return index;
}

/** What followed each access. @param entries - the newest first. */
function followedIn(entries: readonly Entry[]) {
  const followed = new Map<
    AccessId,
    { redemptions: Step<AccessRedeemed & Redemption>[]; settlement: Scanned['settlement'] }
  >();
  for (const { type, time, body } of entries) {
    const access = body['access'] as AccessId;
    const own = followed.get(access) ?? { redemptions: [], settlement: null };
    followed.set(access, own);
    if (type === 'access.settled') own.settlement = { time, body: body as unknown as AccessSettled };
    else own.redemptions.push({ time, body: body as unknown as AccessRedeemed & Redemption });
  }
  return followed;
}

export async function readAt(tx: Tx, indexes: readonly number[]): Promise<ReadonlyMap<number, Entry>> {
  const rows = await loadEntriesAt(tx, indexes);
  return new Map(rows.map(({ index, bytes }) => [index, parseEntry(bytes)]));
}
