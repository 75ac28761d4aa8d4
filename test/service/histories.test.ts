/** Random histories compared with a model (I2, I3, I7): every answer is the model's, and the audit finds it right. */
import { afterEach, describe, expect, inject, it } from 'vitest';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { auditLedger } from '#ledger/audit.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { playHistories } from '../support/histories.ts';
import { checkLedger, type Fixture, openFixture, UPPER_DATABASES } from '../support/ledger-fixture.ts';

describe.each(UPPER_DATABASES)('random histories on %s', (database) => {
  let fixture: Fixture;
  afterEach(() => fixture.close());

  it('are decided as the model says, and audited alike by every implementation', async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: Date.UTC(2026, 10, 21) });
    const met = await playHistories(fixture, 8);
    expect(met.allowed).toBeGreaterThan(0);
    expect(met.denied).toBeGreaterThan(0);
    expect(met.bound).toBeGreaterThan(0);
    const report = await checkLedger(fixture);
    expect(report.attested).toBe(0);
    expect(report.decisions).toBe(met.allowed + met.denied);
    // Replay needs nothing but the database and the vkey: no vault, another implementation of Ed25519.
    const options = {
      vkey: fixture.vkey,
      vault: undefined,
      ed25519: portableEd25519,
      p256: nativeP256,
      entrySignatures: false,
    };
    const other = await fixture.store.read((tx) => auditLedger(tx, options));
    expect(other).toMatchObject({ holds: true, size: report.size, decisions: report.decisions });
    expect([...other.root]).toEqual([...report.root]);
    expect(nativeEd25519).not.toBe(portableEd25519);
  });
});
