import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '#core/bytes.ts';
import { parsePrivatePem } from '#core/note/key.ts';
import { parseKeySet } from '../../src/key-set.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { type Home, newHome, run } from '../support/command.ts';

const ORIGIN = 'ledger.example.org/consent';

describe('assent keygen --ledger', () => {
  let home: Home;
  beforeAll(() => {
    home = newHome();
  });
  afterAll(() => home.remove());

  it('makes all keys of a ledger, and says how a Worker gets them', async () => {
    const made = await run(home, ['keygen', 'made', '--ledger', ORIGIN]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const files = readdirSync(join(home.folder, 'made')).sort();
    const [keyId] = /^[0-9a-f]{8}/.exec(files[0] ?? '') ?? [];
    expect(files).toEqual([
      `${keyId}.keeper-1.pem`,
      `${keyId}.keeper-2.pem`,
      `${keyId}.keys.json`,
      `${keyId}.recovery.pem`,
    ]);
    expect(made.stdout).toContain(`wrangler secret put ASSENT_KEYS < made/${keyId}.keys.json`);
    expect(made.stdout).toContain(`${ORIGIN}+${keyId}+`);
    for (const file of files) expect(statSync(join(home.folder, 'made', file)).mode & 0o777).toBe(0o600);

    const keys = await parseKeySet(readFileSync(join(home.folder, 'made', files[2] ?? ''), 'utf8'), nativeEd25519);
    expect(keys).toMatchObject({ origin: ORIGIN, database: 'postgres', vkey: { keyId } });
    const pems = files.slice(0, 2).map((file) => readFileSync(join(home.folder, 'made', file), 'utf8'));
    const keepers = await Promise.all(pems.map((pem) => nativeEd25519.importSeed(parsePrivatePem(pem))));
    expect(keys.keeper.operators.map(({ key }) => key)).toEqual(keepers.map(({ publicKey }) => toBase64Url(publicKey)));
    for (const pem of pems) expect(made.stdout).not.toContain(pem.split('\n')[1]);
  });

  it('makes other keys the next time', async () => {
    const [one, two] = [
      await run(home, ['keygen', 'twice', '--ledger', ORIGIN, '--json']),
      await run(home, ['keygen', 'twice', '--ledger', ORIGIN, '--json']),
    ];
    expect(JSON.parse(one.stdout).vkey).not.toBe(JSON.parse(two.stdout).vkey);
    expect(readdirSync(join(home.folder, 'twice'))).toHaveLength(8);
  });

  it.each(['https://ledger.example.org', 'Ledger', 'demo.assent.example/1', ''])(
    'refuses the origin %j',
    async (origin) => {
      const made = await run(home, ['keygen', 'refused', '--ledger', origin]);
      expect(made).toMatchObject({ code: 2, stdout: '' });
      expect(made.stderr).toMatch(/^assent: config_invalid: --ledger is /);
    },
  );
});

it('refuses a key set that is not whole', async () => {
  for (const text of ['', 'null', '{}', '[]'])
    await expect(parseKeySet(text, nativeEd25519)).rejects.toMatchObject({ code: 'keys_missing' });
});
