/**
 * The Merkle tree of all entries (RFC 6962, section 2.1), as little of it as appending needs: the frontier.
 *
 * A frontier is a value. Appending copies its few hashes (one for each 1 in the binary size), which costs a fraction
 * of the one node that an append hashes on average, so that no reader ever sees a tree change under it.
 *
 * @module
 */
import type { Brand } from '../brand.ts';
import { Failure } from '../failure.ts';
import { type Hash, hashNode, sha256 } from '../hash.ts';

/** An entry's 0-based place in the tree. */
export type Index = Brand<number, 'Index'>;
/** How many entries a tree has. */
export type Size = Brand<number, 'Size'>;

/** What identifies a tree: how many entries, and their root. Unsigned. */
export interface TreeHead {
  readonly size: Size;
  readonly root: Hash;
}

/** The roots of the perfect subtrees that a tree is made of, the largest first. */
export type Frontier = Brand<{ readonly size: Size; readonly roots: readonly Hash[] }, 'Frontier'>;

/** The root of a tree without entries. */
export const EMPTY_ROOT: Hash = sha256(new Uint8Array(0));

/** @throws {Failure} `input_invalid`, unless the value is a whole number from 0 to 2^53-1. */
export function parseIndex(value: unknown): Index {
  return parseCount(value) as Index;
}

/** @throws {Failure} `input_invalid`, unless the value is a whole number from 0 to 2^53-1. */
export function parseSize(value: unknown): Size {
  return parseCount(value) as Size;
}

/** @throws {Failure} `input_invalid`, unless the text is the one decimal of an index: no sign, no leading zero. */
export function parseIndexText(text: string): Index {
  return parseCount(numberOf(text)) as Index;
}

/** @throws {Failure} `input_invalid`, unless the text is the one decimal of a size: no sign, no leading zero. */
export function parseSizeText(text: string): Size {
  return parseCount(numberOf(text)) as Size;
}

/** Returns the frontier of a tree without entries. */
export function emptyFrontier(): Frontier {
  return mintFrontier(0, []);
}

/**
 * Restores a frontier from its size and hashes, as they were stored.
 *
 * @throws {Failure} `input_invalid`, if a tree of this size has another number of perfect subtrees.
 */
export function parseFrontier(size: Size, hashes: readonly Hash[]): Frontier {
  const count = countOnes(size);
  if (hashes.length !== count) throw new Failure('input_invalid', `${hashes.length} hashes, want ${count}`);
  return mintFrontier(size, [...hashes]);
}

/** Returns the frontier after one more entry. */
export function appendLeaf(frontier: Frontier, leaf: Hash): Frontier {
  return appendLeaves(frontier, [leaf]);
}

/** Returns the frontier after more entries, in their order. */
export function appendLeaves(frontier: Frontier, leaves: readonly Hash[]): Frontier {
  const roots = [...frontier.roots];
  let size: number = frontier.size;
  for (const leaf of leaves) {
    let root = leaf;
    // Each 1 at the end of the binary size is a perfect subtree that is now as large as the one to its right.
    for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) root = hashNode(roots.pop() as Hash, root);
    roots.push(root);
    size++;
  }
  return mintFrontier(size, roots);
}

/** Computes the root of the tree that a frontier stands for. */
export function rootOf(frontier: Frontier): Hash {
  return frontier.size === 0 ? EMPTY_ROOT : joinRoots(frontier.roots);
}

/** Joins perfect subtrees that lie side by side, the largest first, into the root of all. */
export function joinRoots(roots: readonly Hash[]): Hash {
  return roots.reduceRight((right, left) => hashNode(left, right));
}

function mintFrontier(size: number, roots: readonly Hash[]): Frontier {
  return { size, roots } as unknown as Frontier;
}

function countOnes(size: Size): number {
  let count = 0;
  for (let rest: number = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

function numberOf(text: string): number {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) throw new Failure('input_invalid', 'not a plain decimal');
  return Number(text);
}

function parseCount(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) {
    throw new Failure('input_invalid', 'an index or a size is a whole number from 0 to 2^53-1');
  }
  return value;
}
