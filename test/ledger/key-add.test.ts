/** What the audit says of keys that other keys added, where a keeper with every key of the ledger changed them. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signAddedKey, signKeyAdd } from '#client/key-add.ts';
import { signKeyEnd } from '#client/key-end.ts';
import { toBase64Url } from '#core/bytes.ts';
import type { Json, JsonObject } from '#core/canonical.ts';
import type { Handle } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { commitTo } from '#core/tlog/payload.ts';
import { addKey } from '#service/key-add.ts';
import { endKey } from '#service/subject-keys.ts';
import { loadDigests } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { draft, enrolPerson, newPerson, request, sign, signedScene, twoClauses } from '../support/actors.ts';
import { auditAfter, entryRows, goneUnsaid, resealPart, rewriteHistory } from '../support/attack.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture, random } from '../support/ledger-fixture.ts';

let fixture: Fixture;
let scene: Awaited<ReturnType<typeof signedScene>>;
/** Indexes of key 1, which key 0 added; of key 2, which key 1 did; of what key 2 signed; of the end of key 1. */
const at = { one: 0, two: 0, signed: 0, ended: 0 };
let other: Handle;

beforeAll(async () => {
  fixture = await openFixture();
  const { context } = fixture;
  scene = await signedScene(context);
  const { lender, person, handle } = scene;
  other = await enrolPerson(context, lender, await newPerson());
  const one = await nativeEd25519.importSeed(random(32));
  const two = await nativeEd25519.importSeed(random(32));
  at.one = await add(one, person.key);
  at.two = await add(two, one);
  const letter = await draft(context, { lender, handle, grants: twoClauses(scene.bureau, context.clock()) });
  at.signed = (await sign(context, letter, { ...person, key: two }, [true, true])).entry.index;
  const ending = { log: ORIGIN, handle, ends: toBase64Url(one.publicKey) };
  const ended = await endKey(context, request(), { handle, ...(await signKeyEnd(two, ending, context.clock())) });
  at.ended = ended.entry.index;
  await fixture.ledger.publisher.published(at.ended + 1, 5_000);
}, 60_000);
afterAll(async () => {
  await checkLedger(fixture);
  await fixture.close();
});

async function add(key: SigningKey, by: SigningKey): Promise<number> {
  const { context } = fixture;
  const { handle } = scene;
  const added = await signAddedKey(key, { log: ORIGIN, handle });
  const signed = await signKeyAdd(by, { log: ORIGIN, handle, adds: added.adds }, context.clock());
  return (await addKey(context, request(), { handle, ...added, ...signed })).entry.index;
}

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
const resealing = (index: number, name: string, change: (value: Json) => Json) => async (tx: Tx) => {
  const digest = await resealPart(tx, fixture, index, name, (part) => ({ ...part, value: change(part.value) }));
  await sql`update part_digests set digest = ${digest} where index = ${index} and name = ${name}`.execute(tx);
  const digests = await loadDigests(tx, index, index + 1);
  const commit = commitTo(Object.fromEntries(digests.map((row) => [row.name, row.digest])));
  await rewriteHistory(tx, fixture, (entry, place) => (place === index ? { ...entry, commit } : entry));
};

/** Puts a part of another key in the place of this one’s. */
const swapping = (name: string) => async (tx: Tx) => {
  let taken: Json = null;
  await resealPart(tx, fixture, at.one, name, (part) => {
    taken = part.value;
    return part;
  });
  await resealing(at.two, name, () => taken)(tx);
};

describe('the audit', () => {
  it('verifies both signatures of each key, and derives all of it again', async () => {
    const { findings, attested } = await fixture.audit();
    expect([findings, attested]).toEqual([[], 0]);
    const rows = await fixture.store.read(entryRows);
    const entries = rows.map(({ bytes }) => parseEntry(bytes)).filter(({ body }) => body['method'] === 'existing_key');
    expect(entries.map(({ body }) => [body['auth'], body['signed_by'], body['identified_by']])).toEqual([
      ['statement', 0, null],
      ['statement', 1, null],
    ]);
  });

  it('finds signatures that were swapped, or made up', async () => {
    const text = () => toBase64Url(random(64));
    for (const name of ['possession', 'approval']) {
      await finds(swapping(name), at.two, 'the key did not sign this');
      await finds(resealing(at.two, name, text), at.two, 'the key did not sign this');
    }
  });

  it('finds another key than was added', async () => {
    await finds(swapping('binding'), at.two, 'the key did not sign this');
    const moved = (value: Json) => ({ ...(value as JsonObject), handle: other });
    await finds(resealing(at.two, 'binding', moved), at.two, 'its binding is of someone else');
  });

  it('finds one that another key is said to have added, or at another time', async () => {
    await finds(changing(at.two, { signed_by: 0 }), at.two, 'the key did not sign this');
    const { body } = parseEntry((await fixture.store.read(entryRows))[at.two]!.bytes);
    const earlier = { signed_at: (body['signed_at'] as number) - 1 };
    await finds(changing(at.two, earlier), at.two, 'the key did not sign this');
  });

  it('finds a grade that is better than the chain bears', async () => {
    const { body } = parseEntry((await fixture.store.read(entryRows))[at.signed]!.bytes);
    expect(body['evidence']).toMatchObject({ grade: 'B', identified_by: scene.identifier.party });
    const claimed = { evidence: { ...(body['evidence'] as JsonObject), identified_by: scene.bureau.party } };
    await finds(changing(at.signed, claimed), at.signed, 'the grade of its evidence is derived otherwise');
  });

  it('does not call derived what is gone: it is attested, and so is what hangs on it; and that it is gone is found', async () => {
    const erase = (index: number, name: string) =>
      auditAfter(fixture, (tx) => sql`delete from parts where index = ${index} and name = ${name}`.execute(tx));
    const { findings, attested } = await erase(at.two, 'approval');
    expect([findings, attested]).toEqual([[goneUnsaid(at.two, 'approval')], 1]);
    const chain = await erase(at.one, 'binding');
    expect(chain.findings).toEqual([goneUnsaid(at.one, 'binding')]);
    // Key 1 itself, what it added, and its own end, which names it by its text.
    expect(chain.attested).toBe(3);
  });
});
