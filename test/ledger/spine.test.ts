import { afterEach, describe, expect, inject, it } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { accessReceipt } from '#service/receipts.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { ask, calledBy, revoke, signedScene } from '../support/actors.ts';
import { checkLedger, DATABASES, type Fixture, openFixture } from '../support/ledger-fixture.ts';

describe.each(DATABASES)('the spine on %s', (database) => {
  let fixture: Fixture | undefined;
  afterEach(async () => {
    await fixture?.close();
  });

  it('allows under a signed grant, denies what was not ticked, and denies after the grant is taken back', async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    const { context } = fixture;
    const scene = await signedScene(context);
    const allowed = await ask(context, scene.queryAccess);
    expect(allowed.decision, allowed.codes.join()).toBe('allow');
    expect((await ask(context, { ...scene.queryAccess, purpose: 'marketing' })).codes).toEqual(['PURPOSE']);
    await revoke(context, scene.lender, scene.person, scene.query);
    expect((await ask(context, { ...scene.queryAccess, items: ['credit_info'] })).codes).toEqual(['REVOKED']);
    expect((await ask(context, scene.reportAccess)).decision).toBe('allow');
    const caller = await calledBy(context, scene.lender.party, '/v1/receipts', {});
    const receipt = await accessReceipt(context, caller, allowed.access);
    const verdict = await verifyReceipt(utf8(receipt), fixture.vkey, nativeEd25519);
    expect(verdict).toMatchObject({ recorded: 'unwitnessed', decision: 're-derived', problem: null });
    const report = await checkLedger(fixture);
    expect(report.attested).toBe(0);
  });
});
