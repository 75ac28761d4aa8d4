/**
 * A log key that was in other hands, by the policy of who reads: whoever has it can show a log without the entry that says so,
 * so that the log itself can't tell. What only such a key signed is believed where a quorum cosigned it before.
 *
 * @module
 */
import { isFailure } from '../failure.ts';
import type { Instant } from '../instant.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { VerifierKey } from '../note/key.ts';
import type { WitnessPolicy } from '../tlog/policy.ts';
import { type Counts, followLogKeys } from './follow-log-keys.ts';
import type { FollowableSlice } from './receipt.ts';
import { isCosignedBefore } from './witnessing.ts';

/** A checkpoint, who signed it, and how its reader came to believe these. */
export interface Vouched {
  readonly note: string;
  readonly signers: readonly VerifierKey[];
  /** The log's own slice that leads there; undefined: there was nothing to follow. */
  readonly shown: FollowableSlice | undefined;
}

/**
 * Whether a checkpoint is believed by a policy. On the way to it, too, nothing counts that only such a key vouches for: it
 * may have named any other.
 *
 * @throws {Failure} `checkpoint_invalid`, if a line claims to be a known witness's and is not its signature.
 */
export async function countsByPolicy(
  { note, signers, shown }: Vouched,
  vkey: VerifierKey,
  policy: WitnessPolicy,
  ed25519: Ed25519,
): Promise<boolean> {
  if (policy.compromised === undefined) return true;
  const counts = countsBy(policy, ed25519);
  if (!(await counts(note, signers))) return false;
  if (shown === undefined) return true;
  const named = policy.logs.map(({ key }) => key).filter(({ name }) => name === vkey.name);
  const given = [vkey, ...named.filter(({ keyId }) => keyId !== vkey.keyId)];
  try {
    await followLogKeys(shown, given, ed25519, counts);
    return true;
  } catch (failure) {
    if (isFailure(failure)) return false;
    throw failure;
  }
}

/** Whether a checkpoint counts by what the policy says of keys that were in other hands. */
export function countsBy(policy: WitnessPolicy, ed25519: Ed25519): Counts {
  const { compromised = [] } = policy;
  const sinceOf = ({ keyId }: VerifierKey) => compromised.find((each) => each.keyId === keyId)?.since;
  return async (note, signers) => {
    const ends = signers.map(sinceOf);
    if (ends.includes(undefined)) return true;
    // Of several that were in other hands one was not, until the last.
    const last = Math.max(...ends.map(Number)) as Instant;
    return isCosignedBefore(note, policy, last, ed25519);
  };
}
