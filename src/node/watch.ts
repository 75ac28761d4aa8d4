/**
 * Watching a ledger from outside: round by round, its newest checkpoint against the one that was kept, and everything under
 * it replayed by the audit's own code. Nothing that the server says is believed: the vkey is the only trust root.
 *
 * @module
 */
import { parseUtf8 } from '#core/bytes.ts';
import { countsByPolicy } from '#core/consent/compromised-log-key.ts';
import { judgeWitnessing, requireLogOf, type Witnessing } from '#core/consent/witnessing.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { equalHash } from '#core/hash.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { parseNote } from '#core/note/note.ts';
import { parseCheckpoint, type VerifiedCheckpoint } from '#core/tlog/checkpoint.ts';
import type { WitnessPolicy } from '#core/tlog/policy.ts';
import type { TreeHead } from '#core/tlog/tree.ts';
import { type AuditOptions, type AuditReport, openAudit } from '#ledger/audit.ts';
import { type ChainReport, openChainAudit } from '#ledger/chain-audit.ts';
import type { RunChecker } from '#ledger/chain-run.ts';
import type { Finding } from '#ledger/replay.ts';
import { type LogKeyFollower, openLogKeyFollower } from '#ledger/shown-log-keys.ts';
import { CHECKPOINT_PATH, type Resources, type TiledSource, tiledSource } from '#ledger/tiled-source.ts';
import type { CheckpointRow } from '#store/checkpoints.ts';
import { nativeEd25519, nativeP256 } from '../native.ts';
import { openChainThreads } from './chain-threads.ts';
import { proveBeginning, readShownPart } from './shown-part.ts';
import type { JudgedStamps } from './time-stamp/judge.ts';

/** A signed checkpoint with its note. */
export interface Held {
  readonly checkpoint: VerifiedCheckpoint;
  /** The believed log keys that signed it. */
  readonly signers: readonly VerifierKey[];
  readonly note: string;
}

export interface Round {
  /**
   * `unwitnessed`: it holds, and the quorum of the policy has not cosigned what is served. `partial`: what is shown to the
   * auditor holds, which is not all that is signed.
   */
  readonly verdict: 'holds' | 'findings' | 'stale' | 'unwitnessed' | 'partial';
  /** The checkpoint that was served, if the log's key signed it. */
  readonly served: Held | undefined;
  /** The one that was held before. */
  readonly held: Held | undefined;
  /** What contradicts the held checkpoint, or makes none; what the replay found is in the report. */
  readonly findings: readonly Finding[];
  /** Null, where there was nothing to replay. */
  readonly report: AuditReport | ChainReport | null;
  /** Who cosigned the served checkpoint; null: no policy was given, or it was not asked any more. */
  readonly witnessing: Witnessing | null;
  /** How many entries, from the first on, are shown to an auditor that waits to be continued; absent: all. */
  readonly readable?: number;
  /** What was found of time-stamps; absent: none were looked for. */
  readonly stamps?: JudgedStamps;
}

export interface WatchOptions extends Pick<AuditOptions, 'entrySignatures' | 'onProgress' | 'lists' | 'onEntry'> {
  readonly vkey: VerifierKey;
  readonly resources: Resources;
  /** Absent: the whole is replayed. */
  readonly depth?: Depth | undefined;
  /** Notes of checkpoints that were kept, by size; every one is compared with the tree. */
  readonly kept: readonly string[];
  /** Milliseconds: a ledger whose last entry is older is stale. It writes its heads daily, whatever else happens. */
  readonly ageMax: number | undefined;
  /** The watcher's own witnesses; undefined: none are looked for. Their quorum may be no older than the last entry may. */
  readonly policy?: WitnessPolicy | undefined;
  /** Whether as much is replayed as is shown, where an auditor waits to be continued (ADR 0032); absent: it is refused then. */
  readonly partly?: boolean;
  readonly clock: () => number;
}

/** How much is looked at: all that an audit decides again, or bytes, chains, tree and checkpoints alone. */
export type Depth = 'whole' | 'chains';

export interface Watch {
  round(): Promise<Round>;
}

/**
 * @throws {Failure} `note_invalid`, `signature_invalid`, `checkpoint_invalid`, if what was kept is of another log;
 * `policy_invalid`, if the policy is of other logs.
 */
export async function openWatch(options: WatchOptions): Promise<Watch> {
  const { vkey, resources, ageMax, clock } = options;
  if (options.policy !== undefined) requireLogOf(options.policy, vkey);
  const log = openLogKeyFollower(vkey, resources, nativeEd25519);
  const helds: Held[] = [];
  /** Of other names: whether the log had them, and this key then, its own entries say. */
  const former: CheckpointRow[] = [];
  for (const note of options.kept) {
    if (originOf(note) === vkey.name) helds.push({ note, ...(await log.open(note)) });
    else former.push({ ...parseCheckpoint(parseNote(note).text), note });
  }
  /** Undefined: it did not end, and begins anew. */
  let running: Running | undefined;

  const threads = openChainThreads();

  async function replay(shown: TreeHead | undefined): Promise<AuditReport | ChainReport> {
    const { audit, source } = running ?? openRunning(options, log, threads.check);
    running = undefined;
    source.endAt(shown);
    for (const row of former) source.recall(row);
    for (const { checkpoint, note } of helds) source.follow({ ...checkpoint, note });
    try {
      const report = await audit.advance();
      running = { audit, source };
      return report;
    } finally {
      // Between rounds they would only hold the process.
      await threads.close();
    }
  }

  return {
    async round() {
      const held = helds.at(-1);
      const read = await readCheckpoint(resources, log);
      if (read.finding !== undefined) return lost(held, undefined, read.finding);
      const served = read.held;
      const contradiction = held && contradicts(held.checkpoint, served.checkpoint);
      if (contradiction !== undefined) return lost(held, served, contradiction);
      const witnessed = await readWitnessing(served, options, log);
      if (witnessed.finding !== undefined) return lost(held, served, witnessed.finding);
      const { witnessing } = witnessed;
      const part = options.partly === true ? await readPart(resources, served, held) : {};
      if (part.finding !== undefined) return lost(held, served, part.finding);
      helds.push(served);
      const report = await replay(part.shown);
      if (part.shown !== undefined) return partial({ served, held, findings: [], report, witnessing }, part.shown);
      const isStale = (ageMax !== undefined && clock() - report.time > ageMax) || witnessing?.recorded === 'stale';
      const isUnwitnessed = witnessing?.quorum === 'not met';
      const found = isHolding(report) ? (isUnwitnessed ? 'unwitnessed' : isStale ? 'stale' : 'holds') : 'findings';
      return { verdict: found, served, held, findings: [], report, witnessing };
    },
  };
}

interface Running {
  readonly audit: { advance(): Promise<AuditReport | ChainReport> };
  readonly source: TiledSource;
}

function originOf(note: string): string {
  return parseCheckpoint(parseNote(note).text).origin;
}

function openRunning(options: WatchOptions, log: LogKeyFollower, checkRun: RunChecker): Running {
  const { policy, clock } = options;
  const source = tiledSource(options.resources);
  const terms = policy && { policy, now: clock() };
  const judging = { ...options, terms, followed: log.keys(), ed25519: nativeEd25519 };
  if (options.depth === 'chains') return { source, audit: openChainAudit(source, { ...judging, checkRun }) };
  return { source, audit: openAudit(source, { ...judging, vault: undefined, p256: nativeP256 }) };
}

function lost(held: Held | undefined, served: Held | undefined, finding: Finding): Round {
  return { verdict: 'findings', served, held, findings: [finding], report: null, witnessing: null };
}

function isHolding(report: AuditReport | ChainReport): boolean {
  return report.holds && (report.depth === 'chains' || report.conduct.length === 0);
}

type Part = { readonly shown?: TreeHead | undefined; readonly finding?: undefined } | { readonly finding: Finding };

/** What is shown of a signed tree; that it goes on from the one before, the replay does not see then, and the hashes prove. */
async function readPart(resources: Resources, { checkpoint }: Held, held: Held | undefined): Promise<Part> {
  try {
    const shown = await readShownPart(resources, checkpoint);
    if (shown === undefined || held === undefined) return { shown };
    const { size, root } = held.checkpoint;
    const before = await proveBeginning(resources, size, checkpoint);
    return equalHash(before.root, root) ? { shown } : { finding: about(`another tree of ${size} entries was signed`) };
  } catch (failure) {
    if (!isFailure(failure, 'proof_invalid') && !isFailure(failure, 'not_published')) throw failure;
    return { finding: { code: 'tree', index: null, message: failure.message } };
  }
}

/** Whether it is stale nobody can tell who does not see its last entry. */
function partial(round: Omit<Round, 'verdict' | 'readable'>, { size }: TreeHead): Round {
  const { report } = round;
  return { ...round, readable: size, verdict: report !== null && isHolding(report) ? 'partial' : 'findings' };
}

type Witnessed =
  | { readonly witnessing: Witnessing | null; readonly finding?: undefined }
  | { readonly finding: Finding };

async function readWitnessing(
  { note, signers }: Held,
  { vkey, policy, ageMax, clock }: WatchOptions,
  log: LogKeyFollower,
): Promise<Witnessed> {
  if (policy === undefined) return { witnessing: null };
  // Where nobody has to cosign, nobody's time is asked for.
  const wanted = policy.quorum === undefined ? undefined : ageMax;
  try {
    const counts = await countsByPolicy({ note, signers, shown: log.shown() }, vkey, policy, nativeEd25519);
    const terms = { policy, now: clock(), ageMax: wanted };
    return { witnessing: await judgeWitnessing(note, terms, nativeEd25519, counts) };
  } catch (failure) {
    if (!isFailure(failure, 'checkpoint_invalid')) throw failure;
    return { finding: about(failure.message) };
  }
}

type Read = { readonly held: Held; readonly finding?: undefined } | { readonly finding: Finding };

/** @throws {Failure} `not_published`, if there is no checkpoint. */
async function readCheckpoint(resources: Resources, log: LogKeyFollower): Promise<Read> {
  const bytes = await resources.read(CHECKPOINT_PATH);
  if (bytes === undefined) throw new Failure('not_published', 'no checkpoint is served here');
  try {
    const note = parseUtf8(bytes);
    return { held: { note, ...(await log.open(note)) } };
  } catch (failure) {
    if (!isFailure(failure) && !(failure instanceof TypeError)) throw failure;
    return { finding: about(`what is served as its checkpoint is none: ${failure.message}`) };
  }
}

/** What two checkpoints of one log say against each other by themselves; whether one tree continues the other, the replay sees. */
function contradicts(held: VerifiedCheckpoint, served: VerifiedCheckpoint): Finding | undefined {
  if (served.size < held.size) {
    return about(`${served.size} entries are served, and ${held.size} were signed before: rolled back, or an old copy`);
  }
  if (served.size > held.size || equalHash(served.root, held.root)) return undefined;
  return about(`two trees of ${held.size} entries are signed: the log is forked`);
}

function about(message: string): Finding {
  return { code: 'checkpoint', index: null, message };
}

/** Whether what was found is of the copy itself: then it is not what the checkpoint says, and is not kept. */
export function isOtherCopy({ findings, report, stamps }: Round): boolean {
  if (stamps?.findings.some(({ fork }) => fork !== null)) return true;
  const codes = [...findings.map(({ code }) => code), ...(report?.codes ?? [])];
  return codes.some((code) => code === 'entry' || code === 'tree' || code === 'checkpoint');
}
