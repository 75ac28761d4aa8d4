/** A passkey of before the ledger lost entries is affirmed on a page: by whom, when, and what affirms nothing (ADR 0028). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIdentifiedKey } from '#client/identified-key.ts';
import { formatIdentifiedKey } from '#core/consent/identified-key.ts';
import { personIn } from '#core/consent/person.ts';
import { bindingSigningBytes, keyEndSigningBytes } from '#core/consent/statement.ts';
import type { Handle } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { openIdentifiedKey, readKeyLeft, readLoss, startAffirming } from '#service/affirming.ts';
import { beginIdentification, bindCarried, takeIdentification } from '#service/identification.ts';
import { endDevice, readDevice, readDevices } from '#service/person/devices.ts';
import { mintChallenge, openSession, type PersonSession } from '#service/sessions.ts';
import { viewOf } from '#service/view.ts';
import { loadStreams } from '#store/streams.ts';
import { enrolPerson, newParty, newPerson, type Party, type Person, request } from '../support/actors.ts';
import { newPasskey, type Passkey } from '../support/authenticator.ts';
import { continueLog, continueParties } from '../support/epochs.ts';
import { expectRefusal } from '../support/failure.ts';
import { identifiedBy, providerOf } from '../support/identified.ts';
import { type Fixture, openFixture, random } from '../support/ledger-fixture.ts';
import { answeredBy, bindPasskeyOf } from '../support/sessions.ts';

const MINUTE_MS = 60_000;
const BACK = 'http://localhost:8787/affirm/identified';

interface Who {
  readonly person: Person;
  readonly handle: Handle;
  readonly passkey: Passkey;
  readonly session: PersonSession;
}

describe('affirming a passkey', () => {
  let fixture: Fixture;
  let lender: Party;
  let identifier: Party;
  /** Registered by two of the keeper, and identifies nobody. */
  let bureau: Party;
  let [first, second, ended]: Who[] = [];

  beforeAll(async () => {
    fixture = await openFixture('pglite', { time: Date.UTC(2026, 10, 21) });
    const { context } = fixture;
    lender = await newParty(context, 'grantee');
    identifier = await newParty(context, 'identifier');
    bureau = await newParty(context, 'bureau');
    const made: Omit<Who, 'session'>[] = [];
    for (let n = 0; n < 3; n++) {
      const person = await newPerson();
      const handle = await enrolPerson(context, lender, person);
      const passkey = newPasskey('localhost', 'ES256', 'http://localhost:8787');
      await bindPasskeyOf(context, { lender, identifier, handle, person }, passkey);
      made.push({ person, handle, passkey });
    }
    const unlost = { ...(made[0] as Who), session: await signIn(made[0] as Who) };
    expect([await readKeyLeft(context, unlost.session), await readLoss(context)]).toEqual([null, null]);
    await expectRefusal('already_there', startAffirming(context, unlost.session));
    await continueLog(fixture);
    await continueParties(fixture, [lender, identifier, bureau]);
    later(MINUTE_MS);
    const signedIn: Who[] = [];
    for (const each of made) signedIn.push({ ...each, session: await signIn(each as Who) });
    [first, second, ended] = signedIn;
  });
  afterAll(() => fixture.close());

  const later = (ms: number) => fixture.setTime(fixture.context.clock() + ms);
  const signIn = async ({ passkey }: Pick<Who, 'passkey'>) =>
    (await openSession(fixture.context, answeredBy(mintChallenge(fixture.context), passkey))).session;

  /** What a counter makes of a passkey, with changes. */
  async function linkOf(
    { handle, passkey, person }: Who,
    change: { by?: Party; key?: SigningKey; idNumber?: string; log?: string; at?: number; of?: string } = {},
  ): Promise<string> {
    const { by = identifier, key = by.key, idNumber = person.idNumber, at = fixture.context.clock() } = change;
    const identity = { id_type: 'resident_id', id_number: idNumber } as const;
    const said = { log: change.log ?? fixture.context.ledger.origin, handle, key: change.of ?? passkey.key };
    return formatIdentifiedKey(
      await signIdentifiedKey({ party: by.party, key }, { ...said, identity, salt: random(32) }, at),
    );
  }

  async function keyIn({ session }: Who) {
    const { stream } = session.binding;
    return personIn(viewOf(await fixture.store.read((tx) => loadStreams(tx, [stream]))), stream)?.keys[0];
  }

  it('is offered to who signed in with one of before, with the day to which the ledger remembers', async () => {
    const { context } = fixture;
    const left = await readKeyLeft(context, (first as Who).session);
    expect(left?.remembered_until).toBe(await readLoss(context));
    expect(left?.remembered_until).toBeLessThan(context.clock());
    expect((await readDevices(context, (first as Who).session)).map(({ isLeft }) => isLeft)).toEqual([true]);
  });

  it('takes the holder’s own identification by a party that identifies, just now, over the log’s new name', async () => {
    const { context } = fixture;
    const who = first as Who;
    const now = context.clock();
    for (const [code, link] of [
      ['identification_other', linkOf(who, { idNumber: (second as Who).person.idNumber })],
      ['identification_other', linkOf(who, { key: bureau.key })],
      ['identification_other', linkOf(who, { log: 'test.assent.example/old' })],
      ['identification_other', linkOf({ ...who, handle: (second as Who).handle })],
      ['party_role', linkOf(who, { by: bureau })],
      ['party_role', linkOf(who, { by: lender })],
      ['challenge_stale', linkOf(who, { at: now - 15 * MINUTE_MS - 1 })],
      ['signed_ahead', linkOf(who, { at: now + 6 * MINUTE_MS })],
      ['subject_key_unknown', linkOf(who, { of: newPasskey('localhost', 'ES256', 'http://localhost:8787').key })],
      ['subject_key_unknown', linkOf(who, { of: (second as Who).passkey.key })],
      ['challenge_stale', Promise.resolve('none')],
    ] as const) {
      await expectRefusal(code, openIdentifiedKey(context, await link));
    }
    expect((await keyIn(who))?.epoch).toBeUndefined();
  });

  it('takes the passkey’s own signature besides: then it gives again, and stands on what it stood on', async () => {
    const { context } = fixture;
    const who = first as Who;
    const before = await keyIn(who);
    const link = await linkOf(who);
    const { statement, carried, credential, by } = await openIdentifiedKey(context, link);
    expect([credential, by]).toEqual([who.passkey.credential, '示例identifier']);
    const other = (second as Who).passkey.sign(bindingSigningBytes(statement));
    await expectRefusal('signature_invalid', bindCarried(context, request(), carried, other));
    const possession = who.passkey.sign(bindingSigningBytes(statement));
    await bindCarried(context, request(), carried, possession);
    expect(await keyIn(who)).toEqual({ ...before, epoch: 1 });
    expect(await readKeyLeft(context, who.session)).toBeNull();
    await expectRefusal('already_there', openIdentifiedKey(context, link));
    await expectRefusal('already_there', startAffirming(context, who.session));
  });

  it('is over 15 minutes after the holder was identified, whenever the link was opened', async () => {
    const { context } = fixture;
    const who = second as Who;
    const link = await linkOf(who);
    later(14 * MINUTE_MS);
    const { statement, carried } = await openIdentifiedKey(context, link);
    later(2 * MINUTE_MS);
    const possession = who.passkey.sign(bindingSigningBytes(statement));
    await expectRefusal('challenge_stale', bindCarried(context, request(), carried, possession));
  });

  it('begins on the person’s own page, and goes by a provider’s, to the same signature', async () => {
    const { context } = fixture;
    const who = second as Who;
    const state = await startAffirming(context, who.session);
    const form = beginIdentification(context, state, providerOf(identifier), BACK);
    expect(form.key).toBe(who.passkey.key);
    const others = await identifiedBy(form, identifier, (first as Who).person, context.clock());
    await expectRefusal('identification_other', takeIdentification(context, others));
    const taken = await takeIdentification(context, await identifiedBy(form, identifier, who.person, context.clock()));
    later(16 * MINUTE_MS);
    const possession = who.passkey.sign(bindingSigningBytes(taken.statement));
    await expectRefusal('challenge_stale', bindCarried(context, request(), taken.carried, possession));
    expect((await keyIn(who))?.epoch).toBeUndefined();

    const again = beginIdentification(
      context,
      await startAffirming(context, who.session),
      providerOf(identifier),
      BACK,
    );
    const { statement, carried } = await takeIdentification(
      context,
      await identifiedBy(again, identifier, who.person, context.clock()),
    );
    await bindCarried(context, request(), carried, who.passkey.sign(bindingSigningBytes(statement)));
    expect((await readDevices(context, who.session)).map(({ isLeft }) => isLeft)).toEqual([false]);
  });

  it('is not for a key that ended: what its person ended itself comes back by nobody', async () => {
    const { context } = fixture;
    const who = ended as Who;
    const [device] = await readDevices(context, who.session);
    const signed = await signedEnd(who, device?.seq ?? 0);
    await endDevice(context, request(), who.session, device?.seq ?? 0, signed);
    await expectRefusal('key_ended', openIdentifiedKey(context, await linkOf(who)));
    await expectRefusal('key_ended', startAffirming(context, who.session));
  });

  async function signedEnd({ session, passkey }: Who, seq: number) {
    const { statement } = await readDevice(fixture.context, session, seq);
    const signed_at = fixture.context.clock();
    const signature = passkey.sign(keyEndSigningBytes({ ...statement, signed_at }));
    return { credential: passkey.credential, signature, signed_at };
  }
});
