/**
 * The table that accesses are found by: the same as the entries say, whoever appended them; and what an audit says of one
 * that is not. That every batch files it whole or not at all, `faults.test.ts` shows: its ledger is audited at each fault.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { IdentityField } from '#core/consent/identity-view.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { catchUp, stepsOf } from '#ledger/steps.ts';
import { letterCapability } from '#service/capabilities.ts';
import { viewIdentity } from '#service/identity-views.ts';
import { viewByLink } from '#service/letter-link.ts';
import { type IdentityLooks, readIdentityLooks } from '#service/person/identity-looks.ts';
import { type LooksPage, readAllLooks, readLooks } from '#service/person/looks.ts';
import { loadStepped, loadStepsOf } from '#store/access-steps.ts';
import type { Tx } from '#store/schema.ts';
import type { Store } from '#store/store.ts';
import { calledBy, DAY_MS, request } from '../support/actors.ts';
import { auditAfter, entryRows, otherSalt } from '../support/attack.ts';
import { checkLedger, DATABASES, openFixture } from '../support/ledger-fixture.ts';
import { openPersonScene, type PersonScene } from '../support/person-scene.ts';
import { present } from '../support/releases.ts';

const NOW = Date.now();
const ago = (days: number) => NOW - days * DAY_MS;
const JUDICIAL = {
  purpose: 'judicial',
  ground: { basis: 'judicial', reference: '（2026）示例 1 号' },
  items: ['credit_info'],
  stated: { reason: null, used_at: null, asked_at: null, officers: 2 },
} as const;

/** What someone with rights on the database could do to the table, and the entry that is then named; null: the whole. */
const SPOILED = {
  'a row left out': `delete from access_steps where index = (select max(index) from access_steps)`,
  'another stream': `update access_steps set stream = 'rel/x' where index = (select min(index) from access_steps)`,
  'another time': `update access_steps set time = time + 1 where index = (select min(index) from access_steps)`,
  'another step': `update access_steps set step = 'told' where step = 'decided'`,
  'another access': `update access_steps set access = '${'0'.repeat(32)}' where step = 'settled'`,
  'no access': `update access_steps set access = null where step = 'redeemed'`,
  'another decision': `update access_steps set decision = 'deny' where decision = 'allow'`,
  'another action': `update access_steps set action = 'STORE' where step = 'decided'`,
  'another purpose': `update access_steps set purpose = 'x' where step = 'decided'`,
  'a view left out': `delete from access_steps where index = (select max(index) from access_steps where step = 'viewed')`,
  'told at once': `update access_steps set may_defer = false where may_defer`,
  'a row too many': `insert into access_steps (index, stream, time, step) values (1, 'rel/x', 0, 'told')`,
  'a row of what is in no tree': `insert into access_steps (index, stream, time, step) values (100000, 'rel/x', 0, 'told')`,
  'filed further than the tree': `update head set stepped = size + 1`,
} as const;

describe.each(DATABASES)('the steps of accesses on %s', (database) => {
  let scene: PersonScene;
  let store: Store;

  beforeAll(async () => {
    scene = await openPersonScene(ago(30), database, inject('postgresUrl'));
    store = scene.fixture.store;
    await view(['name']);
    await scene.look(scene.a);
    scene.setTime(ago(20));
    await scene.look(scene.a);
    await scene.ask(scene.b, { purpose: 'review' });
    const hidden = await scene.ask(scene.a, JUDICIAL);
    await present(scene.context, scene.bureau, hidden);
    const later = await scene.ask(scene.b, { ...JUDICIAL, items: ['credit_report'] });
    await present(scene.context, scene.bureau, later);
    scene.setTime(ago(10));
    await tellOf(['credit_info']);
    await scene.look(scene.b);
    await viewByLink(scene.context, request(), letterCapability(scene.context, scene.b.letter.letter));
  });
  afterAll(async () => {
    await checkLedger(scene.fixture);
    await scene.fixture.close();
  });

  async function view(fields: readonly IdentityField[]): Promise<void> {
    const { party, handle } = scene.a;
    const look = { principal: party.party, fields, why: 'serve_subject' } as const;
    const path = `/v1/relationships/${handle}/identity-views`;
    await viewIdentity(scene.context, await calledBy(scene.context, party.party, path, look), { handle, ...look });
  }

  const tellOf = (items: readonly string[]) =>
    scene.tell(scene.a.party, scene.a.handle, '/notices', {
      kind: 'deferred_access',
      channel: 'mail',
      items,
      sent_at: ago(10),
      content: otherSalt(),
      delivery: otherSalt(),
    });

  const filed = (tx: Tx) => loadStepsOf(tx, 0, Number.MAX_SAFE_INTEGER);

  /** What the person is shown, less when it was read. */
  async function shown(): Promise<readonly unknown[]> {
    const pages: (Partial<LooksPage & IdentityLooks> | undefined)[] = [];
    for (const window of ['1m', '2y'] as const) {
      pages.push(await readAllLooks(scene.context, scene.me, window));
      pages.push(await readLooks(scene.context, scene.me, { window, after: null }));
      pages.push(await readIdentityLooks(scene.context, scene.me, { window, countMax: 10 }));
    }
    return pages.map((page) => ({ ...page, time: 0, since: 0 }));
  }

  /** Makes it a ledger whose entries from `size` on were appended by code that did not know the table. */
  async function forget(size: number, kept: number): Promise<void> {
    await store.transaction(async (tx) => {
      await sql`alter table access_steps disable trigger user`.execute(tx);
      await sql`grant delete on access_steps to current_user`.execute(tx);
      await sql`delete from access_steps where index >= ${size} and index < ${kept}`.execute(tx);
      await sql`update head set stepped = ${size}`.execute(tx);
      await sql`alter table access_steps enable trigger user`.execute(tx);
      await sql`revoke delete on access_steps from current_user`.execute(tx);
    });
  }

  it('are what the entries say, one for each, and none besides', async () => {
    const { rows, entries } = await store.read(async (tx) => ({ rows: await filed(tx), entries: await entryRows(tx) }));
    const wanted = entries.flatMap(({ index, bytes }) => stepsOf(index, parseEntry(bytes)));
    expect([...rows].sort((a, b) => a.index - b.index)).toEqual(wanted);
    const counts = Object.groupBy(wanted, ({ step }) => step);
    expect(Object.entries(counts).map(([step, of]) => [step, of?.length])).toEqual([
      ['viewed', 2],
      ['decided', 6],
      ['redeemed', 5],
      ['settled', 3],
      ['told', 1],
    ]);
    const { stepped, size } = (await store.read(loadStepped))!;
    expect(stepped).toBe(size);
  });

  it('show a person just the same where older code appended the entries, from any place on; and are caught up with', async () => {
    const before = await shown();
    const rows = await store.read(filed);
    const { size } = (await store.read(loadStepped))!;
    const [first = 0] = rows.map(({ index }) => index).sort((a, b) => a - b);
    for (const [from, kept] of [
      [0, size],
      [first + 1, size],
      [size - 3, size],
      [first + 2, size - 4],
    ] as const) {
      await forget(from, kept);
      expect(await shown()).toEqual(before);
      expect((await scene.fixture.audit()).findings).toEqual([]);
      await catchUp(store, scene.context.log).done;
      expect(await store.read(loadStepped)).toEqual({ stepped: size, size });
      expect(new Set(await store.read(filed))).toEqual(new Set(rows));
      expect(await shown()).toEqual(before);
    }
  });

  it('stay behind while entries are appended beside, and nothing of either is hidden', async () => {
    const { size } = (await store.read(loadStepped))!;
    await forget(size - 3, size);
    scene.setTime(ago(5));
    const { access } = await scene.look(scene.a, { items: ['credit_info'] });
    expect((await store.read(loadStepped))?.stepped).toBe(size - 3);
    const { looks } = await readAllLooks(scene.context, scene.me, '1m');
    expect(looks[0]).toMatchObject({ access, result: { kind: 'released' } });
    expect(new Set(looks.map((look) => look.access)).size).toBe(looks.length);
    // The next start of a process that signs catches up.
    const again = await openFixture(database, { again: scene.fixture, time: ago(5) });
    await expect.poll(() => store.read(loadStepped)).toEqual({ stepped: size + 3, size: size + 3 });
    if (database === 'postgres') await again.close();
    else await again.ledger.close();
    expect((await readAllLooks(scene.context, scene.me, '1m')).looks).toEqual(looks);
  });

  it.each(Object.entries(SPOILED))('are audited: %s is found', async (_what, statement) => {
    const { findings, holds } = await auditAfter(scene.fixture, (tx) => sql.raw(statement).execute(tx));
    expect(holds).toBe(false);
    expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(['step']));
  });

  it('take no change', async () => {
    for (const statement of [
      'update access_steps set index = index',
      'delete from access_steps',
      'truncate access_steps',
    ]) {
      const thrown = await store.transaction((tx) => sql.raw(statement).execute(tx)).catch((error: unknown) => error);
      expect(thrown, statement).toMatchObject({ code: 'store_unavailable', cause: { code: '42501' } });
    }
  });

  it('are not caught up with past an entry that can’t be read: what is behind it is read from entries, as before', async () => {
    const { size } = (await store.read(loadStepped))!;
    await forget(0, size);
    const kept = (await store.read(entryRows))[1]!.bytes;
    const write = (bytes: Uint8Array) =>
      store.transaction(async (tx) => {
        await sql`alter table entries disable trigger user`.execute(tx);
        await sql`grant update on entries to current_user`.execute(tx);
        await sql`update entries set bytes = ${bytes} where index = 1`.execute(tx);
        await sql`alter table entries enable trigger user`.execute(tx);
        await sql`revoke update on entries from current_user`.execute(tx);
      });
    const before = await shown();
    await write(kept.slice(1));
    await catchUp(store, scene.context.log).done;
    expect((await store.read(loadStepped))?.stepped).toBe(0);
    expect(scene.fixture.logged.at(-1)).toContain('steps_behind');
    expect(await shown()).toEqual(before);
    await write(kept);
    await catchUp(store, scene.context.log).done;
    expect((await store.read(loadStepped))?.stepped).toBe(size);
  });
});
