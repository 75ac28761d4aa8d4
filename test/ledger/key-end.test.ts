/** What the audit says of the ends of persons’ keys, where a keeper with every key of the ledger changed them. */

import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signKeyEnd, signKeyLoss } from '#client/key-end.ts';
import { toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import type { Handle } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { commitTo } from '#core/tlog/payload.ts';
import { draftHold } from '#service/holds.ts';
import { endKey, reportLoss } from '#service/subject-keys.ts';
import { loadDigests } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import { nativeEd25519 } from '../../src/native.ts';
import {
  bindPersonKey,
  calledBy,
  draft,
  enrolPerson,
  newPerson,
  type Person,
  request,
  sign,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { auditAfter, entryRows, goneUnsaid, resealPart, rewriteHistory } from '../support/attack.ts';
import { calledByPerson } from '../support/callers.ts';
import { holdBody } from '../support/holds.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture, random } from '../support/ledger-fixture.ts';

let fixture: Fixture;
let scene: Awaited<ReturnType<typeof signedScene>>;
/** Three further keys of the scene’s person, at the places 1 to 3. */
const further: Person[] = [];
/** Indexes of the end of key 1 by key 0, of key 2 at a counter, and of what key 0 signed and asked after it. */
const at = { ended: 0, lost: 0, signed: 0, asked: 0 };
/** The relationship of somebody else. */
let other: Handle;

beforeAll(async () => {
  fixture = await openFixture();
  const { context } = fixture;
  scene = await signedScene(context);
  const { lender, identifier, person, handle } = scene;
  other = await enrolPerson(context, lender, await newPerson());
  for (let n = 0; n < 3; n++) {
    const own = { ...person, key: await nativeEd25519.importSeed(random(32)) };
    further.push(own);
    await bindPersonKey(context, { lender, person: own, handle, identifier });
  }
  const [one, two] = further as [Person, Person];
  const ending = { log: ORIGIN, handle, ends: toBase64Url(one.key.publicKey) };
  const signed = await signKeyEnd(person.key, ending, context.clock());
  at.ended = (await endKey(context, request(), { handle, ...signed })).entry.index;
  const loss = { ...ending, ends: toBase64Url(two.key.publicKey), salt: random(32) };
  const identity = { id_type: 'resident_id', id_number: person.idNumber };
  const said = await signKeyLoss(identifier, { ...loss, identity }, context.clock());
  const body = { principal: lender.party, ...said, signed_at: said.signed_at as Instant };
  const caller = await calledBy(context, lender.party, `/v1/relationships/${handle}/keys/loss`, body);
  at.lost = (await reportLoss(context, caller, { handle, ...body })).entry.index;
  const letter = await draft(context, { lender, handle, grants: twoClauses(scene.bureau, context.clock()) });
  at.signed = (await sign(context, letter, person, [true, true])).entry.index;
  const freeze = { handle, person, path: '/v1/statements', body: holdBody(context, { handle, kind: 'freeze' }) };
  at.asked = (await draftHold(context, await calledByPerson(context, freeze), freeze.body)).entry.index;
  await fixture.ledger.publisher.published(at.asked + 1, 5_000);
}, 60_000);
afterAll(async () => {
  await checkLedger(fixture);
  await fixture.close();
});

async function finds(attack: (tx: Tx) => Promise<unknown>, index: number, message: string | RegExp): Promise<void> {
  const { findings, holds } = await auditAfter(fixture, attack);
  expect(holds).toBe(false);
  expect(findings.filter((each) => each.index === index).map((each) => each.message)).toContainEqual(
    expect.stringMatching(message),
  );
}

const changing = (index: number, change: JsonObject) => (tx: Tx) =>
  rewriteHistory(tx, fixture, (entry: Entry, place) =>
    place === index ? { ...entry, body: { ...entry.body, ...change } } : entry,
  );

/** Seals another value in a part’s place, and makes the entry commit to it. */
const resealing = (index: number, name: string, change: (value: JsonObject) => JsonObject) => async (tx: Tx) => {
  const digest = await resealPart(tx, fixture, index, name, (part) => ({
    ...part,
    value: change(part.value as JsonObject),
  }));
  await sql`update part_digests set digest = ${digest} where index = ${index} and name = ${name}`.execute(tx);
  const digests = await loadDigests(tx, index, index + 1);
  const commit = commitTo(Object.fromEntries(digests.map((row) => [row.name, row.digest])));
  await rewriteHistory(tx, fixture, (entry, place) => (place === index ? { ...entry, commit } : entry));
};

describe('the audit', () => {
  it('verifies how each key was ended, and derives all of it again', async () => {
    const { findings, attested } = await fixture.audit();
    expect([findings, attested]).toEqual([[], 0]);
    const rows = await fixture.store.read(entryRows);
    const entries = rows.map(({ bytes }) => parseEntry(bytes)).filter(({ type }) => type === 'person.key_ended');
    expect(entries.map(({ body }) => [body['key'], body['signed_by'], body['identified_by']])).toEqual([
      [1, 0, null],
      [2, null, scene.identifier.party],
    ]);
    // Neither says which key it is, but by its place.
    expect(JSON.stringify(entries)).not.toContain(toBase64Url((further[0] as Person).key.publicKey));
  });

  it('finds the end of another key than was signed for', async () => {
    await finds(changing(at.ended, { key: 3 }), at.ended, 'its statement is of another key');
    await finds(changing(at.lost, { key: 3 }), at.lost, 'its statement is of another key');
  });

  it('finds one that another key is said to have signed', async () => {
    await finds(changing(at.ended, { signed_by: 3 }), at.ended, 'did not sign this');
  });

  it('finds one of another time than was signed', async () => {
    await finds(changing(at.ended, { signed_at: 1 }), at.ended, 'its statement says another signed_at');
    await finds(changing(at.lost, { signed_at: 1 }), at.lost, 'its statement says another signed_at');
  });

  it('finds one whose statement or signature is another', async () => {
    const text = () => toBase64Url(random(64)) as unknown as JsonObject;
    await finds(resealing(at.ended, 'signature', text), at.ended, 'did not sign this');
    await finds(resealing(at.lost, 'signature', text), at.lost, 'no key of the identifying party signed this');
    const identified = (value: JsonObject) => ({ ...value, identity: toBase64Url(random(32)) });
    await finds(resealing(at.ended, 'statement', identified), at.ended, 'its statement says another identity');
    await finds(resealing(at.lost, 'statement', identified), at.lost, 'someone else was identified');
    const moved = (value: JsonObject) => ({ ...value, handle: other });
    await finds(resealing(at.ended, 'statement', moved), at.ended, 'its statement is of someone else');
  });

  it('finds what was signed or asked with a key that had ended', async () => {
    const byEnded = (value: JsonObject) => ({ ...value, seq: 1 });
    await finds(resealing(at.signed, 'binding', byEnded), at.signed, 'signed with a key that was not bound');
    await finds(resealing(at.asked, 'binding', byEnded), at.asked, 'asked with a key that is not bound');
  });

  it('does not call derived what is gone: it is attested, and that it is gone is found', async () => {
    const report = await auditAfter(fixture, (tx) =>
      sql`delete from parts where index = ${at.ended} and name = 'signature'`.execute(tx),
    );
    expect([report.findings, report.attested]).toEqual([[goneUnsaid(at.ended, 'signature')], 1]);
  });
});
