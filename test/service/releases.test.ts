/** Two-phase access through the service: a decision, its permit, the redemption, the settlement (design §9). */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { toBase64Url } from '#core/bytes.ts';
import { openPermit, permitSubject } from '#core/consent/permit.ts';
import { statementSigningBytes } from '#core/consent/statement.ts';
import { PERMIT_MS, SETTLE_ACCEPTED_MS, SETTLE_WITHIN_MS } from '#core/consent/use.ts';
import type { AccessId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { draftHold, holdEverything } from '#service/holds.ts';
import { doorKey } from '#service/permits.ts';
import { readAccess, readDoorKey } from '#service/releases.ts';
import { loadEntries } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import { calledBy, DAY_MS, newParty, request, revoke, signedScene } from '../support/actors.ts';
import { expectCode, expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, openFixture, UPPER_DATABASES } from '../support/ledger-fixture.ts';
import { askPermit, newQuery, present, type Scene, settleAs } from '../support/releases.ts';

/** `overdue` is told by the database's own clock, which no test can set: everything happens before it, but for one test. */
const BEGIN = Date.now() - 60 * DAY_MS;
const HEX = '0'.repeat(32) as AccessId;

describe.each(UPPER_DATABASES)('on %s', (database) => {
  let fixture: Fixture;
  let scene: Scene;
  let now = BEGIN;
  let start: number;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: now });
  });
  beforeEach(async () => {
    scene = await signedScene(fixture.context);
    start = now;
  });
  afterEach(async () => {
    await checkLedger(fixture);
  });
  afterAll(() => fixture.close());

  const wait = (ms: number) => {
    now += ms;
    fixture.setTime(now);
  };
  const size = async () => (await fixture.store.read(loadHead))?.size as number;
  const entries = async () =>
    (await fixture.store.read((tx) => loadEntries(tx, 0, Number.MAX_SAFE_INTEGER))).map(({ bytes }) =>
      parseEntry(bytes),
    );
  const last = async () => (await entries()).at(-1);
  const course = async (access: AccessId, party: PartyId = scene.lender.party) =>
    readAccess(fixture.context, await calledBy(fixture.context, party, `/v1/accesses/${access}`, {}), access);
  /** What the audit says of this test's own bureau. */
  const conduct = async () =>
    (await checkLedger(fixture)).conduct.filter(({ party }) => party === scene.bureau.party).map(({ code }) => code);

  /** Refused by the door, and written down as such. */
  async function expectPresented(
    answer: { readonly access: AccessId; readonly permit: string | null },
    codes: string[],
  ) {
    const before = await size();
    const redeemed = await present(fixture.context, scene.bureau, answer);
    expect([redeemed.decision, redeemed.codes]).toEqual([codes.length === 0 ? 'allow' : 'deny', codes]);
    expect(await size()).toBe(before + 1);
    const { decision } = redeemed;
    expect(await last()).toMatchObject({ type: 'access.redeemed', body: { access: answer.access, decision, codes } });
  }

  it('goes from asking to settling, and everyone concerned can read its course', async () => {
    const { context } = fixture;
    const answer = await askPermit(context, scene.queryAccess);
    expect(answer).toMatchObject({ decision: 'allow', codes: [], until: start + PERMIT_MS });
    const permit = await openPermit(answer.permit as string, context.issuingKey.publicKey, context.ed25519);
    const { access, entry } = answer;
    const person = { id_type: 'resident_id', id_number: scene.person.idNumber };
    expect(permit).toEqual({
      v: 1,
      log: context.ledger.origin,
      access,
      aud: scene.bureau.party,
      principal: scene.lender.party,
      ground: { grant: scene.query },
      action: 'QUERY',
      purpose: 'loan_apply',
      items: ['credit_report'],
      sub: permitSubject(doorKey(context, scene.bureau.party), access, person),
      request: null,
      offline: false,
      issued_at: start,
      expires_at: start + PERMIT_MS,
      index: entry.index,
      leaf: entry.leaf,
    });
    expect(await course(access)).toMatchObject({ redemptions: [], settlement: null, due_at: null, overdue: false });
    wait(1_000);
    await expectPresented(answer, []);
    expect(await course(access)).toMatchObject({
      redemptions: [{ decision: 'allow', codes: [], door: scene.bureau.party }],
      settlement: null,
      due_at: now + SETTLE_WITHIN_MS,
      overdue: true,
    });
    wait(1_000);
    expect(await settleAs(context, scene.bureau, access, 'released')).toMatchObject({ access, codes: [] });
    for (const party of [scene.lender.party, scene.bureau.party]) {
      expect(await course(access, party)).toMatchObject({
        decision: 'allow',
        settlement: { result: 'released', reason: null, items: ['credit_report'], count: 1, codes: [] },
        overdue: false,
      });
    }
    const stranger = await newParty(context, 'grantee');
    await expectRefusal('access_unknown', course(access, stranger.party));
    expect(await conduct()).toEqual([]);
  });

  it('names a person otherwise in every permit', async () => {
    const subs = new Set<string>();
    for (const items of [['credit_report'], ['credit_info'], ['credit_info', 'credit_report']]) {
      const { permit } = await askPermit(fixture.context, { ...scene.queryAccess, items });
      subs.add((await openPermit(permit as string, fixture.context.issuingKey.publicKey, fixture.context.ed25519)).sub);
    }
    expect(subs.size).toBe(3);
    const text = JSON.stringify((await entries()).map(({ body }) => body));
    for (const sub of subs) expect(text).not.toContain(sub);
  });

  it('answers a repeat with the same bytes, also when the permit has long lapsed, and makes no entry', async () => {
    const first = await askPermit(fixture.context, scene.queryAccess, 'same-key');
    const before = await size();
    expect(await askPermit(fixture.context, scene.queryAccess, 'same-key')).toEqual(first);
    const redeemed = await present(fixture.context, scene.bureau, first, 'one');
    const settled = await settleAs(fixture.context, scene.bureau, first.access, 'released', {}, 'two');
    expect(await present(fixture.context, scene.bureau, first, 'one')).toEqual(redeemed);
    expect(await settleAs(fixture.context, scene.bureau, first.access, 'released', {}, 'two')).toEqual(settled);
    wait(2 * PERMIT_MS);
    expect(await askPermit(fixture.context, scene.queryAccess, 'same-key')).toEqual(first);
    expect(await size()).toBe(before + 2);
    await expectRefusal(
      'idempotency_mismatch',
      askPermit(fixture.context, { ...scene.queryAccess, purpose: 'post_loan' }, 'same-key'),
    );
  });

  it('gives no permit for what is denied, or what is nobody’s own', async () => {
    const { context } = fixture;
    expect(await askPermit(context, { ...scene.queryAccess, purpose: 'marketing' })).toMatchObject({
      decision: 'deny',
      codes: ['PURPOSE'],
      permit: null,
      until: null,
    });
    const foreign = await askPermit(context, { ...scene.queryAccess, handle: HEX as never });
    expect(foreign).toMatchObject({ decision: 'deny', codes: ['PARTY'], permit: null });
    const before = await size();
    for (const each of [foreign, { access: HEX, permit: '' }]) {
      await expectRefusal('access_unknown', present(context, scene.bureau, each));
    }
    expect(await size()).toBe(before);
  });

  describe('refuses at hand-over, in an entry each time,', () => {
    it('a permit that was taken: REDEEMED', async () => {
      const answer = await askPermit(fixture.context, scene.queryAccess);
      await expectPresented(answer, []);
      await expectPresented(answer, ['REDEEMED']);
      await settleAs(fixture.context, scene.bureau, answer.access, 'released');
      await expectPresented(answer, ['REDEEMED']);
      expect((await course(answer.access)).redemptions.map(({ codes }) => codes)).toEqual([
        [],
        ['REDEEMED'],
        ['REDEEMED'],
      ]);
    });

    it('another’s permit: DOOR', async () => {
      const { context } = fixture;
      const answer = await askPermit(context, scene.queryAccess);
      const wrong = await newParty(context, 'bureau');
      expect(await present(context, wrong, answer)).toMatchObject({ decision: 'deny', codes: ['DOOR'] });
      expect(await last()).toMatchObject({ type: 'access.redeemed', body: { door: wrong.party, codes: ['DOOR'] } });
      // Nor can the lender take its own.
      expect(await present(context, scene.lender, answer)).toMatchObject({ codes: ['DOOR'] });
      await expectRefusal('access_unknown', settleAs(context, wrong, answer.access, 'refused'));
      await expectPresented(answer, []);
    });

    it('what has lapsed, from the very instant: LAPSED', async () => {
      const answer = await askPermit(fixture.context, scene.queryAccess);
      wait(PERMIT_MS);
      await expectPresented(answer, ['LAPSED']);
      expect(await course(answer.access)).toMatchObject({ due_at: null, overdue: false });
    });

    it('what was taken back meanwhile: REVOKED', async () => {
      const answer = await askPermit(fixture.context, scene.queryAccess);
      await revoke(fixture.context, scene.lender, scene.person, scene.query);
      await expectPresented(answer, ['REVOKED']);
      await expectPresented(answer, ['REVOKED']);
    });

    it('what was frozen meanwhile: FROZEN', async () => {
      const { context } = fixture;
      const answer = await askPermit(context, scene.queryAccess);
      const body = {
        handle: scene.handle,
        kind: 'freeze',
        grant: null,
        expires_at: (now + DAY_MS) as Instant,
      } as const;
      const drafted = await draftHold(
        context,
        await calledBy(context, scene.lender.party, '/v1/statements', body),
        body,
      );
      const statement = { ...drafted.statement, signed_at: now };
      await holdEverything(context, request(), {
        kind: 'freeze',
        handle: scene.handle,
        ref: drafted.ref,
        key: toBase64Url(scene.person.key.publicKey),
        signature: toBase64Url(await scene.person.key.sign(statementSigningBytes(statement))),
        signed_at: now,
      });
      await expectPresented(answer, ['FROZEN']);
    });

    it('what its grant’s own end overtook, with which its permit lapsed: LAPSED', async () => {
      const asked = await newQuery(fixture.context, scene, { to: (now + 60_000) as Instant });
      const answer = await askPermit(fixture.context, asked);
      wait(60_000);
      await expectPresented(answer, ['LAPSED']);
    });

    it('nothing by a guess: a wrong digest is no permit, and nothing is written', async () => {
      const answer = await askPermit(fixture.context, scene.queryAccess);
      const other = await askPermit(fixture.context, { ...scene.queryAccess, items: ['credit_info'] });
      const before = await size();
      for (const permit of ['', 'x', other.permit, `${answer.permit} `]) {
        await expectRefusal('access_unknown', present(fixture.context, scene.bureau, { ...answer, permit }));
      }
      expect(await size()).toBe(before);
      await expectPresented(answer, []);
    });
  });

  describe('settles', () => {
    it('nothing that was not redeemed', async () => {
      const { context } = fixture;
      const { access } = await askPermit(context, scene.queryAccess);
      const before = await size();
      await expectRefusal('access_unredeemed', settleAs(context, scene.bureau, access, 'released'));
      await expectRefusal('access_unredeemed', settleAs(context, scene.bureau, access, 'nothing_found'));
      expect(await size()).toBe(before);
      await settleAs(context, scene.bureau, access, 'refused', { reason: 'SUBJECT' });
      expect(await course(access)).toMatchObject({ settlement: { result: 'refused', reason: 'SUBJECT' } });
    });

    it('once: a second time is refused, whatever it says', async () => {
      const { context } = fixture;
      const answer = await askPermit(context, scene.queryAccess);
      await present(context, scene.bureau, answer);
      await settleAs(context, scene.bureau, answer.access, 'released');
      const before = await size();
      for (const result of ['released', 'failed', 'refused', 'nothing_found'] as const) {
        await expectRefusal('access_settled', settleAs(context, scene.bureau, answer.access, result));
      }
      expect(await size()).toBe(before);
    });

    it('once, when many come at the same time', async () => {
      const { context } = fixture;
      const answer = await askPermit(context, scene.queryAccess);
      await present(context, scene.bureau, answer);
      const all = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) =>
          settleAs(context, scene.bureau, answer.access, n % 2 === 0 ? 'released' : 'failed'),
        ),
      );
      expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const each of all) if (each.status === 'rejected') expectCode('access_settled', each.reason);
    });

    it('nothing that lapsed, or waited for a day, also where nothing else has happened since', async () => {
      const { context } = fixture;
      const lapsed = await askPermit(context, scene.queryAccess);
      const taken = await askPermit(context, { ...scene.queryAccess, items: ['credit_info'] });
      await present(context, scene.bureau, taken);
      wait(PERMIT_MS);
      for (let again = 0; again < 2; again++) {
        await expectRefusal('access_settled', settleAs(context, scene.bureau, lapsed.access, 'refused'));
      }
      wait(SETTLE_ACCEPTED_MS - PERMIT_MS);
      for (let again = 0; again < 2; again++) {
        await expectRefusal('access_settled', settleAs(context, scene.bureau, taken.access, 'released'));
      }
    });

    it('with SCOPE and LATE beside it, and the audit names both', async () => {
      const { context } = fixture;
      const wide = await askPermit(context, scene.queryAccess);
      const late = await askPermit(context, { ...scene.queryAccess, items: ['credit_info'] });
      for (const each of [wide, late]) await present(context, scene.bureau, each);
      const more = { items: ['credit_report', 'tax'], count: 2 };
      expect((await settleAs(context, scene.bureau, wide.access, 'released', more)).codes).toEqual(['SCOPE']);
      wait(SETTLE_WITHIN_MS + 1);
      expect(await course(late.access)).toMatchObject({ due_at: start + SETTLE_WITHIN_MS, overdue: true });
      const settled = await settleAs(context, scene.bureau, late.access, 'released', { items: ['credit_info'] });
      expect(settled.codes).toEqual(['LATE']);
      expect(await course(late.access)).toMatchObject({ overdue: false, settlement: { codes: ['LATE'] } });
      expect((await conduct()).sort()).toEqual(['late', 'scope']);
    });

    it('and what it never settles, the audit names as unsettled', async () => {
      const { context } = fixture;
      const answer = await askPermit(context, scene.queryAccess);
      await present(context, scene.bureau, answer);
      wait(SETTLE_WITHIN_MS);
      await askPermit(context, scene.reportAccess);
      expect(await conduct()).toEqual([]);
      wait(1);
      await askPermit(context, { ...scene.reportAccess, items: ['line'] });
      expect(await conduct()).toEqual(['unsettled']);
      expect(await course(answer.access)).toMatchObject({ overdue: true, settlement: null });
    });
  });

  it('gives a one-time use back where nothing came of it, and not where it did', async () => {
    const { context } = fixture;
    const asked = await newQuery(context, scene, { uses_max: 1 });
    for (const result of ['failed', 'refused', 'nothing_found'] as const) {
      const answer = await askPermit(context, asked);
      expect([result, answer.decision]).toEqual([result, 'allow']);
      expect((await askPermit(context, asked)).codes).toEqual(['DUP', 'QUOTA']);
      await present(context, scene.bureau, answer);
      await settleAs(context, scene.bureau, answer.access, result);
    }
    expect((await askPermit(context, asked)).codes).toEqual(['QUOTA']);
  });

  it('needs no redemption where the letter lets the door take permits without asking', async () => {
    const { context } = fixture;
    const asked = await newQuery(context, scene, { staleness_ms: 60_000, uses_max: 1 });
    const answer = await askPermit(context, asked);
    expect(answer).toMatchObject({ decision: 'allow', until: start + 60_000 });
    expect(await course(answer.access)).toMatchObject({ due_at: start + 60_000 + SETTLE_WITHIN_MS });
    expect((await askPermit(context, asked)).codes).toEqual(['QUOTA']);
    expect((await settleAs(context, scene.bureau, answer.access, 'released')).codes).toEqual([]);
    expect(await conduct()).toEqual([]);
  });

  it('is not overdue while there is time left to settle', async () => {
    wait(Date.now() - now);
    const answer = await askPermit(fixture.context, scene.queryAccess);
    await present(fixture.context, scene.bureau, answer);
    expect(await course(answer.access)).toMatchObject({ due_at: now + SETTLE_WITHIN_MS, overdue: false });
  });

  it('shares a door’s key with that door only', async () => {
    const { context } = fixture;
    const read = async (caller: PartyId, of: PartyId) =>
      readDoorKey(context, await calledBy(context, caller, `/v1/parties/${of}/door-key`, {}), of);
    expect(await read(scene.bureau.party, scene.bureau.party)).toEqual(doorKey(context, scene.bureau.party));
    await expectRefusal('party_unknown', read(scene.lender.party, scene.bureau.party));
  });
});
