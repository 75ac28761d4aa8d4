/**
 * Heads by the alarm of a Durable Object: it has no timer that outlives its requests, and a day on which nobody asks for
 * anything still has to have its heads (docs/auditor.md: a ledger without them is stale).
 *
 * @module
 */
import type { Context } from '#service/context.ts';
import { recordDueHeads } from '#service/heads.ts';

/** What we need of the storage of an object: one alarm, which is kept when the object goes. */
export interface AlarmStorage {
  /** Null: none is set; also while one is being answered. */
  getAlarm(): Promise<number | null>;
  setAlarm(time: number): Promise<void>;
}

/** Heads are due after 23 hours: by this they are never more than a day apart. */
export const WAKE_EVERY_MS = 3_600_000;

/** Sets the alarm, unless it is set. @param now in milliseconds. */
export async function keepAlarm(storage: AlarmStorage, now: number): Promise<void> {
  if ((await storage.getAlarm()) === null) await storage.setAlarm(now + WAKE_EVERY_MS);
}

/** Records what is due. What fails is tried again at the next alarm. */
export async function lookForHeads(context: Context): Promise<void> {
  if (!context.ledger.signs) return;
  await recordDueHeads(context).catch((thrown) => context.log.warn('heads_wait', thrown));
}
