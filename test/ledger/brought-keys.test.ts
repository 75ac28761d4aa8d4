/** What the audit says of keys that persons brought themselves, where a keeper with every key of the ledger changed them. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '#core/bytes.ts';
import type { Json, JsonObject } from '#core/canonical.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { commitTo } from '#core/tlog/payload.ts';
import { loadDigests } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import { enrolPerson, newParty, newPerson, type Party } from '../support/actors.ts';
import { auditAfter, entryRows, resealPart, rewriteHistory } from '../support/attack.ts';
import { newPasskey } from '../support/authenticator.ts';
import { bindIdentified, bindLinked } from '../support/identified.ts';
import { checkLedger, type Fixture, openFixture, random } from '../support/ledger-fixture.ts';

let fixture: Fixture;
let other: Party;
let otherProvider: Party;
/** Indexes of two keys that a provider identified two persons for, and of one that rests on a link. */
const at = { one: 0, two: 0, link: 0 };

beforeAll(async () => {
  fixture = await openFixture();
  const { context } = fixture;
  const lender = await newParty(context, 'grantee');
  other = await newParty(context, 'grantee');
  const provider = await newParty(context, 'identifier');
  otherProvider = await newParty(context, 'identifier');
  for (const name of ['one', 'two'] as const) {
    const person = await newPerson();
    const handle = await enrolPerson(context, lender, person);
    await bindIdentified(context, { handle, passkey: newPasskey(), person, provider });
    at[name] = await lastIndex();
  }
  const handle = await enrolPerson(context, lender, await newPerson());
  await bindLinked(context, { handle, passkey: newPasskey() });
  at.link = await lastIndex();
  await fixture.ledger.publisher.published(at.link + 1, 5_000);
}, 60_000);
afterAll(async () => {
  await checkLedger(fixture);
  await fixture.close();
});

async function lastIndex(): Promise<number> {
  return (await fixture.store.read(entryRows)).length - 1;
}

async function finds(attack: (tx: Tx) => Promise<unknown>, index: number, message: string | RegExp): Promise<void> {
  const { findings, holds } = await auditAfter(fixture, attack);
  expect(holds).toBe(false);
  expect(findings.filter((each) => each.index === index).map((each) => each.message)).toContainEqual(
    expect.stringMatching(message),
  );
}

const changing = (index: number, change: JsonObject) => (tx: Tx) =>
  rewriteHistory(tx, fixture, (entry, place) =>
    place === index ? { ...entry, body: { ...entry.body, ...change } } : entry,
  );

/** Seals another value in a part’s place, and makes the entry commit to it. */
const resealing = (index: number, name: string, change: (value: Json) => Json) => async (tx: Tx) => {
  const digest = await resealPart(tx, fixture, index, name, (part) => ({ ...part, value: change(part.value) }));
  await sql`update part_digests set digest = ${digest} where index = ${index} and name = ${name}`.execute(tx);
  const digests = await loadDigests(tx, index, index + 1);
  const commit = commitTo(Object.fromEntries(digests.map((row) => [row.name, row.digest])));
  await rewriteHistory(tx, fixture, (entry, place) => (place === index ? { ...entry, commit } : entry));
};

/** Puts a part of the second person’s key in the place of the first one’s. */
const swapping = (name: string) => async (tx: Tx) => {
  let taken: Json = null;
  await resealPart(tx, fixture, at.two, name, (part) => {
    taken = part.value;
    return part;
  });
  await resealing(at.one, name, () => taken)(tx);
};

describe('the audit', () => {
  it('derives all of it again', async () => {
    const { findings, attested } = await fixture.audit();
    expect([findings, attested]).toEqual([[], 0]);
    const rows = await fixture.store.read(entryRows);
    const entries = rows.map(({ bytes }) => parseEntry(bytes)).filter(({ type }) => type === 'person.key_bound');
    expect(entries.map(({ body }) => body['auth'])).toEqual(['statement', 'statement', 'session']);
  });

  it('finds parts that were swapped between two persons', async () => {
    await finds(swapping('possession'), at.one, 'it is over another challenge');
    await finds(swapping('identification'), at.one, 'no key of the identifying party signed this');
    await finds(swapping('identity_salt'), at.one, 'someone else was identified');
    await finds(swapping('binding'), at.one, 'its binding says another identified_at');
  });

  it('finds signatures and salts that were made up', async () => {
    const bytes = (count: number) => () => toBase64Url(random(count));
    await finds(resealing(at.one, 'identification', bytes(64)), at.one, 'no key of the identifying party signed this');
    await finds(resealing(at.one, 'identity_salt', bytes(32)), at.one, 'someone else was identified');
    await finds(resealing(at.link, 'possession', bytes(64)), at.link, /assertion/);
  });

  it('finds another identifying party, or another time, than was signed', async () => {
    const by = { identified_by: otherProvider.party, enrolled_by: otherProvider.party };
    await finds(changing(at.one, by), at.one, 'its binding says another identified_by');
    await finds(changing(at.one, { identified_at: 1 }), at.one, 'its binding says another identified_at');
    await finds(changing(at.link, { enrolled_by: other.party }), at.link, 'given by another than the grantee');
  });

  it('finds a link that is said to be an identification, and the other way round', async () => {
    const { body } = parseEntry((await fixture.store.read(entryRows))[at.one]!.bytes);
    const { method, identified_by, identified_at } = body;
    const said = { auth: 'statement', method, identified_by, identified_at, enrolled_by: identified_by };
    await finds(changing(at.link, said as JsonObject), at.link, 'its payload’s parts are not those of such an entry');
    const link = { auth: 'session', method: 'link', identified_by: null, identified_at: null };
    await finds(changing(at.one, link), at.one, 'its payload’s parts are not those of such an entry');
  });
});
