/** The long form of the random histories. */
import { describe, expect, inject, it } from 'vitest';
import { playHistories } from '../support/histories.ts';
import { DATABASES, openFixture } from '../support/ledger-fixture.ts';

describe.each(DATABASES)('many random histories on %s', (database) => {
  it.each([1, 2, 3, 4])('are decided as the model says (ledger %i)', async () => {
    const fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: Date.UTC(2026, 10, 21) });
    try {
      const met = await playHistories(fixture, 25);
      expect(met.allowed).toBeGreaterThan(25);
      expect(met.bound).toBeGreaterThan(0);
    } finally {
      await fixture.close();
    }
  });
});
