/**
 * Signed requests and answers, between three implementations of RFC 9421: ours, `http-message-signatures` and
 * `http-message-sig`. What one signs, the others verify; what is changed on the way, none of them does.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signBases } from '#client/sign.ts';
import { utf8 } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import { contentDigest } from '#core/request/content-digest.ts';
import { readSignatures } from '#core/request/signed-request.ts';
import {
  A_READ,
  A_WRITE,
  CREATED,
  changesOf,
  isPlain,
  keyidOf,
  one,
  readByUs,
  type Sent,
  SIGNED,
  sign,
  signatories,
  signaturesVerifies,
  sigVerifies,
  two,
  unsigned,
  weVerify,
} from './three-signers.ts';

describe('a request that we sign', () => {
  test('is verified by both other implementations, and by our server', async () => {
    await fc.assert(
      fc.asyncProperty(unsigned, signatories, async (request, signers) => {
        const sent = await sign(signers, request);
        const names = signers.map(keyidOf);
        expect(await sigVerifies(sent, signers.length)).toBe(true);
        expect(await signaturesVerifies(sent, names)).toBe(true);
        expect(await weVerify(sent, names)).toBe(isPlain(request));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['a write', A_WRITE, two],
    ['a read', A_READ, one],
  ] as const)('is verified by none of the three after a change (%s)', async (_what, request, signers) => {
    const sent = await sign(signers, request);
    const names = signers.map(keyidOf);
    const verified: string[] = [];
    for (const [what, changed] of changesOf(sent)) {
      expect(changed, what).not.toEqual(sent);
      if (await sigVerifies(changed, signers.length)) verified.push(`http-message-sig: ${what}`);
      if (await signaturesVerifies(changed, names)) verified.push(`http-message-signatures: ${what}`);
      if (await weVerify(changed, names)) verified.push(`ours: ${what}`);
    }
    expect(verified).toEqual([]);
  });

  test('is refused by our server with any other body', async () => {
    const sent = await sign(two, A_WRITE);
    const names = two.map(keyidOf);
    expect(await weVerify(sent, names)).toBe(true);
    for (const body of ['', '{"a":1} ', '{"a":2}', '{ "a":1}'])
      expect(await weVerify({ ...sent, body }, names)).toBe(false);
    const read = await sign(one, A_READ);
    expect(await weVerify({ ...read, method: 'POST', body: 'x' }, one.map(keyidOf))).toBe(false);
  });

  test('carries the headers that it signs, and in a read no more than the signature', async () => {
    expect(Object.keys((await sign(one, A_READ)).headers).sort()).toEqual(['signature', 'signature-input']);
    const { headers } = await sign(two, A_WRITE);
    expect(headers).toMatchObject({ 'content-digest': contentDigest(utf8('{"a":1}')), 'idempotency-key': '7c8f' });
    expect(headers['signature-input']).toMatch(/^sig1=\(.*\);.*;tag="assent-v1", sig2=\(.*\);.*;tag="assent-v1"$/);
    expect(headers['signature']).toMatch(/^sig1=:[A-Za-z0-9+/]{86}==:, sig2=:[A-Za-z0-9+/]{86}==:$/);
  });

  test('is signed alike where it is sent and where it is kept', async () => {
    const read = await readByUs(await sign(two, A_WRITE));
    const bases = await signBases(two, A_WRITE, CREATED);
    expect(read?.signatures.map(({ base }) => base)).toEqual(bases.map(({ base }) => base));
    expect(read?.body).toBe('{"a":1}');
  });
});

describe('the signature headers of a request', () => {
  const names = one.map(keyidOf);
  const good = SIGNED;
  const { signature = '', 'signature-input': input = '' } = good.headers;
  const withHeaders = (change: Record<string, string>): Sent => ({ ...good, headers: { ...good.headers, ...change } });

  test('may be absent, both together: then nothing was signed', async () => {
    const { signature: _signature, 'signature-input': _input, ...headers } = good.headers;
    expect(await readByUs({ ...good, headers })).toBeNull();
    for (const half of [
      { ...headers, signature },
      { ...headers, 'signature-input': input },
    ]) {
      expect(await readByUs({ ...good, headers: half }).catch((thrown) => thrown.code)).toBe('signature_malformed');
    }
  });

  test('may carry a proxy’s signature with another tag, which is not ours to judge', async () => {
    const proxied = withHeaders({
      'signature-input': `proxy=("@method");created=1;keyid="p";tag="proxy", ${input}`,
      signature: `proxy=:AAAA:, ${signature}`,
    });
    expect(await weVerify(proxied, names)).toBe(true);
    const only = withHeaders({
      'signature-input': 'proxy=("@method");created=1;tag="proxy"',
      signature: 'proxy=:AAAA:',
    });
    expect(await readByUs(only).catch((thrown) => thrown.code)).toBe('signature_malformed');
  });

  const value = signature.slice('sig1='.length);
  test.each<[string, Record<string, string>]>([
    ['no dictionary', { 'signature-input': '(' }],
    ['no signature of this name', { signature: `sig2=${value}` }],
    ['a signature that is text', { signature: 'sig1="x"' }],
    ['a signature that is a list', { signature: `sig1=(${value})` }],
    ['a signature that is nothing', { signature: 'sig1' }],
    ['an input that is no list', { 'signature-input': 'sig1="x"' }],
    ['its name twice', { 'signature-input': `${input}, ${input}` }],
    ['a signature twice', { signature: `${signature}, ${signature}` }],
    ['another first, under the same name', { signature: `sig1=:AAAA:, ${signature}` }],
    ['three signatures', { 'signature-input': [1, 2, 3].map((n) => input.replace('sig1', `sig${n}`)).join(', ') }],
    ['a component with a parameter', { 'signature-input': input.replace('"@method"', '"@method";req') }],
    ['a component that is a token', { 'signature-input': input.replace('"@method"', 'method') }],
    ['a component that is not there', { 'signature-input': input.replace('"@method"', '"date"') }],
    ['a component twice', { 'signature-input': input.replace('"@method"', '"@method" "@method"') }],
    ['a parameter twice', { 'signature-input': `${input};tag="assent-v1"` }],
    ['a parameter more', { 'signature-input': `${input};nonce="x"` }],
    ['too long', { 'signature-input': `${input};x="${'x'.repeat(5_000)}"` }],
    ['empty', { 'signature-input': '', signature: '' }],
  ])('are refused with %s', async (_what, change) => {
    expect(await weVerify(good, names)).toBe(true);
    const thrown = await readByUs(withHeaders(change))
      .then((read) => read !== null && readSignatures(read))
      .catch((error: unknown) => error);
    expect(isFailure(thrown, 'signature_malformed')).toBe(true);
  });
});
