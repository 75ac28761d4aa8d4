import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBase64, parseBase64Url, toBase64, utf8 } from '#core/bytes.ts';
import { useSha256 } from '#core/hash.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { parsePublicKey } from '#core/note/key.ts';
import { answerBase } from '#core/request/answer.ts';
import { contentDigest } from '#core/request/content-digest.ts';
import {
  type Covered,
  componentsOf,
  formatAcceptSignature,
  formatSignatureBase,
  formatSignatureParams,
  parseSignatureBase,
  type SignatureBase,
} from '#core/request/signature-base.ts';
import { nativeEd25519, nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';

useSha256(nativeSha256);

type Components = readonly (readonly [name: string, value: string])[];

/** A base written by hand: its lines, the list of their names, its parameters in this order. */
function written(lines: Components, params: readonly string[], list = lines.map(([name]) => name)): string {
  return [
    ...lines.map(([name, value]) => `${name}: ${value}`),
    `"@signature-params": (${list.join(' ')})${params.join('')}`,
  ].join('\n');
}

function paramsOf({ created, keyid }: { readonly created: number; readonly keyid: string }): readonly string[] {
  return [`;created=${created}`, `;keyid="${keyid}"`, ';alg="ed25519"', ';tag="assent-v1"'];
}

const printable = (maxLength: number) =>
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength });
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const reads: fc.Arbitrary<Covered> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE'),
  authority: fc.constantFrom('ledger.example', 'ledger.example:8443', '[::1]:80', '127.0.0.1'),
  path: printable(40).map((rest) => `/${rest}`),
  query: printable(40).map((rest) => `?${rest}`),
  contentDigest: fc.constant(null),
  idempotencyKey: fc.constant(null),
});
const writes: fc.Arbitrary<Covered> = fc
  .tuple(reads, fc.uint8Array(), printable(40))
  .map(([read, body, idempotencyKey]) => ({ ...read, contentDigest: contentDigest(body), idempotencyKey }));
const params = fc.record({
  created: fc.integer({ min: 0, max: 999_999_999_999 }),
  keyid: fc.tuple(hex(32), hex(43)).map(([party, key]) => `party/${party}/${key}`),
});
const bases: fc.Arbitrary<SignatureBase> = fc
  .tuple(fc.oneof(reads, writes), params)
  .map(([covered, named]) => ({ covered, ...named }));

function formatted({ covered, ...named }: SignatureBase): string {
  const components = componentsOf(covered);
  const names = components.map(([name]) => name);
  return formatSignatureBase(components, formatSignatureParams(names, named));
}

const READ: SignatureBase = {
  covered: {
    method: 'GET',
    authority: 'ledger.example',
    path: '/v1/a',
    query: '?',
    contentDigest: null,
    idempotencyKey: null,
  },
  created: 1_795_268_000,
  keyid: 'party/x/y',
};
const WRITE: SignatureBase = {
  ...READ,
  covered: { ...READ.covered, method: 'POST', contentDigest: contentDigest(utf8('x')), idempotencyKey: 'k' },
};
const KINDS = [
  ['a read', READ],
  ['a write', WRITE],
] as const;
const refuses = (base: string) => expectFailure('signature_malformed', () => parseSignatureBase(base));

describe('a signature base', () => {
  test('that we write reads back', () => {
    fc.assert(
      fc.property(bases, (base) => {
        expect(parseSignatureBase(formatted(base))).toEqual(base);
      }),
    );
  });

  test('is read in any order of its components and of its parameters', () => {
    const orders = fc.tuple(
      fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
      fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
    );
    fc.assert(
      fc.property(bases, orders, (base, [lines, named]) => {
        const components = componentsOf(base.covered);
        const inOrder = lines.flatMap((at) => components.slice(at, at + 1));
        const text = written(
          inOrder,
          named.map((at) => paramsOf(base)[at] as string),
        );
        expect(parseSignatureBase(text)).toEqual(base);
      }),
    );
  });

  test('is the text of RFC 9421, section 2.5', () => {
    expect(formatted(WRITE)).toBe(
      [
        '"@method": POST',
        '"@authority": ledger.example',
        '"@path": /v1/a',
        '"@query": ?',
        '"content-digest": sha-256=:LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=:',
        '"idempotency-key": k',
        '"@signature-params": ("@method" "@authority" "@path" "@query" "content-digest" "idempotency-key");created=1795268000;keyid="party/x/y";alg="ed25519";tag="assent-v1"',
      ].join('\n'),
    );
  });

  describe.each(KINDS)('of %s', (_kind, base) => {
    const components = componentsOf(base.covered);
    const named = paramsOf(base);

    test('is read as it stands here', () => {
      expect(parseSignatureBase(written(components, named))).toEqual(base);
    });

    test.each(components.map(([name], at) => [name, at] as const))(
      'is refused without %s, and with it twice',
      (_name, at) => {
        refuses(written(components.toSpliced(at, 1), named));
        const [name, value] = components[at] as Components[number];
        for (const twice of [value, '', 'another']) {
          refuses(written([...components, [name, twice]], named));
          refuses(written(components.toSpliced(at, 0, [name, twice]), named));
        }
        // Also where another one makes up for it.
        refuses(written(components.with(at, components[(at + 1) % components.length] as Components[number]), named));
      },
    );

    test.each([
      '"@scheme"',
      '"@target-uri"',
      '"@request-target"',
      '"@status"',
      '"@query-param";name="a"',
      '"@signature-params"',
      '"@method";req',
      '"@Method"',
      '"content-digest";req',
      '"content-digest";sf',
      '"Content-Digest"',
      '"idempotency-key";bs',
      '"date"',
      '"content-type"',
      '"authorization"',
      '"__proto__"',
      '"constructor"',
      '""',
      '@method',
      '',
    ])('is refused with %j, as one more and in the place of any', (name) => {
      refuses(written([...components, [name, 'x']], named));
      refuses(written([[name, 'x'], ...components], named));
      for (const [at, [, value]] of components.entries()) refuses(written(components.with(at, [name, value]), named));
    });

    test('is refused with another list of its components than lines', () => {
      const names = components.map(([name]) => name);
      for (const list of [
        [],
        names.slice(1),
        [...names, '"@scheme"'],
        [...names, names[0] as string],
        names.toReversed(),
        names.map((name) => name.toUpperCase()),
        names.map((name) => `${name};req`),
        names.map((name) => ` ${name}`),
      ]) {
        refuses(written(components, named, list));
      }
    });

    test.each(['created', 'keyid', 'alg', 'tag'].map((name, at) => [name, at] as const))(
      'is refused without the parameter %s, and with it twice',
      (_name, at) => {
        refuses(written(components, named.toSpliced(at, 1)));
        refuses(written(components, [...named, named[at] as string]));
        refuses(written(components, named.with(at, named[(at + 1) % named.length] as string)));
      },
    );

    test.each([
      ';expires=1795268300',
      ';nonce="x"',
      ';x',
      ';created',
      ';__proto__="x"',
      ';keyid=x',
      ';tag="assent-v1";',
      ';',
      ' ',
      ',',
      'x',
    ])('is refused with %j behind its parameters', (more) => {
      refuses(written(components, [...named, more]));
    });

    test.each([
      [0, ';created="1795268000"'],
      [0, ';created=1795268000.5'],
      [0, ';created=-1'],
      [0, ';created=+1'],
      [0, ';created=01'],
      [0, ';created=1e9'],
      [0, ';created=1234567890123'],
      [0, ';created='],
      [0, '; created=1'],
      [0, ';Created=1'],
      [0, ';created=@1795268000'],
      [1, ';keyid=party'],
      [1, ';keyid="a\\"b"'],
      [1, ';keyid="a\\\\b"'],
      [1, ';keyid="a'],
      [1, ';keyid="é"'],
      [1, ';keyid="a\tb"'],
      [1, ';keyid=:YQ==:'],
      [2, ';alg=ed25519'],
      [2, ';alg="Ed25519"'],
      [2, ';alg="rsa-v1_5-sha256"'],
      [2, ';alg="hmac-sha256"'],
      [2, ';alg=""'],
      [3, ';tag="assent-v2"'],
      [3, ';tag="web-bot-auth"'],
      [3, ';tag=""'],
      [3, ';tag=assent-v1'],
    ])('is refused with a parameter (%i) written %j', (at, text) => {
      refuses(written(components, named.with(at, text)));
    });

    test('says each thing in one way: after a change of any character it is refused, or says something else', () => {
      const text = written(components, named);
      fc.assert(
        fc.property(fc.nat(text.length - 1), fc.string({ unit: 'binary', minLength: 0, maxLength: 2 }), (at, put) => {
          const changed = text.slice(0, at) + put + text.slice(at + 1);
          fc.pre(changed !== text);
          let read: SignatureBase;
          try {
            read = parseSignatureBase(changed);
          } catch (thrown) {
            return expectFailure('signature_malformed', () => {
              throw thrown;
            });
          }
          expect(read).not.toEqual(base);
          expect(formatted(read)).toBe(changed);
        }),
        { numRuns: 2_000 },
      );
    });

    test('has the line of its parameters last, under its name', () => {
      const text = written(components, named);
      refuses(text.replace('"@signature-params": ', ''));
      refuses(text.replace('"@signature-params": ', '"@signature-params":'));
      refuses(text.replace('"@signature-params"', '"@Signature-Params"'));
      refuses(`${text}\n`);
      refuses(`\n${text}`);
      refuses(text.replaceAll('\n', '\r\n'));
      refuses(text.split('\n').reverse().join('\n'));
      refuses(text.slice(0, text.lastIndexOf('\n')));
    });
  });

  test('never lets a value say a line of its own', () => {
    const smuggled = fc.constantFrom(
      '"@method": GET',
      '"@path": /v1/other',
      '"content-digest": sha-256=:x:\n"idempotency-key": k',
      '"date": x',
      '"@signature-params": ("@method");created=1',
      '',
      '\u2028"@path": /v1/other',
    );
    const fields = fc.constantFrom<keyof Covered>(
      'method',
      'authority',
      'path',
      'query',
      'contentDigest',
      'idempotencyKey',
    );
    fc.assert(
      fc.property(
        bases,
        fields,
        smuggled,
        fc.constantFrom('\n', '\r', '\r\n', '\u2028', '\u2029'),
        (base, field, more, end) => {
          fc.pre(base.covered[field] !== null);
          refuses(formatted({ ...base, covered: { ...base.covered, [field]: `${base.covered[field]}${end}${more}` } }));
        },
      ),
    );
  });

  test('covers the body of a write by both, the digest and the idempotency key, or it is none', () => {
    const components = componentsOf(WRITE.covered);
    for (const name of ['"content-digest"', '"idempotency-key"']) {
      refuses(
        written(
          components.filter(([each]) => each !== name),
          paramsOf(WRITE),
        ),
      );
    }
  });

  test('fails as malformed for any text at all', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), refuses));
    for (const text of ['', '\n', '()', '"@signature-params": ', '"@signature-params": ()', '\n'.repeat(1_000)])
      refuses(text);
    const long = `"@method": ${'x'.repeat(100_000)}`;
    refuses(long);
    refuses(`${long}\n"@signature-params": (${'"@method" '.repeat(10_000)})`);
    refuses(`"@signature-params": ()${';created=1'.repeat(10_000)}`);
  });

  test('is what is wanted of who signs nothing, as a dictionary’s member', () => {
    expect(formatAcceptSignature()).toBe(
      '("@method" "@authority" "@path" "@query" "content-digest" "idempotency-key");created;keyid;alg="ed25519";tag="assent-v1"',
    );
  });
});

describe('the base of an answer', () => {
  const covered = {
    status: 201,
    contentDigest: contentDigest(utf8('{}')),
    method: 'POST',
    path: '/v1/accesses',
    idempotencyKey: 'k',
  };
  const named = { created: 1_795_268_000, keyid: 'log/x' };

  test('binds status and body to the method, path and key that were asked with (RFC 9421, section 2.4)', () => {
    const { base, params: value } = answerBase(covered, named);
    expect(value).toBe(
      '("@status" "content-digest" "@method";req "@path";req "idempotency-key";req);created=1795268000;keyid="log/x";alg="ed25519";tag="assent-v1"',
    );
    expect(base).toBe(
      [
        '"@status": 201',
        `"content-digest": ${covered.contentDigest}`,
        '"@method";req: POST',
        '"@path";req: /v1/accesses',
        '"idempotency-key";req: k',
        `"@signature-params": ${value}`,
      ].join('\n'),
    );
  });

  test('is no request’s, and another for anything else', () => {
    const { base } = answerBase(covered, named);
    refuses(base);
    for (const change of [
      { status: 200 },
      { contentDigest: contentDigest(utf8('[]')) },
      { method: 'PUT' },
      { path: '/v1/letters' },
      { idempotencyKey: 'l' },
    ]) {
      expect(answerBase({ ...covered, ...change }, named).base).not.toBe(base);
    }
    expect(answerBase(covered, { ...named, created: 1 }).base).not.toBe(base);
    expect(answerBase(covered, { ...named, keyid: 'log/y' }).base).not.toBe(base);
  });
});

/** RFC 9421, appendix B.2.6, with the key test-key-ed25519 of B.1.4. */
describe('the published signature with Ed25519', () => {
  const LINES: Components = [
    ['"date"', 'Tue, 20 Apr 2021 02:07:55 GMT'],
    ['"@method"', 'POST'],
    ['"@path"', '/foo'],
    ['"@authority"', 'example.com'],
    ['"content-type"', 'application/json'],
    ['"content-length"', '18'],
  ];
  const PARAMS =
    '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"';
  const SIGNATURE = 'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==';
  const publicKey = parsePublicKey(parseBase64Url('JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs'));
  const seed = parseBase64Url('n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU');
  const base = formatSignatureBase(LINES, PARAMS);

  test.each([
    ['native', nativeEd25519],
    ['portable', portableEd25519],
  ] as const)('verifies over the published base, and is made over it (%s)', async (_name, ed25519) => {
    expect(await ed25519.verify(publicKey, utf8(base), parseBase64(SIGNATURE))).toBe(true);
    const key = await ed25519.importSeed(seed);
    expect(key.publicKey).toEqual(publicKey);
    expect(toBase64(await key.sign(utf8(base)))).toBe(SIGNATURE);
  });

  test.each([
    ['native', nativeEd25519],
    ['portable', portableEd25519],
  ] as const)('verifies over nothing else (%s)', async (_name, ed25519) => {
    const signature = parseBase64(SIGNATURE);
    for (const [at, [name, value]] of LINES.entries()) {
      const other = formatSignatureBase(LINES.with(at, [name, `${value} `]), PARAMS);
      expect(await ed25519.verify(publicKey, utf8(other), signature)).toBe(false);
    }
    expect(await ed25519.verify(publicKey, utf8(`${base}\n`), signature)).toBe(false);
    expect(await ed25519.verify(publicKey, utf8(base.replace('1618884473', '1618884474')), signature)).toBe(false);
    const crooked = Uint8Array.from(signature);
    crooked[0] = (crooked[0] as number) ^ 1;
    expect(await ed25519.verify(publicKey, utf8(base), crooked)).toBe(false);
  });

  test('is of another profile than ours: it is no request that we take', () => {
    refuses(base);
  });
});
