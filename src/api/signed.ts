/**
 * The headers Signature-Input and Signature (RFC 9421, section 4), as Structured Fields (RFC 9651): from what came over
 * the wire to the base that was signed. What the base says is judged in core, by the server and the audit alike.
 *
 * @module
 */
import type { Context as Call } from 'hono';
import {
  type Dictionary,
  type InnerList,
  isInnerList,
  parseDictionary,
  serializeDictionary,
  serializeInnerList,
} from 'structured-headers';
import { toBase64Url } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import { formatSignatureBase, SIGNATURE_TAG } from '#core/request/signature-base.ts';
import type { SignedRequest } from '#core/request/signed-request.ts';
import type { Env } from './answer.ts';

const HEADER_CHARS_MAX = 4_096;
const SIGNATURES_MAX = 2;

/**
 * Reads what was signed of a request, or answers null where nothing was.
 *
 * @throws {Failure} `signature_malformed`
 */
export function readSigned(call: Call<Env>, authority: string, body: string): SignedRequest | null {
  const input = call.req.header('signature-input');
  const signature = call.req.header('signature');
  if (input === undefined && signature === undefined) return null;
  const inputs = readDictionary('signature-input', input);
  const signatures = readDictionary('signature', signature);
  // A proxy may have signed for others: those carry another tag.
  const ours = [...inputs].filter(([, member]) => isInnerList(member) && member[1].get('tag') === SIGNATURE_TAG);
  if (ours.length === 0) throw malformed(`want a signature with tag="${SIGNATURE_TAG}"`);
  if (ours.length > SIGNATURES_MAX) throw malformed(`want at most ${SIGNATURES_MAX} signatures`);
  const componentOf = valuesOf(call, authority);
  return {
    body,
    signatures: ours.map(([label, member]) => ({
      base: baseOf(member as InnerList, componentOf),
      signature: signatureOf(label, signatures),
    })),
  };
}

/** Each name once, in the one form that a serializer writes: of two readings, signer and verifier might choose differently. */
function readDictionary(name: string, value: string | undefined): Dictionary {
  if (value === undefined || value.length > HEADER_CHARS_MAX) throw malformed(`want one header ${name}, not too long`);
  let read: Dictionary;
  try {
    read = parseDictionary(value);
    if (squeeze(serializeDictionary(read)) === squeeze(value)) return read;
  } catch {
    throw malformed(`the header ${name} is not a dictionary (RFC 9651)`);
  }
  throw malformed(`the header ${name} has a member twice, or in another form than it is written`);
}

/** Where spaces are optional, they do not count. */
function squeeze(text: string): string {
  return text.replace(/[ \t]/g, '');
}

function signatureOf(label: string, signatures: Dictionary): string {
  const member = signatures.get(label);
  const [value] = member ?? [];
  if (!(value instanceof ArrayBuffer))
    throw malformed('each member of signature-input has a signature of the same name');
  return toBase64Url(new Uint8Array(value));
}

function baseOf(member: InnerList, componentOf: (name: string) => string | undefined): string {
  const [items] = member;
  const components = items.map(([name, params]): [string, string] => {
    const value = typeof name === 'string' && params.size === 0 ? componentOf(name) : undefined;
    if (value === undefined) throw malformed('a component is signed that is not there, or that we do not take');
    return [`"${String(name)}"`, value];
  });
  return formatSignatureBase(components, serializeInnerList(member));
}

function valuesOf(call: Call<Env>, authority: string): (name: string) => string | undefined {
  const url = new URL(call.req.url);
  return (name) => {
    switch (name) {
      case '@method':
        return call.req.method;
      case '@authority':
        return authority;
      case '@path':
        // The audit looks for the path as it is routed: an escaped one is not what was signed for.
        return url.pathname === call.req.path ? url.pathname : undefined;
      case '@query':
        return url.search === '' ? '?' : url.search;
      case 'content-digest':
      case 'idempotency-key':
        return call.req.header(name);
      default:
        return undefined;
    }
  };
}

function malformed(message: string): Failure {
  return new Failure('signature_malformed', message);
}
