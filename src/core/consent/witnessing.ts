/**
 * How far the checkpoint of a receipt is witnessed, by a policy of who reads it (C2SP tlog-policy). Policy and clock are the
 * reader's own: neither ever comes out of the receipt, nor from the ledger that wrote it.
 *
 * @module
 */
import { equalBytes } from '../bytes.ts';
import { Failure, isFailure } from '../failure.ts';
import { INSTANT_MAX, type Instant } from '../instant.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { VerifierKey } from '../note/key.ts';
import { parseNote } from '../note/note.ts';
import { openCosignatures, type VerifiedCosignature } from '../tlog/cosignature.ts';
import { judgeQuorum, type PolicyWitness, type WitnessPolicy } from '../tlog/policy.ts';

/** What a reader wants of the witnesses. */
export interface WitnessTerms {
  readonly policy: WitnessPolicy;
  /** The reader's clock, milliseconds since 1970. */
  readonly now: number;
  /** How long ago the quorum may have cosigned, in milliseconds; undefined: whenever it did. */
  readonly ageMax?: number | undefined;
}

/** A witness of the policy whose cosignature stands under the checkpoint, and is good. */
export interface Cosigner {
  /** As the policy calls it. */
  readonly name: string;
  readonly organisation: string;
  /** Its own clock, in milliseconds: who signed twice is taken at the earlier time. */
  readonly time: Instant;
}

export interface Witnessing {
  readonly recorded: 'witnessed' | 'unwitnessed' | 'stale';
  /** `none`: the policy wants no cosignature. */
  readonly quorum: 'met' | 'not met' | 'none';
  /** The latest time as of which a whole quorum cosigned; null: none did. */
  readonly since: Instant | null;
  /** In the order of the policy. */
  readonly cosigned: readonly Cosigner[];
}

/**
 * A policy that names logs is believed of those alone. It is the reader's own mistake, and no verdict on a receipt.
 *
 * @throws {Failure} `policy_invalid`
 */
export function requireLogOf({ logs }: WitnessPolicy, vkey: VerifierKey): void {
  const isNamed = ({ key }: WitnessPolicy['logs'][number]) =>
    key.name === vkey.name && equalBytes(key.publicKey, vkey.publicKey);
  if (logs.length > 0 && !logs.some(isNamed)) {
    throw new Failure('policy_invalid', `the policy names other logs than the trusted key's, ${vkey.name}`);
  }
}

/**
 * Judges the note of a checkpoint that the log's key signed.
 *
 * @param counts whether the log keys behind it are believed (compromised-log-key.ts): else no quorum counts that came later.
 * @throws {Failure} `checkpoint_invalid`, if a line claims to be a known witness's and is not its signature.
 */
export async function judgeWitnessing(
  note: string,
  terms: WitnessTerms,
  ed25519: Ed25519,
  counts = true,
): Promise<Witnessing> {
  const { policy } = terms;
  const good = await openAll(note, policy, ed25519);
  if (!counts) {
    const cosigned = good.map((each) => cosignerOf(policy, each));
    return { recorded: 'unwitnessed', quorum: 'not met', since: null, cosigned };
  }
  const since = policy.quorum === undefined ? null : quorumTime(policy, good);
  return {
    recorded: since === null ? unmet(terms) : isFresh(since, terms) ? 'witnessed' : 'stale',
    quorum: policy.quorum === undefined ? 'none' : since === null ? 'not met' : 'met',
    since,
    cosigned: good.map((each) => cosignerOf(policy, each)),
  };
}

/** A line that is not what it claims to be tells of a file that was tampered with: it is not passed over. */
async function openAll(
  note: string,
  { witnesses }: WitnessPolicy,
  ed25519: Ed25519,
): Promise<readonly VerifiedCosignature[]> {
  const keys = witnesses.map(({ key }) => key);
  try {
    return await openCosignatures(parseNote(note), keys, ed25519);
  } catch (cause) {
    if (!isFailure(cause, 'signature_invalid')) throw cause;
    throw new Failure('checkpoint_invalid', 'what claims to be a cosignature of a witness of your policy is none', {
      cause,
    });
  }
}

/** Whether a whole quorum cosigned before a time, each member by its own clock. @throws {Failure} `checkpoint_invalid` */
export async function isCosignedBefore(
  note: string,
  policy: WitnessPolicy,
  time: Instant,
  ed25519: Ed25519,
): Promise<boolean> {
  if (policy.quorum === undefined) return false;
  const before = (await openAll(note, policy, ed25519)).filter((each) => timeOf(each) < time);
  const keys = before.map(({ key }) => key);
  return judgeQuorum(policy, keys).met;
}

/** Where nobody has to cosign, nobody's time says how old it is. */
function unmet({ policy, ageMax }: WitnessTerms): Witnessing['recorded'] {
  return policy.quorum === undefined && ageMax !== undefined ? 'stale' : 'unwitnessed';
}

/**
 * The latest time at or after which a whole quorum cosigned: one witness alone, whose clock is ahead or who lies, can't make
 * a tree look newer.
 */
function quorumTime(policy: WitnessPolicy, cosignatures: readonly VerifiedCosignature[]): Instant | null {
  const latestFirst = cosignatures.toSorted((a, b) => b.timeSeconds - a.timeSeconds);
  const enough = latestFirst.findIndex((_each, at) => {
    const keys = latestFirst.slice(0, at + 1).map(({ key }) => key);
    return judgeQuorum(policy, keys).met;
  });
  return enough < 0 ? null : timeOf(latestFirst[enough] as VerifiedCosignature);
}

/** A time ahead of the reader's clock by as much says no more about the age than one that lies back. */
function isFresh(since: Instant, { now, ageMax }: WitnessTerms): boolean {
  return ageMax === undefined || Math.abs(now - since) <= ageMax;
}

function cosignerOf({ witnesses }: WitnessPolicy, cosignature: VerifiedCosignature): Cosigner {
  const isOf = ({ key }: PolicyWitness) => equalBytes(key.publicKey, cosignature.key.publicKey);
  const { name, organisation } = witnesses.find(isOf) as PolicyWitness;
  return { name, organisation, time: timeOf(cosignature) };
}

/** A witness's seconds may go to 2^53-1: past what milliseconds can say, it is the end of time. */
function timeOf({ timeSeconds }: VerifiedCosignature): Instant {
  return Math.min(timeSeconds * 1_000, INSTANT_MAX) as Instant;
}
