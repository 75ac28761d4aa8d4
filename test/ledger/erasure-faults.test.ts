/** Erasure, where things go wrong around its COMMIT, or others write the while. */
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { subjectSignatory } from '#client/sign.ts';
import { reapplyErasures } from '#ledger/erasure.ts';
import { readJournal } from '#ledger/erasure-journal.ts';
import type { Context } from '#service/context.ts';
import type { Store } from '#store/store.ts';
import { loadPersonOf } from '#store/subjects.ts';
import { doorTo, expectProblem } from '../api/door.ts';
import { ask, enrolPerson, newParty } from '../support/actors.ts';
import { at } from '../support/court.ts';
import { ALL_DUE, DECISIONS_DUE, type ErasureScene, openErasureScene, secretsOf } from '../support/erasure-scene.ts';
import { memoryErasureShelf } from '../support/erasure-shelf.ts';
import { checkLedger, DATABASES, type FixtureOptions, ORIGIN, openFixture } from '../support/ledger-fixture.ts';

type Commit = 'as it is' | 'killed before' | 'killed after';

describe.each(DATABASES)('an erasure on %s', (database) => {
  let scene: ErasureScene;
  beforeEach(async () => {
    scene = await openErasureScene({ database, postgresUrl: inject('postgresUrl') });
    scene.setTime(ALL_DUE);
  });
  afterEach(() => scene.close());

  /** Another process on the same ledger, whose COMMITs end as is said. */
  async function openOther(options: FixtureOptions = {}) {
    let commit: Commit = 'as it is';
    const wrapStore = (store: Store): Store => ({
      ...store,
      async transaction(work) {
        const done = await store.transaction(async (tx) => {
          const made = await work(tx);
          if (commit === 'killed before') throw new Error('killed');
          return made;
        });
        if (commit === 'killed after') throw new Error('killed');
        return done;
      },
    });
    const { fixture: again } = scene;
    const other = await openFixture(database, { again, time: at(ALL_DUE), signerState: null, wrapStore, ...options });
    const door = doorTo(other).as([subjectSignatory(scene.handle, scene.person.key)]);
    return {
      other,
      erase: () => door.post('/v1/erasures', { handle: null }),
      ends: (how: Commit) => {
        commit = how;
      },
      reapplied: () => scene.fixture.store.transaction((tx) => reapplyErasures(tx, ORIGIN, other.erasures)),
    };
  }

  const partsLeft = async () => (await secretsOf(scene.fixture, [scene.stream, scene.personStream])).rows.length;

  it('attack 31: killed between journal and COMMIT has erased nothing, and the journal is not believed', async () => {
    const { other, erase, ends, reapplied } = await openOther();
    const before = await partsLeft();
    ends('killed before');
    expect((await erase()).status).toBe(500);
    ends('as it is');
    expect(await partsLeft()).toBe(before);
    expect(readJournal(other.erasures).erasures.map(({ done }) => done)).toEqual([false, false]);
    await checkLedger(scene.fixture);
    expect(await reapplied()).toMatchObject({ erasures: 0, parts: 0, pending: [{ stream: scene.stream }, {}] });
    expect(await partsLeft()).toBe(before);
    expect((await erase()).json).toMatchObject({ person: true });
    // The places of what never was are others' now.
    expect(await reapplied()).toMatchObject({ erasures: 2, parts: 0, pending: [] });
    await checkLedger(scene.fixture);
    await other.ledger.close();
  });

  it('attack 33: killed right after COMMIT is in the log, and is done again by that after a restore', async () => {
    const { other, erase, ends, reapplied } = await openOther();
    const backup = await scene.fixture.store.read(async (tx) => ({
      parts: await tx.selectFrom('parts').selectAll().execute(),
      data_keys: await tx.selectFrom('data_keys').selectAll().execute(),
    }));
    const before = await partsLeft();
    ends('killed after');
    expect((await erase()).status).toBe(500);
    ends('as it is');
    expect(await partsLeft()).toBe(0);
    expect(readJournal(other.erasures).erasures.map(({ done }) => done)).toEqual([false, false]);
    await checkLedger(scene.fixture);
    await scene.fixture.store.transaction(async (tx) => {
      for (const [table, rows] of Object.entries(backup) as [keyof typeof backup, never[]][]) {
        await tx.deleteFrom(table).execute();
        await tx.insertInto(table).values(rows).execute();
      }
    });
    expect(await partsLeft()).toBe(before);
    expect(await reapplied()).toMatchObject({ erasures: 2, parts: before });
    await checkLedger(scene.fixture);
    await other.ledger.close();
  });

  it('attack 35: is refused where the journal can’t be written, and nothing is gone', async () => {
    const kept = memoryErasureShelf();
    let full = true;
    const erasures = {
      ...kept,
      append(line: string) {
        if (full) throw new Error('ENOSPC');
        kept.append(line);
      },
    };
    const { other, erase } = await openOther({ erasures });
    const before = await partsLeft();
    expectProblem(await erase(), 503, 'store_unavailable');
    expect(await partsLeft()).toBe(before);
    await checkLedger(scene.fixture);
    full = false;
    expect((await erase()).status).toBe(201);
    await checkLedger(scene.fixture);
    await other.ledger.close();
  });

  it('never leaves a part that was sealed under a key that went meanwhile', async () => {
    const { fixture, asSubject } = scene;
    scene.setTime(DECISIONS_DUE);
    let submitted = 0;
    const late: Context = {
      ...fixture.context,
      ledger: {
        ...fixture.ledger,
        async submit(write) {
          submitted++;
          if (submitted === 1) expect((await asSubject().post('/v1/erasures', { handle: null })).status).toBe(201);
          return fixture.ledger.submit(write);
        },
      },
    };
    const access = scene.access({ ground: { basis: 'judicial', reference: '（2022）示例民初 1 号' } });
    await ask(late, access as unknown as Parameters<typeof ask>[1]);
    expect(submitted).toBe(2);
    expect((await secretsOf(fixture, [scene.stream])).rows.some(({ name }) => name === 'reference')).toBe(true);
    await checkLedger(fixture);
  });

  it('that takes the last of a person while another enrols it leaves no relationship of who is erased', async () => {
    const { fixture, asSubject } = scene;
    const other = await newParty(fixture.context, 'grantee');
    let submitted = 0;
    const late: Context = {
      ...fixture.context,
      ledger: {
        ...fixture.ledger,
        async submit(write) {
          submitted++;
          if (submitted === 1) {
            expect((await asSubject().post('/v1/erasures', { handle: null })).json).toMatchObject({ person: true });
          }
          return fixture.ledger.submit(write);
        },
      },
    };
    const handle = await enrolPerson(late, other, scene.person);
    expect(submitted).toBe(2);
    const person = await fixture.store.readOnce((tx) => loadPersonOf(tx, handle));
    expect(person).toBeDefined();
    expect(person).not.toBe(scene.owner);
    // Who is enrolled next is the same one, in one relationship for each grantee.
    expect(await enrolPerson(fixture.context, other, scene.person)).toBe(handle);
    const third = await enrolPerson(fixture.context, await newParty(fixture.context, 'grantee'), scene.person);
    expect(await fixture.store.readOnce((tx) => loadPersonOf(tx, third))).toBe(person);
    await checkLedger(fixture);
  });

  it('in the same moment as an enrolment of the same person ends in one order or another', async () => {
    const { fixture, asSubject } = scene;
    const other = await newParty(fixture.context, 'grantee');
    const [erased, handle] = await Promise.all([
      asSubject().post('/v1/erasures', { handle: null }),
      enrolPerson(fixture.context, other, scene.person),
    ]);
    expect(erased.status).toBe(201);
    const person = await fixture.store.readOnce((tx) => loadPersonOf(tx, handle));
    expect(person === scene.owner).toBe(!erased.json.person);
    await checkLedger(fixture);
  });

  it('beside others’ writes ends in one order or another, and the ledger holds', async () => {
    const { fixture, asSubject } = scene;
    scene.setTime(DECISIONS_DUE);
    const access = scene.access({ ground: { basis: 'judicial', reference: '（2022）示例民初 2 号' } });
    const asked = Array.from({ length: 4 }, () => ask(fixture.context, access as unknown as Parameters<typeof ask>[1]));
    const [erased] = await Promise.all([asSubject().post('/v1/erasures', { handle: null }), ...asked]);
    // What came first made the class young again.
    expect([201, 409]).toContain(erased.status);
    await checkLedger(fixture);
  });
});
