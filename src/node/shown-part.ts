/**
 * How much of a ledger its auditor is shown. A key that waits to be continued, since the log lost entries, is shown what there was
 * before, and how the log was continued (ADR 0032): a tree of its own, that the hashes, which are public, prove to be the
 * beginning of the one that is signed.
 *
 * @module
 */
import { Failure, isFailure } from '#core/failure.ts';
import { verifyConsistency } from '#core/tlog/consistency.ts';
import { TILE_WIDTH } from '#core/tlog/tile.ts';
import { formatTilePath } from '#core/tlog/tile-path.ts';
import { parseSize, type Size, type TreeHead } from '#core/tlog/tree.ts';
import type { Resources } from '#ledger/tiled-source.ts';
import { proveByTiles, rootByTiles } from './one-tree.ts';
import { Waiting } from './resources.ts';

/**
 * Asks for the last entries of a signed tree.
 *
 * @returns the head of what is shown in place of it; undefined: all is.
 * @throws {Refused} `key_waiting`, if what is shown is nothing that could be; any other refusal. {@link Failure}
 * `proof_invalid`, `not_published`, if the tiles do not prove that it is a beginning of this tree.
 */
export async function readShownPart(resources: Resources, served: TreeHead): Promise<TreeHead | undefined> {
  if (served.size === 0) return undefined;
  const n = Math.floor((served.size - 1) / TILE_WIDTH);
  try {
    await resources.read(formatTilePath({ kind: 'bundle', n, width: served.size - n * TILE_WIDTH }));
    return undefined;
  } catch (refusal) {
    if (!(refusal instanceof Waiting)) throw refusal;
    return proveBeginning(resources, sizeIn(refusal, served), served);
  }
}

function sizeIn(refusal: Waiting, served: TreeHead): Size {
  try {
    const size = parseSize(refusal.readable);
    if (0 < size && size < served.size) return size;
  } catch (failure) {
    if (!isFailure(failure, 'input_invalid')) throw failure;
  }
  throw refusal;
}

/** The head of a signed tree's first `size` entries, by tiles that prove it. @throws {Failure} as {@link readShownPart} */
export async function proveBeginning(resources: Resources, size: Size, served: TreeHead): Promise<TreeHead> {
  const head = { size, root: await rootByTiles(resources, size, served.size) };
  verifyConsistency(await proveByTiles(resources)(size, served.size), head, served);
  return head;
}
