/** A request as each of three implementations of RFC 9421 signs and verifies it: ours, and two that are not. */

import { createPrivateKey, createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { Hono } from 'hono';
import { isSignatureError, verifySignature, webcrypto } from 'http-message-sig';
import { createSigner, createVerifier, httpbis } from 'http-message-signatures';
import { partySignatory, type Signatory, signRequest, subjectSignatory, type Unsigned } from '#client/index.ts';
import { parseBase64Url, toBase64Url, utf8 } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import { useSha256 } from '#core/hash.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import { encodePkcs8, parsePublicKey } from '#core/note/key.ts';
import { contentDigest } from '#core/request/content-digest.ts';
import { formatKeyName, readSignatures, type SignedRequest, verifyBase } from '#core/request/signed-request.ts';
import type { Answer, Env } from '../../src/api/answer.ts';
import { readSigned } from '../../src/api/signed.ts';
import { signAnswer } from '../../src/api/signed-answer.ts';
import { nativeEd25519, nativeSha256 } from '../../src/native.ts';

useSha256(nativeSha256);

const ID = '0198abcdef0123456789abcdef012345';
export const CREATED = 1_795_268_000;
export const NOW = { now: CREATED };

/** One key, as each of the three wants it. */
async function keyFrom(fill: number) {
  const seed = new Uint8Array(32).fill(fill);
  const ours = await nativeEd25519.importSeed(seed);
  const pkcs8 = encodePkcs8(seed);
  const pem = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  const [signing, verifying] = await Promise.all([
    crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']),
    crypto.subtle.importKey('raw', Uint8Array.from(ours.publicKey), 'Ed25519', true, ['verify']),
  ]);
  return {
    ours,
    text: toBase64Url(ours.publicKey),
    sig: { signer: webcrypto.signer(signing), verifier: webcrypto.verifier(verifying) },
    signatures: { signer: createSigner(pem, 'ed25519'), verify: createVerifier(createPublicKey(pem), 'ed25519') },
  };
}
type Key = Awaited<ReturnType<typeof keyFrom>>;
export const [first, second, stranger] = (await Promise.all([1, 2, 3].map(keyFrom))) as [Key, Key, Key];
const KEYS = new Map([first, second, stranger].map((key) => [key.text, key]));
const keyNamed = (keyid: string | undefined): Key | undefined => KEYS.get(keyid?.split('/').at(-1) ?? '');

export const one: readonly Signatory[] = [partySignatory(ID as PartyId, first.ours)];
export const two: readonly Signatory[] = [...one, partySignatory(ID as PartyId, second.ours)];
const subject: readonly Signatory[] = [subjectSignatory(ID as Handle, first.ours)];
export const keyidOf = ({ stream, key }: Signatory) => formatKeyName({ stream, key: toBase64Url(key.publicKey) });

export const WRITE = ['@method', '@authority', '@path', '@query', 'content-digest', 'idempotency-key'];
export const READ = WRITE.slice(0, 4);
export const PARAMS = ['created', 'keyid', 'alg', 'tag'];

/** A request on its way. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function sentAs({ method, authority, path, query, body }: Unsigned, headers: Record<string, string>): Sent {
  const url = `https://${authority}${path}${query}`;
  return { method, url, headers, ...(body === undefined ? {} : { body }) };
}

export async function sign(signatories: readonly Signatory[], unsigned: Unsigned): Promise<Sent> {
  return sentAs(unsigned, await signRequest(signatories, unsigned, CREATED));
}

export const fieldsOf = (headers: Readonly<Record<string, string>>) =>
  Object.entries(headers).map(([name, value]) => ({ name, value }));

/** Whether `http-message-sig` verifies every signature of a request. */
export async function sigVerifies({ method, url, headers, body }: Sent, count: number): Promise<boolean> {
  const message = { kind: 'request', method, targetUri: url, fields: fieldsOf(headers) } as const;
  const policy = {
    algorithms: ['ed25519'],
    requiredComponents: body === undefined ? READ : WRITE,
    requiredParameters: PARAMS,
    ...NOW,
  };
  for (let n = 1; n <= count; n++) {
    try {
      const resolveVerifier = ({ parameters }: { parameters: { keyid?: string } }) =>
        (keyNamed(parameters.keyid) ?? stranger).sig.verifier;
      await verifySignature(message, { label: `sig${n}`, policy, resolveVerifier });
    } catch (thrown) {
      if (isSignatureError(thrown)) return false;
      throw thrown;
    }
  }
  return true;
}

/** Whether `http-message-signatures` verifies every signature of a request: it answers of one at a time. */
export async function signaturesVerifies(
  { method, url, headers, body }: Sent,
  names: readonly string[],
): Promise<boolean> {
  for (const name of names) {
    const verified = await httpbis
      .verifyMessage(
        {
          keyLookup: async ({ keyid }) => {
            const key = keyNamed(keyid);
            return keyid === name && key !== undefined
              ? { id: name, algs: ['ed25519'], verify: key.signatures.verify }
              : null;
          },
          requiredFields: body === undefined ? READ : WRITE,
          requiredParams: PARAMS,
          notAfter: CREATED,
        },
        { method, url, headers: { ...headers } },
      )
      .catch(() => false);
    if (verified !== true) return false;
  }
  return true;
}

/** The server's reading, on a server that does nothing else. */
export async function readByUs({ method, url, headers, body }: Sent): Promise<SignedRequest | null> {
  let read: SignedRequest | null = null;
  let failure: unknown;
  const app = new Hono<Env>();
  app.all('*', async (call) => {
    try {
      read = readSigned(call, new URL(call.req.url).host, await call.req.text());
    } catch (thrown) {
      failure = thrown;
    }
    return call.text('');
  });
  await app.request(new Request(url, { method, headers: { ...headers }, ...(body === undefined ? {} : { body }) }));
  if (failure !== undefined) throw failure;
  return read;
}

/** A path with an escape is not taken: the audit looks for the path as it was routed. */
export const isPlain = ({ path }: Unsigned) => !path.includes('%');

/** Whether our server and core take a request as signed by these. */
export async function weVerify(sent: Sent, names: readonly string[]): Promise<boolean> {
  try {
    const read = await readByUs(sent);
    if (read === null) return false;
    const signatures = readSignatures(read);
    if (signatures.map(({ keyid }) => keyid).join() !== names.join()) return false;
    const verified = await Promise.all(
      signatures.map(({ name }, at) =>
        verifyBase(
          nativeEd25519,
          parsePublicKey(parseBase64Url(name.key)),
          read.signatures[at] as SignedRequest['signatures'][number],
        ),
      ),
    );
    return verified.every(Boolean);
  } catch (thrown) {
    if (isFailure(thrown)) return false;
    throw thrown;
  }
}

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const where = fc.record({
  authority: fc.constantFrom('ledger.example', 'ledger.example:8443', '127.0.0.1:8080', 'xn--fiqs8s.example'),
  path: fc.constantFrom('/', '/v1/accesses', '/v1/parties/0198/keys', '/v1/%E4%B8%AD', '/a;b=c/d@e', '/v1//x'),
  query: fc.constantFrom('', '?', '?limit=5&after=%20x', '?q=a?b', '?a=%E4%BE%8B'),
});
const writes: fc.Arbitrary<Unsigned> = fc
  .tuple(where, fc.oneof(fc.json(), fc.constantFrom('{"text":"授权书\\n"}', '{}')), hex(16))
  .map(([at, body, idempotencyKey]) => ({ method: 'POST', ...at, body, idempotencyKey }));
const reads: fc.Arbitrary<Unsigned> = where.map((at) => ({ method: 'GET', ...at }));
export const unsigned = fc.oneof(reads, writes);
export const signatories = fc.constantFrom(one, two, subject);

export const A_WRITE: Unsigned = {
  method: 'POST',
  authority: 'ledger.example',
  path: '/v1/accesses',
  query: '?x=1',
  body: '{"a":1}',
  idempotencyKey: '7c8f',
};
export const A_READ: Unsigned = { method: 'GET', authority: 'ledger.example', path: '/v1/log', query: '' };

export const SIGNED = await sign(one, A_WRITE);
export const ANSWER: Answer = { status: 201, body: '{"access":"x","decision":"allow"}', headers: {} };
type SignContext = Parameters<typeof signAnswer>[0];
export const ANSWERED = await signAnswer(
  { issuingKey: first.ours, clock: () => CREATED * 1_000 + 999 } as unknown as SignContext,
  { path: A_WRITE.path, idempotencyKey: '7c8f' },
  ANSWER,
);

/** What may be changed of a request on its way. The body is bound by its digest, which only the server computes anew. */
export function changesOf(sent: Sent): readonly (readonly [string, Sent])[] {
  const withHeader = (name: string, value: string): Sent => ({ ...sent, headers: { ...sent.headers, [name]: value } });
  const { signature = '', 'signature-input': input = '' } = sent.headers;
  const changes: [string, Sent][] = [
    ['method', { ...sent, method: sent.method === 'GET' ? 'DELETE' : 'PUT' }],
    ['authority', { ...sent, url: sent.url.replace('ledger', 'other') }],
    ['port', { ...sent, url: sent.url.replace('.example', '.example:444') }],
    ['path', { ...sent, url: sent.url.replace('/v1', '/v2') }],
    ['query', { ...sent, url: `${sent.url.replace(/\?.*/, '')}?y` }],
    ['created', withHeader('signature-input', input.replaceAll(`created=${CREATED}`, `created=${CREATED - 1}`))],
    ['keyid', withHeader('signature-input', input.replace(first.text, stranger.text))],
    ['tag', withHeader('signature-input', input.replace('assent-v1', 'assent-v2'))],
    ['components', withHeader('signature-input', input.replace('"@method" ', ''))],
    [
      'signature',
      withHeader(
        'signature',
        signature.replace(/=:./, (head) => (head === '=:A' ? '=:B' : '=:A')),
      ),
    ],
    ['no signature', withHeader('signature', '')],
  ];
  if (sent.body === undefined) return changes;
  return [
    ...changes,
    ['digest', withHeader('content-digest', contentDigest(utf8('{"a":2}')))],
    ['idempotency key', withHeader('idempotency-key', '7c90')],
  ];
}
