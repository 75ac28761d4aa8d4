/** What the doctor makes of what a database says of itself: one thing is wrong at a time, and that one is said. */
import { describe, expect, test } from 'vitest';
import type { Instant } from '#core/instant.ts';
import type { KeySet } from '../../src/key-set.ts';
import { makeKeySet, parseKeySet } from '../../src/key-set.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { databaseLines } from '../../src/node/doctor/database.ts';
import { drawRandom } from '../../src/node/random.ts';
import type { Inspected } from '../../src/node.ts';

const NOW = 1_795_268_000_000;

async function keysOf(database: KeySet['database'], origin: string | undefined): Promise<KeySet> {
  const made = { database, origin, ed25519: nativeEd25519, random: drawRandom, now: NOW as Instant };
  return parseKeySet((await makeKeySet(made)).text, nativeEd25519);
}

const real = await keysOf('postgres', 'ledger.example.org/consent');
const sound: Inspected = {
  keyId: real.vkey.keyId,
  by: 'us',
  signer: 'there',
  settings: {
    data_checksums: 'on',
    fsync: 'on',
    full_page_writes: 'on',
    server_encoding: 'UTF8',
    server_version: '18.4',
    synchronous_commit: 'on',
    TimeZone: 'UTC',
  },
  missingMigrations: [],
  databaseTime: NOW,
  processTime: NOW + 20,
  head: { size: 40, time: NOW - 1_000 },
  published: 40,
  fenced: null,
};

const todos = (inspected: Inspected, keys = real) =>
  databaseLines(keys, inspected).filter(({ state }) => state === 'todo');

describe('a database', () => {
  test('that is as it should be leaves nothing to do', () => {
    expect(todos(sound)).toEqual([]);
  });

  const { settings } = sound;
  test.each<readonly [id: string, Partial<Inspected>, says: RegExp, next: RegExp]>([
    ['database.fsync', { settings: { ...settings, fsync: 'off' } }, /fsync is off/, /ALTER SYSTEM SET fsync = 'on'/],
    ['database.full_page_writes', { settings: { ...settings, full_page_writes: 'off' } }, /is off/, /full_page_writes/],
    ['database.synchronous_commit', { settings: { ...settings, synchronous_commit: 'local' } }, /is local/, /= 'on'/],
    ['database.data_checksums', { settings: { ...settings, data_checksums: 'off' } }, /rots/, /pg_checksums --enable/],
    ['database.encoding', { settings: { ...settings, server_encoding: 'SQL_ASCII' } }, /SQL_ASCII/, /UTF8/],
    ['database.schema', { missingMigrations: ['letters'], head: null }, /not had letters/, /assent migrate/],
    ['clock', { processTime: NOW + 1_500 }, /1500 ms apart/, /NTP/],
    ['clock', { processTime: NOW - 6_000 }, /6000 ms apart: the ledger stops/, /NTP/],
    ['clock', { head: { size: 40, time: NOW + 6_000 } }, /6000 ms ahead/, /NTP/],
    ['signer', { fenced: 'was an old backup restored?' }, /read-only: was an old/, /Do not go on/],
    ['signer', { signer: 'missing' }, /memory is missing/, /ASSENT_STATE_DIR/],
  ])('says what is wrong and what to do: %s', (id, change, says, next) => {
    const found = todos({ ...sound, ...change });
    expect(found.map((line) => line.id)).toEqual([id]);
    expect(found[0]?.says).toMatch(says);
    expect(found[0]?.next).toMatch(next);
  });

  test('is good for a demo where it is embedded, and not for a ledger with a name of its own', async () => {
    expect(todos(sound, await keysOf('embedded', undefined))).toEqual([]);
    const [line] = todos(sound, await keysOf('embedded', 'ledger.example.org/consent'));
    expect(line).toMatchObject({ id: 'database.kind', next: expect.stringContaining('DATABASE_URL') });
    expect(line?.says).toContain('not the loss of power');
  });
});
