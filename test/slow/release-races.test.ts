/** The long form of the race between revoking and redeeming. */
import { describe, expect, inject, it } from 'vitest';
import { signedScene } from '../support/actors.ts';
import { checkLedger, openFixture } from '../support/ledger-fixture.ts';
import { raceRevocations } from '../support/release-races.ts';

describe('a thousand revocations', () => {
  it('are followed by no redemption that is allowed', async () => {
    const fixture = await openFixture('postgres', { postgresUrl: inject('postgresUrl') });
    const second = await openFixture('postgres', { again: fixture, signerState: null });
    try {
      const contexts = [fixture.context, second.context] as const;
      let [allowed, denied] = [0, 0];
      // A relationship has 256 grants at most.
      for (let scenes = 0; scenes < 5; scenes++) {
        const met = await raceRevocations(contexts, await signedScene(fixture.context), 200);
        allowed += met.allowed;
        denied += met.denied;
      }
      expect(allowed).toBeGreaterThan(50);
      expect(denied).toBeGreaterThan(50);
      await checkLedger(fixture);
    } finally {
      await second.close();
      await fixture.close();
    }
  });
});
