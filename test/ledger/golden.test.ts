import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseBase64Url, parseUtf8, utf8 } from '#core/bytes.ts';
import type { Json, JsonObject } from '#core/canonical.ts';
import { parseKeyText } from '#core/consent/key-text.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { hashText, parseHashText } from '#core/hash.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { parseVkey } from '#core/note/key.ts';
import { packDigest, parsePack } from '#core/pack/pack.ts';
import {
  digestSignedRequest,
  parseSignedRequest,
  readSignatures,
  type SignedRequest,
  signedRequestShape,
  verifyBase,
} from '#core/request/signed-request.ts';
import { openCheckpoint } from '#core/tlog/checkpoint.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { openPart } from '#core/tlog/payload.ts';
import { appendLeaves, emptyFrontier, rootOf } from '#core/tlog/tree.ts';
import { checkEvidence } from '#ledger/evidence.ts';
import { type Replay, startReplay } from '#ledger/replay.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';

interface Golden {
  readonly origin: string;
  readonly vkey: string;
  /** The canonical texts of the packs that decided, from engine 2 on. */
  readonly packs?: readonly string[];
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

function packsOf({ packs = [] }: Golden) {
  return new Map(packs.map((text) => [packDigest(utf8(text)), parsePack(utf8(text))]));
}

type Line = Golden['entries'][number];

function stepOf(
  replay: Replay,
  { entry, leaf, signature, payload }: Line,
  index: number,
  inspect: (entry: Entry) => void = () => {},
) {
  const bytes = utf8(entry);
  const { stream, seq } = parseEntry(bytes);
  const digests = Object.fromEntries(
    Object.entries(payload).map(([part, { digest }]) => [part, parseHashText(digest)]),
  );
  const row = { index, stream, seq, bytes, leaf: parseHashText(leaf), signature: parseBase64Url(signature) };
  return replay.step(row, digests, inspect).findings;
}

/** Every engine's golden ledger, and how many signed requests it has. A released file is never edited; a new engine adds one. */
const ENGINES = [
  ['engine-1', 17],
  ['engine-2', 26],
] as const;

describe.each(ENGINES)('the golden ledger of %s', (name, requestCount) => {
  const golden = JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as Golden;

  it('replays: every entry has its leaf, its place, its commitment, and is decided again as it was', () => {
    const replay = startReplay(golden.origin, packsOf(golden));
    for (const [index, line] of golden.entries.entries()) expect(stepOf(replay, line, index)).toEqual([]);
  });

  it('says in its payloads what its entries say: signatures, bindings, and texts, which are made again', async () => {
    expect(await inspected(golden, golden.entries)).toEqual([]);
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
    expect(requests).toHaveLength(requestCount);
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
    expect(text).not.toMatch(/李示例|99000118900307001|授权书/);
  });
});

describe('the golden ledger of engine 2', () => {
  const golden = JSON.parse(readFileSync(new URL('../vectors/engine-2.json', import.meta.url), 'utf8')) as Golden;
  const entries = golden.entries.map(({ entry }) => parseEntry(utf8(entry)));

  it('has packs, and every access says which version of them decided', () => {
    const decided = entries.filter(({ type }) => type === 'access.decided');
    expect(decided).toHaveLength(6);
    for (const { body } of decided) {
      expect(body).toMatchObject({ engine: 2, law: { packs: { golden: 1 }, marks: ['review'] } });
    }
  });

  it('has a letter whose text template, grants and slots make, and no other text, slot or translation', async () => {
    const place = entries.findIndex(({ type }) => type === 'letter.drafted');
    const line = golden.entries[place] ?? expect.unreachable();
    expect(entries[place]?.body).toMatchObject({ template: { pack: 'golden' }, packs: { golden: 1 } });
    const spoilt = async (part: string, change: (value: Json) => Json) => {
      const old = line.payload[part] ?? expect.unreachable();
      const payload = { ...line.payload, [part]: { ...old, value: change(old.value) } };
      return inspected(golden, golden.entries.with(place, { ...line, payload }));
    };
    for (const part of ['text', 'translation']) expect(await spoilt(part, (text) => `${text}.`)).toEqual(['payload']);
    const slots = (value: Json) => ({ ...(value as JsonObject), letter_no: 'EX-1890-002' });
    expect(await spoilt('slots', slots)).toEqual(['payload']);
  });

  it('has a clause with candidates, under which nobody is allowed anything before one is bound', () => {
    const reports = entries.filter(({ body }) => body['action'] === 'REPORT' || body['party'] !== undefined);
    expect(reports.map(({ type, body }) => [type, body['codes'] ?? null])).toEqual([
      ['access.decided', ['PARTY']],
      ['grantee.bound', null],
      ['access.decided', []],
    ]);
  });

  it('is not replayed without the bytes of its packs', () => {
    expect(findingsOf(golden, new Map())).toContain('decision');
    expect(findingsOf(golden, packsOf(golden))).toEqual([]);
  });
});

function findingsOf({ origin, entries: lines }: Golden, packs: ReturnType<typeof packsOf>) {
  const replay = startReplay(origin, packs);
  return lines.flatMap((line, index) => stepOf(replay, line, index).map(({ code }) => code));
}

/** The findings of a replay that looks into the payloads, too. */
async function inspected(golden: Golden, lines: readonly Line[]): Promise<readonly string[]> {
  const replay = startReplay(golden.origin, packsOf(golden));
  const evidence = checkEvidence({ ed25519: nativeEd25519, p256: nativeP256 });
  const found = lines.map(async (line, index) => {
    const opened = Object.fromEntries(Object.entries(line.payload).map(([part, { value }]) => [part, value]));
    let pending: readonly Promise<void>[] = [];
    const findings = stepOf(replay, line, index, (entry) => {
      ({ pending } = evidence.inspect(replay, entry, opened));
    });
    await Promise.all(pending);
    return findings.map(({ code }) => code);
  });
  return (await Promise.all(found)).flat();
}
