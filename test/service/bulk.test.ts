/** Many at once, trying without consequence, and the words of another protocol. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { GrantId, Handle } from '#core/ids.ts';
import { type AskBatch, askBatch, ROWS_PER_COMMIT } from '#service/batch.ts';
import { evaluate, evaluateAll } from '#service/evaluations.ts';
import { previewAccess } from '#service/preview.ts';
import { readAccess } from '#service/releases.ts';
import { requireSeen } from '#service/seen.ts';
import { readStatuses } from '#service/status.ts';
import { loadHead } from '#store/head.ts';
import { calledBy, newParty, revoke, signedScene } from '../support/actors.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, openFixture, UPPER_DATABASES } from '../support/ledger-fixture.ts';

const UNKNOWN = '0'.repeat(32);

describe.each(UPPER_DATABASES)('many accesses on %s', (database) => {
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    scene = await signedScene(fixture.context);
  });
  afterAll(async () => {
    await checkLedger(fixture);
    await fixture.close();
  });
  const size = async () => (await fixture.store.read(loadHead))?.size ?? 0;

  function batchOf(rows: readonly object[]): AskBatch {
    const { principal, ...row } = scene.reportAccess;
    return { principal, rows: rows.map((each) => ({ ...row, ...each })) };
  }

  async function send(batch: AskBatch, key?: string) {
    const { context } = fixture;
    return askBatch(context, await calledBy(context, batch.principal, '/v1/accesses/batch', batch, key), batch);
  }

  it('are decided row by row, in order, each an entry of its own, foreign handles among them', async () => {
    const before = await size();
    const { results } = await send(
      batchOf([{ items: ['basic'] }, { items: ['other'] }, { handle: UNKNOWN as Handle }, { items: ['line'] }]),
    );
    expect(results.map(({ decision, codes }) => [decision, codes])).toEqual([
      ['allow', []],
      ['deny', ['SCOPE']],
      ['deny', ['PARTY']],
      ['allow', []],
    ]);
    expect(results.map(({ permit }) => permit !== null)).toEqual([true, false, false, true]);
    expect(await size()).toBe(before + 4);
  });

  it('are refused each by itself where a party’s very first batch names several handles that are not its own', async () => {
    const other = await newParty(fixture.context, 'grantee');
    const foreign = [UNKNOWN as Handle, scene.handle, UNKNOWN as Handle];
    const batch = { ...batchOf(foreign.map((handle) => ({ handle }))), principal: other.party };
    const caller = await calledBy(fixture.context, other.party, '/v1/accesses/batch', batch);
    const { results } = await askBatch(fixture.context, caller, batch);
    expect(results.map(({ codes }) => codes)).toEqual([['PARTY'], ['PARTY'], ['PARTY']]);
  });

  it('are cut into commits, and a repeat goes on where the last one stopped', async () => {
    const rows = Array.from({ length: ROWS_PER_COMMIT + 10 }, (_, n) => ({ purpose: `purpose_${n}` }));
    const batch = batchOf(rows);
    const before = await size();
    const first = await send(batch, 'monthly');
    expect(await size()).toBe(before + rows.length);
    const again = await send(batch, 'monthly');
    expect(again).toEqual(first);
    expect(await size()).toBe(before + rows.length);
    await expectRefusal('idempotency_mismatch', send(batchOf([{ items: ['line'] }]), 'monthly'));
  });

  it('are refused as a whole for another party', async () => {
    const other = await newParty(fixture.context, 'grantee');
    const batch = batchOf([{}]);
    const caller = await calledBy(fixture.context, other.party, '/v1/accesses/batch', batch);
    await expectRefusal('principal_mismatch', askBatch(fixture.context, caller, batch));
  });

  it('are previewed without an entry, a use or a permit, on own relationships only', async () => {
    const { context } = fixture;
    const before = await size();
    const ask = async (change: object) => {
      const access = { ...scene.queryAccess, ...change };
      return previewAccess(context, await calledBy(context, access.principal, '/v1/accesses/preview', access), access);
    };
    expect(await ask({})).toEqual({ decision: 'allow', codes: [], enforceable: false });
    expect(await ask({ purpose: 'marketing' })).toMatchObject({ decision: 'deny', codes: ['PURPOSE'] });
    await expectRefusal('relationship_unknown', ask({ handle: UNKNOWN }));
    expect(await size()).toBe(before);
  });

  it('are evaluated in the words of AuthZEN, and audited like any other', async () => {
    const { context } = fixture;
    const { lender, handle, query, bureau } = scene;
    const evaluation = {
      subject: { type: 'party', id: lender.party },
      action: { name: 'QUERY' },
      resource: { type: 'relationship', id: handle, properties: { items: ['credit_info'] } },
      context: { grant: query, purpose: 'post_loan', door: bureau.party },
    };
    const caller = await calledBy(context, lender.party, '/access/v1/evaluation', evaluation);
    const one = await evaluate(context, caller, evaluation);
    expect(one).toMatchObject({ decision: true, context: { codes: [] } });
    const reader = await calledBy(context, lender.party, '/x', {});
    expect(await readAccess(context, reader, one.context.access as never)).toMatchObject({ decision: 'allow' });
    const { subject, ...rest } = evaluation;
    const many = {
      subject,
      ...rest,
      evaluations: [{ context: { ...rest.context, purpose: 'marketing' } }, { action: { name: 'REPORT' } }],
    };
    const all = await evaluateAll(context, await calledBy(context, lender.party, '/access/v1/evaluations', many), many);
    expect(all.evaluations.map(({ decision, context: { codes } }) => [decision, codes])).toEqual([
      [false, ['PURPOSE']],
      [false, ['ACTION', 'RECIPIENT']],
    ]);
  });

  it('find thousands of grants as of one size, and say nothing of another’s', async () => {
    const { context } = fixture;
    const { query, report, lender, bureau, person } = scene;
    const grants = [query, report, UNKNOWN as GrantId];
    const ask = async (party: typeof lender.party) =>
      (
        await readStatuses(context, await calledBy(context, party, '/v1/grants/status', { grants }), grants)
      ).statuses.map(({ status }) => status);
    expect(await ask(lender.party)).toEqual(['active', 'active', 'unknown']);
    expect(await ask(bureau.party)).toEqual(['active', 'active', 'unknown']);
    expect(await ask((await newParty(context, 'grantee')).party)).toEqual(['unknown', 'unknown', 'unknown']);
    await revoke(context, lender, person, query);
    expect(await ask(lender.party)).toEqual(['revoked', 'active', 'unknown']);
  });

  it('are never answered from before what the caller has seen', async () => {
    const now = await size();
    await requireSeen(fixture.context, now);
    await expectRefusal('behind', requireSeen(fixture.context, now + 1));
  });
});
