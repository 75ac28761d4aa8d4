/** Personal data of a subject over HTTP: masked, in full after an entry, and gone after erasure. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partySignatory, subjectSignatory } from '#client/sign.ts';
import type { Handle } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { bindPersonKey, newParty, newPerson, type Party, type Person } from '../support/actors.ts';
import { goneUnsaid } from '../support/attack.ts';
import { addWitness } from '../support/ink.ts';
import { openFixture } from '../support/ledger-fixture.ts';
import { type Door, doorTo, expectProblem, signersOf } from './door.ts';

const NAME = '𬱖示例·甲';
const PHONE = '00000001234';
const NOW = Date.UTC(2026, 10, 21) as Instant;

let door: Door;
let asLender: Door;
let lender: Party;
let stranger: Party;
let person: Person;
let handle: Handle;
/** The entry by which the relationship was opened. */
let opening: number;

beforeAll(async () => {
  door = doorTo(await openFixture('postgres', { time: NOW }));
  const { context } = door.fixture;
  lender = await newParty(context, 'grantee');
  stranger = await newParty(context, 'grantee');
  person = await newPerson();
  asLender = door.as(signersOf(lender));
  const identity = { id_type: 'resident_id', id_number: person.idNumber, name: NAME, phone: PHONE };
  const enrolled = await asLender.post('/v1/relationships', { principal: lender.party, subject: 'person', identity });
  handle = enrolled.json.handle;
  opening = enrolled.json.entry.index;
  await bindPersonKey(context, { lender, person, handle, identifier: await newParty(context, 'identifier') });
}, 60_000);
afterAll(async () => {
  const { findings } = await door.fixture.audit();
  // The last test deletes it, and no entry says so.
  expect(findings).toEqual([goneUnsaid(opening, 'identity')]);
  await door.fixture.close();
});

const path = (of: string = handle) => `/v1/relationships/${of}/identity-views`;
const asking = (change: object = {}) => ({
  principal: lender.party,
  fields: ['id_number', 'name', 'phone'],
  why: 'serve_subject',
  ...change,
});

describe('whom a relationship is of', () => {
  it('is read masked by its grantee and its subject, and makes no entry', async () => {
    const before = await door.size();
    const masked = {
      id_type: 'resident_id',
      id_number: `${person.idNumber.slice(0, 4)}**********${person.idNumber.slice(-4)}`,
      name: '𬱖＊＊＊＊',
      phone: '*******1234',
    };
    for (const signers of [signersOf(lender), [subjectSignatory(handle, person.key)]]) {
      const { status, json } = await door.as(signers).get(`/v1/relationships/${handle}/identity`);
      expect([status, json]).toEqual([200, { handle, identity: masked }]);
    }
    expect(await door.size()).toBe(before);
  });

  it('is read by nobody else, not even by an administrator, and not unsigned', async () => {
    const url = `/v1/relationships/${handle}/identity`;
    const supervisor = await newParty(door.fixture.context, 'supervisor');
    const others = [signersOf(stranger), signersOf(supervisor), [partySignatory(lender.party, lender.admin)]];
    for (const signers of others) expectProblem(await door.as(signers).get(url), 404, 'relationship_unknown');
    expectProblem(await door.get(url), 401, 'signature_required');
  });
});

describe('a view', () => {
  it('shows what was asked for and no more, and its subject reads who looked, at what and why', async () => {
    const { status, json } = await asLender.post(path(), asking({ fields: ['name'], why: 'verify_paper' }));
    expect([status, json.identity]).toEqual([201, { name: NAME }]);
    const asSubject = door.as([subjectSignatory(handle, person.key)]);
    const { entries } = (await asSubject.get(`/v1/relationships/${handle}/entries`)).json;
    const entry = JSON.parse(entries.at(-1).entry);
    expect(entries.at(-1).index).toBe(json.entry.index);
    expect(entry.type).toBe('identity.viewed');
    expect(entry.body).toMatchObject({ principal: lender.party, fields: ['name'], why: 'verify_paper' });
    expect(entry.body.by).toHaveLength(1);
    expect(entry).not.toHaveProperty('commit');
    for (const said of [NAME, PHONE, person.idNumber]) expect(entries.at(-1).entry).not.toContain(said);
  });

  it('shows all three as they were enrolled', async () => {
    const { json } = await asLender.post(path(), asking());
    expect(json.identity).toEqual({ id_number: person.idNumber, name: NAME, phone: PHONE });
  });

  it('of another’s relationship, or by an administrator or the subject, shows nothing and makes no entry', async () => {
    const before = await door.size();
    const asStranger = door.as(signersOf(stranger));
    const theirs = asking({ principal: stranger.party });
    expectProblem(await asStranger.post(path(), theirs), 404, 'relationship_unknown');
    expectProblem(await asStranger.post(path('0'.repeat(32)), theirs), 404, 'relationship_unknown');
    expectProblem(await asStranger.post(path(), asking()), 403, 'principal_mismatch');
    const asAdmin = door.as([partySignatory(lender.party, lender.admin)]);
    expectProblem(await asAdmin.post(path(), asking()), 403, 'duty_missing');
    const asSubject = door.as([subjectSignatory(handle, person.key)]);
    expectProblem(await asSubject.post(path(), asking()), 403, 'principal_mismatch');
    for (const change of [{ fields: [] }, { fields: ['name', 'id_number'] }, { why: 'curiosity' }, { note: NAME }]) {
      expectProblem(await asLender.post(path(), asking(change)), 400, 'input_invalid');
    }
    expect(await door.size()).toBe(before);
  });

  it('that is repeated shows the same without another entry: to the same operator, and for 5 minutes', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const once = await asLender.post(path(), asking(), key);
    const before = await door.size();
    expect((await asLender.post(path(), asking(), key)).text).toBe(once.text);
    expect(await door.size()).toBe(before);
    const [, colleague] = await addWitness(door.fixture.context, lender);
    expectProblem(await door.as([colleague]).post(path(), asking(), key), 409, 'view_over');
    door.fixture.setTime(NOW + 6 * 60_000);
    expectProblem(await asLender.post(path(), asking(), key), 409, 'view_over');
    expect((await asLender.post(path(), asking())).status).toBe(201);
  });

  it('once its payload is gone shows that it is gone', async () => {
    await door.fixture.store.transaction((tx) =>
      sql`delete from parts using entries where parts.index = entries.index and parts.name = 'identity'
        and entries.stream = ${`rel/${handle}`}`.execute(tx),
    );
    expect((await asLender.post(path(), asking())).json.identity).toBeNull();
    expect((await asLender.get(`/v1/relationships/${handle}/identity`)).json.identity).toBeNull();
  });
});
