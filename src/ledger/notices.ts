/**
 * The outbox: what an entry adds to `notices` and `acknowledgements`. The batch writes it with the entry, in the same
 * statement, so that nothing is told of what was not committed, and nothing committed is left untold.
 *
 * @module
 */
import { canonicalText, type JsonObject } from '#core/canonical.ts';
import type { PartyAcknowledged } from '#core/consent/feed.ts';
import { hearingsOf } from '#core/consent/notices.ts';
import type { PartyId } from '#core/ids.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { idOf } from '#core/tlog/stream.ts';
import { type AcknowledgementRow, loadAcknowledgementsOf } from '#store/acknowledgements.ts';
import { loadNoticesOf, type NoticeRow } from '#store/notices.ts';
import type { Tx } from '#store/schema.ts';

/** @param state of the entry's stream, after it. */
export function noticesOf(index: number, entry: Entry, state: JsonObject): readonly NoticeRow[] {
  return hearingsOf(entry, state).map(({ party, grants }) => ({ party, index, grants: canonicalText(grants) }));
}

export function acknowledgementsOf(index: number, entry: Entry): readonly AcknowledgementRow[] {
  if (entry.type !== 'party.acknowledged') return [];
  const { upto } = entry.body as PartyAcknowledged;
  return [{ party: idOf<PartyId>(entry.stream), upto, index, time: entry.time }];
}

/** Compares both tables with the entries: who was not told, and who is said to have heard. */
export interface NoticeCheck {
  /** Notes what an entry makes, given its stream's state after it. */
  note(index: number, entry: Entry, state: JsonObject | undefined): void;
  /** Compares what was noted with the rows of entries `[start, end)`, and tells of each entry that is not alike. */
  settle(tx: Tx, start: number, end: number, found: (index: number, message: string) => void): Promise<void>;
}

export function checkNotices(): NoticeCheck {
  let noted = new Map<number, string>();

  return {
    note(index, entry, state) {
      if (state === undefined) return;
      const rows = [
        ...noticesOf(index, entry, state).map(noticeText),
        ...acknowledgementsOf(index, entry).map(ackText),
      ];
      if (rows.length > 0) noted.set(index, rows.sort().join('\n'));
    },

    async settle(tx, start, end, found) {
      const wanted = noted;
      noted = new Map();
      const acknowledged = await loadAcknowledgementsOf(tx, start, end);
      const kept = Map.groupBy(
        [
          ...(await loadNoticesOf(tx, start, end)).map((row) => [row.index, noticeText(row)] as const),
          ...acknowledged.map((row) => [row.index, ackText(row)] as const),
        ],
        ([index]) => index,
      );
      for (const index of new Set([...wanted.keys(), ...kept.keys()])) {
        const texts = kept.get(index)?.map(([, text]) => text) ?? [];
        if (wanted.get(index) !== texts.sort().join('\n')) {
          found(index, 'who was to hear of it, or said to have heard, is filed otherwise than it says');
        }
      }
      for (const { index, upto, noticed } of acknowledged) {
        if (!noticed || upto >= index) found(index, 'it acknowledges an entry that its party was not told of');
      }
    },
  };
}

function noticeText({ party, grants }: NoticeRow): string {
  return `notice ${party} ${grants}`;
}

function ackText({ party, upto, time }: AcknowledgementRow): string {
  return `acknowledgement ${party} ${upto} ${time}`;
}
