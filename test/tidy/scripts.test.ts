/** The modules that pages load are those of src/web/scripts. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SCRIPTS } from '../../src/web/scripts.gen.ts';
import { VERIFY_SCRIPT } from '../../src/web/verify-script.gen.ts';
import { GENERATED, GENERATED_VERIFY, generate, generateVerify } from './bundle-scripts.ts';

it('bundles just what src/web/scripts says: run node test/tidy/bundle-scripts.ts after changing it', async () => {
  expect(readFileSync(GENERATED, 'utf8')).toBe(await generate());
  expect(readFileSync(GENERATED_VERIFY, 'utf8')).toBe(await generateVerify());
});

it('keeps each module small, with nothing that makes code of text', () => {
  for (const [name, text] of Object.entries(SCRIPTS)) {
    expect(text.length, name).toBeLessThan(80_000);
    expect(text, name).not.toMatch(/\beval\(|new Function|innerHTML|document\.write/);
  }
});

it('keeps the script that stands in a page able to stand there, and to ask nobody', () => {
  expect(VERIFY_SCRIPT.length).toBeLessThan(430_000);
  expect(VERIFY_SCRIPT).not.toMatch(/<\/script|<!--|\beval\(|new Function|innerHTML|document\.write/i);
  expect(VERIFY_SCRIPT).not.toMatch(/\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|EventSource|localStorage|indexedDB/);
});
