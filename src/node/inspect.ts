/** What a database says of itself and of the ledger in it. Reads, and writes nothing. */
import { epochOf, type LogState } from '#core/consent/log.ts';
import { signingLogKeys } from '#core/consent/log-key.ts';
import type { PartyId } from '#core/ids.ts';
import { formatVkey } from '#core/note/key.ts';
import { idOf, LOG_STREAM } from '#core/tlog/stream.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadHead, readClock } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import { loadMissingMigrations, loadSettings, type Settings } from '#store/settings.ts';
import type { Store } from '#store/store.ts';
import { loadPartiesBefore, loadStreams } from '#store/streams.ts';
import { loadAsking, loadNewestTimeStamp, type TimeStampAsking, type TimeStampRow } from '#store/time-stamps.ts';
import { loadNewestWitnessed } from '#store/witnessed.ts';

export interface Inspection {
  readonly settings: Settings;
  readonly missingMigrations: readonly string[];
  /** What the database's clock and this process's said at the same moment, in milliseconds. */
  readonly databaseTime: number;
  readonly processTime: number;
  /** Null: there is no log in it. */
  readonly head: { readonly size: number; readonly time: number } | null;
  readonly published: number | null;
  /** How many entries a quorum has cosigned; null: none yet. Absent from older servers, and where it is not known. */
  readonly witnessed?: number | null;
  /** The newest time-stamp, and how the authority answered last; null: not known. */
  readonly timeStamps: {
    readonly newest: Omit<TimeStampRow, 'file'> | null;
    readonly asking: TimeStampAsking | null;
  } | null;
  /** The vkeys that sign now, the oldest first, and the newest checkpoint's note; null: not known. Absent from older servers. */
  readonly logKeys?: { readonly signing: readonly string[]; readonly note: string | null } | null;
  /** Parties that wait for the keeper since entries were lost, identifiers first. Absent from older servers. */
  readonly waiting?: readonly { readonly party: PartyId; readonly name: string }[];
  /** Why nothing may be written; null: no reason is known. */
  readonly fenced: string | null;
}

/** @param compare Says why nothing may be written, if that is so. */
export async function inspectStore(
  store: Store,
  compare: (tx: Tx) => Promise<string | undefined>,
): Promise<Inspection> {
  return store.read(async (tx) => {
    const settings = await loadSettings(tx);
    const missingMigrations = await loadMissingMigrations(tx);
    const databaseTime = await readClock(tx);
    const times = { settings, missingMigrations, databaseTime, processTime: Date.now() };
    // An older schema is not read by this code.
    if (missingMigrations.length > 0) return { ...times, head: null, published: null, timeStamps: null, fenced: null };
    const head = await loadHead(tx);
    const checkpoint = await loadNewestCheckpoint(tx);
    const state = (await loadStreams(tx, [LOG_STREAM]))[0]?.state as LogState | undefined;
    return {
      ...times,
      head: head === undefined ? null : { size: head.size, time: head.time },
      published: checkpoint?.size ?? null,
      witnessed: (await loadNewestWitnessed(tx))?.size ?? null,
      logKeys:
        state === undefined ? null : { signing: signingLogKeys(state).map(formatVkey), note: checkpoint?.note ?? null },
      timeStamps: { newest: (await loadNewestTimeStamp(tx)) ?? null, asking: (await loadAsking(tx)) ?? null },
      waiting: await loadWaiting(tx, state === undefined ? 0 : epochOf(state)),
      fenced: (await compare(tx)) ?? null,
    };
  });
}

/** Nobody waits where nothing was ever lost. */
async function loadWaiting(tx: Tx, epoch: number): Promise<NonNullable<Inspection['waiting']>> {
  const rows = epoch === 0 ? [] : await loadPartiesBefore(tx, epoch);
  return rows.map(({ stream, name }) => ({ party: idOf<PartyId>(stream), name }));
}
