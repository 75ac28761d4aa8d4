/** Webhooks: every notice arrives, in order, once it can; whatever the receiver does, and whenever we stop. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Refused } from '#client/send.ts';
import { verifyWebhook } from '#client/webhook.ts';
import type { PartyId, WebhookId } from '#core/ids.ts';
import { type Deliverer, openDeliverer } from '#service/deliver.ts';
import { removeWebhook } from '#service/webhooks.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { openPoster, type Poster } from '../../src/node/post.ts';
import { calledBy, newParty, type Party, revoke, signedScene } from '../support/actors.ts';
import { clientTo, hold } from '../support/feed.ts';
import { checkLedger, type Fixture, openFixture } from '../support/ledger-fixture.ts';
import { type Got, isSigned, openReceiver, type Receiver, seqOf } from '../support/receiver.ts';

const TIME = Date.UTC(2026, 10, 21);
const HOUR = 3_600_000;
let fixture: Fixture;
let receiver: Receiver;
let poster: Poster;
let deliverer: Deliverer;
let scene: Awaited<ReturnType<typeof signedScene>>;
let now: number;

const context = () => ({ ...fixture.context, callsLoopback: true });
/** What a new process would open. */
const start = (answerWaitMs = 2_000) => openDeliverer(context(), { post: poster.post, lookEveryMs: 0, answerWaitMs });
const register = (party: Party, url = receiver.url) => clientTo(context(), party).registerWebhook(url);
const feedOf = async (party: Party) => (await clientTo(context(), party).feed(null)).items;
const refusal = (asked: Promise<unknown>) =>
  asked.catch((thrown) => (thrown instanceof Refused ? thrown.code : thrown));
const idsOf = (got: readonly Got[]) => got.map(({ headers }) => headers['webhook-id']);

function pass(ms: number): void {
  now += ms;
  fixture.setTime(now);
}

/** Looks again and again, hours apart, until nothing is left to send. */
async function drain(): Promise<void> {
  for (let looked = 0; looked < 12; looked++) {
    await deliverer.look();
    pass(13 * HOUR);
  }
}

/** Six notices to the bureau: two pauses and resumptions, two revocations. */
async function sixNotices(): Promise<void> {
  const { lender, person, handle, query, report } = scene;
  for (const kind of ['pause', 'resume', 'pause', 'resume'] as const) {
    pass(1);
    await hold(fixture.context, { kind, handle, grant: query, lender, person });
  }
  for (const grant of [query, report]) await revoke(fixture.context, lender, person, grant);
}

beforeEach(async () => {
  now = TIME;
  fixture = await openFixture('postgres', { time: TIME });
  receiver = await openReceiver();
  poster = openPoster(true);
  scene = await signedScene(fixture.context);
  deliverer = start();
});
afterEach(async () => {
  await deliverer.close();
  poster.close();
  await receiver.close();
  await checkLedger(fixture);
  await fixture.close();
});

describe('a webhook', () => {
  it('gets what the feed has, in order, signed after Standard Webhooks', async () => {
    const { lender, bureau } = scene;
    const { key, cursor } = await register(bureau);
    await sixNotices();
    await deliverer.look();
    const items = await feedOf(bureau);
    expect(items.length).toBe(6);
    expect(receiver.taken.map(({ body }) => JSON.parse(body))).toEqual(
      items.map((data) => ({ type: data.type, timestamp: new Date(data.time).toISOString(), data })),
    );
    expect(items.every(({ seq }) => seq > cursor)).toBe(true);
    for (const got of receiver.got) {
      expect(isSigned(got, key)).toBe(true);
      expect(isSigned({ ...got, body: got.body.replace('grant.', 'Grant.') }, key)).toBe(false);
      expect(got.headers['webhook-id']).toBe(`${bureau.party}_${seqOf(got)}`);
      expect(got.headers['webhook-timestamp']).toBe(String(TIME / 1_000));
      expect(got.headers['content-type']).toBe('application/json');
    }
    await deliverer.look();
    expect(receiver.got.length).toBe(6);
    // Nobody registered for the lender: it has its feed.
    expect((await feedOf(lender)).length).toBe(7);
  });

  it('is verified by our client, which takes no other body, id, time, key or party', async () => {
    const { lender, bureau } = scene;
    await register(bureau);
    await sixNotices();
    await deliverer.look();
    const [first, second] = receiver.got as [Got, Got];
    const trust = { issuingKey: fixture.keys.issuing.publicKey, ed25519: nativeEd25519, party: bureau.party };
    const check = (got: Got, change: Record<string, string> = {}, at = now, by: typeof trust = trust) =>
      verifyWebhook(by, new Headers({ ...(got.headers as Record<string, string>), ...change }), got.body, at);
    expect(await check(first)).toEqual((await feedOf(bureau))[0]);
    // Other schemes and signatures may stand beside ours.
    const signature = String(first.headers['webhook-signature']);
    expect(await check(first, { 'webhook-signature': `v1,AAAA v1a,!! ${signature}` })).toMatchObject({
      seq: seqOf(first),
    });
    const refuses = (code: string, checked: Promise<unknown>) => expect(checked).rejects.toMatchObject({ code });
    await refuses('signature_invalid', check({ ...first, body: first.body.replace('paused', 'Paused') }));
    await refuses('signature_invalid', check({ ...first, body: second.body }));
    await refuses('signature_invalid', check(first, { 'webhook-id': String(second.headers['webhook-id']) }));
    await refuses('signature_invalid', check(first, { 'webhook-timestamp': String(TIME / 1_000 + 1) }));
    await refuses('signature_invalid', check(first, { 'webhook-signature': signature.replace('v1a', 'v1') }));
    const other = { ...trust, issuingKey: fixture.keys.log.publicKey };
    await refuses('signature_invalid', check(first, {}, now, other));
    await refuses('signature_malformed', check(first, { 'webhook-id': '' }));
    await refuses('signature_malformed', check(first, { 'webhook-timestamp': '1e9' }));
    for (const off of [-5 * 60_001, 5 * 60_001]) await refuses('signature_stale', check(first, {}, now + off));
    await refuses('input_invalid', check(first, {}, now, { ...trust, party: lender.party }));
  });

  it('loses and skips nothing while its receiver fails, hangs, cuts off and redirects', async () => {
    const { bureau } = scene;
    await register(bureau);
    await sixNotices();
    await deliverer.close();
    deliverer = start(150);
    const elsewhere = { status: 307, headers: { location: receiver.url.replace('/hook', '/elsewhere') } };
    receiver.next(200, 500, 'hang', 'cut', elsewhere, 404, 204, 429, 200);
    await drain();
    const seqs = (await feedOf(bureau)).map(({ seq }) => seq);
    expect(receiver.taken.map(seqOf)).toEqual(seqs);
    expect(receiver.got.length).toBe(12);
    expect(receiver.got.map(seqOf)).toEqual([...receiver.got.map(seqOf)].sort((a, b) => a - b));
    expect(new Set(receiver.got.map(({ path }) => path))).toEqual(new Set(['/hook']));
    // A try is signed anew; the receiver knows by the id that it is the same.
    const tries = receiver.got.filter((got) => seqOf(got) === seqs[1]);
    expect(new Set(idsOf(tries)).size).toBe(1);
    expect(new Set(tries.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(tries.length);
    expect(tries.length).toBe(6);
  });

  it('waits longer each time, up to half a day, and as long as it is told', async () => {
    const { bureau } = scene;
    await register(bureau);
    await revoke(fixture.context, scene.lender, scene.person, scene.query);
    const client = clientTo(context(), bureau);
    let longest = 5_000;
    for (let tries = 1; tries <= 16; tries++) {
      receiver.next(503);
      await deliverer.look();
      const [found] = (await client.listWebhooks()).webhooks;
      expect(found).toMatchObject({ attempts: tries, last_error: 'status_503', cursor: expect.any(Number) });
      const wait = (found?.next_at ?? 0) - now;
      expect(wait).toBeGreaterThanOrEqual(Math.floor(longest / 2));
      expect(wait).toBeLessThanOrEqual(longest);
      longest = Math.min(longest * 2, 12 * HOUR);
      pass(wait - 1);
      await deliverer.look();
      expect(receiver.got.length).toBe(tries);
      pass(1);
    }
    expect(longest).toBe(12 * HOUR);
    receiver.next({ status: 503, headers: { 'retry-after': '900000' } });
    await deliverer.look();
    expect((await client.listWebhooks()).webhooks[0]?.next_at).toBe(now + 12 * HOUR);
    pass(12 * HOUR);
    await deliverer.look();
    expect(receiver.taken.length).toBe(1);
    expect((await client.listWebhooks()).webhooks[0]).toMatchObject({ attempts: 0, next_at: null, last_error: null });
  });

  it('does not wait for others: one that hangs holds up nobody', async () => {
    const { lender, bureau } = scene;
    const other = await openReceiver();
    await register(bureau);
    await register(lender, other.url);
    receiver.next('hang');
    const revoked = await revoke(fixture.context, lender, scene.person, scene.query);
    const looking = deliverer.look();
    await expect.poll(() => other.taken.map(seqOf)).toEqual([revoked.entry.index]);
    expect(receiver.taken).toEqual([]);
    const again = await revoke(fixture.context, lender, scene.person, scene.report);
    const lookingAgain = deliverer.look();
    await expect.poll(() => other.taken.map(seqOf)).toEqual([revoked.entry.index, again.entry.index]);
    await Promise.all([looking, lookingAgain]);
    await other.close();
  });
});

describe('a restart', () => {
  it('goes on where the cursor stands: what was committed and not sent is sent', async () => {
    const { bureau } = scene;
    await register(bureau);
    await deliverer.close();
    await sixNotices();
    deliverer = start();
    receiver.next(200, 200, 'hang');
    const looking = deliverer.look();
    await expect.poll(() => receiver.got.length).toBe(3);
    await deliverer.close();
    await looking;
    // What was cut off by us is no failure of the receiver's.
    expect((await clientTo(context(), bureau).listWebhooks()).webhooks[0]).toMatchObject({ attempts: 0 });
    deliverer = start();
    await deliverer.look();
    expect(receiver.taken.map(seqOf)).toEqual((await feedOf(bureau)).map(({ seq }) => seq));
    expect(receiver.got.length).toBe(7);
  });

  it('sends again, under the same id, what was taken when we crashed before noting it', async () => {
    const { bureau } = scene;
    await register(bureau);
    await revoke(fixture.context, scene.lender, scene.person, scene.query);
    const { ledger } = fixture.context;
    const dying = { ...ledger, store: { ...ledger.store, transaction: () => Promise.reject(new Error('killed')) } };
    const crashed = openDeliverer({ ...context(), ledger: dying }, { post: poster.post, lookEveryMs: 0 });
    await crashed.look();
    await crashed.close();
    expect(receiver.taken.length).toBe(1);
    await deliverer.look();
    await deliverer.look();
    expect(receiver.taken.length).toBe(2);
    expect(new Set(idsOf(receiver.taken)).size).toBe(1);
    expect(fixture.logged.join('\n')).toContain('webhook_not_sent');
  });

  it('looks by itself', async () => {
    await register(scene.bureau);
    const running = openDeliverer(context(), { post: poster.post, lookEveryMs: 10 });
    const { entry } = await revoke(fixture.context, scene.lender, scene.person, scene.query);
    await expect.poll(() => receiver.taken.map(seqOf)).toEqual([entry.index]);
    await running.close();
    await revoke(fixture.context, scene.lender, scene.person, scene.report);
    await running.look();
    expect(receiver.got.length).toBe(1);
  });
});

describe('registering', () => {
  it('is once for each address, by who does the party’s business; others can’t see or remove it', async () => {
    const { lender, bureau } = scene;
    const first = await register(bureau);
    expect(first).toMatchObject({
      party: bureau.party,
      url: receiver.url,
      attempts: 0,
      next_at: null,
      last_error: null,
    });
    expect(await register(bureau, receiver.url.replace('http:', 'HTTP:'))).toEqual(first);
    expect((await register(lender)).webhook).not.toBe(first.webhook);
    expect(await refusal(register({ ...bureau, key: bureau.admin }))).toBe('duty_missing');
    const client = clientTo(context(), bureau);
    expect((await client.listWebhooks()).webhooks).toEqual([first]);
    expect(await refusal(clientTo(context(), lender).removeWebhook(first.webhook))).toBe('webhook_unknown');
    expect(await refusal(client.removeWebhook('0'.repeat(32) as WebhookId))).toBe('webhook_unknown');
    for (let more = 2; more <= 8; more++) await register(bureau, `${receiver.url}/${more}`);
    expect(await refusal(register(bureau, `${receiver.url}/9`))).toBe('limit_reached');
    expect(await register(bureau)).toEqual(first);
  });

  it('ends by removal, or when the receiver says that it is gone', async () => {
    const { lender, bureau, person, query, report } = scene;
    const client = clientTo(context(), bureau);
    const first = await register(bureau);
    await client.removeWebhook(first.webhook);
    await client.removeWebhook(first.webhook);
    await revoke(fixture.context, lender, person, query);
    await drain();
    expect(receiver.got).toEqual([]);
    const second = await register(bureau);
    expect(second.webhook).not.toBe(first.webhook);
    receiver.next(410);
    await revoke(fixture.context, lender, person, report);
    await drain();
    expect(receiver.got.length).toBe(1);
    expect((await client.listWebhooks()).webhooks).toEqual([]);
  });

  it('takes no address within our network, and sends to none that it took before', async () => {
    const { bureau } = scene;
    const plain = clientTo(fixture.context, bureau);
    for (const url of [receiver.url, 'https://localhost/', 'https://10.0.0.1/', 'nonsense', 'ftp://example.com/']) {
      expect(await refusal(plain.registerWebhook(url)), url).toBe('input_invalid');
    }
    await register(bureau);
    await revoke(fixture.context, scene.lender, scene.person, scene.query);
    const strict = openDeliverer(fixture.context, { post: poster.post, lookEveryMs: 0 });
    await strict.look();
    await strict.close();
    expect(receiver.got).toEqual([]);
    expect((await plain.listWebhooks()).webhooks[0]).toMatchObject({ attempts: 1, last_error: 'address_refused' });
    // A name is judged by what it resolves to, when it is called.
    const guarded = openPoster(false);
    const message = { headers: {}, body: '{}', signal: AbortSignal.timeout(2_000) };
    await expect(guarded.post(receiver.url.replace('127.0.0.1', 'localhost'), message)).rejects.toMatchObject({
      code: 'input_invalid',
    });
    guarded.close();
    expect(receiver.got).toEqual([]);
  });

  it('is taken from no key that has ended since its request was read, and from no ledger that is read-only', async () => {
    const party = await newParty(fixture.context, 'bureau');
    const { webhook } = await register(party);
    const caller = await calledBy(fixture.context, party.party, '/v1/webhooks', {});
    const gone = { ...caller, signers: [{ party: party.party as PartyId, operator: '0'.repeat(32), key: 0 }] } as never;
    await expect(removeWebhook(context(), gone, { webhook })).rejects.toMatchObject({ code: 'key_ended' });
    const fenced = { ...fixture.context, ledger: { ...fixture.ledger, fenced: () => 'a restored backup' } };
    await expect(removeWebhook(fenced, caller, { webhook })).rejects.toMatchObject({ code: 'read_only' });
    expect((await clientTo(context(), party).listWebhooks()).webhooks.length).toBe(1);
  });
});
