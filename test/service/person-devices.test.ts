/** "My devices": which keys of a person count, what each stands on, and the end of one out of a session. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signAddedKey } from '#client/key-add.ts';
import { keyAddSigningBytes, keyAddStatement } from '#core/consent/key-add.ts';
import { keyEndSigningBytes } from '#core/consent/statement.ts';
import { addKey } from '#service/key-add.ts';
import { endDevice, readDevice, readDevices } from '#service/person/devices.ts';
import { mintChallenge, openSession, readSession } from '#service/sessions.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { enrolPerson, newParty, newPerson, type Party, type Person, request } from '../support/actors.ts';
import { newPasskey, type Passkey } from '../support/authenticator.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture, random } from '../support/ledger-fixture.ts';
import { answeredBy, bindPasskeyOf } from '../support/sessions.ts';

let fixture: Fixture;
let lender: Party;
let identifier: Party;

beforeAll(async () => {
  fixture = await openFixture();
  lender = await newParty(fixture.context, 'grantee');
  identifier = await newParty(fixture.context, 'identifier');
}, 60_000);
afterAll(async () => {
  await checkLedger(fixture);
  const { findings, attested } = await fixture.audit();
  expect([findings, attested]).toEqual([[], 0]);
  await fixture.close();
});

const signInBy = (passkey: Passkey) =>
  openSession(fixture.context, answeredBy(mintChallenge(fixture.context), passkey));

/** Somebody with a passkey that a provider identified for, and an app's key that the passkey added. */
async function newScene() {
  const { context } = fixture;
  const person: Person = await newPerson();
  const handle = await enrolPerson(context, lender, person);
  const passkey = newPasskey();
  await bindPasskeyOf(context, { lender, identifier, handle, person }, passkey);
  const app = await signAddedKey(await nativeEd25519.importSeed(random(32)), { log: ORIGIN, handle });
  const signed_at = context.clock();
  const statement = keyAddStatement({ log: ORIGIN, handle, key: app.adds, signedAt: signed_at });
  const signature = passkey.sign(keyAddSigningBytes(statement));
  await addKey(context, request(), { handle, ...app, key: passkey.key, signature, signed_at });
  return { passkey, ...(await signInBy(passkey)) };
}

async function end(by: Passkey, session: Parameters<typeof readDevice>[1], seq: number, change: object = {}) {
  const { context } = fixture;
  const { statement } = await readDevice(context, session, seq);
  const signed_at = context.clock();
  const signature = by.sign(keyEndSigningBytes({ ...statement, signed_at, ...change }));
  return endDevice(context, request(), session, seq, { credential: by.credential, signature, signed_at });
}

describe('the devices of a person', () => {
  it('are listed with what each stands on, and which one added which', async () => {
    const { session } = await newScene();
    const [first, second] = await readDevices(fixture.context, session);
    const name = expect.objectContaining({ zh: expect.any(String) });
    const common = { since: expect.any(Number), identified_by: name, grade: 'B' };
    expect(first).toEqual({ seq: 0, number: 1, kind: 'passkey', ...common, isOwn: true, isLeft: false });
    expect(second).toEqual({ seq: 1, number: 2, kind: 'ed25519', ...common, added_by: 1, isOwn: false, isLeft: false });
    const { added, isLast } = await readDevice(fixture.context, session, 0);
    expect([added.map(({ seq }) => seq), isLast]).toEqual([[1], false]);
  });

  it('end one by one by a passkey of the person, with the sessions that they opened', async () => {
    const { passkey, session, token } = await newScene();
    await end(passkey, session, 1);
    await expect(readDevice(fixture.context, session, 1)).rejects.toMatchObject({ code: 'subject_key_unknown' });
    expect((await readDevice(fixture.context, session, 0)).isLast).toBe(true);
    expect(await readSession(fixture.context, token)).toBeDefined();
    await end(passkey, session, 0);
    expect(await readSession(fixture.context, token)).toBeUndefined();
    await expect(signInBy(passkey)).rejects.toMatchObject({ code: 'key_ended' });
  });

  it('are not ended by a stranger’s passkey, nor by a signature over anything else', async () => {
    const { passkey, session } = await newScene();
    const stranger = await newScene();
    await expect(end(stranger.passkey, session, 1)).rejects.toMatchObject({ code: 'subject_key_unknown' });
    await expect(end(newPasskey(), session, 1)).rejects.toMatchObject({ code: 'subject_key_unknown' });
    for (const change of [{ key: passkey.key }, { log: 'other.example/log' }, { signed_at: 1 }]) {
      await expect(end(passkey, session, 1, change)).rejects.toMatchObject({ code: 'signature_invalid' });
    }
    await expect(readDevice(fixture.context, session, 7)).rejects.toMatchObject({ code: 'subject_key_unknown' });
    expect(await readDevices(fixture.context, session)).toHaveLength(2);
    expect(await readDevices(fixture.context, stranger.session)).toHaveLength(2);
  });
});
