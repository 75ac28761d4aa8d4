/**
 * What a signed request must have said for an entry to follow from it: where it went, and which fields its body had. The
 * audit compares this with the request that was kept, so that no entry says more than its caller signed.
 *
 * @module
 */
import { encodeCanonical, equalJson, type Json, type JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { packDigest } from '../pack/pack.ts';
import {
  type ReadSignature,
  readSignatures,
  SIGNATURE_AGE_MAX_MS,
  type SignedRequest,
  verifyBase,
} from '../request/signed-request.ts';
import { isObject } from '../shape.ts';
import type { Entry } from '../tlog/entry.ts';
import { partyStream, type StreamId } from '../tlog/stream.ts';
import { UNSTATED } from './asked.ts';
import type { Signer } from './call.ts';
import { accessAsked, evaluationsOf } from './evaluation.ts';
import { isJobPartPath, JOB_PART_AGE_MAX_MS } from './job-path.ts';
import { parseKeyText } from './key-text.ts';
import { partyIn } from './party.ts';
import {
  askedFor,
  BATCH_PATH,
  EVALUATION_PATH,
  EVALUATIONS_PATH,
  isAccessPath,
  type Opened,
  PACKS_PATH,
} from './request-rows.ts';
import type { View } from './rule.ts';

/** Waiting for its batch, a request grows older than it was when it was taken. */
const QUEUED_MAX_MS = 60_000;

/** What the request of one entry has to be. */
export interface Expected {
  /** Where it may have gone to. */
  readonly goesTo: (path: string) => boolean;
  /** Fields of what was asked, each of which the request must have said so. */
  readonly says: JsonObject;
  /** What was asked, with what it left to the law of its time. */
  readonly meant?: (asked: JsonObject) => JsonObject;
  readonly signers: readonly { readonly stream: StreamId; readonly key: string }[];
  readonly time: number;
}

/** A kept request, read once: a batch is the evidence of thousands of entries. */
export interface OpenedRequest {
  readonly read: readonly ReadSignature[];
  /** What it asked for, of this handle or of none: itself, or some of its rows. */
  askedOf(handle: string | undefined): readonly JsonObject[];
  /** How many entries it can make. */
  readonly count: number;
  /** Rows that an entry was already found for: each makes one. */
  readonly answered: Set<JsonObject>;
  /** Whether the key made the signature at a place. */
  isSigned(at: number, key: string): Promise<boolean>;
}

/**
 * Says what was to be signed for an entry, of the ledger as it stood before it.
 *
 * @throws {Failure} `entry_invalid`, if no request makes such an entry.
 */
export function expectRequest(view: View, entry: Entry, opened: Opened): Expected {
  const by = (entry.body['by'] ?? []) as unknown as readonly Signer[];
  const signers = by.map((signer) => {
    const key = partyIn(view, signer.party)?.keys[signer.key]?.key;
    if (key === undefined) throw new Failure('entry_invalid', 'signed with a key that its party does not have');
    return { stream: partyStream(signer.party), key };
  });
  const { path, ...asked } = askedFor(view, entry, opened);
  return { goesTo: typeof path === 'string' ? (gone) => gone === path : path, ...asked, signers, time: entry.time };
}

/**
 * Reads a kept request.
 *
 * @throws {Failure} `entry_invalid`, or as {@link readSignatures}
 */
export function openRequest(ed25519: Ed25519, request: SignedRequest): OpenedRequest {
  const read = readSignatures(request);
  const body = parseBody(request.body);
  const all = bodiesOf(read[0]?.covered.path ?? '', body);
  const byHandle = new Map<string, JsonObject[]>();
  for (const each of all) {
    const handle = handleOf(each) ?? '';
    const others = byHandle.get(handle);
    if (others === undefined) byHandle.set(handle, [each]);
    else others.push(each);
  }
  const verified = new Map<string, Promise<boolean>>();
  return {
    read,
    count: all.length,
    answered: new Set(),
    // A refusal’s handle is sealed: once that is erased, every row may be the one.
    askedOf: (handle) => (handle === undefined ? all : [...(byHandle.get(handle) ?? []), ...(byHandle.get('') ?? [])]),
    isSigned(at, key) {
      const name = `${at}/${key}`;
      const signed = request.signatures[at] as SignedRequest['signatures'][number];
      const known = verified.get(name) ?? verifyBase(ed25519, parseKeyText(key), signed);
      verified.set(name, known);
      return known;
    },
  };
}

/**
 * Verifies that a kept request was signed, just so, by just these keys, at that time, and said what the entry says.
 *
 * @throws {Failure} `entry_invalid`, `signature_invalid`
 */
export async function verifyRequest(
  expected: Expected,
  { read, askedOf, answered, isSigned }: OpenedRequest,
): Promise<void> {
  if (read.length !== expected.signers.length) throw invalid('another number of signatures than its entry names');
  for (const [at, { covered, created, name }] of read.entries()) {
    const signer = expected.signers[at] as Expected['signers'][number];
    if (covered.method !== 'POST' || covered.query !== '?' || !expected.goesTo(covered.path)) {
      throw invalid('the signed request went elsewhere');
    }
    const age = expected.time - created * 1_000;
    if (age > ageMax(covered.path) + QUEUED_MAX_MS || -age > SIGNATURE_AGE_MAX_MS + QUEUED_MAX_MS) {
      throw invalid('the request was signed at another time');
    }
    if (name.stream !== signer.stream || name.key !== signer.key) throw invalid('the request names another key');
  }
  answered.add(requireSaid(expected, askedOf(handleOf(expected.says)), answered));
  for (const [at, { name }] of read.entries()) {
    if (!(await isSigned(at, name.key))) {
      throw new Failure('signature_invalid', 'the signature under its request does not verify');
    }
  }
}

/** A part of a job waits for its turn; anything else is decided as it comes. */
function ageMax(path: string): number {
  return isJobPartPath(path) ? JOB_PART_AGE_MAX_MS : SIGNATURE_AGE_MAX_MS;
}

/** The rows of a batch or of a job’s part, the evaluations of an AuthZEN request, or the body itself. */
function bodiesOf(path: string, body: JsonObject): readonly JsonObject[] {
  const asked = askedIn(path, body);
  return isAccessPath(path) ? asked.map(withStated) : asked;
}

/** What a caller leaves unsaid it says nothing of: the same as said so. */
function withStated(asked: JsonObject): JsonObject {
  const { stated } = asked;
  return { ...asked, stated: { ...UNSTATED, ...(isObject(stated) ? stated : {}) } };
}

function askedIn(path: string, body: JsonObject): readonly JsonObject[] {
  if (isJobPartPath(path)) return rowsOf(body);
  switch (path) {
    case BATCH_PATH:
      return rowsOf(body);
    case PACKS_PATH:
      return [{ ...body, pack: packDigest(encodeCanonical(body['pack'] ?? null)) }];
    case EVALUATION_PATH:
      return [accessAsked(body)];
    case EVALUATIONS_PATH:
      return evaluationsOf(body).map(accessAsked);
    default:
      return [body];
  }
}

function rowsOf({ principal = null, rows }: JsonObject): readonly JsonObject[] {
  return Array.isArray(rows) ? rows.filter(isObject).map((row) => ({ principal, ...row })) : [];
}

function handleOf(asked: JsonObject): string | undefined {
  return typeof asked['handle'] === 'string' ? asked['handle'] : undefined;
}

/** The row that an entry follows from, which no other entry did. */
function requireSaid(
  { says, meant = (body) => body }: Pick<Expected, 'says' | 'meant'>,
  asked: readonly JsonObject[],
  answered: ReadonlySet<JsonObject>,
): JsonObject {
  const wanted = Object.entries(says);
  const firstUnsaid = (body: JsonObject) => {
    const said = meant(body);
    return wanted.find(([name, value]) => !covers(said[name] ?? null, value));
  };
  const isSaid = (body: JsonObject) => firstUnsaid(body) === undefined;
  const found = asked.find((body) => !answered.has(body) && isSaid(body));
  if (found !== undefined) return found;
  if (asked.some(isSaid)) throw invalid('the signed request already made another entry');
  const [only, second] = asked;
  const other = second === undefined && only !== undefined ? firstUnsaid(only) : undefined;
  throw invalid(`the signed request said ${other === undefined ? 'nothing of this' : `another ${other[0]}`}`);
}

/** Whether what was asked has all that is wanted, and lists are as long: proofs of possession come on top. */
function covers(asked: Json, wanted: Json): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(asked) &&
      asked.length === wanted.length &&
      wanted.every((each, at) => covers(asked[at] as Json, each))
    );
  }
  if (!isObject(wanted)) return equalJson(asked, wanted);
  return isObject(asked) && Object.entries(wanted).every(([name, each]) => covers(asked[name] ?? null, each));
}

function parseBody(text: string): JsonObject {
  let body: Json;
  try {
    body = JSON.parse(text);
  } catch {
    throw invalid('the body is not JSON');
  }
  if (!isObject(body)) throw invalid('the body is not an object');
  return body;
}

function invalid(message: string): Failure {
  return new Failure('entry_invalid', message);
}
