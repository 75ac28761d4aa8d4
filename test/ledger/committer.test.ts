/** Group commit: neighbours, retries, limits, and what a caller hears when the database fails (I6, I10). */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { Failure, isFailure } from '#core/failure.ts';
import type { Hash } from '#core/hash.ts';
import type { PartyId } from '#core/ids.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { BATCH_MAX, QUEUE_MAX } from '#ledger/committer.ts';
import type { Ledger } from '#ledger/ledger.ts';
import type { Write } from '#ledger/write.ts';
import { registerParty } from '#service/parties.ts';
import { enrol } from '#service/relationships.ts';
import { loadHead } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { ask, enrolPerson, newParty, newPerson, request, signedScene } from '../support/actors.ts';
import { otherSalt } from '../support/attack.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, DATABASES, type Fixture, openFixture, random } from '../support/ledger-fixture.ts';

/** A write that registers a party and can be told to fail. */
function registration(claims: Write['claims'] = [], spoil?: () => void): Write {
  const party = random(16).reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '') as PartyId;
  const stream = partyStream(party);
  return {
    claims,
    touches: [stream],
    plan() {
      spoil?.();
      const input = { name: '示例', roles: ['bureau' as const], idem: otherSalt(), auth: 'none' as const };
      return [{ command: { type: 'party.registered', stream, input } }];
    },
  };
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
      await fixture.ledger.submit(registration());
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      const late = new Promise((_, reject) =>
        setTimeout(() => reject(new Error(`stalled after ${turns} turns`)), 3_000),
      );
      await Promise.race([fixture.ledger.submit(registration()), late]);
    }
  });

  it('writes the neighbours of writes that fail, each answered for itself', async () => {
    const { ledger } = fixture;
    const before = await sizeOf(ledger);
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, (_, i) => {
        if (i % 3 === 1)
          return ledger.submit(
            registration([], () => {
              throw new Failure('party_role', 'no');
            }),
          );
        if (i % 3 === 2)
          return ledger.submit(
            registration([], () => {
              throw new TypeError('a bug');
            }),
          );
        return ledger.submit(registration());
      }),
    );
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
    const good = registration();
    const bad: Write = {
      ...good,
      plan: (view, now) => {
        const first = good.plan(view, now);
        return [...first, ...first];
      },
    };
    const [refused] = await Promise.allSettled([fixture.ledger.submit(bad), fixture.ledger.submit(registration())]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'already_there' } });
    expect(await sizeOf(fixture.ledger)).toBe(before + 1);
    await fixture.ledger.submit(good);
  });

  it('writes the neighbours of a write that the database refuses', async () => {
    const { ledger } = fixture;
    const before = await sizeOf(ledger);
    const poisoned = (): Write => {
      const write = registration();
      // A name that is minted twice violates the table `ids`.
      return {
        ...write,
        plan: (view, now) => write.plan(view, now).map((each) => ({ ...each, mints: ['same', 'same'] })),
      };
    };
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) => ledger.submit(i % 10 === 4 ? poisoned() : registration())),
    );
    const refused = results.flatMap((each, i) => (each.status === 'rejected' ? [[i, each.reason.code]] : []));
    expect(refused).toEqual([4, 14, 24].map((i) => [i, 'superseded']));
    expect(await sizeOf(ledger)).toBe(before + 27);
  });

  it('makes one entry of many identical writes, in one batch and across batches', async () => {
    const { ledger } = fixture;
    const before = await sizeOf(ledger);
    const same = () => registration([claim(idem, asked)]);
    const [idem, asked] = [random(32), random(32)];
    const many = await Promise.all(Array.from({ length: 3 * BATCH_MAX }, () => ledger.submit(same())));
    const again = await ledger.submit(same());
    for (const entries of [...many, again]) {
      expect(entries.map(({ index, bytes, leaf, signature }) => ({ index, bytes, leaf, signature }))).toEqual(
        many[0]!.map(({ index, bytes, leaf, signature }) => ({ index, bytes, leaf, signature })),
      );
    }
    expect(await sizeOf(ledger)).toBe(before + 1);
    const other = registration([claim(idem, random(32))]);
    await expectRefusal('idempotency_mismatch', ledger.submit(other));
    const [first, second] = await Promise.allSettled(
      [idem, idem].map((each) => ledger.submit(registration([claim(each, random(32))]))),
    );
    expect([first!.status, second!.status]).toEqual(['rejected', 'rejected']);
    const fresh = random(32);
    const [third, fourth] = await Promise.allSettled(
      [1, 2].map(() => ledger.submit(registration([claim(fresh, random(32))]))),
    );
    expect([third!.status, fourth]).toMatchObject(['fulfilled', { reason: { code: 'idempotency_mismatch' } }]);
    expect(await sizeOf(ledger)).toBe(before + 2);
  });

  it('refuses what the queue cannot hold, and writes all that it took', async () => {
    const { ledger } = fixture;
    const before = await sizeOf(ledger);
    const results = await Promise.allSettled(
      Array.from({ length: QUEUE_MAX + BATCH_MAX + 50 }, () => ledger.submit(registration())),
    );
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
    const call = request();
    const answers = await Promise.all(Array.from({ length: 120 }, () => ask(context, scene.queryAccess, call)));
    answers.push(await ask(context, scene.queryAccess, call));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await sizeOf(fixture.ledger)).toBe(before + 1);
    const other = { ...call, contentDigest: 'another' };
    await expectRefusal('idempotency_mismatch', ask(context, { ...scene.queryAccess, purpose: 'other' }, other));
    for (const change of [{ path: '/other' }, { method: 'PUT' }, { query: '?x' }]) {
      await expectRefusal('idempotency_mismatch', ask(context, scene.queryAccess, { ...call, ...change }));
    }
    expect(await sizeOf(fixture.ledger)).toBe(before + 1);
  });

  it('never lets the same idempotency key of two actors meet', async () => {
    const { context } = fixture;
    const [one, two] = [await signedScene(context), await signedScene(context)];
    const call = request();
    const [first, second] = await Promise.all([
      ask(context, one.queryAccess, call),
      ask(context, two.queryAccess, call),
    ]);
    expect(first.access).not.toBe(second.access);
  });

  it('refuses an enrolment under a key that was used for another request, also of a person known', async () => {
    const { context } = fixture;
    const lender = await newParty(context, 'grantee');
    const known = await newPerson();
    await enrolPerson(context, lender, known);
    const call = request();
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
    await enrol(context, call, enrolment((await newPerson()).idNumber));
    const size = await sizeOf(fixture.ledger);
    await expectRefusal(
      'idempotency_mismatch',
      enrol(context, { ...call, contentDigest: 'b' }, enrolment(known.idNumber)),
    );
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
    const call = request();

    broken.mode = 'before';
    await expectRefusal('store_unavailable', ask(context, scene.queryAccess, call));
    expect(await sizeOf(fixture.ledger)).toBe(before);

    broken.mode = 'after';
    await expectRefusal('store_unavailable', ask(context, scene.queryAccess, call));
    expect(await sizeOf(fixture.ledger)).toBe(before + 1);
    // A whole batch whose COMMIT was not answered is decided again, write by write.
    await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => ask(context, scene.queryAccess, request(`key-${i}`))),
    );

    broken.mode = undefined;
    const answer = await ask(context, scene.queryAccess, call);
    expect(answer.entry.index).toBe(before);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ask(context, scene.queryAccess, request(`key-${i}`))),
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
    down = true;
    const answers = await Promise.allSettled(Array.from({ length: 40 }, () => fixture.ledger.submit(registration())));
    expect(answers.every((each) => each.status === 'rejected' && isFailure(each.reason, 'store_unavailable'))).toBe(
      true,
    );
    // The first write commits alone, the others while it does. The publisher signs by itself and may have asked too.
    expect(asked).toBeLessThan(5);
    down = false;
    await fixture.ledger.submit(registration());
    expect(await sizeOf(fixture.ledger)).toBe(size + 1);
    await checkLedger(fixture);
    await fixture.close();
  });

  it('refuses after closing, and answers what it took before', async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    const { context, ledger } = fixture;
    const scene = await signedScene(context);
    const taken = Array.from({ length: 20 }, () => ledger.submit(registration()));
    const closing = ledger.close();
    await expectRefusal('store_unavailable', ask(context, scene.queryAccess));
    await expectRefusal('store_unavailable', registerParty(context, request(), { name: '示例', roles: ['bureau'] }));
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
