/** One objection, as who has to answer it reads it: why, in the person's words, and what it was answered. */
import { factsIn } from '#core/consent/facts.ts';
import { Failure } from '#core/failure.ts';
import type { FactId, Handle } from '#core/ids.ts';
import { relationshipStream } from '#core/tlog/stream.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import { loadSaid, type SaidOfObjection } from './person/objections.ts';
import { requireReadable } from './scope.ts';

export interface ObjectionView extends SaidOfObjection {
  readonly handle: Handle;
  readonly objection: FactId;
}

/**
 * For the grantee, who succeeded it, and the subject.
 *
 * @throws {Failure} `relationship_unknown`, also of another's; `fact_unknown`
 */
export async function readObjection(
  context: Context,
  caller: Caller,
  { handle, fact }: { readonly handle: Handle; readonly fact: FactId },
): Promise<ObjectionView> {
  return context.ledger.store.read(async (tx) => {
    const relationship = await requireReadable(tx, caller, relationshipStream(handle), 'letter');
    const said = (await loadSaid(context, tx, [fact])).get(fact);
    if (said === undefined || !Object.hasOwn(factsIn(relationship).objections, fact)) {
      throw new Failure('fact_unknown', 'no such objection');
    }
    return { handle, objection: fact, ...said };
  });
}
