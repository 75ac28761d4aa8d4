/** Writes src/web/scripts.gen.ts out of src/web/scripts/: Workers have no disk to read modules from. Run after changing them. */
import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SCRIPTS = new URL('../../src/web/scripts/', import.meta.url);
export const GENERATED: URL = new URL('../../src/web/scripts.gen.ts', import.meta.url);

/** Modules that pages name begin with what they do; what they share is in `parts/`. */
function namesOf(): readonly string[] {
  return readdirSync(SCRIPTS)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replace(/\.ts$/, ''))
    .sort();
}

/** Each module as one file for browsers of 2023, without comments and names. */
export async function generate(): Promise<string> {
  const names = namesOf();
  const { outputFiles } = await build({
    entryPoints: names.map((name) => fileURLToPath(new URL(`${name}.ts`, SCRIPTS))),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2023',
    charset: 'utf8',
    legalComments: 'none',
    outdir: 'scripts',
    write: false,
    logLevel: 'silent',
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

if (import.meta.main) writeFileSync(GENERATED, await generate());
