/**
 * The SDK as others get it: packed, installed into an empty folder without a registry, and used by the very lines that
 * the documentation shows, on the oldest Node that it promises.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatVkey, parsePublicKey, verifierKey } from '#core/note/key.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { ended, type Home, launch, newHome, printed, type Ran } from '../support/command.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NODE_20 = findNode20();
const NODES = [process.execPath, ...(NODE_20 === undefined ? [] : [NODE_20])];
// A machine without it has to show that it tested less.
if (NODE_20 === undefined) console.warn('\nNO NODE 20 ON THE PATH: the packed client is tested on this Node only\n');

let folder: string;
beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'tools/pack-client.ts')], { stdio: ['ignore', 'ignore', 'inherit'] });
  folder = mkdtempSync(join(tmpdir(), 'assent-package-'));
  install(folder);
  writeFileSync(join(folder, 'lender.mjs'), readListing('lender.md', 'lender.mjs'));
  writeFileSync(join(folder, 'bureau.mjs'), readListing('provider.md', 'bureau.mjs'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed client', () => {
  it('imports nothing but its own files and what it depends on', () => {
    const home = join(folder, 'node_modules/@assent/client');
    const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    const files = globSync('**/*.{js,ts}', { cwd: home });
    expect(files).toContain(join('client', 'index.js'));
    for (const file of files) {
      const text = readFileSync(join(home, file), 'utf8');
      for (const [, from = ''] of text.matchAll(/(?:from |import\()["']([^"']+)["']/g)) {
        const isOwn = from.startsWith('.') && from.endsWith('.js') && existsSync(join(home, file, '..', from));
        const isNamed = Object.keys(dependencies).some((name) => from === name || from.startsWith(`${name}/`));
        expect(isOwn || isNamed, `${file} imports ${from}`).toBe(true);
      }
    }
  });

  it.each(['nodenext', 'bundler'])('types the documentation’s lines, resolved as %s', (resolution) => {
    const lines = readListing('lender.md', 'lender.mjs');
    writeFileSync(join(folder, 'lender.mts'), lines);
    writeFileSync(join(folder, 'wrong.mts'), lines.replace("action: 'REPORT'", "action: 'LOOK'"));
    const found = typeCheck(resolution, ['lender.mts', 'wrong.mts']).trim().split('\n');
    expect(found.filter((line) => !line.startsWith(' '))).toEqual([
      expect.stringMatching(/^wrong\.mts.*error TS2322: Type '"LOOK"'/),
    ]);
  });
});

describe.each(NODES)('the documentation’s lines on %s', (node) => {
  let home: Home;
  let env: Readonly<Record<string, string>>;
  let bureau: ChildProcess;
  const lender = (changed: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    ended(spawn(node, ['lender.mjs'], { cwd: folder, env: { ...env, ...changed } }));
  const story = () => JSON.parse(readFileSync(fileOf('.story.json'), 'utf8'));
  const fileOf = (end: string) => {
    const data = join(home.folder, 'data');
    return join(data, readdirSync(data).find((name) => name.endsWith(end)) as string);
  };

  beforeAll(async () => {
    home = newHome();
    const told = await printed(launch(home, ['serve']), /Ctrl-C stops/);
    const partyOf = (name: string) => new RegExp(`${name} +party ([0-9a-f]{32})`).exec(told)?.[1] ?? '';
    const [vkey] = readdirSync(join(home.folder, 'keys'));
    env = {
      LEDGER: /at (http:\S+)/.exec(told)?.[1] ?? '',
      DOOR: `http://127.0.0.1:${await freePort()}`,
      VKEY: readFileSync(join(home.folder, 'keys', vkey as string), 'utf8'),
      LENDER: partyOf('lender'),
      LENDER_PEM: fileOf('.lender.pem'),
      BUREAU: partyOf('bureau'),
      BUREAU_PEM: fileOf('.bureau.pem'),
      HANDLE: story().handle,
      GRANT: story().report,
    };
    bureau = spawn(node, ['bureau.mjs'], { cwd: folder, env });
    await printed(bureau, /the bureau is at/);
  });
  afterAll(() => {
    bureau?.kill('SIGKILL');
    home.remove();
  });

  it('print what the documentation says', async () => {
    const said = /```\n(200 [^`]*)```/.exec(readFileSync(join(ROOT, 'docs/lender.md'), 'utf8'))?.[1];
    expect(await lender()).toEqual({ code: 0, stdout: said, stderr: '' });
  });

  it('stop at a denial, and name its codes', async () => {
    const denied = await lender({ GRANT: story().query });
    expect(denied).toMatchObject({ code: 1, stdout: '' });
    expect(denied.stderr).toContain('deny ACTION PURPOSE RECIPIENT REVOKED SCOPE');
  });

  it('refuse a server that serves another log than the trusted one', async () => {
    const { publicKey } = await nativeEd25519.importSeed(new Uint8Array(32).fill(7));
    const [name = ''] = (env['VKEY'] ?? '').split('+');
    const refused = await lender({ VKEY: formatVkey(verifierKey(name, parsePublicKey(publicKey))) });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('Failure');
  });
});

/** What npm would do, without a registry: the tarball's files, and links to what it depends on. */
function install(into: string): void {
  const packed = join(ROOT, 'dist/client');
  const tarball = readdirSync(packed).find((name) => name.endsWith('.tgz')) as string;
  const modules = join(into, 'node_modules');
  const own = join(modules, '@assent/client');
  mkdirSync(own, { recursive: true });
  execFileSync('tar', ['-xzf', join(packed, tarball), '-C', own, '--strip-components=1']);
  const { dependencies } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'));
  for (const name of [...Object.keys(dependencies), 'hono', '@hono/node-server', '@types/node', 'undici-types']) {
    mkdirSync(join(modules, name, '..'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'junction');
  }
}

/** The code block of a page that stands under `<!-- file: name -->`. */
function readListing(page: string, name: string): string {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8');
  const [, block] = text.split(`<!-- file: ${name} -->\n\`\`\`js\n`);
  if (block === undefined) throw new Error(`docs/${page} has no listing ${name}`);
  return block.slice(0, block.indexOf('```'));
}

/** What the compiler finds in files, and in every type that they reach. */
function typeCheck(resolution: string, files: readonly string[]): string {
  const options = {
    target: 'es2023',
    lib: ['ES2023'],
    types: ['node'],
    module: resolution === 'bundler' ? 'esnext' : 'nodenext',
    moduleResolution: resolution,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
  try {
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.', '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return '';
  } catch (failed) {
    return (failed as { readonly stdout: string }).stdout;
  }
}

function findNode20(): string | undefined {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const found = (process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, name));
  return found
    .filter(existsSync)
    .find((node) => /^v20\./.test(execFileSync(node, ['--version'], { encoding: 'utf8' })));
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((answer, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => answer(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
