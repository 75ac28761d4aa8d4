/** The modules that pages load are those of src/web/scripts. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SCRIPTS } from '../../src/web/scripts.gen.ts';
import { GENERATED, generate } from './bundle-scripts.ts';

it('bundles just what src/web/scripts says: run node test/tidy/bundle-scripts.ts after changing it', async () => {
  expect(readFileSync(GENERATED, 'utf8')).toBe(await generate());
});

it('keeps each module small, with nothing that makes code of text', () => {
  for (const [name, text] of Object.entries(SCRIPTS)) {
    expect(text.length, name).toBeLessThan(80_000);
    expect(text, name).not.toMatch(/\beval\(|new Function|innerHTML|document\.write/);
  }
});
