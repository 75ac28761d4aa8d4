/**
 * How long a receipt takes to verify, in Node and in a browser: what is measured is `verifyReceipt` on the file's bytes, over
 * and over, as `assent verify` and `/verify` call it. It gates nothing.
 *
 *     npm start
 *     npm run bench:receipts -- --vkey "$(cat keys/*.vkey)" receipt-*.json
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { useSha256 } from '#core/hash.ts';
import { parseVkey } from '#core/note/key.ts';
import { nativeEd25519, nativeP256, nativeSha256 } from '../../src/native.ts';
import { openBrowser, openPage } from './support/browser.ts';

const WARM = 20;
const ROUNDS = 200;

/** What the page's own script is made of. */
const IN_BROWSER = `
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { parseVkey } from '#core/note/key.ts';
import { runtimeEd25519 } from '#client/webcrypto-ed25519.ts';
import { webcryptoP256 } from '#client/webcrypto-p256.ts';
globalThis.rate = async (text, vkeyText, rounds) => {
  const [bytes, vkey] = [new TextEncoder().encode(text), parseVkey(vkeyText)];
  const ed25519 = await runtimeEd25519(vkey.publicKey);
  const taken = [];
  for (let n = 0; n < rounds; n++) {
    const start = performance.now();
    const { problem } = await verifyReceipt(bytes, vkey, ed25519, webcryptoP256);
    taken.push(performance.now() - start);
    if (problem !== null) throw new Error(problem.message);
  }
  return taken;
};`;

useSha256(nativeSha256);
const { values, positionals } = parseArgs({ allowPositionals: true, options: { vkey: { type: 'string' } } });
const { vkey } = values;
if (vkey === undefined || positionals.length === 0) throw new Error('want: rate.ts --vkey TEXT receipt.json…');

const browser = await openBrowser();
try {
  const { page, close } = await openPage(browser);
  // WebCrypto is for pages of this machine, or over TLS.
  await page.route('http://localhost/', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
  );
  await page.goto('http://localhost/');
  await page.addScriptTag({ content: await bundle() });
  for (const file of positionals) await rateFile(page, file, vkey);
  await close();
} finally {
  await browser.close();
}

async function rateFile(page: Page, file: string, key: string): Promise<void> {
  const text = readFileSync(file, 'utf8');
  const kilobytes = Math.round(text.length / 1_000);
  const inBrowser = await page.evaluate(
    ([receipt, given, rounds]) =>
      (globalThis as unknown as { rate(...asked: readonly unknown[]): Promise<number[]> }).rate(receipt, given, rounds),
    [text, key, WARM + ROUNDS] as const,
  );
  console.log(
    `${basename(file)} (${kilobytes} kB): Node ${said(await inNode(text, key))} · browser ${said(inBrowser)}`,
  );
}

async function inNode(text: string, key: string): Promise<number[]> {
  const [bytes, trusted] = [new TextEncoder().encode(text), parseVkey(key)];
  const taken: number[] = [];
  for (let n = 0; n < WARM + ROUNDS; n++) {
    const start = performance.now();
    const { problem } = await verifyReceipt(bytes, trusted, nativeEd25519, nativeP256);
    taken.push(performance.now() - start);
    if (problem !== null) throw new Error(problem.message);
  }
  return taken;
}

/** The first one, as one who verifies once has it; and the middle of those that follow. */
function said(taken: readonly number[]): string {
  const sorted = taken.slice(WARM).sort((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(1);
  return `first ${(taken[0] ?? 0).toFixed(1)} ms, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: IN_BROWSER, resolveDir: import.meta.dirname, loader: 'ts' },
    ...{ bundle: true, minify: true, format: 'iife', target: 'es2023', write: false },
  });
  return outputFiles.map(({ text }) => text).join('');
}
