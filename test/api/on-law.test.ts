/** An access on law with its permit, over HTTP: a bureau that hands over under permits only serves a court's query. */
import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { afterEach, expect, it } from 'vitest';
import { type Client, openClient } from '#client/client.ts';
import { openDoor } from '#client/door.ts';
import { verifyReceipt } from '#client/index.ts';
import { PERMIT_HEADER, requirePermit } from '#client/require-permit.ts';
import { partySignatory } from '#client/sign.ts';
import { parseBase64Url, parseUtf8, utf8 } from '#core/bytes.ts';
import { digestPermit, openPermit, permitSubject } from '#core/consent/permit.ts';
import { PERMIT_MS, SETTLE_WITHIN_MS } from '#core/consent/use.ts';
import { hashText } from '#core/hash.ts';
import { auditLedger } from '#ledger/audit.ts';
import type { ListedRelease } from '#ledger/conduct.ts';
import { loadEntries } from '#store/entries.ts';
import { openGateway } from '../../src/gateway/gateway.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import type { Party } from '../support/actors.ts';
import { at, type Court, openCourt } from '../support/court.ts';
import { random } from '../support/ledger-fixture.ts';
import { adminsOf, HOST, signersOf } from './door.ts';

const TODAY = '2024-06-01T10:00:00';
const NUMBER = '（1890）示例 1 号';
/** A court's query by its document and two officers (V21). */
const ORDER = {
  purpose: 'judicial',
  ground: { basis: 'judicial', reference: NUMBER },
  stated: { reason: '09', officers: 2 },
} as const;

let court: Court;
afterEach(() => court.close());

const open = async () => {
  court = await openCourt({ time: TODAY });
};
const presented = (access: string, permit: string, by: Party = court.bureau) =>
  court.door.as(signersOf(by)).post(`/v1/accesses/${access}/redemption`, { permit: hashText(digestPermit(permit)) });
const person = () => ({ id_type: 'resident_id', id_number: court.person.idNumber });

function clientOf(party: Party): Client {
  return openClient({
    url: `http://${HOST}`,
    fetch: async (url, init) => court.door.app.request(url, init as RequestInit),
    signers: [partySignatory(party.party, party.key)],
    clock: () => court.fixture.context.clock(),
    newKey: randomUUID,
    sleep: () => Promise.resolve(),
  });
}

async function bureauDoor(offline = false) {
  const client = clientOf(court.bureau);
  const { context } = court.fixture;
  return openDoor({
    party: court.bureau.party,
    client,
    doorKey: parseBase64Url((await client.doorKey(court.bureau.party)).key),
    log: context.ledger.origin,
    issuingKey: context.issuingKey.publicKey,
    ed25519: nativeEd25519,
    clock: context.clock,
    random,
    offline,
    onUnsettled(_access, thrown) {
      throw thrown;
    },
  });
}

async function conductWith(releases: readonly ListedRelease[]) {
  const { fixture, bureau } = court;
  const { vkey } = fixture;
  const { vault } = fixture.context;
  const lists = [{ door: bureau.party, releases }];
  const report = await fixture.store.read((tx) =>
    auditLedger(tx, { vkey, vault, ed25519: nativeEd25519, p256: nativeP256, entrySignatures: true, lists }),
  );
  expect(report.findings).toEqual([]);
  return report.conduct.map(({ code }) => code);
}

it('is allowed with a permit that says on what basis, and never by which document', async () => {
  await open();
  const { context } = court.fixture;
  const { access, permit, until, entry } = await court.ask(ORDER);
  expect(until).toBe(at(TODAY) + PERMIT_MS);
  const opened = await openPermit(permit, context.issuingKey.publicKey, nativeEd25519);
  const { key } = await clientOf(court.bureau).doorKey(court.bureau.party);
  expect(opened).toEqual({
    v: 1,
    log: context.ledger.origin,
    access,
    aud: court.bureau.party,
    principal: court.lender.party,
    ground: { basis: 'judicial', reference: true },
    action: 'QUERY',
    purpose: 'judicial',
    items: ['credit_report'],
    sub: permitSubject(parseBase64Url(key), access, person()),
    request: null,
    offline: false,
    issued_at: at(TODAY),
    expires_at: until,
    index: entry.index,
    leaf: entry.leaf,
  });
  const rows = await court.fixture.store.read((tx) => loadEntries(tx, 0, Number.MAX_SAFE_INTEGER));
  const texts = [
    permit
      .split('.')
      .map((part: string) => Buffer.from(part, 'base64url').toString())
      .join(),
    ...rows.map(({ bytes }) => parseUtf8(bytes)),
    ...court.fixture.logged,
  ];
  for (const text of texts) expect(text).not.toContain(NUMBER);
});

it('is redeemed once and settled by its bureau, for everybody concerned to read, and its receipt verifies', async () => {
  await open();
  const { access, permit } = await court.ask(ORDER);
  expect((await court.ask(ORDER)).codes).toEqual(['DUP']);
  // Nor can whoever asked take it.
  expect((await presented(access, permit, court.lender)).json).toMatchObject({ decision: 'deny', codes: ['DOOR'] });
  expect((await presented(access, permit)).json).toMatchObject({ decision: 'allow', codes: [] });
  expect((await presented(access, permit)).json).toMatchObject({ decision: 'deny', codes: ['REDEEMED'] });
  const body = {
    result: 'released',
    reason: null,
    items: ['credit_report'],
    count: 1,
    response: hashText(digestPermit('a response')),
    began_at: at(TODAY),
    ended_at: at(TODAY),
  };
  const bureau = court.door.as(signersOf(court.bureau));
  const settled = await bureau.post(`/v1/accesses/${access}/settlement`, body);
  expect([settled.status, settled.json.codes]).toEqual([201, []]);
  for (const party of [court.lender, court.bureau]) {
    const { json } = await court.door.as(signersOf(party)).get(`/v1/accesses/${access}`);
    expect(json).toMatchObject({
      ground: { basis: 'judicial', reference: true },
      redemptions: [{ codes: ['DOOR'] }, { codes: [] }, { codes: ['REDEEMED'] }],
      settlement: body,
      overdue: false,
    });
  }
  const receipt = await clientOf(court.lender).receipt(access);
  const verdict = await verifyReceipt(utf8(receipt), court.fixture.vkey, nativeEd25519);
  expect(verdict).toMatchObject({
    recorded: 'unwitnessed',
    decision: 're-derived',
    problem: null,
    access: { decision: 'allow', ground: { basis: 'judicial', reference: true } },
  });
  // On the bureau's own list it is a release like any other.
  expect(await conductWith([{ access, items: ['credit_report'], count: 1 }])).toEqual([]);
  expect(await conductWith([{ access: null, items: ['credit_report'], count: 1 }])).toEqual([
    'unpermitted',
    'unlisted',
  ]);
});

it('is LAPSED after five minutes, and what was taken and never settled is a finding of its bureau', async () => {
  await open();
  const lapsed = await court.ask(ORDER);
  const taken = await court.ask({ ...ORDER, items: ['credit_info'] });
  expect((await presented(taken.access, taken.permit)).json.codes).toEqual([]);
  court.fixture.setTime(at(TODAY) + PERMIT_MS);
  expect((await presented(lapsed.access, lapsed.permit)).json).toMatchObject({ decision: 'deny', codes: ['LAPSED'] });
  court.fixture.setTime(at(TODAY) + PERMIT_MS + SETTLE_WITHIN_MS);
  await court.ask(ORDER);
  expect((await court.fixture.audit()).conduct.map(({ code }) => code)).toEqual(['unsettled']);
});

it('is not handed over by a bureau that suspended itself since, nor while the subject has frozen everything', async () => {
  await open();
  const { access, permit } = await court.ask(ORDER);
  const own = `/v1/parties/${court.bureau.party}`;
  const bureau = court.door.as(adminsOf(court.bureau));
  const since = { from: at(TODAY), to: null, compromised_since: null };
  expect((await bureau.post(`${own}/self-suspension`, since)).status).toBe(201);
  expect((await presented(access, permit)).json).toMatchObject({ decision: 'deny', codes: ['SOURCE'] });
  expect((await bureau.post(`${own}/self-reinstatement`, {})).status).toBe(201);
  await court.freeze();
  // A freeze holds for whatever ground, at the decision and at hand-over alike.
  expect((await court.ask({ ...ORDER, items: ['credit_info'] })).codes).toEqual(['FROZEN']);
  expect((await presented(access, permit)).json).toMatchObject({ decision: 'deny', codes: ['FROZEN'] });
  await court.keeper(`${own}/suspension`, {});
  expect((await presented(access, permit)).status).toBe(401);
});

it('goes through requirePermit() and the gateway like any other, and what is asked wrongly ends its permit', async () => {
  await open();
  // What may be taken without asking says so: this may not.
  const door = await bureauDoor(true);
  const app = new Hono();
  const asked = (body: Uint8Array) => JSON.parse(new TextDecoder().decode(body));
  app.use(
    '/reports',
    requirePermit(door, {
      action: 'QUERY',
      subjectOf: (_request, body) => ({ id_type: 'resident_id', id_number: asked(body).id_number }),
      itemsOf: (_request, body) => asked(body).items,
    }),
  );
  app.post('/reports', (call) => call.json({ report: 1 }));
  const gateway = openGateway({
    door,
    map: {
      routes: [
        {
          method: 'POST',
          path: '/reports',
          action: 'QUERY',
          subject: { id_type: { is: 'resident_id' }, id_number: { at: '/body/id_number' } },
          items: { at: '/body/items' },
          response: { items: { credit_report: ['/report'] } },
        },
      ],
    },
    upstream: 'http://127.0.0.1:9',
    waitMs: 5_000,
    fetch: async () => Response.json({ report: 1, internal: 2 }),
  });
  const request = (permit: string, items: readonly string[] = ['credit_report']) =>
    new Request('http://bureau.example/reports', {
      method: 'POST',
      headers: { [PERMIT_HEADER]: permit },
      body: JSON.stringify({ id_number: court.person.idNumber, items }),
    });
  const courseOf = async (access: string) => {
    await door.drain();
    return (await court.door.as(signersOf(court.lender)).get(`/v1/accesses/${access}`)).json;
  };
  for (const through of [(sent: Request) => app.request(sent), gateway]) {
    const { access, permit } = await court.ask(ORDER);
    const answer = await through(request(permit));
    expect([answer.status, await answer.json()]).toEqual([200, { report: 1 }]);
    expect((await through(request(permit))).status).toBe(403);
    expect(await courseOf(access)).toMatchObject({
      redemptions: [{ decision: 'allow' }, { codes: ['REDEEMED'] }],
      settlement: { result: 'released', items: ['credit_report'] },
    });
  }
  const wide = await court.ask(ORDER);
  expect((await app.request(request(wide.permit, ['credit_info']))).status).toBe(403);
  expect(await courseOf(wide.access)).toMatchObject({ redemptions: [], settlement: { reason: 'SCOPE' } });
  expect((await presented(wide.access, wide.permit)).json).toMatchObject({ decision: 'deny', codes: ['REDEEMED'] });
});

it('of what is public by law has a permit too, for its recipient, also in a batch', async () => {
  await open();
  const published = {
    action: 'REPORT',
    purpose: 'credit_reporting',
    items: ['court_judgment'],
    ground: { basis: 'public_by_law', reference: null },
  } as const;
  const { principal, ...row } = court.access(published);
  const answer = await court.door.as(signersOf(court.lender)).post('/v1/accesses/batch', { principal, rows: [row] });
  const [result] = answer.json.results;
  expect(result).toMatchObject({ decision: 'allow', until: at(TODAY) + PERMIT_MS });
  expect((await presented(result.access, result.permit)).json).toMatchObject({ decision: 'allow' });
  // Whom no grant names the ledger has to know.
  const stranger = 'f'.repeat(32);
  expect(await court.ask({ ...published, door: stranger })).toMatchObject({ codes: ['RECIPIENT'], permit: null });
});

it('that is recorded late, or goes through no door, has none', async () => {
  await open();
  const late = { ...ORDER, stated: { ...ORDER.stated, used_at: at('2024-06-01T09:00:00') } };
  expect(await court.ask(late)).toMatchObject({ decision: 'allow', permit: null, until: null });
  expect(await court.ask({ ...ORDER, door: null })).toMatchObject({ decision: 'allow', permit: null, until: null });
});
