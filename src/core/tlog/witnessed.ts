/**
 * Witnessed checkpoints: signed by a log that a policy names, and cosigned by its quorum. The policy is the reader's own;
 * it never comes from the log.
 *
 * @module
 */
import type { Ed25519 } from '../note/ed25519.ts';
import { parseNote } from '../note/note.ts';
import { openAnyCheckpoint, type VerifiedCheckpoint } from './checkpoint.ts';
import { openCosignatures, type VerifiedCosignature } from './cosignature.ts';
import { judgeQuorum, type QuorumVerdict, type WitnessPolicy } from './policy.ts';

export interface WitnessedCheckpoint {
  readonly checkpoint: VerifiedCheckpoint;
  readonly cosignatures: readonly VerifiedCosignature[];
  /** Whether the quorum has cosigned; it is for the reader to want it. */
  readonly quorum: QuorumVerdict;
}

/**
 * Verifies a checkpoint's note under a policy: the log's signature, and every cosignature of a witness that it names.
 *
 * @throws {Failure} `note_invalid` or `checkpoint_invalid`, if it is no checkpoint; `signature_invalid`, if no log of the
 * policy signed it, or a witness's line is not its own.
 */
export async function openWitnessed(
  note: string,
  policy: WitnessPolicy,
  ed25519: Ed25519,
): Promise<WitnessedCheckpoint> {
  const parsed = parseNote(note);
  const checkpoint = await openAnyCheckpoint(
    note,
    policy.logs.map((log) => log.key),
    ed25519,
  );
  const keys = policy.witnesses.map((witness) => witness.key);
  const cosignatures = await openCosignatures(parsed, keys, ed25519);
  return {
    checkpoint,
    cosignatures,
    quorum: judgeQuorum(
      policy,
      cosignatures.map(({ key }) => key),
    ),
  };
}
