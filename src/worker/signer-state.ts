/** The signer's memory in the Durable Object's storage: apart from the database, so that no backup restores both. */
import { Failure } from '#core/failure.ts';
import { equalHash, hashText, parseHashText } from '#core/hash.ts';
import type { KeyId } from '#core/note/key.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import type { SignerState } from '#ledger/signer.ts';
import { type KeyMemory, requireFree, standingOf } from '#ledger/signer-chain.ts';

/** What we need of the storage of an object with SQLite. */
export interface ObjectStorage {
  readonly kv: { get(key: string): unknown; put(key: string, value: unknown): void };
}

interface Signed {
  readonly size: number;
  readonly root: string;
}

/** What stands under `succeeded/<key id>`. */
interface Succeeded {
  readonly by: KeyId;
  readonly head: Signed | null;
}

/**
 * The state of a log's keys, each under its id (ledger/signer-chain.ts).
 *
 * Comparing and swapping take one turn of the object, and no other isolate has its storage. What is put is durable before
 * anything leaves the object: the runtime holds back all its messages, those to the database too, until it is ("output
 * gate"), and resets the object if the write fails. What is put in one turn is durable together.
 *
 * @param keyIds of all log keys that are at hand, the one that entry 0 names first.
 */
export function storedSignerState(
  { kv }: ObjectStorage,
  [first, ...further]: readonly [KeyId, ...KeyId[]],
): SignerState {
  const memoryOf = (keyId: KeyId): KeyMemory | undefined => {
    const signed = kv.get(`signed/${keyId}`) as Signed | undefined;
    const follows = kv.get(`follows/${keyId}`) as KeyId | undefined;
    const succeeded = kv.get(`succeeded/${keyId}`) as Succeeded | undefined;
    if (signed === undefined && follows === undefined && succeeded === undefined) return undefined;
    return {
      keyId,
      signed: signed && headOf(signed),
      follows,
      succeeded: succeeded && { by: succeeded.by, head: succeeded.head === null ? undefined : headOf(succeeded.head) },
    };
  };
  const standing = () => {
    const all = [first, ...further].flatMap((keyId) => memoryOf(keyId) ?? []);
    for (const { succeeded } of all) {
      const next = all.some(({ keyId }) => keyId === succeeded?.by) ? undefined : succeeded && memoryOf(succeeded.by);
      if (next !== undefined) all.push(next);
    }
    return standingOf(first, all);
  };
  return {
    load: () => standing().signed,
    advance(from, to) {
      const { holder, signed } = standing();
      if (!isSame(signed, from)) throw new Failure('signer_refused', 'the signer’s state is not what it was');
      kv.put(`signed/${holder}`, signedOf(to));
    },
    handTo(keyId) {
      const { holder, signed } = standing();
      if (holder === keyId) return;
      requireFree(memoryOf(keyId), holder);
      kv.put(`follows/${keyId}`, holder);
      const head = signed === undefined ? null : signedOf(signed);
      kv.put(`succeeded/${holder}`, { by: keyId, head } satisfies Succeeded);
    },
  };
}

function headOf({ size, root }: Signed): TreeHead {
  return { size: parseSize(size), root: parseHashText(root) };
}

function signedOf({ size, root }: TreeHead): Signed {
  return { size, root: hashText(root) };
}

function isSame(a: TreeHead | undefined, b: TreeHead | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && equalHash(a.root, b.root);
}
