/** The tree as RFC 6962 (section 2.1) and RFC 9162 define it, word for word, with no code of ours: what tests compare with. */
import { createHash } from 'node:crypto';
import type { Hash } from '#core/hash.ts';

/** Leaf hashes of n short entries, all different. */
export function makeLeaves(count: number, seed = 'leaf'): readonly Hash[] {
  return Array.from({ length: count }, (_, i) => hashOf(0, Buffer.from(`${seed} ${i}`)));
}

/** Remembers each subtree once, so that thousands of roots and proofs stay cheap. */
export function naiveTree(leaves: readonly Hash[]) {
  const known = new Map<number, Hash>();

  function root(start: number, end: number): Hash {
    if (start === end) return createHash('sha256').digest() as unknown as Hash;
    if (end - start === 1) return leaves[start] as Hash;
    const name = start * 2 ** 20 + end;
    const before = known.get(name);
    if (before) return before;
    const k = start + split(end - start);
    const made = hashOf(1, root(start, k), root(k, end));
    known.set(name, made);
    return made;
  }

  /** PATH(m, D_n) of RFC 6962, section 2.1.1. */
  function path(index: number, start: number, end: number): readonly Hash[] {
    if (end - start === 1) return [];
    const k = start + split(end - start);
    return index < k ? [...path(index, start, k), root(k, end)] : [...path(index, k, end), root(start, k)];
  }

  /** SUBPROOF(m, D_n, b) of RFC 6962, section 2.1.2. */
  function subproof(oldSize: number, start: number, end: number, whole: boolean): readonly Hash[] {
    if (oldSize === end) return whole ? [] : [root(start, end)];
    const k = start + split(end - start);
    return oldSize <= k
      ? [...subproof(oldSize, start, k, whole), root(k, end)]
      : [...subproof(oldSize, k, end, false), root(start, k)];
  }

  return {
    root: (size: number) => root(0, size),
    subtree: root,
    inclusion: (index: number, size: number) => path(index, 0, size),
    consistency: (oldSize: number, newSize: number) => subproof(oldSize, 0, newSize, true),
  };
}

function hashOf(prefix: number, ...parts: readonly Uint8Array[]): Hash {
  const hash = createHash('sha256').update(new Uint8Array([prefix]));
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest()) as unknown as Hash;
}

function split(count: number): number {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
}
