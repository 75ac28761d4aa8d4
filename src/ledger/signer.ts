/**
 * The signer: holds the log key and its own memory of the last tree it signed. It never signs a smaller tree, another
 * root of the same size, or growth that it was not shown to be consistent (design §7). That memory is the one thing a
 * restored database can't take back.
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import { equalHash } from '#core/hash.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { type ConsistencyProof, verifyConsistency } from '#core/tlog/consistency.ts';
import type { TreeHead } from '#core/tlog/tree.ts';

/** Where the signer keeps what it signed last: apart from the database, so that both are not restored together. */
export interface SignerState {
  load(): TreeHead | undefined;
  /**
   * Moves on by compare-and-swap, and answers when the new state is durable.
   *
   * @throws {Failure} `signer_refused`, if the state is not `from` any more.
   */
  advance(from: TreeHead | undefined, to: TreeHead): void;
  /** The name under which the log goes on: this key signs no more (docs/adr/0028). Absent where that is never said. */
  continuedBy?(): string | undefined;
}

/** A memory that can be closed. */
export interface EndableState extends SignerState {
  continuedBy(): string | undefined;
  /** Closes it for good, and answers when that is durable. */
  end(by: string): void;
}

export interface Signer {
  readonly origin: string;
  readonly logKey: SigningKey;
  readonly state: SignerState;
}

/**
 * Signs a committed head. The state is durable before the signature leaves.
 *
 * @throws {Failure} `signer_refused`
 */
export async function signHead(signer: Signer, head: TreeHead, growth: ConsistencyProof | undefined): Promise<string> {
  const by = signer.state.continuedBy?.();
  if (by !== undefined) throw new Failure('signer_refused', continuedAs(by));
  const last = signer.state.load();
  if (last !== undefined) refuseFork(last, head, growth);
  const note = await signCheckpoint({ origin: signer.origin, ...head }, signer.logKey);
  if (last === undefined || last.size < head.size) signer.state.advance(last, head);
  return note;
}

/** Why a key signs no more, in words. */
export function continuedAs(name: string): string {
  return `this log goes on as ${name}: is a backup of before that restored?`;
}

function refuseFork(last: TreeHead, head: TreeHead, growth: ConsistencyProof | undefined): void {
  if (head.size < last.size) {
    throw new Failure('signer_refused', `the tree has ${head.size} entries, ${last.size} are already signed`);
  }
  if (head.size === last.size) {
    if (equalHash(head.root, last.root)) return;
    throw new Failure('signer_refused', `another tree of ${last.size} entries is already signed`);
  }
  if (last.size === 0) return;
  if (growth === undefined) throw new Failure('signer_refused', 'growth without a proof');
  try {
    verifyConsistency(growth, last, head);
  } catch (cause) {
    throw new Failure('signer_refused', `the tree does not continue the signed one of ${last.size} entries`, { cause });
  }
}
