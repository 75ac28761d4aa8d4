/** What a caller has seen is never taken back: an answer is as new as that, or there is none. */
import { Failure } from '#core/failure.ts';
import { loadHead } from '#store/head.ts';
import type { Context } from './context.ts';

/** @throws {Failure} `behind`, if this server's tree is smaller than the one that the caller has seen. */
export async function requireSeen({ ledger }: Context, size: number): Promise<void> {
  const head = await ledger.store.read(loadHead);
  if ((head?.size ?? 0) < size)
    throw new Failure('behind', `the tree here has ${head?.size ?? 0} entries, you saw ${size}`);
}
