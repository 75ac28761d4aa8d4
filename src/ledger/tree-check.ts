/**
 * The audit's view of the tree: grows it leaf by leaf, and compares every stored tile and every signed checkpoint on
 * the way, and the head at the end.
 *
 * @module
 */
import { equalBytes } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import { equalHash, type Hash } from '#core/hash.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { openCheckpoint } from '#core/tlog/checkpoint.ts';
import { formatTile, rootOfTile, TILE_WIDTH } from '#core/tlog/tile.ts';
import { appendLeaves, emptyFrontier, type Frontier, rootOf } from '#core/tlog/tree.ts';
import { type CheckpointRow, loadCheckpoints } from '#store/checkpoints.ts';
import type { HeadRow } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import { loadTiles, type TileRow } from '#store/tiles.ts';
import { loadWitnessedPage } from '#store/witnessed.ts';
import type { Finding } from './replay.ts';

export interface TreeCheck {
  grow(leaves: readonly Hash[]): Promise<void>;
  /** Compares the head with the tree that was grown. */
  finish(head: HeadRow): Promise<void>;
  checkpoints(): number;
}

const CHECKPOINT_PAGE = 500;

export function checkTree(tx: Tx, vkey: VerifierKey, ed25519: Ed25519, add: (finding: Finding) => void): TreeCheck {
  let frontier: Frontier = emptyFrontier();
  const fill = tileFiller();
  const next = lesserFirst(checkpointReader(tx, loadCheckpoints), checkpointReader(tx, loadWitnessedPage));
  let checked = 0;
  const addCheckpoint = (message: string) => add({ code: 'checkpoint', index: null, message });

  async function compareCheckpoint(row: CheckpointRow): Promise<void> {
    checked++;
    if (!equalHash(row.root, rootOf(frontier)))
      addCheckpoint(`the checkpoint of ${row.size} entries is of another tree`);
    try {
      const opened = await openCheckpoint(row.note, vkey, ed25519);
      if (opened.size === row.size && equalHash(opened.root, row.root)) return;
      addCheckpoint(`the checkpoint filed under ${row.size} entries says otherwise`);
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      addCheckpoint(`the checkpoint of ${row.size} entries: ${failure.message}`);
    }
  }

  async function compareTiles(full: readonly TileRow[]): Promise<void> {
    const stored = new Map((await loadTiles(tx, full)).map((row) => [`${row.level}/${row.n}`, row]));
    for (const tile of full) {
      const found = stored.get(`${tile.level}/${tile.n}`);
      if (found !== undefined && equalBytes(found.hashes, tile.hashes) && equalHash(found.root, tile.root)) continue;
      add({ code: 'tree', index: null, message: `tile ${tile.level}/${tile.n} is not made of the entries` });
    }
  }

  return {
    checkpoints: () => checked,
    async grow(leaves) {
      const end = frontier.size + leaves.length;
      let rest = leaves;
      for (let row = await next.peek(); row !== undefined && row.size <= end; row = await next.peek()) {
        const count = row.size - frontier.size;
        frontier = appendLeaves(frontier, rest.slice(0, count));
        rest = rest.slice(count);
        await compareCheckpoint(row);
        next.take();
      }
      frontier = appendLeaves(frontier, rest);
      await compareTiles(fill(leaves));
    },
    async finish(head) {
      if (frontier.size !== head.size || !equalHash(rootOf(frontier), head.root)) {
        add({ code: 'tree', index: null, message: 'the head is not that of the tree of all entries' });
      }
      const ahead = await next.peek();
      if (ahead !== undefined)
        addCheckpoint(`a checkpoint of ${ahead.size} entries is signed, but only ${head.size} are here`);
    },
  };
}

/** Fills tiles with leaves in their order, upwards, and gives the ones that became full. */
function tileFiller(): (leaves: readonly Hash[]) => readonly TileRow[] {
  const open: Hash[][] = [];
  const done: number[] = [];
  return (leaves) => {
    const full: TileRow[] = [];
    const put = (level: number, hash: Hash) => {
      const tile = open[level] ?? [];
      open[level] = tile;
      tile.push(hash);
      if (tile.length < TILE_WIDTH) return;
      const n = done[level] ?? 0;
      done[level] = n + 1;
      open[level] = [];
      const root = rootOfTile(tile);
      full.push({ level, n, hashes: formatTile(tile), root });
      put(level + 1, root);
    };
    for (const leaf of leaves) put(0, leaf);
    return full;
  };
}

interface CheckpointReader {
  peek(): Promise<CheckpointRow | undefined>;
  /** Goes past the one that was peeked. */
  take(): void;
}

/** Reads what was signed and what readers are served with cosignatures as one, by size: both are of the same tree. */
function lesserFirst(signed: CheckpointReader, witnessed: CheckpointReader): CheckpointReader {
  let peeked = signed;
  return {
    async peek() {
      const [one, other] = [await signed.peek(), await witnessed.peek()];
      peeked = one === undefined || (other !== undefined && other.size < one.size) ? witnessed : signed;
      return peeked === signed ? one : other;
    },
    take: () => peeked.take(),
  };
}

/** Reads checkpoints one by one, by size, in pages. */
function checkpointReader(tx: Tx, load: typeof loadCheckpoints): CheckpointReader {
  let page: CheckpointRow[] = [];
  let last = -1;
  let done = false;
  return {
    async peek() {
      if (page.length === 0 && !done) {
        page = [...(await load(tx, last, CHECKPOINT_PAGE))];
        done = page.length < CHECKPOINT_PAGE;
        last = page.at(-1)?.size ?? last;
      }
      return page[0];
    },
    take() {
      page.shift();
    },
  };
}
