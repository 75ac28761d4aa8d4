/**
 * A log of many streams, made in memory without a rule: its chains, its tree and its checkpoint are right, and that is all.
 *
 * @module
 */
import { Buffer } from 'node:buffer';
import { toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { type Hash, hashLeaf, sha256 } from '#core/hash.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { formatVkey, type VerifierKey, verifierKey } from '#core/note/key.ts';
import { nextLink, type StreamHead } from '#core/tlog/chain.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { encodeEntry } from '#core/tlog/entry.ts';
import { commitTo } from '#core/tlog/payload.ts';
import { LOG_STREAM, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import { formatTile, leavesUnder, rootOfTile, TILE_WIDTH } from '#core/tlog/tile.ts';
import { appendLeaves, emptyFrontier, parseSize, rootOf } from '#core/tlog/tree.ts';
import type { AuditHead, AuditSource, SourcedEntry, SourcedTile } from '#ledger/audit-source.ts';
import type { CheckpointRow } from '#store/checkpoints.ts';
import type { DigestRow } from '#store/payloads.ts';
import { nativeEd25519 } from '../../src/native.ts';

export interface ChainedLog {
  readonly vkey: VerifierKey;
  readonly head: AuditHead;
  readonly entries: readonly SourcedEntry[];
  readonly digests: readonly DigestRow[];
  readonly tiles: readonly SourcedTile[];
  readonly checkpoints: readonly CheckpointRow[];
}

const ORIGIN = 'chained.test/log';
const START = Date.UTC(1890, 0, 1) + 4_000_000_000_000;

/** Makes a log of so many entries, spread over so many streams. */
export async function makeChainedLog(size: number, streamCount: number): Promise<ChainedLog> {
  const key = await nativeEd25519.importSeed(sha256(Buffer.from('log key')));
  const vkey = verifierKey(ORIGIN, key.publicKey);
  const heads = new Map<StreamId, StreamHead>();
  const entries: SourcedEntry[] = [];
  const digests: DigestRow[] = [];
  for (let index = 0; index < size; index++) {
    const stream = index === 0 ? LOG_STREAM : relationshipStream(handleOf(index % streamCount));
    const named = index % 3 === 1 ? { reason: sha256(Buffer.from(`digest ${index}`)) } : undefined;
    const link = nextLink(heads.get(stream));
    const bytes = encodeEntry({
      ...{ log: ORIGIN, stream, ...link, time: (START + index) as Instant },
      ...(index === 0 ? opening(vkey) : { type: 'access.decided', body: decidedBody(index) }),
      commit: named === undefined ? null : commitTo(named),
    });
    const leaf = hashLeaf(bytes);
    if (named !== undefined) digests.push({ index, name: 'reason', digest: named.reason });
    heads.set(stream, { seq: link.seq, leaf });
    entries.push({ index, leaf, bytes, signature: new Uint8Array(64), filed: { stream, seq: link.seq } });
  }
  const leaves = entries.map(({ leaf }) => leaf);
  const tree = { size: parseSize(size), root: rootOf(appendLeaves(emptyFrontier(), leaves)) };
  const note = await signCheckpoint({ origin: ORIGIN, ...tree }, key);
  return { vkey, head: tree, entries, digests, tiles: tilesOf(leaves), checkpoints: [{ ...tree, note }] };
}

/** Reads it as an audit does. */
export function sourceOf({ head, entries, digests, tiles, checkpoints }: ChainedLog): AuditSource {
  const byName = new Map(tiles.map((tile) => [`${tile.level}/${tile.n}`, tile]));
  const within = (start: number, end: number) => (row: { readonly index: number }) =>
    start <= row.index && row.index < end;
  return {
    head: async () => head,
    entries: async (start, end) => entries.filter(within(start, end)),
    digests: async (start, end) => digests.filter(within(start, end)),
    parts: async () => [],
    requests: async () => [],
    packs: async () => [],
    checkpoints: async (after) => checkpoints.filter(({ size }) => size > after),
    tiles: async (names) => names.flatMap(({ level, n }) => byName.get(`${level}/${n}`) ?? []),
  };
}

function opening(vkey: VerifierKey): { readonly type: string; readonly body: JsonObject } {
  const key = toBase64Url(vkey.publicKey);
  const keeper = partyOf(0);
  return {
    type: 'log.opened',
    body: { log_key: formatVkey(vkey), issuing_key: key, recovery_key: key, keeper, engine: 2 },
  };
}

/** As large as a decision is, and about nothing. */
function decidedBody(index: number): JsonObject {
  return {
    access: partyOf(index),
    recipient: partyOf(1),
    source: partyOf(2),
    purpose: 'loan_approval',
    items: ['credit_info', 'identity'],
    effect: index % 7 === 0 ? 'deny' : 'allow',
    checks: ['PARTY', 'SOURCE', 'RECIPIENT', 'GRANT', 'PURPOSE', 'ITEMS', 'TERM', 'FREQUENCY'].map((check) => [
      check,
      true,
    ]),
    idem: toBase64Url(sha256(Buffer.from(`idem ${index}`))),
    saw: toBase64Url(sha256(Buffer.from(`saw ${index}`))),
  };
}

function partyOf(n: number): PartyId {
  return n.toString(16).padStart(32, '0') as PartyId;
}

function handleOf(n: number): Handle {
  return partyOf(n) as string as Handle;
}

function tilesOf(leaves: readonly Hash[]): readonly SourcedTile[] {
  const tiles: SourcedTile[] = [];
  let hashes = leaves;
  for (let level = 0; hashes.length >= TILE_WIDTH; level++) {
    const full = Math.floor(leaves.length / leavesUnder(level + 1));
    const roots: Hash[] = [];
    for (let n = 0; n < full; n++) {
      const tile = hashes.slice(n * TILE_WIDTH, (n + 1) * TILE_WIDTH);
      tiles.push({ level, n, hashes: formatTile(tile), root: rootOfTile(tile) });
      roots.push(rootOfTile(tile));
    }
    hashes = roots;
  }
  return tiles;
}
