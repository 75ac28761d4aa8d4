/** Sessions: who is signed in, until when, and what opens none. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { signKeyEnd } from '#client/key-end.ts';
import { toBase64Url } from '#core/bytes.ts';
import { sessionSigningBytes } from '#core/consent/statement.ts';
import { sha256 } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { personStream } from '#core/tlog/stream.ts';
import {
  CHALLENGE_MS_MAX,
  endSession,
  endSessionsOf,
  mintChallenge,
  openSession,
  readingAs,
  readSession,
  requireOpenSession,
} from '#service/sessions.ts';
import { endKey, readSubjectKeys } from '#service/subject-keys.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { bindPersonKey, newPerson, request, signedScene } from '../support/actors.ts';
import { newPasskey } from '../support/authenticator.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, openFixture, random, UPPER_DATABASES } from '../support/ledger-fixture.ts';
import { answered, answeredBy, bindPasskeyOf, signIn } from '../support/sessions.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe.each(UPPER_DATABASES)('a session on %s', (database) => {
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: Date.UTC(2026, 10, 21) });
    scene = await signedScene(fixture.context);
  });
  beforeEach(() => later(HOUR_MS));
  afterAll(async () => {
    await checkLedger(fixture);
    await fixture.close();
  });

  const later = (ms: number) => fixture.setTime(fixture.context.clock() + ms);
  const opened = () => signIn(fixture.context, scene.person, scene.handle);
  const read = (token: string) => readSession(fixture.context, token);
  const challenged = () => mintChallenge(fixture.context);

  it('is opened by a key of the person, and found by its token until it is ended', async () => {
    const { context } = fixture;
    const { token, session } = await opened();
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(session.binding.stream).toBe(personStream(session.person));
    expect(await read(token)).toEqual(session);
    expect(await requireOpenSession(context, token)).toEqual(session);
    await endSession(context, token);
    expect(await read(token)).toBeUndefined();
    await expectRefusal('session_required', requireOpenSession(context, token));
    await endSession(context, token);
    await expectRefusal('session_required', requireOpenSession(context, undefined));
  });

  it('is one of several, and all of a person’s are ended at once, of nobody else', async () => {
    const { context } = fixture;
    const other = await signedScene(context);
    const own = [await opened(), await opened()];
    const others = await signIn(context, other.person, other.handle);
    await endSessionsOf(context, own[0]!.session.person);
    expect(await Promise.all(own.map(({ token }) => read(token)))).toEqual([undefined, undefined]);
    expect(await read(others.token)).toEqual(others.session);
  });

  it('is over after half an hour without use, and after twelve hours in any case', async () => {
    const unused = (await opened()).token;
    later(30 * MINUTE_MS - 1);
    expect(await read(unused)).toBeDefined();
    const idle = (await opened()).token;
    later(30 * MINUTE_MS);
    expect(await read(idle)).toBeUndefined();
    const { token, session } = await opened();
    expect(session.ends_at - session.started_at).toBe(12 * HOUR_MS);
    while (fixture.context.clock() + 20 * MINUTE_MS < session.ends_at) {
      later(20 * MINUTE_MS);
      expect(await read(token)).toBeDefined();
    }
    fixture.setTime(session.ends_at - 1);
    expect(await read(token)).toBeDefined();
    fixture.setTime(session.ends_at);
    expect(await read(token)).toBeUndefined();
  });

  it('is nobody’s by a guess, by the digest that is stored, or by another text', async () => {
    const { token, session } = await opened();
    const changed = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
    for (const guess of ['', changed, `${token}A`, token.slice(1), toBase64Url(session.id), toBase64Url(random(32))]) {
      expect(await read(guess), guess).toBeUndefined();
      await endSession(fixture.context, guess);
    }
    expect(await read(token)).toEqual(session);
  });

  it('keeps the token nowhere', async () => {
    const { token } = await opened();
    const rows = await fixture.store.read((tx) => tx.selectFrom('sessions').selectAll().execute());
    expect(rows.some((row) => Buffer.from(row.token).equals(Buffer.from(sha256(Buffer.from(token)))))).toBe(true);
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('ends with its key, and is opened by none that has ended', async () => {
    const { context } = fixture;
    const { identifier, lender, handle, person } = scene;
    const second = { ...person, key: await nativeEd25519.importSeed(random(32)) };
    await bindPersonKey(context, { lender, person: second, handle, identifier });
    const first = await opened();
    const { token } = await signIn(context, second, handle);
    expect(await read(token)).toBeDefined();
    const ends = toBase64Url(second.key.publicKey);
    const ending = await signKeyEnd(person.key, { log: context.ledger.origin, handle, ends }, context.clock());
    await endKey(context, request(), { handle, ...ending });
    expect(await read(token)).toBeUndefined();
    expect(await read(first.token)).toBeDefined();
    await expectRefusal('key_ended', signIn(context, second, handle));
  });

  describe('is not opened', () => {
    it('twice by one answer, also at the same time, or after it ended', async () => {
      const { context } = fixture;
      const answer = await answered(challenged(), scene.person, scene.handle);
      const tries = await Promise.allSettled([1, 2, 3].map(() => openSession(context, answer)));
      const won = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      expect(won).toHaveLength(1);
      for (const each of tries) if (each.status === 'rejected') expect(each.reason.code).toBe('challenge_stale');
      await endSession(context, won[0]!.token);
      await expectRefusal('challenge_stale', openSession(context, answer));
    });

    it('twice by one challenge, whoever answers it', async () => {
      const { context } = fixture;
      const challenge = challenged();
      const other = await signedScene(context);
      await openSession(context, await answered(challenge, scene.person, scene.handle));
      await expectRefusal(
        'challenge_stale',
        openSession(context, await answered(challenge, other.person, other.handle)),
      );
    });

    it('by a challenge that is too old, of another time, or not ours', async () => {
      const { context } = fixture;
      const challenge = challenged();
      const { person, handle } = scene;
      later(CHALLENGE_MS_MAX);
      await expectRefusal('challenge_stale', openSession(context, await answered(challenge, person, handle)));
      const renewed = { ...challenge, started_at: context.clock() };
      const ahead = challenged();
      later(-1);
      await expectRefusal('challenge_stale', openSession(context, await answered(ahead, person, handle)));
      const forged = { ...challenge, nonce: toBase64Url(random(48)), started_at: context.clock() };
      const unreadable = { ...forged, nonce: 'ä' };
      for (const each of [renewed, forged, unreadable, { ...forged, nonce: '' }]) {
        await expectRefusal('challenge_stale', openSession(context, await answered(each, person, handle)));
      }
    });

    it('by another’s key, through another’s relationship, over another log, or by a changed signature', async () => {
      const { context } = fixture;
      const { person, handle } = scene;
      const other = await signedScene(context);
      const stranger = await newPerson();
      const good = await answered(challenged(), person, handle);
      const changed = Buffer.from(good.signature, 'base64url');
      changed[5]! ^= 1;
      for (const bad of [
        await answered(challenged(), stranger, handle),
        await answered(challenged(), person, other.handle),
        await answered(challenged(), person, '0'.repeat(32) as typeof handle),
        await answered(challenged(), person, handle, 'other.example/log'),
        { ...(await answered(challenged(), other.person, handle)), signer: good.signer },
        { ...good, signature: changed.toString('base64url') },
        { ...good, signature: 'none' },
        { ...good, signer: { credential: toBase64Url(random(32)) } },
      ]) {
        await expectRefusal('signature_refused', openSession(context, bad));
      }
      expect(await openSession(context, good)).toBeDefined();
    });
  });

  it('is opened by a passkey that is named by its credential, and only where it verified its user', async () => {
    const { context } = fixture;
    const passkey = newPasskey();
    const other = newPasskey();
    await bindPasskeyOf(context, scene, passkey);
    const challenge = challenged();
    expect(challenge.challenge).toBe(toBase64Url(sha256(sessionSigningBytes(challenge.statement))));
    const answer = answeredBy(challenge, passkey);
    await expectRefusal('signature_refused', openSession(context, answeredBy(challenge, passkey, { flags: 1 })));
    await expectRefusal(
      'signature_refused',
      openSession(context, { ...answeredBy(challenge, other), signer: answer.signer }),
    );
    await expectRefusal('signature_refused', openSession(context, answeredBy(challenge, other)));
    const { token, session } = await openSession(context, answer);
    expect((await read(token))?.person).toBe(session.person);
    expect((await opened()).session.person).toBe(session.person);
  });

  it('reads as the subject of its own relationships, and of no other', async () => {
    const { context } = fixture;
    const other = await signedScene(context);
    const { session } = await opened();
    const caller = await readingAs(context, session, scene.handle);
    expect((await readSubjectKeys(context, caller, scene.handle)).keys.length).toBeGreaterThan(0);
    await expectRefusal('relationship_unknown', readingAs(context, session, other.handle));
    await expectRefusal('relationship_unknown', readSubjectKeys(context, caller, other.handle));
  });

  it('is removed when others are opened long after it', async () => {
    const { context } = fixture;
    const { session } = await opened();
    fixture.setTime((session.ends_at + 13 * HOUR_MS) as Instant);
    await opened();
    const rows = await fixture.store.read((tx) => tx.selectFrom('sessions').selectAll().execute());
    expect(rows.some(({ token }) => Buffer.from(token).equals(Buffer.from(session.id)))).toBe(false);
    expect(context.clock()).toBeGreaterThan(session.ends_at);
  });
});
