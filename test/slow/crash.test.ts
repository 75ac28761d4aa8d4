/** The long form of I1: kills, and kills of servers that have just come back, on both databases. */
import { describe, expect, inject, it } from 'vitest';
import { crashConfig } from '../support/crash.ts';
import { killAndCheck } from '../support/crash-rounds.ts';
import { DATABASES } from '../support/ledger-fixture.ts';
import { freshDatabase } from '../support/postgres.ts';

describe.each(DATABASES)('servers on %s that are killed again and again', (database) => {
  it('have kept every entry that they answered', async () => {
    const made = database === 'postgres' ? await freshDatabase(inject('postgresUrl')) : undefined;
    const config = await crashConfig(made?.url);
    try {
      const promises = await killAndCheck(config, 25, database === 'postgres' ? 3 : 1);
      expect(promises.acked.size).toBeGreaterThan(500);
    } finally {
      await config.remove();
      await made?.drop();
    }
  });
});
