/** Lists too long for one request: sent in parts, decided in turn, through crashes and ended keys. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { partySignatory } from '#client/sign.ts';
import { toBase64Url } from '#core/bytes.ts';
import { jobPartPath } from '#core/consent/job-path.ts';
import type { Handle, JobId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { AskBatch } from '#service/batch.ts';
import { authenticate } from '#service/caller.ts';
import type { Context } from '#service/context.ts';
import { createJob, readJob, storePart } from '#service/jobs/jobs.ts';
import { ROWS_PER_JOB_COMMIT } from '#service/jobs/part.ts';
import { readResults } from '#service/jobs/results.ts';
import { openJobRunner } from '#service/jobs/runner.ts';
import { mandateProcessor, retirePartyKey } from '#service/parties.ts';
import { loadHead } from '#store/head.ts';
import { calledBy, newParty, type Party, signedRequest, signedScene } from '../support/actors.ts';
import { calledWith } from '../support/callers.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, openFixture, UPPER_DATABASES } from '../support/ledger-fixture.ts';

const UNKNOWN = '0'.repeat(32);
const DAY_MS = 86_400_000;
const ALL = { from: 0, count: 2_000, permits: false };

/** More than three commits, and the last one is short. */
const LONG = 3 * ROWS_PER_JOB_COMMIT + 10;

describe.each(UPPER_DATABASES)('jobs on %s', (database) => {
  let fixture: Fixture;
  let context: Context;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    context = fixture.context;
    scene = await signedScene(context);
  });
  afterAll(async () => {
    await checkLedger(fixture);
    await fixture.close();
  });

  const size = async () => (await fixture.store.read(loadHead))?.size ?? 0;
  const me = (path = '/x') => calledBy(context, scene.lender.party, path, {});

  function partOf(rows: readonly object[]): AskBatch {
    const { principal, ...row } = scene.reportAccess;
    return { principal, rows: rows.map((each) => ({ ...row, ...each })) };
  }

  const many = (count: number) => partOf(Array.from({ length: count }, (_, n) => ({ purpose: `purpose_${n}` })));

  async function create(parts: number, key?: string): Promise<JobId> {
    const body = { principal: scene.lender.party, parts };
    return (await createJob(context, await calledBy(context, body.principal, '/v1/jobs', body, key), body)).job;
  }

  async function send(job: JobId, part: number, batch: AskBatch, party: Party = scene.lender) {
    const caller = await calledBy(context, party.party, jobPartPath(job, part), batch);
    return storePart(context, caller, { job, part, ...batch });
  }

  async function until(job: JobId, reached: (view: Awaited<ReturnType<typeof readJob>>) => boolean) {
    for (;;) {
      const view = await readJob(context, await me(), job);
      if (reached(view)) return view;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Opens a runner, waits until the job is as far as that, and throws the runner away. */
  async function run(job: JobId, reached?: Parameters<typeof until>[1]) {
    const runner = openJobRunner(context);
    const view = await until(job, reached ?? (({ received }) => received.every(({ ended }) => ended)));
    await runner.close();
    return view;
  }

  /** A runner that waits after its first commit, until it is released. */
  function runHeld() {
    const released = Promise.withResolvers<void>();
    const { store } = context.ledger;
    let notes = 0;
    const transaction: typeof store.transaction = async (work) => {
      const done = await store.transaction(work);
      if (++notes === 1) await released.promise;
      return done;
    };
    const runner = openJobRunner({ ...context, ledger: { ...context.ledger, store: { ...store, transaction } } });
    return { runner, release: released.resolve };
  }

  it('are decided row by row, each an entry of its own, foreign handles among them', async () => {
    const job = await create(2);
    expect(await send(job, 1, partOf([{ handle: UNKNOWN as Handle }, { items: ['line'] }]))).toMatchObject({ rows: 2 });
    expect(await run(job)).toMatchObject({ state: 'receiving', rows: 2, decided: 2, allowed: 1, denied: 1 });
    await send(job, 0, partOf([{ items: ['other'] }, {}]));
    const before = await size();
    expect(await run(job)).toMatchObject({ state: 'decided', parts: 2, rows: 4, decided: 4, allowed: 2, denied: 2 });
    expect(await size()).toBe(before + 2);
    const read = async (part: number) =>
      (await readResults(context, await me(), { job, part, ...ALL })).results.map(({ row, decision, codes }) => [
        row,
        decision,
        codes,
      ]);
    expect(await read(0)).toEqual([
      [0, 'deny', ['SCOPE']],
      [1, 'allow', []],
    ]);
    expect(await read(1)).toEqual([
      [0, 'deny', ['PARTY']],
      [1, 'allow', []],
    ]);
  });

  it('are made once under one key, and known to their party only', async () => {
    const job = await create(3, 'monthly');
    expect(await create(3, 'monthly')).toBe(job);
    await expectRefusal('idempotency_mismatch', create(4, 'monthly'));
    const other = await newParty(context, 'grantee');
    const they = await calledBy(context, other.party, '/x', {});
    await expectRefusal('job_unknown', readJob(context, they, job));
    await expectRefusal('job_unknown', readResults(context, they, { job, part: 0, ...ALL }));
    await expectRefusal('principal_mismatch', send(job, 0, many(1), other));
    await expectRefusal('job_unknown', send(job, 0, { ...many(1), principal: other.party }, other));
    await expectRefusal('job_unknown', readJob(context, await me(), UNKNOWN as JobId));
    await expectRefusal('part_unknown', send(job, 3, many(1)));
    await expectRefusal('part_unknown', readResults(context, await me(), { job, part: 0, ...ALL }));
    const elsewhere = await calledBy(context, scene.lender.party, jobPartPath(job, 1), many(1));
    await expectRefusal('input_invalid', storePart(context, elsewhere, { job, part: 0, ...many(1) }));
  });

  it('take the same part again, however it is signed, and no other one in its place', async () => {
    const job = await create(1);
    const [first, second] = await Promise.all([send(job, 0, many(3)), send(job, 0, many(3))]);
    expect(second).toEqual(first);
    expect(await send(job, 0, many(3))).toEqual(first);
    await expectRefusal('part_mismatch', send(job, 0, many(4)));
    expect(await run(job)).toMatchObject({ state: 'decided', rows: 3, decided: 3 });
    expect(await send(job, 0, many(3))).toEqual(first);
  });

  it('go on where they stopped, and decide nothing twice', async () => {
    const job = await create(1);
    const before = await size();
    await send(job, 0, many(LONG));
    const { runner, release } = runHeld();
    await until(job, ({ decided }) => decided > 0);
    const closed = runner.close();
    release();
    await closed;
    expect((await readJob(context, await me(), job)).decided).toBe(ROWS_PER_JOB_COMMIT);
    expect(await run(job)).toMatchObject({ state: 'decided', decided: LONG, denied: LONG });
    expect(await size()).toBe(before + LONG);
    const { results, next } = await readResults(context, await me(), { job, part: 0, ...ALL, count: 200, from: 100 });
    expect(next).toBe(300);
    expect(results.map(({ row }) => row)).toEqual(Array.from({ length: 200 }, (_, at) => 100 + at));
    expect(new Set(results.map(({ access }) => access)).size).toBe(200);
  });

  it('find their entries again where a crash came between the commit and its note', async () => {
    const job = await create(1);
    const before = await size();
    await send(job, 0, many(LONG));
    let notes = 0;
    const { store } = context.ledger;
    // The process dies with the second note: its rows stand in the log, and nowhere else.
    const dying = new Promise<void>((resolve) => {
      const transaction: typeof store.transaction = (work) => {
        if (++notes < 2) return store.transaction(work);
        resolve();
        return new Promise(() => {});
      };
      openJobRunner({ ...context, ledger: { ...context.ledger, store: { ...store, transaction } } });
    });
    await dying;
    expect(await size()).toBe(before + 2 * ROWS_PER_JOB_COMMIT);
    expect((await readJob(context, await me(), job)).decided).toBe(ROWS_PER_JOB_COMMIT);
    await run(job);
    expect(await size()).toBe(before + LONG);
    const { results } = await readResults(context, await me(), { job, part: 0, ...ALL });
    expect(new Set(results.map(({ access }) => access)).size).toBe(LONG);
  });

  it('lose nothing to two runners at once', async () => {
    const job = await create(2);
    const before = await size();
    await send(job, 0, many(LONG));
    await send(job, 1, many(5));
    const second = openJobRunner(context);
    expect(await run(job)).toMatchObject({ state: 'decided', decided: LONG + 5 });
    await second.close();
    expect(await size()).toBe(before + LONG + 5);
  });

  it('wait while the database is away, and go on', async () => {
    const job = await create(1);
    await send(job, 0, many(2));
    const { store } = context.ledger;
    let fails = 1;
    const read: typeof store.read = (work) => {
      if (fails-- > 0) return Promise.reject(Object.assign(new Error('connection lost'), { code: 'ECONNRESET' }));
      return store.read(work);
    };
    const runner = openJobRunner({ ...context, ledger: { ...context.ledger, store: { ...store, read } } });
    expect(await until(job, ({ state }) => state === 'decided')).toMatchObject({ decided: 2 });
    await runner.close();
  });

  it('give permits as long as they count, to who asks for them', async () => {
    const job = await create(1);
    await send(job, 0, partOf([{ items: ['repayment'] }, { purpose: 'other' }]));
    await run(job);
    const read = async (permits: boolean) =>
      (await readResults(context, await me(), { job, part: 0, ...ALL, permits })).results.map(({ permit, until }) => [
        permit !== null,
        until !== null,
      ]);
    expect(await read(true)).toEqual([
      [true, true],
      [false, false],
    ]);
    expect(await read(false)).toEqual([
      [false, true],
      [false, false],
    ]);
    const later = { ...context, clock: () => (context.clock() + DAY_MS) as never };
    const { results } = await readResults(later, await me(), { job, part: 0, ...ALL, permits: true });
    expect(results[0]).toMatchObject({ decision: 'allow', permit: null });
  });

  it('are a processor’s, of accesses of its principal, as long as its mandate lasts', async () => {
    const processor = await newParty(context, 'processor');
    const { lender } = scene;
    const give = async (to: number | null) => {
      const body = {
        principal: lender.party,
        from: 0 as Instant,
        to: to as Instant | null,
        covers: ['access'] as const,
      };
      const path = `/v1/parties/${processor.party}/mandates`;
      const caller = await calledWith(context, { party: lender.party, key: lender.admin, path, body });
      await mandateProcessor(context, caller, { party: processor.party, ...body });
    };
    const body = { principal: lender.party, parts: 2 };
    const made = async () => createJob(context, await calledBy(context, processor.party, '/v1/jobs', body), body);
    await expectRefusal('principal_mismatch', made());
    await give(null);
    const { job } = await made();
    const they = await calledBy(context, processor.party, '/x', {});
    await send(job, 0, partOf([{}, { items: ['other'] }, { handle: UNKNOWN as Handle }]), processor);
    const runner = openJobRunner(context);
    const ended = async (part: number) => (await readJob(context, they, job)).received[part]?.ended === true;
    while (!(await ended(0))) await new Promise((resolve) => setTimeout(resolve, 5));
    const read = (part = 0) => readResults(context, they, { job, part, ...ALL, permits: true });
    const { results } = await read();
    expect(results.map(({ codes }) => codes)).toEqual([expect.not.arrayContaining(['PARTY']), ['SCOPE'], ['PARTY']]);
    // It is the processor’s: its principal has the accesses themselves.
    await expectRefusal('job_unknown', readJob(context, await me(), job));
    // Taken while there was a mandate, and decided when there is none: not at all.
    await runner.close();
    await send(job, 1, partOf([{ items: ['line'] }]), processor);
    await give(context.clock() + 3_000);
    while (await read().then(Boolean, () => false)) await new Promise((resolve) => setTimeout(resolve, 50));
    await expectRefusal('job_unknown', read());
    await expectRefusal('principal_mismatch', send(job, 1, partOf([{}]), processor));
    const again = openJobRunner(context);
    while (!(await ended(1))) await new Promise((resolve) => setTimeout(resolve, 5));
    await again.close();
    expect((await readJob(context, they, job)).received[1]).toMatchObject({ decided: 0, error: 'principal_mismatch' });
  });

  it('end with the key that signed them, and what was decided until then stands', async () => {
    const own = await signedScene(context);
    const { principal, ...row } = own.reportAccess;
    const body = { principal, parts: 2 };
    const { job } = await createJob(context, await calledBy(context, principal, '/v1/jobs', body), body);
    const batch = { principal, rows: Array.from({ length: LONG }, (_, n) => ({ ...row, purpose: `purpose_${n}` })) };
    const reader = await calledBy(context, principal, '/x', {});
    await send(job, 0, batch, own.lender);
    const read = () => readJob(context, reader, job);
    const { runner, release } = runHeld();
    while ((await read()).decided === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const key = { key: toBase64Url(own.lender.key.publicKey) };
    const path = `/v1/parties/${principal}/keys/retirement`;
    const admin = await signedRequest(context, [partySignatory(principal, own.lender.admin)], path, key);
    await retirePartyKey(context, await authenticate(context, admin), { party: principal, ...key });
    release();
    while ((await read()).received[0]?.ended !== true) await new Promise((resolve) => setTimeout(resolve, 5));
    await runner.close();
    const [part] = (await read()).received;
    expect(part).toMatchObject({ error: 'key_ended', decided: ROWS_PER_JOB_COMMIT });
    const { results, next } = await readResults(context, reader, { job, part: 0, ...ALL });
    expect(results).toHaveLength(ROWS_PER_JOB_COMMIT);
    expect(next).toBeNull();
  });
});

describe.each(UPPER_DATABASES)('jobs that wait, on %s', (database) => {
  it.each([
    [DAY_MS - 60_000, { decided: 1, error: null }],
    [DAY_MS + 60_000, { decided: 0, error: 'signature_stale' }],
  ])('are decided within a day of their signature, or not at all (%d ms)', async (waited, outcome) => {
    const start = Date.parse('2026-11-21T08:00:00Z');
    const fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: start });
    const { context } = fixture;
    const { reportAccess } = await signedScene(context);
    const { principal, ...row } = reportAccess;
    const call = (path: string, body: object) => calledBy(context, principal, path, body);
    const body = { principal, parts: 1 };
    const { job } = await createJob(context, await call('/v1/jobs', body), body);
    const batch = { principal, rows: [row] };
    await storePart(context, await call(jobPartPath(job, 0), batch), { job, part: 0, ...batch });
    fixture.setTime(start + waited);
    const runner = openJobRunner(context);
    const reader = await call('/x', {});
    const read = async () => (await readJob(context, reader, job)).received[0];
    while ((await read())?.ended !== true) await new Promise((resolve) => setTimeout(resolve, 5));
    await runner.close();
    expect(await read()).toMatchObject(outcome);
    await checkLedger(fixture);
    await fixture.close();
  });
});
