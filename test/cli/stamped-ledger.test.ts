/** A ledger that has itself stamped, from outside: `monitor`, `mirror` and `audit` with `--tsa`, `verify` with what it serves. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { provePartyKey } from '#client/device.ts';
import { partySignatory } from '#client/sign.ts';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import type { AccessId } from '#core/ids.ts';
import { formatPrivatePem, formatVkey } from '#core/note/key.ts';
import { openCheckpoint, signCheckpoint } from '#core/tlog/checkpoint.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import type { Resources } from '#ledger/tiled-source.ts';
import { registerParty } from '#service/parties.ts';
import { receiptOf } from '#service/receipts.ts';
import { insertTimeStamp, loadTimeStamps } from '#store/time-stamps.ts';
import { formatStamped } from '#time-stamp/file.ts';
import { createApp } from '../../src/api/app.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { httpResources } from '../../src/node/resources.ts';
import { type Server, serveFetch } from '../../src/node/serve.ts';
import { askTsa } from '../../src/node/time-stamp/ask.ts';
import { auditStamps } from '../../src/node/time-stamp/audit-stamps.ts';
import { openStampWatch } from '../../src/node/time-stamp/follow.ts';
import { openStampKeeper } from '../../src/node/time-stamp/stamp-keeper.ts';
import { openWatch } from '../../src/node/watch.ts';
import { ask, calledByKeeper, newParty, signedScene } from '../support/actors.ts';
import { unprotect } from '../support/attack.ts';
import { type Home, newHome, run } from '../support/command.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture, random } from '../support/ledger-fixture.ts';
import { certificatesIn, HAS_OPENSSL, openTsa, type TestTsa } from '../support/tsa.ts';

describe.skipIf(!HAS_OPENSSL)('time-stamps that a ledger serves', () => {
  let fixture: Fixture;
  let home: Home;
  let server: Server;
  let tsa: TestTsa;
  let other: TestTsa;
  let auditor: readonly string[];
  /** A receipt under a tree that is smaller than each of the stamped ones. */
  let receipt: { readonly file: string; readonly size: number };
  let stamped: readonly number[];
  /** What the server answers in place of the ledger, by its path. */
  let instead: ReadonlyMap<string, Uint8Array>;

  const at = (name: string) => join(home.folder, name);
  const assent = (...args: readonly string[]) => run(home, args);
  const path = (size: number) => `/v1/time-stamps/${size}`;
  const get = async (asked: string) => new Uint8Array(await (await fetch(server.url + asked)).arrayBuffer());

  beforeAll(async () => {
    [tsa, other] = [await openTsa(), await openTsa()];
    fixture = await openFixture('pglite');
    home = newHome();
    instead = new Map();
    const { context } = fixture;
    auditor = await newAuditor();
    const scene = await signedScene(context);
    const { access } = await ask(context, scene.reportAccess);
    await published();
    writeFileSync(at('receipt.json'), await receiptOf(context, access as AccessId));
    receipt = { file: 'receipt.json', size: (await fixture.audit()).size };
    const sizes: number[] = [];
    for (let n = 0; n < 3; n++) {
      await ask(context, scene.reportAccess);
      sizes.push(await stampedNow());
    }
    stamped = sizes;
    const app = createApp(context, { hosts: () => true });
    const serve = async (request: Request) => {
      const found = instead.get(new URL(request.url).pathname);
      return found === undefined ? app.fetch(request) : new Response(Uint8Array.from(found));
    };
    server = await serveFetch(serve, { host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await Promise.all([tsa.close(), other.close(), server.close()]);
    home.remove();
    await checkLedger(fixture);
    await fixture.close();
  });
  beforeEach(() => {
    instead = new Map();
    for (const name of ['seen', 'seen.evidence.json', 'copy', 'other'])
      rmSync(at(name), { recursive: true, force: true });
  });

  async function published(): Promise<number> {
    const { size } = await fixture.audit();
    await fixture.ledger.publisher.published(size, 10_000);
    return size;
  }

  /** By the ledger's own step, which is stopped again. */
  async function stampedNow(): Promise<number> {
    const size = await published();
    const { ledger, log } = fixture.context;
    const keeper = openStampKeeper({
      ...{ ledger, log, random, fetch, clock: Date.now, everyMs: 20, settleMs: 0 },
      tsa: { url: tsa.url, certificates: certificatesIn(tsa.ca), policy: undefined },
    });
    for (let n = 0; n < 500; n++) {
      const rows = await fixture.store.readOnce((tx) => loadTimeStamps(tx, size, 1));
      if (rows.length > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await keeper.close();
    return size;
  }

  async function newAuditor(): Promise<readonly string[]> {
    const seeds = [random(32), random(32)] as const;
    const [query, admin] = [
      await provePartyKey(await nativeEd25519.importSeed(seeds[0]), ORIGIN),
      await provePartyKey(await nativeEd25519.importSeed(seeds[1]), ORIGIN),
    ];
    const keys = [
      { ...query, duty: 'query' as const },
      { ...admin, duty: 'admin' as const },
    ];
    const body = { name: '示例审计', roles: ['auditor' as const], keys };
    const { party } = await registerParty(
      fixture.context,
      await calledByKeeper(fixture.context, '/v1/parties', body),
      body,
    );
    writeFileSync(at('auditor.pem'), formatPrivatePem(seeds[0]));
    return ['--vkey', formatVkey(fixture.vkey), '--party', party, '--key', 'auditor.pem'];
  }

  /** What only a log that forks can have stamped: another tree, or more than there is, under its own key. */
  async function forkOf(change: Partial<TreeHead>): Promise<Uint8Array> {
    const note = JSON.parse(parseUtf8(await get(path(stamped[1] as number)))).checkpoint;
    const { size, root } = await openCheckpoint(note, fixture.vkey, nativeEd25519);
    const forged = await signCheckpoint({ origin: ORIGIN, size, root, ...change }, fixture.keys.log);
    const settings = { url: tsa.url, certificates: certificatesIn(tsa.ca), policy: undefined };
    const means = { fetch, random, clock: Date.now };
    const { token } = await askTsa(settings, utf8(forged), means, AbortSignal.timeout(20_000));
    return formatStamped(forged, token);
  }

  const mirror = (...more: readonly string[]) => assent('mirror', server.url, 'copy', ...auditor, ...more);
  const audit = (by: string, ...more: readonly string[]) =>
    assent('audit', '--mirror', 'copy', '--vkey', formatVkey(fixture.vkey), '--tsa', by, ...more);
  const monitor = (by: string, ...more: readonly string[]) =>
    assent('monitor', server.url, ...auditor, '--state', 'seen', '--once', '--tsa', by, ...more);
  const keptIn = (folder: string) =>
    readdirSync(at(`${folder}/v1/time-stamps`))
      .map(Number)
      .sort((a, b) => a - b);

  it('show of a receipt with a smaller tree by when it existed, with the proof that is served: 0', async () => {
    const [size = 0] = JSON.parse(parseUtf8(await get(`/v1/time-stamps?from=${receipt.size}`))).time_stamps.map(
      (each: { size: number }) => each.size,
    );
    expect(size).toBe(stamped[0]);
    expect(size).toBeGreaterThan(receipt.size);
    writeFileSync(at('stamp.json'), await get(path(size)));
    const proof = await get(`/v1/proofs/consistency?from=${receipt.size}&to=${size}`);
    writeFileSync(at('proof.json'), proof);
    const verify = (...more: readonly string[]) =>
      assent(
        'verify',
        receipt.file,
        '--vkey',
        formatVkey(fixture.vkey),
        '--tsa',
        tsa.ca,
        '--time-stamp',
        'stamp.json',
        ...more,
      );
    const shown = await verify('--consistency', 'proof.json');
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/time: existed not later than \S+Z, by TSA/);
    // Every hash of the proof carries it, and so does its number of hashes.
    const { hashes, ...rest } = JSON.parse(parseUtf8(proof)) as { readonly hashes: readonly string[] };
    expect(hashes.length).toBeGreaterThan(0);
    const bit = (text: string) => {
      const bytes = Buffer.from(text, 'base64');
      bytes[7] = (bytes[7] ?? 0) ^ 1;
      return bytes.toString('base64');
    };
    const spoiled = [
      ...hashes.map((_hash, n) => hashes.map((each, i) => (i === n ? bit(each) : each))),
      hashes.slice(1),
      [...hashes, hashes[0]],
      [],
    ];
    for (const changed of spoiled) {
      writeFileSync(at('spoiled.json'), JSON.stringify({ ...rest, hashes: changed }));
      const refused = await verify('--consistency', 'spoiled.json');
      expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('(time_stamp_invalid)')]);
    }
    // A proof to another of the stamped trees is none to this one.
    writeFileSync(at('spoiled.json'), await get(`/v1/proofs/consistency?from=${receipt.size}&to=${stamped[2]}`));
    expect((await verify('--consistency', 'spoiled.json')).code).toBe(1);
    expect((await verify()).stdout).toContain(`GET /v1/proofs/consistency?from=${receipt.size}&to=${size}`);
  });

  it('are judged by a monitor that names the authority, and are a finding by another one: 0, 1', async () => {
    const holds = await monitor(tsa.ca);
    expect(holds).toMatchObject({ code: 0, stderr: '' });
    expect(holds.stdout).toContain(
      `time-stamps: ${stamped.length} of ${stamped.length} are of this history, and hold.`,
    );
    expect(holds.stdout).toMatch(new RegExp(`tree of ${stamped[2]} entries existed not later than \\S+Z, by TSA`));
    const otherwise = await monitor(other.ca, '--json');
    expect(otherwise.code).toBe(1);
    const { verdict, time_stamps: found } = JSON.parse(otherwise.stdout);
    expect(verdict).toBe('findings');
    expect(found).toMatchObject({ held: 0, newest: null });
    expect(found.findings.map(({ size, fork }: { size: number; fork: unknown }) => [size, fork])).toEqual(
      stamped.map((size) => [size, null]),
    );
  });

  it('are kept by a mirror, each once, and judged there offline: 0, 1', async () => {
    const first = await mirror();
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(keptIn('copy')).toEqual(stamped);
    for (const size of stamped)
      expect(readFileSync(at(`copy${path(size)}`))).toEqual(Buffer.from(await get(path(size))));
    // What is there is not asked for again: it could only be another one.
    instead = new Map([[path(stamped[0] as number), utf8('{}')]]);
    expect((await mirror()).code).toBe(0);
    expect(await audit(tsa.ca)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('are of this history, and hold.'),
    });
    expect((await audit(other.ca)).stdout).toContain('TIME-STAMP INVALID');
    const file = at(`copy${path(stamped[1] as number)}`);
    const bytes = readFileSync(file);
    for (const change of [
      bytes.subarray(1),
      Buffer.from('{}'),
      readFileSync(at(`copy${path(stamped[0] as number)}`)),
    ]) {
      writeFileSync(file, change);
      const found = await audit(tsa.ca, '--json');
      expect(found.code).toBe(1);
      expect(JSON.parse(found.stdout).time_stamps).toMatchObject({
        held: 2,
        findings: [{ size: stamped[1], fork: null }],
      });
    }
    writeFileSync(file, bytes);
    expect((await audit(tsa.ca)).code).toBe(0);
  });

  it('of another history convict the log: the file is kept as evidence, and nothing else of what is served: 1', async () => {
    const size = stamped[1] as number;
    for (const fork of [
      await forkOf({ root: random(32) as never }),
      await forkOf({ size: parseSize(1_000), root: random(32) as never }),
    ]) {
      instead = new Map([[path(size), fork]]);
      for (const [args, evidence] of [
        [['mirror', server.url, 'other', ...auditor], 'other/evidence.json'],
        [['monitor', server.url, ...auditor, '--state', 'seen', '--once', '--tsa', tsa.ca], 'seen.evidence.json'],
      ] as const) {
        const found = await assent(...args);
        expect(found.code, found.stderr).toBe(1);
        expect(found.stdout).toContain(`TIME-STAMP FORK of ${size} entries: `);
        const kept = JSON.parse(readFileSync(at(evidence), 'utf8'));
        expect(kept.contradicting_time_stamps).toEqual([parseUtf8(fork)]);
        expect(kept.vkey).toBe(formatVkey(fixture.vkey));
      }
      expect(readdirSync(at('other'))).not.toContain('checkpoint');
      expect(readdirSync(home.folder)).not.toContain('seen');
    }
  });

  it('that the log’s key did not sign accuse nobody, are a finding, and are not kept: 1', async () => {
    const [size] = stamped as [number];
    const stranger = await nativeEd25519.importSeed(random(32));
    const note = await signCheckpoint({ origin: ORIGIN, size: parseSize(size), root: random(32) as never }, stranger);
    for (const file of [utf8('no time-stamp'), formatStamped(note, random(40)), new Uint8Array(0)]) {
      instead = new Map([[path(size), file]]);
      const found = await mirror('--json');
      expect(found.code, found.stdout).toBe(1);
      expect(JSON.parse(found.stdout).time_stamps.findings).toMatchObject([{ size, fork: null }]);
      expect(keptIn('copy')).toEqual(stamped.slice(1));
      rmSync(at('copy'), { recursive: true });
    }
    // A list that leads nowhere, or round in a circle, hides nothing.
    for (const list of ['{}', '{"time_stamps":[],"next":1}', '{"time_stamps":[{"size":2},{"size":2}],"next":null}']) {
      instead = new Map([['/v1/time-stamps', utf8(list)]]);
      const found = await monitor(tsa.ca);
      expect([found.code, found.stdout]).toEqual([1, expect.stringContaining('the list of time-stamps is none')]);
    }
  });

  it('are judged by the audit of the database, which finds one that was slipped in', async () => {
    const certificates = readFileSync(tsa.ca, 'utf8');
    const fork = parseUtf8(await forkOf({ root: random(32) as never }));
    const judged = await fixture.store.read(async (tx) =>
      auditStamps(tx, await fixture.auditIn(tx), { vkey: fixture.vkey, certificates }),
    );
    expect(judged).toMatchObject({ held: stamped.length, findings: [], newest: { size: stamped[2] } });
    const undo = new Error('undone');
    await expect(
      fixture.store.transaction(async (tx) => {
        await unprotect(tx);
        await tx
          .deleteFrom('time_stamps')
          .where('size', '=', stamped[1] as number)
          .execute();
        await insertTimeStamp(tx, { size: stamped[1] as number, not_later_than: 0 as never, file: fork });
        await insertTimeStamp(tx, { size: 1, not_later_than: 0 as never, file: '{}' });
        const report = await fixture.auditIn(tx);
        const found = await auditStamps(tx, report, { vkey: fixture.vkey, certificates });
        expect(found.findings).toEqual([
          { size: 1, message: expect.stringContaining('no time-stamp'), fork: null },
          { size: stamped[1], message: expect.stringContaining('no beginning'), fork },
        ]);
        throw undo;
      }),
    ).rejects.toBe(undo);
  });

  // Last, as the ledger grows by it.
  it('are read by who goes on watching as they come, each once; and one of another history ends that', async () => {
    const { party, key } = await newParty(fixture.context, 'auditor');
    const http = httpResources({ url: server.url, authority: undefined, signers: [partySignatory(party, key)] });
    const asked: string[] = [];
    const resources: Resources = {
      read(path) {
        if (/^v1\/time-stamps\/[0-9]+$/.test(path)) asked.push(path);
        return http.read(path);
      },
    };
    const { vkey } = fixture;
    const means = { entrySignatures: false, ageMax: 3_600_000, clock: Date.now };
    await published();
    const watch = await openWatch({ ...means, vkey, resources, kept: [] });
    const stamps = openStampWatch({ vkey, resources, certificates: certificatesIn(tsa.ca) });
    const look = async () => {
      asked.length = 0;
      await stamps.read();
      const { verdict, stamps: judged } = await stamps.judge(await watch.round());
      return { verdict, judged, asked: [...asked] };
    };
    const names = (sizes: readonly number[]) => sizes.map((size) => `v1/time-stamps/${size}`);
    const first = await look();
    expect(first).toMatchObject({ verdict: 'holds', asked: names(stamped) });
    expect(first.judged).toMatchObject({ held: stamped.length, newest: { size: stamped.at(-1) }, findings: [] });
    // Nothing new: nothing is read, and what is known is said again.
    expect(await look()).toEqual({ ...first, asked: [] });
    await ask(fixture.context, (await signedScene(fixture.context)).reportAccess);
    const later = await stampedNow();
    const second = await look();
    expect(second).toMatchObject({ verdict: 'holds', asked: names([later]) });
    expect(second.judged).toMatchObject({ held: stamped.length + 1, newest: { size: later }, findings: [] });
    await ask(fixture.context, (await signedScene(fixture.context)).reportAccess);
    const last = await stampedNow();
    const fork = await forkOf({ size: parseSize(last), root: random(32) as never });
    instead = new Map([[path(last), fork]]);
    for (const _again of [1, 2]) {
      const found = await look();
      expect(found).toMatchObject({ verdict: 'findings', asked: names([last]) });
      expect(found.judged?.findings).toMatchObject([{ size: last, fork: parseUtf8(fork) }]);
    }
    // What is served truly after all, holds; the fork stays in who kept its file.
    instead = new Map();
    expect((await look()).judged).toMatchObject({ held: stamped.length + 2, newest: { size: last }, findings: [] });
  });
});
