/** What only a real server can do: rights of an ordinary account, settings that lose data, connections that break. */

import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { isFailure } from '#core/failure.ts';
import { loadHead } from '#store/head.ts';
import { migrate } from '#store/migrate.ts';
import { openPostgres } from '#store/postgres.ts';
import { ask, signedScene } from '../support/actors.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, openFixture } from '../support/ledger-fixture.ts';
import { freshDatabase, startPostgres } from '../support/postgres.ts';

async function run(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

describe('an ordinary account that owns the tables', () => {
  const left: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const undo of left.reverse()) await undo();
  });

  it('has no right to change or empty a log table', async () => {
    const admin = inject('postgresUrl');
    const made = await freshDatabase(admin);
    const name = new URL(made.url).pathname.slice(1);
    await run(admin, `create role ${name} login password 'x'`, `alter database ${name} owner to ${name}`);
    left.push(() => run(admin, `drop role ${name}`), made.drop);
    const url = new URL(made.url);
    url.username = name;
    url.password = 'x';
    const store = await openPostgres(url.href);
    try {
      await migrate(store);
      const { rows } = await store.read((tx) =>
        sql<{ table: string; right: string }>`
          select t.name as table, r.name as right
          from unnest(array['entries', 'tiles', 'checkpoints', 'ids', 'idempotency', 'part_digests']) as t(name),
            unnest(array['update', 'delete', 'truncate']) as r(name)
          where has_table_privilege(current_user, t.name, r.name)
        `.execute(tx),
      );
      expect(rows).toEqual([]);
      for (const statement of ['update entries set seq = 1', 'delete from checkpoints', 'truncate ids']) {
        const thrown = await store.transaction((tx) => sql.raw(statement).execute(tx)).catch((error: unknown) => error);
        expect(thrown).toMatchObject({
          cause: { code: '42501', message: expect.stringContaining('permission denied') },
        });
      }
    } finally {
      await store.close();
    }
  });
});

describe('statements that differ in nothing but their values', () => {
  const prepared = sql<{ name: string }>`select name from pg_prepared_statements where name like 'assent%'`;
  const ask = (n: number) => sql<{ n: number }>`select ${n}::int as n`;

  it.each([
    ['are parsed once for each connection', {}, 1],
    ['are parsed each time where a pooler stands in between', { preparesStatements: false }, 0],
  ] as const)('%s', async (_name, options, count) => {
    const made = await freshDatabase(inject('postgresUrl'));
    const store = await openPostgres(made.url, { ...options, connectionsMax: 1 });
    try {
      const { before, after, got } = await store.read(async (tx) => {
        const start = (await prepared.execute(tx)).rows.length;
        const numbers = [await ask(1).execute(tx), await ask(2).execute(tx), await ask(3).execute(tx)];
        const end = (await prepared.execute(tx)).rows.length;
        return { before: start, after: end, got: numbers.map(({ rows }) => rows[0]?.n) };
      });
      expect(got).toEqual([1, 2, 3]);
      expect(after - before).toBe(count);
    } finally {
      await store.close();
      await made.drop();
    }
  });
});

describe('a server that would lose acknowledged entries', () => {
  it.each(['fsync', 'full_page_writes', 'synchronous_commit'])('is refused: %s is off', async (setting) => {
    const server = await startPostgres({ [setting]: 'off' });
    try {
      const thrown = await openPostgres(server.url).catch((error: unknown) => error);
      expect(thrown).toMatchObject({ code: 'config_invalid', message: expect.stringContaining(setting) });
    } finally {
      await server.stop();
    }
  });

  it('that cannot be reached is store_unavailable, and its password is in no message', async () => {
    const thrown = await openPostgres('postgres://assent:hunter2@127.0.0.1:9/x').catch((error: unknown) => error);
    expect(isFailure(thrown, 'store_unavailable')).toBe(true);
    expect(thrown).toMatchObject({ message: expect.stringContaining('(ECONNREFUSED)') });
    expect(`${thrown} ${JSON.stringify(thrown)}`).not.toContain('hunter2');
  });
});

describe('connections that break', () => {
  it('under load cost no acknowledged entry, and every call can be asked again', async () => {
    const fixture = await openFixture('postgres', { postgresUrl: inject('postgresUrl') });
    try {
      const { context } = fixture;
      const scene = await signedScene(context);
      const before = (await fixture.store.read(loadHead))!.size;
      let breaking = true;
      const breaker = (async () => {
        while (breaking) {
          await run(
            inject('postgresUrl'),
            `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = '${new URL(fixture.url as string).pathname.slice(1)}' and random() < 0.5`,
          );
          await new Promise((resolve) => setTimeout(resolve, 15));
        }
      })();
      let failures = 0;
      const answers: Awaited<ReturnType<typeof ask>>[] = [];
      async function untilAnswered(key: string) {
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
          try {
            return await ask(context, scene.queryAccess, key);
          } catch (failure) {
            // Whatever broke, the caller hears that the database is not there, and nothing else.
            expect(isFailure(failure, 'store_unavailable'), String(failure)).toBe(true);
            failures++;
          }
        }
      }
      // A batch that breaks is run again at once, so most breaks are never heard of: go on until some were.
      for (let round = 0; round < 3 || (failures === 0 && round < 40); round++) {
        const keys = Array.from({ length: 100 }, (_, i) => `broken-${round}-${i}`);
        answers.push(...(await Promise.all(keys.map(untilAnswered))));
      }
      breaking = false;
      await breaker;
      expect(failures).toBeGreaterThan(0);
      // One permit is out: every other call is told that it asks for the same, and nothing else is said.
      expect(answers.filter((answer) => answer.decision === 'allow')).toHaveLength(1);
      expect(new Set(answers.flatMap(({ codes }) => codes))).toEqual(new Set(['DUP']));
      expect(new Set(answers.map((answer) => answer.entry.index)).size).toBe(answers.length);
      expect((await fixture.store.read(loadHead))!.size).toBe(before + answers.length);
      await checkLedger(fixture);
    } finally {
      await fixture.close();
    }
  });

  it('while a transaction thinks end that transaction, and not the process', async () => {
    const fixture = await openFixture('postgres', { postgresUrl: inject('postgresUrl') });
    try {
      const thinking = fixture.store.transaction(async (tx) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
        await run(inject('postgresUrl'), `select pg_terminate_backend(${rows[0]!.pid})`);
        await new Promise((resolve) => setTimeout(resolve, 100));
        await loadHead(tx);
      });
      await expectRefusal('store_unavailable', thinking);
      expect(await fixture.store.read(loadHead)).toBeDefined();
    } finally {
      await fixture.close();
    }
  });

  it('that hold the head lock make writers fail after seconds, not wait for ever, and never allow', async () => {
    const fixture = await openFixture('postgres', { postgresUrl: inject('postgresUrl') });
    const holder = new pg.Client({ connectionString: fixture.url as string });
    try {
      const scene = await signedScene(fixture.context);
      await holder.connect();
      await holder.query('begin; select * from head for update');
      const key = 'a key that is tried again';
      await expectRefusal('store_unavailable', ask(fixture.context, scene.queryAccess, key));
      await holder.query('rollback');
      expect((await ask(fixture.context, scene.queryAccess, key)).decision).toBe('allow');
      await checkLedger(fixture);
    } finally {
      await holder.end();
      await fixture.close();
    }
  });
});
