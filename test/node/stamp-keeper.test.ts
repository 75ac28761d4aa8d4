/** The ledger’s own step that has checkpoints stamped: what comes of an authority that works, is down, is slow, or lies. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import { loadAsking, loadNewestTimeStamp, loadTimeStamp, loadTimeStamps } from '#store/time-stamps.ts';
import { openStamped } from '#time-stamp/file.ts';
import { readySchema } from '#wire/log.ts';
import { stampsSchema } from '#wire/time-stamps.ts';
import { createApp } from '../../src/api/app.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { openStampKeeper, type StampKeeper, type StampKeeperOptions } from '../../src/node/time-stamp/stamp-keeper.ts';
import { ask, signedScene } from '../support/actors.ts';
import { checkLedger, DATABASES, type Fixture, openFixture, random } from '../support/ledger-fixture.ts';
import { certificatesIn, HAS_OPENSSL, OTHER_POLICY, openTsa, POLICY, type TestTsa } from '../support/tsa.ts';

const WAIT_MS = 15_000;

describe.skipIf(!HAS_OPENSSL).each(DATABASES)('a ledger that has itself stamped, on %s', (database) => {
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  let tsa: TestTsa;
  const open: StampKeeper[] = [];

  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    scene = await signedScene(fixture.context);
    tsa = await openTsa({ accuracy: 'secs:2' });
  });
  afterAll(async () => {
    await tsa.close();
    await checkLedger(fixture);
    await fixture.close();
  });
  beforeEach(() => tsa.answers((body) => ({ body })));

  function start(change: Partial<StampKeeperOptions> = {}): StampKeeper {
    const { ledger, log } = fixture.context;
    const keeper = openStampKeeper({
      ...{ ledger, log, random, fetch, clock: Date.now, everyMs: 40, settleMs: 0, backOffMsMin: 20 },
      tsa: { url: tsa.url, certificates: certificatesIn(tsa.ca), policy: undefined },
      ...change,
    });
    open.push(keeper);
    return keeper;
  }
  const stop = async () => {
    for (const keeper of open.splice(0)) await keeper.close();
  };

  const newest = () => fixture.store.readOnce(loadNewestTimeStamp);
  const asking = () => fixture.store.readOnce(loadAsking);

  /** Something new is published, and how much there is then. */
  async function grown(): Promise<number> {
    await ask(fixture.context, scene.reportAccess);
    const { size } = await fixture.audit();
    await fixture.ledger.publisher.published(size, WAIT_MS);
    return size;
  }

  async function until<T>(look: () => Promise<T>, isThere: (found: T) => boolean): Promise<T> {
    for (const end = Date.now() + WAIT_MS; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const found = await look();
      if (isThere(found)) return found;
      if (Date.now() > end) throw new Error(`not so within ${WAIT_MS} ms: ${JSON.stringify(found)}`);
    }
  }

  it('keeps a time-stamp of each tree that is served, asks once for it, and serves it to anyone', async () => {
    const size = await grown();
    start();
    await until(newest, (row) => row?.size === size);
    const before = tsa.asked();
    const later = await grown();
    await until(newest, (row) => row?.size === later);
    await until(asking, (row) => row?.why === null);
    const asked = tsa.asked();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([asked - before, tsa.asked()]).toEqual([1, asked]);
    await stop();
    const app = createApp(fixture.context, { hosts: () => true });
    const get = (path: string) => app.fetch(new Request(`http://127.0.0.1/v1/time-stamps${path}`));
    const { time_stamps, next } = stampsSchema.parse(await (await get('')).json());
    expect([time_stamps.map((each) => each.size), next]).toEqual([[size, later], null]);
    expect(await (await get(`?from=${size + 1}`)).json()).toMatchObject({ time_stamps: [{ size: later }] });
    expect((await get(`/${later + 1}`)).status).toBe(404);
    const file = new Uint8Array(await (await get(`/${size}`)).arrayBuffer());
    const { checkpoint, stamp } = await openStamped(file, [fixture.vkey], certificatesIn(tsa.ca), nativeEd25519);
    expect(checkpoint.size).toBe(size);
    expect(stamp).toMatchObject({ policy: POLICY, notLaterThan: time_stamps[0]?.not_later_than });
    expect(stamp.notLaterThan - stamp.time).toBe(2_000);
  });

  it('says at /ready how the authority answered last, and is ready whatever it does', async () => {
    const size = await grown();
    start();
    await until(newest, (row) => row?.size === size);
    await until(asking, (row) => row?.why === null);
    await stop();
    const ready = async (asksTsa: boolean) => {
      const app = createApp({ ...fixture.context, asksTsa }, { hosts: () => true });
      const response = await app.fetch(new Request('http://127.0.0.1/ready'));
      return { status: response.status, ...readySchema.parse(await response.json()).time_stamps };
    };
    const stamped = { size, not_later_than: (await newest())?.not_later_than };
    expect(await ready(true)).toEqual({
      ...{ status: 200, authority: 'answers', newest: stamped, since: null, why: null },
      asked_at: (await asking())?.asked_at,
    });
    await grown();
    start({ tsa: { url: 'http://127.0.0.1:9/', certificates: certificatesIn(tsa.ca), policy: undefined } });
    const found = await until(asking, (row) => row?.why != null);
    await stop();
    const failing = await ready(true);
    expect(failing).toMatchObject({ status: 200, authority: 'fails', newest: stamped, why: 'it can’t be reached' });
    expect(failing.since).toBe(found?.failing_since);
    // Where none is asked, nothing is said of it.
    expect(await ready(false)).toEqual({ status: 200 });
    start();
    await until(asking, (row) => row?.why === null);
    await stop();
  });

  it('asks by the policy that is configured', async () => {
    const size = await grown();
    start({ tsa: { url: tsa.url, certificates: certificatesIn(tsa.ca), policy: OTHER_POLICY } });
    await until(newest, (row) => row?.size === size);
    await stop();
    const row = await fixture.store.readOnce((tx) => loadTimeStamp(tx, size));
    const { stamp } = await openStamped(utf8(row?.file ?? ''), [fixture.vkey], certificatesIn(tsa.ca), nativeEd25519);
    expect(stamp.policy).toBe(OTHER_POLICY);
  });

  it('waits for nothing of one that is slow, writes on and publishes meanwhile, and takes up later what was missed', async () => {
    await grown();
    const never: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    const had = await newest();
    start({ fetch: never, answerWaitMs: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const began = performance.now();
    const size = await grown();
    expect(performance.now() - began).toBeLessThan(WAIT_MS);
    expect(await newest()).toEqual(had);
    // Nor does the end wait for its answer.
    await stop();
    start({ fetch: never, answerWaitMs: 30 });
    expect(await until(asking, (row) => row?.why != null)).toMatchObject({ why: 'no answer in time' });
    await stop();
    start();
    await until(newest, (row) => row?.size === size);
    expect(await until(asking, (row) => row?.why === null)).toMatchObject({ failing_since: null });
    await stop();
  });

  it.each<readonly [what: string, why: RegExp, change: () => Partial<StampKeeperOptions>]>([
    [
      'is down',
      /can’t be reached/,
      () => ({ tsa: { url: 'http://127.0.0.1:9/', certificates: certificatesIn(tsa.ca), policy: undefined } }),
    ],
    [
      'answers another request, with another nonce',
      /another request/,
      () => {
        let first: Uint8Array | undefined;
        // The same tree, so that the nonce alone tells the two apart.
        tsa.answers((body) => {
          const answer = first;
          first ??= body;
          return answer === undefined ? { body, status: 503 } : { body: answer };
        });
        return {};
      },
    ],
    [
      'does not stamp by the policy that is wanted',
      /grants no time-stamp/,
      () => ({ tsa: { url: tsa.url, certificates: certificatesIn(tsa.ca), policy: '1.2.3.4' } }),
    ],
    [
      'stamps by its own policy in place of that which is wanted',
      /by policy \S+1, not 1\.2\.3\.4/,
      () => {
        // A request without a policy is sent on in place of ours, under our nonce.
        const by: typeof fetch = async (url, init) => {
          const body = new Uint8Array(init?.body as ArrayBuffer);
          return fetch(url, { ...init, body: withoutPolicy(body) });
        };
        return { fetch: by, tsa: { url: tsa.url, certificates: certificatesIn(tsa.ca), policy: '1.2.3.4' } };
      },
    ],
    ['is not the pinned one', /not pinned/, () => ({ tsa: { ...own(), certificates: otherCertificates } })],
    ['says another time than it is', /five minutes/, () => ({ clock: () => Date.now() + 3_600_000 })],
    [
      'sends pages',
      /answers no time-stamp/,
      () => {
        tsa.answers((body) => ({ body, type: 'text/html' }));
        return {};
      },
    ],
  ])('keeps nothing of one that %s, says why and since when, and goes on', async (_what, why, change) => {
    const had = await newest();
    const size = await grown();
    start(change());
    const found = await until(asking, (row) => row?.why != null && why.test(row.why));
    const again = await until(asking, (row) => (row?.asked_at ?? 0) > (found?.asked_at ?? 0));
    // Since the first time, not the last one.
    expect(again?.failing_since).toBeLessThanOrEqual(found?.asked_at ?? 0);
    expect(again?.failing_since).toBe(found?.failing_since);
    expect(await newest()).toEqual(had);
    expect(await grown()).toBeGreaterThan(size);
    await stop();
    expect(fixture.logged.some((line) => line.startsWith('time_stamp_missing: '))).toBe(true);
    expect((await fixture.audit()).holds).toBe(true);
    tsa.answers((body) => ({ body }));
    start();
    await until(asking, (row) => row?.why === null);
    await stop();
  });

  it('asks for nothing behind the fence, nor again where the answer came too late for it', async () => {
    const size = await grown();
    const before = tsa.asked();
    start({ ledger: { ...fixture.ledger, fenced: () => 'was an old backup restored?' } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await stop();
    expect(tsa.asked()).toBe(before);
    let looked = 0;
    start({ ledger: { ...fixture.ledger, fenced: () => (looked++ > 0 ? 'a witness contradicts' : undefined) } });
    await until(
      async () => tsa.asked(),
      (asked) => asked > before,
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    await stop();
    expect((await newest())?.size).not.toBe(size);
    expect(tsa.asked()).toBe(before + 1);
  });

  const own = () => ({ url: tsa.url, certificates: certificatesIn(tsa.ca), policy: undefined });
  let otherCertificates: ReturnType<typeof certificatesIn>;
  beforeAll(async () => {
    const other = await openTsa();
    otherCertificates = certificatesIn(other.ca);
    await other.close();
  });

  it('has only time-stamps of its own checkpoints in its table, each as it is served', async () => {
    const rows = await fixture.store.readOnce((tx) => loadTimeStamps(tx, 0, 1_000));
    expect(rows.length).toBeGreaterThan(3);
    for (const { size, file } of rows) {
      const { checkpoint } = await openStamped(utf8(file), [fixture.vkey], certificatesIn(tsa.ca), nativeEd25519);
      expect(checkpoint.size).toBe(size);
    }
    await expect(fixture.store.transaction((tx) => tx.deleteFrom('time_stamps').execute())).rejects.toThrow();
  });
});

/** The request with its policy (OBJECT IDENTIFIER 1.2.3.4, five bytes) taken out: nothing else changes but the length. */
function withoutPolicy(request: Uint8Array): Uint8Array<ArrayBuffer> {
  const at = request.findIndex((_byte, n) => [6, 3, 0x2a, 3, 4].every((byte, i) => request[n + i] === byte));
  if (at < 0) return Uint8Array.from(request);
  const without = Uint8Array.from([...request.subarray(0, at), ...request.subarray(at + 5)]);
  without[1] = (without[1] ?? 0) - 5;
  return without;
}
