/**
 * From when on the subject of an access is told of it (design §9: under a lawful deferral, from its notice date). Every door
 * that shows a subject what happened asks here, so that none says sooner what another one keeps back.
 *
 * @module
 */
import type { Decided } from '#core/consent/access.ts';
import type { AccessDecided } from '#core/consent/asked.ts';
import { isDeferrable } from '#core/consent/step.ts';
import { Failure } from '#core/failure.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { loadEntriesAt, loadSlice } from '#store/entries.ts';
import { readClock } from '#store/head.ts';
import { loadIds } from '#store/ids.ts';
import type { Tx } from '#store/schema.ts';
import type { Caller } from './caller.ts';

export interface NoticeGiven {
  readonly stream: string;
  readonly kind: string;
  readonly items: readonly string[];
  /** From when it counts: the later of the claimed time and the ledger's (design §4). */
  readonly at: number;
}

export function noticeOf({ stream, time, body }: Entry): NoticeGiven {
  const { kind, items, sent_at } = body as unknown as Pick<NoticeGiven, 'kind' | 'items'> & {
    readonly sent_at: number;
  };
  return { stream, kind, items, at: Math.max(time, sent_at) };
}

/**
 * From when on an access may be told of: at once; or, where it was allowed on the judicial basis and the law of the moment
 * lets the notice follow later (`notice_due`), from when that is due, or was given, whichever is first. One that was denied
 * has no such law on its side. Null: not yet known.
 */
export function toldAt({ stream, time, body }: Entry, later: readonly NoticeGiven[]): number | null {
  const { law, items } = body as unknown as AccessDecided & Decided;
  const owed = law?.obligations.find(({ name }) => name === 'notice_due');
  if (owed === undefined || !isDeferrable(body)) return time;
  const given = later.filter(
    (each) =>
      each.stream === stream && each.kind === 'deferred_access' && items.every((item) => each.items.includes(item)),
  );
  const moments = [...given.map(({ at }) => at), ...(owed.due === null ? [] : [owed.due])];
  return moments.length === 0 ? null : Math.min(...moments);
}

/** A stream of more entries is not looked through for a notice: what was deferred there stays so. */
const LATER_MAX = 10_000;

/** Those of some entries that their subject is not told of yet: an access, and what became of it. By their places. */
export async function untoldAmong(tx: Tx, entries: readonly Entry[]): Promise<ReadonlySet<number>> {
  const named = [...new Set(entries.flatMap(accessIn))];
  const places = await loadIds(tx, named);
  const decided = (
    await loadEntriesAt(
      tx,
      places.map(({ index }) => index),
    )
  ).map(({ bytes }) => parseEntry(bytes));
  const untold = new Set<string>();
  for (const entry of decided.filter(({ type, body }) => type === 'access.decided' && isDeferrable(body))) {
    if (!(await isTold(tx, entry))) untold.add(String(entry.body['access']));
  }
  return new Set(entries.filter((entry) => accessIn(entry).some((id) => untold.has(id))).map(({ seq }) => seq));
}

function accessIn({ body }: Entry): readonly string[] {
  const { access } = body;
  return typeof access === 'string' ? [access] : [];
}

async function isTold(tx: Tx, entry: Entry): Promise<boolean> {
  const { stream, seq } = entry;
  const slice = { stream, indexMax: Number.MAX_SAFE_INTEGER, seqMin: seq + 1, countMax: LATER_MAX };
  const later = (await loadSlice(tx, slice)).map(({ bytes }) => parseEntry(bytes));
  const told = toldAt(entry, later.filter(({ type }) => type === 'notice.sent').map(noticeOf));
  return told !== null && told <= (await readClock(tx));
}

/** Whether this is kept back from who asks: only its subject is told later. */
export async function isKeptBack(tx: Tx, caller: Pick<Caller, 'kind'>, entry: Entry): Promise<boolean> {
  return caller.kind === 'subject' && (await untoldAmong(tx, [entry])).size > 0;
}

/**
 * A receipt shows a whole slice, and none of it can be left out: its subject gets it once it may see all of that.
 *
 * @throws {Failure} `not_told`
 */
export async function requireAllTold(
  tx: Tx,
  caller: Pick<Caller, 'kind'>,
  { stream, indexMax }: { readonly stream: Entry['stream']; readonly indexMax: number },
): Promise<void> {
  if (caller.kind !== 'subject') return;
  const rows = await loadSlice(tx, { stream, indexMax, countMax: LATER_MAX });
  const untold = await untoldAmong(
    tx,
    rows.map(({ bytes }) => parseEntry(bytes)),
  );
  if (untold.size > 0) throw new Failure('not_told', 'a part of it is shown to its subject later, as law provides');
}
