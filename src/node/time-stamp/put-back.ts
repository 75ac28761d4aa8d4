/**
 * Time-stamps that a mirror has kept and a restored database lacks. They go back after the tail, beside it: no entry rests on
 * them. The table can't be corrected, so nothing goes into it that is not proven by the tree, by the log key that signed trees
 * of that size, and by the authority's own signature.
 *
 * @module
 */
import { parseUtf8 } from '#core/bytes.ts';
import { type LogKeySpan, signs, spansAfter } from '#core/consent/log-key-spans.ts';
import { isFailure } from '#core/failure.ts';
import { parseVkey } from '#core/note/key.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { parseSize } from '#core/tlog/tree.ts';
import type { ProvenTail } from '#ledger/restore-plan.ts';
import type { Resources } from '#ledger/tiled-source.ts';
import { proveConsistency } from '#ledger/tree.ts';
import { loadSlice } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import type { Store } from '#store/store.ts';
import { insertTimeStamp, loadStampedSizes, type TimeStampRow } from '#store/time-stamps.ts';
import type { TsaCertificates } from '#time-stamp/certificates.ts';
import { openStamped, openStampedCheckpoint, STAMP_BYTES_MAX } from '#time-stamp/file.ts';
import { nativeEd25519 } from '../../native.ts';
import { contradiction, type FollowedTree, proveByTiles } from '../one-tree.ts';
import { folderResources } from '../resources.ts';
import { type FiledStamp, keptStamps } from './judge.ts';

/** What becomes of those that a database lacks. */
export interface ReturnedStamps {
  /** Sizes of the trees whose time-stamps are proven: they are put back, or would be. */
  readonly sizes: readonly number[];
  /** Those that do not hold, and why: they stay in the mirror. */
  readonly refused: readonly { readonly size: number; readonly message: string }[];
  /** How many nobody could judge, since no certificate of an authority is at hand: they stay in the mirror, too. */
  readonly unjudged: number;
}

interface Judged extends ReturnedStamps {
  readonly rows: readonly TimeStampRow[];
}

/** The tree that they are to be beginnings of, and who signed its checkpoints. */
interface Basis extends FollowedTree {
  readonly logKeys: readonly Pick<LogKeySpan, 'key' | 'from' | 'to'>[];
}

/**
 * Says what {@link putBackStamps} would do, and writes nothing.
 *
 * @param folder The mirror.
 * @param tail What is to be put back before; undefined: nothing is missing of the tree.
 */
export async function planStamps(
  store: Store,
  folder: string,
  certificates: TsaCertificates | undefined,
  tail: ProvenTail | undefined,
): Promise<ReturnedStamps> {
  const lacking = await loadLacking(store, folder);
  const judged =
    tail === undefined
      ? await judgeByDatabase(store, lacking, certificates)
      : await judgeAll(lacking, certificates, mirrored(tail, folderResources(folder)));
  return told(judged);
}

/** Puts back into a database that is whole those that its own tree proves. Begun again, it goes on. */
export async function putBackStamps(
  store: Store,
  folder: string,
  certificates: TsaCertificates | undefined,
): Promise<ReturnedStamps> {
  const judged = await judgeByDatabase(store, await loadLacking(store, folder), certificates);
  for (const row of judged.rows) await store.transaction((tx) => insertTimeStamp(tx, row));
  return told(judged);
}

function told({ sizes, refused, unjudged }: Judged): ReturnedStamps {
  return { sizes, refused, unjudged };
}

async function loadLacking(store: Store, folder: string): Promise<readonly FiledStamp[]> {
  const there = await store.readOnce(loadStampedSizes);
  return keptStamps(folder).filter(({ size }) => !there.has(size));
}

function judgeByDatabase(
  store: Store,
  lacking: readonly FiledStamp[],
  certificates: TsaCertificates | undefined,
): Promise<Judged> {
  return store.read(async (tx) => judgeAll(lacking, certificates, await stored(tx)));
}

/** The database's own tree, and what its entries say of its log keys: it was audited. */
async function stored(tx: Tx): Promise<Basis | undefined> {
  const head = await loadHead(tx);
  if (head === undefined) return undefined;
  return {
    head: { size: parseSize(head.size), root: head.root },
    prove: (from, to) => proveConsistency(tx, from, to),
    logKeys: await loadSpans(tx, head.size),
  };
}

const PAGE = 256;

async function loadSpans(tx: Tx, indexMax: number): Promise<readonly LogKeySpan[]> {
  let spans: readonly LogKeySpan[] = [];
  for (let seqMin = 0; ; seqMin += PAGE) {
    const rows = await loadSlice(tx, { stream: LOG_STREAM, indexMax, seqMin, countMax: PAGE });
    for (const { index, bytes } of rows) spans = spansAfter(spans, parseEntry(bytes), index);
    if (rows.length < PAGE) return spans;
  }
}

function mirrored({ to, logKeys }: ProvenTail, resources: Resources): Basis {
  return {
    head: to,
    prove: proveByTiles(resources),
    logKeys: logKeys.map(({ vkey, ...span }) => ({ key: parseVkey(vkey), ...span })),
  };
}

/** @param basis undefined: there is no log, and so none of its time-stamps. */
async function judgeAll(
  lacking: readonly FiledStamp[],
  certificates: TsaCertificates | undefined,
  basis: Basis | undefined,
): Promise<Judged> {
  if (certificates === undefined || basis === undefined)
    return { rows: [], sizes: [], refused: [], unjudged: lacking.length };
  const rows: TimeStampRow[] = [];
  const refused: ReturnedStamps['refused'][number][] = [];
  for (const filed of lacking) {
    try {
      const judged = await judge(filed, certificates, basis);
      if (typeof judged === 'string') refused.push({ size: filed.size, message: judged });
      else rows.push(judged);
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      refused.push({ size: filed.size, message: failure.message });
    }
  }
  return { rows, sizes: rows.map(({ size }) => size), refused, unjudged: 0 };
}

/** The row, or why there is none. @throws {Failure} `time_stamp_invalid` */
async function judge(
  { size, bytes }: FiledStamp,
  certificates: TsaCertificates,
  basis: Basis,
): Promise<TimeStampRow | string> {
  if (bytes === undefined || bytes.length > STAMP_BYTES_MAX) return 'its file can’t be read';
  const vkeys = basis.logKeys.filter((each) => signs(each, size)).map(({ key }) => key);
  const checkpoint = await openStampedCheckpoint(bytes, vkeys, nativeEd25519);
  if (checkpoint.size !== size) return `is of the tree of ${checkpoint.size} entries`;
  const fork = await contradiction(checkpoint, basis);
  if (fork !== undefined) return fork.message;
  const { stamp } = await openStamped(bytes, vkeys, certificates, nativeEd25519);
  return { size, not_later_than: stamp.notLaterThan, file: parseUtf8(bytes) };
}
