/** The audit of tables that are derived from entries, where entries say what no rule ever wrote. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { openAudit } from '#ledger/audit.ts';
import { databaseSource } from '#ledger/audit-source.ts';
import { compareStates } from '#ledger/audit-tables.ts';
import type { Finding, ReplayedStream } from '#ledger/replay.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { type Fixture, openFixture } from '../support/ledger-fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture('pglite');
});
afterAll(() => fixture.close());

describe('the states of streams', () => {
  it('are found to be others where the entries fold to what can’t be written at all', async () => {
    const { store, vkey } = fixture;
    const found = await store.read(async (tx) => {
      const means = { ed25519: nativeEd25519, p256: nativeP256, vault: undefined, entrySignatures: false };
      const { advance, view } = openAudit(databaseSource(tx), { vkey, ...means });
      await advance();
      const log = view.streams.get(LOG_STREAM) as ReplayedStream;
      const findings: Finding[] = [];
      for (const state of [log.state, { ...log.state, epoch: Number.NaN }]) {
        const streams = new Map([...view.streams, [LOG_STREAM, { ...log, state }]]);
        await compareStates(tx, { ...view, streams }, (finding) => findings.push(finding));
      }
      return findings;
    });
    expect(found).toEqual([{ code: 'state', index: null, message: 'the state of log is not the fold of its entries' }]);
  });
});
