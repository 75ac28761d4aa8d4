/** A path means one thing: what was signed is what was asked for, also to an audit that reads it years later. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { partySignatory, signRequest } from '#client/sign.ts';
import { loadHead } from '#store/head.ts';
import { createApp } from '../../src/api/app.ts';
import { signedScene } from '../support/actors.ts';
import { checkLedger, type Fixture, openFixture } from '../support/ledger-fixture.ts';

let fixture: Fixture;
let scene: Awaited<ReturnType<typeof signedScene>>;
beforeAll(async () => {
  fixture = await openFixture();
  scene = await signedScene(fixture.context);
});
afterAll(() => fixture.close());

async function post(path: string, body: object): Promise<Response> {
  const app = createApp(fixture.context, { hosts: () => true });
  const text = JSON.stringify(body);
  const unsigned = {
    method: 'POST',
    authority: 'test',
    path,
    query: '',
    body: text,
    idempotencyKey: randomUUID(),
  } as const;
  const signers = [partySignatory(scene.lender.party, scene.lender.key)];
  const headers = await signRequest(signers, unsigned, Math.floor(Date.now() / 1_000));
  return app.request(`http://test${path}`, {
    method: 'POST',
    headers: { ...headers, host: 'test', 'content-type': 'application/json' },
    body: text,
  });
}

it('takes a write at its documented path, and at no other that a router would take for it', async () => {
  const size = async () => (await fixture.store.read(loadHead))?.size;
  expect((await post('/v1/accesses', scene.queryAccess)).status).toBe(201);
  const before = await size();
  for (const path of ['/v1/%61ccesses', '/v1/access%65s', '/v1/accesses/']) {
    expect((await post(path, { ...scene.queryAccess, purpose: 'other' })).status, path).toBeGreaterThanOrEqual(400);
  }
  expect(await size()).toBe(before);
  await checkLedger(fixture);
});
