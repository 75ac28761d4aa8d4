/** Who signed a request, over the real door: what is taken, what is refused, and that a refusal leaves nothing behind. */
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { partySignatory, type Signatory, subjectSignatory } from '#client/sign.ts';
import { parseBase64, toBase64, toBase64Url, utf8 } from '#core/bytes.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import { answerBase } from '#core/request/answer.ts';
import { contentDigest } from '#core/request/content-digest.ts';
import { componentsOf, formatSignatureBase } from '#core/request/signature-base.ts';
import { formatKeyName } from '#core/request/signed-request.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { openLimits } from '#service/limits.ts';
import { nativeEd25519 } from '../../src/native.ts';
import {
  draft as draftLetter,
  newParty,
  type Party,
  type Person,
  signedScene,
  signature as signLetter,
  twoClauses,
} from '../support/actors.ts';
import { checkLedger, keeperOf, random } from '../support/ledger-fixture.ts';
import { type Answer, adminsOf, type Door, doorTo, expectProblem, HOST, openDoor, signersOf } from './door.ts';

const ACCESSES = '/v1/accesses';
const MINUTE = 60;
const UNKNOWN = '0000000000000000000000000000000f';

let door: Door;
let scene: Awaited<ReturnType<typeof signedScene>>;
let stranger: Party;
let docs: string;
let body: string;
let size: number;

beforeAll(async () => {
  door = await openDoor();
  scene = await signedScene(door.fixture.context);
  stranger = await newParty(door.fixture.context, 'grantee');
  docs = (await door.get('/docs')).text;
  body = JSON.stringify(scene.queryAccess);
});
afterAll(async () => {
  await checkLedger(door.fixture);
  await door.fixture.close();
});
beforeEach(async () => {
  size = await door.size();
});

type Component = readonly [name: string, value: string];
type Name = 'signature-input' | 'signature' | 'content-digest' | 'idempotency-key' | 'content-type';

/** A signed request, and whatever its signer, or somebody on the way, did otherwise than the profile says. */
interface Made {
  readonly by?: readonly Signatory[];
  readonly method?: 'GET' | 'POST';
  readonly path?: string;
  readonly query?: string;
  readonly authority?: string;
  /** Undefined: the lender's question; null: none, as in a read. */
  readonly body?: string | null;
  readonly key?: string;
  readonly digest?: string;
  /** Seconds from now. */
  readonly age?: number;
  /** What is signed, in this order. */
  readonly components?: (components: readonly Component[]) => readonly Component[];
  /** The parameters of the signature, in this order. */
  readonly params?: (params: readonly string[]) => readonly string[];
  readonly labels?: readonly string[];
  readonly signature?: (signature: Uint8Array) => Uint8Array;
}

const nowSeconds = () => Math.floor(door.fixture.context.clock() / 1_000);

/** Signs by the words of RFC 9421 alone, each step open to change. */
async function headersOf(made: Made = {}): Promise<Record<Name, string>> {
  const text = made.body === undefined ? body : made.body;
  const digest = made.digest ?? contentDigest(utf8(text ?? ''));
  const idempotencyKey = made.key ?? randomUUID();
  const given = componentsOf({
    method: made.method ?? (text === null ? 'GET' : 'POST'),
    authority: made.authority ?? HOST,
    path: made.path ?? ACCESSES,
    query: made.query ?? '?',
    contentDigest: text === null ? null : digest,
    idempotencyKey: text === null ? null : idempotencyKey,
  });
  const components = made.components?.(given) ?? given;
  const list = `(${components.map(([name]) => name).join(' ')})`;
  const labels = made.labels ?? ['sig1', 'sig2', 'sig3'];
  const signed = await Promise.all(
    (made.by ?? signersOf(scene.lender)).map(async ({ stream, key }, at) => {
      const keyid = formatKeyName({ stream, key: toBase64Url(key.publicKey) });
      const all = [`created=${nowSeconds() - (made.age ?? 0)}`, `keyid="${keyid}"`, 'alg="ed25519"', 'tag="assent-v1"'];
      const params = `${list}${(made.params?.(all) ?? all).map((each) => `;${each}`).join('')}`;
      const signature = await key.sign(utf8(formatSignatureBase(components, params)));
      return [labels[at], params, toBase64(made.signature?.(signature) ?? signature)] as const;
    }),
  );
  return {
    'content-type': 'application/json',
    'content-digest': digest,
    'idempotency-key': idempotencyKey,
    'signature-input': signed.map(([label, params]) => `${label}=${params}`).join(', '),
    signature: signed.map(([label, , signature]) => `${label}=:${signature}:`).join(', '),
  };
}

type Pair = readonly [name: string, value: string];
type Change = (headers: readonly Pair[], of: Record<Name, string>) => readonly Pair[];

/** Sends a signed request, its headers changed on the way. */
async function send(made: Made = {}, change: Change = (headers) => headers, to: Door = door): Promise<Answer> {
  const headers = await headersOf(made);
  const text = made.body === undefined ? body : made.body;
  const pairs = change(Object.entries(headers), headers).map(([name, value]): [string, string] => [name, value]);
  const init: RequestInit = text === null ? { headers: pairs } : { method: 'POST', headers: pairs, body: text };
  return to.fetch(`${made.path ?? ACCESSES}${made.query === undefined ? '' : made.query}`, init);
}

const without =
  (...names: readonly Name[]): Change =>
  (headers) =>
    headers.filter(([name]) => !names.some((each) => each === name));
const replaced =
  (name: Name, value: (was: string) => string): Change =>
  (headers) =>
    headers.map(([each, was]): Pair => [each, each === name ? value(was) : was]);

/** A refusal has a code that is documented, says what to do next, and leaves nothing behind. */
async function expectRefused(answer: Answer | Promise<Answer>, status: number, code: string): Promise<Answer> {
  const refused = await answer;
  expectProblem(refused, status, code);
  expect(docs).toContain(`id="problem-${code}"`);
  expect(refused.json.next.length).toBeGreaterThan(10);
  expect(refused.headers.get('accept-signature') === null).toBe(status !== 401);
  expect(await door.size()).toBe(size);
  return refused;
}

async function expectTaken(answer: Answer | Promise<Answer>): Promise<void> {
  const { status, json } = await answer;
  expect([status, json.code]).toEqual([201, undefined]);
  // What was taken once is a duplicate while its permit is out, and nothing else.
  if (json.decision !== 'allow') expect([json.decision, ...json.codes]).toEqual(['deny', 'DUP']);
  expect(await door.size()).toBe(++size);
}

describe('a signed write', () => {
  test('is taken, and its entry names the operator that signed', async () => {
    const answer = await send();
    await expectTaken(answer);
    const { entries } = (
      await door
        .as(signersOf(scene.lender))
        .get(`/v1/relationships/${scene.handle}/entries?from=${answer.json.entry.seq}`)
    ).json;
    const { body: said } = JSON.parse(entries[0].entry);
    expect(said).toMatchObject({ auth: 'http-sig', by: [{ party: scene.lender.party, key: 0 }] });
    expect(said.request).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test('that was seen on the way and is sent again makes nothing new', async () => {
    const made = { key: randomUUID() };
    const headers = await headersOf(made);
    const init = { method: 'POST', headers, body };
    const first = await door.fetch(ACCESSES, init);
    await expectTaken(first);
    expect((await door.fetch(ACCESSES, init)).text).toBe(first.text);
    expect(await door.size()).toBe(size);
    const other = { ...init, headers: { ...headers, 'idempotency-key': randomUUID() } };
    await expectRefused(door.fetch(ACCESSES, other), 401, 'signature_refused');
  });

  test.each<[string, Name[], number, string]>([
    ['signature and signature-input', ['signature', 'signature-input'], 401, 'signature_required'],
    ['signature', ['signature'], 400, 'signature_malformed'],
    ['signature-input', ['signature-input'], 400, 'signature_malformed'],
    ['content-digest', ['content-digest'], 400, 'signature_malformed'],
    ['idempotency-key', ['idempotency-key'], 400, 'idempotency_key_invalid'],
  ])('without %s is refused', async (_what, names, status, code) => {
    const answer = await expectRefused(send({}, without(...names)), status, code);
    if (status === 401) expect(answer.headers.get('accept-signature')).toContain('"content-digest" "idempotency-key")');
  });

  test.each<[Name, string]>([
    ['signature', 'signature_malformed'],
    ['signature-input', 'signature_malformed'],
    ['content-digest', 'signature_malformed'],
    ['idempotency-key', 'idempotency_key_invalid'],
  ])('with two headers %s, equal or not, is refused', async (name, code) => {
    await expectRefused(
      send({}, (headers, of) => [...headers, [name, of[name]]]),
      400,
      code,
    );
    const other = await headersOf({ by: signersOf(stranger) });
    for (const twice of [
      (headers: readonly Pair[]) => [...headers, [name, other[name]] as const],
      (headers: readonly Pair[]) => [[name, other[name]] as const, ...headers],
    ]) {
      await expectRefused(send({}, twice), 400, code);
    }
  });

  test('with one label twice is refused, of whichever header, whether equal or not', async () => {
    for (const name of ['signature', 'signature-input'] as const) {
      const twice = replaced(name, (was) => `${was}, ${was}`);
      await expectRefused(send({}, twice), 400, 'signature_malformed');
      const other = (await headersOf({ by: signersOf(stranger) }))[name];
      const first = replaced(name, (was) => `${other}, ${was}`);
      await expectRefused(send({}, first), 400, 'signature_malformed');
    }
  });

  test('may have its headers in any order and any case', async () => {
    await expectTaken(send({}, (headers) => headers.toReversed()));
    await expectTaken(send({}, (headers) => headers.map(([name, value]) => [name.toUpperCase(), value])));
  });

  test('may have its components and its parameters in any order', async () => {
    await expectTaken(send({ components: (each) => each.toReversed() }));
    await expectTaken(send({ params: (each) => each.toReversed() }));
    await expectTaken(send({ params: ([created = '', ...each]) => [...each, created] }));
  });

  test('may use another label', async () => {
    await expectTaken(send({ labels: ['ours-2'] }));
  });

  test('has its components in lower case, each as itself, and no other', async () => {
    const renamed = (from: string, to: string) => (each: readonly Component[]) =>
      each.map(([name, value]): Component => [name === from ? to : name, value]);
    for (const components of [
      renamed('"@method"', '"@METHOD"'),
      renamed('"content-digest"', '"Content-Digest"'),
      renamed('"idempotency-key"', '"Idempotency-Key"'),
      renamed('"@query"', '"@query";req'),
      renamed('"content-digest"', '"content-digest";sf'),
      renamed('"@path"', '"@target-uri"'),
      (each: readonly Component[]) => each.slice(1),
      (each: readonly Component[]) => each.filter(([name]) => name !== '"@query"'),
      (each: readonly Component[]) => each.filter(([name]) => name !== '"content-digest"'),
      (each: readonly Component[]) => each.filter(([name]) => name !== '"idempotency-key"'),
      (each: readonly Component[]) => each.slice(0, 4),
      (each: readonly Component[]) => [...each, each[0] as Component],
      (each: readonly Component[]): readonly Component[] => [...each, ['"content-type"', 'application/json']],
      (each: readonly Component[]): readonly Component[] => [...each, ['"x-missing"', '']],
      () => [],
    ]) {
      const answer = await send({ components });
      expect(['signature_malformed', 'digest_mismatch']).toContain(answer.json.code);
      await expectRefused(answer, 400, answer.json.code);
    }
  });

  test.each<[string, (params: readonly string[]) => readonly string[]]>([
    ['without its time', (all) => all.slice(1)],
    ['without its key', (all) => all.filter((each) => !each.startsWith('keyid'))],
    ['without its algorithm', (all) => all.filter((each) => !each.startsWith('alg'))],
    ['without its tag', (all) => all.filter((each) => !each.startsWith('tag'))],
    ['with a time twice', (all) => ['created=1', ...all]],
    ['with a time in text', ([, ...all]) => [`created="${nowSeconds()}"`, ...all]],
    ['with a broken time', ([, ...all]) => [`created=${nowSeconds()}.0`, ...all]],
    ['with a time below zero', ([, ...all]) => ['created=-1', ...all]],
    ['with an end', (all) => [...all, `expires=${nowSeconds() + MINUTE}`]],
    ['with a nonce', (all) => [...all, 'nonce="n"']],
    ['of another algorithm', (all) => all.map((each) => each.replace('ed25519', 'hmac-sha256'))],
    ['of an algorithm in capitals', (all) => all.map((each) => each.replace('ed25519', 'Ed25519'))],
    ['with another tag', (all) => all.map((each) => each.replace('assent-v1', 'assent-v2'))],
    ['with a tag that is no text', (all) => all.map((each) => each.replace('"assent-v1"', 'assent-v1'))],
    ['with a key that is none', (all) => all.map((each) => each.replace(/^keyid=.*/, 'keyid="party/x/y"'))],
    ['with the key of a log', (all) => all.map((each) => each.replace('keyid="party/', 'keyid="log/'))],
    ['with a key’s name in capitals', (all) => all.map((each) => each.replace('keyid="party/', 'keyid="PARTY/'))],
  ])('%s is refused', async (_what, params) => {
    await expectRefused(send({ params }), 400, 'signature_malformed');
  });

  test.each<[string, Change]>([
    ['no dictionary', replaced('signature-input', () => '"')],
    ['no list of components', replaced('signature-input', () => 'sig1=1;tag="assent-v1"')],
    ['no signature of the same label', replaced('signature', (was) => was.replace('sig1', 'sig2'))],
    ['a signature that is text', replaced('signature', (was) => was.replaceAll(':', '"'))],
    ['a signature that is broken', replaced('signature', (was) => was.slice(0, -3))],
    ['nothing in it', replaced('signature-input', () => '')],
    ['another way to write base64', replaced('signature', (was) => was.replace('==:', ':'))],
    ['another way to write a number', replaced('signature-input', (was) => was.replace('created=', 'created=0'))],
  ])('with %s is refused', async (_what, change) => {
    await expectRefused(send({}, change), 400, 'signature_malformed');
  });

  test('with headers that are huge is refused', async () => {
    const padding = `, x="${'a'.repeat(5_000)}"`;
    for (const name of ['signature', 'signature-input'] as const) {
      const huge = replaced(name, (was) => was + padding);
      await expectRefused(send({}, huge), 400, 'signature_malformed');
    }
    const many = Array.from({ length: 300 }, (_each, at) => `p${at}=()`).join();
    await expectRefused(
      send(
        {},
        replaced('signature-input', (was) => `${was},${many},${many}`),
      ),
      400,
      'signature_malformed',
    );
    const digest = `sha-256=:${'A'.repeat(100_000)}:`;
    await expectRefused(
      send(
        {},
        replaced('content-digest', () => digest),
      ),
      400,
      'signature_malformed',
    );
    await expectRefused(send({ digest }), 400, 'signature_malformed');
  });

  test('may stand beside signatures of others under other tags', async () => {
    const proxy =
      'proxy=("@method" "x-forwarded-for";sf "@target-uri");created=1;keyid="p";alg="rsa-v1_5-sha256";tag="proxy"';
    const beside: Change = (headers) =>
      headers.map(([name, value]): Pair => {
        if (name === 'signature-input') return [name, `${proxy}, ${value}, untagged=()`];
        return [name, name === 'signature' ? `proxy=:AAAA:, ${value}, untagged=:AAAA:` : value];
      });
    await expectTaken(send({}, beside));
    const alone = replaced('signature-input', () => proxy);
    await expectRefused(send({}, alone), 400, 'signature_malformed');
  });
});

describe('the body of a signed write', () => {
  test('is the one that was signed', async () => {
    const headers = await headersOf();
    for (const other of [body.replace('loan_apply', 'post_loan'), `${body} `, `${body}\n`, body.slice(0, -1), '{}']) {
      const answer = door.fetch(ACCESSES, { method: 'POST', headers, body: other });
      await expectRefused(answer, 400, 'digest_mismatch');
    }
    const empty = door.fetch(ACCESSES, { method: 'POST', headers, body: '' });
    await expectRefused(empty, 400, 'digest_mismatch');
  });

  test('is not changed together with its digest', async () => {
    const other = body.replace('loan_apply', 'post_loan');
    const headers = { ...(await headersOf()), 'content-digest': contentDigest(utf8(other)) };
    await expectRefused(door.fetch(ACCESSES, { method: 'POST', headers, body: other }), 401, 'signature_refused');
  });

  test('has its digest in SHA-256, in the one form', async () => {
    await expectRefused(send({ digest: contentDigest(utf8(`${body} `)) }), 400, 'digest_mismatch');
    const good = contentDigest(utf8(body));
    const sha512 = createHash('sha512').update(body).digest('base64');
    for (const digest of [
      `sha-512=:${sha512}:`,
      `${good}, sha-512=:${sha512}:`,
      good.replace('sha-256', 'SHA-256'),
      good.replace('=:', ':'),
      `${good}, ${good}`,
      good.slice(0, -3),
      'sha-256=::',
      '',
    ]) {
      await expectRefused(send({ digest }), 400, 'signature_malformed');
    }
  });

  test('of who is not known is not judged', async () => {
    await expectRefused(
      send({ body: '{"nonsense":' }, without('signature', 'signature-input')),
      401,
      'signature_required',
    );
    const nobody = partySignatory(UNKNOWN as PartyId, stranger.key);
    await expectRefused(send({ body: '{"nonsense":', by: [nobody] }), 401, 'signature_refused');
    await expectRefused(send({ body: '{"nonsense":' }), 400, 'json_malformed');
    await expectRefused(send({ body: '{"nonsense":1}' }), 400, 'input_invalid');
  });
});

describe('the time of a signature', () => {
  test.each([-6, 6])('%i minutes off is refused (attack 91)', async (minutes) => {
    await expectRefused(send({ age: minutes * MINUTE }), 401, 'signature_stale');
    const readAs = { body: null, path: `/v1/grants/${scene.query}`, age: minutes * MINUTE };
    await expectRefused(send(readAs), 401, 'signature_stale');
  });

  test.each([-4, 4])('%i minutes off is taken', async (minutes) => {
    await expectTaken(send({ age: minutes * MINUTE }));
  });

  test('has a limit of five minutes either way, by the server’s clock', async () => {
    const { fixture } = door;
    const at = nowSeconds() * 1_000;
    const headers = await headersOf({ key: 'five-minutes' });
    const created = Number(/created=(\d+)/.exec(headers['signature-input'])?.[1]) * 1_000;
    const init = { method: 'POST', headers, body };
    try {
      fixture.setApart(created + 5 * 60_000 + 2_000 - at);
      await expectRefused(door.fetch(ACCESSES, init), 401, 'signature_stale');
      fixture.setApart(created - 5 * 60_000 - 2_000 - at);
      await expectRefused(door.fetch(ACCESSES, init), 401, 'signature_stale');
    } finally {
      fixture.setApart(0);
    }
    await expectTaken(door.fetch(ACCESSES, init));
  });
});

describe('the key of a signature', () => {
  test('signs for its own party only', async () => {
    const { lender, bureau } = scene;
    await expectRefused(send({ by: signersOf(stranger) }), 403, 'principal_mismatch');
    await expectRefused(send({ by: signersOf(bureau) }), 403, 'principal_mismatch');
    // The party of one, and the key of another.
    await expectRefused(send({ by: [partySignatory(lender.party, stranger.key)] }), 401, 'signature_refused');
    await expectRefused(send({ by: [partySignatory(UNKNOWN as PartyId, lender.key)] }), 401, 'signature_refused');
    // The name of a good key over the signature of another.
    const forged = { stream: partyStream(lender.party), key: { ...stranger.key, publicKey: lender.key.publicKey } };
    await expectRefused(send({ by: [forged] }), 401, 'signature_refused');
  });

  test('of a subject asks for no access', async () => {
    const subject = subjectSignatory(scene.handle, scene.person.key);
    await expectRefused(send({ by: [subject] }), 403, 'principal_mismatch');
  });

  test('of a subject is bound to the person of the handle', async () => {
    const { handle, lender, person } = scene;
    for (const by of [
      subjectSignatory(handle, lender.key),
      subjectSignatory(UNKNOWN as Handle, person.key),
      partySignatory(handle as unknown as PartyId, person.key),
      subjectSignatory(lender.party as unknown as Handle, lender.key),
    ]) {
      await expectRefused(send({ by: [by] }), 401, 'signature_refused');
    }
  });

  test('of an administrator is no key for the party’s business: it is denied, and nothing is drafted', async () => {
    const { status, json } = await send({ by: adminsOf(scene.lender) });
    expect([status, json.decision]).toEqual([201, 'deny']);
    expect(json.codes).toContain('OPERATOR');
    size = await door.size();
    const hold = { handle: scene.handle, kind: 'freeze', grant: null, expires_at: Date.now() + 60_000 };
    const made = { path: '/v1/statements', body: JSON.stringify(hold), by: adminsOf(scene.lender) };
    await expectRefused(send(made), 404, 'relationship_unknown');
  });

  test('made 64 bytes, over exactly this', async () => {
    const flip = (signature: Uint8Array) => signature.map((byte, at) => (at === 5 ? byte ^ 1 : byte));
    await expectRefused(send({ signature: flip }), 401, 'signature_refused');
    for (const length of [0, 1, 32, 63]) {
      const answer = await send({ signature: (signature) => signature.slice(0, length) });
      await expectRefused(answer, answer.status, answer.json.code);
      expect(answer.json.code).toMatch(/^signature_(?:refused|malformed)$/);
    }
    const long = await send({ signature: (signature) => Uint8Array.from([...signature, 0]) });
    await expectRefused(long, long.status, long.json.code);
    await expectRefused(send({ signature: () => new Uint8Array(64) }), 401, 'signature_refused');
  });

  test('that was retired, or whose party is suspended, is refused in every way', async () => {
    const { context } = door.fixture;
    const retired = await newParty(context, 'grantee');
    const suspended = await newParty(context, 'grantee');
    const key = toBase64Url(retired.key.publicKey);
    const asked = (party: Party) => JSON.stringify({ ...scene.queryAccess, principal: party.party });
    // Both are known to this process before their keys end.
    for (const party of [retired, suspended]) {
      expect((await send({ by: signersOf(party), body: asked(party) })).status).toBe(201);
    }
    const retirement = `/v1/parties/${retired.party}/keys/retirement`;
    expect((await door.as(adminsOf(retired)).post(retirement, { key })).status).toBe(201);
    expect((await door.asKeeper().post(`/v1/parties/${suspended.party}/suspension`, {})).status).toBe(201);
    size = await door.size();
    for (const party of [retired, suspended]) {
      await expectRefused(send({ by: signersOf(party), body: asked(party) }), 401, 'key_ended');
      const read = door.as(signersOf(party)).get(`/v1/parties/${party.party}`);
      await expectRefused(read, 401, 'key_ended');
    }
    expect((await door.as(adminsOf(retired)).get(`/v1/parties/${retired.party}`)).status).toBe(200);
    expect((await door.asKeeper().post(`/v1/parties/${suspended.party}/reinstatement`, {})).status).toBe(201);
    size = await door.size();
    const again = await send({ by: signersOf(suspended), body: asked(suspended) });
    expect([again.status, again.json.decision]).toEqual([201, 'deny']);
  });
});

describe('several signatures', () => {
  const parties = '/v1/parties';
  const party = JSON.stringify({ name: 'example', roles: ['provider'], keys: [] });

  test('of two administrators of the keeper are taken, in one header or in two', async () => {
    const made = { by: keeperOf(door.fixture.context), path: parties, body: party };
    expect((await send(made)).status).toBe(201);
    const apart: Change = (headers) =>
      headers.flatMap(([name, value]): readonly Pair[] => {
        if (name !== 'signature' && name !== 'signature-input') return [[name, value]];
        return value.split(', ').map((each): Pair => [name, each]);
      });
    expect((await send(made, apart)).status).toBe(201);
    // The order in one header says nothing of the order in the other.
    const swapped = replaced('signature', (was) => was.split(', ').toReversed().join(', '));
    expect((await send(made, swapped)).status).toBe(201);
    expect(await door.size()).toBe(size + 3);
  });

  test('are three too many', async () => {
    const by = [...keeperOf(door.fixture.context), ...keeperOf(door.fixture.context)].slice(0, 3);
    await expectRefused(send({ by, path: parties, body: party }), 400, 'signature_malformed');
  });

  test('are of two operators of one party', async () => {
    const [first, second] = keeperOf(door.fixture.context) as [Signatory, Signatory];
    await expectRefused(send({ by: [first, first], path: parties, body: party }), 403, 'second_signature');
    await expectRefused(send({ by: [first], path: parties, body: party }), 403, 'second_signature');
    const [lender] = signersOf(scene.lender) as [Signatory];
    await expectRefused(send({ by: [first, lender], path: parties, body: party }), 400, 'signature_malformed');
    const mixed = [second, subjectSignatory(scene.handle, scene.person.key)];
    await expectRefused(send({ by: mixed, path: parties, body: party }), 400, 'signature_malformed');
    const subject = subjectSignatory(scene.handle, scene.person.key);
    await expectRefused(send({ by: [subject, subject] }), 400, 'signature_malformed');
  });

  test('are one too many for a party’s business', async () => {
    const [lender] = signersOf(scene.lender) as [Signatory];
    await expectRefused(send({ by: [lender, lender] }), 403, 'second_signature');
    await expectRefused(send({ by: [lender, ...adminsOf(scene.lender)] }), 403, 'principal_mismatch');
  });

  test('are taken only if each verifies', async () => {
    const [first, second] = keeperOf(door.fixture.context) as [Signatory, Signatory];
    const forged = { ...second, key: { ...stranger.key, publicKey: second.key.publicKey } };
    await expectRefused(send({ by: [first, forged], path: parties, body: party }), 401, 'signature_refused');
    const swapped = replaced('signature', (was) =>
      was.replace('sig1', 'x').replace('sig2', 'sig1').replace('x', 'sig2'),
    );
    const answer = send({ by: [first, second], path: parties, body: party }, swapped);
    await expectRefused(answer, 401, 'signature_refused');
  });
});

describe('a signature for another place', () => {
  test('is refused: another authority, method, path or query', async () => {
    for (const made of [
      { authority: 'other.example' },
      { authority: '127.0.0.1' },
      { authority: '127.0.0.1:8788' },
      { authority: '' },
      { method: 'GET' as const },
      { query: '?a=b' },
    ]) {
      const headers = await headersOf(made);
      await expectRefused(door.fetch(ACCESSES, { method: 'POST', headers, body }), 401, 'signature_refused');
    }
    for (const path of ['/v1/letters', '/v1/relationships', `/v1/relationships/${scene.handle}/keys`]) {
      const headers = await headersOf();
      await expectRefused(door.fetch(path, { method: 'POST', headers, body }), 401, 'signature_refused');
    }
    await expectRefused(send({ query: '?a=b' }), 400, 'input_invalid');
  });

  test('may not be written in another way: an escaped path names no other operation', async () => {
    for (const path of ['/v1/%61ccesses', '/%76%31/accesses', '/v1/access%65s']) {
      await expectRefused(send({ path }), 400, 'input_invalid');
    }
    const headers = await headersOf();
    await expectRefused(door.fetch('/v1/%61ccesses', { method: 'POST', headers, body }), 400, 'input_invalid');
  });

  test('names the Host that was asked for, where the server has several', async () => {
    const hosts = ['ledger.example', HOST];
    const both = doorTo(door.fixture, { hosts: (host) => hosts.includes(host) });
    const toFirst: Change = (headers) => [...headers, ['host', 'ledger.example']];
    const sent = { method: 'POST', body };
    const elsewhere = { ...(await headersOf({ authority: HOST })), host: 'ledger.example' };
    await expectRefused(
      both.fetch(`http://ledger.example${ACCESSES}`, { ...sent, headers: elsewhere }),
      401,
      'signature_refused',
    );
    await expectRefused(send({ authority: 'ledger.example' }, undefined, both), 401, 'signature_refused');
    await expectTaken(send({ authority: HOST }, undefined, both));
    const named = { ...(await headersOf({ authority: 'ledger.example' })), host: 'ledger.example' };
    await expectTaken(both.fetch(`http://ledger.example${ACCESSES}`, { ...sent, headers: named }));
    const capital = { ...(await headersOf({ authority: 'ledger.example' })), host: 'ledger.example' };
    await expectTaken(both.fetch(`http://LEDGER.example${ACCESSES}`, { ...sent, headers: capital }));
    await expectRefused(send({}, toFirst, door), 421, 'host_unknown');
  });

  test('names the authority that is configured, behind a proxy that asks for another Host', async () => {
    const behind = doorTo(door.fixture, { authority: 'ledger.example' });
    await expectTaken(send({ authority: 'ledger.example' }, undefined, behind));
    await expectRefused(send({ authority: HOST }, undefined, behind), 401, 'signature_refused');
    const read = { body: null, path: `/v1/grants/${scene.query}` };
    expect((await send({ ...read, authority: 'ledger.example' }, undefined, behind)).status).toBe(200);
    await expectRefused(send({ ...read, authority: HOST }, undefined, behind), 401, 'signature_refused');
  });
});

describe('a signed read', () => {
  const write: readonly Name[] = ['content-digest', 'idempotency-key', 'content-type'];
  const entries = () => `/v1/relationships/${scene.handle}/entries`;

  test('covers method, authority, path and query, and needs no more', async () => {
    const made = { body: null, path: entries(), query: '?from=1' };
    expect((await send(made, without(...write))).status).toBe(200);
    expect((await send(made)).status).toBe(200);
    expect((await send({ ...made, query: undefined as never }, without(...write))).status).toBe(200);
    expect((await send({ ...made, components: (each) => each.toReversed() })).status).toBe(200);
  });

  test('is refused for another query, path, method or authority than was signed', async () => {
    const good = await headersOf({ body: null, path: entries(), query: '?from=1' });
    const asked = (path: string, headers: Record<string, string> = good) => door.fetch(path, { headers });
    expect((await asked(`${entries()}?from=1`)).status).toBe(200);
    for (const query of ['?from=0', '', '?', '?from=01', '?from=1&from=0', '?from=1&x=2', '?from=%31', '?from=1#x&']) {
      if (query === '?from=1#x&') continue;
      await expectRefused(asked(`${entries()}${query}`), 401, 'signature_refused');
    }
    await expectRefused(asked(`/v1/grants/${scene.query}?from=1`), 401, 'signature_refused');
    for (const made of [{ authority: 'other.example' }, { method: 'POST' as const }]) {
      const headers = await headersOf({ body: null, path: entries(), query: '?from=1', ...made });
      await expectRefused(asked(`${entries()}?from=1`, headers), 401, 'signature_refused');
    }
    const dropped = (each: readonly Component[]) => each.filter(([name]) => name !== '"@query"');
    const unsaid = await headersOf({ body: null, path: entries(), query: '?from=1', components: dropped });
    await expectRefused(asked(`${entries()}?from=1`, unsaid), 400, 'signature_malformed');
  });

  test('is refused without a signature, with what to sign', async () => {
    for (const path of [`/v1/grants/${scene.query}`, `/v1/parties/${scene.lender.party}`, entries()]) {
      const { headers } = await expectRefused(door.get(path), 401, 'signature_required');
      expect(headers.get('accept-signature')).toMatch(
        /^assent=\("@method" "@authority" "@path" "@query" .*tag="assent-v1"$/,
      );
    }
  });

  test('does not become a write, nor a write a read', async () => {
    const read = await headersOf({ body: null });
    const headers = { ...read, 'content-digest': contentDigest(utf8(body)), 'idempotency-key': randomUUID() };
    await expectRefused(door.fetch(ACCESSES, { method: 'POST', headers, body }), 400, 'digest_mismatch');
    const path = `/v1/grants/${scene.query}`;
    const written = await headersOf({ path });
    await expectRefused(door.fetch(path, { headers: written }), 400, 'digest_mismatch');
  });

  test('by HEAD is signed as HEAD', async () => {
    const path = `/v1/grants/${scene.query}`;
    const asHead = await headersOf({ body: null, path, method: 'HEAD' as 'GET' });
    const found = await door.fetch(path, { method: 'HEAD', headers: asHead });
    expect([found.status, found.text]).toEqual([200, '']);
    const asGet = await headersOf({ body: null, path });
    expect((await door.fetch(path, { method: 'HEAD', headers: asGet })).status).toBe(401);
  });
});

describe('a caller who asks too often', () => {
  test('is told when to try again, and only what was signed counts', async () => {
    const { context } = door.fixture;
    const limit = { perSecond: 1, perDay: 3 };
    const limited = doorTo(door.fixture, {
      context: { ...context, limits: openLimits({ party: limit, operator: limit }) },
    });
    const at = Math.floor(Date.now() / 86_400_000) * 86_400_000;
    const read = { body: null, path: `/v1/grants/${scene.query}` };
    const forged = { ...read, signature: (made: Uint8Array) => made.toReversed() };
    try {
      door.fixture.setTime(at + 86_400_000);
      for (let n = 0; n < 10; n++) await expectRefused(send(forged, undefined, limited), 401, 'signature_refused');
      for (let n = 0; n < 2; n++) expect((await send(read, undefined, limited)).status).toBe(200);
      const answer = await expectRefused(send({}, undefined, limited), 429, 'rate_limited');
      expect(answer.headers.get('retry-after')).toBe('1');
      // Another party’s are counted apart.
      expect((await send({ ...read, by: signersOf(stranger) }, undefined, limited)).status).toBe(404);
      door.fixture.setTime(at + 86_401_000);
      expect((await send(read, undefined, limited)).status).toBe(200);
      door.fixture.setTime(at + 86_460_000);
      await expectRefused(send(read, undefined, limited), 429, 'rate_limited');
      door.fixture.setTime(at + 2 * 86_400_000);
      expect((await send(read, undefined, limited)).status).toBe(200);
    } finally {
      door.fixture.setTime(Date.now());
    }
  });
});

describe('what a subject signed in the body', () => {
  let letter: Awaited<ReturnType<typeof draftLetter>>;
  let person: Person;
  beforeAll(async () => {
    const { lender, handle, bureau } = scene;
    person = scene.person;
    const grants = twoClauses(bureau, Date.now());
    letter = await draftLetter(door.fixture.context, { lender, handle, grants });
  });

  test('needs no signature under the request; but one that is there has to be good', async () => {
    const path = `/v1/letters/${letter.letter}/signature`;
    const text = JSON.stringify(await signLetter(letter, person, [true, true], Date.now()));
    await expectRefused(send({ path, body: text, authority: 'other.example' }), 401, 'signature_refused');
    await expectRefused(send({ path, body: text }, without('signature')), 400, 'signature_malformed');
    await expectRefused(send({ path, body: text, age: 6 * MINUTE }), 401, 'signature_stale');
    const answer = await send({ path, body: text }, without('signature', 'signature-input', 'content-digest'));
    expect(answer.status).toBe(201);
    const { lender, handle } = scene;
    const { entries } = (
      await door.as(signersOf(lender)).get(`/v1/relationships/${handle}/entries?from=${answer.json.entry.seq}`)
    ).json;
    expect(JSON.parse(entries[0].entry).body).toMatchObject({ auth: 'statement', by: [], request: null });
  });
});

describe('the answer to a write', () => {
  /** Reads an answer's signature by the words of RFC 9421, and verifies it under the ledger's issuing key. */
  async function verifies({ status, headers, text }: Answer, path: string, idempotencyKey: string): Promise<boolean> {
    const { publicKey } = door.fixture.keys.issuing;
    const input = headers.get('signature-input') ?? '';
    const [, names, created, keyid] =
      /^assent=\((.*)\);created=(\d+);keyid="([^"]*)";alg="ed25519";tag="assent-v1"$/.exec(input) ?? [];
    expect(names).toBe('"@status" "content-digest" "@method";req "@path";req "idempotency-key";req');
    expect(keyid).toBe(`log/${toBase64Url(publicKey)}`);
    expect(Math.abs(Number(created) - nowSeconds())).toBeLessThan(60);
    const { base, params } = answerBase(
      { status, contentDigest: contentDigest(utf8(text)), method: 'POST', path, idempotencyKey },
      { created: Number(created), keyid: keyid as string },
    );
    expect(input).toBe(`assent=${params}`);
    const [, signature = ''] = /^assent=:(.*):$/.exec(headers.get('signature') ?? '') ?? [];
    return nativeEd25519.verify(publicKey, utf8(base), parseBase64(signature));
  }

  test.each<[string, number, Made, Change?]>([
    ['an access', 201, {}],
    ['a denial', 201, { body: 'marketing' }],
    ['a body that is not as wanted', 400, { body: '{"a":1}' }],
    ['a signature by another', 401, { authority: 'other.example' }],
    ['no signature', 401, {}, without('signature', 'signature-input')],
    ['a malformed signature', 400, {}, without('signature')],
    ['an unknown media type', 415, {}, without('content-type')],
    ['a query where there is none', 400, { query: '?a=b' }],
  ])('carries the ledger’s signature: %s', async (_what, status, made, change) => {
    const key = randomUUID();
    const text = made.body === 'marketing' ? body.replace('loan_apply', 'marketing') : made.body;
    const answer = await send({ ...made, key, ...(text === undefined ? {} : { body: text }) }, change);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-digest')).toBe(contentDigest(utf8(answer.text)));
    expect(await verifies(answer, ACCESSES, key)).toBe(true);
    // Another status, body, path or key is another answer.
    expect(await verifies({ ...answer, status: status + 1 }, ACCESSES, key)).toBe(false);
    expect(await verifies({ ...answer, text: `${answer.text} ` }, ACCESSES, key)).toBe(false);
    expect(await verifies({ ...answer, text: answer.text.replace('"', "'") }, ACCESSES, key)).toBe(false);
    expect(await verifies(answer, '/v1/letters', key)).toBe(false);
    expect(await verifies(answer, ACCESSES, randomUUID())).toBe(false);
  });

  test('is signed too where it says that something is wrong on our side', async () => {
    const { context, ledger } = door.fixture;
    const submit = () => Promise.reject(new Error('broken'));
    const broken = doorTo(door.fixture, { context: { ...context, ledger: { ...ledger, submit } } });
    const key = randomUUID();
    const answer = await send({ key }, undefined, broken);
    expect(answer.status).toBe(500);
    expect(await verifies(answer, ACCESSES, key)).toBe(true);
  });

  test('names the path as it was asked for', async () => {
    const path = `/v1/parties/%61%0a"x": y/keys`.replaceAll('"', '%22').replace(' ', '%20');
    const key = randomUUID();
    const answer = await door.post(path, {}, { 'idempotency-key': key });
    expect(answer.status).toBe(400);
    expect(await verifies(answer, path, key)).toBe(true);
  });

  test('is told apart from a request: its own signature opens nothing', async () => {
    const { headers } = await send();
    size = await door.size();
    const names: Name[] = ['content-digest', 'signature-input', 'signature'];
    const turned = replaced('signature-input', (was) => was);
    const answer = await send({}, (pairs, of) =>
      turned(pairs, of).map(
        ([name, value]): Pair => [name, names.some((each) => each === name) ? (headers.get(name) as string) : value],
      ),
    );
    await expectRefused(answer, 400, 'signature_malformed');
  });

  test('to a read is not signed', async () => {
    const { headers } = await door.as(signersOf(scene.lender)).get(`/v1/grants/${scene.query}`);
    expect([headers.get('signature'), headers.get('signature-input')]).toEqual([null, null]);
  });
});

test('random bytes in the headers of a signature are refused', async () => {
  for (let n = 0; n < 50; n++) {
    const noise = toBase64(random(1 + (n % 40)));
    const name = n % 2 === 0 ? 'signature-input' : 'signature';
    const at = (text: string) => Math.floor((text.length * n) / 50);
    const answer = await send(
      {},
      replaced(name, (was) => was.slice(0, at(was)) + noise + was.slice(at(was) + 1)),
    );
    expect([400, 401]).toContain(answer.status);
    expect(await door.size()).toBe(size);
  }
});
