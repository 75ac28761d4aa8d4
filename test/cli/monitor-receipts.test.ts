/** `assent monitor --receipts FILE|DIR`, as a process of its own: what it says of each receipt, and how it ends. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { provePartyKey } from '#client/device.ts';
import type { AccessId } from '#core/ids.ts';
import { formatPrivatePem, formatVkey } from '#core/note/key.ts';
import { parseTlogProof } from '#core/tlog/proof.ts';
import { registerParty } from '#service/parties.ts';
import { receiptOf } from '#service/receipts.ts';
import { createApp } from '../../src/api/app.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { type Server, serveFetch } from '../../src/node/serve.ts';
import { ask, calledByKeeper, signedScene } from '../support/actors.ts';
import { type Home, newHome, run } from '../support/command.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture, random } from '../support/ledger-fixture.ts';
import { signedElsewhere } from '../support/signed-elsewhere.ts';

let fixture: Fixture;
let home: Home;
let server: Server;
let watch: readonly string[];
/** Two accesses' receipts, of two trees, and where the first one's entry is. */
let receipts: readonly [string, string];
let index: number;
/** What the server changes in what it answers, by its path. */
let changes: (path: string, answer: Response) => Promise<Response> | Response;

const at = (name: string) => join(home.folder, name);
const keep = (name: string, text: string) => writeFileSync(at(name), text);

async function newReceipt(access: AccessId): Promise<string> {
  await fixture.ledger.publisher.published((await fixture.audit()).size, 10_000);
  return receiptOf(fixture.context, access);
}

async function newAuditor(): Promise<readonly string[]> {
  const { context } = fixture;
  const seeds = [random(32), random(32)] as const;
  const proven = seeds.map(async (seed) => provePartyKey(await nativeEd25519.importSeed(seed), ORIGIN));
  const [query, admin] = (await Promise.all(proven)) as [Awaited<(typeof proven)[0]>, Awaited<(typeof proven)[0]>];
  const body = {
    name: '示例审计',
    roles: ['auditor' as const],
    keys: [
      { ...query, duty: 'query' as const },
      { ...admin, duty: 'admin' as const },
    ],
  };
  const { party } = await registerParty(context, await calledByKeeper(context, '/v1/parties', body), body);
  keep('auditor.pem', formatPrivatePem(seeds[0]));
  return ['--vkey', formatVkey(fixture.vkey), '--party', party, '--key', 'auditor.pem'];
}

beforeAll(async () => {
  fixture = await openFixture('pglite');
  home = newHome();
  const { context } = fixture;
  const auditor = await newAuditor();
  const scene = await signedScene(context);
  const asked = async () => newReceipt((await ask(context, scene.reportAccess)).access as AccessId);
  receipts = [await asked(), await asked()];
  index = parseTlogProof(JSON.parse(receipts[0]).slices[0].proof).index;
  await fixture.ledger.publisher.published((await fixture.audit()).size, 10_000);
  const app = createApp(context, { hosts: () => true });
  const serve = async (request: Request) => {
    // Unpacked, so that a test can change it.
    const headers = new Headers(request.headers);
    headers.delete('accept-encoding');
    const answer = await app.fetch(new Request(request, { headers }));
    return changes(new URL(request.url).pathname, answer);
  };
  server = await serveFetch(serve, { host: '127.0.0.1', port: 0 });
  watch = ['monitor', server.url, ...auditor, '--once', '--state', 'seen'];
  keep('first.json', receipts[0]);
  keep('second.json', receipts[1]);
});
afterAll(async () => {
  home.remove();
  await server.close();
  await checkLedger(fixture);
  await fixture.close();
});
beforeEach(() => {
  changes = (_path, answer) => answer;
  for (const name of ['seen', 'seen.evidence.json', 'kept']) rmSync(at(name), { recursive: true, force: true });
});

/** Looks once with these receipts, and answers what was said of each, by the name of its file. */
async function look(...files: readonly string[]) {
  const given = files.flatMap((file) => ['--receipts', file]);
  const { code, stdout, stderr } = await run(home, [...watch, '--json', ...given]);
  const { verdict, receipts: found = [], report } = JSON.parse(stdout || '{}');
  const said = Object.fromEntries(found.map((each: { file: string; verdict: string }) => [each.file, each.verdict]));
  return { code, stderr, verdict, said, found, report };
}

describe('monitor --receipts', () => {
  it('holds for those of this history, out of files and of a folder, and keeps its checkpoint: 0', async () => {
    mkdirSync(at('kept'));
    keep('kept/a.json', receipts[0]);
    keep('kept/b.json', receipts[1]);
    keep('kept/read me.txt', 'no receipt');
    const found = await look('kept', 'first.json');
    expect(found).toMatchObject({ code: 0, stderr: '', verdict: 'holds' });
    expect(found.said).toEqual({ 'kept/a.json': 'holds', 'kept/b.json': 'holds', 'first.json': 'holds' });
    expect([existsSync(at('seen')), existsSync(at('seen.evidence.json'))]).toEqual([true, false]);
    const plain = await run(home, [...watch, '--receipts', 'kept']);
    expect(plain.code).toBe(0);
    expect(plain.stdout).toContain('receipts: 2 of 2 are of this history, and hold in it.');
  });

  it('names one whose entry the replay found something at, and no other: 1', async () => {
    // The server's copy of that entry has another signature than the one that the receipt holds.
    changes = async (path, answer) => {
      if (!path.includes('/v1/log/beside/')) return answer;
      const beside = (await answer.json()) as { signatures: string[] };
      beside.signatures[index] = beside.signatures[index + 1] as string;
      return Response.json(beside);
    };
    const found = await look('first.json', 'second.json');
    expect(found.report.findings).toMatchObject([{ code: 'signature', index }]);
    expect(found).toMatchObject({ code: 1, verdict: 'findings' });
    expect(found.said).toEqual({ 'first.json': 'otherwise', 'second.json': 'holds' });
    expect(found.found[0].message).toBe(found.report.findings[0].message);
    const plain = await run(home, [...watch, '--receipts', 'first.json']);
    expect(plain.stdout).toContain('RECEIPT OTHERWISE first.json: ');
  });

  it('keeps one of another history as evidence, and not what was served: 1', async () => {
    const forked = await signedElsewhere(fixture, receipts[0], { root: random(32) });
    keep('forked.json', forked);
    const found = await look('forked.json', 'second.json');
    expect(found).toMatchObject({ code: 1, verdict: 'findings' });
    expect(found.stderr).toContain('seen.evidence.json');
    expect(found.said).toEqual({ 'forked.json': 'diverged', 'second.json': 'holds' });
    const evidence = JSON.parse(readFileSync(at('seen.evidence.json'), 'utf8'));
    expect(evidence.vkey).toBe(formatVkey(fixture.vkey));
    expect(evidence.checkpoint).toContain(ORIGIN);
    // The whole file, byte for byte: its second tree is what convinces others.
    expect(evidence.contradicting_receipts).toEqual([forked]);
    expect(existsSync(at('seen'))).toBe(false);
    const plain = await run(home, [...watch, '--receipts', 'forked.json']);
    expect(plain).toMatchObject({ code: 1, stdout: expect.stringContaining('RECEIPT FORK forked.json: ') });
  });

  it('accuses nobody by a file that does not hold by itself, and says so: 1', async () => {
    keep('changed.json', receipts[0].replace('"access":"', '"access":"0'));
    keep('cut.json', receipts[0].slice(0, -9));
    const found = await look('changed.json', 'cut.json', 'second.json');
    expect(found).toMatchObject({ code: 1, stderr: '', verdict: 'findings', report: { holds: true } });
    expect(found.said).toEqual({ 'changed.json': 'invalid', 'cut.json': 'invalid', 'second.json': 'holds' });
    expect([existsSync(at('seen')), existsSync(at('seen.evidence.json'))]).toEqual([true, false]);
  });

  it('says what is not proven where the tiles are not served once more: 1', async () => {
    // How often the replay alone asks for each path: so often it is served, and then no more.
    const left = new Map<string, number>();
    changes = (path, answer) => {
      left.set(path, (left.get(path) ?? 0) + 1);
      return answer;
    };
    expect(await look()).toMatchObject({ code: 0, verdict: 'holds' });
    rmSync(at('seen'));
    changes = (path, answer) => {
      left.set(path, (left.get(path) ?? 0) - 1);
      return path.startsWith('/tile/') && (left.get(path) ?? 0) < 0 ? new Response(null, { status: 404 }) : answer;
    };
    const found = await look('first.json');
    expect(found).toMatchObject({ code: 1, verdict: 'findings', report: { holds: true } });
    expect(found.said).toEqual({ 'first.json': 'unproven' });
    expect(existsSync(at('seen.evidence.json'))).toBe(false);
  });

  it('can’t look where a file is missing, or a folder has none: 2', async () => {
    mkdirSync(at('kept'));
    for (const path of ['none.json', 'kept']) {
      const found = await look('first.json', path);
      expect(found).toMatchObject({ code: 2, stderr: expect.stringContaining(path) });
    }
    expect(existsSync(at('seen'))).toBe(false);
  });
});
