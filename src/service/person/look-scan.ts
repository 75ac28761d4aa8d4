/**
 * Every access on a person's relationships within a window, the newest first, each with what became of it. The entries of
 * the person's streams are read backwards, in few queries and up to a named maximum; none is read for a single access.
 *
 * @module
 */

import type { Decided } from '#core/consent/access.ts';
import type { AccessDecided } from '#core/consent/asked.ts';
import type { AccessRedeemed, AccessSettled, Redemption } from '#core/consent/release.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { loadBefore, type StreamEnd } from '#store/entries.ts';
import type { Tx } from '#store/schema.ts';
import { type NoticeGiven, noticeOf, toldAt } from '../told.ts';

/** So many entries are read at once of each relationship, and in all. */
const CHUNK = 500;
const SCANNED_MAX = 20_000;

export interface Step<Body> {
  readonly time: number;
  readonly body: Body;
}

/** An access as it was decided, and what followed. */
export interface Scanned {
  readonly index: number;
  readonly stream: StreamId;
  readonly time: number;
  readonly body: AccessDecided & Decided;
  /** When its door presented the permit, the last time first, and what that was answered. */
  readonly redemptions: readonly Step<AccessRedeemed & Redemption>[];
  readonly settlement: Step<AccessSettled> | null;
  /** From when on its subject is told of it; null: it is not told yet, as law allows. */
  readonly told_at: number | null;
}

export interface Scan {
  /** The newest first. Those that may not be told of yet are not among them. */
  readonly accesses: readonly Scanned[];
  /** Whether the whole window was read. */
  readonly complete: boolean;
}

/** @param since - accesses before it are left out. @param now - what is told of later than now is left out. */
export async function scanAccesses(
  tx: Tx,
  streams: readonly StreamId[],
  { since, now }: { readonly since: number; readonly now: number },
): Promise<Scan> {
  const { entries, complete } = await readBackwards(tx, streams, since);
  const followed = new Map<string, Followed>();
  const notices: NoticeGiven[] = [];
  const accesses: Scanned[] = [];
  for (const { index, entry } of entries) {
    const { type, time, body, stream } = entry;
    if (type === 'access.settled') follow(followed, body).settlement = { time, body: body as unknown as AccessSettled };
    if (type === 'access.redeemed') {
      follow(followed, body).redemptions.push({ time, body: body as unknown as AccessRedeemed & Redemption });
    }
    if (type === 'notice.sent') notices.push(noticeOf(entry));
    if (type !== 'access.decided' || time < since) continue;
    const decided = body as unknown as AccessDecided & Decided;
    const told_at = toldAt(entry, notices);
    if (told_at === null || told_at > now) continue;
    const { redemptions, settlement } = follow(followed, body);
    accesses.push({ index, stream, time, body: decided, redemptions, settlement, told_at });
  }
  return { accesses, complete };
}

interface Followed {
  readonly redemptions: Step<AccessRedeemed & Redemption>[];
  settlement: Step<AccessSettled> | null;
}

function follow(followed: Map<string, Followed>, body: Entry['body']): Followed {
  const access = String(body['access']);
  const found = followed.get(access) ?? { redemptions: [], settlement: null };
  followed.set(access, found);
  return found;
}

async function readBackwards(tx: Tx, streams: readonly StreamId[], since: number) {
  const entries: { readonly index: number; readonly entry: Entry }[] = [];
  let ends: readonly StreamEnd[] = streams.map((stream) => ({ stream, before: Number.MAX_SAFE_INTEGER }));
  while (ends.length > 0 && entries.length < SCANNED_MAX) {
    const rows = await loadBefore(tx, ends, CHUNK);
    const read = rows.map(({ index, bytes }) => ({ index, entry: parseEntry(bytes) }));
    entries.push(...read);
    const byStream = Map.groupBy(read, ({ entry }) => entry.stream);
    ends = ends.flatMap(({ stream }): readonly StreamEnd[] => {
      const own = byStream.get(stream) ?? [];
      const last = own.at(-1)?.entry;
      const isOver = last === undefined || own.length < CHUNK || last.time < since || last.seq === 0;
      return isOver ? [] : [{ stream, before: last.seq }];
    });
  }
  return { entries: entries.sort((a, b) => b.index - a.index), complete: ends.length === 0 };
}
