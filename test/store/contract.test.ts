/** The store's contract, the same on both databases. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { hashLeaf } from '#core/hash.ts';
import type { Handle, PartyId, PersonId } from '#core/ids.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { insertCheckpoint, loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadEntries, loadLeaves, loadSlice } from '#store/entries.ts';
import { loadHead, readClock } from '#store/head.ts';
import { loadIdempotency } from '#store/idempotency.ts';
import { migrate } from '#store/migrate.ts';
import { openPglite } from '#store/pglite.ts';
import { openPostgres } from '#store/postgres.ts';
import type { Tx } from '#store/schema.ts';
import { MIGRATIONS } from '#store/sql.gen.ts';
import { isUniqueViolation, type Store } from '#store/store.ts';
import { loadStreamPage, loadStreams, saveStreams } from '#store/streams.ts';
import { insertRelationships, loadHandlePage } from '#store/subjects.ts';
import { signedScene } from '../support/actors.ts';
import { undone } from '../support/attack.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, DATABASES, type Fixture, openFixture, random } from '../support/ledger-fixture.ts';
import { freshDatabase } from '../support/postgres.ts';

const LOG_TABLES = ['entries', 'tiles', 'checkpoints', 'ids', 'idempotency', 'part_digests'];

describe.each(DATABASES)('the store on %s', (database) => {
  let fixture: Fixture;
  let store: Store;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    store = fixture.store;
    await signedScene(fixture.context);
    await fixture.ledger.publisher.published((await store.read(loadHead))!.size, 5_000);
    // A row in every log table, so that a trigger for each row has one to refuse.
    await store.transaction((tx) => sql`insert into tiles values (7, 7, ${random(4)}, ${random(4)})`.execute(tx));
  });
  afterAll(async () => {
    await checkLedger(fixture);
    await fixture.close();
  });

  const attempt = (statement: string) => store.transaction((tx) => sql.raw(statement).execute(tx));

  it.each(LOG_TABLES)('refuses update, delete and truncate on %s, even to its owner', async (table) => {
    const column = { entries: 'bytes', tiles: 'hashes', checkpoints: 'note', ids: 'stream' }[table] ?? 'ctid';
    const target = column === 'ctid' ? { idempotency: 'request', part_digests: 'digest' }[table] : column;
    for (const statement of [
      `update ${table} set ${target} = ${target}`,
      `delete from ${table}`,
      `truncate ${table}`,
      `truncate ${table} cascade`,
    ]) {
      const thrown = await attempt(statement).catch((error: unknown) => error);
      expect(thrown, statement).toMatchObject({ code: 'store_unavailable', cause: { code: '42501' } });
    }
  });

  it('reads int8 as a number and bytea as plain bytes', async () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const row = await store.read(async (tx) => {
      const { rows } = await sql<{ big: number; bytes: Uint8Array; empty: Uint8Array; many: number }>`
        select 9007199254740991::int8 as big, ${all}::bytea as bytes, ''::bytea as empty, count(*) as many from entries
      `.execute(tx);
      return rows[0]!;
    });
    expect(row.big).toBe(Number.MAX_SAFE_INTEGER);
    expect(row.bytes.constructor).toBe(Uint8Array);
    expect(row.bytes).toEqual(all);
    expect(row.empty).toEqual(new Uint8Array());
    expect(typeof row.many).toBe('number');
    const head = await store.read(loadHead);
    expect(head!.root.constructor).toBe(Uint8Array);
    expect(head!.frontier.constructor).toBe(Uint8Array);
    await expect(store.read((tx) => sql`select 9007199254740992::int8 as big`.execute(tx))).rejects.toThrow();
  });

  it('reads one statement without a transaction, and no second one: that would see another moment', async () => {
    const count = (tx: Tx) => sql<{ many: number }>`select count(*) as many from entries`.execute(tx);
    const { rows } = await store.readOnce(count);
    expect(rows).toEqual([{ many: (await store.read(loadHead))!.size }]);
    const twice = store.readOnce(async (tx) => [await count(tx), await count(tx)]);
    await expect(twice).rejects.toThrow('one statement');
    await expect(store.readOnce(() => attempt('select no_such_column'))).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  it('rolls a transaction back as a whole, and gives what it answers only after the commit', async () => {
    const write = (tx: Tx) => insertCheckpoint(tx, { size: 5_000, root: hashLeaf(random(1)), note: 'x' });
    await expect(
      store.transaction(async (tx) => {
        await write(tx);
        throw new RangeError('mine');
      }),
    ).rejects.toThrow(RangeError);
    expect((await store.read(loadNewestCheckpoint))?.size).not.toBe(5_000);
  });

  it('refuses to write in a read, and reads one snapshot', async () => {
    const name = 'party/00000000000000000000000000000000' as StreamId;
    const row = { stream: name, seq: 0, leaf: hashLeaf(random(1)), state: {} };
    await expectRefusal(
      'store_unavailable',
      store.read((tx) => saveStreams(tx, [row])),
    );
    expect(await store.read((tx) => loadStreams(tx, [name]))).toEqual([]);
  });

  it('tells two writers at one key from any other failure', async () => {
    const twice = store.transaction(async (tx) => {
      for (let i = 0; i < 2; i++) await sql`insert into persons values (${new Uint8Array([1])}, 'x')`.execute(tx);
    });
    expect(isUniqueViolation(await twice.catch((thrown: unknown) => thrown))).toBe(true);
    const other = attempt('select 1 / 0').catch((thrown: unknown) => thrown);
    expect(isUniqueViolation(await other)).toBe(false);
    await expectRefusal('store_unavailable', attempt('select no_such_column'));
  });

  it('loads what is asked for, nothing where nothing is, and pages in order', async () => {
    const { size } = (await store.read(loadHead))!;
    const rows = await store.read((tx) => loadEntries(tx, 2, 5));
    expect(rows.map((row) => row.index)).toEqual([2, 3, 4]);
    expect(await store.read((tx) => loadEntries(tx, size, size + 5))).toEqual([]);
    expect(await store.read((tx) => loadStreams(tx, []))).toEqual([]);
    expect(await store.read((tx) => loadIdempotency(tx, [hashLeaf(random(1))]))).toEqual([]);
    const leaves = await store.read((tx) =>
      loadLeaves(tx, [
        { start: 0, end: 2 },
        { start: 4, end: 5 },
      ]),
    );
    expect([...leaves.keys()].sort()).toEqual([0, 1, 4]);
    const stream = rows[0]!.stream;
    const slice = await store.read((tx) => loadSlice(tx, { stream, indexMax: size, countMax: 50 }));
    expect(slice.map((row) => row.seq)).toEqual(slice.map((_, i) => i));
    const names: string[] = [];
    for (let after = ''; ; after = names.at(-1)!) {
      const page = await store.read((tx) => loadStreamPage(tx, after, 2));
      names.push(...page.map((row) => row.stream));
      if (page.length < 2) break;
    }
    expect(names).toEqual([...new Set(names)]);
    const { rows: counted } = await store.read((tx) =>
      sql<{ n: number }>`select count(*) as n from streams`.execute(tx),
    );
    expect(names.length).toBe(counted[0]!.n);
  });

  it('pages the handles of some grantees, and of no others, in the order of their names', async () => {
    const rows = ['c', 'a', 'b', 'd'].map((name, at) => ({
      handle: name.repeat(32) as Handle,
      person: String(at).repeat(32) as PersonId,
      grantee: (name === 'd' ? 'e' : 'f').repeat(32) as PartyId,
    }));
    const pages = await undone(fixture, async (tx) => {
      await insertRelationships(tx, rows);
      const page = (grantees: readonly string[], after: string, countMax: number) =>
        loadHandlePage(
          tx,
          grantees.map((each) => each.repeat(32) as PartyId),
          after,
          countMax,
        );
      const first = await page(['f'], '', 2);
      return [first, await page(['f'], first[1] as string, 2), await page(['e', 'f'], '', 9), await page([], '', 9)];
    });
    const named = pages.map((page) => page.map((handle) => handle[0]).join(''));
    expect(named).toEqual(['ab', 'c', 'abcd', '']);
  });

  it('has a clock of its own that goes on within a transaction', async () => {
    const [one, two] = await store.read(async (tx) => {
      const first = await readClock(tx);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return [first, await readClock(tx)] as const;
    });
    expect(two).toBeGreaterThan(one);
    expect(Math.abs(one - Date.now())).toBeLessThan(5_000);
  });

  it('migrates once: again is nothing, a newer schema is refused', async () => {
    expect(await migrate(store)).toEqual([]);
    await store.transaction((tx) => sql`insert into migrations values (999, '0999_future')`.execute(tx));
    await expectRefusal('config_invalid', migrate(store));
    await store.transaction((tx) => sql`delete from migrations where id = 999`.execute(tx));
  });

  it('migrates a new database once, however many start at once', async () => {
    const made = database === 'postgres' ? await freshDatabase(inject('postgresUrl')) : undefined;
    const open = () => (made === undefined ? openPglite('memory') : openPostgres(made.url, { connectionsMax: 2 }));
    const stores = made === undefined ? [await open()] : await Promise.all([open(), open(), open()]);
    const starts = [...stores, ...stores].map((each) => migrate(each));
    const ran = (await Promise.all(starts)).filter((names) => names.length > 0);
    expect(ran).toEqual([MIGRATIONS.map((migration) => migration.name)]);
    for (const each of stores) await each.close();
    await made?.drop();
  });
});
