/** Group commit: neighbours, retries, limits, and what a caller hears when the database fails (I6, I10). */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { Failure, isFailure } from '#core/failure.ts';
import type { Hash } from '#core/hash.ts';
import type { OperatorId, PartyId } from '#core/ids.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { BATCH_MAX, QUEUE_MAX } from '#ledger/committer.ts';
import type { Ledger } from '#ledger/ledger.ts';
import type { Write } from '#ledger/write.ts';
import { askAccess } from '#service/accesses.ts';
import { nameCall } from '#service/call.ts';
import type { Caller } from '#service/caller.ts';
import { type Context, newId } from '#service/context.ts';
import { enrol } from '#service/relationships.ts';
import { loadHead } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { ask, calledBy, calledByKeeper, enrolPerson, newParty, newPerson, signedScene } from '../support/actors.ts';
import { otherSalt } from '../support/attack.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, DATABASES, type Fixture, openFixture, random } from '../support/ledger-fixture.ts';

/** A write by which the keeper registers a party, signed like any other; it can be told to fail. */
async function registration(
  context: Context,
  claims: Write['claims'] = [],
  spoil?: (() => void) | undefined,
): Promise<Write> {
  const said = { name: '示例', roles: ['bureau' as const] };
  const key = { key: otherSalt(), duty: 'query' as const };
  const caller = await calledByKeeper(context, '/v1/parties', { ...said, keys: [key] });
  const names = nameCall(context, caller, 'open');
  const stream = partyStream(newId<PartyId>(context));
  const keys = [{ ...key, operator: newId<OperatorId>(context) }];
  return {
    claims,
    touches: [stream, LOG_STREAM, ...names.touches],
    plan() {
      spoil?.();
      const input = { ...said, keys, ...names.call(0) };
      return [{ command: { type: 'party.registered', stream, input }, ...names.evidence }];
    },
  };
}

/** As many, signed before any of them is submitted, so that they come at once. */
function registrations(context: Context, count: number, claims?: Write['claims']): Promise<readonly Write[]> {
  return Promise.all(Array.from({ length: count }, () => registration(context, claims)));
}

const claim = (idem: Uint8Array, asked: Uint8Array) => ({
  idem: idem as Hash,
  request: asked as Hash,
  mismatch: 'idempotency_mismatch' as const,
});

async function sizeOf(ledger: Pick<Ledger, 'store'>): Promise<number> {
  return (await ledger.store.read(loadHead))?.size ?? 0;
}

describe.each(DATABASES)('group commit on %s', (database) => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
  });
  afterEach(async () => {
    await checkLedger(fixture);
  });
  afterAll(() => fixture.close());

  it('takes a write at any moment after the answer to the one before', async () => {
    // Whatever number of turns a caller waits, the next write must not be left lying in the queue.
    for (let turns = 0; turns < 12; turns++) {
      const [write, next] = (await registrations(fixture.context, 2)) as [Write, Write];
      await fixture.ledger.submit(write);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      const late = new Promise((_, reject) =>
        setTimeout(() => reject(new Error(`stalled after ${turns} turns`)), 3_000),
      );
      await Promise.race([fixture.ledger.submit(next), late]);
    }
  });

  it('decides together whatever came while the batch waited for its lock', async () => {
    const { ledger, context } = fixture;
    const writes = await registrations(context, 40);
    const times: number[] = [];
    const noted = writes.map(
      (write): Write => ({
        ...write,
        plan(view, now) {
          times.push(performance.now());
          return write.plan(view, now);
        },
      }),
    );
    // One more each turn, so that most come when the first has long begun to wait for the database.
    const answers: Promise<unknown>[] = [];
    for (const write of noted) {
      answers.push(ledger.submit(write));
      await Promise.resolve();
    }
    const planned = times.length;
    await Promise.all(answers);
    expect([planned, times.length]).toEqual([0, 40]);
    const { rows } = await ledger.store.read((tx) =>
      sql<{ batches: number }>`
      select count(distinct convert_from(bytes, 'UTF8')::json ->> 'time')::int as batches
      from entries where index >= (select size from head) - 40
    `.execute(tx),
    );
    expect(rows[0]?.batches).toBe(1);
  });

  it('writes the neighbours of writes that fail, each answered for itself', async () => {
    const { ledger, context } = fixture;
    const before = await sizeOf(ledger);
    const spoils = [
      undefined,
      () => {
        throw new Failure('party_role', 'no');
      },
      () => {
        throw new TypeError('a bug');
      },
    ];
    const writes = await Promise.all(Array.from({ length: 60 }, (_, i) => registration(context, [], spoils[i % 3])));
    const results = await Promise.allSettled(writes.map((write) => ledger.submit(write)));
    const outcome = results.map((each) =>
      each.status === 'fulfilled' ? 'ok' : (each.reason.code ?? each.reason.name),
    );
    expect(outcome).toEqual(results.map((_, i) => ['ok', 'party_role', 'TypeError'][i % 3]));
    expect(await sizeOf(ledger)).toBe(before + 20);
    const indexes = results.flatMap((each) =>
      each.status === 'fulfilled' ? each.value.map((entry) => entry.index) : [],
    );
    expect(indexes).toEqual(Array.from({ length: 20 }, (_, i) => before + i));
  });

  it('leaves nothing of a write whose second entry is refused', async () => {
    const before = await sizeOf(fixture.ledger);
    const [good, neighbour] = (await registrations(fixture.context, 2)) as [Write, Write];
    const bad: Write = {
      ...good,
      plan: (view, now) => {
        const first = good.plan(view, now);
        return [...first, ...first];
      },
    };
    const [refused] = await Promise.allSettled([fixture.ledger.submit(bad), fixture.ledger.submit(neighbour)]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'already_there' } });
    expect(await sizeOf(fixture.ledger)).toBe(before + 1);
    await fixture.ledger.submit(good);
  });

  it('writes the neighbours of a write that the database refuses', async () => {
    const { ledger, context } = fixture;
    const before = await sizeOf(ledger);
    // A name that is minted twice violates the table `ids`.
    const poisoned = (write: Write): Write => ({
      ...write,
      plan: (view, now) => write.plan(view, now).map((each) => ({ ...each, mints: ['same', 'same'] })),
    });
    const writes = await registrations(context, 30);
    const results = await Promise.allSettled(
      writes.map((write, i) => ledger.submit(i % 10 === 4 ? poisoned(write) : write)),
    );
    const refused = results.flatMap((each, i) => (each.status === 'rejected' ? [[i, each.reason.code]] : []));
    expect(refused).toEqual([4, 14, 24].map((i) => [i, 'superseded']));
    expect(await sizeOf(ledger)).toBe(before + 27);
  });

  it('makes one entry of many identical writes, in one batch and across batches', async () => {
    const { ledger, context } = fixture;
    const before = await sizeOf(ledger);
    const [idem, asked] = [random(32), random(32)];
    const [late, ...same] = (await registrations(context, 3 * BATCH_MAX + 1, [claim(idem, asked)])) as [Write];
    const many = await Promise.all(same.map((write: Write) => ledger.submit(write)));
    const again = await ledger.submit(late);
    for (const entries of [...many, again]) {
      expect(entries.map(({ index, bytes, leaf, signature }) => ({ index, bytes, leaf, signature }))).toEqual(
        many[0]!.map(({ index, bytes, leaf, signature }) => ({ index, bytes, leaf, signature })),
      );
    }
    expect(await sizeOf(ledger)).toBe(before + 1);
    const claiming = (each: Uint8Array) => registration(context, [claim(each, random(32))]);
    await expectRefusal('idempotency_mismatch', ledger.submit(await claiming(idem)));
    const others = await Promise.all([claiming(idem), claiming(idem)]);
    const [first, second] = await Promise.allSettled(others.map((write) => ledger.submit(write)));
    expect([first!.status, second!.status]).toEqual(['rejected', 'rejected']);
    const fresh = random(32);
    const rivals = await Promise.all([claiming(fresh), claiming(fresh)]);
    const [third, fourth] = await Promise.allSettled(rivals.map((write) => ledger.submit(write)));
    expect([third!.status, fourth]).toMatchObject(['fulfilled', { reason: { code: 'idempotency_mismatch' } }]);
    expect(await sizeOf(ledger)).toBe(before + 2);
  });

  it('refuses what the queue cannot hold, and writes all that it took', async () => {
    const { ledger, context } = fixture;
    const writes = await registrations(context, QUEUE_MAX + BATCH_MAX + 50);
    const before = await sizeOf(ledger);
    const results = await Promise.allSettled(writes.map((write) => ledger.submit(write)));
    const refused = results.filter((each) => each.status === 'rejected');
    expect(refused.every((each) => isFailure(each.reason, 'queue_full'))).toBe(true);
    expect(refused.length).toBeGreaterThan(0);
    expect(await sizeOf(ledger)).toBe(before + results.length - refused.length);
  });
});

describe.each(DATABASES)('requests on %s', (database) => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
  });
  afterEach(async () => {
    await checkLedger(fixture);
  });
  afterAll(() => fixture.close());

  it('gives 120 identical requests at once one entry and one answer, byte for byte', async () => {
    const { context } = fixture;
    const scene = await signedScene(context);
    const before = await sizeOf(fixture.ledger);
    const key = 'a key';
    const callers = await Promise.all(
      Array.from({ length: 120 }, () => calledBy(context, scene.lender.party, '/v1/accesses', scene.queryAccess, key)),
    );
    const answers = await Promise.all(callers.map((caller) => askAccess(context, caller, scene.queryAccess)));
    answers.push(await ask(context, scene.queryAccess, key));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await sizeOf(fixture.ledger)).toBe(before + 1);
    await expectRefusal('idempotency_mismatch', ask(context, { ...scene.queryAccess, purpose: 'other' }, key));
    const [caller] = callers as [Caller];
    for (const change of [{ path: '/other' }, { method: 'PUT' }, { query: '?x' }, { contentDigest: 'another' }]) {
      const other = { ...caller, request: { ...caller.request, ...change } };
      await expectRefusal('idempotency_mismatch', askAccess(context, other, scene.queryAccess));
    }
    expect(await sizeOf(fixture.ledger)).toBe(before + 1);
  });

  it('never lets the same idempotency key of two actors meet', async () => {
    const { context } = fixture;
    const [one, two] = [await signedScene(context), await signedScene(context)];
    const key = 'the key of both';
    const [first, second] = await Promise.all([ask(context, one.queryAccess, key), ask(context, two.queryAccess, key)]);
    expect(first.access).not.toBe(second.access);
  });

  it('refuses an enrolment under a key that was used for another request, also of a person known', async () => {
    const { context } = fixture;
    const lender = await newParty(context, 'grantee');
    const known = await newPerson();
    await enrolPerson(context, lender, known);
    const identity = (idNumber: string) => ({
      id_type: 'resident_id',
      id_number: idNumber,
      name: '张示例',
      phone: null,
    });
    const enrolment = (idNumber: string) => ({
      principal: lender.party,
      subject: 'person' as const,
      identity: identity(idNumber),
    });
    const enrolAs = async (idNumber: string) => {
      const body = enrolment(idNumber);
      return enrol(context, await calledBy(context, lender.party, '/v1/relationships', body, 'one key'), body);
    };
    await enrolAs((await newPerson()).idNumber);
    const size = await sizeOf(fixture.ledger);
    await expectRefusal('idempotency_mismatch', enrolAs(known.idNumber));
    expect(await sizeOf(fixture.ledger)).toBe(size);
  });

  it('makes one person of two lenders that enrol the same new person at once', async () => {
    const { context } = fixture;
    for (let round = 0; round < 5; round++) {
      const lenders = await Promise.all([1, 2, 3].map(() => newParty(context, 'grantee')));
      const person = await newPerson();
      const handles = await Promise.all(lenders.map((lender) => enrolPerson(context, lender, person)));
      expect(new Set(handles).size).toBe(3);
      const persons = await fixture.store.read((tx) =>
        tx.selectFrom('relationships').select('person').where('handle', 'in', handles).distinct().execute(),
      );
      expect(persons.length).toBe(1);
    }
  });

  it('gives a lender that enrols the same new person many times at once the same handle', async () => {
    const { context } = fixture;
    const lender = await newParty(context, 'grantee');
    const person = await newPerson();
    const start = await sizeOf(fixture.ledger);
    await enrolPerson(context, lender, await newPerson());
    const before = await sizeOf(fixture.ledger);
    const handles = await Promise.all(Array.from({ length: 10 }, () => enrolPerson(context, lender, person)));
    expect(new Set(handles).size).toBe(1);
    expect(await enrolPerson(context, lender, person)).toBe(handles[0]);
    expect(await sizeOf(fixture.ledger)).toBe(before + (before - start));
  });
});

describe.each(DATABASES)('an outage on %s', (database) => {
  let fixture: Fixture;
  afterEach(() => fixture.close());

  /** What the database does next, in the place of what it was asked. */
  const broken: { mode: 'before' | 'after' | 'hang' | undefined } = { mode: undefined };
  const lost = () =>
    new Failure('store_unavailable', 'the database did not complete this', { cause: { code: '08006' } });
  const wrapStore = (store: Store): Store => ({
    ...store,
    async transaction(work) {
      const { mode } = broken;
      if (mode === 'before') throw lost();
      const value = await store.transaction(work);
      if (mode === 'after') throw lost();
      return value;
    },
  });

  it('never turns into an allow, and a commit whose answer was lost is answered the same on retry', async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), wrapStore });
    const { context } = fixture;
    const scene = await signedScene(context);
    const before = await sizeOf(fixture.ledger);
    const key = 'a key that is tried again';

    broken.mode = 'before';
    await expectRefusal('store_unavailable', ask(context, scene.queryAccess, key));
    expect(await sizeOf(fixture.ledger)).toBe(before);

    broken.mode = 'after';
    await expectRefusal('store_unavailable', ask(context, scene.queryAccess, key));
    expect(await sizeOf(fixture.ledger)).toBe(before + 1);
    // A whole batch whose COMMIT was not answered is decided again, write by write.
    await Promise.allSettled(Array.from({ length: 20 }, (_, i) => ask(context, scene.queryAccess, `key-${i}`)));

    broken.mode = undefined;
    const answer = await ask(context, scene.queryAccess, key);
    expect(answer.entry.index).toBe(before);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ask(context, scene.queryAccess, `key-${i}`)),
    );
    expect(new Set(answers.map((each) => each.entry.index)).size).toBe(20);
    expect(await sizeOf(fixture.ledger)).toBe(before + 21);
    await checkLedger(fixture);
  });

  it('fails a whole batch at once where no database can be reached, and asks it once', async () => {
    let down = false;
    let asked = 0;
    const wrapStore = (store: Store): Store => ({
      ...store,
      transaction(work) {
        if (!down) return store.transaction(work);
        asked++;
        const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
        return Promise.reject(new Failure('store_unavailable', 'the database did not complete this', { cause }));
      },
    });
    const fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), wrapStore });
    const size = await sizeOf(fixture.ledger);
    const [later, ...writes] = (await registrations(fixture.context, 41)) as [Write];
    down = true;
    const answers = await Promise.allSettled(writes.map((write: Write) => fixture.ledger.submit(write)));
    expect(answers.every((each) => each.status === 'rejected' && isFailure(each.reason, 'store_unavailable'))).toBe(
      true,
    );
    // The first write commits alone, the others while it does. The publisher signs by itself and may have asked too.
    expect(asked).toBeLessThan(5);
    down = false;
    await fixture.ledger.submit(later);
    expect(await sizeOf(fixture.ledger)).toBe(size + 1);
    await checkLedger(fixture);
    await fixture.close();
  });

  it('refuses after closing, and answers what it took before', async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    const { context, ledger } = fixture;
    const scene = await signedScene(context);
    const writes = await registrations(context, 20);
    const taken = writes.map((write) => ledger.submit(write));
    const closing = ledger.close();
    await expectRefusal('store_unavailable', ask(context, scene.queryAccess));
    await expectRefusal('store_unavailable', newParty(context, 'bureau'));
    expect((await Promise.allSettled(taken)).every((each) => each.status === 'fulfilled')).toBe(true);
    await closing;
    await checkLedger(fixture);
    // A store that is closed is a failure of the store, to readers and writers alike.
    await fixture.store.close();
    await expectRefusal('store_unavailable', fixture.store.read(loadHead));
    await expectRefusal('store_unavailable', fixture.store.transaction(loadHead));
    await expectRefusal('store_unavailable', ask(context, scene.queryAccess));
  });
});
