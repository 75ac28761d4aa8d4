/** A person gets a passkey on a page: made, identified, bound; and whatever is not as it should be binds nothing. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { signKeyLoss } from '#client/key-end.ts';
import { toBase64Url } from '#core/bytes.ts';
import { bindingSigningBytes } from '#core/consent/statement.ts';
import type { Instant } from '#core/instant.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { personStream } from '#core/tlog/stream.ts';
import {
  beginIdentification,
  bindCarried,
  bindPending,
  finishRegistration,
  type IdentificationForm,
  linkedStatement,
  startRegistration,
  takeIdentification,
} from '#service/identification.ts';
import { retirePartyKey } from '#service/parties.ts';
import { mintChallenge, openSession } from '#service/sessions.ts';
import { reportLoss } from '#service/subject-keys.ts';
import { loadSlice } from '#store/entries.ts';
import { loadPersonOf } from '#store/subjects.ts';
import { calledBy, enrolPerson, newParty, newPerson, type Party, type Person, request } from '../support/actors.ts';
import { FLAGS, newPasskey } from '../support/authenticator.ts';
import { calledWith } from '../support/callers.ts';
import { expectRefusal } from '../support/failure.ts';
import {
  bindIdentified,
  bindLinked,
  identifiedBy,
  madeFor,
  providerOf,
  registrationOf,
  SITE,
} from '../support/identified.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture, random, UPPER_DATABASES } from '../support/ledger-fixture.ts';
import { answeredBy } from '../support/sessions.ts';

const MINUTE_MS = 60_000;

describe.each(UPPER_DATABASES)('identification on %s', (database) => {
  let fixture: Fixture;
  let lender: Party;
  let provider: Party;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: Date.UTC(2026, 10, 21) });
    lender = await newParty(fixture.context, 'grantee');
    provider = await newParty(fixture.context, 'identifier');
  });
  beforeEach(() => later(60 * MINUTE_MS));
  afterAll(async () => {
    await checkLedger(fixture);
    await fixture.close();
  });

  const later = (ms: number) => fixture.setTime(fixture.context.clock() + ms);
  async function newcomer() {
    const person = await newPerson();
    const handle = await enrolPerson(fixture.context, lender, person);
    return { person, handle, passkey: newPasskey() };
  }
  type Newcomer = Awaited<ReturnType<typeof newcomer>>;

  const made = (newcomer: Pick<Newcomer, 'handle' | 'passkey'>) => madeFor(fixture.context, newcomer);
  const identify = (form: IdentificationForm, by: Party, person: Person, at: number = fixture.context.clock()) =>
    identifiedBy(form, by, person, at);

  async function lastOf(handle: Newcomer['handle']) {
    return fixture.store.read(async (tx) => {
      const stream = personStream((await loadPersonOf(tx, handle))!);
      const rows = await loadSlice(tx, { stream, indexMax: Number.MAX_SAFE_INTEGER, countMax: 100 });
      return rows.map(({ bytes }) => parseEntry(bytes));
    });
  }

  it('binds a passkey by what the provider and the key itself signed, and its person can sign in at once', async () => {
    const { context } = fixture;
    const { person, handle, passkey } = await newcomer();
    const pending = await made({ handle, passkey });
    const form = beginIdentification(
      context,
      pending,
      providerOf(provider),
      'https://ledger.example.org/sign/x/identified',
    );
    const taken = await takeIdentification(context, await identify(form, provider, person));
    expect(taken.handle).toBe(handle);
    const own = request();
    await bindCarried(context, own, taken.carried, passkey.sign(bindingSigningBytes(taken.statement)));
    const [bound] = await lastOf(handle);
    expect(bound?.body).toMatchObject({
      ...{ auth: 'statement', by: [], request: null, kind: 'passkey', method: 'identity_provider' },
      ...{ identified_by: provider.party, enrolled_by: provider.party },
    });
    const { session } = await openSession(context, answeredBy(mintChallenge(context), passkey));
    expect(session.binding).toEqual({ stream: bound?.stream, seq: 0 });
  });

  it('binds one that nobody is identified for as what it is: of a link, brought by who gave it', async () => {
    const { context } = fixture;
    const { handle, passkey } = await newcomer();
    const pending = await made({ handle, passkey });
    const { statement } = linkedStatement(context, pending);
    await bindPending(context, request(), pending, passkey.sign(bindingSigningBytes(statement)));
    const [bound] = await lastOf(handle);
    expect(bound?.body).toMatchObject({
      auth: 'session',
      method: 'link',
      identified_by: null,
      enrolled_by: lender.party,
    });
    // A further key of the same person wants more than a link.
    const another = newPasskey();
    const more = await made({ handle, passkey: another });
    const signed = another.sign(bindingSigningBytes(linkedStatement(context, more).statement));
    await expectRefusal('identification_missing', bindPending(context, request(), more, signed));
  });

  it('is for the person of the letter: of somebody else nothing is bound, and nothing told', async () => {
    const { context } = fixture;
    const { handle, passkey } = await newcomer();
    const form = beginIdentification(
      context,
      await made({ handle, passkey }),
      providerOf(provider),
      'https://x.example',
    );
    const other = await newPerson();
    await expectRefusal('identification_other', takeIdentification(context, await identify(form, provider, other)));
    expect(await lastOf(handle)).toEqual([]);
  });

  it('is by the provider that was asked, which identifies, and lately', async () => {
    const { context } = fixture;
    const { person, handle, passkey } = await newcomer();
    const pending = await made({ handle, passkey });
    const asked = (by: Party) => beginIdentification(context, pending, providerOf(by), 'https://x.example');
    const other = await newParty(context, 'identifier');
    const wrong = await identify(asked(other), provider, person);
    await expectRefusal('identification_other', takeIdentification(context, wrong));
    await expectRefusal('party_role', takeIdentification(context, await identify(asked(lender), lender, person)));
    const early = context.clock() - 16 * MINUTE_MS;
    await expectRefusal(
      'challenge_stale',
      takeIdentification(context, await identify(asked(provider), provider, person, early)),
    );
    const ahead = await identify(asked(provider), provider, person, context.clock() + 5 * MINUTE_MS + 1);
    await expectRefusal('signed_ahead', takeIdentification(context, ahead));
    const form = asked(provider);
    const answer = await identify(form, provider, person);
    await expectRefusal(
      'identification_other',
      takeIdentification(context, { ...answer, identified_at: (answer.identified_at + 1) as Instant }),
    );
    later(16 * MINUTE_MS);
    await expectRefusal('challenge_stale', takeIdentification(context, await identify(form, provider, person)));
  });

  it('is for one key of one relationship: what was signed for another binds nothing', async () => {
    const { context } = fixture;
    const [one, two] = [await newcomer(), await newcomer()];
    const [first, second] = [await made(one), await made(two)];
    const formOf = (pending: string) =>
      beginIdentification(context, pending, providerOf(provider), 'https://x.example');
    const identified = await identify(formOf(first), provider, one.person);
    const crossed = { ...identified, state: formOf(second).state };
    await expectRefusal('identification_other', takeIdentification(context, crossed));
    const { carried, statement } = await takeIdentification(context, identified);
    const bytes = bindingSigningBytes(statement);
    await expectRefusal('signature_invalid', bindCarried(context, request(), carried, two.passkey.sign(bytes)));
    const unverified = one.passkey.sign(bytes, { flags: FLAGS.userPresent });
    await expectRefusal('signature_invalid', bindCarried(context, request(), carried, unverified));
    await bindCarried(context, request(), carried, one.passkey.sign(bytes));
    await expectRefusal('already_there', bindCarried(context, request(), carried, one.passkey.sign(bytes)));
  });

  it('binds nothing once the provider’s key is gone', async () => {
    const { context } = fixture;
    const { person, handle, passkey } = await newcomer();
    const gone = await newParty(context, 'identifier');
    const form = beginIdentification(context, await made({ handle, passkey }), providerOf(gone), 'https://x.example');
    const { carried, statement } = await takeIdentification(context, await identify(form, gone, person));
    const key = toBase64Url(gone.key.publicKey);
    const path = `/v1/parties/${gone.party}/keys/retirement`;
    const asAdmin = await calledWith(context, { party: gone.party, key: gone.admin, path, body: { key } });
    await retirePartyKey(context, asAdmin, { party: gone.party, key });
    const possession = passkey.sign(bindingSigningBytes(statement));
    await expectRefusal('signature_invalid', bindCarried(context, request(), carried, possession));
    expect(await lastOf(handle)).toEqual([]);
  });

  it('gives a person who lost every device a new key: the loss at a counter, and identified again', async () => {
    const { context } = fixture;
    const { person, handle, passkey } = await newcomer();
    await bindIdentified(context, { handle, passkey, person, provider });
    const identity = { id_type: 'resident_id', id_number: person.idNumber };
    const lost = { log: ORIGIN, handle, ends: passkey.key, identity, salt: random(32) };
    const said = await signKeyLoss(provider, lost, context.clock());
    const body = { principal: lender.party, ...said, signed_at: said.signed_at as Instant };
    const caller = await calledBy(context, lender.party, `/v1/relationships/${handle}/keys/loss`, body);
    await reportLoss(context, caller, { handle, ...body });
    await expectRefusal('key_ended', openSession(context, answeredBy(mintChallenge(context), passkey)));
    const fresh = newPasskey();
    // A link is of no use to who finds the letter: the person had a key.
    await expectRefusal('identification_missing', bindLinked(context, { handle, passkey: fresh }));
    await expectRefusal('already_there', bindIdentified(context, { handle, passkey, person, provider }));
    await bindIdentified(context, { handle, passkey: fresh, person, provider });
    const { session } = await openSession(context, answeredBy(mintChallenge(context), fresh));
    expect(session.binding.seq).toBe(2);
    expect((await lastOf(handle)).map(({ type }) => type)).toEqual([
      'person.key_bound',
      'person.key_ended',
      'person.key_bound',
    ]);
  });

  it('gives a person as many devices as it is identified for', async () => {
    const { context } = fixture;
    const { person, handle } = await newcomer();
    for (const alg of ['ES256', 'EdDSA'] as const) {
      const passkey = newPasskey('ledger.example.org', alg);
      await bindIdentified(context, { handle, passkey, person, provider });
      await openSession(context, answeredBy(mintChallenge(context), passkey));
    }
    expect(await lastOf(handle)).toHaveLength(2);
  });

  it('takes back nothing that it did not hand out, for this, a while ago', async () => {
    const { context } = fixture;
    const { handle, passkey } = await newcomer();
    const { challenge } = await startRegistration(context, handle, SITE);
    const pending = await made({ handle, passkey });
    const changed = `${pending.slice(0, -1)}${pending.endsWith('A') ? 'B' : 'A'}`;
    for (const text of ['', 'x', changed, `${pending}A`, pending.slice(1), challenge, 'A'.repeat(9_000)]) {
      await expectRefusal('challenge_stale', (async () => linkedStatement(context, text))());
    }
    later(6 * MINUTE_MS);
    await expectRefusal(
      'challenge_stale',
      finishRegistration(context, handle, SITE, registrationOf(passkey, challenge)),
    );
  });

  it('refuses what a device should not have made', async () => {
    const { context } = fixture;
    const { handle, passkey } = await newcomer();
    const { challenge } = await startRegistration(context, handle, SITE);
    const refuse = (text: string) => expectRefusal('key_invalid', finishRegistration(context, handle, SITE, text));
    await refuse(registrationOf(newPasskey('other.example.org'), challenge));
    await refuse(registrationOf(newPasskey('ledger.example.org', 'ES256', 'https://phish.example.org'), challenge));
    await refuse(registrationOf(passkey, challenge, FLAGS.userPresent | FLAGS.attested));
    const random = registrationOf(passkey, toBase64Url(new Uint8Array(32)));
    await expectRefusal('challenge_stale', finishRegistration(context, handle, SITE, random));
    await refuse(registrationOf(passkey, challenge).replace('"publicKeyAlgorithm":-7', '"publicKeyAlgorithm":-257'));
    for (const text of ['', '{}', 'null', '[]', '{"id":"x","response":{}}']) await refuse(text);
    const other = await newcomer();
    const { challenge: others } = await startRegistration(context, other.handle, SITE);
    await refuse(registrationOf(passkey, others));
  });
});
