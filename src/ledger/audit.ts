/**
 * The audit: replays the ledger from entry 0 and trusts nothing but the log's public key. Bytes, chains, tree, tiles,
 * checkpoints, signatures, payloads that are still there, every decision decided again, and every state folded again.
 *
 * @module
 */
import type { Json } from '#core/canonical.ts';
import { verifyEntryProofs } from '#core/consent/entry-proofs.ts';
import { issuingKeyFor } from '#core/consent/issuing-key.ts';
import { parseKeyText } from '#core/consent/key-text.ts';
import { type LogState, logIn } from '#core/consent/log.ts';
import { type LogKeySpan, spansAfter } from '#core/consent/log-key-spans.ts';
import type { Opened } from '#core/consent/signed-statement.ts';
import type { WitnessTerms } from '#core/consent/witnessing.ts';
import { Failure, isFailure } from '#core/failure.ts';
import type { Hash } from '#core/hash.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { PublicKey } from '#core/note/key.ts';
import type { Pack } from '#core/pack/pack.ts';
import { type Entry, entrySigningBytes, parseEntry } from '#core/tlog/entry.ts';
import { openPart, type PartDigests } from '#core/tlog/payload.ts';
import { TILE_WIDTH } from '#core/tlog/tile.ts';
import { EMPTY_ROOT } from '#core/tlog/tree.ts';
import type { P256 } from '#core/webauthn/p256.ts';
import type { Tx } from '#store/schema.ts';
import { type AuditHead, type AuditSource, databaseSource, type SourcedEntry } from './audit-source.ts';
import { compareRelationships, compareStates, findStrays } from './audit-tables.ts';
import type { CommonReport } from './chain-audit.ts';
import { type Conduct, type ConductCheck, checkConduct, type DoorList } from './conduct.ts';
import { type ContinuationCheck, checkContinuations } from './continuation-check.ts';
import { checkErasures, type ErasureCheck } from './erasure-check.ts';
import { checkEvidence, type EvidenceCheck } from './evidence.ts';
import { LISTED_MAX, listFindings } from './findings.ts';
import { checkHeads, type HeadsCheck } from './heads-check.ts';
import { checkNotices, type NoticeCheck } from './notices.ts';
import { checkObjections, type ObjectionCheck } from './objections.ts';
import { readPacks } from './pack-check.ts';
import { type Finding, type FindingCode, type Replay, startReplay } from './replay.ts';
import { checkRequests, type RequestCheck } from './request-check.ts';
import { checkRestores, type RestoreCheck } from './restore-check.ts';
import { checkSteps, type StepCheck } from './steps.ts';
import { checkTaint, type TaintCheck, type Tainted, type TaintedRun } from './taint.ts';
import { reasonOf } from './thrown.ts';
import { checkTree, type TreeCheck } from './tree-check.ts';
import { findOtherLogKey, type Trusted, tellSpans } from './trusted-log-key.ts';
import { openParts, partName, type Vault } from './vault.ts';

/** Whole bundles, so that none is read twice. */
const AUDIT_PAGE = 4 * TILE_WIDTH;

export interface AuditOptions extends Trusted {
  readonly ed25519: Ed25519;
  readonly p256: P256;
  /** Opens payloads. Without it they are checked by their digests only. */
  readonly vault: Vault | undefined;
  /** Whether each entry's own signature is verified; the tree is signed either way. */
  readonly entrySignatures: boolean;
  readonly onProgress?: (done: number, size: number) => void;
  /** Doors' own lists of what they released, to be compared with what they settled. */
  readonly lists?: readonly DoorList[];
  /** The reader's own witnesses: whether they had cosigned what was lost before the log went on under another name. */
  readonly terms?: WitnessTerms | undefined;
  /** Told of every entry that could be read, in index order, for who looks for something of its own. */
  readonly onEntry?: (entry: Entry, index: number) => void;
}

export interface AuditReport extends CommonReport {
  /** How much was looked at. */
  readonly depth: 'whole';
  readonly decisions: number;
  readonly signatures: number;
  /** Signed requests verified again, each by the keys that its entry names. */
  readonly requests: number;
  readonly partsOpened: number;
  /** Entries that attest facts whose payload is gone or closed to us: not derived again. */
  readonly attested: number;
  /** Entries signed with a key after the time since which it was declared compromised. They stand; they prove less. */
  readonly tainted: readonly Tainted[];
  /** The same of the ledger's own issuing keys: runs of entries. */
  readonly taintedRuns: readonly TaintedRun[];
  /** What the parties did otherwise than they should. */
  readonly conduct: readonly Conduct[];
}

/** Audits a ledger in its database. @throws {Failure} `store_unavailable`, if there is no log to audit. */
export async function auditLedger(tx: Tx, options: AuditOptions): Promise<AuditReport> {
  return openAudit(databaseSource(tx), options).advance();
}

/** An audit that goes on from where it was, as far as its source has grown. */
export interface RunningAudit {
  /**
   * Replays what is new, and reports on everything until here.
   *
   * @throws {Failure} `store_unavailable`, if there is no log to audit; as its source does. Then it can't go on.
   */
  advance(): Promise<AuditReport>;
  /** The states that the entries until here fold to. */
  readonly view: Replay;
}

export function openAudit(source: AuditSource, options: AuditOptions): RunningAudit {
  const audit = new Audit(source, options);
  return { advance: () => audit.advance(), view: audit.view };
}

const NOTHING: AuditHead = { size: 0, root: EMPTY_ROOT };

/** Holds the counters of one audit; everything that judges is in the modules it calls. */
class Audit {
  readonly #source: AuditSource;
  readonly #options: AuditOptions;
  readonly #packs = new Map<string, Pack>();
  readonly #replay: Replay;
  #head: AuditHead = NOTHING;
  readonly #evidence: EvidenceCheck;
  readonly #tree: TreeCheck;
  readonly #requests: RequestCheck;
  readonly #taint: TaintCheck = checkTaint();
  readonly #conduct: ConductCheck = checkConduct();
  readonly #objections: ObjectionCheck = checkObjections();
  readonly #notices: NoticeCheck = checkNotices();
  readonly #steps: StepCheck = checkSteps();
  readonly #heads: HeadsCheck = checkHeads();
  readonly #erasures: ErasureCheck;
  readonly #restores: RestoreCheck = checkRestores();
  readonly #continuations: ContinuationCheck;
  readonly #keys = new Map<string, PublicKey>();
  #spans: readonly LogKeySpan[] = [];
  readonly #findings = listFindings();
  readonly #counts = { decisions: 0, signatures: 0, requests: 0, partsOpened: 0, attested: 0 };

  constructor(source: AuditSource, options: AuditOptions) {
    this.#source = source;
    this.#options = options;
    this.#replay = startReplay(options.vkey.name, this.#packs);
    this.#erasures = checkErasures(source.tables !== undefined);
    this.#evidence = checkEvidence(options);
    this.#continuations = checkContinuations(options);
    this.#requests = checkRequests(options.ed25519, this.#evidence);
    const believed = [options.vkey, ...(options.followed ?? [])];
    const wanted = { believed, spans: () => this.#spans, names: () => logIn(this.#replay) };
    this.#tree = checkTree(source, wanted, options.ed25519, (finding) => this.#add(finding));
  }

  get view(): Replay {
    return this.#replay;
  }

  async advance(): Promise<AuditReport> {
    const from = this.#head.size;
    const head = await this.#source.head();
    if (head === undefined) throw new Failure('store_unavailable', 'the database holds no log');
    this.#head = head;
    const { packs, findings } = await readPacks(this.#source);
    for (const [digest, pack] of packs) this.#packs.set(digest, pack);
    this.#findings.beginEnd();
    for (const finding of findings) this.#findings.addAtEnd(finding);
    for (let start = from, end = from; start < head.size; start = end) {
      end = Math.min(start - (start % AUDIT_PAGE) + AUDIT_PAGE, head.size);
      await this.#page(start, end);
      this.#options.onProgress?.(end, head.size);
    }
    await this.#compareWhole(head);
    return this.#report();
  }

  async #compareWhole(head: AuditHead): Promise<void> {
    const add = (finding: Finding) => this.#findings.addAtEnd(finding);
    const { tables } = this.#source;
    if (tables !== undefined) await findStrays(tables, head.size, LISTED_MAX, add);
    await this.#tree.finish(head, add);
    for (const finding of await this.#restores.settle(this.#source)) this.#add(finding);
    for (const finding of await this.#continuations.settle(this.#source)) this.#add(finding);
    const other = findOtherLogKey(this.#spans, logIn(this.#replay), this.#options);
    if (other !== undefined) add(other);
    if (tables === undefined) return;
    await compareStates(tables, this.#replay, add);
    await compareRelationships(tables, this.#evidence, add);
    this.#erasures.finish(this.#evidence.personOf, add);
  }

  #report(): AuditReport {
    const time = this.#replay.time();
    return {
      depth: 'whole',
      origin: this.#options.vkey.name,
      size: this.#head.size,
      root: this.#head.root,
      time,
      logKeys: tellSpans(this.#spans),
      ...this.#findings.report(),
      checkpoints: this.#tree.checkpoints(),
      tainted: this.#taint.list(this.#replay),
      taintedRuns: this.#taint.runs(this.#replay),
      conduct: [...this.#conduct.list(time, this.#options.lists ?? []), ...this.#objections.list(time)],
      ...this.#continuations.report(),
      ...this.#counts,
    };
  }

  #add(finding: Finding): void {
    this.#findings.add(finding);
  }

  async #page(start: number, end: number): Promise<void> {
    const rows = await this.#source.entries(start, end);
    // First: it is the cause of what else is found.
    if (rows.length < end - start) {
      this.#add({
        code: 'entry',
        index: null,
        message: `${end - start - rows.length} entries from ${start} on are missing or unreadable`,
      });
    }
    const digests = await this.#digests(start, end);
    const opened = await this.#open(start, end, digests);
    const pending: Promise<void>[] = [];
    const leaves: Hash[] = [];
    for (const row of rows) {
      let inspected: Entry | undefined;
      const before = logIn(this.#replay);
      const { leaf, findings } = this.#replay.step(row, digests.get(row.index) ?? {}, (entry) => {
        inspected = entry;
        this.#noteLogKeys(entry, row.index);
        if (entry.type === 'access.decided' || entry.type === 'access.refused') this.#counts.decisions++;
        const parts = opened.get(row.index) ?? {};
        const checked = this.#evidence.inspect(this.#replay, entry, parts);
        const isAsked = !this.#options.entrySignatures || this.#requests.note(this.#replay, entry, row.index, parts);
        if (!checked.derived || !isAsked) this.#counts.attested++;
        this.#restores.note(entry, row.index);
        this.#continuations.note(entry, row.index);
        const heads = this.#heads.note(this.#replay, entry, row.index);
        if (heads !== undefined) this.#add({ code: 'state', index: row.index, message: heads });
        this.#options.onEntry?.(entry, row.index);
        this.#erasures.note(entry, row.index, Object.keys(digests.get(row.index) ?? {}), (each) => this.#add(each));
        this.#taint.note(entry, row.index);
        this.#conduct.note(entry, row.index);
        this.#objections.note(entry, row.index);
        for (const each of checked.pending) pending.push(this.#await(each, 'signature', row.index));
        pending.push(this.#await(verifyEntryProofs(this.#options.ed25519, entry), 'signature', row.index));
      });
      if (this.#options.entrySignatures) pending.push(this.#verifyEntrySignature(row, before, inspected));
      for (const finding of findings) this.#add(finding);
      this.#noteHearings(row.index, inspected);
      leaves.push(leaf);
    }
    for (const { index, verified } of await this.#requests.settle(this.#source)) {
      pending.push(this.#await(this.#countRequest(verified), 'signature', index));
    }
    await this.#settleTables(start, end);
    await this.#tree.grow(leaves);
    await Promise.all(pending);
  }

  #noteLogKeys(entry: Entry, index: number): void {
    try {
      this.#spans = spansAfter(this.#spans, entry, index);
    } catch (failure) {
      // Hostile bytes, which the replay finds.
      if (!isFailure(failure)) throw failure;
    }
  }

  /** After the fold: who has to hear is told by the state that the entry left. */
  #noteHearings(index: number, entry: Entry | undefined): void {
    if (entry === undefined || this.#source.tables === undefined) return;
    try {
      this.#notices.note(index, entry, this.#replay.state(entry.stream));
      this.#steps.note(index, entry);
    } catch {
      // Hostile bytes, which the replay has found already.
    }
  }

  async #countRequest(verified: Promise<void>): Promise<void> {
    await verified;
    this.#counts.requests++;
  }

  async #settleTables(start: number, end: number): Promise<void> {
    const { tables } = this.#source;
    if (tables === undefined) return;
    await this.#erasures.settle(tables, start, end, (each) => this.#add(each));
    await this.#notices.settle(tables, start, end, (index, message) => this.#add({ code: 'state', index, message }));
    await this.#steps.settle(tables, start, end, (index, message) => this.#add({ code: 'step', index, message }));
  }

  async #digests(start: number, end: number): Promise<ReadonlyMap<number, PartDigests>> {
    const byEntry = new Map<number, Record<string, Hash>>();
    for (const { index, name, digest } of await this.#source.digests(start, end)) {
      byEntry.set(index, { ...byEntry.get(index), [name]: digest });
    }
    return byEntry;
  }

  /** Opens the parts that are not erased, each against the digest that the entry committed to. */
  async #open(
    start: number,
    end: number,
    digests: ReadonlyMap<number, PartDigests>,
  ): Promise<ReadonlyMap<number, Opened>> {
    const { vault } = this.#options;
    const opened = new Map<number, Record<string, Json>>();
    if (vault === undefined) return opened;
    for (const row of await this.#source.parts(start, end)) {
      await this.#await(
        openParts(vault, [row]).then((parts) => {
          const part = parts.get(partName(row.index, row.name));
          const digest = digests.get(row.index)?.[row.name];
          if (part === undefined || digest === undefined)
            throw new Failure('commitment_invalid', `part ${row.name} has no digest`);
          opened.set(row.index, { ...opened.get(row.index), [row.name]: openPart(row.name, part, digest) });
          this.#counts.partsOpened++;
        }),
        'payload',
        row.index,
      );
    }
    return opened;
  }

  /** Entry 0 names the key that signs it; whether that is the log's own entry 0, the tree and its signature say. */
  async #verifyEntrySignature(
    row: SourcedEntry,
    before: LogState | undefined,
    entry: Entry | undefined,
  ): Promise<void> {
    const verified = async () => {
      const issuing = issuingKeyFor(before, entry ?? parseEntry(row.bytes));
      if (typeof issuing !== 'string') throw new Failure('signature_invalid', 'no issuing key is known yet');
      if (!(await this.#options.ed25519.verify(this.#keyOf(issuing), entrySigningBytes(row.leaf), row.signature))) {
        throw new Failure('signature_invalid', 'its signature is not the issuing key’s');
      }
      this.#counts.signatures++;
    };
    await this.#await(verified(), 'signature', row.index);
  }

  /** A key is judged once, when it is first met. */
  #keyOf(text: string): PublicKey {
    const known = this.#keys.get(text) ?? parseKeyText(text);
    this.#keys.set(text, known);
    return known;
  }

  async #await(check: Promise<void>, code: FindingCode, index: number): Promise<void> {
    try {
      await check;
    } catch (thrown) {
      this.#add({ code, index, message: reasonOf(thrown) });
    }
  }
}
