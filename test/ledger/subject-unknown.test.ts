/**
 * Accesses in a relationship whose subject the ledger does not know any more: what was erased takes no entry at all; what a
 * restore lost is denied (restore-orphans.test.ts). And whoever says so of a person who is there is found out.
 */
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { parseEntry } from '#core/tlog/entry.ts';
import { type AskAccess, askAccess } from '#service/accesses.ts';
import { loadEntries } from '#store/entries.ts';
import { expectProblem, signersOf } from '../api/door.ts';
import { calledBy } from '../support/actors.ts';
import { appendForged, auditAfter } from '../support/attack.ts';
import { ALL_DUE, type ErasureScene, openErasureScene } from '../support/erasure-scene.ts';
import { expectRefusal } from '../support/failure.ts';
import { DATABASES } from '../support/ledger-fixture.ts';

describe.each(DATABASES)('an access about a person who was erased, on %s', (database) => {
  let scene: ErasureScene;
  beforeEach(async () => {
    scene = await openErasureScene({ database, postgresUrl: inject('postgresUrl') });
    scene.setTime(ALL_DUE);
  });
  afterEach(() => scene.close());

  const erase = () => scene.asSubject().post('/v1/erasures', { handle: null });
  const judicial = { ground: { basis: 'judicial', reference: '（2025）示例民初卡那利 9002 号' } } as const;
  const sizeOf = async () => (await scene.fixture.audit()).size;

  it('is refused before anything is committed, by every door', async () => {
    expect((await erase()).json.person).toBe(true);
    const size = await sizeOf();
    const lender = scene.door.as(signersOf(scene.lender));
    const asked = scene.access(judicial);
    expectProblem(await lender.post('/v1/accesses', asked), 404, 'relationship_unknown');
    expectProblem(await lender.post('/v1/accesses/preview', asked), 404, 'relationship_unknown');
    const { principal, ...row } = scene.access({ ground: { grant: scene.grant } });
    expectProblem(await lender.post('/v1/accesses/batch', { principal, rows: [row] }), 404, 'relationship_unknown');
    expect(await sizeOf()).toBe(size);
  });

  it('is refused, too, where the erasure comes between what was read and the lock', async () => {
    const { context } = scene.fixture;
    const { ledger } = context;
    let size: number | undefined;
    const late = {
      ...ledger,
      async submit(write: Parameters<typeof ledger.submit>[0]) {
        if (size === undefined) {
          expect((await erase()).status).toBe(201);
          size = await sizeOf();
        }
        return ledger.submit(write);
      },
    };
    const input = scene.access(judicial) as unknown as AskAccess;
    const caller = await calledBy(context, scene.lender.party, '/v1/accesses', input);
    await expectRefusal('relationship_unknown', askAccess({ ...context, ledger: late }, caller, input));
    expect(await sizeOf()).toBe(size);
  });

  it('may not be denied for this while the person is there: the audit finds who says so', async () => {
    await scene.ask(judicial);
    const rows = await scene.fixture.store.read((tx) => loadEntries(tx, 0, Number.MAX_SAFE_INTEGER));
    const { body } = parseEntry(rows.findLast(({ stream }) => stream === scene.stream)?.bytes ?? new Uint8Array());
    const denied = { decision: 'deny', codes: ['SUBJECT'], until: null, subject: 'unknown' };
    const report = await auditAfter(scene.fixture, (tx) =>
      appendForged(tx, scene.fixture, {
        ...{ stream: scene.stream, type: 'access.decided' },
        body: { ...body, ...denied, idem: 'A'.repeat(43) },
      }),
    );
    expect(report.findings.map(({ message }) => message)).toContain(
      'denied as of an unknown person, whose identity is there',
    );
  });
});
