/** Requests that other implementations of RFC 9421 sign, read by ours; and answers that ours signs, read by them. */
import fc from 'fast-check';
import {
  appendSignature,
  createSignature,
  isSignatureError,
  type ResponseDescriptor,
  verifySignature,
} from 'http-message-sig';
import { httpbis } from 'http-message-signatures';
import { describe, expect, test } from 'vitest';
import type { Signatory, Unsigned } from '#client/index.ts';
import { utf8 } from '#core/bytes.ts';
import { contentDigest } from '#core/request/content-digest.ts';
import {
  A_WRITE,
  ANSWER,
  ANSWERED,
  CREATED,
  changesOf,
  fieldsOf,
  first,
  isPlain,
  keyidOf,
  NOW,
  one,
  PARAMS,
  READ,
  type Sent,
  SIGNED,
  second,
  sentAs,
  stranger,
  two,
  unsigned,
  WRITE,
  weVerify,
} from './three-signers.ts';

describe('a request that others sign', () => {
  const names = one.map(keyidOf);
  const [keyid] = names as [string];
  const shuffled = (of: readonly string[]) => fc.shuffledSubarray([...of], { minLength: of.length });
  const base = (request: Unsigned): Sent => {
    const { body, idempotencyKey } = request;
    return sentAs(request, {
      ...(body === undefined ? {} : { 'content-digest': contentDigest(utf8(body)) }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    });
  };

  async function signedBySig(
    sent: Sent,
    components: readonly string[],
    params: readonly string[],
    key = first,
    named = keyid,
  ) {
    const values: Record<string, string | number> = {
      created: CREATED,
      keyid: named,
      alg: 'ed25519',
      tag: 'assent-v1',
    };
    const { method, url, headers } = sent;
    const fields = await createSignature(
      { kind: 'request', method, targetUri: url, fields: fieldsOf(headers) },
      {
        label: 'x',
        components,
        parameters: Object.fromEntries(params.map((name) => [name, values[name]])),
        signer: key.sig.signer,
      },
    );
    return { ...sent, headers: { ...headers, signature: fields.signature, 'signature-input': fields.signatureInput } };
  }

  async function signedBySignatures(
    sent: Sent,
    fields: readonly string[],
    params: readonly string[],
    key = first,
    named = keyid,
  ) {
    const { method, url, headers } = sent;
    const signed = await httpbis.signMessage(
      {
        key: key.signatures.signer,
        name: 'y',
        fields: [...fields],
        params: [...params],
        paramValues: { created: new Date(CREATED * 1_000), keyid: named, alg: 'ed25519', tag: 'assent-v1' },
      },
      { method, url, headers: { ...headers } },
    );
    const written = Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
    return { ...sent, headers: Object.fromEntries(written) as Record<string, string> };
  }

  test.each([
    ['http-message-sig', signedBySig],
    ['http-message-signatures', signedBySignatures],
  ] as const)('with %s is read and verified by us, in whatever order it is signed', async (_name, signWith) => {
    await fc.assert(
      fc.asyncProperty(unsigned, shuffled(WRITE), shuffled(PARAMS), async (request, components, params) => {
        const covered = request.body === undefined ? components.filter((name) => READ.includes(name)) : components;
        const sent = await signWith(base(request), covered, params);
        expect(await weVerify(sent, names)).toBe(isPlain(request));
        expect(await weVerify({ ...sent, url: sent.url.replace(/:\/\/[^/]*/, '://evil.example') }, names)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['http-message-sig', signedBySig],
    ['http-message-signatures', signedBySignatures],
  ] as const)('with %s is refused after any change, or by another key', async (_name, signWith) => {
    const sent = await signWith(base(A_WRITE), WRITE, PARAMS);
    expect(await weVerify(sent, names)).toBe(true);
    for (const [what, changed] of changesOf(sent)) expect(await weVerify(changed, names), what).toBe(false);
    expect(await weVerify({ ...sent, body: '{"a":2}' }, names)).toBe(false);
    expect(await weVerify(await signWith(base(A_WRITE), WRITE, PARAMS, stranger), names)).toBe(false);
  });

  test.each([
    ['http-message-sig', signedBySig],
    ['http-message-signatures', signedBySignatures],
  ] as const)('with %s is refused over fewer components or parameters, or more', async (_name, signWith) => {
    for (const without of WRITE) {
      const fewer = WRITE.filter((each) => each !== without);
      expect(await weVerify(await signWith(base(A_WRITE), fewer, PARAMS), names), without).toBe(false);
    }
    for (const without of PARAMS) {
      const fewer = PARAMS.filter((each) => each !== without);
      expect(await weVerify(await signWith(base(A_WRITE), WRITE, fewer), names), without).toBe(false);
    }
    for (const more of ['@scheme', '@target-uri', 'content-type']) {
      const sent = base(A_WRITE);
      const typed = { ...sent, headers: { ...sent.headers, 'content-type': 'application/json' } };
      expect(await weVerify(await signWith(typed, WRITE, PARAMS), names)).toBe(true);
      expect(await weVerify(await signWith(typed, [...WRITE, more], PARAMS), names), more).toBe(false);
    }
  });

  test('is signed by two operators, each with an implementation of its own', async () => {
    const sent = base(A_WRITE);
    const other = keyidOf(two[1] as Signatory);
    const [x, y] = [
      await signedBySig(sent, WRITE, PARAMS),
      await signedBySignatures(sent, WRITE.toReversed(), PARAMS, second, other),
    ];
    const headers = appendSignature(new Headers(x.headers), {
      signature: y.headers['signature'] as string,
      signatureInput: y.headers['signature-input'] as string,
    });
    const both = { ...sent, headers: Object.fromEntries(headers) };
    expect(await weVerify(both, [keyid, other])).toBe(true);
    expect(await weVerify(both, [keyid])).toBe(false);
  });
});

describe('an answer that we sign', () => {
  const [body, answered, request] = [ANSWER.body, ANSWERED, SIGNED];

  interface Exchange {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly request: Sent;
  }
  const good: Exchange = { status: answered.status, headers: answered.headers, request };

  async function sigTakes({ status, headers, request: { method, url, headers: sent } }: Exchange): Promise<boolean> {
    const message: ResponseDescriptor = {
      kind: 'response',
      status,
      fields: fieldsOf(headers),
      request: { kind: 'request', method, targetUri: url, fields: fieldsOf(sent) },
    };
    try {
      const { components, parameters } = await verifySignature(message, {
        label: 'assent',
        policy: {
          algorithms: ['ed25519'],
          requiredComponents: ['@status', 'content-digest'],
          requiredParameters: PARAMS,
          ...NOW,
        },
        resolveVerifier: () => first.sig.verifier,
      });
      expect(components.map(({ name }) => name)).toEqual([
        '@status',
        'content-digest',
        '@method',
        '@path',
        'idempotency-key',
      ]);
      expect(parameters).toMatchObject({ keyid: `log/${first.text}`, tag: 'assent-v1', created: CREATED });
      return true;
    } catch (thrown) {
      if (isSignatureError(thrown)) return false;
      throw thrown;
    }
  }

  async function signaturesTakes({
    status,
    headers,
    request: { method, url, headers: sent },
  }: Exchange): Promise<boolean> {
    const verified = await httpbis
      .verifyMessage(
        {
          keyLookup: async () => ({ id: 'log', algs: ['ed25519'], verify: first.signatures.verify }),
          requiredFields: ['@status', 'content-digest'],
          requiredParams: PARAMS,
          notAfter: CREATED,
        },
        { status, headers: { ...headers } },
        { method, url, headers: { ...sent } },
      )
      .catch(() => false);
    return verified === true;
  }

  test('is verified by both other implementations, with the request that it answers', async () => {
    expect(answered.body).toBe(body);
    expect(answered.headers['content-digest']).toBe(contentDigest(utf8(body)));
    expect(await sigTakes(good)).toBe(true);
    expect(await signaturesTakes(good)).toBe(true);
  });

  test.each<[string, Exchange]>([
    ['status', { ...good, status: 200 }],
    ['body', { ...good, headers: { ...good.headers, 'content-digest': contentDigest(utf8('{}')) } }],
    ['path that was asked', { ...good, request: { ...request, url: request.url.replace('accesses', 'letters') } }],
    ['method', { ...good, request: { ...request, method: 'PUT' } }],
    ['idempotency key', { ...good, request: { ...request, headers: { ...request.headers, 'idempotency-key': 'x' } } }],
    [
      'time',
      {
        ...good,
        headers: {
          ...good.headers,
          'signature-input': (good.headers['signature-input'] ?? '').replace(`${CREATED}`, `${CREATED - 1}`),
        },
      },
    ],
    [
      'signature',
      {
        ...good,
        headers: { ...good.headers, signature: request.headers['signature']?.replace('sig1', 'assent') ?? '' },
      },
    ],
  ])('is verified by none with another %s', async (_what, changed) => {
    expect(changed).not.toEqual(good);
    expect(await sigTakes(changed)).toBe(false);
    expect(await signaturesTakes(changed)).toBe(false);
  });
});
