/** Heads (design §7): where every stream ended, recorded daily and computed again; and where one ends, stated and signed. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parseBase64Url } from '#core/bytes.ts';
import { HEADS_SPAN_MAX } from '#core/consent/heads.ts';
import { hashText, parseHashText } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { headSigningBytes, rootOfHeads } from '#core/tlog/heads.ts';
import { HEADS_STREAM, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import { recordDueHeads, recordHeads, stateHead } from '#service/heads.ts';
import { loadEntries } from '#store/entries.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { naiveTree } from '../core/tlog/naive.ts';
import { ask, calledBy, newParty, signedScene } from '../support/actors.ts';
import { appendForged, auditAfter } from '../support/attack.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, DATABASES, type Fixture, openFixture } from '../support/ledger-fixture.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR_MS = 3_600_000;

describe.each(DATABASES)('heads on %s', (database) => {
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: NOW });
    scene = await signedScene(fixture.context);
  });
  afterAll(async () => {
    await checkLedger(fixture);
    await fixture.close();
  });

  const rows = () => fixture.store.read((tx) => loadEntries(tx, 0, Number.MAX_SAFE_INTEGER));

  /** Where each stream ends at a size, by nothing but the entries. */
  async function headsAt(size: number) {
    const heads = new Map<StreamId, Awaited<ReturnType<typeof rows>>[number]>();
    for (const row of (await rows()).slice(0, size)) heads.set(row.stream, row);
    return heads;
  }

  it('are recorded once in a day, and of a log that is younger not at all', async () => {
    expect(await recordDueHeads(fixture.context)).toBe(false);
    fixture.setTime(NOW + 23 * HOUR_MS);
    const size = (await rows()).length;
    expect(await recordDueHeads(fixture.context)).toBe(true);
    expect(await recordDueHeads(fixture.context)).toBe(false);
    const { stream, body, type } = parseEntry((await rows()).at(-1)?.bytes as Uint8Array);
    const heads = await headsAt(size);
    expect([stream, type]).toEqual(['heads', 'heads.recorded']);
    expect(body).toEqual({ size, root: hashText(rootOfHeads(heads)), streams: heads.size });
    fixture.setTime(NOW + 46 * HOUR_MS);
    expect(await recordDueHeads(fixture.context)).toBe(true);
    await checkLedger(fixture);
  });

  it('are the Merkle root of RFC 6962 over the streams in their order', async () => {
    const heads = await headsAt(20);
    const { hashLeaf } = await import('#core/hash.ts');
    const leaves = [...heads.keys()].sort().map((stream) => {
      const { seq, leaf } = heads.get(stream) as NonNullable<ReturnType<typeof heads.get>>;
      return hashLeaf(Buffer.from(JSON.stringify([stream, seq, hashText(leaf)])));
    });
    expect(rootOfHeads(heads)).toEqual(naiveTree(leaves).root(leaves.length));
  });

  it('are computed again as of an earlier size, whatever came since', async () => {
    await Promise.all(Array.from({ length: 20 }, () => ask(fixture.context, scene.reportAccess)));
    await Promise.all([recordHeads(fixture.context), ask(fixture.context, scene.reportAccess)]);
    await checkLedger(fixture);
  });

  it('attack 17: are found where a stream was left out of them', async () => {
    for (const items of [['credit_info'], ['credit_report']])
      await ask(fixture.context, { ...scene.queryAccess, items });
    const size = (await rows()).length - 1;
    const heads = new Map(await headsAt(size));
    const forge = (body: { size: number; root: string; streams: number }) =>
      auditAfter(fixture, (tx) => appendForged(tx, fixture, { stream: HEADS_STREAM, type: 'heads.recorded', body }));
    const honest = { size, root: hashText(rootOfHeads(heads)), streams: heads.size };
    expect((await forge(honest)).findings).toEqual([]);
    heads.delete(relationshipStream(scene.handle));
    const without = { size, root: hashText(rootOfHeads(heads)), streams: heads.size };
    const at = (await rows()).length;
    for (const body of [without, { ...honest, streams: honest.streams + 1 }, { ...honest, size: at + 1 }]) {
      const { findings } = await forge(body);
      expect(findings).toContainEqual(expect.objectContaining({ code: 'state', index: at }));
    }
    expect(HEADS_SPAN_MAX).toBeGreaterThan(at);
  });

  it('of one relationship are stated as of the checkpoint, signed, to who may read it', async () => {
    const { context } = fixture;
    await fixture.ledger.publisher.published((await rows()).length, 5_000);
    const caller = await calledBy(context, scene.lender.party, '/v1/relationships', {});
    const head = await stateHead(context, caller, scene.handle);
    const stream = relationshipStream(scene.handle);
    const last = (await headsAt(head.size)).get(stream);
    expect(head).toMatchObject({ stream, seq: last?.seq, leaf: hashText(last?.leaf as never) });
    const bytes = headSigningBytes({
      log: head.log,
      stream,
      seq: head.seq,
      leaf: parseHashText(head.leaf),
      size: head.size,
    });
    const { publicKey } = fixture.keys.issuing;
    expect(await nativeEd25519.verify(publicKey, bytes, parseBase64Url(head.signature))).toBe(true);
    expect(head.checkpoint.split('\n')[1]).toBe(String(head.size));
    const other = await newParty(context, 'grantee');
    const foreign = await calledBy(context, other.party, '/v1/relationships', {});
    await expectRefusal('relationship_unknown', stateHead(context, foreign, scene.handle));
  });

  it('are recorded by the ledger alone, and never of a smaller size again', async () => {
    await recordHeads(fixture.context);
    expect(fixture.logged.join()).not.toContain('heads_wait');
    const size = parseEntry((await rows()).at(-1)?.bytes as Uint8Array).body['size'] as number;
    const heads = await headsAt(size - 1);
    const body = { size: size - 1, root: hashText(rootOfHeads(heads)), streams: heads.size };
    const report = await auditAfter(fixture, (tx) =>
      appendForged(tx, fixture, {
        stream: HEADS_STREAM,
        type: 'heads.recorded',
        body,
        time: (NOW + 47 * HOUR_MS) as Instant,
      }),
    );
    expect(report.findings.map(({ code }) => code)).toContain('decision');
  });
});
