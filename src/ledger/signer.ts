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
import { type KeyId, keyIdOf, type VerifierKey } from '#core/note/key.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { type ConsistencyProof, verifyConsistency } from '#core/tlog/consistency.ts';
import type { TreeHead } from '#core/tlog/tree.ts';

/** Where the signer keeps what it signed last: apart from the database, so that both are not restored together. */
export interface SignerState {
  /** @throws {Failure} `signer_refused`, if the memories of two log keys contradict each other (signer-chain.ts). */
  load(): TreeHead | undefined;
  /**
   * Moves on by compare-and-swap, and answers when the new state is durable.
   *
   * @throws {Failure} `signer_refused`, if the state is not `from` any more.
   */
  advance(from: TreeHead | undefined, to: TreeHead): void;
  /**
   * Goes on as the memory of a log key that took over, and answers when that is durable; of the one whose it is already,
   * nothing is done.
   *
   * @throws {Failure} `signer_refused`, if another memory says that it signs.
   */
  handTo(keyId: KeyId): void;
  /** The name under which the log goes on: this key signs no more (docs/adr/0028). Absent where that is never said. */
  continuedBy?(): string | undefined;
  /** What may have gone on under another name, or not: nobody knows before it is run again. Absent where that is never said. */
  begun?(): Begun | undefined;
}

/** A change of name that was begun: its entry may be in a database, or not. */
export interface Begun {
  readonly name: string;
  /** Of the log key that the name begins with. */
  readonly keyId: KeyId;
  /** The tree that is left. */
  readonly left: TreeHead;
}

/** A memory that can be closed. */
export interface EndableState extends SignerState {
  continuedBy(): string | undefined;
  begun(): Begun | undefined;
  /** Signs nothing from here on until this is done, or withdrawn; answers when that is durable. */
  begin(next: Begun): void;
  /** As if it had never been begun; answers when that is durable. */
  withdraw(): void;
  /** Closes it for good, and answers when that is durable. */
  end(by: string): void;
}

export interface Signer {
  readonly origin: string;
  /** The one that entry 0 names. */
  readonly logKey: SigningKey;
  /** Those that were, or are to be, added to the log. Absent where there are none. */
  readonly further?: readonly SigningKey[];
  readonly state: SignerState;
}

/**
 * Signs a committed head. The state is durable before the signature leaves.
 *
 * @param by the log keys that sign this tree, by its own state, the oldest first: undefined, where there is one.
 * @throws {Failure} `signer_refused`; `keys_missing`, if one of the keys is not at hand.
 */
export async function signHead(
  signer: Signer,
  head: TreeHead,
  growth: ConsistencyProof | undefined,
  by?: readonly VerifierKey[],
): Promise<string> {
  requireOwnName(signer.state);
  const last = signer.state.load();
  if (last !== undefined) refuseFork(last, head, growth);
  const keys = by === undefined ? ([signer.logKey] as const) : requireLogKeys(signer, by);
  const inForce = keys.at(-1) as SigningKey;
  signer.state.handTo(keyIdOf(signer.origin, inForce.publicKey));
  const note = await signCheckpoint({ origin: signer.origin, ...head }, ...keys);
  if (last === undefined || last.size < head.size) signer.state.advance(last, head);
  return note;
}

/** @throws {Failure} `keys_missing`, unless all of these log keys are at hand. */
export function requireLogKeys(
  { origin, logKey, further = [] }: Pick<Signer, 'origin' | 'logKey' | 'further'>,
  wanted: readonly VerifierKey[],
): readonly [SigningKey, ...SigningKey[]] {
  const keys = wanted.map(({ keyId }) => {
    const found = [logKey, ...further].find(({ publicKey }) => keyIdOf(origin, publicKey) === keyId);
    if (found !== undefined) return found;
    throw new Failure(
      'keys_missing',
      `the log key ${keyId} signs and is not at hand: put its file back, and start again`,
    );
  });
  return keys as unknown as readonly [SigningKey, ...SigningKey[]];
}

/** Why a memory's key signs nothing under its name, in words; undefined: it does. */
export function whyClosed({ continuedBy, begun }: Pick<SignerState, 'continuedBy' | 'begun'>): string | undefined {
  const name = continuedBy?.();
  if (name !== undefined) return `this log goes on as ${name}: is a backup of before that restored?`;
  const next = begun?.();
  return next && `a change of name to ${next.name} was begun, and is not done: run it again, or give it up`;
}

/** @throws {Failure} `signer_refused`, if the log goes on under another name, or may do so. */
export function requireOwnName(state: Pick<SignerState, 'continuedBy' | 'begun'>): void {
  const why = whyClosed(state);
  if (why !== undefined) throw new Failure('signer_refused', why);
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
