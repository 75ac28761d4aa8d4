/**
 * What a log goes on from under another name (ADR 0028), proven before anything is written: what is left, audited whole; what
 * was lost, by the newest checkpoint that anybody has; and as far as that can be shown, that the one begins the other. Or, where
 * nothing is lost (ADR 0030), that all that was ever signed is here.
 *
 * @module
 */
import type { LogState } from '#core/consent/log.ts';
import type { LogContinued, LostErasure } from '#core/consent/log-continued.ts';
import { logKeyInForce } from '#core/consent/log-key.ts';
import { type LostKeys, openLost } from '#core/consent/lost-keys.ts';
import type { FollowableSlice } from '#core/consent/receipt.ts';
import type { View } from '#core/consent/rule.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { equalHash, type Hash } from '#core/hash.ts';
import { formatVkey, parseVkey, type VerifierKey } from '#core/note/key.ts';
import { parseNote } from '#core/note/note.ts';
import type { VerifiedCheckpoint } from '#core/tlog/checkpoint.ts';
import { type ConsistencyProof, parseConsistencyProof, verifyConsistency } from '#core/tlog/consistency.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { parseSize, type Size, type TreeHead } from '#core/tlog/tree.ts';
import { type CheckpointRow, loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadHead } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import type { Store } from '#store/store.ts';
import { loadStreams } from '#store/streams.ts';
import { loadNewestWitnessed } from '#store/witnessed.ts';
import { databaseSource } from './audit-source.ts';
import { findLostErasures } from './erasure.ts';
import type { ErasureShelf } from './erasure-journal.ts';
import { type Hearing, hearWitnesses } from './hear-witnesses.ts';
import { lostKeysIn } from './lost-keys.ts';
import { refuseUnsound, type SoundOptions } from './restore-plan.ts';
import { type EndableState, requireOwnName } from './signer.ts';
import { rootsAt } from './tree-roots.ts';
import { type WitnessEvidence, whyFenced } from './witness-evidence.ts';

export interface LossOptions extends SoundOptions {
  readonly store: Store;
  /** The name that the log is to have. */
  readonly next: string;
  /** The note of the newest checkpoint that anybody has of this log; undefined: nothing is lost. */
  readonly lost: string | undefined;
  /** What the log said of its keys while it had what is lost; undefined: nobody has that, or needs it. */
  readonly lostKeys?: FollowableSlice | undefined;
  /** Proves that what is left begins what was lost, by hashes that somebody has; undefined: nobody does. */
  readonly prove: ((from: Size, to: Size) => Promise<ConsistencyProof>) | undefined;
  /** The memory of the log's signer. */
  readonly state: Pick<EndableState, 'load' | 'continuedBy' | 'begun'>;
  /** What a witness said against this ledger. */
  readonly evidence: WitnessEvidence | undefined;
  /** Who cosigns this ledger, and is asked what it has cosigned; undefined: nobody does. */
  readonly witnesses: Hearing | undefined;
  readonly erasures: ErasureShelf;
}

/** A lost tail, or none, and nothing written yet. */
export interface ProvenLoss {
  /** The tree that is left. */
  readonly left: TreeHead;
  readonly reason: LogContinued['reason'];
  /** Of as many entries as are left, where nothing is lost. */
  readonly lost: VerifiedCheckpoint;
  readonly note: string;
  /** What leads to the log key that signed it; undefined: what is left knows that one. */
  readonly lostKeys: LostKeys | undefined;
  /** Null: it is not proven that what is left begins what was lost. */
  readonly proof: ConsistencyProof | null;
  /** The states that what is left folds to. */
  readonly view: View;
  /** What the lost tail erased of entries that are left. */
  readonly erasures: readonly LostErasure[];
  /** The witnesses that did not say what they have cosigned. */
  readonly unheard: readonly string[];
}

/**
 * Proves what there is to prove.
 *
 * @throws {Failure} `keys_missing`, if there is no memory of what was signed; `signer_refused`, `superseded`, if the log went
 *   on already, or that was begun under another name; `entry_invalid`, if the database does not hold by itself, or nothing is left; `note_invalid`, `signature_invalid`,
 *   `checkpoint_invalid`, if the lost checkpoint is none of this log, or of no more than is left; `behind`, if more is signed,
 *   published or cosigned; `proof_invalid`, if the trees are of two histories; `not_published`, if hashes are missing that
 *   were to prove it, or not all is signed that is to be moved; `limit_reached`, if the tail erased more than one entry can say.
 */
export async function planContinuation(options: LossOptions): Promise<ProvenLoss> {
  const { store, state, vkey, evidence, witnesses } = options;
  // What was begun under this name is what is run again.
  const isAgain = state.begun()?.name === options.next;
  requireOwnName(isAgain ? { continuedBy: state.continuedBy } : state);
  const signed = state.load();
  if (signed === undefined) {
    throw new Failure('keys_missing', 'the signer’s memory is missing: put its file back into ASSENT_STATE_DIR');
  }
  const { left, published, logKey } = await store.read((tx) => readDatabase(tx, vkey.name));
  const reason = options.lost === undefined ? 'moved' : 'tail_lost';
  const note = options.lost ?? requireSigned(left, published);
  const { lost, lostKeys } = await openByLogKeys(options, note, logKey);
  if (reason === 'tail_lost' && lost.size <= left.size) {
    throw new Failure('checkpoint_invalid', `nothing is lost: ${left.size} entries are here of ${lost.size}`);
  }
  refuseOlder(lost, [
    { size: signed.size, said: 'signed' },
    { size: published?.size ?? 0, said: 'published' },
    { size: evidence?.their_size ?? 0, said: 'cosigned by a witness' },
  ]);
  const contradicted = evidence && whyFenced(evidence, lost.size);
  if (contradicted !== undefined) throw new Failure('proof_invalid', contradicted);
  const view = await store.read((tx) => refuseUnsound(tx, left, options));
  if (view === undefined) throw new Failure('entry_invalid', 'nothing is left: restore a backup first');
  await store.read((tx) => refuseOtherHistory(tx, { left, lost }, [signed, published && headOf(published)]));
  const proof = await proofOf(options, left, lost);
  if (proof !== null) verifyConsistency(proof, left, lost);
  const unheard = witnesses === undefined ? [] : await hearWitnesses({ size: lost.size, note }, witnesses);
  const [deaf] = unheard;
  if (reason === 'moved' && deaf !== undefined) {
    throw new Failure(
      'behind',
      `the witness ${deaf} did not say what it has cosigned: it may have seen more than is here`,
    );
  }
  const { erasures: shelf } = options;
  const erasures = await store.read((tx) =>
    findLostErasures(tx, { origin: vkey.name, size: left.size, erasures: shelf }),
  );
  return { left, reason, lost, note, lostKeys, proof, view, erasures, unheard };
}

/** Opens the lost checkpoint by the log key that what is left knows, or by one that it led to in what is lost. */
async function openByLogKeys({ lostKeys: shown, ed25519 }: LossOptions, note: string, logKey: VerifierKey) {
  const before = formatVkey(logKey);
  const lostKeys = lostKeysIn(shown, note, logKey);
  try {
    const led = lostKeys === undefined ? {} : { lost_keys: lostKeys };
    return { lostKeys, lost: await openLost({ before, lost: note, ...led }, ed25519) };
  } catch (failure) {
    const lines = isFailure(failure, 'signature_invalid') ? parseNote(note).signatures : [];
    if (lostKeys !== undefined || !lines.some(({ name }) => name === logKey.name)) throw failure;
    throw new Failure(
      'signature_invalid',
      `the log key ${logKey.keyId} did not sign it, and what is left knows no later one: if another took over in what is lost, bring what led to it (--log-keys)`,
      { cause: failure },
    );
  }
}

/** @throws {Failure} `not_published`, unless all that is here is signed, and so served. */
function requireSigned(left: TreeHead, published: CheckpointRow | undefined): string {
  if (published?.size === left.size) return published.note;
  throw new Failure(
    'not_published',
    `${left.size} entries are here, and the newest checkpoint is of ${published?.size ?? 0}`,
  );
}

async function proofOf({ prove }: LossOptions, left: TreeHead, lost: TreeHead): Promise<ConsistencyProof | null> {
  if (lost.size === left.size) return parseConsistencyProof([]);
  return prove === undefined ? null : prove(left.size, lost.size);
}

interface Database {
  readonly left: TreeHead;
  readonly published: CheckpointRow | undefined;
  /** The log key in force. That the trusted one leads to it, the audit of what is left says. */
  readonly logKey: VerifierKey;
}

async function readDatabase(tx: Tx, origin: string): Promise<Database> {
  const head = await loadHead(tx);
  if (head === undefined || head.size === 0) {
    throw new Failure('entry_invalid', 'nothing is left: restore a backup first');
  }
  if (head.origin !== origin) {
    throw new Failure('superseded', `this log goes on as ${head.origin} already: start its server with the new keys`);
  }
  // Of two of one size, the one with cosignatures.
  const rows = [await loadNewestWitnessed(tx), await loadNewestCheckpoint(tx)];
  const [published] = rows.filter((row) => row !== undefined).sort((a, b) => b.size - a.size);
  const [log] = await loadStreams(tx, [LOG_STREAM]);
  const { vkey } = logKeyInForce(log?.state as LogState);
  return { left: headOf(head), published, logKey: parseVkey(vkey) };
}

function headOf({ size, root }: Pick<CheckpointRow, 'size' | 'root'>): TreeHead {
  return { size: parseSize(size), root };
}

function refuseOlder({ size }: TreeHead, known: readonly { readonly size: number; readonly said: string }[]): void {
  for (const each of known) {
    if (size >= each.size) continue;
    throw new Failure(
      'behind',
      `the lost checkpoint is of ${size} entries, and ${each.size} are already ${each.said}: bring a newer one`,
    );
  }
}

/** What is known of the log begins what is left, or is what was lost; what lies between, nobody can compare any more. */
async function refuseOtherHistory(
  tx: Tx,
  { left, lost }: { readonly left: TreeHead; readonly lost: TreeHead },
  known: readonly (TreeHead | undefined)[],
): Promise<void> {
  const heads = known.filter((each): each is TreeHead => each !== undefined && each.size > 0);
  const within = heads.filter(({ size }) => size <= left.size);
  const sizes = within.map(({ size }) => size);
  const roots = within.length === 0 ? [] : await rootsAt(databaseSource(tx), sizes, left.size);
  const isOther =
    within.some(({ root }, at) => !equalHash(root, roots[at] as Hash)) ||
    heads.some(({ size, root }) => size === lost.size && !equalHash(root, lost.root));
  if (isOther) throw new Failure('proof_invalid', 'what was signed of this log is of another history than is here');
}
