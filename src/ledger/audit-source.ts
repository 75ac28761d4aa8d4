/**
 * Where an audit reads a ledger: its database, or what it serves to auditors, over HTTP or out of a mirror. One code decides
 * about all of them; a source only says what is there, and is believed in nothing.
 *
 * @module
 */
import type { Hash } from '#core/hash.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import type { TileId } from '#core/tlog/tile.ts';
import { type CheckpointRow, loadCheckpoints } from '#store/checkpoints.ts';
import { loadEntries } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import { loadAllPacks, type PackRow } from '#store/packs.ts';
import { type DigestRow, loadDigests, loadParts, type SealedPart } from '#store/payloads.ts';
import { loadRequests, type RequestRow } from '#store/requests.ts';
import type { Tx } from '#store/schema.ts';
import { loadTiles, type TileRow } from '#store/tiles.ts';
import { loadWitnessedPage } from '#store/witnessed.ts';

/** An entry as a source has it. */
export interface SourcedEntry {
  readonly index: number;
  /** As it stands in the tree. */
  readonly leaf: Hash;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  /** Under which place it is filed, where that is told apart from its bytes. */
  readonly filed?: { readonly stream: StreamId; readonly seq: number };
}

/** A full tile; where its root is stored apart, with that. */
export type SourcedTile = Omit<TileRow, 'root'> & Partial<Pick<TileRow, 'root'>>;

/** The tree to audit. */
export interface AuditHead {
  readonly size: number;
  readonly root: Hash;
}

export interface AuditSource {
  /** Undefined: there is none. */
  head(): Promise<AuditHead | undefined>;
  /** Entries `[start, end)` in index order; fewer, where some are missing. */
  entries(start: number, end: number): Promise<readonly SourcedEntry[]>;
  digests(start: number, end: number): Promise<readonly DigestRow[]>;
  /** Sealed parts of payloads, for who may open them; none elsewhere. */
  parts(start: number, end: number): Promise<readonly SealedPart[]>;
  requests(digests: readonly Hash[]): Promise<readonly RequestRow[]>;
  packs(): Promise<readonly PackRow[]>;
  /** Signed checkpoints of more than `after` entries, by size. */
  checkpoints(after: number, countMax: number): Promise<readonly CheckpointRow[]>;
  /** The same, of those that readers are served with cosignatures; absent where a source keeps none apart. */
  witnessed?(after: number, countMax: number): Promise<readonly CheckpointRow[]>;
  /** Full tiles, as they are stored or served. */
  tiles(names: readonly TileId[]): Promise<readonly SourcedTile[]>;
  /** A partial tile of the head's size; absent where a source has none. */
  partialTile?(name: TileId, width: number): Promise<Uint8Array | undefined>;
  /** The tables that a database derives from its entries, to be compared with them; absent elsewhere. */
  readonly tables?: Tx;
}

/** A ledger in its database, as one transaction sees it. */
export function databaseSource(tx: Tx): AuditSource {
  return {
    head: () => loadHead(tx),
    async entries(start, end) {
      const rows = await loadEntries(tx, start, end);
      return rows.map(({ index, leaf, bytes, signature, stream, seq }) => {
        return { index, leaf, bytes, signature, filed: { stream, seq } };
      });
    },
    digests: (start, end) => loadDigests(tx, start, end),
    parts: (start, end) => loadParts(tx, start, end),
    requests: (digests) => loadRequests(tx, digests),
    packs: () => loadAllPacks(tx),
    checkpoints: (after, countMax) => loadCheckpoints(tx, after, countMax),
    witnessed: (after, countMax) => loadWitnessedPage(tx, after, countMax),
    tiles: (names) => loadTiles(tx, names),
    tables: tx,
  };
}
