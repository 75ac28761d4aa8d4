/** Permits raced for: one redemption of many counts, and none after a revocation (I3, I4), in the order of entries. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { signedScene } from '../support/actors.ts';
import { checkLedger, type Fixture, openFixture, UPPER_DATABASES } from '../support/ledger-fixture.ts';
import { raceRedemptions, raceRevocations, raceUses } from '../support/release-races.ts';

describe.each(UPPER_DATABASES)('a permit on %s', (database) => {
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
  const contexts = () => [fixture.context, (second ?? fixture).context] as const;

  it('is taken once, when a thousand show it at the same time', async () => {
    await raceRedemptions(contexts(), await signedScene(fixture.context), database === 'postgres' ? 1_000 : 200);
  }, 240_000);

  it('for the last use is given once, however many ask', async () => {
    await raceUses(contexts(), await signedScene(fixture.context), 100);
  });

  it('is never taken after the revocation, in whatever order they came in', async () => {
    const rounds = database === 'postgres' ? 200 : 40;
    const met = await raceRevocations(contexts(), await signedScene(fixture.context), rounds);
    // The test says something only if both orders were met.
    expect(met.allowed).toBeGreaterThan(0);
    expect(met.denied).toBeGreaterThan(0);
  }, 240_000);
});
