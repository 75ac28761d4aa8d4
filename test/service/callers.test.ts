/** Who may ask: nobody without a signature, no key that has ended, nobody for another, and nobody too often. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { provePartyKey } from '#client/device.ts';
import { partySignatory, type Signatory, subjectSignatory } from '#client/sign.ts';
import { toBase64Url } from '#core/bytes.ts';
import type { Party as PartyState } from '#core/consent/party.ts';
import type { FailureCode } from '#core/failure.ts';
import type { Handle, OperatorId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { askAccess } from '#service/accesses.ts';
import { authenticate, type Caller, type Request } from '#service/caller.ts';
import type { Context } from '#service/context.ts';
import { draftLetter } from '#service/letters.ts';
import { type LimitOptions, openLimits } from '#service/limits.ts';
import {
  addPartyKey,
  compromisePartyKey,
  operatorLeaves,
  readParty,
  registerParty,
  retirePartyKey,
  setSuspended,
} from '#service/parties.ts';
import { enrol } from '#service/relationships.ts';
import { loadHead } from '#store/head.ts';
import { nativeEd25519 } from '../../src/native.ts';
import {
  ask,
  calledBy,
  calledByKeeper,
  newPerson,
  type Party,
  request,
  signedRequest,
  signedScene,
} from '../support/actors.ts';
import { calledByPerson, calledWith, reader, readingPerson } from '../support/callers.ts';
import { expectFailure, expectRefusal } from '../support/failure.ts';
import {
  checkLedger,
  type Fixture,
  keeperOf,
  ORIGIN,
  openFixture,
  random,
  UPPER_DATABASES,
} from '../support/ledger-fixture.ts';

const NOBODY = '0'.repeat(32);
const MINUTE_MS = 60_000;
const newKey = () => nativeEd25519.importSeed(random(32));
const proven = async (key: SigningKey, duty: 'admin' | 'query') => ({ ...(await provePartyKey(key, ORIGIN)), duty });

describe.each(UPPER_DATABASES)('a caller on %s', (database) => {
  let fixture: Fixture;
  let context: Context;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  let lender: Party;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: Date.UTC(2026, 10, 21) });
    context = fixture.context;
  });
  beforeEach(async () => {
    scene = await signedScene(context);
    lender = scene.lender;
  });
  afterEach(async () => {
    await checkLedger(fixture);
  });
  afterAll(() => fixture.close());

  const now = () => context.clock();
  const size = async () => (await fixture.store.read(loadHead))!.size;
  const signedBy = (signers: readonly Signatory[], body: object = scene.queryAccess, key?: string) =>
    signedRequest(context, signers, '/v1/accesses', body, key);
  const ofLender = () => [partySignatory(lender.party, lender.key)];

  async function refuses(code: FailureCode, act: () => Promise<unknown>): Promise<void> {
    const before = await size();
    await expectRefusal(code, act());
    expect(await size()).toBe(before);
  }

  async function stateOf(party: Pick<Party, 'party' | 'key'>): Promise<PartyState> {
    return readParty(context, await reader(context, party), party.party);
  }

  describe('is known by its signature', () => {
    it('and is nobody without one', async () => {
      await refuses('signature_required', () => authenticate(context, request()));
      const asked = await signedBy(ofLender());
      await refuses('signature_required', () =>
        authenticate(context, { ...asked, signed: { ...asked.signed!, signatures: [] } }),
      );
    });

    it('which is taken for five minutes before and after it was made, and no longer', async () => {
      const start = now();
      const asked = await signedBy(ofLender());
      fixture.setTime(start + 5 * MINUTE_MS);
      await authenticate(context, asked);
      fixture.setTime(start + 6 * MINUTE_MS);
      await refuses('signature_stale', () => authenticate(context, asked));
      const ahead = await signedBy(ofLender());
      fixture.setTime(start);
      await refuses('signature_stale', () => authenticate(context, ahead));
      fixture.setTime(start + MINUTE_MS);
      await authenticate(context, ahead);
    });

    it('over just this body', async () => {
      const asked = await signedBy(ofLender());
      for (const body of ['', '{}', `${asked.signed!.body} `, JSON.stringify(scene.reportAccess)]) {
        const changed = { ...asked, signed: { ...asked.signed!, body } };
        await refuses('digest_mismatch', () => authenticate(context, changed));
      }
    });

    it('by a key of its own: no other’s, none unknown, nor with a signature of something else', async () => {
      const { bureau, person, handle } = scene;
      const other = await signedBy(ofLender(), scene.reportAccess);
      const refused = async (make: () => Promise<Request>) =>
        refuses('signature_refused', async () => authenticate(context, await make()));
      await refused(() => signedBy([partySignatory(lender.party, bureau.key)]));
      await refused(async () => signedBy([partySignatory(lender.party, await newKey())]));
      await refused(() => signedBy([partySignatory(NOBODY as PartyId, lender.key)]));
      await refused(() => signedBy([partySignatory(lender.party, person.key)]));
      await refused(() => signedBy([subjectSignatory(handle, lender.key)]));
      await refused(() => signedBy([subjectSignatory(NOBODY as Handle, person.key)]));
      for (const signature of [other.signed!.signatures[0]!.signature, toBase64Url(random(64))]) {
        await refused(async () => withSignature(await signedBy(ofLender()), () => ({ signature })));
      }
      // The parts of the base that a door compares are signed, too.
      for (const [from, to] of [
        ['/v1/accesses', '/v1/letters'],
        ['POST', 'GET'],
        ['"@authority": test', '"@authority": other'],
        ['created=', 'created=1'],
      ] as const) {
        const asked = await signedBy(ofLender());
        const changed = withSignature(asked, ({ base }) => ({ base: base.replace(from, to) }));
        await refuses(from === 'created=' ? 'signature_stale' : 'signature_refused', () =>
          authenticate(context, changed),
        );
      }
      await refused(async () => withSignature(await signedBy(ofLender()), () => ({ signature: 'AAAA' })));
      const broken = withSignature(await signedBy(ofLender()), () => ({ signature: '!' }));
      await refuses('signature_malformed', () => authenticate(context, broken));
    });

    it('and two sign for one party only, a subject alone', async () => {
      const [one, two] = [
        partySignatory(lender.party, lender.key),
        partySignatory(scene.bureau.party, scene.bureau.key),
      ];
      await refuses('signature_malformed', async () => authenticate(context, await signedBy([one, two])));
      const subject = subjectSignatory(scene.handle, scene.person.key);
      await refuses('signature_malformed', async () => authenticate(context, await signedBy([subject, subject])));
    });

    function withSignature(
      asked: Request,
      change: (each: { base: string; signature: string }) => { base?: string; signature?: string },
    ): Request {
      const signed = asked.signed!;
      return {
        ...asked,
        signed: { ...signed, signatures: signed.signatures.map((each) => ({ ...each, ...change(each) })) },
      };
    }
  });

  describe('whose key has ended', () => {
    const keyText = () => toBase64Url(lender.key.publicKey);
    const asAdmin = (path: string, body: object) =>
      calledWith(context, {
        party: lender.party,
        key: lender.admin,
        path: `/v1/parties/${lender.party}/${path}`,
        body,
      });

    /** Each way in which the lender's business key comes to its end. */
    const ends: Record<string, () => Promise<unknown>> = {
      async 'because it was retired'() {
        const body = { key: keyText() };
        return retirePartyKey(context, await asAdmin('keys/retirement', body), { party: lender.party, ...body });
      },
      async 'because it was declared compromised'() {
        const body = { key: keyText(), since: now() as Instant };
        return compromisePartyKey(context, await asAdmin('keys/compromise', body), { party: lender.party, ...body });
      },
      async 'because its operator left'() {
        const operator = (await stateOf(lender)).keys[0]!.operator;
        const caller = await asAdmin(`operators/${operator}/departure`, {});
        return operatorLeaves(context, caller, { party: lender.party, operator });
      },
      async 'because the party is suspended'() {
        return setStanding(lender.party, true);
      },
    };

    for (const [why, end] of Object.entries(ends)) {
      it(`is refused ${why}, in reads, in writes, and in writes that were authenticated before`, async () => {
        const before = await calledBy(context, lender.party, '/v1/accesses', scene.queryAccess);
        const another = await signedBy(ofLender());
        await end();
        await refuses('key_ended', () => askAccess(context, before, scene.queryAccess));
        await refuses('key_ended', async () =>
          askAccess(context, await authenticate(context, another), scene.queryAccess),
        );
        await refuses('key_ended', () => ask(context, scene.queryAccess));
        await refuses('key_ended', () => reader(context, lender));
        const elsewhere = await openFixture(database, { again: fixture, signerState: null });
        try {
          // A process that never met the party refuses it at once.
          await refuses('key_ended', () => calledBy(elsewhere.context, lender.party, '/v1/accesses', {}));
        } finally {
          await elsewhere.ledger.close();
        }
      });
    }

    it('is not refused what it asked before, by whoever signs for the party now', async () => {
      const answered = await ask(context, scene.queryAccess, 'asked before');
      const fresh = await newKey();
      const { operator } = (await stateOf(lender)).keys[0]!;
      const body = { ...(await proven(fresh, 'query')), operator };
      await addPartyKey(context, await asAdmin('keys', body), { ...body, party: lender.party });
      await ends['because it was retired']!();
      const signer = { party: lender.party, key: fresh, path: '/v1/accesses', body: scene.queryAccess };
      const again = await calledWith(context, signer, 'asked before');
      expect(await askAccess(context, again, scene.queryAccess)).toEqual(answered);
      const other = { ...signer, body: scene.reportAccess };
      expect((await askAccess(context, await calledWith(context, other), scene.reportAccess)).decision).toBe('allow');
    });

    it('signs again once its party is reinstated; a key that was retired never does', async () => {
      await setStanding(lender.party, true);
      await setStanding(lender.party, false);
      expect((await ask(context, scene.queryAccess)).decision).toBe('allow');
      await ends['because it was retired']!();
      await refuses('already_there', async () => {
        const body = { ...(await proven(lender.key, 'query')), operator: null };
        return addPartyKey(context, await asAdmin('keys', body), { ...body, party: lender.party });
      });
    });

    it('ends for one operator, and not for the others of its party', async () => {
      const key = await newKey();
      const body = { ...(await proven(key, 'query')), operator: null };
      await addPartyKey(context, await asAdmin('keys', body), { ...body, party: lender.party });
      await ends['because its operator left']!();
      const asked = { party: lender.party, key, path: '/v1/accesses', body: scene.queryAccess };
      expect((await askAccess(context, await calledWith(context, asked), scene.queryAccess)).decision).toBe('allow');
    });
  });

  async function setStanding(party: PartyId, suspended: boolean) {
    const path = `/v1/parties/${party}/${suspended ? 'suspension' : 'reinstatement'}`;
    return setSuspended(context, await calledByKeeper(context, path, {}), { party, suspended });
  }

  describe('acts', () => {
    it('for itself, and for no other principal; a subject for none', async () => {
      const { bureau, handle, person } = scene;
      const identity = { id_type: 'resident_id', id_number: (await newPerson()).idNumber, name: '张示例', phone: null };
      const subject = { principal: lender.party, subject: 'person', identity } as const;
      const letter = { principal: lender.party, handle, text: 'x', template: null, warnings: [], grants: [] };
      const drafted = { ...letter, expires_at: (now() + MINUTE_MS) as Instant };
      const callers: Caller[] = [
        await calledBy(context, bureau.party, '/v1/accesses', {}),
        await calledByPerson(context, { handle, person, path: '/v1/accesses', body: {} }),
        await calledByKeeper(context, '/v1/accesses', {}),
      ];
      for (const caller of callers) {
        await refuses('principal_mismatch', () => askAccess(context, caller, scene.queryAccess));
        await refuses('principal_mismatch', () => enrol(context, caller, subject));
        await refuses('principal_mismatch', () => draftLetter(context, caller, drafted));
      }
    });

    it('by one signature, and not by two', async () => {
      const signers = [partySignatory(lender.party, lender.key), partySignatory(lender.party, lender.admin)];
      await refuses('principal_mismatch', async () =>
        askAccess(context, await authenticate(context, await signedBy(signers)), scene.queryAccess),
      );
    });

    it('by its operators’ duties: who administers enrols and drafts nothing, and sees nothing', async () => {
      const admin = { party: lender.party, key: lender.admin };
      const identity = { id_type: 'resident_id', id_number: (await newPerson()).idNumber, name: '张示例', phone: null };
      const subject = { principal: lender.party, subject: 'person', identity } as const;
      await refuses('duty_missing', async () =>
        enrol(context, await calledWith(context, { ...admin, path: '/v1/relationships', body: subject }), subject),
      );
      const asked = await calledWith(context, { ...admin, path: '/v1/accesses', body: scene.queryAccess });
      expect(await askAccess(context, asked, scene.queryAccess)).toMatchObject({
        decision: 'deny',
        codes: ['OPERATOR'],
      });
    });

    it('by its operators’ duties: who does its business adds and ends no keys', async () => {
      const { party, key } = lender;
      const added = { ...(await proven(await newKey(), 'query')), operator: null };
      const ended = { key: toBase64Url(lender.admin.publicKey) };
      const asQuery = (path: string, body: object) =>
        calledWith(context, { party, key, path: `/v1/parties/${party}/${path}`, body });
      await refuses('duty_missing', async () =>
        addPartyKey(context, await asQuery('keys', added), { ...added, party }),
      );
      await refuses('duty_missing', async () =>
        retirePartyKey(context, await asQuery('keys/retirement', ended), { ...ended, party }),
      );
      const { operator } = (await stateOf(lender)).keys[1]!;
      await refuses('duty_missing', async () =>
        operatorLeaves(context, await asQuery(`operators/${operator}/departure`, {}), { party, operator }),
      );
    });

    it('with one duty for each operator, never both', async () => {
      const { party, admin } = lender;
      const { operator } = (await stateOf(lender)).keys[0]!;
      const both = { ...(await proven(await newKey(), 'admin')), operator };
      const path = `/v1/parties/${party}/keys`;
      await refuses('duty_missing', async () =>
        addPartyKey(context, await calledWith(context, { party, key: admin, path, body: both }), { ...both, party }),
      );
      const unknown = { ...both, operator: NOBODY as OperatorId };
      await refuses('operator_unknown', async () =>
        addPartyKey(context, await calledWith(context, { party, key: admin, path, body: unknown }), {
          ...unknown,
          party,
        }),
      );
    });
  });

  describe('that keeps the ledger', () => {
    async function registration() {
      return { name: '示例', roles: ['bureau'] as const, keys: [await proven(await newKey(), 'query')] };
    }
    async function registerWith(signers: readonly Signatory[]) {
      const body = await registration();
      const asked = await signedRequest(context, signers, '/v1/parties', body);
      return registerParty(context, await authenticate(context, asked), body);
    }

    it('registers by two of its administrators, not by one, nor by one that signs twice', async () => {
      const [one, two] = keeperOf(context) as [Signatory, Signatory];
      await refuses('second_signature', () => registerWith([one]));
      await refuses('second_signature', () => registerWith([two]));
      await refuses('second_signature', () => registerWith([one, one]));
      const { entry } = await registerWith([two, one]);
      expect(entry.type).toBe('party.registered');
    });

    it('does not take two keys of one administrator for two', async () => {
      const [one, two] = keeperOf(context) as [Signatory, Signatory];
      const party = one.stream.slice('party/'.length) as PartyId;
      const keeper = await authenticate(context, await signedBy([one, two]));
      const { keys } = await readParty(context, keeper, party);
      const spare = await newKey();
      const body = { ...(await proven(spare, 'admin')), operator: keys[0]!.operator };
      const caller = await calledByKeeper(context, `/v1/parties/${party}/keys`, body);
      await addPartyKey(context, caller, { ...body, party });
      await refuses('second_signature', () => registerWith([one, partySignatory(party, spare)]));
      await registerWith([partySignatory(party, spare), two]);
      // Nor may the keeper's own keys be changed by one.
      const ended = { key: toBase64Url(spare.publicKey) };
      const path = `/v1/parties/${party}/keys/retirement`;
      await refuses('second_signature', async () =>
        retirePartyKey(context, await calledWith(context, { party, key: one.key, path, body: ended }), {
          ...ended,
          party,
        }),
      );
      await retirePartyKey(context, await calledByKeeper(context, path, ended), { ...ended, party });
      await refuses('key_ended', () => registerWith([partySignatory(party, spare), two]));
    });

    it('is needed: no other party registers, suspends, or touches another’s keys', async () => {
      const { bureau } = scene;
      await refuses('principal_mismatch', () => registerWith([partySignatory(lender.party, lender.admin)]));
      await refuses('principal_mismatch', () =>
        registerWith([partySignatory(lender.party, lender.admin), partySignatory(lender.party, lender.key)]),
      );
      const asAdmin = (path: string, body: object) =>
        calledWith(context, { party: lender.party, key: lender.admin, path, body });
      const own = `/v1/parties/${lender.party}/suspension`;
      await refuses('principal_mismatch', async () =>
        setSuspended(context, await asAdmin(own, {}), { party: lender.party, suspended: true }),
      );
      await refuses('party_unknown', async () =>
        setSuspended(context, await asAdmin(`/v1/parties/${bureau.party}/suspension`, {}), {
          party: bureau.party,
          suspended: true,
        }),
      );
      const ended = { key: toBase64Url(bureau.key.publicKey) };
      await refuses('party_unknown', async () =>
        retirePartyKey(context, await asAdmin(`/v1/parties/${bureau.party}/keys/retirement`, ended), {
          ...ended,
          party: bureau.party,
        }),
      );
    });

    it('ends a party’s key where the party can’t, by two signatures', async () => {
      const ended = { key: toBase64Url(lender.key.publicKey) };
      const path = `/v1/parties/${lender.party}/keys/retirement`;
      const [one] = keeperOf(context) as [Signatory];
      await refuses('second_signature', async () => {
        const asked = await signedRequest(context, [one], path, ended);
        return retirePartyKey(context, await authenticate(context, asked), { ...ended, party: lender.party });
      });
      await retirePartyKey(context, await calledByKeeper(context, path, ended), { ...ended, party: lender.party });
      await refuses('key_ended', () => ask(context, scene.queryAccess));
    });

    it('does not suspend itself, nor twice, nor what is in good standing back', async () => {
      const [one] = keeperOf(context) as [Signatory];
      await refuses('party_role', () => setStanding(one.stream.slice('party/'.length) as PartyId, true));
      await refuses('already_there', () => setStanding(lender.party, false));
      await setStanding(lender.party, true);
      await refuses('already_there', () => setStanding(lender.party, true));
      await refuses('party_unknown', () => setStanding(NOBODY as PartyId, true));
    });
  });

  it('that asks again, signed anew, gets the same answer and makes no entry', async () => {
    const first = await ask(context, scene.queryAccess, 'one key');
    const before = await size();
    fixture.setTime(now() + 10 * MINUTE_MS);
    expect(await ask(context, scene.queryAccess, 'one key')).toEqual(first);
    const keys = [await proven(await newKey(), 'query')];
    const body = { name: '示例', roles: ['bureau'] as const, keys };
    const register = async () =>
      registerParty(context, await calledByKeeper(context, '/v1/parties', body, 'another key'), body);
    const registered = await register();
    fixture.setTime(now() + MINUTE_MS);
    expect(await register()).toEqual(registered);
    expect(await size()).toBe(before + 1);
    await refuses('idempotency_mismatch', () =>
      ask(context, { ...scene.queryAccess, purpose: 'post_loan' }, 'one key'),
    );
  });

  describe('that asks too often', () => {
    const plenty = { perSecond: 1_000, perDay: 1_000_000 };
    const limited = (options: Partial<LimitOptions>): Context => ({
      ...context,
      limits: openLimits({ party: plenty, operator: plenty, ...options }),
    });
    const asks = async (limits: Context, count: number, by: Party = lender) => {
      for (let n = 0; n < count; n++) await calledBy(limits, by.party, '/v1/accesses', {});
    };

    it('is refused until time has gone by, and others are not', async () => {
      const limits = limited({ party: { ...plenty, perSecond: 2 } });
      await asks(limits, 4);
      await refuses('rate_limited', () => asks(limits, 1));
      await asks(limits, 4, scene.bureau);
      fixture.setTime(now() + 499);
      await refuses('rate_limited', () => asks(limits, 1));
      fixture.setTime(now() + 1);
      await asks(limits, 1);
      await refuses('rate_limited', () => asks(limits, 1));
    });

    it('is one operator, and its colleagues may go on', async () => {
      const limits = limited({ operator: { ...plenty, perSecond: 1 } });
      await asks(limits, 2);
      await refuses('rate_limited', () => asks(limits, 1));
      await calledWith(limits, { party: lender.party, key: lender.admin, path: '/v1/accesses', body: {} });
    });

    it('has a quota of the day, which begins anew with the next', async () => {
      const limits = limited({ party: { ...plenty, perDay: 3 } });
      await asks(limits, 3);
      await refuses('rate_limited', () => asks(limits, 1));
      fixture.setTime(now() + 60 * MINUTE_MS);
      await refuses('rate_limited', () => asks(limits, 1));
      fixture.setTime((Math.floor(now() / 86_400_000) + 1) * 86_400_000 - 1);
      await refuses('rate_limited', () => asks(limits, 1));
      fixture.setTime(now() + 1);
      await asks(limits, 3);
      await refuses('rate_limited', () => asks(limits, 1));
    });

    it('is counted only by its own signature: nobody spends another’s', async () => {
      const limits = limited({ party: { ...plenty, perDay: 1 } });
      const forged = await signedBy([partySignatory(lender.party, scene.bureau.key)]);
      for (let n = 0; n < 3; n++) await refuses('signature_refused', () => authenticate(limits, forged));
      await asks(limits, 1);
    });
  });

  it('that is a person has limits of its own, and spends none of a party’s', async () => {
    const one = { perSecond: 1_000, perDay: 1 };
    const limits = { ...context, limits: openLimits({ party: one, operator: one }) };
    expect((await readingPerson(limits, scene.handle, scene.person)).kind).toBe('subject');
    await expectRefusal('rate_limited', readingPerson(limits, scene.handle, scene.person));
    await ask(limits, scene.queryAccess);
  });
});

describe('limits', () => {
  const [party, operator] = ['a', 'b'] as [PartyId, OperatorId];
  const at = (ms: number) => ms as Instant;

  it('let what was not spent gather for two seconds, and no longer', () => {
    const limits = openLimits({
      party: { perSecond: 10, perDay: 1_000 },
      operator: { perSecond: 1_000, perDay: 1_000 },
    });
    const take = (ms: number, count: number) => {
      for (let n = 0; n < count; n++) limits.take(at(ms), party, operator);
    };
    take(0, 20);
    expectFailure('rate_limited', () => take(0, 1));
    take(1_000, 10);
    expectFailure('rate_limited', () => take(1_000, 1));
    take(60_000, 20);
    expectFailure('rate_limited', () => take(60_000, 1));
  });

  it('take nothing from the party where the operator’s are spent', () => {
    const limits = openLimits({
      party: { perSecond: 1, perDay: 1_000 },
      operator: { perSecond: 1_000, perDay: 1 },
    });
    limits.take(at(0), party, operator);
    for (let n = 0; n < 5; n++) expectFailure('rate_limited', () => limits.take(at(0), party, operator));
    limits.take(at(0), party, 'another' as OperatorId);
  });

  it('give nothing to a clock that goes back', () => {
    const limits = openLimits({ party: { perSecond: 1, perDay: 9 }, operator: { perSecond: 9, perDay: 9 } });
    limits.take(at(10_000), party, operator);
    limits.take(at(10_000), party, operator);
    expectFailure('rate_limited', () => limits.take(at(5_000), party, operator));
    expectFailure('rate_limited', () => limits.take(at(10_999), party, operator));
    limits.take(at(11_000), party, operator);
  });
});
