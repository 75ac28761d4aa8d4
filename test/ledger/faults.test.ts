/** Every statement of a batch fails once, before and after it was carried out: nothing half-written is left. */

import type { KyselyPlugin } from 'kysely';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { Failure } from '#core/failure.ts';
import { enrol } from '#service/relationships.ts';
import { loadHead } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import type { Store } from '#store/store.ts';
import { ask, calledBy, newParty, newPerson, signedScene } from '../support/actors.ts';
import { checkLedger, DATABASES, type Fixture, openFixture } from '../support/ledger-fixture.ts';

/** Fails at the n-th statement of a transaction that writes; counts them otherwise. */
interface Fault {
  at: number;
  when: 'before' | 'after';
  /** Fails one time, so that what is run again goes through. */
  once: boolean;
  statements: number;
  mostStatements: number;
}

const KINDS = [
  { when: 'before', once: false },
  { when: 'after', once: false },
  { when: 'before', once: true },
  { when: 'after', once: true },
] as const;

describe.each(DATABASES)('a database on %s that fails at one statement', (database) => {
  let fixture: Fixture;
  afterEach(() => fixture.close());

  it('leaves all of a batch or nothing, and the same calls again are answered as if nothing had been', async () => {
    const fault: Fault = { at: 0, when: 'before', once: false, statements: 0, mostStatements: 0 };
    const wrapStore = (store: Store): Store => ({
      ...store,
      transaction: (work) => {
        fault.statements = 0;
        return store.transaction((tx) => work(tx.withPlugin(failing(fault)) as Tx));
      },
    });
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), wrapStore });
    const { context } = fixture;
    const scene = await signedScene(context);
    const stranger = await newParty(context, 'grantee');

    /** One batch with everything in it: payloads, new persons, decisions, a refusal. */
    async function batch(round: number): Promise<readonly PromiseSettledResult<unknown>[]> {
      const person = persons[round] ?? (await newPerson());
      persons[round] = person;
      const identity = { id_type: 'resident_id', id_number: person.idNumber, name: '张示例', phone: null };
      const subject = { principal: scene.lender.party, subject: 'person' as const, identity };
      const enrolling = await calledBy(context, scene.lender.party, '/v1/relationships', subject, `${round}-enrol`);
      return Promise.allSettled([
        ask(context, scene.queryAccess, `${round}-ask`),
        enrol(context, enrolling, subject),
        ask(context, { ...scene.queryAccess, purpose: 'marketing' }, `${round}-deny`),
        ask(context, { ...scene.queryAccess, principal: stranger.party }, `${round}-foreign`),
      ]);
    }
    const persons: Awaited<ReturnType<typeof newPerson>>[] = [];

    const start = (await fixture.store.read(loadHead))!.size;
    // Of a batch, and not of the migrations before it.
    fault.mostStatements = 0;
    await batch(0);
    const growth = (await fixture.store.read(loadHead))!.size - start;
    let round = 0;
    for (let n = 1; n <= fault.mostStatements; n++) {
      for (const kind of KINDS) {
        round++;
        const before = await fixture.store.read(loadHead);
        Object.assign(fault, kind, { at: n });
        const failed = await batch(round);
        fault.at = 0;
        for (const each of failed) {
          if (each.status === 'fulfilled') expect(isRight(each.value)).toBe(true);
          else expect(each.reason).toBeInstanceOf(Failure);
        }
        // Who was alone in a batch retries; a batch of several is run again write by write and costs nobody an answer.
        const unanswered = failed.flatMap((each, i) => (each.status === 'rejected' ? [i] : []));
        if (kind.once) expect(unanswered.length).toBeLessThanOrEqual(1);
        const again = await batch(round);
        expect(
          again.map((each) => each.status),
          `${kind.when} statement ${n}`,
        ).toEqual(Array(4).fill('fulfilled'));
        const after = await fixture.store.read(loadHead);
        // As many entries come of these four calls, in however many batches they were made in the end.
        expect(after!.size - before!.size, `${kind.when} statement ${n}`).toBe(growth);
      }
      if (n % 8 === 0) await checkLedger(fixture);
    }
    expect(fault.mostStatements).toBeGreaterThan(7);
    await checkLedger(fixture);
  });
});

/** A decision that was answered is one that the rules make, whatever failed. */
function isRight(value: unknown): boolean {
  const { decision, purpose, codes } = value as { decision?: string; purpose?: string; codes?: readonly string[] };
  if (decision === undefined) return true;
  // A round that was answered has left a permit out, and the next asks for the same.
  if (purpose !== 'marketing' && codes?.join() === 'DUP') return decision === 'deny';
  return decision === (purpose === 'marketing' || codes?.includes('PARTY') ? 'deny' : 'allow');
}

function failing(fault: Fault): KyselyPlugin {
  let mine = 0;
  const fail = () => {
    if (fault.once) fault.at = 0;
    throw Object.assign(new Error('the connection was lost'), { code: '08006' });
  };
  return {
    transformQuery({ node }) {
      mine = ++fault.statements;
      fault.mostStatements = Math.max(fault.mostStatements, mine);
      if (fault.when === 'before' && mine === fault.at) fail();
      return node;
    },
    async transformResult({ result }) {
      if (fault.when === 'after' && mine === fault.at) fail();
      return result;
    },
  };
}
