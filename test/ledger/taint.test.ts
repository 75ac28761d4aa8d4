/** A key that was in other hands since some time: the audit lists just what it signed since then, and still holds. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { toBase64Url } from '#core/bytes.ts';
import type { Instant } from '#core/instant.ts';
import { compromisePartyKey, setSuspended } from '#service/parties.ts';
import {
  ask,
  calledByKeeper,
  draft,
  enrolPerson,
  newPerson,
  revoke,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { calledWith } from '../support/callers.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, DATABASES, type Fixture, openFixture } from '../support/ledger-fixture.ts';

describe.each(DATABASES)('a key that was compromised on %s', (database) => {
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: Date.UTC(2026, 10, 21) });
    scene = await signedScene(fixture.context);
  });
  afterAll(() => fixture.close());

  it('taints what it signed since then: no entry before, none of another key, and no decision', async () => {
    const { context } = fixture;
    const { lender, bureau, handle } = scene;
    const since = (context.clock() + 60_000) as Instant;
    const size = async () => (await checkLedger(fixture)).size;
    const tainted = async () => (await checkLedger(fixture)).tainted;

    fixture.setTime(since - 1);
    const before = (await ask(context, scene.queryAccess)).entry.index;
    expect(await tainted()).toEqual([]);
    fixture.setTime(since);
    const first = await size();
    await ask(context, scene.queryAccess);
    await ask(context, { ...scene.queryAccess, purpose: 'marketing' });
    fixture.setTime(since + 30_000);
    await enrolPerson(context, lender, await newPerson());
    await draft(context, { lender, handle, grants: twoClauses(bureau, context.clock()) });
    const end = await size();
    // Others' keys, and the person's statement, are as good as ever.
    await ask(context, (await signedScene(context)).queryAccess);
    await revoke(context, lender, scene.person, scene.query);
    expect(await tainted()).toEqual([]);

    const declare = async (at: Instant) => {
      const body = { key: toBase64Url(lender.key.publicKey), since: at };
      const path = `/v1/parties/${lender.party}/keys/compromise`;
      const caller = await calledWith(context, { party: lender.party, key: lender.admin, path, body });
      return compromisePartyKey(context, caller, { party: lender.party, ...body });
    };
    const { entry } = await declare(since);
    const of = (from: number) =>
      Array.from({ length: end - from }, (_, n) => ({ index: from + n, party: lender.party, key: 0 }));
    expect(await tainted()).toEqual(of(first));
    expect(entry.index).toBeGreaterThan(end);

    // The time may be moved back, when more is known, and never forward.
    await expectRefusal('already_there', declare(since));
    await expectRefusal('already_there', declare((since + 1) as Instant));
    await declare((since - 1) as Instant);
    expect(await tainted()).toEqual(of(before));
  });

  it('taints nothing that others signed about its party', async () => {
    const { context } = fixture;
    const { party, admin } = scene.bureau;
    const since = context.clock() as Instant;
    const suspending = await calledByKeeper(context, `/v1/parties/${party}/suspension`, {});
    await setSuspended(context, suspending, { party, suspended: true });
    const body = { key: toBase64Url(admin.publicKey), since };
    const caller = await calledByKeeper(context, `/v1/parties/${party}/keys/compromise`, body);
    await compromisePartyKey(context, caller, { party, ...body });
    const { tainted } = await checkLedger(fixture);
    expect(tainted.filter((each) => each.party === party)).toEqual([]);
  });
});
