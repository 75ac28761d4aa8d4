/** Random traffic over real HTTP, with a database that fails now and then (I3, I4, I6, I10). */
import { describe, expect, inject, it } from 'vitest';
import { UPPER_DATABASES } from '../support/ledger-fixture.ts';
import { playTraffic } from '../support/traffic.ts';

describe.each(UPPER_DATABASES)('random traffic on %s', (database) => {
  it('is never allowed after an end, nor too often, nor twice, nor by an outage', async () => {
    const met = await playTraffic(database, { postgresUrl: inject('postgresUrl'), runs: 6 });
    // However its dice fell, each of these was met.
    for (const what of [met.allowed, met.denied, met.admitted, met.injected]) expect(what).toBeGreaterThan(0);
  }, 180_000);
});
