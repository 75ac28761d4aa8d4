/**
 * Attack 108, in Go: its own `sumdb/note` and `sumdb/tlog` agree with the audit about a mirror, and with `assent verify` about
 * receipts, good and bad. Needs Go and golang.org/x/mod in its GOPATH, such as Debian's golang-go and golang-golang-x-mod-dev.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partySignatory } from '#client/sign.ts';
import { hashText } from '#core/hash.ts';
import type { AccessId } from '#core/ids.ts';
import { formatVkey } from '#core/note/key.ts';
import { receiptOf } from '#service/receipts.ts';
import { createApp } from '../../src/api/app.ts';
import { fillMirror } from '../../src/node/mirror.ts';
import { httpResources } from '../../src/node/resources.ts';
import { type Server, serveFetch } from '../../src/node/serve.ts';
import { ask, newParty, signedScene } from '../support/actors.ts';
import { checkLedger, type Fixture, openFixture } from '../support/ledger-fixture.ts';

const SOURCE = join(import.meta.dirname, 'rehash.go');
const built = mkdtempSync(join(tmpdir(), 'assent-go-'));
const PROGRAM = join(built, 'rehash');
const environment = {
  ...process.env,
  GO111MODULE: 'off',
  GOPATH: process.env['GOPATH'] ?? '/usr/share/gocode',
};
const hasGo =
  spawnSync('go', ['list', 'golang.org/x/mod/sumdb/note', 'golang.org/x/mod/sumdb/tlog'], { env: environment })
    .status === 0;
if (!hasGo) console.warn('SKIPPED: no Go with golang.org/x/mod here, so Go does not check the ledger again');

describe.skipIf(!hasGo)('Go over a mirror and receipts', () => {
  let fixture: Fixture;
  let server: Server;
  let folder: string;
  const receipts: string[] = [];

  beforeAll(async () => {
    const { status, stderr } = spawnSync('go', ['build', '-o', PROGRAM, SOURCE], {
      env: environment,
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    fixture = await openFixture();
    const { context } = fixture;
    const scene = await signedScene(context);
    const auditor = await newParty(context, 'auditor');
    folder = mkdtempSync(join(tmpdir(), 'assent-rehash-'));
    for (const more of [1, 250]) {
      const asked = await Promise.all(Array.from({ length: more }, () => ask(context, scene.reportAccess)));
      await fixture.ledger.publisher.published((await fixture.audit()).size, 10_000);
      const file = join(built, `${more}.json`);
      writeFileSync(file, await receiptOf(context, asked[0]?.access as AccessId));
      receipts.push(file);
    }
    const app = createApp(context, { hosts: () => true });
    server = await serveFetch((request) => app.fetch(request), { host: '127.0.0.1', port: 0 });
    const signers = [partySignatory(auditor.party, auditor.key)];
    const resources = httpResources({ url: server.url, authority: undefined, signers });
    await fillMirror(folder, resources, { vkey: fixture.vkey, entrySignatures: true });
    // The first build of all compiles Go's own library, too.
  }, 300_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(built, { recursive: true, force: true });
    await server.close();
    await checkLedger(fixture);
    await fixture.close();
  });

  function rehash(vkey = formatVkey(fixture.vkey)) {
    const { status, stdout, stderr } = spawnSync(PROGRAM, [vkey, folder, ...receipts], { encoding: 'utf8' });
    return { status, found: stdout === '' ? undefined : JSON.parse(stdout), stderr };
  }

  it('opens the same checkpoint, finds the same root and tiles, and proves every slice, also of an older tree', async () => {
    const { size, root } = await fixture.audit();
    const { status, found, stderr } = rehash();
    expect(stderr).toBe('');
    expect(found).toMatchObject({ size, root: hashText(root), wrong: [] });
    expect(found.tiles).toBe(3);
    expect(found.proofs).toBeGreaterThan(2 * receipts.length);
    expect(status).toBe(0);
  });

  it('takes no other key than the log’s', () => {
    const [name, id, key = ''] = formatVkey(fixture.vkey).split('+');
    const other = Buffer.from(key, 'base64');
    other[7] = (other[7] ?? 0) ^ 1;
    expect(rehash([name, id, other.toString('base64')].join('+')).status).toBe(2);
  });

  it.each([
    ['an entry', () => join(folder, 'tile/entries/000'), 300],
    ['a tile', () => join(folder, 'tile/0/000'), 300],
    ['a tile above', () => join(folder, 'tile/1/000.p/1'), 3],
    ['the length of an entry', () => join(folder, 'tile/entries/000'), 1],
    ['the checkpoint', () => join(folder, 'checkpoint'), 28],
    ['an entry of a receipt', () => receipts[0] as string, 'stream\\":\\"rel/'],
    ['a proof of a receipt', () => receipts[1] as string, 'index '],
  ] as const)('refuses one bit of %s', (_what, fileOf, at) => {
    const file = fileOf();
    const bytes = readFileSync(file);
    // Of a receipt: what follows these words where they stand last.
    const place = typeof at === 'number' ? at : bytes.lastIndexOf(at) + at.length;
    writeFileSync(
      file,
      bytes.map((byte, i) => (i === place ? byte ^ 1 : byte)),
    );
    const { status } = rehash();
    writeFileSync(file, bytes);
    expect(status).not.toBe(0);
    expect(rehash().status).toBe(0);
  });
});
