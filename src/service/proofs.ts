/** The log's public side: checkpoints and proofs. */
import { parseUtf8, toBase64 } from '#core/bytes.ts';
import type { LogState } from '#core/consent/log.ts';
import { Failure } from '#core/failure.ts';
import { parseVkey } from '#core/note/key.ts';
import { formatTlogProof } from '#core/tlog/proof.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { parseIndex, parseSize } from '#core/tlog/tree.ts';
import { proveConsistency, proveInclusion } from '#ledger/tree.ts';
import { loadCheckpoint } from '#store/checkpoints.ts';
import { loadEntriesAt } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import { loadServedOf } from '#store/served.ts';
import { loadStreams } from '#store/streams.ts';
import { loadWitnessed } from '#store/witnessed.ts';
import type { Context } from './context.ts';

const FOUNDED_WAIT_MS = 2_000;

export interface ProvenInclusion {
  readonly index: number;
  readonly size: number;
  /** Base64, as in all C2SP texts. */
  readonly leaf: string;
  readonly hashes: readonly string[];
  /** The checkpoint of this size, and the proof as `c2sp.org/tlog-proof@v1`; null if none of this size was signed. */
  readonly checkpoint: string | null;
  readonly tlog_proof: string | null;
}

/**
 * The proof that an entry is in the tree of `size` entries, by default of the newest checkpoint.
 *
 * @throws {Failure} `index_unknown`, if the tree has no such entry or there is no such tree yet; `not_published`.
 */
export async function inclusionProof({ ledger }: Context, index: number, size?: number): Promise<ProvenInclusion> {
  const newest = size === undefined ? await ledger.publisher.newest() : undefined;
  return ledger.store.read(async (tx) => {
    const checkpoint =
      size === undefined ? newest : ((await loadWitnessed(tx, size)) ?? (await loadCheckpoint(tx, size)));
    const head = await loadHead(tx);
    if (size === undefined && checkpoint === undefined) throw notPublished();
    const treeSize = size ?? checkpoint?.size ?? 0;
    if (treeSize > (head?.size ?? 0) || index >= treeSize) {
      throw new Failure('index_unknown', `want an index below the size, and a size up to ${head?.size ?? 0}`);
    }
    const [row] = await loadEntriesAt(tx, [index]);
    const proof = await proveInclusion(tx, parseIndex(index), parseSize(treeSize));
    return {
      index,
      size: treeSize,
      leaf: row === undefined ? '' : toBase64(row.leaf),
      hashes: proof.map(toBase64),
      checkpoint: checkpoint?.note ?? null,
      tlog_proof:
        checkpoint === undefined
          ? null
          : formatTlogProof({ index: parseIndex(index), proof, checkpoint: checkpoint.note }),
    };
  });
}

export interface ProvenConsistency {
  readonly from: number;
  readonly to: number;
  readonly hashes: readonly string[];
}

/**
 * The proof that the tree of `from` entries is a prefix of that of `to`. There is none from size 0 (RFC 9162).
 *
 * @throws {Failure} `index_unknown`, if `from` is 0, beyond `to`, or `to` beyond the ledger.
 */
export async function consistencyProof({ ledger }: Context, from: number, to: number): Promise<ProvenConsistency> {
  return ledger.store.read(async (tx) => {
    const size = (await loadHead(tx))?.size ?? 0;
    if (from < 1 || from > to || to > size) {
      throw new Failure('index_unknown', `want 1 ≤ from ≤ to ≤ ${size}`);
    }
    const hashes = await proveConsistency(tx, parseSize(from), parseSize(to));
    return { from, to, hashes: hashes.map(toBase64) };
  });
}

export interface Founded {
  readonly origin: string;
  readonly vkey: string;
  /** Entry 0's exact text: it names the ledger's keys. */
  readonly entry: string;
  /** Proves it under a checkpoint, as `c2sp.org/tlog-proof@v1`. */
  readonly proof: string;
}

/** @throws {Failure} `not_published`, before the first checkpoint. */
export async function readFounding({ ledger }: Context): Promise<Founded> {
  const checkpoint = await ledger.publisher.published(1, FOUNDED_WAIT_MS);
  const vkey = await ledger.vkeyToShow();
  return ledger.store.read(async (tx) => {
    const [row] = await loadEntriesAt(tx, [0]);
    if (row === undefined) throw notPublished();
    const index = parseIndex(0);
    const proof = await proveInclusion(tx, index, parseSize(checkpoint.size));
    return {
      origin: ledger.origin,
      vkey,
      entry: parseUtf8(row.bytes),
      proof: formatTlogProof({ index, proof, checkpoint: checkpoint.note }),
    };
  });
}

/** @throws {Failure} `not_published`, before the first checkpoint. */
export async function newestCheckpoint({ ledger }: Context): Promise<string> {
  const row = await ledger.publisher.newest();
  if (row === undefined) throw notPublished();
  return row.note;
}

/**
 * The last checkpoint of a name that the log had before, by the key id of its vkey: with its cosignatures, where a quorum
 * was met. It never grows any more.
 *
 * @throws {Failure} `not_found`, if the log had no such name; `not_published`
 */
export async function formerCheckpoint({ ledger }: Context, keyId: string): Promise<string> {
  return ledger.store.read(async (tx) => {
    const [log] = await loadStreams(tx, [LOG_STREAM]);
    const former = (log?.state as LogState | undefined)?.origins?.find(
      ({ log_key }) => parseVkey(log_key).keyId === keyId,
    );
    if (former === undefined) throw new Failure('not_found', 'the log never had a key of this id');
    const row = await loadServedOf(tx, former.origin);
    if (row === undefined) throw notPublished();
    return row.note;
  });
}

function notPublished(): Failure {
  return new Failure('not_published', 'no checkpoint is signed yet: try again');
}
