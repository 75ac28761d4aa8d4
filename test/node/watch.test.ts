/**
 * Watching a ledger from outside, as an auditor with the vkey and a key of its own: over HTTP, into a mirror, and out of it.
 * What the server shows may be anything; a test changes one of its answers and looks at what the watch says.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partySignatory } from '#client/sign.ts';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { hashLeaf, sha256 } from '#core/hash.ts';
import { formatCosignerVkey, formatVkey, verifierKey } from '#core/note/key.ts';
import { formatNote, type NoteSignature, parseNote } from '#core/note/note.ts';
import { parseBundle } from '#core/tlog/bundle.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { cosign } from '#core/tlog/cosignature.ts';
import { parsePolicy } from '#core/tlog/policy.ts';
import { parseSize } from '#core/tlog/tree.ts';
import type { Resources } from '#ledger/tiled-source.ts';
import { publishPack } from '#service/packs.ts';
import { createApp } from '../../src/api/app.ts';
import { readShipped } from '../../src/cli/packs/publish.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { fillMirror, openMirror } from '../../src/node/mirror.ts';
import { folderResources, httpResources } from '../../src/node/resources.ts';
import { type Server, serveFetch } from '../../src/node/serve.ts';
import { isOtherCopy, openWatch, type Round, type WatchOptions } from '../../src/node/watch.ts';
import { ask, calledByKeeper, newParty, type Party, signedScene } from '../support/actors.ts';
import { paperWitness } from '../support/cosigned.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture, random } from '../support/ledger-fixture.ts';

let fixture: Fixture;
let scene: Awaited<ReturnType<typeof signedScene>>;
let auditor: Party;
let server: Server;
let folder: string;

beforeAll(async () => {
  fixture = await openFixture();
  const { context } = fixture;
  scene = await signedScene(context);
  auditor = await newParty(context, 'auditor');
  await Promise.all(Array.from({ length: 300 }, () => ask(context, scene.reportAccess)));
  const app = createApp(context, { hosts: () => true });
  server = await serveFetch((request) => app.fetch(request), { host: '127.0.0.1', port: 0 });
  folder = mkdtempSync(join(tmpdir(), 'assent-mirror-'));
  await published();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.close();
  await checkLedger(fixture);
  await fixture.close();
});

async function sizeNow(): Promise<number> {
  return (await fixture.audit()).size;
}

async function published(): Promise<void> {
  await fixture.ledger.publisher.published(await sizeNow(), 10_000);
}

const http = (): Resources =>
  httpResources({ url: server.url, authority: undefined, signers: [partySignatory(auditor.party, auditor.key)] });

/** The same, but that one path answers what a test makes of it. */
function crooked(path: string, change: (bytes: Uint8Array) => Uint8Array | undefined, from = http()): Resources {
  return {
    async read(asked) {
      const bytes = await from.read(asked);
      return asked === path && bytes !== undefined ? change(bytes) : bytes;
    },
  };
}

const options = (resources: Resources, kept: readonly string[] = []): WatchOptions => ({
  vkey: fixture.vkey,
  resources,
  kept,
  entrySignatures: true,
  ageMax: 3_600_000,
  clock: Date.now,
});

async function round(resources: Resources, kept: readonly string[] = [], more: Partial<WatchOptions> = {}) {
  return (await openWatch({ ...options(resources, kept), ...more })).round();
}

const codesOf = async (resources: Resources, kept: readonly string[] = []) => {
  const { verdict, findings, report } = await round(resources, kept);
  expect(verdict).toBe('findings');
  return [...new Set([...findings.map(({ code }) => code), ...(report?.codes ?? [])])];
};

/** Of a whole replay. */
function requestsIn(report: Round['report']): number {
  if (report?.depth !== 'whole') throw new Error('nothing was replayed');
  return report.requests;
}

/** A checkpoint of the log's own key, over whatever it is told. */
const signed = (size: number, root: Uint8Array) =>
  signCheckpoint({ origin: ORIGIN, size: parseSize(size), root: root as never }, fixture.keys.log);

const note = async () => parseUtf8((await http().read('checkpoint')) as Uint8Array);

describe('an auditor who watches chains alone', () => {
  const chains = { depth: 'chains' } as const;

  it('follows bytes, links and tree to the same head, and goes on from there', async () => {
    const watch = await openWatch({ ...options(http()), ...chains });
    const { verdict, report } = await watch.round();
    const own = await fixture.audit();
    expect(report?.findings).toEqual([]);
    expect([verdict, report?.depth, report?.size, report?.root]).toEqual(['holds', 'chains', own.size, own.root]);
    expect(report).not.toHaveProperty('decisions');
    await ask(fixture.context, scene.queryAccess);
    await published();
    expect(await watch.round()).toMatchObject({ verdict: 'holds', report: { size: (await fixture.audit()).size } });
  });

  it('finds what is another than it was signed', async () => {
    const flipped = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte));
    const { verdict, report } = await round(crooked('tile/entries/000', flipped), [], chains);
    expect([verdict, report?.findings[0]]).toEqual(['findings', expect.objectContaining({ code: 'entry', index: 0 })]);
    const forked = await round(http(), [await signed(3, random(32))], chains);
    expect([forked.verdict, forked.report?.codes]).toEqual(['findings', ['checkpoint']]);
  });
});

describe('an auditor who watches', () => {
  it('decides everything again, as the audit of the database does', async () => {
    const { verdict, report } = await round(http());
    const own = await fixture.audit();
    expect(report?.findings).toEqual([]);
    expect(verdict).toBe('holds');
    expect(report).toMatchObject({ size: own.size, root: own.root, decisions: own.decisions });
    expect(report).toMatchObject({ signatures: own.signatures, requests: expect.any(Number), partsOpened: 0 });
    expect(requestsIn(report)).toBeGreaterThan(300);
  });

  it('goes on from where it was, with new entries, packs and a checkpoint', async () => {
    const watch = await openWatch(options(http()));
    const before = (await watch.round()).report?.size as number;
    await ask(fixture.context, scene.queryAccess);
    const [pack] = readShipped();
    const caller = await calledByKeeper(fixture.context, '/v1/packs', { pack });
    await publishPack(fixture.context, caller, pack as never);
    await published();
    const after = await watch.round();
    expect(after.report?.findings).toEqual([]);
    expect(after.report?.size).toBe(before + 2);
    expect(after.held?.checkpoint.size).toBe(before);
  });

  describe('by a policy of its own', () => {
    const witness = paperWitness('w.example/w', 0x51);
    const lines = async () => [
      `log ${formatVkey(fixture.vkey)}`,
      `witness w ${formatCosignerVkey((await witness).vkey)}`,
    ];
    const policyOf = async (quorum: string) =>
      parsePolicy(utf8(`${[...(await lines()), `quorum ${quorum}`].join('\n')}\n`));
    /** The checkpoint that is served, with a line of the witness, or what a test makes of it. */
    async function cosignedAt(time: number, change: (line: NoteSignature) => NoteSignature = (line) => line) {
      const { key, vkey } = await witness;
      const { text, signatures } = parseNote(await note());
      const line = change(await cosign(text, vkey.cosigner, key, Math.floor(time / 1_000)));
      return crooked('checkpoint', () => utf8(formatNote({ text, signatures: [...signatures, line] })));
    }

    it('wants the quorum under what is served, within the age that it allows', async () => {
      const policy = await policyOf('w');
      const good = await round(await cosignedAt(Date.now()), [], { policy });
      expect(good).toMatchObject({ verdict: 'holds', witnessing: { quorum: 'met', cosigned: [{ name: 'w' }] } });
      expect(await round(await cosignedAt(Date.now() - 7_200_000), [], { policy })).toMatchObject({ verdict: 'stale' });
      const without = await round(http(), [], { policy });
      expect(without).toMatchObject({ verdict: 'unwitnessed', witnessing: { quorum: 'not met', cosigned: [] } });
      expect(without.report?.holds).toBe(true);
      expect(await round(http(), [], { policy: await policyOf('none') })).toMatchObject({ verdict: 'holds' });
    });

    it('finds a line that claims to be its witness’s and is not, and keeps the checkpoint as evidence', async () => {
      const spoiled = await cosignedAt(Date.now(), (line) => ({ ...line, bytes: line.bytes.toReversed() }));
      const found = await round(spoiled, [], { policy: await policyOf('w') });
      expect(found).toMatchObject({ verdict: 'findings', witnessing: null, findings: [{ code: 'checkpoint' }] });
      expect(isOtherCopy(found)).toBe(true);
      expect((await round(spoiled)).verdict).toBe('holds');
    });

    it('takes none that is of other logs', async () => {
      const key = verifierKey('another.example/log', fixture.keys.log.publicKey);
      const other = parsePolicy(utf8(`log ${formatVkey(key)}\nquorum none\n`));
      await expectRefusal('policy_invalid', openWatch({ ...options(http()), policy: other }));
    });
  });

  it('is told that its key is no auditor’s, and takes that for no finding', async () => {
    const other = httpResources({
      url: server.url,
      authority: undefined,
      signers: [partySignatory(scene.lender.party, scene.lender.key)],
    });
    await expect(round(other)).rejects.toMatchObject({ name: 'Refused', code: 'not_found' });
  });

  it('attack 3: finds an entry that was edited with its tiles', async () => {
    const edit = (bytes: Uint8Array) =>
      new Uint8Array(Buffer.from(Buffer.from(bytes).toString('latin1').replace('REPORT', 'EXPORT'), 'latin1'));
    const bundle = crooked('tile/entries/000', edit);
    const edited = parseBundle((await bundle.read('tile/entries/000')) as Uint8Array, 256);
    const both = crooked('tile/0/000', () => new Uint8Array(Buffer.concat(edited.map(hashLeaf))), bundle);
    expect(await codesOf(both)).toEqual(expect.arrayContaining(['checkpoint', 'tree', 'signature']));
  });

  it('attack 15: finds a tile of any level that is not made of the entries', async () => {
    const flip = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte));
    expect(await codesOf(crooked('tile/0/000', flip))).toEqual(expect.arrayContaining(['entry', 'tree']));
    const other = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 1);
    expect(await codesOf(crooked('tile/1/000.p/1', other))).toEqual(['tree']);
  });

  it.each([
    ['missing', () => undefined],
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['longer than it says', (bytes: Uint8Array) => Uint8Array.from([...bytes, 0])],
  ] as const)('attack 39: finds that a bundle is %s', async (_how, change) => {
    expect(await codesOf(crooked('tile/entries/000', change))).toContain('entry');
  });

  it('finds a signature that is not the issuing key’s, and a request that was changed', async () => {
    const change = (from: string) => (bytes: Uint8Array) => {
      const text = parseUtf8(bytes);
      const at = text.indexOf(from) + from.length;
      return utf8(`${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`);
    };
    expect(await codesOf(crooked('v1/log/beside/000', change('"signatures":["')))).toEqual(['signature']);
    expect(await codesOf(crooked('v1/log/beside/000', () => undefined))).toContain('payload');
  });

  it('attack 29: finds a checkpoint that is smaller than one it has seen', async () => {
    const held = await signed((await sizeNow()) + 1, sha256(utf8('more')));
    expect(await codesOf(http(), [held])).toEqual(['checkpoint']);
  });

  it('attack 25: finds two checkpoints of one size, and has both in its hands', async () => {
    const held = await signed(await sizeNow(), sha256(utf8('another tree')));
    const found = await round(http(), [held]);
    expect(found.findings[0]?.message).toContain('forked');
    expect(found.held?.note).toBe(held);
    expect(found.served?.note).toBe(await note());
  });

  it('attack 26: finds that the tree does not continue the one it has seen', async () => {
    const held = await signed(100, sha256(utf8('another beginning')));
    expect(await codesOf(http(), [held])).toEqual(['checkpoint']);
  });

  it('attack 28: calls a ledger stale whose last entry is too old, though it holds', async () => {
    const later = await round(http(), [], { clock: () => Date.now() + 2 * 3_600_000 });
    expect(later.verdict).toBe('stale');
    expect(later.report?.findings).toEqual([]);
  });

  it('attack 84: trusts no key but its own', async () => {
    const stranger = await nativeEd25519.importSeed(new Uint8Array(32).fill(7));
    const root = sha256(utf8('root'));
    const forged = await signCheckpoint({ origin: ORIGIN, size: parseSize(9), root }, stranger);
    expect(await codesOf(crooked('checkpoint', () => utf8(forged)))).toEqual(['checkpoint']);
  });
});

describe('a mirror', () => {
  it('is a copy that is audited without the server, and grows', async () => {
    const filling = { vkey: fixture.vkey, entrySignatures: true };
    const first = await fillMirror(folder, http(), filling);
    expect(first.report?.findings).toEqual([]);
    await ask(fixture.context, { ...scene.queryAccess, items: ['credit_info'] });
    await published();
    const { report } = await fillMirror(folder, http(), filling);
    expect(report?.size).toBe((first.report?.size as number) + 1);
    const offline = await (await openMirror(folder, filling)).round();
    expect(offline.verdict).toBe('holds');
    const own = await fixture.audit();
    expect(offline.report).toMatchObject({
      size: own.size,
      root: own.root,
      decisions: own.decisions,
      requests: requestsIn(report),
    });
    // Both checkpoints that it was brought up to, and no more.
    expect(offline.report?.checkpoints).toBe(2);
  });

  it('asks only for what it lacks', async () => {
    const asked: string[] = [];
    const counted: Resources = {
      read(path) {
        asked.push(path);
        return http().read(path);
      },
    };
    await ask(fixture.context, { ...scene.queryAccess, items: ['credit_info', 'credit_report'] });
    await published();
    await fillMirror(folder, counted, { vkey: fixture.vkey, entrySignatures: true });
    expect(asked).not.toContain('tile/entries/000');
    expect(asked.filter((path) => path.startsWith('tile/entries/'))).toHaveLength(1);
  });

  it('keeps nothing of another copy than its checkpoint says', async () => {
    await ask(fixture.context, { ...scene.queryAccess, purpose: 'marketing' });
    await published();
    const before = readFileSync(join(folder, 'checkpoint'), 'utf8');
    const size = await sizeNow();
    const path = `tile/entries/001.p/${size - 256}`;
    const flip = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 100 ? byte ^ 1 : byte));
    const found = await fillMirror(folder, crooked(path, flip), { vkey: fixture.vkey, entrySignatures: true });
    expect(found.verdict).toBe('findings');
    expect(readFileSync(join(folder, 'checkpoint'), 'utf8')).toBe(before);
    expect(await folderResources(folder).read(path)).toBeUndefined();
    expect((await fillMirror(folder, http(), { vkey: fixture.vkey, entrySignatures: true })).verdict).toBe('holds');
  });

  it('with a bundle that cannot be read says so, and nothing of keys and sizes that it did not read', async () => {
    const file = join(folder, 'tile/entries/000');
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes, Buffer.from('x')]));
    const { verdict, report } = await (await openMirror(folder, { vkey: fixture.vkey, entrySignatures: true })).round();
    writeFileSync(file, bytes);
    expect(verdict).toBe('findings');
    const said = report?.findings.map(({ message }) => message).join('\n');
    expect(report?.findings[0]?.message).toBe('256 entries from 0 on are missing or unreadable');
    expect(said).not.toContain('another log key');
  });

  it('attack 38: shows one flipped bit of its own', async () => {
    const file = join(folder, 'tile/entries/000');
    const bytes = readFileSync(file);
    writeFileSync(
      file,
      bytes.map((byte, at) => (at === 500 ? byte ^ 1 : byte)),
    );
    const { verdict, report } = await (await openMirror(folder, { vkey: fixture.vkey, entrySignatures: true })).round();
    writeFileSync(file, bytes);
    expect(verdict).toBe('findings');
    expect(report?.findings.map(({ code }) => code)).toContain('entry');
  });
});
