/** What a database says of itself and of the ledger in it. Reads, and writes nothing. */
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadHead, readClock } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import { loadMissingMigrations, loadSettings, type Settings } from '#store/settings.ts';
import type { Store } from '#store/store.ts';
import { loadAsking, loadNewestTimeStamp, type TimeStampAsking, type TimeStampRow } from '#store/time-stamps.ts';

export interface Inspection {
  readonly settings: Settings;
  readonly missingMigrations: readonly string[];
  /** What the database's clock and this process's said at the same moment, in milliseconds. */
  readonly databaseTime: number;
  readonly processTime: number;
  /** Null: there is no log in it. */
  readonly head: { readonly size: number; readonly time: number } | null;
  readonly published: number | null;
  /** The newest time-stamp, and how the authority answered last; null: not known. */
  readonly timeStamps: {
    readonly newest: Omit<TimeStampRow, 'file'> | null;
    readonly asking: TimeStampAsking | null;
  } | null;
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
    return {
      ...times,
      head: head === undefined ? null : { size: head.size, time: head.time },
      published: checkpoint?.size ?? null,
      timeStamps: { newest: (await loadNewestTimeStamp(tx)) ?? null, asking: (await loadAsking(tx)) ?? null },
      fenced: (await compare(tx)) ?? null,
    };
  });
}
