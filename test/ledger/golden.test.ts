import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseBase64Url, parseUtf8, utf8 } from '#core/bytes.ts';
import type { Json } from '#core/canonical.ts';
import { parseKeyText } from '#core/consent/signature.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { hashText, parseHashText } from '#core/hash.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { parseVkey } from '#core/note/key.ts';
import {
  digestSignedRequest,
  parseSignedRequest,
  readSignatures,
  type SignedRequest,
  signedRequestShape,
  verifyBase,
} from '#core/request/signed-request.ts';
import { openCheckpoint } from '#core/tlog/checkpoint.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { openPart } from '#core/tlog/payload.ts';
import { appendLeaves, emptyFrontier, rootOf } from '#core/tlog/tree.ts';
import { startReplay } from '#ledger/replay.ts';
import { nativeEd25519 } from '../../src/native.ts';

interface Golden {
  readonly origin: string;
  readonly vkey: string;
  readonly checkpoint: string;
  /** The signed requests that entries name by their digests, in the entries' order. */
  readonly requests: readonly string[];
  readonly receipts: Readonly<Record<string, string>>;
  readonly entries: readonly {
    readonly entry: string;
    readonly leaf: string;
    readonly signature: string;
    readonly payload: Readonly<Record<string, { digest: string; salt: string; value: Json }>>;
  }[];
}

/** Every released engine's golden ledger. A file is never edited; a new engine adds one. */
const ENGINES = ['engine-1'];

describe.each(ENGINES)('the golden ledger of %s', (name) => {
  const golden = JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as Golden;

  it('replays: every entry has its leaf, its place, its commitment, and is decided again as it was', () => {
    const replay = startReplay(golden.origin, new Map());
    for (const [index, { entry, leaf, signature, payload }] of golden.entries.entries()) {
      const bytes = utf8(entry);
      const { stream, seq } = parseEntry(bytes);
      const digests = Object.fromEntries(
        Object.entries(payload).map(([part, { digest }]) => [part, parseHashText(digest)]),
      );
      const row = { index, stream, seq, bytes, leaf: parseHashText(leaf), signature: parseBase64Url(signature) };
      expect(replay.step(row, digests, () => {}).findings).toEqual([]);
    }
  });

  it('has the root that its checkpoint signs', async () => {
    const checkpoint = await openCheckpoint(golden.checkpoint, parseVkey(golden.vkey), portableEd25519);
    const leaves = golden.entries.map(({ leaf }) => parseHashText(leaf));
    expect(checkpoint.size).toBe(leaves.length);
    expect(hashText(rootOf(appendLeaves(emptyFrontier(), leaves)))).toBe(hashText(checkpoint.root));
  });

  it('opens every part against its digest', () => {
    for (const { payload } of golden.entries) {
      for (const [part, { digest, salt, value }] of Object.entries(payload)) {
        expect(openPart(part, { salt: parseBase64Url(salt), value }, parseHashText(digest))).toEqual(value);
      }
    }
  });

  it('has the signed requests that its entries name, each signed by the key that it names', async () => {
    const named = golden.entries.map(({ entry }) => parseEntry(utf8(entry)).body['request']);
    const digests = golden.requests.map((request) => hashText(digestSignedRequest(request)));
    expect(digests).toEqual(named.filter((digest) => typeof digest === 'string'));
    const sealed = golden.entries.flatMap(({ payload }) => payload['request']?.value ?? []);
    const requests = [
      ...golden.requests.map(parseSignedRequest),
      ...sealed.map((value) => signedRequestShape(value, '')),
    ];
    expect(requests).toHaveLength(17);
    for (const request of requests) {
      const read = readSignatures(request);
      for (const [at, { name: signer, created }] of read.entries()) {
        const signed = request.signatures[at] as SignedRequest['signatures'][number];
        for (const ed25519 of [nativeEd25519, portableEd25519]) {
          expect(await verifyBase(ed25519, parseKeyText(signer.key), signed)).toBe(true);
          const later = { ...signed, base: signed.base.replace(`created=${created}`, `created=${created + 1}`) };
          expect(await verifyBase(ed25519, parseKeyText(signer.key), later)).toBe(false);
        }
      }
    }
  });

  it.each([
    ['allow', 'allow', [], 're-derived'],
    ['purpose', 'deny', ['PURPOSE'], 're-derived'],
    ['revoked', 'deny', ['REVOKED'], 're-derived'],
    ['report', 'allow', [], 're-derived'],
    ['foreign', 'deny', ['PARTY'], 'attested'],
  ])('has a receipt that verifies: %s', async (receipt, decision, codes, derived) => {
    const bytes = utf8(golden.receipts[receipt] as string);
    for (const ed25519 of [nativeEd25519, portableEd25519]) {
      const verdict = await verifyReceipt(bytes, parseVkey(golden.vkey), ed25519);
      expect(verdict).toMatchObject({
        recorded: 'unwitnessed',
        decision: derived,
        access: { decision, codes },
        problem: null,
      });
    }
  });

  it('holds no person’s data in any entry', () => {
    const text = golden.entries.map(({ entry }) => parseUtf8(utf8(entry))).join();
    expect(text).not.toMatch(/李示例|990001189003070014|授权书/);
  });
});
