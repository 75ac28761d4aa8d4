/** The long form of the random traffic. */
import { describe, expect, inject, it } from 'vitest';
import { DATABASES } from '../support/ledger-fixture.ts';
import { playTraffic } from '../support/traffic.ts';

describe.each(DATABASES)('much random traffic on %s', (database) => {
  it.each([1, 2, 3])('is lawful (ledger %i)', async () => {
    const met = await playTraffic(database, { postgresUrl: inject('postgresUrl'), runs: 40 });
    expect(met.admitted).toBeGreaterThan(50);
  });
});
