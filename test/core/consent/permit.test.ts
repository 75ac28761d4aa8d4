/** The permit: what the ledger signs for one door, once, about one person. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url, utf8 } from '#core/bytes.ts';
import { encodeCanonical, type JsonObject } from '#core/canonical.ts';
import {
  bindRequest,
  digestPermit,
  formatPermit,
  openPermit,
  PERMIT_CHARS_MAX,
  type Permit,
  permitSubject,
} from '#core/consent/permit.ts';
import { OTHER_BASES } from '#core/consent/terms.ts';
import type { AccessId, GrantId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { portableEd25519, type SigningKey } from '#core/note/ed25519.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { expectRefusal } from '../../support/failure.ts';

const id = <Id extends string>(n: number) => n.toString(16).padStart(32, '0') as Id;
const HASH = toBase64Url(new Uint8Array(32).fill(7));

const PERMIT: Omit<Permit, 'v'> = {
  log: 'paper.assent.example/log',
  access: id<AccessId>(1),
  aud: id<PartyId>(2),
  principal: id<PartyId>(3),
  ground: { grant: id<GrantId>(4) },
  action: 'QUERY',
  purpose: 'loan_apply',
  items: ['credit_report'],
  sub: HASH,
  request: null,
  offline: false,
  issued_at: 1_717_171_200_000 as Instant,
  expires_at: 1_717_171_500_000 as Instant,
  index: 12,
  leaf: HASH,
};

let key: SigningKey;
let other: SigningKey;
beforeAll(async () => {
  key = await nativeEd25519.importSeed(new Uint8Array(32).fill(1));
  other = await nativeEd25519.importSeed(new Uint8Array(32).fill(2));
});

const open = (text: string) => openPermit(text, key.publicKey, nativeEd25519);
const refused = (text: string) => expectRefusal('permit_invalid', open(text));

/** Signs any header and payload, as whoever has the key could. */
async function forge(head: string, payload: string, signer: SigningKey = key): Promise<string> {
  const signed = `${head}.${payload}`;
  return `${signed}.${toBase64Url(await signer.sign(utf8(signed)))}`;
}
const encode = (value: JsonObject) => toBase64Url(encodeCanonical(value));
const headOf = (change: JsonObject = {}) =>
  encode({ alg: 'EdDSA', kid: `log/${toBase64Url(key.publicKey)}`, typ: 'assent-permit+jws', ...change });
const payloadOf = (change: JsonObject = {}) => encode({ v: 1, ...(PERMIT as unknown as JsonObject), ...change });

const ids = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((n) => n.toString(16).padStart(32, '0'));
const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toBase64Url);
const codes = fc.stringMatching(/^[a-z][a-z_.-]{0,20}$/);
const instants = fc.nat(2 ** 41);
const permits = fc.record({
  log: fc.string({ minLength: 1, maxLength: 512 - 1, unit: 'grapheme-ascii' }),
  access: ids,
  aud: ids,
  principal: ids,
  ground: fc.oneof(
    fc.record({ grant: ids }),
    fc.record({ basis: fc.constantFrom(...OTHER_BASES), reference: fc.boolean() }),
  ),
  action: fc.constantFrom('QUERY', 'REPORT', 'PROVIDE'),
  purpose: codes,
  items: fc.array(codes, { maxLength: 128 }),
  sub: hashes,
  request: fc.option(hashes),
  offline: fc.boolean(),
  issued_at: instants,
  expires_at: instants,
  index: fc.nat(),
  leaf: hashes,
}) as unknown as fc.Arbitrary<Omit<Permit, 'v'>>;

describe('a permit', () => {
  it('says again what was written into it, to every implementation', async () => {
    await fc.assert(
      fc.asyncProperty(permits, async (permit) => {
        const text = await formatPermit(key, permit);
        expect(text).toMatch(/^[\w-]+\.[\w-]+\.[\w-]{86}$/);
        expect(await open(text)).toEqual({ v: 1, ...permit });
        expect(await openPermit(text, key.publicKey, portableEd25519)).toEqual({ v: 1, ...permit });
      }),
      { numRuns: 30 },
    );
  });

  it('has the same bytes each time, and so the same name', async () => {
    const [once, again] = [await formatPermit(key, PERMIT), await formatPermit(key, { ...PERMIT })];
    expect(again).toBe(once);
    expect([...digestPermit(again)]).toEqual([...digestPermit(once)]);
    const changed = await formatPermit(key, { ...PERMIT, index: 13 });
    expect([...digestPermit(changed)]).not.toEqual([...digestPermit(once)]);
  });

  it('is refused with any character of it changed, left out, or doubled', async () => {
    const text = await formatPermit(key, PERMIT);
    for (let at = 0; at < text.length; at++) {
      const unit = text[at] as string;
      await refused(text.slice(0, at) + (unit === 'A' ? 'B' : 'A') + text.slice(at + 1));
      await refused(text.slice(0, at) + text.slice(at + 1));
      await refused(text.slice(0, at) + unit + text.slice(at));
    }
    for (const more of [' ', '\n', '=', '.', '.A']) {
      await refused(text + more);
      await refused(more + text);
    }
  });

  it('is refused with another last character that decodes to the same bytes', async () => {
    // 64 bytes leave four bits unused in the last of 86 characters: one spelling is taken, not sixteen.
    const text = await formatPermit(key, PERMIT);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const taken: string[] = [];
    for (const last of alphabet) {
      const spelled = text.slice(0, -1) + last;
      if (
        await open(spelled).then(
          () => true,
          () => false,
        )
      )
        taken.push(spelled);
    }
    expect(taken).toEqual([text]);
  });

  it.each<[string, () => Promise<string>]>([
    ['alg none, and no signature', async () => `${headOf({ alg: 'none' })}.${payloadOf()}.`],
    ['alg none, signed nevertheless', () => forge(headOf({ alg: 'none' }), payloadOf())],
    ['alg HS256', () => forge(headOf({ alg: 'HS256' }), payloadOf())],
    ['another typ', () => forge(headOf({ typ: 'JWT' }), payloadOf())],
    ['another kid', () => forge(headOf({ kid: `log/${toBase64Url(other.publicKey)}` }), payloadOf())],
    ['a header with more', () => forge(headOf({ crit: ['b64'] }), payloadOf())],
    ['a header with its own key', () => forge(headOf({ jwk: { kty: 'OKP' } }), payloadOf())],
    ['another key', () => forge(headOf(), payloadOf(), other)],
    ['another key under its own header', () => formatPermit(other, PERMIT)],
    ['two parts', async () => (await formatPermit(key, PERMIT)).split('.').slice(0, 2).join('.')],
    ['four parts', async () => `${await formatPermit(key, PERMIT)}.e30`],
    ['no parts', async () => ''],
    ['dots only', async () => '..'],
    ['another version', () => forge(headOf(), payloadOf({ v: 2 }))],
    ['a field more', () => forge(headOf(), payloadOf({ admin: true }))],
    ['an action that there is not', () => forge(headOf(), payloadOf({ action: 'SELL' }))],
    ['a ground that is none', () => forge(headOf(), payloadOf({ ground: {} }))],
    ['consent without its grant', () => forge(headOf(), payloadOf({ ground: { basis: 'consent', reference: true } }))],
    [
      'a document’s number',
      () => forge(headOf(), payloadOf({ ground: { basis: 'judicial', reference: 'EX-1890-1' } })),
    ],
    [
      'two grounds',
      () => forge(headOf(), payloadOf({ ground: { grant: id<GrantId>(4), basis: 'judicial', reference: true } })),
    ],
    ['a time in text', () => forge(headOf(), payloadOf({ expires_at: 'never' }))],
    ['a payload that is no JSON', () => forge(headOf(), toBase64Url(utf8('permit')))],
    ['a payload that is not canonical', () => forge(headOf(), toBase64Url(utf8(`${JSON.stringify(PERMIT)} `)))],
    ['a payload that is no base64url', () => forge(headOf(), 'e+/=')],
    ['a signature of no bytes', async () => `${headOf()}.${payloadOf()}.`],
    ['a signature of other bytes', async () => `${headOf()}.${payloadOf()}.${toBase64Url(new Uint8Array(64))}`],
  ])('is refused with %s', async (_what, made) => {
    await refused(await made());
  });

  it.each(Object.keys(PERMIT))('is refused without %s', async (name) => {
    const { [name]: _gone, ...rest } = { v: 1, ...PERMIT } as unknown as JsonObject;
    await refused(await forge(headOf(), encode(rest)));
  });

  it('is refused where it is huge, before anything of it is looked at', async () => {
    const text = await formatPermit(key, PERMIT);
    await refused('x'.repeat(50_000_000));
    await refused('.'.repeat(1_000_000));
    await refused(text + 'A'.repeat(PERMIT_CHARS_MAX));
    const long = await forge(headOf(), payloadOf({ log: 'x'.repeat(PERMIT_CHARS_MAX) }));
    const unasked = { ...nativeEd25519, verify: () => Promise.reject(new Error('it was looked at')) };
    await expectRefusal('permit_invalid', openPermit(long, key.publicKey, unasked));
  });

  it('fits with as many and as long items as a grant may have', async () => {
    const items = Array.from({ length: 128 }, (_, i) => `i${'x'.repeat(59)}${i}`);
    expect((await open(await formatPermit(key, { ...PERMIT, items }))).items).toEqual(items);
  });
});

describe('whom a permit is about', () => {
  const doorKey = new Uint8Array(32).fill(9);
  const person = { id_type: 'resident_id', id_number: '99000118000101123X' };
  const sub = (number: string, type = 'resident_id') =>
    permitSubject(doorKey, PERMIT.access, { id_type: type, id_number: number });

  it('is named otherwise in every access, and for every door', () => {
    const seen = new Set(
      Array.from({ length: 100 }, (_, n) => permitSubject(doorKey, id<AccessId>(n), person)).concat(
        permitSubject(new Uint8Array(32).fill(8), id<AccessId>(0), person),
      ),
    );
    expect(seen.size).toBe(101);
  });

  it.each([
    '99000118000101123x',
    ' 990001 18000101 123X ',
    '990001\t18000101123X',
    '９９０００１１８０００１０１１２３Ｘ',
  ])('is the same person however the number is written: %j', (number) => {
    expect(sub(number)).toBe(sub(person.id_number));
  });

  it.each([
    ['another number', sub('990001180001011231')],
    ['another kind of document', sub(person.id_number, 'passport')],
    ['nothing', sub('')],
  ])('is nobody else: %s', (_what, named) => {
    expect(named).not.toBe(sub(person.id_number));
  });

  it('never runs number and kind together', () => {
    expect(sub('b', 'a')).not.toBe(sub('', 'ab'));
    expect(sub('', 'a')).not.toBe(sub('A', ''));
  });
});

describe('a bound request', () => {
  it('is named by another digest for another body or salt, and by none without it', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (one, two) => {
        fc.pre(toBase64Url(one) !== toBase64Url(two));
        const salt = new Uint8Array(32).fill(1);
        expect(bindRequest(salt, one)).not.toBe(bindRequest(salt, two));
        expect(bindRequest(salt, one)).not.toBe(bindRequest(new Uint8Array(32).fill(2), one));
      }),
    );
  });
});
