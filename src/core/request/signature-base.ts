/**
 * The signature base of HTTP message signatures (RFC 9421, section 2.5), in the one profile that we sign and take:
 *
 *     "@method": POST
 *     "@authority": ledger.example
 *     "@path": /v1/accesses
 *     "@query": ?
 *     "content-digest": sha-256=:…:
 *     "idempotency-key": 7c8f…
 *     "@signature-params": ("@method" "@authority" "@path" "@query" "content-digest" "idempotency-key");created=1795268000;keyid="party/…/…";alg="ed25519";tag="assent-v1"
 *
 * The last two components are covered where there is a body. The signer chooses the order; the set is fixed. The base
 * is kept as evidence, so an audit years later reads here what was signed, whatever became of the headers.
 *
 * @module
 */
import { Failure } from '../failure.ts';

export const SIGNATURE_TAG = 'assent-v1';
const SIGNATURE_ALGORITHM = 'ed25519';

const OF_EVERY_REQUEST = ['@method', '@authority', '@path', '@query'] as const;
const OF_A_WRITE = ['content-digest', 'idempotency-key'] as const;

/** What is signed of a request. */
export interface Covered {
  readonly method: string;
  /** Host, and port where it is not the scheme's own; lower-case. */
  readonly authority: string;
  readonly path: string;
  /** With its question mark; alone where there is no query. */
  readonly query: string;
  /** Null in a read. */
  readonly contentDigest: string | null;
  readonly idempotencyKey: string | null;
}

export interface SignatureParams {
  /** Seconds since 1970, UTC. */
  readonly created: number;
  readonly keyid: string;
}

export interface SignatureBase extends SignatureParams {
  readonly covered: Covered;
}

/** The components of a request, quoted as they are written, and their values, in the order in which we sign them. */
export function componentsOf(covered: Covered): readonly (readonly [name: string, value: string])[] {
  const { method, authority, path, query, contentDigest, idempotencyKey } = covered;
  const request = [method, authority, path, query].map((value, at) => [`"${OF_EVERY_REQUEST[at]}"`, value] as const);
  if (contentDigest === null || idempotencyKey === null) return request;
  return [...request, [`"${OF_A_WRITE[0]}"`, contentDigest], [`"${OF_A_WRITE[1]}"`, idempotencyKey]];
}

/** The value of `@signature-params`, and of the member of Signature-Input, for names as they are written. */
export function formatSignatureParams(names: readonly string[], { created, keyid }: SignatureParams): string {
  return `(${names.join(' ')});created=${created};keyid="${keyid}";alg="${SIGNATURE_ALGORITHM}";tag="${SIGNATURE_TAG}"`;
}

/** Lines and parameters as one text, whose bytes are signed. */
export function formatSignatureBase(components: readonly (readonly [string, string])[], params: string): string {
  return [...components.map(([name, value]) => `${name}: ${value}`), `"@signature-params": ${params}`].join('\n');
}

/**
 * Reads a base back, strictly: every component of the profile once and no other, every parameter once and no other.
 *
 * @throws {Failure} `signature_malformed`, naming what was wanted.
 */
export function parseSignatureBase(base: string): SignatureBase {
  const lines = base.split('\n');
  const [, params = ''] = /^"@signature-params": (.*)$/.exec(lines.pop() ?? '') ?? [];
  const values = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^"([@a-z-]+)": (.*)$/.exec(line) ?? [];
    values.set(name, value);
  }
  const names = [...values.keys()];
  const write = names.includes('content-digest');
  const wanted: readonly string[] = write ? [...OF_EVERY_REQUEST, ...OF_A_WRITE] : OF_EVERY_REQUEST;
  if (names.length !== lines.length || names.length !== wanted.length || !wanted.every((name) => values.has(name))) {
    throw new Failure('signature_malformed', `want a signature over ${wanted.join(' ')}, each once, and no more`);
  }
  const list = `(${names.map((name) => `"${name}"`).join(' ')})`;
  if (!params.startsWith(list)) throw new Failure('signature_malformed', 'the components and their list differ');
  const value = (name: string) => values.get(name) as string;
  return {
    ...parseParams(params.slice(list.length)),
    covered: {
      method: value('@method'),
      authority: value('@authority'),
      path: value('@path'),
      query: value('@query'),
      contentDigest: write ? value('content-digest') : null,
      idempotencyKey: write ? value('idempotency-key') : null,
    },
  };
}

const PARAM = /;(?:(created)=(0|[1-9]\d{0,11})|(keyid|alg|tag)="([\x20-\x21\x23-\x5b\x5d-\x7e]*)")/y;

function parseParams(text: string): SignatureParams {
  const params = new Map<string, string>();
  let count = 0;
  PARAM.lastIndex = 0;
  for (let end = 0; end < text.length; count++) {
    const [, created, seconds, name, quoted] = PARAM.exec(text) ?? [];
    if (created === undefined && name === undefined) throw new Failure('signature_malformed', PARAMS_WANTED);
    params.set(created ?? (name as string), seconds ?? (quoted as string));
    end = PARAM.lastIndex;
  }
  const [created, keyid] = [params.get('created'), params.get('keyid')];
  if (count !== 4 || params.size !== 4 || created === undefined || keyid === undefined) {
    throw new Failure('signature_malformed', PARAMS_WANTED);
  }
  if (params.get('alg') !== SIGNATURE_ALGORITHM) throw new Failure('signature_malformed', 'want alg="ed25519"');
  if (params.get('tag') !== SIGNATURE_TAG) throw new Failure('signature_malformed', `want tag="${SIGNATURE_TAG}"`);
  return { created: Number(created), keyid };
}

const PARAMS_WANTED = 'want the parameters created, keyid, alg and tag, each once, and no more';

/** What a signature has to cover, for who sent none (RFC 9421, section 5.1). */
export function formatAcceptSignature(): string {
  const names = [...OF_EVERY_REQUEST, ...OF_A_WRITE].map((name) => `"${name}"`).join(' ');
  return `(${names});created;keyid;alg="${SIGNATURE_ALGORITHM}";tag="${SIGNATURE_TAG}"`;
}
