/** What the service refuses, and that a refusal leaves nothing behind. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { provePartyKey } from '#client/device.ts';
import { toBase64Url } from '#core/bytes.ts';
import type { PartyRole } from '#core/consent/party.ts';
import { letterStatement, revocationStatement, statementSigningBytes } from '#core/consent/statement.ts';
import type { FailureCode } from '#core/failure.ts';
import type { AccessId, GrantId, Handle, LetterId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { askAccess } from '#service/accesses.ts';
import { readGrant, revokeGrant } from '#service/grants.ts';
import { bindKey } from '#service/key-binding.ts';
import { signLetter } from '#service/letters.ts';
import { addPartyKey, type NewKey, registerParty } from '#service/parties.ts';
import { enrol, readEntries } from '#service/relationships.ts';
import { readAccess } from '#service/releases.ts';
import { loadEntries } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import { nativeEd25519 } from '../../src/native.ts';
import {
  ask,
  bindPersonKey,
  calledBy,
  calledByKeeper,
  DAY_MS,
  draft,
  enrolPerson,
  newParty,
  newPerson,
  type Person,
  request,
  revoke,
  sign,
  signature,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { calledWith, reader } from '../support/callers.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture, random, UPPER_DATABASES } from '../support/ledger-fixture.ts';

const NOBODY = '0'.repeat(32);

describe.each(UPPER_DATABASES)('the service on %s', (database) => {
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  let drafted: Awaited<ReturnType<typeof draft>>;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: Date.UTC(2026, 10, 21) });
  });
  beforeEach(async () => {
    scene = await signedScene(fixture.context);
    const grants = twoClauses(scene.bureau, fixture.context.clock());
    drafted = await draft(fixture.context, { lender: scene.lender, handle: scene.handle, grants });
  });
  afterEach(async () => {
    await checkLedger(fixture);
  });
  afterAll(() => fixture.close());

  const size = async () => (await fixture.store.read(loadHead))!.size;
  const now = () => fixture.context.clock();

  /** Expects a refusal that writes nothing, however often it is tried. */
  async function refuses(code: FailureCode, act: () => Promise<unknown>): Promise<void> {
    const before = await size();
    await expectRefusal(code, act());
    await expectRefusal(code, act());
    expect(await size()).toBe(before);
  }

  const put = (signed: Awaited<ReturnType<typeof signature>>, letter: LetterId = drafted.letter) =>
    signLetter(fixture.context, request(), { letter, ...signed });
  const good = (person: Person = scene.person) => signature(drafted, person, [true, true], now());

  describe('a letter', () => {
    it('is refused when it was signed with anything else in it', async () => {
      const changes = [
        { log: 'other.example/log' },
        { kind: 'decline' },
        { ref: NOBODY },
        { text: toBase64Url(random(32)) },
        { template: 'other' },
        { parties: [NOBODY] },
        { warnings: ['other'] },
        { nonce: toBase64Url(random(32)) },
        { signed_at: now() - 1 },
        { expires_at: now() },
        { v: 2 },
        { extra: true },
      ];
      for (const change of changes) {
        const signed = await signature(drafted, scene.person, [true, true], now(), change);
        await refuses('signature_invalid', () => put(signed));
      }
      await put(await good());
    });

    it('is refused when ticks or time were changed after the signature', async () => {
      const signed = await signature(drafted, scene.person, [true, false], now());
      const ticked = signed.grants.map(({ grant }) => ({ grant, given: true }));
      await refuses('signature_invalid', () => put({ ...signed, grants: ticked }));
      await refuses('signature_invalid', () => put({ ...signed, signed_at: signed.signed_at + 1 }));
    });

    it('is refused unless every clause is answered once', async () => {
      const signed = await good();
      const [one, two] = signed.grants as [(typeof signed.grants)[0], (typeof signed.grants)[0]];
      for (const grants of [[], [one], [one, one], [one, two, two], [one, { ...two, grant: NOBODY as GrantId }]]) {
        await refuses('input_invalid', () => put({ ...signed, grants }));
      }
    });

    it('is refused under a foreign key, a key of another person, and a signature that is no signature', async () => {
      const other = await signedScene(fixture.context);
      const stranger = await newPerson();
      await refuses('subject_key_unknown', async () => put(await good(stranger)));
      await refuses('subject_key_unknown', async () => put(await good(other.person)));
      const signed = await good();
      await refuses('signature_invalid', () => put({ ...signed, signature: toBase64Url(random(64)) }));
      await refuses('signature_invalid', () => put({ ...signed, signature: 'AAAA' }));
      await refuses('signature_invalid', () => put({ ...signed, signature: '!' }));
      await refuses('key_invalid', () => put({ ...signed, key: 'AAAA' }));
      const wrongSigner = await nativeEd25519.importSeed(random(32));
      const bytes = statementSigningBytes({ ...drafted.statement, signed_at: now() });
      await refuses('signature_invalid', async () =>
        put({ ...signed, signature: toBase64Url(await wrongSigner.sign(bytes)) }),
      );
    });

    it('is signed once: the same signature gets the same answer, whoever brings it, another one none', async () => {
      const signed = await good();
      const first = await put(signed);
      const before = await size();
      expect(await put(signed)).toEqual(first);
      await refuses('already_signed', async () => put(await signature(drafted, scene.person, [true, false], now())));
      await refuses('already_signed', async () => put(await signature(drafted, scene.person, [true, true], now() + 1)));
      expect(await size()).toBe(before);
    });

    it('is refused when it was for a letter of another relationship, or one that nobody drafted', async () => {
      const other = await signedScene(fixture.context);
      const theirs = await draft(fixture.context, {
        lender: other.lender,
        handle: other.handle,
        grants: twoClauses(other.bureau, now()),
      });
      const signed = await good();
      await refuses('input_invalid', () => put(signed, theirs.letter));
      const grants = theirs.grants.map(({ grant }) => ({ grant, given: true }));
      await refuses('subject_key_unknown', () => put({ ...signed, grants }, theirs.letter));
      for (const id of [NOBODY, scene.query, scene.handle])
        await refuses('letter_unknown', () => put(signed, id as LetterId));
    });

    it('is refused too late', async () => {
      const short = await draft(fixture.context, {
        lender: scene.lender,
        handle: scene.handle,
        grants: twoClauses(scene.bureau, now()),
        expires_at: now() + 1_000,
      });
      const signed = await signature(short, scene.person, [true, true], now());
      fixture.setTime(now() + 1_000);
      await refuses('letter_expired', () => put(signed, short.letter));
    });

    it('is not drafted on another’s handle, for doors that do not exist, or with senseless terms', async () => {
      const { context } = fixture;
      const other = await newParty(context, 'grantee');
      const [query, report] = twoClauses(scene.bureau, now()) as [never, never];
      const drafts = (grants: object[], handle = scene.handle, lender = scene.lender, expires_at = now() + DAY_MS) =>
        draft(context, { lender, handle, grants: grants as never, expires_at });
      await refuses('relationship_unknown', () => drafts([query], scene.handle, other));
      await refuses('relationship_unknown', () => drafts([query], NOBODY as Handle));
      await refuses('party_unknown', () => drafts([{ ...(query as object), sources: [NOBODY] }]));
      await refuses('input_invalid', () => drafts([]));
      await refuses('letter_expired', () => drafts([query], scene.handle, scene.lender, now()));
      const senseless = [
        { purposes: [] },
        { items: [] },
        { sources: [] },
        { recipients: [scene.bureau.party] },
        { to: now() },
        { from: now() + 2, to: now() + 1 },
      ];
      for (const change of senseless)
        await refuses('input_invalid', () => drafts([{ ...(query as object), ...change }]));
      await refuses('input_invalid', () => drafts([{ ...(report as object), recipients: [] }]));
    });
  });

  describe('a revocation', () => {
    async function revocation(change: object, person: Person = scene.person, grant: GrantId = scene.query) {
      const at = now();
      const statement = revocationStatement({ log: ORIGIN, ref: grant, grantee: scene.lender.party, signedAt: at });
      const bytes = statementSigningBytes({ ...statement, ...change });
      return {
        grant,
        key: toBase64Url(person.key.publicKey),
        signature: toBase64Url(await person.key.sign(bytes)),
        signed_at: at,
      };
    }
    const send = (input: Awaited<ReturnType<typeof revocation>>) => revokeGrant(fixture.context, request(), input);

    it('is refused when it was signed for anything else', async () => {
      const changes = [{ log: 'other.example/log' }, { kind: 'pause' }, { ref: scene.report }, { parties: [NOBODY] }];
      for (const change of [...changes, { signed_at: 1 }, { text: 'x' }]) {
        const input = await revocation(change);
        await refuses('signature_invalid', () => send(input));
      }
      const letter = statementSigningBytes(
        letterStatement({
          log: ORIGIN,
          ref: drafted.letter,
          grantee: scene.lender.party,
          draft: {
            ...(drafted.statement as never as Parameters<typeof letterStatement>[0]['draft']),
            grants: drafted.grants,
          },
          given: [true, true],
          signedAt: now(),
        }),
      );
      const input = await revocation({});
      const signature = toBase64Url(await scene.person.key.sign(letter));
      await refuses('signature_invalid', () => send({ ...input, signature }));
    });

    it('is refused by anyone else, and for a grant that is none', async () => {
      const other = await signedScene(fixture.context);
      await refuses('subject_key_unknown', async () => send(await revocation({}, other.person)));
      await refuses('subject_key_unknown', async () => send(await revocation({}, await newPerson())));
      for (const id of [NOBODY, drafted.letter, drafted.grants[0]!.grant, scene.handle]) {
        await refuses('grant_unknown', async () => send(await revocation({}, scene.person, id as GrantId)));
      }
    });

    it('is taken once: the same signature gets the same answer, another one none, and it stays', async () => {
      const input = await revocation({});
      const first = await send(input);
      expect(await send(input)).toEqual(first);
      fixture.setTime(now() + 5);
      await refuses('already_revoked', async () => send(await revocation({})));
      const caller = await reader(fixture.context, scene.lender);
      expect((await readGrant(fixture.context, caller, scene.query)).status).toBe('revoked');
      expect((await readGrant(fixture.context, caller, scene.report)).status).toBe('active');
    });

    it('is refused when the grant has ended by itself', async () => {
      fixture.setTime(now() + 366 * DAY_MS);
      await refuses('grant_ended', () => revoke(fixture.context, scene.lender, scene.person, scene.query));
      expect((await ask(fixture.context, scene.queryAccess)).codes).toEqual(['EXPIRED']);
    });
  });

  describe('an access', () => {
    it('under a grant of another relationship, or one that was not ticked, is NOAUTH', async () => {
      const { context } = fixture;
      const other = await signedScene(context);
      for (const grant of [other.query, drafted.grants[0]!.grant, NOBODY as GrantId]) {
        const view = await ask(context, { ...scene.queryAccess, ground: { grant } });
        expect(view.codes).toEqual(['NOAUTH']);
        expect(view.entry.stream).toBe(`rel/${scene.handle}`);
      }
      await sign(context, drafted, scene.person, [false, true]);
      const unticked = await ask(context, { ...scene.queryAccess, ground: { grant: drafted.grants[0]!.grant } });
      expect(unticked.codes).toEqual(['NOAUTH']);
    });

    it('on an unknown and on another’s handle is the same: PARTY, in the caller’s refused stream', async () => {
      const { context } = fixture;
      const caller = await newParty(context, 'grantee');
      const [unknown, foreign] = [
        await ask(context, { ...scene.queryAccess, principal: caller.party, handle: NOBODY as Handle }),
        await ask(context, { ...scene.queryAccess, principal: caller.party }),
      ];
      for (const view of [unknown, foreign]) {
        expect(view).toMatchObject({ decision: 'deny', codes: ['PARTY'], ground: null });
        expect(view.entry.stream).toBe(`refused/${caller.party}`);
        expect(view.entry.type).toBe('access.refused');
      }
      const rows = await fixture.store.read((tx) => loadEntries(tx, unknown.entry.index, foreign.entry.index + 1));
      const text = rows.map((row) => Buffer.from(row.bytes).toString()).join();
      expect(text).not.toContain(scene.handle);
      expect(text).not.toContain(scene.query);
    });

    it('for somebody who is no party is refused: nobody can sign for it, and there is nobody to record it for', async () => {
      const { context } = fixture;
      const access = { ...scene.queryAccess, principal: NOBODY as PartyId };
      await refuses('principal_mismatch', async () =>
        askAccess(context, await calledBy(context, scene.lender.party, '/v1/accesses', access), access),
      );
      const { key } = scene.lender;
      await refuses('signature_refused', () =>
        calledWith(context, { party: access.principal, key, path: '/v1/accesses', body: access }),
      );
    });

    it('on a letter signed with a key that rests on a link is EVIDENCE', async () => {
      const { context } = fixture;
      const person = await newPerson();
      const handle = await enrolPerson(context, scene.lender, person);
      await bindPersonKey(context, { lender: scene.lender, person, handle });
      const letter = await draft(context, { lender: scene.lender, handle, grants: twoClauses(scene.bureau, now()) });
      await sign(context, letter, person, [true, true]);
      const [query, report] = letter.grants.map((terms) => terms.grant) as [GrantId, GrantId];
      const asked = { ...scene.queryAccess, handle, ground: { grant: query } };
      expect((await ask(context, asked)).codes).toEqual(['EVIDENCE']);
      const reported = { ...scene.reportAccess, handle, ground: { grant: report } };
      expect((await ask(context, reported)).codes).toEqual(['EVIDENCE']);
      await refuses('identification_missing', async () =>
        bindPersonKey(context, { lender: scene.lender, person: await newPerson(), handle }),
      );
    });

    it('that stands on another basis than a grant is BASIS, with and without a document', async () => {
      const { context } = fixture;
      for (const reference of [null, '（2026）示例执字第 1 号']) {
        const view = await ask(context, { ...scene.queryAccess, ground: { basis: 'judicial', reference } });
        expect(view).toMatchObject({ codes: ['BASIS'], ground: { basis: 'judicial', reference: reference !== null } });
      }
    });

    it('returns every code that fails, sorted', async () => {
      const { context } = fixture;
      await revoke(context, scene.lender, scene.person, scene.query);
      const wrong = { action: 'REPORT' as const, purpose: 'other', items: ['other'], door: null };
      const { codes } = await ask(context, { ...scene.queryAccess, ...wrong });
      expect(codes).toEqual(['ACTION', 'PURPOSE', 'RECIPIENT', 'REVOKED', 'SCOPE']);
      const source = await ask(context, { ...scene.queryAccess, door: scene.lender.party, items: [] });
      expect(source.codes).toEqual(['REVOKED', 'SCOPE', 'SOURCE']);
    });

    it('is unknown under any other id', async () => {
      const caller = await reader(fixture.context, scene.lender);
      for (const id of [NOBODY, scene.query, drafted.letter]) {
        await expectRefusal('access_unknown', readAccess(fixture.context, caller, id as AccessId));
      }
    });
  });

  /** Adds a key to the lender as its administrator, or to another party. */
  async function addKey(key: NewKey, party: PartyId = scene.lender.party) {
    const { context } = fixture;
    const body = { ...key, operator: null };
    const signer = { party: scene.lender.party, key: scene.lender.admin };
    const caller = await calledWith(context, { ...signer, path: `/v1/parties/${party}/keys`, body });
    return addPartyKey(context, caller, { ...body, party });
  }

  describe('a binding', () => {
    it('is refused on another’s handle, twice, by a party that is no identifier, or that did not sign', async () => {
      const { context } = fixture;
      const { lender, identifier, handle } = scene;
      const other = await newPerson();
      const person = { ...scene.person, key: other.key };
      const stranger = await newParty(context, 'grantee');
      await refuses('relationship_unknown', () =>
        bindPersonKey(context, { lender: stranger, person, handle, identifier }),
      );
      await refuses('relationship_unknown', () =>
        bindPersonKey(context, { lender, person, handle: NOBODY as Handle, identifier }),
      );
      await refuses('party_role', () => bindPersonKey(context, { lender, person, handle, identifier: stranger }));
      const forged = { ...identifier, key: stranger.key };
      await refuses('signature_invalid', () => bindPersonKey(context, { lender, person, handle, identifier: forged }));
      const nobody = { ...identifier, party: NOBODY as PartyId };
      await refuses('party_unknown', () => bindPersonKey(context, { lender, person, handle, identifier: nobody }));
      // Identified was someone else than the one whom the relationship is about.
      await refuses('signature_invalid', () =>
        bindPersonKey(context, { lender, person, handle, identifier, identified: other }),
      );
      await refuses('already_there', () =>
        bindPersonKey(context, { lender, person: scene.person, handle, identifier }),
      );
    });

    it('is refused without possession, and cannot be carried to another handle', async () => {
      const { context } = fixture;
      const { lender, handle } = scene;
      const key = toBase64Url((await newPerson()).key.publicKey);
      const input = { principal: lender.party, handle, key, method: 'link' as const };
      const rest = { identified_by: null, identified_at: null, identity_salt: null, identification: null };
      const caller = await calledBy(context, lender.party, `/v1/relationships/${handle}/keys`, { ...input, ...rest });
      await refuses('signature_invalid', () =>
        bindKey(context, caller, { ...input, ...rest, possession: toBase64Url(random(64)) }),
      );
      const zero = toBase64Url(new Uint8Array(32));
      await refuses('key_invalid', () => bindKey(context, caller, { ...input, ...rest, key: zero, possession: 'AA' }));
      const { key: own, possession } = await provePartyKey(await nativeEd25519.importSeed(random(32)), ORIGIN);
      await refuses('key_invalid', () => addKey({ key: zero, possession, duty: 'query' }));
      // The proof of another key, of another log, and none at all.
      const other = await provePartyKey(lender.key, ORIGIN);
      const elsewhere = await provePartyKey(lender.key, 'other.example/log');
      for (const wrong of [other.possession, elsewhere.possession, toBase64Url(random(64))]) {
        await refuses('signature_invalid', () => addKey({ key: own, possession: wrong, duty: 'query' }));
      }
    });
  });

  describe('a party', () => {
    it('is refused without roles, with one twice, as grantee and identifier in one, and as a second keeper', async () => {
      const { context } = fixture;
      const key = { ...(await provePartyKey(scene.lender.key, ORIGIN)), duty: 'query' as const };
      const register = async (roles: readonly PartyRole[], keys: readonly NewKey[] = [key]) => {
        const body = { name: '示例', roles, keys };
        return registerParty(context, await calledByKeeper(context, '/v1/parties', body), body);
      };
      for (const roles of [[], ['bureau', 'bureau']] as const) await refuses('input_invalid', () => register(roles));
      await refuses('party_role', () => register(['grantee', 'identifier']));
      await refuses('party_role', () => register(['keeper']));
      await refuses('already_there', () => register(['bureau'], [key, key]));
      await refuses('already_there', () => addKey(key));
      // Another's party is answered like an unknown one.
      await refuses('party_unknown', () => addKey(key, NOBODY as PartyId));
      await refuses('party_unknown', () => addKey(key, scene.bureau.party));
    });

    it('enrols nobody without the role, or without being one', async () => {
      const { context } = fixture;
      const identity = { id_type: 'resident_id', id_number: '990001189001010014', name: '张示例', phone: null };
      for (const [principal, code] of [
        [scene.bureau.party, 'party_role'],
        [NOBODY as PartyId, 'principal_mismatch'],
      ] as const) {
        const body = { principal, subject: 'person', identity } as const;
        await refuses(code, async () =>
          enrol(context, await calledBy(context, scene.bureau.party, '/v1/relationships', body), body),
        );
      }
      const caller = await reader(context, scene.lender);
      await refuses('relationship_unknown', () => readEntries(context, caller, { handle: NOBODY as Handle, from: 0 }));
    });
  });

  it('refuses an entry that would not fit into a bundle, before it has a place', async () => {
    const grants = Array.from({ length: 16 }, () => ({
      ...twoClauses(scene.bureau, now())[0]!,
      items: Array.from({ length: 128 }, (_, i) => `item_${'x'.repeat(56)}${i}`.slice(0, 64)),
      to: (now() + DAY_MS) as Instant,
    }));
    await refuses('too_large', () => draft(fixture.context, { lender: scene.lender, handle: scene.handle, grants }));
  });
});
