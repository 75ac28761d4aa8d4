/** `assent reset-demo`: what it removes, and all that it leaves where it is. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Instant } from '#core/instant.ts';
import { formatPrivatePem, keyIdOf } from '#core/note/key.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { createKeySet } from '../../src/node/key-set.ts';
import { drawRandom } from '../../src/node/random.ts';
import { takeLock } from '../../src/node/sqlite.ts';
import { type Home, newHome, run } from '../support/command.ts';

const OWN = 'ledger.example.org/consent';
const RECEIPT = `receipt-${'0'.repeat(32)}.json`;

let home: Home;
beforeEach(() => {
  home = newHome();
  for (const folder of ['data', 'state', 'keys']) mkdirSync(join(home.folder, folder));
});
afterEach(() => home.remove());

/** A ledger with its keys and something in each of its folders. @returns The id that all of it carries. */
async function ledger(origin: string | undefined, database: 'embedded' | 'postgres' = 'embedded'): Promise<string> {
  const now = 1_795_268_000_000 as Instant;
  const made = { database, origin, ed25519: nativeEd25519, random: drawRandom, now };
  const { keyId } = (await createKeySet(join(home.folder, 'data'), made)).vkey;
  mkdirSync(join(home.folder, 'data', keyId));
  for (const name of [`data/${keyId}/pages`, `state/${keyId}.signer`, `keys/${keyId}.vkey`]) write(name);
  return keyId;
}
const write = (name: string) => writeFileSync(join(home.folder, name), 'x');
const files = () => readdirSync(home.folder, { recursive: true, encoding: 'utf8' }).sort();
const folders = ['data', 'keys', 'state'];

describe('assent reset-demo', () => {
  it('removes every demo with its keys, its memory and its receipts, and nothing else', async () => {
    const own = await ledger(OWN);
    const served = await ledger(OWN, 'postgres');
    for (const name of ['notes.txt', 'receipt-mine.json', 'data/notes.txt', 'keys/log.vkey']) write(name);
    const before = files();
    await ledger(undefined);
    await ledger(undefined);
    write(RECEIPT);
    expect(await run(home, ['reset-demo'])).toMatchObject({ code: 0, stderr: '' });
    expect(files()).toEqual(before);
    expect(before.filter((name) => name.includes(own) || name.includes(served))).toHaveLength(16);
  });

  it('removes what the demo’s other log keys have under ids of their own', async () => {
    const before = files();
    const keyId = await ledger(undefined);
    const { origin } = JSON.parse(readFileSync(join(home.folder, 'data', `${keyId}.keys.json`), 'utf8'));
    const seed = drawRandom(32);
    const added = keyIdOf(origin, (await nativeEd25519.importSeed(seed)).publicKey);
    writeFileSync(join(home.folder, 'data', `${keyId}.log-${added}.pem`), formatPrivatePem(seed));
    for (const name of [`state/${added}.signer`, `keys/${added}.vkey`]) write(name);
    expect(await run(home, ['reset-demo'])).toMatchObject({ code: 0 });
    expect(files()).toEqual(before);
  });

  it('leaves a folder as it is in which there is no demo, receipts too', async () => {
    const own = await ledger(OWN);
    write(RECEIPT);
    const before = files();
    const ran = await run(home, ['reset-demo']);
    expect(ran).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('there is no demo in') });
    expect([files(), before.some((name) => name.includes(own))]).toEqual([before, true]);
  });

  it('removes nothing while one of the demos is running, and all once it is stopped', async () => {
    const demos = [await ledger(undefined), await ledger(undefined)].sort();
    const lock = takeLock(join(home.folder, 'data', `${demos[1]}.lock`));
    const before = files();
    const ran = await run(home, ['reset-demo']);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain('data_in_use');
    expect(files().filter((name) => !name.endsWith('.lock'))).toEqual(before.filter((name) => !name.endsWith('.lock')));
    lock?.release();
    expect((await run(home, ['reset-demo'])).code).toBe(0);
    expect(files()).toEqual(folders);
  });

  it('takes no arguments', async () => {
    expect((await run(home, ['reset-demo', 'data'])).code).toBe(2);
  });
});
