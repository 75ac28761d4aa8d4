/**
 * The audit of signed requests: whoever an entry says asked, did sign just that. The requests are in a table of their
 * own, or sealed in the entry's payload; what was sealed and is erased can't be verified any more, and is attested.
 *
 * @module
 */
import { toBase64Url } from '#core/bytes.ts';
import type { Json } from '#core/canonical.ts';
import { boundKeyIn, personIn } from '#core/consent/person.ts';
import {
  type Expected,
  expectRequest,
  type OpenedRequest,
  openRequest,
  verifyRequest,
} from '#core/consent/requested.ts';
import type { View } from '#core/consent/rule.ts';
import type { Opened } from '#core/consent/signed-statement.ts';
import { Failure } from '#core/failure.ts';
import { equalHash, type Hash, hashText, parseHashText } from '#core/hash.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import { recent } from '#core/recent.ts';
import {
  digestSignedRequest,
  formatSignedRequest,
  parseSignedRequest,
  type SignedRequest,
  signedRequestShape,
} from '#core/request/signed-request.ts';
import { isObject } from '#core/shape.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { parseStream } from '#core/tlog/stream.ts';
import type { AuditSource } from './audit-source.ts';
import type { EvidenceCheck } from './evidence.ts';

const REMEMBERED_MAX = 16;

/** What is still to be verified of one entry. */
interface Due {
  readonly index: number;
  readonly expected: Expected;
  /** The request itself, or the digest that finds it. */
  readonly request: SignedRequest | Hash;
}

export interface RequestCheck {
  /** Notes what an entry's request has to be. Answers whether it can be verified at all. */
  note(view: View, entry: Entry, index: number, opened: Opened): boolean;
  /** Verifies what was noted since the last time. */
  settle(source: AuditSource): Promise<readonly { readonly index: number; readonly verified: Promise<void> }[]>;
}

export function checkRequests(ed25519: Ed25519, evidence: EvidenceCheck): RequestCheck {
  let due: Due[] = [];
  const made = new Map<string, number>();

  /** No request makes more entries than it asks for. */
  function countedOnce(digest: string, opened: OpenedRequest): OpenedRequest {
    const count = (made.get(digest) ?? 0) + 1;
    made.set(digest, count);
    if (count > opened.count) throw new Failure('entry_invalid', 'the signed request already made another entry');
    return opened;
  }

  /** Reads each request once, however many entries name it: a batch's entries stand together. */
  const known = recent<OpenedRequest>(REMEMBERED_MAX);

  /** A subject's own request is signed by the key that its binding names. */
  function expect(view: View, entry: Entry, opened: Opened): Expected | undefined {
    const expected = expectRequest(view, entry, opened);
    if (expected.signers.length > 0) return expected;
    const { binding } = opened;
    if (!isObject(binding) || typeof binding['seq'] !== 'number') return undefined;
    const stream = parseStream(binding['stream']);
    if (boundKeyIn(personIn(view, stream), binding['seq']) === undefined) {
      throw new Failure('entry_invalid', 'asked with a key that is not bound');
    }
    const key = evidence.keyAt(stream, binding['seq']);
    const owner = evidence.personOf.get(entry.stream);
    if (owner !== undefined && owner !== binding['stream']) throw new Failure('entry_invalid', 'asked by someone else');
    // A request is signed by Ed25519 only (design §8): a passkey signs statements.
    if (key !== undefined && key.kind !== 'ed25519') throw new Failure('entry_invalid', 'a passkey signs no request');
    return key && { ...expected, signers: [{ stream: entry.stream, key: toBase64Url(key.key) }] };
  }

  return {
    note(view, entry, index, opened) {
      if (entry.body['auth'] !== 'http-sig') return true;
      const named = entry.body['request'];
      const sealed = opened['request'];
      if (typeof named !== 'string' && sealed === undefined) return false;
      const expected = expect(view, entry, opened);
      if (expected === undefined) return false;
      const request = typeof named === 'string' ? parseHashText(named) : signedRequestShape(sealed as Json, 'request');
      due.push({ index, expected, request });
      return true;
    },

    async settle(source) {
      const noted = due;
      due = [];
      const named = noted.flatMap(({ request }) => (request instanceof Uint8Array ? [request] : []));
      const digests = [...new Map(named.map((digest) => [hashText(digest), digest])).values()];
      const kept = new Map((await source.requests(digests)).map((row) => [hashText(row.digest), row.request]));
      return noted.map(({ index, expected, request }) => ({
        index,
        verified: verifyDue(expected, () => {
          if (request instanceof Uint8Array) {
            const name = hashText(request);
            return countedOnce(
              name,
              known(name, () => openRequest(ed25519, read(kept, request))),
            );
          }
          const sealed = digestSignedRequest(formatSignedRequest(request));
          return countedOnce(hashText(sealed), openRequest(ed25519, request));
        }),
      }));
    },
  };
}

async function verifyDue(expected: Expected, open: () => OpenedRequest): Promise<void> {
  await verifyRequest(expected, open());
}

function read(kept: ReadonlyMap<string, string>, digest: Hash): SignedRequest {
  const text = kept.get(hashText(digest));
  if (text === undefined) throw new Failure('signature_invalid', 'the signed request that it names is missing');
  if (!equalHash(digestSignedRequest(text), digest)) {
    throw new Failure('signature_invalid', 'the signed request that it names was changed');
  }
  return parseSignedRequest(text);
}
