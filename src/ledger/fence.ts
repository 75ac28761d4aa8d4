/**
 * The restore fence: compares, before anything is served, what the database holds with what was already signed and
 * published (design §7). A database that is behind or beside it comes up read-only and says so.
 *
 * @module
 */
import { isFailure } from '#core/failure.ts';
import { equalHash } from '#core/hash.ts';
import { verifyConsistency } from '#core/tlog/consistency.ts';
import { EMPTY_ROOT, parseSize, type Size, type TreeHead } from '#core/tlog/tree.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadHead } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import { type SignerState, whyClosed } from './signer.ts';
import { proveConsistency } from './tree.ts';

export interface Standing {
  /** The largest tree known committed, published or signed. */
  readonly seen: TreeHead;
  /** Why nothing may be written, or undefined. */
  readonly fenced: string | undefined;
}

type Memory = Pick<SignerState, 'load' | 'continuedBy' | 'begun'>;

/** Compares the database's head with its newest checkpoint and, in the process that signs, the signer's memory. */
export async function compareStanding(tx: Tx, state: Memory | undefined): Promise<Standing> {
  const row = await loadHead(tx);
  const head: TreeHead | undefined = row && { size: parseSize(row.size), root: row.root };
  const checkpoint = await loadNewestCheckpoint(tx);
  const published: TreeHead | undefined = checkpoint && { size: parseSize(checkpoint.size), root: checkpoint.root };
  const { signed, refused } = rememberedBy(state);
  const seen = [head, published, signed].reduce<TreeHead>(
    (largest, each) => (each !== undefined && each.size > largest.size ? each : largest),
    { size: 0 as Size, root: EMPTY_ROOT },
  );
  const closed = state && whyClosed(state);
  if (closed !== undefined) return { seen, fenced: closed };
  const fenced =
    refused ??
    (state !== undefined && signed === undefined && published !== undefined
      ? `checkpoints up to ${published.size} entries are published, but the signer's state is missing`
      : ((await contradiction(tx, head, published, 'published')) ?? (await contradiction(tx, head, signed, 'signed'))));
  return { seen, fenced };
}

/** Where the memories of two log keys contradict each other, nothing is known of what was signed. */
function rememberedBy(state: Pick<SignerState, 'load'> | undefined): {
  readonly signed: TreeHead | undefined;
  readonly refused?: string;
} {
  try {
    return { signed: state?.load() };
  } catch (failure) {
    if (!isFailure(failure, 'signer_refused')) throw failure;
    return { signed: undefined, refused: failure.message };
  }
}

async function contradiction(
  tx: Tx,
  head: TreeHead | undefined,
  known: TreeHead | undefined,
  word: string,
): Promise<string | undefined> {
  if (known === undefined || known.size === 0) return undefined;
  if (head === undefined || head.size < known.size) {
    return `the database holds ${head?.size ?? 0} entries, but a checkpoint of ${known.size} is already ${word}: was an old backup restored?`;
  }
  if (head.size === known.size) {
    return equalHash(head.root, known.root) ? undefined : `another tree of ${known.size} entries is already ${word}`;
  }
  try {
    verifyConsistency(await proveConsistency(tx, known.size as Size, head.size), known, head);
    return undefined;
  } catch {
    return `the database's tree does not continue the one of ${known.size} entries that is already ${word}`;
  }
}
