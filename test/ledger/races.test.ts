/** Revoking while accesses race it (I3): whichever comes first in the order of entries, no allow comes after the end. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { GrantId } from '#core/ids.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { loadEntries } from '#store/entries.ts';
import { ask, draft, revoke, sign, signedScene, twoClauses } from '../support/actors.ts';
import { checkLedger, DATABASES, type Fixture, openFixture } from '../support/ledger-fixture.ts';

describe.each(DATABASES)('a revocation on %s', (database) => {
  let fixture: Fixture;
  let second: Fixture | undefined;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    if (database === 'postgres') second = await openFixture(database, { again: fixture, signerState: null });
  });
  afterEach(async () => {
    await checkLedger(fixture);
  });
  afterAll(async () => {
    await second?.close();
    await fixture.close();
  });

  /** Lets a random number of turns and milliseconds go by, so that runs interleave in many ways. */
  async function pause(): Promise<void> {
    for (let turns = Math.floor(Math.random() * 20); turns > 0; turns--) await Promise.resolve();
    if (Math.random() < 0.7) await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
  }

  it('is followed by no allow under the same grant, in whatever order they came in', async () => {
    const { context } = fixture;
    const scene = await signedScene(context);
    let raced = 0;
    // As many more rounds as it takes until both orders were met.
    for (let round = 0; round < 12 || (raced === 0 && round < 100); round++) {
      const letter = await draft(context, {
        lender: scene.lender,
        handle: scene.handle,
        grants: twoClauses(scene.bureau, context.clock()),
      });
      await sign(context, letter, scene.person, [true, true]);
      const [query, report] = letter.grants.map((terms) => terms.grant) as [GrantId, GrantId];
      const contexts = [context, second?.context ?? context];
      const asking = Array.from({ length: 24 }, async (_, i) => {
        await pause();
        return ask(contexts[i % 2]!, { ...scene.queryAccess, ground: { grant: query } });
      });
      const others = Array.from({ length: 4 }, () =>
        ask(context, { ...scene.reportAccess, ground: { grant: report } }),
      );
      await pause();
      const revoked = await revoke(contexts[round % 2]!, scene.lender, scene.person, query);
      // From the answer on, nothing is allowed, whoever asks.
      for (const each of contexts) {
        expect((await ask(each, { ...scene.queryAccess, ground: { grant: query } })).codes).toContain('REVOKED');
      }
      const answers = await Promise.all(asking);
      for (const { entry, decision, codes } of answers) {
        const before = entry.index < revoked.entry.index;
        expect(codes.includes('REVOKED'), `entry ${entry.index}, revoked at ${revoked.entry.index}`).toBe(!before);
        // One permit is out at a time: of those before the revocation the first is allowed, the others are duplicates.
        expect(codes.filter((code) => code !== 'REVOKED' && code !== 'DUP')).toEqual([]);
        expect(decision).toBe(codes.length === 0 ? 'allow' : 'deny');
      }
      const orders = new Set(answers.map(({ entry }) => entry.index < revoked.entry.index));
      expect(answers.filter((answer) => answer.decision === 'allow')).toHaveLength(orders.has(true) ? 1 : 0);
      raced += orders.size - 1;
      expect((await Promise.all(others)).flatMap(({ codes }) => codes)).toEqual(['DUP', 'DUP', 'DUP']);
    }
    // The test says something only if both orders were met.
    expect(raced).toBeGreaterThan(0);
  });

  it('of the same grant by several at once makes one entry', async () => {
    const { context } = fixture;
    const scene = await signedScene(context);
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        revoke(context, scene.lender, scene.person, scene.query, context.clock() + i),
      ),
    );
    expect(results.filter((each) => each.status === 'fulfilled').length).toBe(1);
    for (const each of results) {
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'already_revoked' });
    }
    const rows = await fixture.store.read((tx) => loadEntries(tx, 0, Number.MAX_SAFE_INTEGER));
    const revocations = rows.map((row) => parseEntry(row.bytes)).filter((entry) => entry.body['grant'] === scene.query);
    expect(revocations.length).toBe(1);
  });
});

describe('two servers on one PostgreSQL', () => {
  it('make contiguous entries, and one entry of a key that is used in both', async () => {
    const one = await openFixture('postgres', { postgresUrl: inject('postgresUrl') });
    const two = await openFixture('postgres', { again: one, signerState: null });
    try {
      const scene = await signedScene(one.context);
      const first = (await ask(one.context, scene.queryAccess)).entry.index;
      const answers = await Promise.all(
        Array.from({ length: 150 }, (_, i) => i).flatMap((i) => [
          ask(one.context, scene.queryAccess, `one-${i}`),
          ask(two.context, scene.queryAccess, `two-${i}`),
          ask((i % 2 ? one : two).context, scene.queryAccess, `both-${i}`),
          ask((i % 2 ? two : one).context, scene.queryAccess, `both-${i}`),
        ]),
      );
      const indexes = [...new Set(answers.map((answer) => answer.entry.index))].sort((a, b) => a - b);
      expect(indexes).toEqual(Array.from({ length: 450 }, (_, i) => first + 1 + i));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(450);
      // The one that signs publishes what both wrote.
      await two.ledger.publisher.published(first + 451, 5_000);
      await checkLedger(two);
    } finally {
      await two.close();
      await one.close();
    }
  });
});
