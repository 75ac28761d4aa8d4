/** Writes src/web/*.gen.ts out of src/web/scripts/: Workers have no disk to read modules from. Run after changing them. */
import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const SCRIPTS = new URL('../../src/web/scripts/', import.meta.url);
export const GENERATED: URL = new URL('../../src/web/scripts.gen.ts', import.meta.url);
export const GENERATED_VERIFY: URL = new URL('../../src/web/verify-script.gen.ts', import.meta.url);

/** Modules that pages name begin with what they do; what they share is in `parts/`. */
function namesOf(): readonly string[] {
  return readdirSync(SCRIPTS)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replace(/\.ts$/, ''))
    .sort();
}

/** As browsers of 2023 read it, without names, and without comments but for licences. */
const FOR_BROWSERS = {
  bundle: true,
  minify: true,
  target: 'es2023',
  charset: 'utf8',
  // Licences ask that their notice goes along.
  legalComments: 'inline',
  write: false,
  logLevel: 'silent',
} as const;

/** Each module as one file. */
export async function generate(): Promise<string> {
  const names = namesOf();
  const { outputFiles } = await build({
    ...FOR_BROWSERS,
    entryPoints: names.map((name) => fileURLToPath(new URL(`${name}.ts`, SCRIPTS))),
    format: 'esm',
    outdir: 'scripts',
  });
  const texts = outputFiles.map(
    ({ text }, at) => `  ${JSON.stringify(names[at])}:\n    ${JSON.stringify(text.trim())},\n`,
  );
  return [
    '// Generated from src/web/scripts/ by test/tidy/bundle-scripts.ts. Do not edit.',
    '/** The modules that pages load, by name. */',
    `export const SCRIPTS: Readonly<Record<string, string>> = {\n${texts.join('')}};`,
    '',
  ].join('\n');
}

/**
 * The ASN.1 packages hand out everything by one file each, and don't say that a module of theirs only makes its own classes:
 * then what nobody names is left out.
 */
const leaveOutUnnamed: Plugin = {
  name: 'leave-out-unnamed',
  setup(building) {
    building.onResolve({ filter: /./ }, async ({ path, pluginData, ...asked }) => {
      if (pluginData === 'asked' || asked.kind !== 'import-statement') return undefined;
      const found = await building.resolve(path, { ...asked, pluginData: 'asked' });
      return found.path.includes('/node_modules/@peculiar/') ? { ...found, sideEffects: false } : found;
    });
  },
};

/** The one script of the page that verifies receipts: it stands in the page itself, which also opens from disk. */
export async function generateVerify(): Promise<string> {
  const { outputFiles } = await build({
    ...FOR_BROWSERS,
    entryPoints: [fileURLToPath(new URL('verify/main.ts', SCRIPTS))],
    format: 'iife',
    plugins: [leaveOutUnnamed],
  });
  const text = outputFiles.map((file) => file.text).join('');
  return [
    '// Generated from src/web/scripts/verify/ by test/tidy/bundle-scripts.ts. Do not edit.',
    '/** The script of the page that verifies receipts. */',
    `export const VERIFY_SCRIPT: string =\n  ${JSON.stringify(text.trim())};`,
    '',
  ].join('\n');
}

if (import.meta.main) {
  writeFileSync(GENERATED, await generate());
  writeFileSync(GENERATED_VERIFY, await generateVerify());
}
