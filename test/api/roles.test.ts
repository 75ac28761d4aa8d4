/** Who may read what: every GET of the documentation, asked for by everybody there is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Signatory, subjectSignatory } from '#client/sign.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { erasureCapability, letterReceiptCapability, receiptCapability } from '#service/capabilities.ts';
import { loadEntries } from '#store/entries.ts';
import { insertTimeStamp } from '#store/time-stamps.ts';
import { readShipped } from '../../src/cli/packs/publish.ts';
import {
  ask,
  bindPersonKey,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  signedScene,
} from '../support/actors.ts';
import { checkLedger, keeperOf } from '../support/ledger-fixture.ts';
import { type Answer, adminsOf, type Door, expectProblem, openDoor, signersOf } from './door.ts';

const ROLES = [
  'anonymous',
  'grantee',
  'grantee’s administrator',
  'door',
  'subject',
  'subject by another handle',
  'identifier',
  'other lender',
  'subject’s other lender',
  'other subject',
  'supervisor',
  'auditor',
  'keeper',
  'one of the keeper',
] as const;
type Role = (typeof ROLES)[number];

const GRANTEE: readonly Role[] = ['grantee', 'grantee’s administrator'];
const SUBJECT: readonly Role[] = ['subject', 'subject by another handle'];
const KEEPER: readonly Role[] = ['keeper', 'one of the keeper'];
const PERSONS: readonly Role[] = [...SUBJECT, 'other subject'];
const PARTIES: readonly Role[] = ROLES.filter((role) => role !== 'anonymous' && !PERSONS.includes(role));
/** Where a person is told that only a party asks there, instead of that there is nothing. */
const OF_PARTIES: readonly string[] = ['/v1/feed', '/v1/templates', '/v1/webhooks'];

/**
 * Who gets 200 for each GET of the lender's things. Whoever else signs gets 404, and who does not 401. A GET that is not
 * in here fails the test: say first who may read it.
 */
const MAY_READ: Readonly<Record<string, readonly Role[]>> = {
  '/checkpoint': ROLES,
  '/health': ROLES,
  '/ready': ROLES,
  '/v1/proofs/inclusion': ROLES,
  '/v1/proofs/consistency': ROLES,
  '/v1/time-stamps': ROLES,
  '/v1/time-stamps/{size}': ROLES,
  // Whoever holds the path: it is a secret.
  '/v1/receipts/{capability}': ROLES,
  '/v1/letter-receipts/{capability}': ROLES,
  // Nothing is erased here, so there is none: erasure-receipts.test.ts takes one.
  '/v1/erasure-receipts/{capability}': [],
  '/v1/log': ROLES,
  '/v1/log/keys': ROLES,
  // This log has its first name still: log-continued.test.ts reads one.
  '/v1/log/origins/{key_id}/checkpoint': [],
  '/tile/{level}/{n}': ROLES,
  // The entries of everyone.
  '/tile/entries/{n}': ['auditor'],
  '/v1/log/beside/{n}': ['auditor'],
  '/v1/log/requests/{digest}': ['auditor'],
  '/v1/packs': ROLES,
  '/v1/packs/{digest}': ROLES,
  // What each party has of its own; a person has none.
  '/v1/feed': PARTIES,
  '/v1/templates': PARTIES,
  '/v1/retention': [...PARTIES, ...PERSONS],
  '/v1/webhooks': PARTIES,
  // What of a person can be erased.
  '/v1/erasures': PERSONS,
  '/v1/parties/{id}/door-key': GRANTEE,
  // An administrator looks after the party’s keys, and not at persons.
  '/v1/jobs/{id}': ['grantee'],
  '/v1/jobs/{id}/parts/{part}/results': ['grantee'],
  '/v1/parties/{id}': [...GRANTEE, 'supervisor', ...KEEPER],
  '/v1/letters/{id}': ['grantee', ...SUBJECT],
  '/v1/letters/{id}/receipt': ['grantee', ...SUBJECT],
  '/v1/letters/{id}/credential': ['grantee', ...SUBJECT],
  // Masked; who wants to see more leaves an entry.
  '/v1/relationships/{handle}/identity': ['grantee', ...SUBJECT],
  '/v1/relationships/{handle}/objections/{fact}': ['grantee', ...SUBJECT],
  '/v1/grants/{id}': ['grantee', ...SUBJECT, 'supervisor'],
  '/v1/accesses/{id}': ['grantee', ...SUBJECT, 'door', 'supervisor'],
  '/v1/accesses/{id}/receipt': ['grantee', ...SUBJECT, 'supervisor'],
  // A door sees what was decided, not why.
  '/v1/accesses/{id}/explanation': ['grantee', ...SUBJECT, 'supervisor'],
  '/v1/relationships/{handle}/facts': ['grantee', ...SUBJECT],
  '/v1/relationships/{handle}/keys': ['grantee', ...SUBJECT],
  '/v1/relationships/{handle}/entries': ['grantee', ...SUBJECT, 'supervisor'],
  '/v1/relationships/{handle}/head': ['grantee', ...SUBJECT, 'supervisor'],
};

const UNKNOWN = '0000000000000000000000000000000f';

let door: Door;
/** The GETs of the documentation. */
let gets: readonly string[];
let signers: Record<Role, readonly Signatory[]>;
let paths: Readonly<Record<string, string>>;
let lender: Party;
let person: Person;

beforeAll(async () => {
  door = await openDoor();
  const { context } = door.fixture;
  const scene = await signedScene(context);
  lender = scene.lender;
  person = scene.person;
  const { handle, identifier, query, drafted } = scene;
  const otherLender = await newParty(context, 'grantee');
  const supervisor = await newParty(context, 'supervisor');
  const auditor = await newParty(context, 'auditor');
  const second = await newParty(context, 'grantee');
  const elsewhere = await enrolPerson(context, second, person);
  const someone = await newPerson();
  const someones = await enrolPerson(context, lender, someone);
  await bindPersonKey(context, { lender, person: someone, handle: someones, identifier });
  const { access } = await ask(context, scene.queryAccess);
  const { json: created } = await door.as(signersOf(lender)).post('/v1/jobs', { principal: lender.party, parts: 1 });
  const job: string = created.job;
  const { principal: _principal, ...row } = scene.queryAccess;
  const part = await door.as(signersOf(lender)).post(`/v1/jobs/${job}/parts/0`, {
    principal: lender.party,
    rows: [row],
  });
  expect(part.status, part.text).toBe(201);
  const { json: objected } = await door
    .as(signersOf(lender))
    .post(`/v1/relationships/${handle}/objections`, { principal: lender.party, items: ['credit_report'] });
  const [calendar] = readShipped();
  const { json: published } = await door.asKeeper().post('/v1/packs', { pack: calendar });
  await door.fixture.ledger.publisher.published(await door.size(), 5_000);

  const keeper = keeperOf(context);
  signers = {
    anonymous: [],
    grantee: signersOf(lender),
    'grantee’s administrator': adminsOf(lender),
    door: signersOf(scene.bureau),
    subject: [subjectSignatory(handle, person.key)],
    'subject by another handle': [subjectSignatory(elsewhere, person.key)],
    identifier: signersOf(identifier),
    'other lender': signersOf(otherLender),
    'subject’s other lender': signersOf(second),
    'other subject': [subjectSignatory(someones, someone.key)],
    supervisor: signersOf(supervisor),
    auditor: signersOf(auditor),
    keeper,
    'one of the keeper': keeper.slice(0, 1),
  };
  await door.fixture.store.transaction((tx) =>
    insertTimeStamp(tx, { size: 2, not_later_than: context.clock(), file: '{}' }),
  );
  paths = {
    '/checkpoint': '/checkpoint',
    '/health': '/health',
    '/ready': '/ready',
    '/v1/proofs/inclusion': '/v1/proofs/inclusion?index=0&size=1',
    '/v1/proofs/consistency': '/v1/proofs/consistency?from=1&to=2',
    '/v1/time-stamps': '/v1/time-stamps',
    '/v1/time-stamps/{size}': '/v1/time-stamps/2',
    '/v1/receipts/{capability}': `/v1/receipts/${receiptCapability(context, access)}`,
    '/v1/erasure-receipts/{capability}': `/v1/erasure-receipts/${erasureCapability(context, 0)}`,
    '/v1/letter-receipts/{capability}': `/v1/letter-receipts/${letterReceiptCapability(context, drafted.letter)}`,
    '/v1/log': '/v1/log',
    '/v1/log/keys': '/v1/log/keys',
    '/v1/log/origins/{key_id}/checkpoint': '/v1/log/origins/00000000/checkpoint',
    '/tile/{level}/{n}': '/tile/0/000.p/3',
    '/tile/entries/{n}': '/tile/entries/000.p/3',
    '/v1/log/beside/{n}': '/v1/log/beside/000.p/3',
    '/v1/log/requests/{digest}': `/v1/log/requests/${await requestOf(door, auditor)}`,
    '/v1/packs': '/v1/packs',
    '/v1/templates': '/v1/templates',
    '/v1/packs/{digest}': `/v1/packs/${published.digest}`,
    '/v1/feed': '/v1/feed',
    '/v1/retention': '/v1/retention',
    '/v1/erasures': '/v1/erasures',
    '/v1/webhooks': '/v1/webhooks',
    '/v1/parties/{id}/door-key': `/v1/parties/${lender.party}/door-key`,
    '/v1/jobs/{id}': `/v1/jobs/${job}`,
    '/v1/jobs/{id}/parts/{part}/results': `/v1/jobs/${job}/parts/0/results`,
    '/v1/parties/{id}': `/v1/parties/${lender.party}`,
    '/v1/letters/{id}': `/v1/letters/${drafted.letter}`,
    '/v1/letters/{id}/receipt': `/v1/letters/${drafted.letter}/receipt`,
    '/v1/letters/{id}/credential': `/v1/letters/${drafted.letter}/credential`,
    '/v1/relationships/{handle}/identity': `/v1/relationships/${handle}/identity`,
    '/v1/relationships/{handle}/objections/{fact}': `/v1/relationships/${handle}/objections/${objected.fact}`,
    '/v1/grants/{id}': `/v1/grants/${query}`,
    '/v1/accesses/{id}': `/v1/accesses/${access}`,
    '/v1/accesses/{id}/explanation': `/v1/accesses/${access}/explanation`,
    '/v1/relationships/{handle}/facts': `/v1/relationships/${handle}/facts`,
    '/v1/relationships/{handle}/keys': `/v1/relationships/${handle}/keys`,
    '/v1/accesses/{id}/receipt': `/v1/accesses/${access}/receipt`,
    '/v1/relationships/{handle}/entries': `/v1/relationships/${handle}/entries`,
    '/v1/relationships/{handle}/head': `/v1/relationships/${handle}/head`,
  };
  const { json } = await door.get('/openapi.json');
  gets = Object.entries<object>(json.paths).flatMap(([path, methods]) => ('get' in methods ? [path] : []));
});
afterAll(async () => {
  await checkLedger(door.fixture);
  await door.fixture.close();
});

/** The digest of a signed request, as the entry that registered a party names it. */
async function requestOf({ fixture }: Door, { party }: Party): Promise<string> {
  const rows = await fixture.store.read((tx) => loadEntries(tx, 0, Number.MAX_SAFE_INTEGER));
  const row = rows.find(({ stream }) => stream === partyStream(party));
  return String(row && parseEntry(row.bytes).body['request']);
}

/** What a refusal says, but for the request's own id. */
function said({ status, json }: Answer) {
  return { status, ...json, request_id: undefined };
}

function refusalFor(path: string, role: Role): 401 | 403 | 404 {
  if (role === 'anonymous') return path.includes('{capability}') || path.includes('{key_id}') ? 404 : 401;
  return OF_PARTIES.includes(path) && PERSONS.includes(role) ? 403 : 404;
}

describe('every GET of the documentation', () => {
  test('is in the table of who may read it, and nothing else is', () => {
    expect([...gets].sort()).toEqual(Object.keys(MAY_READ).sort());
    expect(Object.keys(paths).sort()).toEqual(Object.keys(MAY_READ).sort());
  });

  test.each(ROLES)('answers whom it is for, and to others does not exist: %s', async (role) => {
    const as = door.as(signers[role]);
    const found: Record<string, number> = {};
    const wanted: Record<string, number> = {};
    for (const path of gets) {
      const answer = await as.get(paths[path] as string);
      found[path] = answer.status;
      wanted[path] = MAY_READ[path]?.includes(role) ? 200 : refusalFor(path, role);
      if (answer.status === 401) expectProblem(answer, 401, 'signature_required');
      if (answer.status === 404) {
        // Another's is answered like what there is not, word for word.
        const unknown = (paths[path] as string).replace(/[0-9a-f]{32}/, UNKNOWN);
        expect(said(answer)).toEqual(said(await as.get(unknown)));
      }
    }
    expect(found).toEqual(wanted);
  });

  test('answers HEAD as it answers GET', async () => {
    for (const role of ['anonymous', 'grantee', 'other lender'] as const) {
      const as = door.as(signers[role]);
      for (const path of Object.values(paths)) {
        const head = await as.fetch(path, { method: 'HEAD' });
        expect([path, head.status, head.text]).toEqual([path, (await as.get(path)).status, '']);
      }
    }
  });
});

describe('what is read', () => {
  test('by a supervisor, an auditor and a door says nothing of who the person is', async () => {
    for (const role of ['supervisor', 'auditor', 'door'] as const) {
      for (const path of Object.values(paths)) {
        const { text } = await door.as(signers[role]).get(path);
        for (const word of [person.idNumber, '张示例', '授权书']) expect(text).not.toContain(word);
      }
    }
  });

  test('of a party is, to each of its own, the party itself only', async () => {
    for (const role of ['door', 'identifier', 'other lender'] as const) {
      const [{ stream }] = signers[role] as readonly [Signatory];
      const own = await door.as(signers[role]).get(`/v1/${stream.replace('party', 'parties')}`);
      expect(own.status).toBe(200);
    }
  });

  test('by a capability opens just this one receipt', async () => {
    const path = paths['/v1/receipts/{capability}'] as string;
    const secret = path.slice('/v1/receipts/'.length);
    const grantees = await door.as(signers.grantee).get(paths['/v1/accesses/{id}/receipt'] as string);
    expect(JSON.parse((await door.get(path)).text)).toMatchObject({ access: JSON.parse(grantees.text).access });
    const bytes = Buffer.from(secret, 'base64url');
    for (const at of [0, 15, 16, 31]) {
      const other = Buffer.from(bytes);
      other[at] = (other[at] as number) ^ 1;
      expectProblem(await door.get(`/v1/receipts/${other.toString('base64url')}`), 404, 'access_unknown');
    }
    for (const other of [
      bytes.subarray(0, 16),
      bytes.subarray(0, 31),
      Buffer.concat([bytes, bytes]),
      Buffer.alloc(32),
    ]) {
      const { status, json } = await door.get(`/v1/receipts/${other.toString('base64url')}`);
      expect([400, 404]).toContain(status);
      expect(['input_invalid', 'access_unknown']).toContain(json.code);
    }
    expect(door.fixture.logged.join('\n')).not.toContain(secret);
  });

  test('under a denied access of another’s handle is the asker’s own', async () => {
    const { context } = door.fixture;
    const asker = await newParty(context, 'grantee');
    const [, , , handle] = (paths['/v1/relationships/{handle}/entries'] as string).split('/');
    const { access } = await ask(context, {
      principal: asker.party,
      handle: handle as never,
      ground: { grant: UNKNOWN as never },
      action: 'QUERY',
      purpose: 'loan_apply',
      items: ['credit_report'],
      door: null,
      bound: null,
    });
    const statusOf = async (by: readonly Signatory[]) => (await door.as(by).get(`/v1/accesses/${access}`)).status;
    expect(await statusOf(signersOf(asker))).toBe(200);
    // Neither whose handle it is, nor whom it is about, hears of it: the handle may have been guessed.
    for (const role of ['grantee', 'subject', 'other lender', 'door'] as const) {
      expect(await statusOf(signers[role])).toBe(404);
    }
    expect(await statusOf(signers.supervisor)).toBe(200);
  });
});
