/**
 * Packs the SDK: `src/client` with what it needs of `src/wire` and `src/core`, as JavaScript with types that needs
 * nothing of this project. Leaves `dist/client/`, and the tarball in it.
 *
 *     npm run pack:client
 *
 * Sources are copied with `#floor/…` imports made relative: the compiler rewrites endings of relative imports only,
 * and every runtime and bundler follows those.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const OUT = join(ROOT, 'dist/client');
const FLOORS = ['core', 'wire', 'client'];
const DEPENDENCIES = ['@noble/ed25519', '@noble/hashes', 'zod'];

rmSync(OUT, { recursive: true, force: true });
copySources();
compile();
rmSync(join(OUT, 'src'), { recursive: true });
writeManifest();
pack();

function copySources(): void {
  for (const file of globSync(`{${FLOORS.join()}}/**/*.ts`, { cwd: join(ROOT, 'src') })) {
    const depth = file.split(sep).length - 1;
    const source = readFileSync(join(ROOT, 'src', file), 'utf8');
    const target = join(OUT, 'src', file);
    mkdirSync(resolve(target, '..'), { recursive: true });
    writeFileSync(target, source.replaceAll(/(from |import\()'#(core|wire)\//g, `$1'${'../'.repeat(depth)}$2/`));
  }
}

function compile(): void {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'tools/client.tsconfig.json')], { stdio: 'inherit' });
  // Types keep the endings of the sources, which only compilers since 5.0 follow to the declaration.
  for (const file of globSync('**/*.d.ts', { cwd: OUT })) {
    const types = readFileSync(join(OUT, file), 'utf8');
    writeFileSync(join(OUT, file), types.replaceAll(/((?:from |import\()["']\.[^"']*)\.ts(?=["'])/g, '$1.js'));
  }
}

function writeManifest(): void {
  const { version, license, description, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const manifest = {
    name: '@assent/client',
    version,
    description: `${description} The client: asks, signs, guards a provider’s routes, verifies receipts offline.`,
    license,
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20' },
    exports: { '.': { types: './client/index.d.ts', default: './client/index.js' } },
    files: FLOORS,
    dependencies: Object.fromEntries(DEPENDENCIES.map((name) => [name, dependencies[name]])),
  };
  writeFileSync(join(OUT, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  cpSync(join(ROOT, 'LICENSE'), join(OUT, 'LICENSE'));
}

/** With the npm that called, or the one on the PATH. No registry is asked. */
function pack(): void {
  const args = ['pack', '--offline', '--ignore-scripts', '--loglevel=error'];
  const caller = process.env['npm_execpath'] ?? '';
  const [file, ...first] = /[/\\]npm-cli\.c?js$/.test(caller) ? [process.execPath, caller] : ['npm'];
  execFileSync(file, [...first, ...args], { cwd: OUT, stdio: 'inherit' });
}
