/**
 * Attack 108: another language, with no code of ours, agrees with the audit about a mirror, good and bad. Needs python3, of
 * which only the standard library is used.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partySignatory } from '#client/sign.ts';
import { hashText } from '#core/hash.ts';
import { recordHeads } from '#service/heads.ts';
import { createApp } from '../../src/api/app.ts';
import { fillMirror, openMirror } from '../../src/node/mirror.ts';
import { httpResources } from '../../src/node/resources.ts';
import { type Server, serveFetch } from '../../src/node/serve.ts';
import { ask, newParty, signedScene } from '../support/actors.ts';
import { checkLedger, type Fixture, openFixture } from '../support/ledger-fixture.ts';

const SCRIPT = join(import.meta.dirname, 'rehash.py');
const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) console.warn('SKIPPED: no python3 here, so nobody but our own code hashes the ledger again');

describe.skipIf(!hasPython)('python3 over a mirror', () => {
  let fixture: Fixture;
  let server: Server;
  let folder: string;

  beforeAll(async () => {
    fixture = await openFixture();
    const { context } = fixture;
    const scene = await signedScene(context);
    const auditor = await newParty(context, 'auditor');
    await Promise.all(Array.from({ length: 250 }, () => ask(context, scene.reportAccess)));
    await recordHeads(context);
    await Promise.all(Array.from({ length: 20 }, () => ask(context, scene.reportAccess)));
    await recordHeads(context);
    await fixture.ledger.publisher.published((await fixture.audit()).size, 10_000);
    const app = createApp(context, { hosts: () => true });
    server = await serveFetch((request) => app.fetch(request), { host: '127.0.0.1', port: 0 });
    folder = mkdtempSync(join(tmpdir(), 'assent-rehash-'));
    const signers = [partySignatory(auditor.party, auditor.key)];
    const resources = httpResources({ url: server.url, authority: undefined, signers });
    await fillMirror(folder, resources, { vkey: fixture.vkey, entrySignatures: true });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server.close();
    await checkLedger(fixture);
    await fixture.close();
  });

  function rehash() {
    const { status, stdout, stderr } = spawnSync('python3', [SCRIPT, folder], { encoding: 'utf8' });
    return { status, found: stdout === '' ? undefined : JSON.parse(stdout), stderr };
  }

  const ours = async () =>
    (await (await openMirror(folder, { vkey: fixture.vkey, entrySignatures: true })).round()).verdict;

  it('finds the same root, tiles, chains and heads', async () => {
    const { size, root } = await fixture.audit();
    const { status, found, stderr } = rehash();
    expect(stderr).toBe('');
    expect(found).toMatchObject({ size, root: hashText(root), heads: 2, wrong: [] });
    expect(found.tiles).toBe(3);
    expect([status, await ours()]).toEqual([0, 'holds']);
  });

  it.each([
    ['an entry', 'tile/entries/000', 300],
    ['a tile', 'tile/0/000', 300],
    ['a tile above', 'tile/1/000.p/1', 3],
    ['the length of an entry', 'tile/entries/000', 1],
    ['the checkpoint', 'checkpoint', 28],
  ])('refuses what our own audit refuses: one bit of %s', async (_what, path, at) => {
    const file = join(folder, path);
    const bytes = readFileSync(file);
    writeFileSync(
      file,
      bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)),
    );
    const { status } = rehash();
    const own = await ours();
    writeFileSync(file, bytes);
    expect(status).not.toBe(0);
    expect(own).toBe('findings');
  });
});
