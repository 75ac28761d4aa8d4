/**
 * The signer's memory where the log key is exchanged: each key has a memory of its own, named by its id, and the one in force
 * goes on where the one before it ended. Handing over has three steps, each durable before the next:
 *
 *     the next memory says whom it follows; the one before says by whom it was succeeded, and where it ended, in one write;
 *     the next memory signs.
 *
 * Broken off anywhere, the memories still say which of them signs. Two that both think they do are a contradiction: one was
 * set back, or a key is used elsewhere; then nothing is signed.
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import { equalHash } from '#core/hash.ts';
import type { KeyId } from '#core/note/key.ts';
import type { TreeHead } from '#core/tlog/tree.ts';

/** What the memory of one log key says. */
export interface KeyMemory {
  readonly keyId: KeyId;
  /** What was signed last while it was this key's turn. */
  readonly signed: TreeHead | undefined;
  /** The key that it is to take over from; undefined: it is the first, or nothing was begun. */
  readonly follows: KeyId | undefined;
  readonly succeeded: Succession | undefined;
}

export interface Succession {
  readonly by: KeyId;
  /** What was signed last when it was handed over; undefined: nothing ever. */
  readonly head: TreeHead | undefined;
}

export interface ChainStanding {
  /** The key whose memory it is to go on with. */
  readonly holder: KeyId;
  readonly signed: TreeHead | undefined;
  /** Whether the holder's own memory has signed. Else what was signed last stands with the one before. */
  readonly isOwn: boolean;
}

/**
 * Goes along the memories from the first key's to the one that signs.
 *
 * @param all those of all keys of the log that are at hand, where there is a memory of them.
 * @throws {Failure} `signer_refused`, if they contradict each other, or one is missing.
 */
export function standingOf(first: KeyId, all: readonly KeyMemory[]): ChainStanding {
  const passed = new Set<KeyId>();
  let before: Succession | undefined;
  for (let keyId = first; ; ) {
    const memory = all.find((each) => each.keyId === keyId);
    if (memory === undefined) {
      if (before === undefined) return { holder: first, signed: undefined, isOwn: false };
      throw refused(`the signer’s memory for the log key ${keyId} is missing: put its file back`);
    }
    if (passed.has(keyId)) throw refused('the signer’s memories follow each other in a circle');
    if (before !== undefined) requireFollows(memory, [...passed].at(-1) as KeyId, before.head);
    passed.add(keyId);
    const signed = memory.signed ?? before?.head;
    if (memory.succeeded === undefined) {
      refuseOthers(all, passed);
      return { holder: keyId, signed, isOwn: memory.signed !== undefined };
    }
    if (!isSameHead(memory.succeeded.head, signed)) {
      throw refused(
        `the memories of two log keys both think that they sign: ${keyId} was handed over, and signed again`,
      );
    }
    before = memory.succeeded;
    keyId = before.by;
  }
}

/** @throws {Failure} `signer_refused`, unless a key may be handed the memory now, or again where that was broken off. */
export function requireFree(next: KeyMemory | undefined, from: KeyId): void {
  if (next === undefined) return;
  const isBegun = next.follows === undefined || next.follows === from;
  if (isBegun && next.signed === undefined && next.succeeded === undefined) return;
  throw refused(`the memories of two log keys both think that they sign: ${from}, and ${next.keyId} already`);
}

function requireFollows(memory: KeyMemory, from: KeyId, at: TreeHead | undefined): void {
  if (memory.follows !== from) {
    throw refused(`the signer’s memory for the log key ${memory.keyId} does not follow that for ${from}`);
  }
  const { signed } = memory;
  if (signed === undefined || at === undefined || at.size < signed.size || isSameHead(at, signed)) return;
  throw refused(
    `the signer’s memory for the log key ${memory.keyId} is behind where it was handed over: was it set back?`,
  );
}

/** A memory that signs, and was never handed anything. One that was only begun has signed nothing. */
function refuseOthers(all: readonly KeyMemory[], passed: ReadonlySet<KeyId>): void {
  for (const { keyId, signed, succeeded } of all) {
    if (passed.has(keyId) || (signed === undefined && succeeded === undefined)) continue;
    throw refused(`the memories of two log keys both think that they sign: ${[...passed].at(-1)}, and ${keyId}`);
  }
}

function isSameHead(a: TreeHead | undefined, b: TreeHead | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && equalHash(a.root, b.root);
}

function refused(message: string): Failure {
  return new Failure('signer_refused', message);
}
