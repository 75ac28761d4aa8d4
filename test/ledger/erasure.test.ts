/** I9: what is erased is nowhere, with its salts and keys, at once; and the ledger holds, both ways, ever after. */
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { toBase64Url, utf8 } from '#core/bytes.ts';
import { canonicalText } from '#core/canonical.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { refusedStream } from '#core/tlog/stream.ts';
import { reapplyErasures } from '#ledger/erasure.ts';
import { readJournal } from '#ledger/erasure-journal.ts';
import { eraseBySession } from '#service/erasures.ts';
import { insertDataKeys, loadDataKeys, loadParts } from '#store/payloads.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { expectProblem, signersOf } from '../api/door.ts';
import { bindPersonKey, enrolPerson, newParty, request } from '../support/actors.ts';
import { auditAfter, undone } from '../support/attack.ts';
import { dumpTables, formsOf } from '../support/dump.ts';
import { continueLog, continueParties } from '../support/epochs.ts';
import {
  ALL_DUE,
  DECISIONS_DUE,
  type ErasureScene,
  NOT_DUE,
  openErasureScene,
  secretsOf,
} from '../support/erasure-scene.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, DATABASES, ORIGIN, openFixture } from '../support/ledger-fixture.ts';
import { signIn } from '../support/sessions.ts';

describe.each(DATABASES)('erasure on %s', (database) => {
  let scene: ErasureScene;
  beforeEach(async () => {
    scene = await openErasureScene({ database, postgresUrl: inject('postgresUrl') });
  });
  afterEach(() => scene.close());

  const erase = () => scene.asSubject().post('/v1/erasures', { handle: null });
  const codesOf = async () => (await scene.fixture.audit()).codes;

  it('attack 96: leaves no sealed part, salt or key of the subject in any table, and no name or number that finds it', async () => {
    const { fixture, person } = scene;
    scene.setTime(ALL_DUE);
    await fixture.store.transaction((tx) =>
      sql`insert into device_invitations (person, token, handle, expires_at, key, credential, possession)
        values (${scene.owner}, ${fixture.context.random(32)}, ${scene.stream.slice('rel/'.length)}, 0, 'k', 'c', 's')`.execute(
        tx,
      ),
    );
    const mine = await secretsOf(fixture, [scene.stream, scene.personStream]);
    expect(mine.rows.length).toBeGreaterThan(10);
    const before = await dumpTables(fixture.store);
    for (const bytes of [...mine.sealed, ...mine.wrapped]) expect(before.find(bytes)).toMatch(/^(parts|data_keys)\./);
    expect(before.find(person.key.publicKey)).toBe('subject_keys.public_key');
    expect(before.find(Buffer.from(scene.owner))).toBeDefined();
    const answer = await erase();
    expect([answer.status, answer.json.person]).toEqual([201, true]);
    const after = await dumpTables(fixture.store);
    for (const secret of [...mine.sealed, ...mine.salts, ...mine.wrapped, ...mine.keys, person.key.publicKey]) {
      for (const form of formsOf(secret)) expect(after.find(form)).toBeUndefined();
    }
    expect(after.find(Buffer.from(person.idNumber))).toBeUndefined();
    // The stream's name is in its entries, and finds nobody any more.
    for (const table of ['persons', 'relationships', 'subject_keys', 'credentials', 'sessions', 'device_invitations']) {
      const { rows } = await fixture.store.read((tx) =>
        sql`select 1 from ${sql.table(table)} where person = ${scene.owner}`.execute(tx),
      );
      expect([table, rows.length]).toEqual([table, 0]);
    }
    // What is another's is all there.
    const { rows } = await secretsOf(fixture, [`rel/${scene.neighbourHandle}` as never]);
    expect(rows.length).toBe(3);
  });

  it('attack 101: every proof verifies afterwards, decisions are attested, and no letter’s text is left', async () => {
    const { fixture } = scene;
    const lender = scene.door.as(signersOf(scene.lender));
    const receipt = await lender.get(`/v1/accesses/${scene.asked.access}/receipt`);
    const before = await checkLedger(fixture);
    scene.setTime(ALL_DUE);
    await erase();
    const after = await checkLedger(fixture);
    expect(after).toMatchObject({ decisions: before.decisions });
    expect(after.attested).toBeGreaterThan(before.attested);
    expect(after.partsOpened).toBeLessThan(before.partsOpened);
    const again = await lender.get(`/v1/accesses/${scene.asked.access}/receipt`);
    const verdictOf = (text: string) => verifyReceipt(utf8(text), fixture.vkey, nativeEd25519);
    const holds = { recorded: 'unwitnessed', decision: 're-derived', problem: null };
    // The old file can't know; the new one names the entry.
    expect(await verdictOf(receipt.text)).toMatchObject({ ...holds, payload: 'withheld' });
    expect(await verdictOf(again.text)).toMatchObject({
      ...holds,
      payload: 'erased',
      erased: { index: after.size - 2 },
    });
    const { erasure, slices, ...rest } = again.json;
    const [own, ...others] = slices;
    const shorter = { ...erasure, entries: erasure.entries.slice(0, -1), signatures: erasure.signatures.slice(0, -1) };
    const unsigned = { ...erasure, signatures: [...erasure.signatures.slice(0, -1), erasure.signatures[0]] };
    for (const [wrong, code] of [
      [own, 'receipt_invalid'],
      [others[0], 'receipt_invalid'],
      [shorter, 'proof_invalid'],
      [unsigned, 'signature_invalid'],
    ] as const) {
      const corrupted = canonicalText({ ...rest, slices, erasure: wrong });
      expect(await verdictOf(corrupted)).toMatchObject({ recorded: 'invalid', problem: { code } });
    }
  });

  it('is asked for by no key of before entries were lost, nor out of its session, until its holder is identified anew', async () => {
    const { fixture, handle, person, lender, identifier, bureau, ...lost } = await openErasureScene({
      database,
      postgresUrl: inject('postgresUrl'),
    });
    try {
      const { context } = fixture;
      lost.setTime(ALL_DUE);
      await continueLog(fixture);
      await continueParties(fixture, [identifier, lender, bureau]);
      const streams = [lost.stream, lost.personStream];
      const secrets = await secretsOf(fixture, streams);
      const asks = () => lost.asSubject().post('/v1/erasures', { handle: null });
      expectProblem(await asks(), 403, 'key_suspended');
      const { session } = await signIn(context, person, handle);
      await expectRefusal('key_suspended', eraseBySession(context, request(), session, { handle: null }));
      expect(await secretsOf(fixture, streams)).toEqual(secrets);
      await bindPersonKey(context, { lender, identifier, handle, person });
      expect((await asks()).status).toBe(201);
      expect((await secretsOf(fixture, streams)).rows).toEqual([]);
    } finally {
      // Its log was continued by its state alone: it is not audited.
      await fixture.close();
    }
  });

  it('erases whole classes as they fall due, the later ones later, and never half of one', async () => {
    const { fixture, asSubject } = scene;
    scene.setTime('2022-05-02T23:59:00');
    expectProblem(await erase(), 409, 'not_due');
    expect((await erase()).json.detail).toContain('2022-05-02');
    scene.setTime(DECISIONS_DUE);
    const first = await erase();
    expect(first.json).toMatchObject({
      person: false,
      erased: [{ classes: [{ class: 'decisions', parts: 2, by: ['decisions'] }] }],
    });
    expectProblem(await erase(), 409, 'not_due');
    const { json: left } = await asSubject().get('/v1/erasures');
    expect(left.items).toMatchObject([{ handle: scene.handle, classes: [{ class: 'letters', due: false }] }]);
    const kept = (await fixture.store.read((tx) => loadDataKeys(tx, scene.stream))).map(({ retention }) => retention);
    expect(new Set(kept)).toEqual(new Set(['letters']));
    await checkLedger(fixture);
    scene.setTime(NOT_DUE);
    expectProblem(await erase(), 409, 'not_due');
    scene.setTime(ALL_DUE);
    expect((await erase()).json).toMatchObject({ person: true, erased: [{ classes: [{ class: 'letters' }] }] });
    // Nobody is left who could ask.
    expectProblem(await erase(), 401, 'signature_refused');
    expect(await fixture.store.read((tx) => loadDataKeys(tx, scene.personStream))).toEqual([]);
  });

  it('answers a repeated request as before, while its key counts, and makes no second entry', async () => {
    scene.setTime(DECISIONS_DUE);
    const once = { 'idempotency-key': 'erase-1' };
    const first = await scene.asSubject().post('/v1/erasures', { handle: scene.handle }, once);
    const size = await scene.door.size();
    const again = await scene.asSubject().post('/v1/erasures', { handle: scene.handle }, once);
    expect([again.status, again.json]).toEqual([201, first.json]);
    expect(await scene.door.size()).toBe(size);
  });

  it('keeps the person, and its keys, as long as one relationship is left', async () => {
    const { fixture, lender } = scene;
    const other = await newParty(fixture.context, 'grantee');
    const elsewhere = await enrolPerson(fixture.context, other, scene.person);
    scene.setTime(ALL_DUE);
    // Its first relationship ended long ago; the other has only just begun to be without any letter, and is kept.
    const { json } = await scene.asSubject().post('/v1/erasures', { handle: scene.handle });
    expect(json).toMatchObject({ person: false, erased: [{ stream: scene.stream }] });
    expect(await fixture.store.read((tx) => loadDataKeys(tx, scene.personStream))).not.toEqual([]);
    // The grantee that enrols the same person anew gets another relationship.
    const anew = await enrolPerson(fixture.context, lender, scene.person);
    expect([scene.handle, elsewhere]).not.toContain(anew);
    await checkLedger(fixture);
  });

  it('lets nothing more come into a relationship that is erased', async () => {
    scene.setTime(ALL_DUE);
    await erase();
    const asLender = scene.door.as(signersOf(scene.lender));
    const access = scene.access({ ground: { grant: scene.grant } });
    expectProblem(await asLender.post('/v1/accesses', access), 404, 'relationship_unknown');
    const band = { principal: scene.lender.party, band: 'adult', own_income: true, guardian: false };
    const path = `/v1/relationships/${scene.handle}/attestations/subject`;
    expectProblem(await asLender.post(path, band), 404, 'relationship_unknown');
  });

  it('is done by the keeper’s two for what is due, of relationships and of refusals, and by nobody else', async () => {
    const { fixture, door, bureau } = scene;
    const [ofHandle, ofParty] = [
      `/v1/relationships/${scene.handle}/erasure`,
      `/v1/parties/${bureau.party}/refusals/erasure`,
    ];
    scene.setTime('2022-05-02T10:00:00');
    expectProblem(await door.asKeeper().post(ofHandle, {}), 409, 'not_due');
    expectProblem(await door.asKeeper().post(ofParty, {}), 409, 'not_due');
    scene.setTime(ALL_DUE);
    for (const path of [ofHandle, ofParty]) {
      expectProblem(await door.as(signersOf(scene.lender)).post(path, {}), 403, 'principal_mismatch');
      expectProblem(await scene.asSubject().post(path, {}), 403, 'principal_mismatch');
    }
    const refusals = await secretsOf(fixture, [refusedStream(bureau.party)]);
    expect(refusals.rows.length).toBe(2);
    expect((await door.asKeeper().post(ofParty, {})).json).toMatchObject({
      erased: [{ classes: [{ class: 'decisions', parts: 2 }] }],
    });
    expectProblem(await door.asKeeper().post(ofParty, {}), 409, 'nothing_to_erase');
    expect((await door.asKeeper().post(ofHandle, {})).json).toMatchObject({ person: true });
    expectProblem(await door.asKeeper().post(ofHandle, {}), 409, 'nothing_to_erase');
    const dump = await dumpTables(fixture.store);
    for (const secret of [...refusals.sealed, ...refusals.salts, ...refusals.wrapped])
      expect(dump.find(secret)).toBeUndefined();
    await checkLedger(fixture);
  });

  it('of refusals takes those that are due and leaves the later ones, each under a key of its own', async () => {
    const { fixture, door, bureau } = scene;
    scene.setTime('2022-01-01T10:00:00');
    const access = scene.access({ principal: bureau.party, ground: { grant: scene.grant } });
    expect((await door.as(signersOf(bureau)).post('/v1/accesses', access)).json.codes).toEqual(['PARTY']);
    const stream = refusedStream(bureau.party);
    expect(await fixture.store.read((tx) => loadDataKeys(tx, stream))).toHaveLength(2);
    scene.setTime(DECISIONS_DUE);
    const path = `/v1/parties/${bureau.party}/refusals/erasure`;
    expect((await door.asKeeper().post(path, {})).json).toMatchObject({ erased: [{ classes: [{ parts: 2 }] }] });
    expect(await fixture.store.read((tx) => loadDataKeys(tx, stream))).toHaveLength(1);
    expectProblem(await door.asKeeper().post(path, {}), 409, 'not_due');
    await checkLedger(fixture);
  });

  it('attack 98: an erased part that is there, a key that is there, and a part that is gone unsaid are findings', async () => {
    const { fixture } = scene;
    scene.setTime(ALL_DUE);
    const { rows, keys } = await fixture.store.read(async (tx) => ({
      rows: await loadParts(tx, 0, Number.MAX_SAFE_INTEGER),
      keys: await loadDataKeys(tx, scene.stream),
    }));
    await erase();
    const [part] = rows.filter(({ stream }) => stream === scene.stream);
    const key = keys.find(({ id }) => id === part?.data_key);
    if (part === undefined || key === undefined) throw new Error('the scene sealed something');
    const bare = await auditAfter(fixture, (tx) => insertDataKeys(tx, [key]));
    expect(bare.findings).toMatchObject([
      { code: 'payload', message: expect.stringContaining('a key of what it says') },
    ]);
    const back = await auditAfter(fixture, async (tx) => {
      await insertDataKeys(tx, [key]);
      const { index, name, data_key, sealed } = part;
      await tx.insertInto('parts').values({ index, name, data_key, sealed }).execute();
    });
    expect(back.findings).toMatchObject([
      { code: 'payload', message: expect.stringContaining('and it says that it is erased') },
    ]);
    const other = rows.find(({ stream }) => stream === `rel/${scene.neighbourHandle}`);
    const gone = await auditAfter(fixture, (tx) =>
      tx
        .deleteFrom('parts')
        .where('index', '=', other?.index as number)
        .where('name', '=', other?.name as string)
        .execute(),
    );
    expect(gone.findings).toMatchObject([{ index: other?.index, message: expect.stringContaining('no entry says') }]);
    expect(await codesOf()).toEqual([]);
  });

  it('attack 99: what a restored backup brings back is gone before anything is served, and once more does nothing', async () => {
    const { fixture } = scene;
    scene.setTime(ALL_DUE);
    const backup = await fixture.store.read(async (tx) => ({
      parts: await tx.selectFrom('parts').selectAll().execute(),
      data_keys: await tx.selectFrom('data_keys').selectAll().execute(),
      persons: await tx.selectFrom('persons').selectAll().execute(),
      relationships: await tx.selectFrom('relationships').selectAll().execute(),
      subject_keys: await tx.selectFrom('subject_keys').selectAll().execute(),
    }));
    const secrets = await secretsOf(fixture, [scene.stream, scene.personStream]);
    await erase();
    await fixture.store.transaction(async (tx) => {
      for (const [table, rows] of Object.entries(backup) as [keyof typeof backup, never[]][]) {
        await tx.deleteFrom(table).execute();
        await tx.insertInto(table).values(rows).execute();
      }
    });
    expect((await fixture.audit()).codes).toEqual(['payload']);
    expect((await dumpTables(fixture.store)).find(secrets.sealed[0] as Uint8Array)).toBe('parts.sealed');
    const report = await undone(fixture, (tx) => reapplyErasures(tx, ORIGIN, fixture.erasures));
    expect(report).toMatchObject({ erasures: 2, parts: secrets.rows.length, pending: [], damaged: 0 });
    // Opening the ledger does it by itself.
    const reopened = await openFixture(database, { again: fixture, time: Date.now(), signerState: null });
    await reopened.ledger.close();
    expect(reopened.logged.join()).toContain('erased_again');
    const dump = await dumpTables(fixture.store);
    for (const secret of [...secrets.sealed, ...secrets.wrapped]) expect(dump.find(secret)).toBeUndefined();
    await checkLedger(fixture);
    const again = await fixture.store.transaction((tx) => reapplyErasures(tx, ORIGIN, fixture.erasures));
    expect(again).toMatchObject({ erasures: 2, parts: 0 });
  });

  it('journals streams and places, and nothing of anyone', async () => {
    scene.setTime(ALL_DUE);
    await erase();
    const lines = scene.fixture.erasures.load();
    expect(lines.map((line) => JSON.parse(line).step)).toEqual(['begun', 'begun', 'done', 'done']);
    expect(lines.join()).not.toContain(scene.person.idNumber);
    expect(lines.join()).not.toContain(toBase64Url(scene.person.key.publicKey));
    const { erasures } = readJournal(scene.fixture.erasures);
    expect(erasures).toMatchObject([
      { stream: scene.stream, classes: ['decisions', 'letters'], done: true },
      { stream: scene.personStream, classes: ['keys'], done: true },
    ]);
  });
});
