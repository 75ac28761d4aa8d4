/**
 * The audit of chains alone: bytes, commitments, chains, tree, tiles and checkpoints of every entry, and the log's own stream.
 * No decision is made again and no state is folded but the log's, so it is several times faster than the whole audit, and says
 * less: that nothing was changed, not that what was recorded was right.
 *
 * @module
 */
import type { LogState } from '#core/consent/log.ts';
import type { Continued } from '#core/consent/log-continued.ts';
import { type LogKeySpan, spansAfter } from '#core/consent/log-key-spans.ts';
import { commandOf, evolve } from '#core/consent/rules.ts';
import type { WitnessTerms } from '#core/consent/witnessing.ts';
import { Failure } from '#core/failure.ts';
import type { Hash } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import { type StreamHead, verifyLink } from '#core/tlog/chain.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { TILE_WIDTH } from '#core/tlog/tile.ts';
import { EMPTY_ROOT } from '#core/tlog/tree.ts';
import type { AuditHead, AuditSource } from './audit-source.ts';
import { findStrays } from './audit-tables.ts';
import { attempt, type ChainRun, type NameRun, type RunChecker, type RunEntry } from './chain-run.ts';
import { type ContinuationCheck, checkContinuations } from './continuation-check.ts';
import { nameFor, verifyName, verifyTime } from './entry-check.ts';
import { type FindingsReport, LISTED_MAX, listFindings } from './findings.ts';
import type { Finding } from './replay.ts';
import { checkTree, type TreeCheck } from './tree-check.ts';
import { findOtherLogKey, type ToldSpan, type Trusted, tellSpans } from './trusted-log-key.ts';

/** Whole bundles, and enough of them that it is worth handing a run to another thread. */
const RUN_ENTRIES = 4 * TILE_WIDTH;
/** Runs that are read and not joined yet: one for each of a few threads, and one more that is being read. */
const RUNS_AHEAD = 4;
/** An entry of another stream than the log's: it names nothing. */
const ANY_OTHER = { type: '', body: {} };

export interface ChainOptions extends Trusted {
  readonly ed25519: Ed25519;
  readonly checkRun: RunChecker;
  readonly onProgress?: (done: number, size: number) => void;
  /** The reader's own witnesses: whether they had cosigned what was lost before the log went on under another name. */
  readonly terms?: WitnessTerms | undefined;
}

/** What every audit says. */
export interface CommonReport extends FindingsReport {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  /** Ledger time of the last entry. */
  readonly time: number;
  /** Every log key that it names, and the sizes of trees that each signs. */
  readonly logKeys: readonly ToldSpan[];
  readonly checkpoints: number;
  /** How the log went on under other names. Absent where it has its first one still. */
  readonly continued?: readonly Continued[];
}

export interface ChainReport extends CommonReport {
  /** How much was looked at. */
  readonly depth: 'chains';
}

/** An audit of chains that goes on from where it was, as far as its source has grown. */
export interface RunningChainAudit {
  /**
   * Checks what is new, and reports on everything until here.
   *
   * @throws {Failure} `store_unavailable`, if there is no log to audit; as its source does. Then it can't go on.
   */
  advance(): Promise<ChainReport>;
}

export function openChainAudit(source: AuditSource, options: ChainOptions): RunningChainAudit {
  const audit = new ChainAudit(source, options);
  return { advance: () => audit.advance() };
}

interface Checking {
  readonly end: number;
  readonly rows: readonly RunEntry[];
  readonly checked: Promise<ChainRun>;
}

/** Joins runs in their order: what each says by itself becomes what the log says. */
class ChainAudit {
  readonly #source: AuditSource;
  readonly #options: ChainOptions;
  readonly #tree: TreeCheck;
  readonly #continuations: ContinuationCheck;
  readonly #findings = listFindings();
  readonly #heads = new Map<StreamId, StreamHead>();
  #head: AuditHead = { size: 0, root: EMPTY_ROOT };
  #log: LogState | undefined;
  #spans: readonly LogKeySpan[] = [];
  #time = 0 as Instant;

  constructor(source: AuditSource, options: ChainOptions) {
    this.#source = source;
    this.#options = options;
    this.#continuations = checkContinuations(options);
    const believed = [options.vkey, ...(options.followed ?? [])];
    const wanted = { believed, spans: () => this.#spans, names: () => this.#log };
    this.#tree = checkTree(source, wanted, options.ed25519, this.#findings.add);
  }

  async advance(): Promise<ChainReport> {
    const from = this.#head.size;
    const head = await this.#source.head();
    if (head === undefined) throw new Failure('store_unavailable', 'the database holds no log');
    this.#head = head;
    const ahead: Checking[] = [];
    try {
      for (let start = from; start < head.size; ) {
        const end = Math.min(start - (start % RUN_ENTRIES) + RUN_ENTRIES, head.size);
        ahead.push(await this.#read(start, end));
        if (ahead.length > RUNS_AHEAD) await this.#join(ahead.shift() as Checking);
        start = end;
      }
      while (ahead.length > 0) await this.#join(ahead.shift() as Checking);
    } finally {
      // What fails meanwhile is not what is told.
      await Promise.allSettled(ahead.map(({ checked }) => checked));
    }
    await this.#compareWhole(head);
    return this.#report();
  }

  async #read(start: number, end: number): Promise<Checking> {
    const rows = await this.#source.entries(start, end);
    const digests = await this.#source.digests(start, end);
    const missing = end - start - rows.length;
    if (missing > 0) {
      const message = `${missing} entries from ${start} on are missing or unreadable`;
      this.#findings.add({ code: 'entry', index: null, message });
    }
    const checked = this.#options.checkRun({ start, rows, digests });
    // It is told where it is joined: until then nobody waits for it, and that alone would end the process.
    checked.catch(() => undefined);
    return { end, rows, checked };
  }

  async #join({ end, rows, checked }: Checking): Promise<void> {
    const run = await checked;
    const found: Finding[] = [...run.findings];
    if (run.time !== undefined) {
      const { index, first, last } = run.time;
      attempt(found, 'entry', index, () => verifyTime({ time: first }, this.#time));
      this.#time = last;
    }
    this.#followLog(run, rows, found);
    for (const { stream, index, first, head } of run.streams) {
      attempt(found, 'chain', index, () => verifyLink(this.#heads.get(stream), { stream, ...first }, head.leaf));
      this.#heads.set(stream, head);
    }
    for (const finding of found.sort((a, b) => (a.index ?? 0) - (b.index ?? 0))) this.#findings.add(finding);
    await this.#tree.grow(run.leaves);
    this.#options.onProgress?.(end, this.#head.size);
  }

  /** Follows the log's own stream through a run, and holds what the entries say that the log's name is against it. */
  #followLog(run: ChainRun, rows: readonly RunEntry[], found: Finding[]): void {
    const own = new Map(rows.filter(({ index }) => run.log.includes(index)).map((row) => [row.index, row]));
    const places = new Set([...run.names.map(({ index }) => index), ...run.log]);
    for (const index of [...places].sort((a, b) => a - b)) {
      const row = own.get(index);
      const entry = row && parseEntry(row.bytes);
      const said = run.names.findLast((each) => each.index <= index) as NameRun;
      const origin = nameFor(entry ?? ANY_OTHER, this.#log, this.#options.vkey.name);
      attempt(found, 'entry', index, () => verifyName(said, origin));
      if (entry !== undefined) this.#fold(entry, index, found);
    }
  }

  #fold(entry: Entry, index: number, found: Finding[]): void {
    this.#continuations.note(entry, index);
    attempt(found, 'decision', index, () => {
      this.#spans = spansAfter(this.#spans, entry, index);
    });
    attempt(found, 'decision', index, () => {
      this.#log = evolve(this.#log, commandOf(entry).type, entry) as LogState;
    });
  }

  async #compareWhole(head: AuditHead): Promise<void> {
    const add = this.#findings.addAtEnd;
    this.#findings.beginEnd();
    const { tables } = this.#source;
    if (tables !== undefined) await findStrays(tables, head.size, LISTED_MAX, add);
    await this.#tree.finish(head, add);
    for (const finding of await this.#continuations.settle(this.#source)) this.#findings.add(finding);
    const other = findOtherLogKey(this.#spans, this.#log, this.#options);
    if (other !== undefined) add(other);
  }

  #report(): ChainReport {
    return {
      depth: 'chains',
      origin: this.#options.vkey.name,
      size: this.#head.size,
      root: this.#head.root,
      time: this.#time,
      logKeys: tellSpans(this.#spans),
      checkpoints: this.#tree.checkpoints(),
      ...this.#findings.report(),
      ...this.#continuations.report(),
    };
  }
}
