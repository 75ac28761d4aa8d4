/** A ledger in the real runtime, and a witness on this machine that it asks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import { formatCosignerVkey, parseVkey } from '#core/note/key.ts';
import { parsePolicy } from '#core/tlog/policy.ts';
import { openWitnessed } from '#core/tlog/witnessed.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { serveFetch } from '../../src/node/serve.ts';
import { newHome, run } from '../support/command.ts';
import { freshDatabase } from '../support/postgres.ts';
import { newWitness } from '../support/witness.ts';
import { START_MS_MAX, startWorker } from '../support/wrangler.ts';

const home = newHome();
afterAll(() => home.remove());

test('serves what its witness has cosigned, and stops when that has seen more', {
  timeout: 3 * START_MS_MAX,
}, async () => {
  const made = await run(home, [
    'keygen',
    join(home.folder, 'data'),
    '--ledger',
    'ledger.example.org/workers',
    '--json',
  ]);
  const files: { vkey: string; keys: string } = JSON.parse(made.stdout);
  const vkey = parseVkey(files.vkey);
  const witness = await newWitness('witness.example/w', [vkey]);
  let isAhead = false;
  const ahead = () => new Response('700\n', { status: 409, headers: { 'content-type': 'text/x.tlog.size' } });
  const server = await serveFetch((request) => (isAhead ? ahead() : witness.fetch(request)), {
    host: '127.0.0.1',
    port: 0,
  });
  const policy = `log ${files.vkey}\nwitness w ${formatCosignerVkey(witness.vkey)} ${server.url}\nquorum w\n`;
  const database = await freshDatabase(inject('postgresUrl'));
  const options = { folder: home.folder, databaseUrl: database.url, keys: readFileSync(files.keys, 'utf8'), policy };
  try {
    const worker = await startWorker(options);
    const met = async () => {
      const note = await (await fetch(`${worker.url}/checkpoint`)).text();
      return (await openWitnessed(note, parsePolicy(utf8(policy)), nativeEd25519)).quorum.met;
    };
    await expect.poll(() => met().catch(() => false), { timeout: 20_000 }).toBe(true);
    expect(await (await fetch(`${worker.url}/ready`)).json()).toMatchObject({
      status: 'ready',
      witnesses: { quorum: 'met' },
    });
    await worker.stop();
    isAhead = true;
    const again = await startWorker(options);
    try {
      const ready = async () => (await (await fetch(`${again.url}/ready`)).json()) as { readonly reason: string };
      await expect.poll(ready, { timeout: 20_000 }).toMatchObject({ status: 'not_ready' });
      expect((await ready()).reason).toContain('700 entries, more than were ever signed here');
    } finally {
      await again.stop();
    }
  } finally {
    await server.close();
    witness.close();
    await database.drop();
  }
});
