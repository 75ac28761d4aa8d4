/**
 * The audit's view of the tree: grows it leaf by leaf, and compares every stored tile and every signed checkpoint on
 * the way, and the head at the end.
 *
 * @module
 */
import { equalBytes } from '#core/bytes.ts';
import type { Named } from '#core/consent/origins.ts';
import { equalHash, type Hash } from '#core/hash.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import { formatTile, rootOfTile, TILE_WIDTH, type TileId } from '#core/tlog/tile.ts';
import { appendLeaves, emptyFrontier, type Frontier, rootOf } from '#core/tlog/tree.ts';
import type { CheckpointRow } from '#store/checkpoints.ts';
import type { AuditHead, AuditSource } from './audit-source.ts';
import { checkSigners, nameIn, type WantedSigners } from './checkpoint-signers.ts';
import type { Finding } from './replay.ts';

export interface TreeCheck {
  grow(leaves: readonly Hash[]): Promise<void>;
  /** Compares the head with the tree that was grown, and what is served of its right edge. */
  finish(head: AuditHead, add: (finding: Finding) => void): Promise<void>;
  checkpoints(): number;
}

const CHECKPOINT_PAGE = 500;

export function checkTree(
  source: AuditSource,
  { names, ...wanted }: WantedSigners & { readonly names: () => Named | undefined },
  ed25519: Ed25519,
  add: (finding: Finding) => void,
): TreeCheck {
  let frontier: Frontier = emptyFrontier();
  const tiles = tileFiller();
  const next = lesserFirst(
    checkpointReader(source.checkpoints),
    checkpointReader(source.witnessed ?? (async () => [])),
  );
  const signers = checkSigners(wanted, ed25519);
  let checked = 0;
  const addCheckpoint = (message: string) => add({ code: 'checkpoint', index: null, message });

  async function compareCheckpoint(row: CheckpointRow): Promise<void> {
    if (isOfLostTail(names(), row, rootOf(frontier), addCheckpoint)) return;
    checked++;
    for (const message of await signers.judge(row, rootOf(frontier))) addCheckpoint(message);
  }

  async function compareTiles(full: readonly FilledTile[]): Promise<void> {
    const stored = new Map((await source.tiles(full)).map((row) => [`${row.level}/${row.n}`, row]));
    for (const tile of full) {
      const found = stored.get(`${tile.level}/${tile.n}`);
      const isRootSame = found?.root === undefined || equalHash(found.root, tile.root);
      if (found === undefined || !equalBytes(found.hashes, tile.hashes) || !isRootSame) add(otherTile(tile));
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
      await compareTiles(tiles.fill(leaves));
    },
    async finish(head, addAtEnd) {
      if (frontier.size !== head.size || !equalHash(rootOf(frontier), head.root)) {
        addAtEnd({ code: 'tree', index: null, message: 'the head is not that of the tree of all entries' });
      }
      for (const { width, ...tile } of source.partialTile === undefined ? [] : tiles.open()) {
        const found = await source.partialTile?.(tile, width);
        if (found === undefined || !equalBytes(found, tile.hashes)) addAtEnd(otherTile(tile));
      }
      const unreached = signers.unreached();
      if (unreached !== undefined) {
        const message = `the checkpoint of ${unreached} entries is signed by no log key that the trusted one leads to`;
        addAtEnd({ code: 'checkpoint', index: null, message });
      }
      let ahead = await next.peek();
      for (; ahead !== undefined && isOfLostTail(names(), ahead, undefined, addCheckpoint); ahead = await next.peek()) {
        next.take();
      }
      if (ahead === undefined) return;
      const message = `a checkpoint of ${ahead.size} entries is signed, but only ${frontier.size} were read`;
      addAtEnd({ code: 'checkpoint', index: null, message });
    },
  };
}

/**
 * Whether a checkpoint is of what was lost when the log went on under another name. Of no more than the log says was lost, and
 * never of the tree that goes on: the former name signs that no more.
 */
function isOfLostTail(
  log: Named | undefined,
  { note, size, root }: CheckpointRow,
  own: Hash | undefined,
  add: (message: string) => void,
): boolean {
  const name = nameIn(note);
  const former = log?.origins?.find((each) => each.origin === name);
  if (former === undefined || size <= former.to) return false;
  if (size > former.lost) add(`${size} entries were signed, and the log says that it had ${former.lost} before`);
  if (own !== undefined && equalHash(own, root)) {
    add(`a former name has signed the tree of ${size} entries, which goes on under another one`);
  }
  return true;
}

function otherTile({ level, n }: TileId): Finding {
  return { code: 'tree', index: null, message: `tile ${level}/${n} is not made of the entries` };
}

interface FilledTile extends TileId {
  readonly hashes: Uint8Array;
  readonly root: Hash;
}

interface TileFiller {
  /** Takes more leaves, and gives the tiles that became full. */
  fill(leaves: readonly Hash[]): readonly FilledTile[];
  /** The tiles that are not full yet. */
  open(): readonly (Omit<FilledTile, 'root'> & { readonly width: number })[];
}

/** Fills tiles with leaves in their order, upwards. */
function tileFiller(): TileFiller {
  const open: Hash[][] = [];
  const done: number[] = [];
  return {
    fill(leaves) {
      const full: FilledTile[] = [];
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
    },
    open: () =>
      open.flatMap((tile, level) =>
        tile.length === 0 ? [] : [{ level, n: done[level] ?? 0, hashes: formatTile(tile), width: tile.length }],
      ),
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
function checkpointReader(load: AuditSource['checkpoints']): CheckpointReader {
  let page: CheckpointRow[] = [];
  let last = -1;
  return {
    async peek() {
      if (page.length === 0) {
        page = [...(await load(last, CHECKPOINT_PAGE))];
        last = page.at(-1)?.size ?? last;
      }
      return page[0];
    },
    take() {
      page.shift();
    },
  };
}
