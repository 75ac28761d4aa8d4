/** Letters signed in ink, brought in over HTTP by clerk and witness. */
import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bindScan, bindsScan, signDecline } from '#client/index.ts';
import { type Signatory, subjectSignatory } from '#client/sign.ts';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { SCAN_BYTES_MAX } from '#core/consent/scan.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import type { GrantId, Handle } from '#core/ids.ts';
import { relationshipStream } from '#core/tlog/stream.ts';
import { loadEntries } from '#store/entries.ts';
import { nativeEd25519 } from '../../src/native.ts';
import {
  bindPersonKey,
  DAY_MS,
  draft,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  revoke,
  sign,
  signature,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { addWitness, onPaper, SCAN } from '../support/ink.ts';
import { checkLedger, random } from '../support/ledger-fixture.ts';
import { type Answer, adminsOf, type Door, expectProblem, openDoor, signersOf } from './door.ts';

let door: Door;
let lender: Party;
let bureau: Party;
let person: Person;
let handle: Handle;
let both: readonly [Signatory, Signatory];
let documented: readonly string[];
const PATH = '/v1/letters/{id}/paper';

beforeAll(async () => {
  door = await openDoor();
  const { context } = door.fixture;
  [lender, bureau] = [await newParty(context, 'grantee'), await newParty(context, 'bureau')];
  const identifier = await newParty(context, 'identifier');
  person = await newPerson();
  handle = await enrolPerson(context, lender, person);
  await bindPersonKey(context, { lender, person, handle, identifier });
  both = await addWitness(context, lender);
  documented = (await door.get('/openapi.json')).json.paths[PATH].post['x-problems'];
});
afterAll(async () => {
  const { attested } = await checkLedger(door.fixture);
  expect(attested).toBe(0);
  await door.fixture.close();
});

const now = () => door.fixture.context.clock();
type Printed = Awaited<ReturnType<typeof draft>>;
const print = (change: { readonly expires_at?: number } = {}): Promise<Printed> =>
  draft(door.fixture.context, { lender, handle, grants: twoClauses(bureau, now()), ...change });
const bring = (printed: Pick<Printed, 'letter'>, body: unknown, by: readonly Signatory[] = both, headers = {}) =>
  door.as(by).post(`/v1/letters/${printed.letter}/paper`, body, headers);
const asClerk = () => door.as(signersOf(lender));
const ask = (grant: GrantId | undefined) =>
  asClerk().post('/v1/accesses', {
    principal: lender.party,
    handle,
    ground: { grant },
    action: 'QUERY',
    purpose: 'loan_apply',
    items: ['credit_report'],
    door: bureau.party,
    bound: null,
  });

describe('a letter signed in ink', () => {
  it('is brought in by clerk and witness, gives what was ticked, and is shown as it was signed', async () => {
    const printed = await print();
    const body = onPaper(lender, printed, now(), [true, false]);
    const before = await asClerk().get(`/v1/letters/${printed.letter}`);
    expect(before.json).toMatchObject({ status: 'drafted', signature: null });
    const answer = await bring(printed, body);
    const [query, report] = printed.grants.map(({ grant }) => grant);
    expect([answer.status, answer.json.given, answer.json.declined]).toEqual([201, [query], [report]]);
    expect(answer.json.entry.type).toBe('letter.signed_on_paper');
    expect(answer.headers.get('location')).toBe(`/v1/letters/${printed.letter}`);
    const { json } = await asClerk().get(`/v1/letters/${printed.letter}`);
    expect(json).toMatchObject({ status: 'signed', grants: [{ status: 'active' }, { status: 'declined' }] });
    expect(json.signature).toMatchObject({
      kind: 'paper',
      signed_at: body.signed_at,
      registered_at: answer.json.entry.time,
      scan: body.scan,
    });
    expect(new Set(json.signature.operators).size).toBe(2);
    const granted = (await asClerk().get(`/v1/grants/${query}`)).json;
    expect(granted).toMatchObject({ grade: 'C', status: 'active', signed_at: body.signed_at });
    // Its subject sees the same, and takes it back by any key that it has.
    const own = await door.as([subjectSignatory(handle, person.key)]).get(`/v1/letters/${printed.letter}`);
    expect(own.json.signature).toEqual(json.signature);
    expect((await ask(query)).json).toMatchObject({ decision: 'allow', codes: [] });
    await revoke(door.fixture.context, lender, person, query as GrantId);
    expect((await ask(query)).json.codes).toContain('REVOKED');
  });

  it('shows that it was signed by a key where it was', async () => {
    const printed = await print();
    await sign(door.fixture.context, printed, person, [true, true]);
    expect((await asClerk().get(`/v1/letters/${printed.letter}`)).json.signature).toEqual({ kind: 'key' });
  });

  it('takes answers in any order, and items that were struck out', async () => {
    const printed = await print();
    const [query, report] = printed.grants.map(({ grant }) => grant);
    const answers = [
      { grant: report, given: true, declined_items: ['adverse'] },
      { grant: query, given: true, declined_items: ['credit_info', 'credit_report'] },
    ];
    const answer = await bring(printed, { ...onPaper(lender, printed, now()), grants: answers });
    expect([answer.status, answer.json.given, answer.json.declined]).toEqual([201, [report], [query]]);
    const { json } = await asClerk().get(`/v1/letters/${printed.letter}`);
    expect(json.grants.map((each: Answer['json']) => each.declined_items)).toEqual([[], ['adverse']]);
  });

  it('asked for again under its key is the same answer, and one entry; under another it is signed already', async () => {
    const printed = await print();
    const body = JSON.stringify(onPaper(lender, printed, now()));
    const key = { 'idempotency-key': randomUUID() };
    const once = await bring(printed, body, both, key);
    const size = await door.size();
    const again = await bring(printed, body, both, key);
    expect([again.status, again.text, await door.size()]).toEqual([201, once.text, size]);
    expectProblem(await bring(printed, onPaper(lender, printed, now()), both, key), 409, 'idempotency_mismatch');
    expectProblem(await bring(printed, body), 409, 'already_signed');
    const signed = await signature(printed, person, [true, true], now());
    expectProblem(await door.post(`/v1/letters/${printed.letter}/signature`, signed), 409, 'already_signed');
  });

  it('is in the receipt of an access, by which whoever has scan and salt can show that it is this one', async () => {
    const printed = await print();
    const { scan, ...body } = onPaper(lender, printed, now());
    await bring(printed, { ...body, scan });
    const { json } = await ask(printed.grants[0]?.grant);
    const receipt = await asClerk().get(json.receipt);
    const verdict = await verifyReceipt(utf8(receipt.text), door.fixture.vkey, nativeEd25519);
    expect(verdict).toMatchObject({ recorded: 'unwitnessed', decision: 're-derived' });
    const paper = verdict.papers.find(({ letter }) => letter === printed.letter);
    expect(paper?.scan).toEqual({ digest: scan.digest, media_type: 'application/pdf', bytes: SCAN.length });
    expect(verdict.facts.map(({ en }) => en).join('\n')).toContain(
      'letter.signed_on_paper: signed with evidence of grade C (counter;',
    );
    const shown = (await asClerk().get(`/v1/letters/${printed.letter}`)).json.signature.scan;
    expect(bindsScan(shown, SCAN)).toBe(true);
    expect(bindsScan(shown, utf8(`${parseUtf8(SCAN)} `))).toBe(false);
    expect(receipt.text).not.toContain(scan.salt);
  });

  it('leaves neither its salt nor anything of the scan in an entry', async () => {
    const printed = await print();
    const body = onPaper(lender, printed, now());
    await bring(printed, body);
    const rows = await door.fixture.store.read((tx) => loadEntries(tx, 0, 10_000));
    const texts = rows.map(({ bytes }) => parseUtf8(bytes)).join('\n');
    expect(texts).toContain(body.scan.digest);
    expect(texts).not.toContain(body.scan.salt);
    expect(door.fixture.logged.join('\n')).not.toContain(body.scan.salt);
  });

  it('is heard of by its lender', async () => {
    const { text } = await asClerk().get('/v1/feed?limit=500');
    expect(text).toContain('"letter.signed_on_paper"');
  });
});

describe('a letter in ink is refused, and nothing is written,', () => {
  let printed: Printed;
  let size: number;
  beforeAll(async () => {
    printed = await print();
  });
  beforeEach(async () => {
    size = await door.size();
  });
  async function refused(answer: Answer | Promise<Answer>, status: number, code: string): Promise<void> {
    expectProblem(await answer, status, code);
    expect(documented).toContain(code);
    expect(await door.size()).toBe(size);
  }
  const body = (change: object = {}) => ({ ...onPaper(lender, printed, now()), ...change });

  it('from one operator, from the same one twice, and with an administrator as witness', async () => {
    const [clerk, witness] = both;
    await refused(bring(printed, body(), [clerk]), 403, 'second_signature');
    await refused(bring(printed, body(), [witness]), 403, 'second_signature');
    await refused(bring(printed, body(), [clerk, clerk]), 403, 'second_signature');
    const [admin] = adminsOf(lender) as [Signatory];
    await refused(bring(printed, body(), [clerk, admin]), 403, 'duty_missing');
    await refused(bring(printed, body(), [admin, clerk]), 403, 'duty_missing');
    const { json } = await bring(printed, body(), [clerk]);
    expect(json.next).toBe('Add the signature of a second operator, with the same duty, under a second label.');
  });

  it('from operators of two parties, from another party, and from its subject', async () => {
    const [clerk] = both;
    const [stranger] = signersOf(await newParty(door.fixture.context, 'grantee')) as [Signatory];
    size = await door.size();
    await refused(bring(printed, body(), [clerk, stranger]), 400, 'signature_malformed');
    const other = await newParty(door.fixture.context, 'grantee');
    const theirs = await addWitness(door.fixture.context, other);
    size = await door.size();
    await refused(bring(printed, body(), theirs), 403, 'principal_mismatch');
    await refused(bring(printed, body({ principal: other.party }), theirs), 404, 'letter_unknown');
    await refused(bring(printed, body(), [subjectSignatory(handle, person.key)]), 403, 'principal_mismatch');
    expectProblem(await door.post(`/v1/letters/${printed.letter}/paper`, body()), 401, 'signature_required');
  });

  it('where there is no such letter, or it was answered already', async () => {
    await refused(bring({ letter: '0'.repeat(32) as never }, body()), 404, 'letter_unknown');
    const declined = await print();
    const { context } = door.fixture;
    const refusal = await signDecline(person.key, declined, context.clock());
    expect((await door.post(`/v1/letters/${declined.letter}/decline`, refusal)).status).toBe(201);
    size = await door.size();
    await refused(bring(declined, onPaper(lender, declined, now())), 409, 'letter_declined');
  });

  it('with a date before it was printed, ahead of the ledger, or after its end', async () => {
    await refused(bring(printed, body({ signed_at: now() - DAY_MS })), 422, 'signed_before');
    await refused(bring(printed, body({ signed_at: now() + 6 * 60_000 })), 422, 'signed_ahead');
    const short = await print({ expires_at: now() + 60_000 });
    size = await door.size();
    await refused(bring(short, onPaper(lender, short, now() + 60_000)), 409, 'letter_expired');
  });

  it('with answers that are not the letter’s', async () => {
    const [first, second] = body().grants;
    for (const grants of [[first], [first, first], [first, second, second], []]) {
      await refused(bring(printed, body({ grants })), 400, 'input_invalid');
    }
    const declined = [{ ...first, declined_items: ['tax'] }, second];
    await refused(bring(printed, body({ grants: declined })), 400, 'input_invalid');
  });

  it('with a scan that is none', async () => {
    const { scan } = body();
    for (const change of [
      { media_type: 'image/gif' },
      { media_type: 'text/html' },
      { bytes: 0 },
      { bytes: SCAN_BYTES_MAX + 1 },
      { bytes: 1.5 },
      { digest: 'x' },
      { salt: 'A'.repeat(42) },
      { salt: undefined },
      { name: '李示例.pdf' },
    ]) {
      const answer = await bring(printed, body({ scan: { ...scan, ...change } }));
      await refused(answer, 400, 'input_invalid');
      expect(answer.text).not.toContain('李示例');
    }
    await refused(bring(printed, body({ signature: 'A'.repeat(86) })), 400, 'input_invalid');
  });
});

it('what the SDK says of a scan is HMAC-SHA-256 of its bytes under a fresh salt', () => {
  const [one, two] = [bindScan(SCAN, 'image/png'), bindScan(SCAN, 'image/png')];
  expect(one.salt).not.toBe(two.salt);
  expect(one).toMatchObject({ media_type: 'image/png', bytes: SCAN.length });
  expect(one.digest).toBe(createHmac('sha256', Buffer.from(one.salt, 'base64url')).update(SCAN).digest('base64url'));
  expect(bindsScan(one, SCAN)).toBe(true);
  expect(bindsScan({ ...one, salt: two.salt }, SCAN)).toBe(false);
  expect(() => bindsScan({ ...one, salt: 'A'.repeat(42) }, SCAN)).toThrow('31 bytes');
  expect(bindsScan(one, random(SCAN.length))).toBe(false);
});

it('whose payload is gone is attested from then on, and grants stand', async () => {
  const other = await openDoor();
  const { context, store } = other.fixture;
  const scene = await signedScene(context);
  const grants = twoClauses(scene.bureau, context.clock());
  const printed = await draft(context, { lender: scene.lender, handle: scene.handle, grants });
  const path = `/v1/letters/${printed.letter}`;
  const counter = other.as(await addWitness(context, scene.lender));
  expect((await counter.post(`${path}/paper`, onPaper(scene.lender, printed, context.clock()))).status).toBe(201);
  expect((await checkLedger(other.fixture)).attested).toBe(0);
  await store.transaction((tx) =>
    tx.deleteFrom('data_keys').where('stream', '=', relationshipStream(scene.handle)).execute(),
  );
  // Opening, binding, both drafts, both signatures.
  expect(await other.fixture.audit()).toMatchObject({ attested: 6, codes: ['payload'] });
  const { json } = await other.as(signersOf(scene.lender)).get(path);
  expect(json).toMatchObject({ status: 'signed', text: null, signature: { kind: 'paper', scan: { salt: null } } });
  expect(json.grants[0].status).toBe('active');
  await other.fixture.close();
});
