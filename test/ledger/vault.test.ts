/** The vault: what is sealed for one place opens nowhere else, and what is destroyed is gone while the proofs stand. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { personStream, relationshipStream } from '#core/tlog/stream.ts';
import { auditLedger } from '#ledger/audit.ts';
import { noKeys, openKeys, openParts, partName, sealPayload } from '#ledger/vault.ts';
import type { Caller } from '#service/caller.ts';
import { readLetter } from '#service/letter-view.ts';
import { loadParts, type SealedPart } from '#store/payloads.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { calledBy, draft, signedScene, twoClauses } from '../support/actors.ts';
import { auditAfter, undone } from '../support/attack.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, DATABASES, type Fixture, openFixture, random } from '../support/ledger-fixture.ts';

describe.each(DATABASES)('the vault on %s', (database) => {
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  let parts: readonly SealedPart[];
  /** The lender, who reads its letters. */
  let caller: Caller;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    scene = await signedScene(fixture.context);
    caller = await calledBy(fixture.context, scene.lender.party, '/v1/letters', {});
    parts = await fixture.store.read((tx) => loadParts(tx, 0, Number.MAX_SAFE_INTEGER));
  });
  afterAll(async () => {
    await checkLedger(fixture);
    await fixture.close();
  });

  it('opens every part that was sealed, and no part in the place of another', async () => {
    const { vault } = fixture.context;
    expect(parts.length).toBeGreaterThan(6);
    expect((await openParts(vault, parts)).size).toBe(parts.length);
    for (const part of parts) {
      for (const other of parts) {
        if (other.name === part.name && other.data_key === part.data_key) continue;
        const moved = { ...other, sealed: part.sealed };
        await expectRefusal('commitment_invalid', openParts(vault, [moved]));
      }
    }
  });

  it('opens no data key under another id, stream, owner or class', async () => {
    const [part] = parts as [SealedPart];
    const stream = relationshipStream('0'.repeat(32) as never);
    for (const change of [
      { data_key: '0'.repeat(32) },
      { stream },
      { owner: part.owner === 'party' ? ('subject' as const) : ('party' as const) },
      { retention: part.retention === 'letters' ? 'decisions' : 'letters' },
      { wrapped: Uint8Array.from(part.wrapped, (byte, i) => (i === 20 ? byte ^ 1 : byte)) },
      { sealed: part.sealed.subarray(0, 5) },
      { sealed: Uint8Array.from(part.sealed, (byte, i) => (i === 20 ? byte ^ 1 : byte)) },
    ]) {
      await expectRefusal('commitment_invalid', openParts(fixture.context.vault, [{ ...part, ...change }]));
    }
  });

  it('finds keys whose classes were swapped, so that nothing outlives its class under another’s key', async () => {
    const stream = relationshipStream(scene.handle);
    const { codes } = await auditAfter(fixture, async (tx) => {
      const { rows } = await sql`
        update data_keys set retention = 'decisions' where stream = ${stream} returning id`.execute(tx);
      expect(rows.length).toBeGreaterThan(0);
      // What would have been sealed under it is not.
      await expectRefusal('commitment_invalid', openKeys(fixture.context.vault, tx, stream));
    });
    expect(codes).toEqual(['payload']);
  });

  it('says commitment_invalid under a wrong wrapping key, when reading, writing and auditing', async () => {
    const { context, vkey } = fixture;
    const vault = { ...context.vault, wrappingKey: random(32) };
    const stream = relationshipStream(scene.handle);
    await expectRefusal('commitment_invalid', openParts(vault, parts));
    await expectRefusal(
      'commitment_invalid',
      fixture.store.read((tx) => openKeys(vault, tx, stream)),
    );
    await expectRefusal('commitment_invalid', readLetter({ ...context, vault }, caller, scene.drafted.letter));
    const report = await fixture.store.read((tx) =>
      auditLedger(tx, { vkey, vault, ed25519: nativeEd25519, p256: nativeP256, entrySignatures: false }),
    );
    expect(report).toMatchObject({ holds: false, partsOpened: 0 });
    expect(new Set(report.findings.map((finding) => finding.code))).toEqual(new Set(['payload']));
  });

  it('shows no letter’s text in the place of another’s', async () => {
    const { context } = fixture;
    const grants = twoClauses(scene.bureau, context.clock());
    const other = await draft(context, { lender: scene.lender, handle: scene.handle, grants, text: '另一份授权书' });
    expect((await readLetter(context, caller, other.letter)).text).toBe('另一份授权书');
    const swap = (from: number, to: number) => async (tx: Parameters<typeof loadParts>[0]) => {
      for (const name of ['text', 'text_salt']) {
        await sql`update parts set sealed = (select sealed from parts where index = ${from} and name = ${name})
          where index = ${to} and name = ${name}`.execute(tx);
      }
    };
    await undone(fixture, async (tx) => {
      await swap(scene.drafted.entry.index, other.entry.index)(tx);
      const ledger = {
        ...context.ledger,
        store: { ...fixture.store, read: (work: (tx: never) => unknown) => work(tx as never) },
      };
      await expectRefusal('commitment_invalid', readLetter({ ...context, ledger } as never, caller, other.letter));
    });
  });

  it('attack 98: audits as before once keys are destroyed that no entry says are erased, naming each part that is gone', async () => {
    const before = await checkLedger(fixture);
    expect(before.attested).toBe(0);
    const all = await fixture.store.read((tx) => loadParts(tx, 0, Number.MAX_SAFE_INTEGER));
    const rows = await fixture.store.read((tx) =>
      tx.selectFrom('data_keys').select(['id', 'stream', 'owner']).execute(),
    );
    for (const [kind, attested] of [
      // Opening, binding (to an identity that is gone), both drafts, signature; binding and signature; all of these.
      ['rel/', 5],
      ['person/', 2],
      ['', 5],
    ] as const) {
      const gone = rows.filter((row) => row.stream.startsWith(kind)).map((row) => row.id);
      const report = await auditAfter(fixture, (tx) => tx.deleteFrom('data_keys').where('id', 'in', gone).execute());
      expect(report).toMatchObject({ attested, codes: ['payload'], decisions: before.decisions });
      expect(report.findings.length).toBe(all.filter((part) => gone.includes(part.data_key)).length);
      for (const { message } of report.findings) expect(message).toContain('is gone, and no entry says');
    }
  });

  it('makes keys for what has none, uses them for what has, and never the same salt or nonce twice', async () => {
    const { vault } = fixture.context;
    const stream = personStream('a'.repeat(32) as never);
    const values = { binding: { a: 1 }, possession: 'x' };
    const one = await sealPayload(vault, noKeys(stream), 'person.key_bound', values);
    expect(one.dataKeys.length).toBe(1);
    const sealed = await Promise.all(
      Array.from({ length: 50 }, () => sealPayload(vault, noKeys(stream), 'person.key_bound', values)),
    );
    const ids = sealed.flatMap((each) => each.dataKeys.map((key) => key.id));
    const digests = sealed.flatMap((each) => Object.values(each.digests).map(String));
    const boxes = sealed.flatMap((each) => each.parts.map((part) => String(part.sealed.subarray(0, 12))));
    for (const list of [ids, digests, boxes]) expect(new Set(list).size).toBe(list.length);
    const rows = one.parts.map((part) => ({ ...part, ...one.dataKeys[0]!, index: 7 }));
    const opened = await openParts(vault, rows);
    expect(opened.get(partName(7, 'possession'))?.value).toBe('x');
  });
});
