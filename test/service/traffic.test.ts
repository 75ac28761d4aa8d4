/** Random traffic over real HTTP, with a database that fails now and then (I3, I4, I6, I10). */
import { describe, expect, inject, it } from 'vitest';
import { DATABASES } from '../support/ledger-fixture.ts';
import { playTraffic } from '../support/traffic.ts';

describe.each(DATABASES)('random traffic on %s', (database) => {
  it('is never allowed after an end, nor too often, nor twice, nor by an outage', async () => {
    const met = await playTraffic(database, { postgresUrl: inject('postgresUrl'), runs: 5 });
    expect(met.allowed).toBeGreaterThan(5);
    expect(met.denied).toBeGreaterThan(5);
    expect(met.admitted).toBeGreaterThan(3);
    expect(met.injected).toBeGreaterThan(0);
  }, 180_000);
});
