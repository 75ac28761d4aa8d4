/** Clauses that are drafted by classes of items, expanded by the law in force before the lock. */
import { type ClauseDraft, expandItems } from '#core/consent/item-classes.ts';
import { lawAt } from '#core/consent/law.ts';
import { logIn } from '#core/consent/log.ts';
import type { View } from '#core/consent/rule.ts';
import type { Terms } from '#core/consent/terms.ts';
import { Failure, isFailure } from '#core/failure.ts';
import type { Instant } from '#core/instant.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { readClock } from '#store/head.ts';
import { loadStreams } from '#store/streams.ts';
import type { Context } from './context.ts';
import { viewOf } from './view.ts';

export interface Expanded {
  readonly clauses: readonly Omit<Terms, 'grant'>[];
  /**
   * Looks under the lock whether they are so still.
   *
   * @throws {Failure} why they can't be told, as {@link expandItems}; `superseded`, if they have other items by now.
   */
  confirm(view: View, now: Instant): void;
}

/** Expands clauses. What can't be is told by {@link Expanded.confirm} only: a repeated request is answered before it. */
export async function expandClauses({ ledger }: Context, drafts: readonly ClauseDraft[]): Promise<Expanded> {
  if (drafts.every(({ item_classes = [] }) => item_classes.length === 0)) {
    return { clauses: drafts.map(({ item_classes: _none, ...terms }) => terms), confirm: () => undefined };
  }
  const expand = (view: View, now: Instant) => {
    const law = lawAt(view, now);
    return drafts.map((draft) => expandItems(law, draft));
  };
  try {
    const clauses = await ledger.store.read(async (tx) => {
      const view = viewOf(await loadStreams(tx, [LOG_STREAM]), ledger.packs.get);
      await ledger.packs.load(tx, logIn(view));
      return expand(view, await readClock(tx));
    });
    return {
      clauses,
      confirm(view, now) {
        const again = expand(view, now);
        if (again.every(({ items }, at) => items.join() === clauses[at]?.items.join())) return;
        throw new Failure('superseded', 'the classes of items have changed');
      },
    };
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return {
      clauses: [],
      confirm() {
        throw failure;
      },
    };
  }
}
