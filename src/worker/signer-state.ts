/** The signer's memory in the Durable Object's storage: apart from the database, so that no backup restores both. */
import { Failure } from '#core/failure.ts';
import { equalHash, hashText, parseHashText } from '#core/hash.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import type { SignerState } from '#ledger/signer.ts';

/** What we need of the storage of an object with SQLite. */
export interface ObjectStorage {
  readonly kv: { get(key: string): unknown; put(key: string, value: unknown): void };
}

interface Signed {
  readonly size: number;
  readonly root: string;
}

/**
 * The state of one log key.
 *
 * Comparing and swapping take one turn of the object, and no other isolate has its storage. What is put is durable before
 * anything leaves the object: the runtime holds back all its messages, those to the database too, until it is ("output
 * gate"), and resets the object if the write fails.
 */
export function storedSignerState({ kv }: ObjectStorage, keyId: string): SignerState {
  const name = `signed/${keyId}`;
  const load = (): TreeHead | undefined => {
    const signed = kv.get(name) as Signed | undefined;
    return signed && { size: parseSize(signed.size), root: parseHashText(signed.root) };
  };
  return {
    load,
    advance(from, to) {
      if (!isSame(load(), from)) throw new Failure('signer_refused', 'the signer’s state is not what it was');
      kv.put(name, { size: to.size, root: hashText(to.root) } satisfies Signed);
    },
  };
}

function isSame(a: TreeHead | undefined, b: TreeHead | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && equalHash(a.root, b.root);
}
