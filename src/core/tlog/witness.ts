/**
 * What a witness decides (C2SP tlog-witness): whether it may say that a checkpoint is the largest tree it has seen of the
 * log, consistent with all before. It remembers one checkpoint of each log, the last that it cosigned.
 *
 * The decision is pure. Whoever runs it compares and swaps the memory, makes it durable, and only then signs; where the
 * memory moved on meanwhile, it decides again.
 *
 * @module
 */
import { Failure, isFailure } from '../failure.ts';
import { equalHash, type Hash } from '../hash.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { VerifierKey } from '../note/key.ts';
import { formatNote, openNote } from '../note/note.ts';
import { parseAddCheckpoint } from './add-checkpoint.ts';
import { type Checkpoint, parseExtendedCheckpoint } from './checkpoint.ts';
import { parseConsistencyProof, verifyConsistency } from './consistency.ts';
import type { SplitView } from './split-view.ts';
import { EMPTY_ROOT, type Size, type TreeHead } from './tree.ts';

/** The logs that a witness cosigns, by origin, with the keys that it trusts for each. */
export type WitnessedLogs = ReadonlyMap<string, readonly VerifierKey[]>;

/** The last checkpoint that a witness cosigned of a log. */
export interface Seen extends TreeHead {
  /** With the log's own signatures, and no others. */
  readonly note: string;
}

/** A checkpoint that a trusted key of a known log signed, and what the witness is asked to do with it. */
export interface Asked {
  readonly oldSize: Size;
  readonly proof: readonly Hash[];
  readonly checkpoint: Checkpoint;
  /** The checkpoint's exact text: what is cosigned. */
  readonly text: string;
  readonly seen: Seen;
}

/** Why nothing is cosigned. `why` is for people, and quotes nothing. */
export type WitnessRefusal =
  | { readonly kind: 'malformed'; readonly why: string }
  | { readonly kind: 'origin_unknown' }
  | { readonly kind: 'untrusted' }
  | { readonly kind: 'old_above_new' }
  /** The log began at another size than the witness is at. Even then it may have shown that it forked. */
  | { readonly kind: 'conflict'; readonly size: Size; readonly evidence: SplitView | undefined }
  | { readonly kind: 'split_view'; readonly evidence: SplitView }
  | { readonly kind: 'unproved'; readonly why: string };

export type WitnessDecision = WitnessRefusal | { readonly kind: 'cosign'; readonly to: Seen };

/**
 * Reads an attacker-controlled body of `add-checkpoint`, and verifies that a log that this witness knows signed the
 * checkpoint in it. Signatures of unknown keys are ignored; those of trusted ones must all be good.
 */
export async function openAddCheckpoint(
  body: Uint8Array,
  logs: WitnessedLogs,
  ed25519: Ed25519,
): Promise<WitnessRefusal | { readonly kind: 'asked'; readonly asked: Asked }> {
  try {
    const { oldSize, proof, checkpoint: note } = parseAddCheckpoint(body);
    const claimed = parseExtendedCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1));
    const keys = logs.get(claimed.origin);
    if (keys === undefined) return { kind: 'origin_unknown' };
    const { text, verified } = await openNote(note, keys, ed25519);
    const { origin, size, root } = parseExtendedCheckpoint(text);
    const seen: Seen = { size, root, note: formatNote({ text, signatures: verified }) };
    return { kind: 'asked', asked: { oldSize, proof, checkpoint: { origin, size, root }, text, seen } };
  } catch (thrown) {
    if (isFailure(thrown, 'signature_invalid')) return { kind: 'untrusted' };
    if (thrown instanceof Failure) return { kind: 'malformed', why: thrown.message };
    throw thrown;
  }
}

/** Decides, given the last checkpoint that this witness cosigned of the log, if any. The order is the protocol's. */
export function decideAddCheckpoint(last: Seen | undefined, asked: Asked): WitnessDecision {
  const { oldSize, checkpoint, seen } = asked;
  if (oldSize > checkpoint.size) return { kind: 'old_above_new' };
  const evidence = splitViewOf(last, seen);
  const lastSize = last?.size ?? (0 as Size);
  if (oldSize !== lastSize) return { kind: 'conflict', size: lastSize, evidence };
  if (evidence !== undefined) return { kind: 'split_view', evidence };
  const why = whyUnproved(last, asked);
  return why === undefined ? { kind: 'cosign', to: seen } : { kind: 'unproved', why };
}

/** Two roots of one size, both signed, are a proof against the log, whatever else was asked. */
function splitViewOf(last: Seen | undefined, seen: Seen): SplitView | undefined {
  return last !== undefined && last.size === seen.size && !equalHash(last.root, seen.root)
    ? [last.note, seen.note]
    : undefined;
}

function whyUnproved(last: Seen | undefined, { proof, checkpoint }: Asked): string | undefined {
  if (checkpoint.size === 0 && !equalHash(checkpoint.root, EMPTY_ROOT)) return 'an empty tree has one root only';
  if (last === undefined || last.size === 0) return proof.length === 0 ? undefined : 'nothing is proved of size 0';
  try {
    verifyConsistency(parseConsistencyProof(proof), last, checkpoint);
    return undefined;
  } catch (thrown) {
    if (isFailure(thrown, 'proof_invalid')) return thrown.message;
    throw thrown;
  }
}
