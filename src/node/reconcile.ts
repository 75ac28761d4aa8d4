/**
 * Reconciling a door's own query list with a ledger: the ledger is replayed first, and only one that holds is compared.
 *
 * @module
 */
import { checkQueries, type QueryList, type Reconciled } from '#ledger/reconcile.ts';
import { openWatch, type Round, type WatchOptions } from './watch.ts';

export type { Reconciled };

/** @returns undefined in place of the comparison, where the ledger does not hold. */
export async function openReconciling(
  options: Omit<WatchOptions, 'kept' | 'ageMax' | 'clock' | 'onEntry' | 'lists'>,
  list: QueryList,
): Promise<{ readonly round: Round; readonly reconciled: Reconciled | undefined }> {
  const queries = checkQueries();
  const watching = { ...options, kept: [], ageMax: undefined, clock: Date.now, onEntry: queries.note };
  const round = await (await openWatch(watching)).round();
  // What parties did otherwise than they should is no reason not to compare: it is one to.
  return { round, reconciled: round.report?.holds ? queries.reconcile(list) : undefined };
}
