import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseBase64, parseHex, toBase64, toHex, utf8 } from '#core/bytes.ts';
import { type Hash, hashLeaf, parseHash, useSha256 } from '#core/hash.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { formatVkey, parseVkey, verifierKey } from '#core/note/key.ts';
import { openNote } from '#core/note/note.ts';
import { openCheckpoint, signCheckpoint } from '#core/tlog/checkpoint.ts';
import { foldConsistency, parseConsistencyProof, planConsistency, verifyConsistency } from '#core/tlog/consistency.ts';
import { foldGrowth, planGrowth } from '#core/tlog/growth.ts';
import { foldInclusion, parseInclusionProof, planInclusion, verifyInclusion } from '#core/tlog/inclusion.ts';
import { formatTlogProof, parseTlogProof } from '#core/tlog/proof.ts';
import type { Subtree } from '#core/tlog/subtree.ts';
import { foldSubtrees, formatTile, planSubtrees } from '#core/tlog/tile.ts';
import { formatTilePath, parseTilePath } from '#core/tlog/tile-path.ts';
import { appendLeaves, emptyFrontier, parseIndex, parseSize, rootOf, type Size } from '#core/tlog/tree.ts';
import { nativeEd25519, nativeSha256 } from '../../../src/native.ts';
import { describeWithVectors, readVectors } from '../../support/vectors.ts';

interface KnownAnswer {
  readonly origin: string;
  readonly log: {
    readonly seedHex: string;
    readonly publicKeyHex: string;
    readonly keyIdHex: string;
    readonly vkey: string;
  };
  readonly entries0to4: readonly string[];
  readonly leafHash0to9: readonly string[];
  readonly roots: Readonly<Record<string, string>>;
  readonly checkpoints: Readonly<Record<string, string>>;
  readonly cosignedCheckpoint600: string;
  readonly inclusion: readonly {
    readonly index: number;
    readonly size: number;
    readonly leafHash: string;
    readonly root: string;
    readonly proof: readonly string[];
  }[];
  readonly consistency: readonly {
    readonly size1: number;
    readonly size2: number;
    readonly root1: string;
    readonly root2: string;
    readonly proof: readonly string[];
  }[];
  readonly tiles600: readonly { readonly path: string; readonly length: number; readonly sha256: string }[];
  readonly tiles256paths: readonly string[];
  readonly tileCounts: Readonly<Record<string, readonly { level: number; full: number; partialWidth: number }[]>>;
  readonly tilePathEncoding: Readonly<Record<string, string>>;
  readonly tlogProof: string;
  readonly tlogProofIndex: number;
}

const FILE = 'tlog-known-answer.json';

describeWithVectors(FILE, 'the known log of 600 entries', () => {
  useSha256(nativeSha256);
  const known = readVectors<KnownAnswer>(FILE);
  const vkey = parseVkey(known.log.vkey);
  const entry = (i: number) => `{"n":${i},"pad":"${'x'.repeat((i * 7) % 23)}"}`;
  const leaves = Array.from({ length: 600 }, (_, i) => hashLeaf(utf8(entry(i))));
  const tiles = foldGrowth(planGrowth(parseSize(0), parseSize(600)), [], leaves);
  const tileAt = (level: number, n: number) => tiles.find((tile) => tile.level === level && tile.n === n)!;
  const rootsOf = (level: number, start: number, end: number) =>
    Array.from({ length: end - start }, (_, i) => tileAt(level - 1, start + i).root);
  const readHash = (text: string): Hash => parseHash(parseBase64(text));
  const headAt = (size: number) => ({ size: parseSize(size), root: readHash(known.roots[size] as string) });

  /** Reads as a ledger does, from full tiles and leaves. */
  function read(subtrees: readonly Subtree[], size: Size): readonly Hash[] {
    const plan = planSubtrees(subtrees, size);
    return foldSubtrees(
      plan,
      plan.tiles.map(({ level, n }) => tileAt(level, n).hashes),
      plan.ranges.map(({ level, start, end }) => (level === 0 ? leaves.slice(start, end) : rootsOf(level, start, end))),
    );
  }

  test('has the entries and leaves it should', () => {
    expect(known.entries0to4).toEqual([0, 1, 2, 3, 4].map(entry));
    expect(leaves.slice(0, 10).map(toBase64)).toEqual(known.leafHash0to9);
  });

  test('has the roots it should', () => {
    expect(Object.keys(known.roots)).toHaveLength(48);
    for (const [size, root] of Object.entries(known.roots)) {
      expect(toBase64(rootOf(appendLeaves(emptyFrontier(), leaves.slice(0, Number(size)))))).toBe(root);
    }
  });

  test('proves inclusion as it should, byte for byte', () => {
    expect(known.inclusion).toHaveLength(42);
    for (const { index, size, leafHash, root, proof } of known.inclusion) {
      const plan = planInclusion(parseIndex(index), parseSize(size));
      expect(foldInclusion(plan, read(plan, parseSize(size))).map(toBase64)).toEqual(proof);
      const head = { size: parseSize(size), root: readHash(root) };
      verifyInclusion(parseInclusionProof(proof.map(readHash)), parseIndex(index), readHash(leafHash), head);
    }
  });

  test('proves consistency as it should, byte for byte', () => {
    expect(known.consistency).toHaveLength(17);
    for (const { size1, size2, root1, root2, proof } of known.consistency) {
      const plan = planConsistency(parseSize(size1), parseSize(size2));
      expect(foldConsistency(plan, read(plan, parseSize(size2))).map(toBase64)).toEqual(proof);
      const before = { size: parseSize(size1), root: readHash(root1) };
      verifyConsistency(parseConsistencyProof(proof.map(readHash)), before, {
        size: parseSize(size2),
        root: readHash(root2),
      });
    }
  });

  test('proves every entry at size 600, and every size towards 600', () => {
    const head = headAt(600);
    for (let i = 0; i < 600; i++) {
      const plan = planInclusion(parseIndex(i), head.size);
      verifyInclusion(foldInclusion(plan, read(plan, head.size)), parseIndex(i), leaves[i] as Hash, head);
      const growth = planConsistency(parseSize(i + 1), head.size);
      const before = { size: parseSize(i + 1), root: rootOf(appendLeaves(emptyFrontier(), leaves.slice(0, i + 1))) };
      verifyConsistency(foldConsistency(growth, read(growth, head.size)), before, head);
    }
  });

  test('signs the checkpoints it should, byte for byte, and they open', async () => {
    for (const ed25519 of [portableEd25519, nativeEd25519]) {
      const key = await ed25519.importSeed(parseHex(known.log.seedHex));
      expect(toHex(key.publicKey)).toBe(known.log.publicKeyHex);
      expect(formatVkey(verifierKey(known.origin, key.publicKey))).toBe(known.log.vkey);
      expect(vkey.keyId).toBe(known.log.keyIdHex);
      for (const [size, note] of Object.entries(known.checkpoints)) {
        expect(await signCheckpoint({ origin: known.origin, ...headAt(Number(size)) }, key)).toBe(note);
        expect(await openCheckpoint(note, vkey, ed25519)).toEqual({ origin: known.origin, ...headAt(Number(size)) });
      }
    }
  });

  test('opens a checkpoint that witnesses have cosigned, and keeps their lines apart', async () => {
    const opened = await openNote(known.cosignedCheckpoint600, [vkey], nativeEd25519);
    expect(opened.verified.map(({ name }) => name)).toEqual([known.origin]);
    expect(opened.unverified.map(({ name }) => name)).toEqual(['witness.example/w1', 'witness.example/w2']);
    expect(opened.unverified.map(({ bytes }) => bytes.length)).toEqual([72, 72]);
  });

  test('reads the proof text, writes it back, and verifies it', async () => {
    const proof = parseTlogProof(known.tlogProof);
    expect(formatTlogProof(proof)).toBe(known.tlogProof);
    expect(proof.index).toBe(known.tlogProofIndex);
    expect(proof.checkpoint).toBe(known.cosignedCheckpoint600);
    const checkpoint = await openCheckpoint(proof.checkpoint, vkey, nativeEd25519);
    verifyInclusion(proof.proof, proof.index, leaves[known.tlogProofIndex] as Hash, checkpoint);
  });

  test('has the tiles it should, full and partial', () => {
    const rows = [leaves, rootsOf(1, 0, 2)];
    const served = rows.flatMap((row, level) =>
      Array.from({ length: Math.ceil(row.length / 256) }, (_, n) => {
        const hashes = row.slice(n * 256, n * 256 + 256);
        const bytes = formatTile(hashes);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        return { path: formatTilePath({ kind: 'tile', level, n, width: hashes.length }), length: bytes.length, sha256 };
      }),
    );
    const wanted = known.tiles600.filter(({ path }) => !path.startsWith('tile/entries/'));
    expect(served).toEqual(wanted.map(({ path, length, sha256 }) => ({ path, length, sha256 })));
  });

  test('encodes the paths of tiles as it should', () => {
    for (const [n, path] of Object.entries(known.tilePathEncoding)) {
      const tile = { kind: 'tile', level: 0, n: Number(n), width: 256 } as const;
      expect(formatTilePath(tile)).toBe(`tile/0/${path}`);
      expect(parseTilePath(`tile/0/${path}`)).toEqual(tile);
    }
  });
});
