/** Adding a device by a link: one key for one link, for ten minutes, and none that its person did not sign for. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { deviceCode } from '#core/consent/device-code.ts';
import { KEY_ADD_MS_MAX, keyAddSigningBytes } from '#core/consent/key-add.ts';
import { bindingSigningBytes } from '#core/consent/statement.ts';
import {
  addInvited,
  bringInvited,
  finishInvited,
  INVITATION_MS_MAX,
  inviteDevice,
  readWaiting,
  startInvited,
} from '#service/person/device-invitations.ts';
import { readDevices } from '#service/person/devices.ts';
import { mintChallenge, openSession, type PersonSession } from '#service/sessions.ts';
import { deletePerson, deleteRelationship, loadHolding } from '#store/erasures.ts';
import { enrolPerson, newParty, newPerson, type Party, request } from '../support/actors.ts';
import { newPasskey, type Passkey } from '../support/authenticator.ts';
import { dumpTables } from '../support/dump.ts';
import { expectRefusal } from '../support/failure.ts';
import { registrationOf, SITE } from '../support/identified.ts';
import { checkLedger, type Fixture, openFixture, UPPER_DATABASES } from '../support/ledger-fixture.ts';
import { answeredBy, bindPasskeyOf } from '../support/sessions.ts';

const ONCE = 'a'.repeat(22);
const START = Date.UTC(2026, 10, 21);

describe.each(UPPER_DATABASES)('an invitation of a device on %s', (database) => {
  let fixture: Fixture;
  let lender: Party;
  let identifier: Party;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: START });
    lender = await newParty(fixture.context, 'grantee');
    identifier = await newParty(fixture.context, 'identifier');
  }, 60_000);
  beforeEach(() => later(60 * 60_000));
  afterAll(async () => {
    await checkLedger(fixture);
    const { findings, attested } = await fixture.audit();
    expect([findings, attested]).toEqual([[], 0]);
    await fixture.close();
  });

  const later = (ms: number) => fixture.setTime(fixture.context.clock() + ms);

  /** Somebody with a passkey, signed in. */
  async function newScene() {
    const { context } = fixture;
    const person = await newPerson();
    const handle = await enrolPerson(context, lender, person);
    const passkey = newPasskey();
    await bindPasskeyOf(context, { lender, identifier, handle, person }, passkey);
    const { session } = await openSession(context, answeredBy(mintChallenge(context), passkey));
    return { handle, passkey, session };
  }

  async function invite(session: PersonSession, once = ONCE): Promise<string> {
    return (await inviteDevice(fixture.context, session, once)).capability;
  }

  /** What the new device makes, and signs. */
  async function make(capability: string, device: Passkey) {
    const { context } = fixture;
    const { options } = await startInvited(context, capability, SITE);
    const made = await finishInvited(context, capability, SITE, registrationOf(device, options.challenge));
    expect(made.credential).toBe(device.credential);
    return { carried: made.carried, possession: device.sign(bindingSigningBytes(made.statement)) };
  }

  async function bring(capability: string, device: Passkey): Promise<string> {
    const { carried, possession } = await make(capability, device);
    return bringInvited(fixture.context, capability, carried, possession);
  }

  async function signedFor(session: PersonSession, by: Passkey, change: object = {}) {
    const waiting = await readWaiting(fixture.context, session);
    if (waiting.status !== 'waiting') throw new Error(`nothing waits: ${waiting.status}`);
    const signed_at = fixture.context.clock();
    const times = { signed_at, expires_at: signed_at + KEY_ADD_MS_MAX };
    const signature = by.sign(keyAddSigningBytes({ ...waiting.statement, ...times, ...change }));
    return { credential: by.credential, signature, signed_at };
  }

  const add = (session: PersonSession, signed: Awaited<ReturnType<typeof signedFor>>) =>
    addInvited(fixture.context, request(), session, signed);

  it('adds the key that was made behind it, seen by the same code on both, and it signs in at once', async () => {
    const { session, passkey } = await newScene();
    expect(await readWaiting(fixture.context, session)).toEqual({ status: 'none' });
    const capability = await invite(session);
    expect(await readWaiting(fixture.context, session)).toMatchObject({ status: 'open' });
    const device = newPasskey();
    const code = await bring(capability, device);
    expect(code).toBe(deviceCode(device.key));
    expect(await readWaiting(fixture.context, session)).toMatchObject({ status: 'waiting', code });
    await add(session, await signedFor(session, passkey));
    expect(await readWaiting(fixture.context, session)).toEqual({ status: 'none' });
    const devices = await readDevices(fixture.context, session);
    expect(devices).toMatchObject([{ number: 1 }, { number: 2, added_by: 1, grade: 'B' }]);
    const { session: theirs } = await openSession(fixture.context, answeredBy(mintChallenge(fixture.context), device));
    expect(theirs.person).toBe(session.person);
  });

  it('adds nothing before the person signed, and its key opens nothing until then', async () => {
    const { session } = await newScene();
    const device = newPasskey();
    await bring(await invite(session), device);
    expect(await readDevices(fixture.context, session)).toHaveLength(1);
    const opening = openSession(fixture.context, answeredBy(mintChallenge(fixture.context), device));
    await expectRefusal('signature_refused', opening);
  });

  it('is good for one key: the same again is the same answer, another is refused and sees no code', async () => {
    const { session } = await newScene();
    const capability = await invite(session);
    const [first, second] = [newPasskey(), newPasskey()];
    const [one, two] = [await make(capability, first), await make(capability, second)];
    const code = await bringInvited(fixture.context, capability, one.carried, one.possession);
    expect(await bringInvited(fixture.context, capability, one.carried, one.possession)).toBe(code);
    await expectRefusal('invitation_over', bringInvited(fixture.context, capability, two.carried, two.possession));
    // Who has but the link, or another signature, is not shown what is compared.
    await expectRefusal('invitation_over', startInvited(fixture.context, capability, SITE));
    await expectRefusal('invitation_over', bringInvited(fixture.context, capability, one.carried, two.possession));
    expect(await readWaiting(fixture.context, session)).toMatchObject({ code: deviceCode(first.key) });
  });

  it('takes one of two keys that are brought at once', async () => {
    const { session } = await newScene();
    const capability = await invite(session);
    const made = [await make(capability, newPasskey()), await make(capability, newPasskey())];
    const outcomes = await Promise.allSettled(
      made.map(({ carried, possession }) => bringInvited(fixture.context, capability, carried, possession)),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('takes no key that did not sign its own binding', async () => {
    const { session } = await newScene();
    const capability = await invite(session);
    const device = newPasskey();
    const { carried, possession } = await make(capability, device);
    const other = await make(capability, newPasskey());
    for (const wrong of [other.possession, device.sign(new TextEncoder().encode('else')), `${possession}A`]) {
      const bringing = bringInvited(fixture.context, capability, carried, wrong);
      await expect(bringing).rejects.toMatchObject({
        code: expect.stringMatching(/^signature_invalid$|^input_invalid$/),
      });
    }
    expect(await readWaiting(fixture.context, session)).toMatchObject({ status: 'open' });
  });

  it('is over after ten minutes, for both devices, to the millisecond', async () => {
    const { session, passkey } = await newScene();
    const capability = await invite(session);
    const made = await make(capability, newPasskey());
    await later(INVITATION_MS_MAX - 1);
    await bringInvited(fixture.context, capability, made.carried, made.possession);
    const signed = await signedFor(session, passkey);
    await later(1);
    expect(await readWaiting(fixture.context, session)).toEqual({ status: 'none' });
    await expectRefusal('invitation_over', add(session, signed));
    await expectRefusal('invitation_over', startInvited(fixture.context, capability, SITE));
    await expectRefusal('invitation_over', bringInvited(fixture.context, capability, made.carried, made.possession));
    expect(await readDevices(fixture.context, session)).toHaveLength(1);
  });

  it('ends with the next one of its person, and its form sent twice makes one', async () => {
    const { session, passkey } = await newScene();
    const former = await invite(session);
    expect(await invite(session)).toBe(former);
    const device = newPasskey();
    await bring(former, device);
    const signed = await signedFor(session, passkey);
    expect(await invite(session)).toBe(former);
    expect(await readWaiting(fixture.context, session)).toMatchObject({ status: 'waiting' });
    const next = await invite(session, 'b'.repeat(22));
    await expectRefusal('invitation_unknown', startInvited(fixture.context, former, SITE));
    // What waited does so no more, and what was signed for it adds nothing else.
    await expectRefusal('invitation_unknown', add(session, signed));
    await bring(next, newPasskey());
    await expectRefusal('signature_invalid', add(session, signed));
    expect(await readDevices(fixture.context, session)).toHaveLength(1);
  });

  it('adds no other key than the one that was shown, nor under another log, time or relationship', async () => {
    const { session, passkey, handle } = await newScene();
    await bring(await invite(session), newPasskey());
    const now = fixture.context.clock();
    for (const change of [
      { key: newPasskey().key },
      { log: 'other.example/log' },
      { handle: `${handle.slice(0, -1)}${handle.endsWith('0') ? '1' : '0'}` },
      { signed_at: now - 1 },
      { expires_at: now + KEY_ADD_MS_MAX + 1 },
    ]) {
      await expectRefusal('signature_invalid', add(session, await signedFor(session, passkey, change)));
    }
    expect(await readDevices(fixture.context, session)).toHaveLength(1);
  });

  it('adds nothing by the key that waits itself, nor by a stranger’s', async () => {
    const { session } = await newScene();
    const stranger = await newScene();
    const device = newPasskey();
    await bring(await invite(session), device);
    await expectRefusal('subject_key_unknown', add(session, await signedFor(session, device)));
    await expectRefusal('subject_key_unknown', add(session, await signedFor(session, stranger.passkey)));
    expect(await readDevices(fixture.context, session)).toHaveLength(1);
  });

  it('is its person’s alone: another’s session sees nothing that waits, and adds nothing', async () => {
    const { session, passkey } = await newScene();
    const stranger = await newScene();
    await bring(await invite(session), newPasskey());
    const signed = await signedFor(session, passkey);
    expect(await readWaiting(fixture.context, stranger.session)).toEqual({ status: 'none' });
    await expectRefusal('invitation_unknown', add(stranger.session, signed));
    // A passkey made by the one’s link is not brought by the other’s.
    const [mine, theirs] = [await invite(session, 'c'.repeat(22)), await invite(stranger.session)];
    expect(mine).not.toBe(theirs);
    const { carried, possession } = await make(mine, newPasskey());
    await expectRefusal('challenge_stale', bringInvited(fixture.context, theirs, carried, possession));
    for (const each of [session, stranger.session]) expect(await readDevices(fixture.context, each)).toHaveLength(1);
  });

  it('is added once: the same signature again writes nothing, also under another name', async () => {
    const { session, passkey } = await newScene();
    const capability = await invite(session);
    await bring(capability, newPasskey());
    const signed = await signedFor(session, passkey);
    const first = await add(session, signed);
    const again = await add(session, signed);
    expect(again.entry.index).toBe(first.entry.index);
    expect(await readDevices(fixture.context, session)).toHaveLength(2);
    await expectRefusal('invitation_over', startInvited(fixture.context, capability, SITE));
  });

  it('is unknown by whatever else is said for it', async () => {
    const { session } = await newScene();
    const capability = await invite(session);
    const changed = `${capability.startsWith('A') ? 'B' : 'A'}${capability.slice(1)}`;
    for (const wrong of ['', 'none', changed, capability.slice(1), `${capability}A`, capability.toLowerCase()]) {
      await expectRefusal('invitation_unknown', startInvited(fixture.context, wrong, SITE));
    }
  });

  it('stands in no table but by its digest, and goes with its person or its relationship', async () => {
    const { session, handle } = await newScene();
    const device = newPasskey();
    const capability = await invite(session);
    await bring(capability, device);
    const { store } = fixture;
    const tables = await dumpTables(store);
    for (const secret of [capability, Buffer.from(capability, 'base64url')]) {
      expect(tables.find(Buffer.from(secret))).toBeUndefined();
    }
    expect(tables.find(Buffer.from(device.key))).toBe('device_invitations.key');
    const rowsOf = async () =>
      (await store.read((tx) => sql`select 1 from device_invitations where person = ${session.person}`.execute(tx)))
        .rows;
    const rel = `rel/${handle}` as const;
    const person = session.binding.stream;
    for (const [erase, stream] of [
      [(tx: Parameters<typeof deletePerson>[0]) => deletePerson(tx, session.person), person],
      [(tx: Parameters<typeof deletePerson>[0]) => deleteRelationship(tx, handle), rel],
    ] as const) {
      const rolledBack = new Error('rolled back');
      await expect(
        store.transaction(async (tx) => {
          await erase(tx);
          const { rows } = await sql`select 1 from device_invitations where person = ${session.person}`.execute(tx);
          expect([stream, rows.length]).toEqual([stream, 0]);
          throw rolledBack;
        }),
      ).rejects.toBe(rolledBack);
      expect(await rowsOf()).toHaveLength(1);
    }
    // What is left of a person alone in this table is held still.
    await expect(
      store.transaction(async (tx) => {
        for (const table of ['persons', 'subject_keys', 'credentials', 'sessions', 'data_keys'] as const) {
          const where = table === 'data_keys' ? sql`stream = ${person}` : sql`person = ${session.person}`;
          await sql`delete from ${sql.table(table)} where ${where}`.execute(tx);
        }
        expect([...(await loadHolding(tx, [person]))]).toEqual([person]);
        throw new Error('looked');
      }),
    ).rejects.toThrow('looked');
  });

  it('is forgotten a day after it ended', async () => {
    const { session } = await newScene();
    const capability = await invite(session);
    await later(INVITATION_MS_MAX + 23 * 60 * 60_000);
    await invite((await newScene()).session);
    await expectRefusal('invitation_over', startInvited(fixture.context, capability, SITE));
    await later(60 * 60_000 + 1);
    await invite((await newScene()).session);
    await expectRefusal('invitation_unknown', startInvited(fixture.context, capability, SITE));
  });
});
