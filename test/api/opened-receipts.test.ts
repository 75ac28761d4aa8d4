/** Receipts in which their subject opens what it signed, over HTTP: whose they are, what they prove, and what they keep to themselves. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signKeyEnd } from '#client/key-end.ts';
import { subjectSignatory } from '#client/sign.ts';
import { toBase64Url, utf8 } from '#core/bytes.ts';
import { encodeCanonical } from '#core/canonical.ts';
import { statementSigningBytes } from '#core/consent/statement.ts';
import type { Verdict } from '#core/consent/verdict.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import type { AccessId, Handle } from '#core/ids.ts';
import { parseVkey } from '#core/note/key.ts';
import { findAccess } from '#service/accesses.ts';
import { receiptCapability } from '#service/capabilities.ts';
import { draftHold } from '#service/holds.ts';
import { loadEvidence } from '#service/opened-evidence.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import {
  ask,
  bindPersonKey,
  draft,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  revoke,
  sign,
  twoClauses,
} from '../support/actors.ts';
import { undone } from '../support/attack.ts';
import { newPasskey } from '../support/authenticator.ts';
import { calledByPerson } from '../support/callers.ts';
import { holdBody, putHold, signedHold } from '../support/holds.ts';
import { ORIGIN } from '../support/ledger-fixture.ts';
import { bindPasskey } from '../support/passkeys.ts';
import { type Answer, type Door, expectProblem, openDoor, signersOf } from './door.ts';

const passkey = newPasskey('localhost', 'ES256', 'http://localhost:8787');

let door: Door;
let lender: Party;
let otherLender: Party;
let bureau: Party;
let person: Person;
let handle: Handle;
/** Of another lender, through which the person’s first key was brought. */
let elsewhere: Handle;
let access: AccessId;

/** What the subject’s device asks for by its key of Ed25519. */
const receipt = (of = access, by = person, through = handle): Promise<Answer> =>
  door.as([subjectSignatory(through, by.key)]).get(`/v1/accesses/${of}/receipt?open=signatures`);
const verdictOf = ({ text }: Answer, p256 = true): Promise<Verdict> =>
  verifyReceipt(utf8(text), parseVkey(door.fixture.ledger.vkey), nativeEd25519, p256 ? nativeP256 : undefined);

beforeAll(async () => {
  door = await openDoor();
  const { context } = door.fixture;
  lender = await newParty(context, 'grantee');
  otherLender = await newParty(context, 'grantee');
  bureau = await newParty(context, 'bureau');
  const identifier = await newParty(context, 'identifier');
  person = await newPerson();
  elsewhere = await enrolPerson(context, otherLender, person);
  await bindPersonKey(context, { lender: otherLender, person, handle: elsewhere, identifier });
  handle = await enrolPerson(context, lender, person);
  await bindPasskey(door, { lender, identifier, handle, person, passkey });

  const grants = twoClauses(bureau, Date.now());
  const first = await draft(context, { lender, handle, grants, text: '示例授权书甲' });
  const signed_at = Date.now();
  const clauses = first.grants.map((terms) => ({ ...terms, given: true }));
  const bytes = statementSigningBytes({ ...first.statement, grants: clauses, signed_at });
  const answers = first.grants.map(({ grant }) => ({ grant, given: true }));
  const body = { key: passkey.key, signature: passkey.sign(bytes), signed_at, grants: answers };
  expect((await door.post(`/v1/letters/${first.letter}/signature`, body)).status).toBe(201);

  const second = await draft(context, { lender, handle, grants, text: '示例授权书乙' });
  await sign(context, second, person, [true, false]);
  await draft(context, { lender, handle, grants, text: '没有签的授权书' });
  await revoke(context, lender, person, second.grants[0]!.grant);
  const freeze = holdBody(context, { handle, kind: 'freeze' });
  const asked = { handle, person, path: '/v1/statements', body: freeze };
  const held = await draftHold(context, await calledByPerson(context, asked), freeze);
  await putHold(context, held, await signedHold(context, held, person));
  const asking = {
    principal: lender.party,
    handle,
    ground: { grant: first.grants[0]!.grant },
    action: 'QUERY' as const,
    purpose: 'loan_apply',
    items: ['credit_report'],
    door: bureau.party,
    bound: null,
  };
  access = (await ask(context, asking)).access;
}, 60_000);
afterAll(async () => {
  const { findings, attested } = await door.fixture.audit();
  expect([findings, attested]).toEqual([[], 0]);
  await door.fixture.close();
});

describe('a receipt that its subject opens', () => {
  it('proves offline which key signed what, and under which text', async () => {
    const answer = await receipt();
    expect([answer.status, answer.text]).toEqual([200, answer.text]);
    const verdict = await verdictOf(answer);
    expect(verdict).toMatchObject({ recorded: 'unwitnessed', payload: 'opened', problem: null });
    const key = toBase64Url(person.key.publicKey);
    expect(
      verdict.signatures.map(({ type, kind, key, text, signature }) => [type, kind, key, text, signature]),
    ).toEqual([
      ['letter.signed', 'passkey', passkey.key, '示例授权书甲', 'verified'],
      ['letter.signed', 'ed25519', key, '示例授权书乙', 'verified'],
      ['grant.revoked', 'ed25519', key, null, 'verified'],
      ['relationship.frozen', 'ed25519', key, null, 'verified'],
    ]);
    expect((await verdictOf(answer, false)).signatures.map(({ signature }) => signature)).toEqual([
      'not checked',
      'verified',
      'verified',
      'verified',
    ]);
  });

  it('says neither who the subject is, nor what it did not sign, nor of its stream anything but the keys', async () => {
    const { text } = await receipt();
    expect(text).not.toContain(person.idNumber);
    expect(text).not.toContain('张示例');
    expect(text).not.toContain('没有签的授权书');
    expect(text).toContain('示例授权书甲');
    const { evidence } = JSON.parse(text);
    expect(evidence.keys).toHaveLength(2);
    const names = evidence.keys.flatMap((shown: { parts: object }) => Object.keys(shown.parts));
    expect([...new Set(names)].sort()).toEqual(['binding', 'identification', 'possession']);
    expect(text).not.toContain('person.frozen');
  });

  it('is found where another’s is put into it', async () => {
    const { context } = door.fixture;
    const other = await newPerson();
    const identifier = await newParty(context, 'identifier');
    const theirs = await enrolPerson(context, lender, other);
    await bindPersonKey(context, { lender, person: other, handle: theirs, identifier });
    const letter = await draft(context, { lender, handle: theirs, grants: twoClauses(bureau, Date.now()) });
    await sign(context, letter, other, [true, true]);
    const { access: theirAccess } = await ask(context, {
      principal: lender.party,
      handle: theirs,
      ground: { grant: letter.grants[0]!.grant },
      action: 'QUERY',
      purpose: 'loan_apply',
      items: ['credit_report'],
      door: bureau.party,
      bound: null,
    });
    const [mine, foreign] = [await receipt(), await receipt(theirAccess, other, theirs)];
    expect((await verdictOf(foreign)).signatures).toHaveLength(1);
    const [own, another] = [JSON.parse(mine.text), JSON.parse(foreign.text)];
    const mixed = { ...own, evidence: another.evidence };
    const vkey = parseVkey(door.fixture.ledger.vkey);
    const verdict = await verifyReceipt(encodeCanonical(mixed), vkey, nativeEd25519, nativeP256);
    expect(verdict).toMatchObject({ recorded: 'invalid', signatures: [] });
  });

  it('is its subject’s alone: to a grantee, a key says where else the person is known', async () => {
    const path = `/v1/accesses/${access}/receipt?open=signatures`;
    expectProblem(await door.as(signersOf(lender)).get(path), 403, 'principal_mismatch');
    const supervisor = await newParty(door.fixture.context, 'supervisor');
    expectProblem(await door.as(signersOf(supervisor)).get(path), 403, 'principal_mismatch');
    expectProblem(await door.as(signersOf(otherLender)).get(path), 404, 'access_unknown');
    expectProblem(await door.as(signersOf(bureau)).get(path), 404, 'access_unknown');
    expectProblem(await door.get(path), 401, 'signature_required');
    expectProblem(
      await door.as([subjectSignatory(handle, person.key)]).get(path.replace('signatures', 'everything')),
      400,
      'input_invalid',
    );
    // Through another relationship of the same person, it is the same person.
    expect((await receipt(access, person, elsewhere)).status).toBe(200);
    const bare = await door.as(signersOf(lender)).get(`/v1/accesses/${access}/receipt`);
    const byPath = await door.get(`/v1/receipts/${receiptCapability(door.fixture.context, access)}`);
    for (const { text } of [bare, byPath]) {
      expect(text).not.toContain('"evidence":{"keys"');
      expect(text).not.toContain('person/');
      expect(text).not.toContain(passkey.key);
    }
  });

  it('leaves out what is erased, and opens nothing where whose it is was erased', async () => {
    const { fixture } = door;
    const row = await fixture.store.readOnce((tx) => findAccess(tx, access));
    const checkpoint = await fixture.ledger.publisher.published(row.index + 1, 5_000);
    const part = (type: string, name: string) => sql`
      delete from parts using entries where parts.index = entries.index and parts.name = ${name}
        and convert_from(entries.bytes, 'UTF8') like ${`%"type":"${type}"%`}`;
    const typesAfter = async (type: string, name: string) =>
      undone(fixture, async (tx) => {
        await part(type, name).execute(tx);
        const shown = await loadEvidence(fixture.context.vault, tx, row, checkpoint);
        return shown && [shown.keys.length, shown.opened.length];
      });
    expect(await typesAfter('none', 'none')).toEqual([2, 7]);
    expect(await typesAfter('grant.revoked', 'signature')).toEqual([2, 6]);
    expect(await typesAfter('letter.drafted', 'text')).toEqual([2, 5]);
    expect(await typesAfter('person.key_bound', 'possession')).toEqual([0, 1]);
    expect(await typesAfter('relationship.opened', 'person')).toBeUndefined();
  });

  it('proves the same after the key was ended', async () => {
    const ends = passkey.key;
    const body = await signKeyEnd(person.key, { log: ORIGIN, handle, ends }, Date.now());
    expect((await door.post(`/v1/relationships/${handle}/keys/end`, body)).status).toBe(201);
    const { signatures } = await verdictOf(await receipt());
    expect(signatures[0]).toMatchObject({ key: passkey.key, signature: 'verified' });
  });
});
