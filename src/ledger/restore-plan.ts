/**
 * The first half of a restore: proves that a mirror has the tail that a database lost, before anything is written. Trusted
 * are the log's public key, the signer's memory, and what a witness said; neither the database nor the mirror is.
 *
 * @module
 */
import type { View } from '#core/consent/rule.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { equalHash, type Hash } from '#core/hash.ts';
import type { Handle } from '#core/ids.ts';
import type { VerifiedCheckpoint } from '#core/tlog/checkpoint.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { parseTlogProof } from '#core/tlog/proof.ts';
import { idOf, type StreamId } from '#core/tlog/stream.ts';
import { EMPTY_ROOT, parseSize, type Size, type TreeHead } from '#core/tlog/tree.ts';
import { type CheckpointRow, loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadHead } from '#store/head.ts';
import { loadRestoration } from '#store/restoration.ts';
import type { Tx } from '#store/schema.ts';
import type { Store } from '#store/store.ts';
import { loadNewestWitnessed } from '#store/witnessed.ts';
import { type AuditOptions, type AuditReport, openAudit } from './audit.ts';
import { type AuditSource, databaseSource } from './audit-source.ts';
import { compareStates, findStrays } from './audit-tables.ts';
import { nameIn } from './checkpoint-signers.ts';
import { type Hearing, hearWitnesses } from './hear-witnesses.ts';
import { type Orphan, orphansIn } from './restore-orphans.ts';
import { type LogKeyFollower, openLogKeyFollower } from './shown-log-keys.ts';
import { steadyResources } from './steady-resources.ts';
import { type Resources, type TiledSource, tiledSource } from './tiled-source.ts';
import { rootsAt } from './tree-roots.ts';
import { type WitnessEvidence, whyFenced } from './witness-evidence.ts';

/** A mirror as it lies in a folder. */
export interface MirrorFiles {
  readonly resources: Resources;
  /** The note of its newest checkpoint; undefined: it has none. */
  readonly newest: string | undefined;
  /** Notes of the checkpoints that it was brought up to before. */
  readonly kept: readonly string[];
}

/** What a database is audited by before anything is built on it. */
export type SoundOptions = Pick<AuditOptions, 'vkey' | 'ed25519' | 'p256' | 'vault' | 'onProgress'>;

export interface PlanOptions extends SoundOptions {
  readonly store: Store;
  readonly mirror: MirrorFiles;
  /** What the signer remembers; undefined: its memory is missing. */
  readonly signed: TreeHead | undefined;
  /** What a witness said against this ledger. */
  readonly evidence: WitnessEvidence | undefined;
  /** Who cosigns this ledger, and is asked what it has cosigned; undefined: nobody does. */
  readonly witnesses: Hearing | undefined;
  /** The keeper says that the signer's memory was set back as well, and that nobody signs elsewhere. */
  readonly isSignerSetBack: boolean;
}

/** What no mirror has of the entries behind `from`. */
export interface Lost {
  /** Parts of payloads, and in how many streams. */
  readonly parts: number;
  readonly streams: number;
  /** Relationships that were opened there: whose they are, nobody knows any more. */
  readonly relationships: readonly Orphan[];
}

/** A tail that is proven, and that nothing was written of yet. */
export interface ProvenTail {
  /** The tree that the database had before the restore was begun. */
  readonly from: TreeHead;
  /** The tree that it has: more than `from` where a restore was broken off. */
  readonly now: TreeHead;
  /** The tree that it will have. */
  readonly to: TreeHead;
  /** What the signer remembers. */
  readonly signed: TreeHead;
  /** Up to which size the signer remembered when the restore was begun. */
  readonly signedSize: number;
  /** Signed checkpoints of more than `now`, by size; the last one is of `to`. */
  readonly checkpoints: readonly CheckpointRow[];
  readonly source: AuditSource;
  /** The states that `to` folds to. */
  readonly view: View;
  /** Every log key that `to` names, and the sizes of trees that each signs. */
  readonly logKeys: AuditReport['logKeys'];
  readonly lost: Lost;
  /** The witnesses that did not say what they have cosigned. */
  readonly unheard: readonly string[];
}

/**
 * Proves a tail, or answers undefined where none is missing.
 *
 * @throws {Failure} `keys_missing`, if there is no memory of what was signed; `entry_invalid`, if the database does not hold
 *   by itself; `not_published`, `note_invalid`, `signature_invalid`, `checkpoint_invalid`, if the mirror shows no checkpoint
 *   of this log; `behind`, if it is older than what was signed, published or witnessed; `proof_invalid`, if it is not whole,
 *   or of another history; `signer_refused`, if it is ahead of what the signer remembers.
 */
export async function planRestore(options: PlanOptions): Promise<ProvenTail | undefined> {
  const { store, signed, evidence, mirror } = options;
  if (signed === undefined) {
    throw new Failure('keys_missing', 'the signer’s memory is missing: put its file back into ASSENT_STATE_DIR');
  }
  const found = await store.read(readDatabase);
  const log = openLogKeyFollower(options.vkey, mirror.resources, options.ed25519);
  const checkpoints = withSteps(await openNotes(options, log), await stepsOf(log));
  const newest = checkpoints.at(-1) as OpenedNote;
  refuseOlder(newest.checkpoint, [
    { size: signed.size, said: 'signed' },
    { size: found.published?.size ?? 0, said: 'published' },
    { size: evidence?.their_size ?? 0, said: 'cosigned by a witness' },
  ]);
  const contradicted = evidence && whyFenced(evidence, newest.checkpoint.size);
  if (contradicted !== undefined) throw new Failure('proof_invalid', contradicted);
  await store.read((tx) => refuseUnsound(tx, found.head, options));
  const source = tiledSource(steadyResources(mirror.resources));
  for (const { row } of checkpoints) source.follow(row);
  const { view, logKeys } = await replayMirror(source, options, log);
  const to: TreeHead = newest.checkpoint;
  const from = found.begun ?? found.head;
  const known = [from, found.head, signed, found.published, await witnessedHead(options, log)];
  await refuseOtherHistory(
    source,
    to,
    known.filter((head): head is TreeHead => head !== undefined && head.size <= to.size),
  );
  if (found.head.size >= to.size) return undefined;
  if (signed.size < to.size && !options.isSignerSetBack) throw ahead(signed, to);
  const unheard = options.witnesses === undefined ? [] : await hearWitnesses(newest.row, options.witnesses);
  const missing = checkpoints.map(({ row }) => row).filter(({ size }) => size > found.head.size);
  const { handles, ...counted } = await countLost(source, from.size, to.size);
  const lost: Lost = { ...counted, relationships: orphansIn(view, handles) };
  const signedSize = found.signedSize ?? signed.size;
  return { from, now: found.head, to, signed, signedSize, checkpoints: missing, source, view, logKeys, lost, unheard };
}

interface Database {
  readonly head: TreeHead;
  /** The largest checkpoint in it. */
  readonly published: TreeHead | undefined;
  /** Where a restore was begun that is not whole yet, and what the signer remembered then. */
  readonly begun: TreeHead | undefined;
  readonly signedSize: number | undefined;
}

async function readDatabase(tx: Tx): Promise<Database> {
  const head = await loadHead(tx);
  const rows = [await loadNewestCheckpoint(tx), await loadNewestWitnessed(tx)];
  const [published] = rows.filter((row) => row !== undefined).sort((a, b) => b.size - a.size);
  const begun = await loadRestoration(tx);
  return {
    head: head === undefined ? { size: 0 as Size, root: EMPTY_ROOT } : headOf(head),
    published: published && headOf(published),
    begun: begun && headOf({ size: begun.from_size, root: begun.from_root }),
    signedSize: begun?.signed_size,
  };
}

function headOf({ size, root }: { readonly size: number; readonly root: Hash }): TreeHead {
  return { size: parseSize(size), root };
}

interface OpenedNote {
  readonly checkpoint: VerifiedCheckpoint;
  readonly row: CheckpointRow;
}

/** The mirror's checkpoints by size, each signed by this log's key; the newest is the one that it shows. */
async function openNotes({ mirror }: PlanOptions, log: LogKeyFollower): Promise<readonly OpenedNote[]> {
  if (mirror.newest === undefined) throw new Failure('not_published', 'the mirror has no checkpoint: is it one?');
  const opened: OpenedNote[] = [];
  for (const note of [...mirror.kept, mirror.newest]) {
    // Of a former name: what is to be put back is of the present one.
    if (note !== mirror.newest && nameIn(note) !== nameIn(mirror.newest)) continue;
    const { checkpoint } = await log.open(note);
    opened.push({ checkpoint, row: { size: checkpoint.size, root: checkpoint.root, note } });
  }
  const newest = opened.at(-1) as OpenedNote;
  const bySize = new Map<number, OpenedNote>();
  for (const each of opened) {
    const { size, root } = each.checkpoint;
    const same = bySize.get(size);
    if (same !== undefined && !equalHash(same.checkpoint.root, root)) {
      throw new Failure('proof_invalid', `the mirror holds two signed trees of ${size} entries: the log is forked`);
    }
    if (size > newest.checkpoint.size) {
      throw new Failure('behind', `the mirror shows ${newest.checkpoint.size} entries, and once held ${size}`);
    }
    bySize.set(size, each);
  }
  return [...bySize.values()].sort((a, b) => a.checkpoint.size - b.checkpoint.size);
}

/** The checkpoints of the time of each exchange of the log key: who trusts an older one is led on by them. */
async function stepsOf(log: LogKeyFollower): Promise<readonly OpenedNote[]> {
  const opened: OpenedNote[] = [];
  for (const proof of log.shown()?.key_steps ?? []) {
    const note = parseTlogProof(proof).checkpoint;
    const { checkpoint } = await log.open(note);
    opened.push({ checkpoint, row: { size: checkpoint.size, root: checkpoint.root, note } });
  }
  return opened;
}

function withSteps(notes: readonly OpenedNote[], steps: readonly OpenedNote[]): readonly OpenedNote[] {
  const newest = notes.at(-1) as OpenedNote;
  const isNew = ({ checkpoint: { size } }: OpenedNote) =>
    size < newest.checkpoint.size && !notes.some(({ checkpoint }) => checkpoint.size === size);
  const bySize = new Map(steps.filter(isNew).map((each) => [each.checkpoint.size, each]));
  return [...notes, ...bySize.values()].sort((a, b) => a.checkpoint.size - b.checkpoint.size);
}

/** The tree that a witness showed, if this log's key signed it: whatever else it shows proves nothing. */
async function witnessedHead({ evidence }: PlanOptions, log: LogKeyFollower): Promise<TreeHead | undefined> {
  const note = evidence?.their_checkpoint ?? undefined;
  if (note === undefined) return undefined;
  try {
    return (await log.open(note)).checkpoint;
  } catch (failure) {
    if (isFailure(failure)) return undefined;
    throw failure;
  }
}

function refuseOlder({ size }: TreeHead, known: readonly { readonly size: number; readonly said: string }[]): void {
  for (const each of known) {
    if (size >= each.size) continue;
    throw new Failure(
      'behind',
      `the mirror has ${size} entries, and ${each.size} are already ${each.said}: bring a newer mirror`,
    );
  }
}

/** Findings past this many change nothing: it does not hold. */
const STRAYS_MAX = 1;

/**
 * A backup that does not hold by itself is not built on. Checkpoints of what it lost are compared with the mirror; payloads
 * that are gone may have been erased by an entry that is lost, and a start erases them again before anything else.
 *
 * @returns the states that it folds to; undefined: it is empty.
 * @throws {Failure} `entry_invalid`
 */
export async function refuseUnsound(tx: Tx, head: TreeHead, options: SoundOptions): Promise<View | undefined> {
  if (head.size === 0) return undefined;
  const { tables: _derived, ...source } = databaseSource(tx);
  const upTo = (load: AuditSource['checkpoints']): AuditSource['checkpoints'] => {
    return async (after, countMax) => (await load(after, countMax)).filter(({ size }) => size <= head.size);
  };
  const witnessed = upTo(source.witnessed ?? (async () => []));
  const audit = openAudit({ ...source, checkpoints: upTo(source.checkpoints), witnessed }, auditOf(options));
  const report = await audit.advance();
  const findings = [...report.findings];
  await findStrays(tx, head.size, STRAYS_MAX, (finding) => findings.push(finding));
  await compareStates(tx, audit.view, (finding) => findings.push(finding));
  const holds = report.holds && findings.length === 0;
  requireHolds('entry_invalid', 'the database does not hold by itself', { holds, findings });
  return audit.view;
}

async function replayMirror(
  source: TiledSource,
  options: PlanOptions,
  log: LogKeyFollower,
): Promise<Pick<ProvenTail, 'view' | 'logKeys'>> {
  const audit = openAudit(source, { ...auditOf(options), followed: log.keys(), vault: undefined });
  const report = await audit.advance();
  requireHolds('proof_invalid', 'the mirror is not what its checkpoint says', report);
  return { view: audit.view, logKeys: report.logKeys };
}

function auditOf({ vkey, ed25519, p256, vault, onProgress }: SoundOptions): AuditOptions {
  return { vkey, ed25519, p256, vault, entrySignatures: true, ...(onProgress === undefined ? {} : { onProgress }) };
}

function requireHolds(
  code: 'entry_invalid' | 'proof_invalid',
  what: string,
  { holds, findings }: Pick<AuditReport, 'holds' | 'findings'>,
): void {
  if (holds) return;
  const [first] = findings;
  const where = first === undefined || first.index === null ? '' : `entry ${first.index}: `;
  throw new Failure(code, `${what}: ${where}${first?.message ?? 'see assent audit'}`);
}

/** One history: all that is known of this log is a beginning of the mirror's tree. */
async function refuseOtherHistory(source: AuditSource, to: TreeHead, known: readonly TreeHead[]): Promise<void> {
  const roots = await rootsAt(
    source,
    known.map(({ size }) => size),
    to.size,
  );
  for (const [at, { size, root }] of known.entries()) {
    if (equalHash(root, roots[at] as Hash)) continue;
    throw new Failure('proof_invalid', `the mirror's first ${size} entries are of another history than is here`);
  }
}

function ahead(signed: TreeHead, to: TreeHead): Failure {
  return new Failure(
    'signer_refused',
    `the mirror has ${to.size} entries under the log's own signature, and the signer remembers ${signed.size}: its memory was set back as well, or somebody signs elsewhere`,
  );
}

const PAGE = 1_024;

async function countLost(source: AuditSource, start: number, end: number) {
  const streams = new Set<StreamId>();
  const handles: Handle[] = [];
  let parts = 0;
  for (let at = start; at < end; at += PAGE) {
    const to = Math.min(at + PAGE, end);
    const rows = await source.digests(at, to);
    parts += rows.length;
    const indexes = new Set(rows.map(({ index }) => index));
    for (const { index, bytes } of await source.entries(at, to)) {
      const { stream, type } = parseEntry(bytes);
      if (indexes.has(index)) streams.add(stream);
      if (type === 'relationship.opened') handles.push(idOf<Handle>(stream));
    }
  }
  return { parts, streams: streams.size, handles };
}
