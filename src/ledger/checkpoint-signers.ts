/**
 * The audit of who signed a checkpoint: every log key that signs a tree of its size, and one of them leads back to the trusted
 * one (docs/adr/0031).
 *
 * @module
 */
import { type LogKeySpan, signersAt } from '#core/consent/log-key-spans.ts';
import { isFailure } from '#core/failure.ts';
import { equalHash, type Hash } from '#core/hash.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import { formatVkey, type VerifierKey } from '#core/note/key.ts';
import { openSignedCheckpoint } from '#core/tlog/checkpoint.ts';
import type { CheckpointRow } from '#store/checkpoints.ts';

/** Whose signatures are wanted under the checkpoints. */
export interface WantedSigners {
  /** The log keys that are believed before anything is read: the trusted one, and those that it was seen to lead to. */
  readonly believed: readonly VerifierKey[];
  /** Which log keys the entries until now name, and for which sizes each signs. */
  spans(): readonly LogKeySpan[];
}

export interface SignerCheck {
  /** What is wrong with a checkpoint, given the root of the tree of its size. */
  judge(row: CheckpointRow, root: Hash): Promise<readonly string[]>;
  /** The size of the last checkpoint that no believed key vouches for; undefined: each has one that does, by itself or later. */
  unreached(): number | undefined;
}

/**
 * A key is believed once a tree that a believed key signed names it. Of an earlier tree it is enough that a later one, which
 * begins with it, is signed so: both are the one that was replayed.
 */
export function checkSigners({ believed: given, spans }: WantedSigners, ed25519: Ed25519): SignerCheck {
  const believed = new Set(given.map(formatVkey));
  let unreached: number | undefined;

  /** Of a name that is not trusted: that the log leads from there to the one that is, is found out at its end. */
  function isFormer(size: number, name: string | undefined): boolean {
    return given.every((each) => each.name !== name) && signersAt(spans(), size).some((each) => each.name === name);
  }

  /** What a tree says itself, and nothing that came after it: so it is the same however much has been read. */
  function wantedAt(size: number): readonly VerifierKey[] {
    const keys = signersAt(spans(), size);
    // A log that names no key is held against what is trusted.
    return keys.length > 0 ? keys : given;
  }

  function note(size: number, signers: readonly VerifierKey[]): void {
    if (!signers.some((key) => believed.has(formatVkey(key)))) {
      unreached = size;
      return;
    }
    unreached = undefined;
    for (const { key, named } of spans()) if (named <= size) believed.add(formatVkey(key));
  }

  return {
    async judge({ size, root, note: text }, wanted) {
      const isSameTree = equalHash(root, wanted);
      const other = isSameTree ? [] : [`the checkpoint of ${size} entries is of another tree`];
      try {
        const keys = wantedAt(size);
        if (keys.every(({ name }) => name !== nameIn(text))) {
          return [...other, `the checkpoint of ${size} entries says another name than the log has there`];
        }
        const { checkpoint, signers } = await openSignedCheckpoint(text, keys, ed25519);
        if (checkpoint.size !== size || !equalHash(checkpoint.root, root)) {
          return [...other, `the checkpoint filed under ${size} entries says otherwise`];
        }
        // What is signed of another tree vouches for nothing in this one.
        if (isSameTree && !isFormer(size, nameIn(text))) note(size, signers);
        const missing = keys.filter((key) => !signers.includes(key)).map(({ keyId }) => keyId);
        if (missing.length === 0) return other;
        return [...other, `the checkpoint of ${size} entries lacks the signature of the log key ${missing.join(', ')}`];
      } catch (failure) {
        if (!isFailure(failure)) throw failure;
        return [...other, `the checkpoint of ${size} entries: ${failure.message}`];
      }
    },
    unreached: () => unreached,
  };
}

/** The name that a checkpoint says, not verified yet. */
export function nameIn(note: string): string | undefined {
  return note.split('\n', 1)[0];
}
