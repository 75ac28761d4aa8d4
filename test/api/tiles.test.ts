/** The log as tiles, as anyone reads its hashes and an auditor its entries (C2SP tlog-tiles). */
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { partySignatory } from '#client/sign.ts';
import { parseBase64Url } from '#core/bytes.ts';
import { hashLeaf, hashText } from '#core/hash.ts';
import { digestSignedRequest } from '#core/request/signed-request.ts';
import { parseBeside } from '#core/tlog/beside.ts';
import { parseBundle } from '#core/tlog/bundle.ts';
import { openCheckpoint } from '#core/tlog/checkpoint.ts';
import { entrySigningBytes, parseEntry } from '#core/tlog/entry.ts';
import { commitTo } from '#core/tlog/payload.ts';
import { formatTilePath } from '#core/tlog/tile-path.ts';
import { insertEntries, loadEntries } from '#store/entries.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { naiveTree } from '../core/tlog/naive.ts';
import { ask, newParty, type Party, signedScene } from '../support/actors.ts';
import { checkLedger } from '../support/ledger-fixture.ts';
import { adminsOf, type Door, expectProblem, openDoor, signersOf } from './door.ts';

let door: Door;
let auditor: Party;
/** Others, of every kind that could think it may. */
let others: readonly Party[];
/** The size of the newest checkpoint: more than one full tile. */
let size: number;
let leaves: readonly Uint8Array[];

beforeAll(async () => {
  door = await openDoor();
  const { context } = door.fixture;
  const scene = await signedScene(context);
  auditor = await newParty(context, 'auditor');
  const roles = ['grantee', 'provider', 'supervisor', 'identifier'] as const;
  others = await Promise.all(roles.map((role) => newParty(context, role)));
  await Promise.all(Array.from({ length: 560 }, () => ask(context, scene.reportAccess)));
  size = await door.size();
  await context.ledger.publisher.published(size, 5_000);
  const rows = await door.fixture.store.read((tx) => loadEntries(tx, 0, size));
  leaves = rows.map(({ bytes }) => hashLeaf(bytes));
});
afterAll(async () => {
  await checkLedger(door.fixture);
  await door.fixture.close();
});

/** The answer's bytes, which the door reads as text. */
async function bytesOf(path: string, by: Door = door, headers: Record<string, string> = {}) {
  const url = `http://127.0.0.1:8787${path}`;
  const signed = by === door ? {} : await signedHeaders(path);
  const response = await door.app.request(url, { headers: { ...signed, ...headers } });
  return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
}

async function signedHeaders(path: string): Promise<Record<string, string>> {
  const { signRequest } = await import('#client/sign.ts');
  const unsigned = { method: 'GET', authority: '127.0.0.1:8787', path, query: '' } as const;
  return signRequest([partySignatory(auditor.party, auditor.key)], unsigned, Math.floor(Date.now() / 1_000));
}

const asAuditor = () => door.as(signersOf(auditor));

describe('tiles of hashes', () => {
  test('are the leaves, in every width that a published size can have', async () => {
    // Whatever size was once published, its last tile is there.
    for (let published = 1; published <= size; published++) {
      const n = Math.floor((published - 1) / 256);
      const width = published - n * 256;
      const answer = await bytesOf(`/${formatTilePath({ kind: 'tile', level: 0, n, width })}`);
      expect(answer.status).toBe(200);
      expect(Buffer.from(answer.bytes)).toEqual(Buffer.concat(leaves.slice(n * 256, n * 256 + width)));
      expect(answer.headers.get('content-type')).toBe('application/octet-stream');
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(answer.headers.get('content-encoding')).toBeNull();
    }
  });

  test('are on the level above the roots of full tiles, and no partial tile is hashed into them', async () => {
    const naive = naiveTree(leaves as never);
    const answer = await bytesOf('/tile/1/000.p/2');
    expect(Buffer.from(answer.bytes)).toEqual(Buffer.concat([naive.subtree(0, 256), naive.subtree(256, 512)]));
    expect(Buffer.from((await bytesOf('/tile/1/000.p/1')).bytes)).toEqual(Buffer.from(naive.subtree(0, 256)));
    expect((await bytesOf('/tile/1/000.p/3')).status).toBe(404);
  });

  test('reach no further than the newest checkpoint, though more is stored', async () => {
    const rest = size % 256;
    expect((await bytesOf(`/tile/0/002.p/${rest}`)).status).toBe(200);
    expectProblem(await door.get(`/tile/0/002.p/${rest + 1}`), 404, 'index_unknown');
    expectProblem(await door.get('/tile/0/003.p/1'), 404, 'index_unknown');
    expectProblem(await door.get('/tile/63/000.p/1'), 404, 'index_unknown');
    const [last] = await door.fixture.store.read((tx) => loadEntries(tx, size - 1, size));
    await door.fixture.store
      .transaction(async (tx) => {
        await insertEntries(tx, [{ ...(last as NonNullable<typeof last>), index: size, seq: 1_000_000 }]);
        throw new Error('undone');
      })
      .catch(() => {});
    expectProblem(await asAuditor().get(`/tile/entries/002.p/${rest + 1}`), 404, 'index_unknown');
  });

  test.each([
    '/tile/0/0',
    '/tile/00/000',
    '/tile/0/x000/000',
    '/tile/0/x001',
    '/tile/0/001/000',
    '/tile/0/000.p/0',
    '/tile/0/000.p/01',
    '/tile/0/000.p/256',
    '/tile/64/000.p/1',
    '/tile/-1/000',
    '/tile/0/000/',
    '/tile/0//000',
    '/tile/0/../0/000.p',
    '/tile/%30/000.p/1',
    '/tile/0/%2e%2e/%2e%2e/checkpoint%00',
    '/tile/0/000.p/1%20',
    '/tile/',
  ])('have one path each: attack 65, %s names none', async (path) => {
    expectProblem(await door.get(path), 404, 'not_found');
  });

  test('have no query, so that no cache keeps a tile twice', async () => {
    expectProblem(await door.get('/tile/0/000.p/1?a'), 400, 'input_invalid');
  });
});

describe('bundles of entries', () => {
  test('are the entries whose hashes the tiles have', async () => {
    const { status, bytes, headers } = await bytesOf('/tile/entries/001', asAuditor());
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    expect(parseBundle(bytes, 256).map(hashLeaf)).toEqual(leaves.slice(256, 512));
    for (const [n, width] of [
      [0, 1],
      [1, 255],
      [2, size % 256],
    ] as const) {
      const part = await bytesOf(`/${formatTilePath({ kind: 'bundle', n, width })}`, asAuditor());
      expect(parseBundle(part.bytes, width).map(hashLeaf)).toEqual(leaves.slice(n * 256, n * 256 + width));
    }
  });

  test('that are refused are kept by no cache: what is not published today is tomorrow', async () => {
    const paths = ['/tile/0/003.p/1', '/tile/0/000.p/256', '/tile/entries/000', '/tile/0/000.p/1?a'];
    for (const path of paths) {
      const answer = await bytesOf(path);
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(answer.headers.get('cache-control'), path).toBe('no-store');
    }
  });

  test('attack 66: are compressed for who takes that, and for nobody else', async () => {
    const plain = await bytesOf('/tile/entries/000', asAuditor());
    const packed = await bytesOf('/tile/entries/000', asAuditor(), { 'accept-encoding': 'br, gzip;q=0.5' });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('vary')).toBe('accept-encoding');
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 2);
    expect(new Uint8Array(gunzipSync(packed.bytes))).toEqual(plain.bytes);
    const refused = await bytesOf('/tile/entries/000', asAuditor(), { 'accept-encoding': 'gzip;q=0, identity' });
    expect(refused.headers.get('content-encoding')).toBeNull();
    expect(refused.headers.get('vary')).toBe('accept-encoding');
  });

  test('attack 102: are for auditors, and for others do not exist', async () => {
    for (const path of ['/tile/entries/000', '/v1/log/beside/000']) {
      expectProblem(await door.get(path), 401, 'signature_required');
      for (const other of others) expectProblem(await door.as(signersOf(other)).get(path), 404, 'not_found');
      expectProblem(await door.as(adminsOf(auditor)).get(path), 404, 'not_found');
      expectProblem(await door.asKeeper().get(path), 404, 'not_found');
    }
  });
});

describe('what stands beside a bundle', () => {
  test('is what verifies its entries: signatures, digests, requests', async () => {
    const { bytes } = await bytesOf('/tile/entries/000', asAuditor());
    const beside = parseBeside((await bytesOf('/v1/log/beside/000', asAuditor())).bytes, 256);
    const entries = parseBundle(bytes, 256);
    const issuing = door.fixture.keys.issuing.publicKey;
    let committed = 0;
    for (const [at, entry] of entries.entries()) {
      const { body, commit } = parseEntry(entry);
      const signing = entrySigningBytes(hashLeaf(entry));
      expect(await nativeEd25519.verify(issuing, signing, beside.signatures[at] as Uint8Array)).toBe(true);
      if (commit !== null) {
        committed++;
        expect(commitTo(beside.digests[at] ?? {})).toEqual(commit);
      }
      const digest = body['request'];
      if (typeof digest !== 'string') continue;
      expect(hashText(digestSignedRequest(beside.requests.get(digest) ?? ''))).toBe(digest);
    }
    expect(committed).toBeGreaterThan(0);
  });

  test('is of published entries only', async () => {
    expectProblem(await asAuditor().get(`/v1/log/beside/002.p/${(size % 256) + 1}`), 404, 'index_unknown');
    expectProblem(await asAuditor().get('/v1/log/beside/0'), 404, 'not_found');
  });

  test('can be read by its digest, where a request is too long for that', async () => {
    const rows = await door.fixture.store.read((tx) => loadEntries(tx, size - 1, size));
    const digest = String(parseEntry((rows[0] as (typeof rows)[0]).bytes).body['request']);
    const { text } = await asAuditor().get(`/v1/log/requests/${digest}`);
    expect(hashText(digestSignedRequest(text))).toBe(digest);
    const other = Buffer.from(parseBase64Url(digest));
    other[0] = (other[0] as number) ^ 1;
    expectProblem(await asAuditor().get(`/v1/log/requests/${other.toString('base64url')}`), 404, 'not_found');
  });
});

test('the checkpoint that tiles belong to is kept no longer than a moment', async () => {
  const answer = await door.get('/checkpoint');
  expect(answer.headers.get('cache-control')).toBe('public, max-age=1');
  expect((await openCheckpoint(answer.text, door.fixture.vkey, nativeEd25519)).size).toBe(size);
});
