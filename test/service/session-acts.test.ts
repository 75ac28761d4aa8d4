/** What a person does out of its session: it takes back, pauses and freezes; and what it can't. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { signKeyEnd } from '#client/key-end.ts';
import { toBase64Url, utf8 } from '#core/bytes.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import type { FailureCode } from '#core/failure.ts';
import type { GrantId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { relationshipStream } from '#core/tlog/stream.ts';
import { draftHold } from '#service/holds.ts';
import { accessReceipt } from '#service/receipts.ts';
import { pauseBySession, revokeBySession } from '#service/session-acts.ts';
import { freezeBySession } from '#service/session-freeze.ts';
import { mintChallenge, openSession, type PersonSession, readingAs } from '#service/sessions.ts';
import { endKey } from '#service/subject-keys.ts';
import { loadEntries } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import {
  ask,
  bindPersonKey,
  calledBy,
  draft,
  enrolPerson,
  newParty,
  newPerson,
  request,
  sign,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { newPasskey } from '../support/authenticator.ts';
import { expectRefusal } from '../support/failure.ts';
import { draftedHold, hold, putHold, signedHold } from '../support/holds.ts';
import { checkLedger, type Fixture, openFixture, random, UPPER_DATABASES } from '../support/ledger-fixture.ts';
import { answeredBy, bindPasskeyOf, signIn } from '../support/sessions.ts';

const HOUR_MS = 3_600_000;
const NO_GRANT = '0'.repeat(32) as GrantId;

describe.each(UPPER_DATABASES)('by session on %s', (database) => {
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  let session: PersonSession;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: Date.UTC(2026, 10, 21) });
  });
  beforeEach(async () => {
    scene = await signedScene(fixture.context);
    session = (await signIn(fixture.context, scene.person, scene.handle)).session;
  });
  afterEach(async () => {
    const report = await checkLedger(fixture);
    expect(report.attested).toBe(0);
  });
  afterAll(() => fixture.close());

  const size = async () => (await fixture.store.read(loadHead))!.size;
  const later = (ms: number) => fixture.setTime(fixture.context.clock() + ms);
  const since = async (from: number) =>
    (await fixture.store.read(async (tx) => loadEntries(tx, from, Number.MAX_SAFE_INTEGER))).map(({ bytes }) =>
      parseEntry(bytes),
    );
  const codesOf = async (access: Parameters<typeof ask>[1]) => {
    const { codes, until } = await ask(fixture.context, access);
    if (until !== null) fixture.setTime(until);
    return codes;
  };
  const revoke = (grants: readonly GrantId[], key?: string, by = session) =>
    revokeBySession(fixture.context, request(key), by, { grants });
  const pause = (grant: GrantId, key?: string) => pauseBySession(fixture.context, request(key), session, { grant });
  const freeze = (key?: string, by = session) => freezeBySession(fixture.context, request(key), by);

  async function refuses(code: FailureCode, act: () => Promise<unknown>): Promise<void> {
    const before = await size();
    await expectRefusal(code, act());
    expect(await size()).toBe(before);
  }

  /** The person at another lender, with a signed letter of two grants. */
  async function elsewhere() {
    const { context } = fixture;
    const lender = await newParty(context, 'grantee');
    const handle = await enrolPerson(context, lender, scene.person);
    const letter = await draft(context, { lender, handle, grants: twoClauses(scene.bureau, context.clock()) });
    await sign(context, letter, scene.person, [true, true]);
    const [query, report] = letter.grants.map(({ grant }) => grant) as [GrantId, GrantId];
    const access = { ...scene.queryAccess, principal: lender.party, handle, ground: { grant: query } };
    return { lender, handle, query, report, access };
  }

  /** Makes another grant of one, which follows it or stands in its place. */
  async function extended(grant: GrantId): Promise<GrantId> {
    const { context } = fixture;
    const { grant: _old, ...terms } = scene.drafted.grants.find((each) => each.grant === grant)!;
    const longer = { ...terms, from: terms.to, to: (terms.to + 24 * HOUR_MS) as Instant };
    const expires_at = (context.clock() + 24 * HOUR_MS) as Instant;
    const body = { handle: scene.handle, kind: 'extend' as const, grant, terms: longer, expires_at };
    const drafted = await draftHold(context, await calledBy(context, scene.lender.party, '/v1/statements', body), body);
    await putHold(context, drafted, await signedHold(context, drafted, scene.person));
    return drafted.makes as GrantId;
  }

  describe('a grant', () => {
    it('is taken back at once, with the opening of the session as its evidence', async () => {
      expect(await codesOf(scene.queryAccess)).toEqual([]);
      const before = await size();
      const { revoked, ended } = await revoke([scene.query]);
      expect(ended).toEqual([]);
      const [entry, ...more] = await since(before);
      expect(more).toEqual([]);
      expect(revoked).toEqual([
        { grant: scene.query, handle: scene.handle, revoked_at: entry!.time, entry: expect.anything() },
      ]);
      expect(entry).toMatchObject({
        type: 'grant.revoked',
        body: { auth: 'session', signed_at: entry!.time, evidence: { grade: 'B', kind: 'ed25519' } },
      });
      expect(JSON.stringify(entry)).not.toContain(String(session.statement['nonce']));
      expect(await codesOf(scene.queryAccess)).toEqual(['REVOKED']);
      expect(await codesOf(scene.reportAccess)).toEqual([]);
    });

    it('is taken back with all others, over several relationships, in one batch', async () => {
      const other = await elsewhere();
      const grants = [scene.query, other.query, scene.report, other.report];
      const before = await size();
      const { revoked, ended } = await revoke(grants);
      expect(revoked.map(({ grant, handle }) => [grant, handle])).toEqual([
        [scene.query, scene.handle],
        [other.query, other.handle],
        [scene.report, scene.handle],
        [other.report, other.handle],
      ]);
      expect(ended).toEqual([]);
      expect(await size()).toBe(before + 4);
      expect(new Set((await since(before)).map(({ time }) => time)).size).toBe(1);
      expect(await codesOf(other.access)).toEqual(['REVOKED']);
    });

    it('that ended before is told apart, and disturbs no other', async () => {
      await revoke([scene.query]);
      const before = await size();
      const all = await revoke([scene.query, scene.report, scene.report]);
      expect(all.revoked.map(({ grant }) => grant)).toEqual([scene.report]);
      expect(all.ended).toEqual([scene.query]);
      expect(await size()).toBe(before + 1);
      expect(await revoke([scene.report, scene.query])).toMatchObject({ revoked: [], ended: { length: 2 } });
      expect(await size()).toBe(before + 1);
      fixture.setTime(fixture.context.clock() + 366 * 24 * HOUR_MS);
    });

    it('that ended by itself is not taken back', async () => {
      fixture.setTime(fixture.context.clock() + 366 * 24 * HOUR_MS);
      const fresh = (await signIn(fixture.context, scene.person, scene.handle)).session;
      expect(await revoke([scene.query], undefined, fresh)).toEqual({ revoked: [], ended: [scene.query] });
    });

    it('and what follows it are taken back each by its own entry, or both by the first', async () => {
      const follower = await extended(scene.query);
      const both = await revoke([scene.query, follower]);
      expect(both.revoked.map(({ grant }) => grant)).toEqual([follower, scene.query]);
      const second = await extended(scene.report);
      const { revoked } = await revoke([scene.report]);
      expect(revoked.map(({ grant }) => grant)).toEqual([scene.report]);
      expect(await revoke([second])).toEqual({ revoked: [], ended: [second] });
    });

    it('is answered the same under the same key, and once', async () => {
      const first = await revoke([scene.query], 'once');
      const before = await size();
      expect(await revoke([scene.query], 'once')).toEqual(first);
      const again = (await signIn(fixture.context, scene.person, scene.handle)).session;
      expect(await revoke([scene.query], 'once', again)).toEqual(first);
      expect(await size()).toBe(before);
      await refuses('idempotency_mismatch', () =>
        revokeBySession(fixture.context, request('once', 'another'), session, { grants: [scene.report] }),
      );
    });

    it('is taken back with more of them than one commit takes, each once, also by a repeat', async () => {
      const { context } = fixture;
      const all = [scene.query, scene.report];
      const clauses = Array.from({ length: 8 }, () => twoClauses(scene.bureau, context.clock())).flat();
      for (let letter = 0; letter < 16; letter++) {
        // Each at a lender of its own: a relationship has so many grants at most.
        const lender = await newParty(context, 'grantee');
        const handle = await enrolPerson(context, lender, scene.person);
        const drafted = await draft(context, { lender, handle, grants: clauses });
        await sign(
          context,
          drafted,
          scene.person,
          clauses.map(() => true),
        );
        all.push(...drafted.grants.map(({ grant }) => grant));
      }
      expect(all.length).toBe(258);
      const before = await size();
      const first = await revoke(all, 'all');
      expect([first.revoked.map(({ grant }) => grant), first.ended]).toEqual([all, []]);
      expect(await size()).toBe(before + all.length);
      expect(await revoke(all, 'all')).toEqual(first);
      expect(await size()).toBe(before + all.length);
    });

    it('of another person, or of nobody, is unknown, and then none is taken back', async () => {
      const other = await signedScene(fixture.context);
      for (const grant of [other.query, NO_GRANT]) {
        await refuses('grant_unknown', () => revoke([scene.query, grant]));
        await refuses('grant_unknown', () => pause(grant));
      }
      expect(await codesOf(scene.queryAccess)).toEqual([]);
      expect(await codesOf(other.queryAccess)).toEqual([]);
    });

    it('is paused without a draft, and goes on only by a signature', async () => {
      const { context } = fixture;
      const paused = await pause(scene.query, 'pausing');
      expect(paused).toMatchObject({ grant: scene.query, handle: scene.handle, entry: { type: 'grant.paused' } });
      expect(await pause(scene.query, 'pausing')).toEqual(paused);
      await refuses('hold_mismatch', () => pause(scene.query));
      expect(await codesOf(scene.queryAccess)).toEqual(['FROZEN']);
      expect(await codesOf(scene.reportAccess)).toEqual([]);
      await hold(context, scene.lender, scene.person, { handle: scene.handle, kind: 'resume', grant: scene.query });
      expect(await codesOf(scene.queryAccess)).toEqual([]);
      await revoke([scene.query]);
      const late = (await signIn(context, scene.person, scene.handle)).session;
      await refuses('already_revoked', () => pauseBySession(context, request(), late, { grant: scene.query }));
    });
  });

  describe('everything', () => {
    it('is frozen in every relationship, and in those that come later, until a signature releases it', async () => {
      const { context } = fixture;
      const other = await elsewhere();
      const stranger = await signedScene(context);
      const before = await size();
      const { frozen_at } = await freeze();
      const entries = await since(before);
      expect(entries.map(({ type }) => type)).toEqual(['person.frozen', 'relationship.frozen', 'relationship.frozen']);
      for (const { time, body } of entries) {
        expect([time, body['auth'], body['signed_at']]).toEqual([frozen_at, 'session', frozen_at]);
        expect(body['ref'] ?? null).toBeNull();
      }
      const third = await elsewhere();
      for (const access of [scene.queryAccess, scene.reportAccess, other.access, third.access]) {
        expect(await codesOf(access)).toEqual(['FROZEN']);
      }
      expect(await codesOf(stranger.queryAccess)).toEqual([]);
      await hold(context, other.lender, scene.person, { handle: other.handle, kind: 'release' });
      for (const access of [scene.queryAccess, other.access, third.access]) expect(await codesOf(access)).toEqual([]);
    });

    it('is frozen once: who presses again is answered since when', async () => {
      const first = await freeze('first');
      const before = await size();
      later(1_000);
      expect(await freeze('second')).toEqual(first);
      expect(await freeze('first')).toEqual(first);
      expect(await size()).toBe(before);
    });

    it('is not frozen again by a repeat, once it was released', async () => {
      const first = await freeze('first');
      later(1);
      await hold(fixture.context, scene.lender, scene.person, { handle: scene.handle, kind: 'release' });
      expect(await freeze('first')).toEqual(first);
      expect(await codesOf(scene.queryAccess)).toEqual([]);
    });

    it('is frozen once by two that press at once, and with a relationship that is enrolled meanwhile', async () => {
      const { context } = fixture;
      const lender = await newParty(context, 'grantee');
      const before = await size();
      const [one, two, handle] = await Promise.all([freeze(), freeze(), enrolPerson(context, lender, scene.person)]);
      expect(one).toEqual(two);
      const made = await since(before);
      expect(made.filter(({ type }) => type === 'person.frozen')).toHaveLength(1);
      const own = made.filter(({ stream }) => stream === relationshipStream(handle));
      const isFrozen = own.some(({ type, body }) => type === 'relationship.frozen' || body['frozen'] != null);
      expect(isFrozen).toBe(true);
    });
  });

  it('a key that nobody was identified for opens none: its lender has the link, too', async () => {
    const { context } = fixture;
    const { lender, identifier } = scene;
    const weak = await newPerson();
    const handle = await enrolPerson(context, lender, weak);
    await bindPersonKey(context, { lender, person: weak, handle });
    await expectRefusal('identification_missing', signIn(context, weak, handle));
    const better = { ...weak, key: await nativeEd25519.importSeed(random(32)) };
    await bindPersonKey(context, { lender, person: better, handle, identifier });
    await signIn(context, better, handle);
    await expectRefusal('identification_missing', signIn(context, weak, handle));
  });

  it('a passkey signs in, and what it did is verified by the audit', async () => {
    const { context } = fixture;
    const passkey = newPasskey();
    await bindPasskeyOf(context, scene, passkey);
    const { session: own } = await openSession(context, answeredBy(mintChallenge(context), passkey));
    await revoke([scene.query], undefined, own);
    await freeze(undefined, own);
    const kinds = (await since(0)).flatMap(({ body }) => (body['auth'] === 'session' ? [body['evidence']] : []));
    expect(JSON.stringify(kinds)).toContain('passkey');
  });

  it('what was done is opened by the person in a receipt, and verified offline as that', async () => {
    const { context } = fixture;
    await revoke([scene.report]);
    const { access, until } = await ask(context, scene.queryAccess);
    expect(until).not.toBeNull();
    const caller = await readingAs(context, session, scene.handle);
    const receipt = await accessReceipt(context, caller, access, 'signatures');
    const verdict = await verifyReceipt(utf8(receipt), fixture.vkey, nativeEd25519, nativeP256);
    expect(verdict).toMatchObject({ problem: null, payload: 'opened' });
    expect(verdict.signatures.map(({ type, by, signature }) => [type, by, signature])).toEqual([
      ['letter.signed', 'statement', 'verified'],
      ['grant.revoked', 'session', 'verified'],
    ]);
  });

  describe('nothing is done', () => {
    const acts: readonly (readonly [string, (by: PersonSession) => Promise<unknown>])[] = [
      ['taken back', (by) => revoke([scene.query], undefined, by)],
      ['paused', (by) => pauseBySession(fixture.context, request(), by, { grant: scene.query })],
      ['frozen', (by) => freeze(undefined, by)],
    ];

    it.each(acts)('(%s) after twelve hours, or before it began, by the ledger’s clock', async (_what, act) => {
      const { ends_at } = session;
      fixture.setTime(ends_at);
      await refuses('session_required', () => act(session));
      const ahead = { ...session, started_at: (fixture.context.clock() + 1) as Instant };
      await refuses('session_required', () => act(ahead));
      fixture.setTime(ends_at - 1);
    });

    it.each(acts)('(%s) once the key has ended', async (_what, act) => {
      const { context } = fixture;
      const { person, handle, identifier, lender } = scene;
      const second = { ...person, key: await nativeEd25519.importSeed(random(32)) };
      await bindPersonKey(context, { lender, person: second, handle, identifier });
      const { session: own } = await signIn(context, second, handle);
      const ends = toBase64Url(second.key.publicKey);
      const ending = await signKeyEnd(person.key, { log: context.ledger.origin, handle, ends }, context.clock());
      await endKey(context, request(), { handle, ...ending });
      await refuses('key_ended', () => act(own));
    });

    it('that gives: a draft is asked for by a request that is signed', async () => {
      const drafted = await draftedHold(fixture.context, scene.lender, {
        handle: scene.handle,
        kind: 'release',
      });
      const forged = { ...(await signedHold(fixture.context, drafted, scene.person)), signature: session.signature };
      await refuses('signature_invalid', () => putHold(fixture.context, drafted, forged));
    });
  });
});
