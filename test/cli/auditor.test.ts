/** The auditor's commands, as processes of their own: monitor, mirror, audit of a mirror, reconcile; and how each ends. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { provePartyKey } from '#client/device.ts';
import { sha256 } from '#core/hash.ts';
import { formatPrivatePem, formatVkey } from '#core/note/key.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { parseSize } from '#core/tlog/tree.ts';
import { registerParty } from '#service/parties.ts';
import { createApp } from '../../src/api/app.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { type Server, serveFetch } from '../../src/node/serve.ts';
import { calledByKeeper, signedScene } from '../support/actors.ts';
import { type Home, newHome, run } from '../support/command.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture, random } from '../support/ledger-fixture.ts';
import { askPermit, newQuery, present, settleAs } from '../support/releases.ts';

let fixture: Fixture;
let server: Server;
let home: Home;
let door: string;
let trusted: readonly string[];
let auditor: readonly string[];
/** What the door took, in its order. */
const taken: { readonly access: string; readonly time: number }[] = [];

beforeAll(async () => {
  fixture = await openFixture();
  const { context } = fixture;
  const scene = await signedScene(context);
  door = scene.bureau.party;
  for (let n = 0; n < 4; n++) {
    const { access, permit } = await askPermit(context, await newQuery(context, scene));
    await present(context, scene.bureau, { access, permit });
    await settleAs(context, scene.bureau, access, 'released');
    taken.push({ access, time: context.clock() });
  }
  home = newHome();
  const seed = random(32);
  const key = await nativeEd25519.importSeed(seed);
  const body = {
    name: '示例审计',
    roles: ['auditor' as const],
    keys: [{ ...(await provePartyKey(key, ORIGIN)), duty: 'query' as const }],
  };
  const admin = await nativeEd25519.importSeed(random(32));
  const keys = [...body.keys, { ...(await provePartyKey(admin, ORIGIN)), duty: 'admin' as const }];
  const whole = { ...body, keys };
  const { party } = await registerParty(context, await calledByKeeper(context, '/v1/parties', whole), whole);
  writeFileSync(join(home.folder, 'auditor.pem'), formatPrivatePem(seed));
  await fixture.ledger.publisher.published((await fixture.audit()).size, 10_000);
  const app = createApp(context, { hosts: () => true });
  server = await serveFetch((request) => app.fetch(request), { host: '127.0.0.1', port: 0 });
  trusted = ['--vkey', formatVkey(fixture.vkey)];
  auditor = [...trusted, '--party', party, '--key', 'auditor.pem'];
  const mirrored = await run(home, ['mirror', server.url, 'copy', ...auditor]);
  expect(mirrored.code, mirrored.stderr + mirrored.stdout).toBe(0);
});
afterAll(async () => {
  home.remove();
  await server.close();
  await checkLedger(fixture);
  await fixture.close();
});

describe('--chains', () => {
  it('follows bytes, links and tree alone, and says so: audit of a mirror, and monitor', async () => {
    const { size } = await fixture.audit();
    for (const command of [
      ['audit', '--mirror', 'copy', ...trusted],
      ['monitor', server.url, ...auditor, '--state', 'chains', '--once'],
    ]) {
      const { code, stdout } = await run(home, [...command, '--chains']);
      expect(code).toBe(0);
      expect(stdout).toContain(`chains: bytes, links, tree and commitments of ${size} entries`);
      expect(stdout).toContain('Its chains hold. Whether it was right, a whole audit says');
      expect(stdout).not.toContain('The ledger holds.');
      const { report } = JSON.parse((await run(home, [...command, '--chains', '--json'])).stdout);
      expect(report).toMatchObject({ depth: 'chains', size, holds: true });
      expect(report).not.toHaveProperty('decisions');
    }
  });

  it.each([
    ['audit', ['--list', `${'0'.repeat(32)}=x`]],
    ['audit', ['--skip-signatures']],
    ['monitor', ['--receipts', 'x']],
  ])('of %s is not taken with %j, which needs more', async (command, more) => {
    const given = command === 'audit' ? ['--mirror', 'copy', ...trusted] : [server.url, ...auditor];
    const { code, stderr } = await run(home, [command, ...given, '--chains', ...more]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${more[0]} has nothing to look at with --chains`);
  });
});

describe('monitor', () => {
  it('ends with 0 and keeps its checkpoint, and with 1 when that is not continued', async () => {
    const watch = ['monitor', server.url, ...auditor, '--state', 'seen', '--once'];
    const first = await run(home, watch);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toContain('The ledger holds.');
    const note = readFileSync(join(home.folder, 'seen'), 'utf8');
    const { size } = await fixture.audit();
    expect(note.split('\n').slice(0, 2)).toEqual([ORIGIN, String(size)]);
    const other = { origin: ORIGIN, size: parseSize(size), root: sha256(random(3)) };
    writeFileSync(join(home.folder, 'seen'), await signCheckpoint(other, fixture.keys.log));
    const forked = await run(home, [...watch, '--json']);
    expect(forked.code).toBe(1);
    expect(JSON.parse(forked.stdout)).toMatchObject({ verdict: 'findings', checkpoint: note });
    const evidence = JSON.parse(readFileSync(join(home.folder, 'seen.evidence.json'), 'utf8'));
    expect(evidence.held).toContain(ORIGIN);
    // What contradicts is never kept in place of what was.
    expect(readFileSync(join(home.folder, 'seen'), 'utf8')).toBe(evidence.held);
  });

  it.each([
    [
      'no server',
      () => ['monitor', 'http://127.0.0.1:9', ...auditor, '--state', 'none', '--once'],
      'store_unavailable',
    ],
    ['no key', () => ['monitor', server.url, ...trusted, '--once'], 'auditor'],
    ['no address', () => ['monitor', ...auditor], 'address'],
  ])('ends with 2 where it can’t look: %s', async (_what, args, said) => {
    const { code, stderr } = await run(home, args());
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});

describe('a mirror', () => {
  it('is audited offline, and not without a key to trust', async () => {
    const audited = await run(home, ['audit', '--mirror', 'copy', ...trusted]);
    expect(audited.code, audited.stderr).toBe(0);
    expect((await run(home, ['audit', '--mirror', 'copy'])).code).toBe(2);
  });
});

describe('reconcile', () => {
  /** Writes a list, compares it, and answers what is said of it. */
  async function reconcile(rows: readonly string[], more: readonly string[] = []) {
    const text = ['time,access,reason', ...rows, ''].join('\n');
    writeFileSync(join(home.folder, 'list.csv'), text);
    const args = ['reconcile', 'list.csv', '--door', door, ...trusted, '--mirror', 'copy', ...more];
    const [plain, json] = [await run(home, args), await run(home, [...args, '--json'])];
    expect(json.stderr + plain.stderr).toBe('');
    expect(plain.code).toBe(json.code);
    return {
      code: json.code,
      said: plain.stdout,
      ...JSON.parse(json.stdout),
      digest: createHash('sha256').update(text).digest('hex'),
    };
  }

  const row = (n: number, { late = 0, reason = '' } = {}) => {
    const { access, time } = taken[n] as (typeof taken)[number];
    return `${new Date(time + late).toISOString()},${access},${reason}`;
  };

  it('attack 110: says complete only as far as reconciled, and names the file’s digest', async () => {
    const found = await reconcile([0, 1, 2, 3].map((n) => row(n)));
    expect(found).toMatchObject({ code: 0, matched: 4, differences: [], sha256: found.digest });
    expect(found.said).toContain(
      `Complete as far as reconciled with list.csv (SHA-256 ${found.digest}), and no further.`,
    );
  });

  it('names what is in the list only, in the ledger only, and what differs', async () => {
    const hour = 3_600_000;
    const rows = [
      row(0),
      `${new Date().toISOString()},,`,
      `${new Date().toISOString()},${'0'.repeat(32)},`,
      row(0),
      row(1, { late: hour }),
      row(2, { reason: '01' }),
    ];
    const day = [new Date(Date.now() - 24 * hour), new Date(Date.now() + 24 * hour)].map((time) => time.toISOString());
    const found = await reconcile(rows, ['--from', day[0] as string, '--to', day[1] as string]);
    expect(found.code).toBe(1);
    expect(found.said).not.toMatch(/complete/i);
    expect(found.said).toContain(`NOT reconciled with list.csv (SHA-256 ${found.digest}).`);
    expect(found.matched).toBe(1);
    expect(found.differences.map(({ kind, line }: { kind: string; line?: number }) => [kind, line])).toEqual([
      ['list_only', 3],
      ['list_only', 4],
      ['list_only', 5],
      ['time', 6],
      ['reason', 7],
      ['ledger_only', undefined],
    ]);
  });

  it('names a query that was made before its letter was signed', async () => {
    const { differences } = await reconcile([row(3, { late: -200_000 })], ['--apart', '300']);
    expect(differences.map(({ kind }: { kind: string }) => kind)).toEqual(['signed_late']);
    // Of a door whose clock may be so far off, nothing is said.
    const off = await reconcile([row(3, { late: -200_000 })], ['--apart', '300', '--clock', '200']);
    expect(off.differences).toEqual([]);
  });

  it('takes a time for as exact as it is written: within a second or a minute nobody queried too early', async () => {
    const { access, time } = taken[3] as (typeof taken)[number];
    const iso = new Date(time).toISOString();
    for (const cut of [`${iso.slice(0, 19)}Z`, `${iso.slice(0, 16)}Z`]) {
      const { differences } = await reconcile([`${cut},${access},`]);
      expect(
        differences.filter(({ kind }: { kind: string }) => kind !== 'ledger_only'),
        cut,
      ).toEqual([]);
    }
  });

  it('says nothing of an empty list, unless it is said which time that list answers for', async () => {
    writeFileSync(join(home.folder, 'empty.csv'), 'time,access,reason\n');
    const args = ['reconcile', 'empty.csv', '--door', door, ...trusted, '--mirror', 'copy'];
    const of = async (...more: readonly string[]) => run(home, [...args, ...more]);
    for (const given of [[], ['--from', '2026-01-01T00:00:00Z'], ['--to', '2126-01-01T00:00:00Z']]) {
      const { code, stdout, stderr } = await of(...given);
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('--from and --to')]);
    }
    const whole = await of('--from', '2026-01-01T00:00:00Z', '--to', '2126-01-01T00:00:00Z');
    expect(whole.code).toBe(1);
    expect(whole.stdout).toContain('IN LEDGER ONLY');
    const backwards = await of('--from', '2126-01-01T00:00:00Z', '--to', '2026-01-01T00:00:00Z');
    expect([backwards.code, backwards.stdout]).toEqual([2, '']);
  });

  it('says nothing for a door that the ledger does not know', async () => {
    writeFileSync(join(home.folder, 'empty.csv'), 'time,access,reason\n');
    const args = ['reconcile', 'empty.csv', '--door', '0'.repeat(32), ...trusted, '--mirror', 'copy'];
    const span = ['--from', '2026-01-01T00:00:00Z', '--to', '2126-01-01T00:00:00Z'];
    const { code, stdout, stderr } = await run(home, [...args, ...span]);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('no party')]);
  });

  it.each([
    ['2026-11-21,,', 'time'],
    ['2026-11-21T09:30:00+08:00,x,', 'access'],
    ['2026-11-21T09:30:00+08:00', 'fields'],
  ])('ends with 2 for a list that it can’t read: %s', async (line, said) => {
    writeFileSync(join(home.folder, 'bad.csv'), `time,access,reason\n${line}\n`);
    const { code, stderr } = await run(home, ['reconcile', 'bad.csv', '--door', door, ...trusted, '--mirror', 'copy']);
    expect(code).toBe(2);
    expect(stderr).toContain('bad.csv:2');
    expect(stderr).toContain(said);
  });
});
