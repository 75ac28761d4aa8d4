/** `assent doctor`: 0 where nothing has to be done, 1 where something has, and each line says what. */
import { chmodSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { cosignerKey, formatCosignerVkey } from '#core/note/key.ts';
import { nativeEd25519 } from '../../src/native.ts';
import type { Line } from '../../src/node/doctor/line.ts';
import { ended, type Home, launch, newHome, printed, run } from '../support/command.ts';
import { executeSql, freshDatabase } from '../support/postgres.ts';

async function doctor(home: Home, env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await run(home, ['doctor', '--json'], env);
  expect(stderr).toBe('');
  const { lines } = JSON.parse(stdout) as { readonly lines: readonly Line[] };
  return { code, lines, todos: lines.filter(({ state }) => state === 'todo') };
}

async function serveOnce(home: Home): Promise<void> {
  const server = launch(home, ['serve']);
  await printed(server, /Ctrl-C stops/);
  server.kill('SIGTERM');
  await ended(server);
}

describe('the doctor of a demo', () => {
  let home: Home;
  let keyId: string;
  const undo: (() => unknown)[] = [];
  const keysFile = () => join(home.folder, 'data', `${keyId}.keys.json`);
  beforeAll(async () => {
    home = newHome();
    await serveOnce(home);
    keyId = (readdirSync(join(home.folder, 'keys'))[0] as string).replace('.vkey', '');
  });
  afterEach(() => {
    for (const each of undo.splice(0)) each();
  });
  afterAll(() => home.remove());

  it('has nothing to do, and says what would have to be otherwise for a real ledger: 0', async () => {
    const { code, todos, lines } = await doctor(home);
    expect({ code, todos }).toEqual({ code: 0, todos: [] });
    const notes = lines.filter(({ state }) => state === 'note').map(({ id }) => id);
    expect(notes.sort()).toEqual(
      ['config.origin', 'database.kind', 'keys.keeper', 'keys.recovery', 'state.place', 'witnesses'].sort(),
    );
    expect(lines.map(({ id }) => id)).toEqual(expect.arrayContaining(['clock', 'database.encoding', 'port', 'signer']));
    const plain = await run(home, ['doctor']);
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    expect(plain.stdout).toMatch(/^ok {4}clock /m);
    expect(plain.stdout).toMatch(/→ For a real ledger set DATABASE_URL/);
    expect(plain.stdout).toContain('Nothing has to be done.');
  });

  it.skipIf(process.platform === 'win32')('says which files others can read: 1', async () => {
    chmodSync(keysFile(), 0o644);
    undo.push(() => chmodSync(keysFile(), 0o600));
    const { code, todos } = await doctor(home);
    expect(code).toBe(1);
    expect(todos).toEqual([
      { id: 'keys.modes', state: 'todo', says: expect.any(String), next: `chmod go-rwx ${keysFile()}` },
    ]);
  });

  it('says that the signer’s memory is gone, or that it lies with the data: 1', async () => {
    const elsewhere = join(home.folder, 'data', 'state');
    const { code, todos } = await doctor(home, { ASSENT_STATE_DIR: elsewhere });
    expect(code).toBe(1);
    expect(todos.map(({ id }) => id)).toEqual(['state.place', 'signer']);
    expect(todos[1]?.says).toContain("the signer's state is missing");
    expect(readdirSync(join(home.folder, 'data'))).not.toContain('state');
  });

  it('says that the port is taken: 1', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    undo.push(() => other.close());
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const { code, todos } = await doctor(home, { PORT: port });
    expect(code).toBe(1);
    expect(todos).toEqual([expect.objectContaining({ id: 'port', says: expect.stringContaining('EADDRINUSE') })]);
  });

  it('says that the keys are gone, or are another ledger’s: 1; and what can’t be read as configuration: 2', async () => {
    const file = keysFile();
    renameSync(file, `${file}.away`);
    undo.push(() => renameSync(`${file}.away`, file));
    const gone = await doctor(home);
    expect(gone.todos).toEqual([expect.objectContaining({ id: 'ledger', says: expect.stringContaining('put') })]);
    const named = await doctor(home, { ASSENT_ORIGIN: 'other.example.org/consent' });
    expect(named.code).toBe(1);
    expect(await run(home, ['doctor'], { PORT: 'x' })).toMatchObject({ code: 2, stdout: '' });
  });

  it('says that HOST lets others in without a name for them, and that the public key is not there: 1', async () => {
    const vkey = join(home.folder, 'keys', `${keyId}.vkey`);
    renameSync(vkey, `${vkey}.away`);
    undo.push(() => renameSync(`${vkey}.away`, vkey));
    const { todos } = await doctor(home, { HOST: '0.0.0.0' });
    expect(todos.map(({ id }) => id)).toEqual(['config.authority', 'keys.public']);
  });

  it('says of a witness policy what a server would say of it, and how far the quorum got: 1', async () => {
    const write = (text: string) => writeFileSync(join(home.folder, 'keys', 'policy'), text);
    const witnesses = async (ASSENT_WITNESS_POLICY: string) => {
      const { code, lines } = await doctor(home, { ASSENT_WITNESS_POLICY });
      return [
        code,
        lines
          .filter(({ id }) => id === 'witnesses')
          .map(({ state, says }) => `${state}: ${says}`)
          .join(),
      ];
    };
    undo.push(() => rmSync(join(home.folder, 'keys', 'policy'), { force: true }));
    expect(await witnesses('nofile')).toEqual([1, expect.stringMatching(/^todo: .*nofile can't be read/)]);
    write('quorum nobody\n');
    expect(await witnesses('policy')).toEqual([1, expect.stringMatching(/^todo: .*line 1/)]);
    const key = await nativeEd25519.importSeed(new Uint8Array(32).fill(7));
    const vkey = formatCosignerVkey(cosignerKey('witness.example.org/w1', key.publicKey));
    write(`witness w1 ${vkey} http://127.0.0.1:9\nquorum w1\n`);
    expect(await witnesses('policy')).toEqual([
      0,
      expect.stringMatching(
        /^note: 1 witnesses of 1 organisations; quorum w1; it has cosigned none of the \d+ entries/,
      ),
    ]);
    write('quorum none\n');
    expect(await witnesses('policy')).toEqual([0, 'fine: 0 witnesses of 0 organisations; quorum none']);
  });

  it('works, as the audit does, through the server that holds the folder: 0', async () => {
    const server = launch(home, ['serve']);
    await printed(server, /Ctrl-C stops/);
    undo.push(() => server.kill('SIGKILL'));
    const { code, lines } = await doctor(home);
    expect(code).toBe(0);
    expect(lines).toContainEqual(
      expect.objectContaining({
        id: 'signer',
        says: expect.stringMatching(/^the server that holds the ledger says: \d+/),
      }),
    );
    const audit = await run(home, ['audit', '--json']);
    expect(audit.code, audit.stderr).toBe(0);
    expect(audit.stderr).toContain('a server holds the data folder');
    const report = JSON.parse(audit.stdout);
    expect(report).toMatchObject({ holds: true, attested: 0, findings: [] });
    server.kill('SIGTERM');
    await ended(server);
    // The very report that this command makes itself once it can.
    expect(JSON.parse((await run(home, ['audit', '--json'])).stdout)).toEqual(report);
  });

  it('is not misled by what a server that was killed left behind', async () => {
    const server = launch(home, ['serve']);
    await printed(server, /Ctrl-C stops/);
    expect(readdirSync(join(home.folder, 'data'))).toContain(`${keyId}.local.json`);
    server.kill('SIGKILL');
    await ended(server);
    expect(readdirSync(join(home.folder, 'data'))).toContain(`${keyId}.local.json`);
    expect(await doctor(home)).toMatchObject({ code: 0 });
    expect((await run(home, ['audit'])).code).toBe(0);
  });
});

describe('the doctor of a ledger with a name of its own', () => {
  it('before there is one says so: 0', async () => {
    const home = newHome();
    try {
      const { code, lines } = await doctor(home);
      expect(code).toBe(0);
      expect(lines).toContainEqual(expect.objectContaining({ id: 'ledger', state: 'note' }));
      expect(readdirSync(home.folder)).toEqual([]);
    } finally {
      home.remove();
    }
  });

  it('embedded, has the database, the keeper’s keys and the signer’s place to do: 1', async () => {
    const home = newHome({ ASSENT_ORIGIN: 'ledger.example.org/consent' });
    try {
      await serveOnce(home);
      const { code, todos } = await doctor(home);
      expect(code).toBe(1);
      expect(todos.map(({ id }) => id)).toEqual(['keys.keeper', 'keys.recovery', 'state.place', 'database.kind']);
      const [first] = readdirSync(join(home.folder, 'data')).filter((name) => name.endsWith('keeper-2.pem'));
      rmSync(join(home.folder, 'data', first as string));
      expect((await doctor(home)).todos.map(({ id }) => id)).toEqual(['keys.recovery', 'state.place', 'database.kind']);
    } finally {
      home.remove();
    }
  });

  it('on PostgreSQL says which setting could lose an acknowledged entry: 1', async () => {
    const database = await freshDatabase(inject('postgresUrl'));
    const home = newHome({ ASSENT_ORIGIN: 'ledger.example.org/consent', DATABASE_URL: database.url });
    try {
      await serveOnce(home);
      const { lines } = await doctor(home);
      for (const id of ['database.fsync', 'database.synchronous_commit', 'database.full_page_writes']) {
        expect(lines.map((line) => line.id)).toContain(id);
      }
      const name = new URL(database.url).pathname.slice(1);
      await executeSql(database.url, `alter database ${name} set synchronous_commit = off`);
      const { code, todos } = await doctor(home);
      expect(code).toBe(1);
      expect(todos).toContainEqual(
        expect.objectContaining({ id: 'ledger', says: expect.stringContaining('synchronous_commit off') }),
      );
    } finally {
      home.remove();
      await database.drop();
    }
  });
});
