/** A Worker asks no authority for time-stamps: set to do so, it says where that is done, rather than to leave it undone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newHome, run } from '../support/command.ts';
import { START_MS_MAX, startWorker } from '../support/wrangler.ts';

test('a Worker that is to ask a TSA does not open its ledger, and says why', {
  timeout: 2 * START_MS_MAX,
}, async () => {
  const home = newHome();
  const origin = 'ledger.example.org/stamped';
  const made = await run(home, ['keygen', join(home.folder, 'data'), '--ledger', origin, '--json']);
  const keys = readFileSync(JSON.parse(made.stdout).keys, 'utf8');
  const worker = await startWorker({ folder: home.folder, keys, tsaUrl: 'https://tsa.example.org/tsr' });
  try {
    expect((await fetch(`${worker.url}/ready`)).status).toBe(503);
    await expect
      .poll(() => worker.output(), { timeout: 10_000 })
      .toContain('ASSENT_TSA_URL: a Worker asks no authority');
    expect(worker.output()).toContain('config_invalid');
  } finally {
    await worker.stop();
    home.remove();
  }
});
