/** What the doctor makes of what a database says of itself: one thing is wrong at a time, and that one is said. */
import { describe, expect, test } from 'vitest';
import type { Instant } from '#core/instant.ts';
import type { KeySet } from '../../src/key-set.ts';
import { makeKeySet, parseKeySet } from '../../src/key-set.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { readConfig } from '../../src/node/config.ts';
import { databaseLines } from '../../src/node/doctor/database.ts';
import { stampLines } from '../../src/node/doctor/time-stamps.ts';
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
  timeStamps: { newest: null, asking: null },
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

describe('time-stamps', () => {
  const asked = readConfig({ ASSENT_TSA_URL: 'https://tsa.example/tsr', ASSENT_TSA_CERTIFICATE: 'tsa.pem' });
  const hour = 3_600_000;
  const newest = (age: number, size = 40) => ({ size, not_later_than: (sound.processTime - age) as Instant });
  const answered = { asked_at: NOW, failing_since: null, why: null };
  const lines = (timeStamps: Inspected['timeStamps'], config = asked) => stampLines(config, { ...sound, timeStamps });

  test('leave nothing to say where no authority is asked, and none was', () => {
    expect(lines({ newest: null, asking: null }, readConfig({}))).toEqual([]);
    expect(lines(null)).toEqual([]);
  });

  test.each<readonly [what: string, Inspected['timeStamps'], state: string, says: RegExp]>([
    ['fresh', { newest: newest(60_000), asking: answered }, 'fine', /1 minutes old, over the tree of 40 entries/],
    ['old, and nothing is new', { newest: newest(9 * hour), asking: answered }, 'fine', /9 hours old/],
    ['old, and much is new', { newest: newest(9 * hour, 30), asking: answered }, 'todo', /40 entries are published/],
    ['none yet', { newest: null, asking: null }, 'note', /none yet/],
    [
      'refused',
      { newest: newest(hour), asking: { asked_at: NOW, failing_since: NOW, why: 'no answer in time' } },
      'todo',
      /gives none since 2026-\S+: no answer in time; the newest is of/,
    ],
  ])('say how old the newest is, and that the authority does not answer: %s', (_what, found, state, says) => {
    const [line, ...more] = lines(found);
    expect(more).toEqual([]);
    expect(line).toMatchObject({ id: 'time-stamps', state, says: expect.stringMatching(says) });
  });

  test('stay, and say that nobody asks any more, where the setting is gone', () => {
    const [line] = lines({ newest: newest(hour), asking: answered }, readConfig({}));
    expect(line).toMatchObject({ state: 'note', says: expect.stringContaining('not set') });
  });
});
