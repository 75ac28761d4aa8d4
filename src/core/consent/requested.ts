/**
 * What a signed request must have said for an entry to follow from it: where it went, and which fields its body had. The
 * audit compares this with the request that was kept, so that no entry says more than its caller signed.
 *
 * @module
 */
import { encodeCanonical, equalJson, type Json, type JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { OperatorId } from '../ids.ts';
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
import { idOf, partyStream, type StreamId } from '../tlog/stream.ts';
import { UNSTATED } from './asked.ts';
import type { Signer } from './call.ts';
import { accessAsked, evaluationsOf } from './evaluation.ts';
import { meantBy } from './item-classes.ts';
import { isJobPartPath, JOB_PART_AGE_MAX_MS } from './job-path.ts';
import { parseKeyText } from './key-text.ts';
import { type Law, lawAt } from './law.ts';
import { paperAsked } from './letter-paper-asked.ts';
import { operatorIn, partyIn } from './party.ts';
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

/** What is opened of an entry's payload, as far as it is still there. */
type Opened = Readonly<Record<string, Json>>;

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
  const isSaid = (body: JsonObject) => wanted.every(([name, value]) => covers(meant(body)[name] ?? null, value));
  const found = asked.find((body) => !answered.has(body) && isSaid(body));
  if (found !== undefined) return found;
  if (asked.some(isSaid)) throw invalid('the signed request already made another entry');
  const [only, second] = asked;
  const other =
    second === undefined && only !== undefined
      ? wanted.find(([name, value]) => !covers(meant(only)[name] ?? null, value))
      : undefined;
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

interface Asked {
  /** The one path, or which ones. */
  readonly path: string | Expected['goesTo'];
  readonly says: JsonObject;
  readonly meant?: NonNullable<Expected['meant']>;
}

/** One row for each type of entry that a signed request makes. */
const ASKED: Readonly<Record<string, (entry: Entry, view: View, opened: Opened) => Asked>> = {
  'party.registered': ({ body }) => {
    const keys = (body['keys'] as readonly JsonObject[]).map((key) => pick(key, ['key', 'duty']));
    return { path: '/v1/parties', says: { ...pick(body, ['name', 'roles']), keys } };
  },
  'party.key_added': ({ stream, body }, view) => {
    // A new operator's id is minted by the ledger; one that was there was named.
    const operator = operatorIn(partyIn(view, idOf(stream)), body['operator'] as OperatorId);
    const named = operator === undefined ? null : (body['operator'] as Json);
    return { path: `/v1/parties/${idOf(stream)}/keys`, says: { ...pick(body, ['key', 'duty']), operator: named } };
  },
  'party.key_retired': (entry, view) => ({
    path: `/v1/parties/${idOf(entry.stream)}/keys/retirement`,
    says: keyOf(entry, view),
  }),
  'party.key_compromised': (entry, view) => ({
    path: `/v1/parties/${idOf(entry.stream)}/keys/compromise`,
    says: { ...keyOf(entry, view), ...pick(entry.body, ['since']) },
  }),
  'party.operator_left': ({ stream, body }) => ({
    path: `/v1/parties/${idOf(stream)}/operators/${String(body['operator'])}/departure`,
    says: {},
  }),
  'party.suspended': ({ stream }) => ({ path: `/v1/parties/${idOf(stream)}/suspension`, says: {} }),
  'party.reinstated': ({ stream }) => ({ path: `/v1/parties/${idOf(stream)}/reinstatement`, says: {} }),
  'party.self_suspended': ({ stream, body }) => ({
    path: `/v1/parties/${idOf(stream)}/self-suspension`,
    says: pick(body, ['from', 'to', 'compromised_since']),
  }),
  'party.self_reinstated': ({ stream }) => ({ path: `/v1/parties/${idOf(stream)}/self-reinstatement`, says: {} }),
  'revocations.listed': () => ({ path: '/v1/revocations', says: {} }),
  'party.acknowledged': ({ body }) => ({ path: '/v1/feed/acknowledgement', says: pick(body, ['upto']) }),
  'relationship.opened': ({ body }, _view, { identity }) => ({
    path: '/v1/relationships',
    says: {
      principal: body['grantee'] as Json,
      ...pick(body, ['subject']),
      legacy: isLegacy(body['flags']) ? true : null,
      ...(identity === undefined ? {} : { identity }),
    },
  }),
  'person.key_bound': ({ body }, _view, { binding }) => ({
    path: `/v1/relationships/${isObject(binding) ? String(binding['handle']) : ''}/keys`,
    says: {
      principal: body['enrolled_by'] as Json,
      ...pick(body, ['method', 'identified_by', 'identified_at']),
      ...(isObject(binding) ? pick(binding, ['key']) : {}),
    },
  }),
  'person.key_ended': ({ body }, _view, { statement }) => ({
    path: `/v1/relationships/${isObject(statement) ? String(statement['handle']) : ''}/keys/loss`,
    says: {
      principal: body['brought_by'] as Json,
      ...pick(body, ['identified_by', 'signed_at']),
      ...(isObject(statement) ? pick(statement, ['key']) : {}),
    },
  }),
  'letter.drafted': ({ stream, body, time }, view, opened) => ({
    path: '/v1/letters',
    meant: withClasses(lawAt(view, time)),
    says: {
      ...wordingAsked(body, opened),
      handle: idOf(stream),
      ...pick(body, ['principal', 'expires_at']),
      grants: (body['grants'] as readonly JsonObject[]).map(({ grant: _minted, ...terms }) => terms),
    },
  }),
  'letter.signed_on_paper': (entry, view, { scan_salt }) => paperAsked(entry, view, scan_salt),
  'hold.drafted': ({ stream, body }) => {
    const { terms } = body;
    const { grant: _minted, ...asked } = isObject(terms) ? terms : {};
    return {
      path: '/v1/statements',
      says: {
        handle: idOf(stream),
        ...pick(body, ['kind', 'grant', 'expires_at']),
        ...(isObject(terms) ? { terms: asked } : {}),
      },
    };
  },
  'finding.recorded': ({ body }) => ({
    path: `/v1/grants/${String(body['grant'])}/finding`,
    says: pick(body, ['principal']),
  }),
  'finding.lifted': ({ body }) => ({
    path: `/v1/grants/${String(body['grant'])}/finding/lifting`,
    says: pick(body, ['principal']),
  }),
  'access.decided': ({ stream, body }, _view, { reference }) => ({
    path: isAccessPath,
    says: {
      handle: idOf(stream),
      ...pick(body, ACCESS_FIELDS),
      ...(isObject(body['stated']) ? { stated: body['stated'] } : {}),
      ground: groundOf(body['ground'], reference),
    },
  }),
  'access.refused': ({ body }, _view, { claimed }) => ({
    path: isAccessPath,
    says: { ...pick(body, ACCESS_FIELDS), ...(isObject(claimed) ? pick(claimed, ['handle', 'ground']) : {}) },
  }),
  'access.redeemed': ({ body }) => ({
    path: `/v1/accesses/${String(body['access'])}/redemption`,
    says: pick(body, ['permit']),
  }),
  'facility.bound': (entry) => factAsked(entry, '/facilities', SPAN_FIELDS),
  'facility.changed': (entry) => factAsked(entry, `/facilities/${String(entry.body['facility'])}/change`, SPAN_FIELDS),
  'facility.closed': (entry) => factAsked(entry, `/facilities/${String(entry.body['facility'])}/closure`, []),
  'grantee.bound': (entry) => factAsked(entry, '/bindings', ['grant', 'party']),
  'notice.sent': (entry) =>
    factAsked(entry, '/notices', ['kind', 'channel', 'items', 'content', 'delivery', 'sent_at']),
  'subject.attested': (entry) => factAsked(entry, '/attestations/subject', ['band', 'own_income', 'guardian']),
  'signer.attested': (entry) => factAsked(entry, '/attestations/signer', ['kind', 'from', 'to']),
  'item.attested': (entry) => factAsked(entry, '/attestations/item', ['item', 'ended_on', 'determined_on', 'region']),
  'objection.opened': (entry) => factAsked(entry, '/objections', ['items']),
  'objection.marked': (entry) => factAsked(entry, `/objections/${String(entry.body['objection'])}/mark`, []),
  'objection.answered': (entry) =>
    factAsked(entry, `/objections/${String(entry.body['objection'])}/answer`, ['answer']),
  'party.licensed': ({ stream, body }) => ({
    path: `/v1/parties/${idOf(stream)}/licences`,
    says: pick(body, ['kind', 'from', 'to']),
  }),
  'party.succeeded': ({ stream, body }) => ({
    path: `/v1/parties/${idOf(stream)}/successions`,
    says: pick(body, ['predecessor']),
  }),
  'party.mandated': ({ stream, body }) => ({
    path: `/v1/parties/${idOf(stream)}/mandates`,
    says: pick(body, ['principal', 'from', 'to', 'covers']),
  }),
  // The pack itself stands in the request, its digest in the entry.
  'pack.published': ({ body }) => ({ path: PACKS_PATH, says: { pack: body['digest'] ?? null } }),
  'pack.withdrawn': ({ body }) => ({ path: `/v1/packs/${String(body['pack'])}/withdrawal`, says: {} }),
  'profile.switched': ({ body }) => ({ path: `/v1/profiles/${String(body['profile'])}`, says: pick(body, ['on']) }),
  'log.engine_raised': ({ body }) => ({ path: '/v1/log/engine', says: pick(body, ['engine']) }),
  'access.settled': ({ body }) => ({
    path: `/v1/accesses/${String(body['access'])}/settlement`,
    says: pick(body, ['result', 'reason', 'items', 'count', 'response', 'began_at', 'ended_at']),
  }),
};

const PACKS_PATH = '/v1/packs';
export const BATCH_PATH = '/v1/accesses/batch';
export const EVALUATION_PATH = '/access/v1/evaluation';
export const EVALUATIONS_PATH = '/access/v1/evaluations';
const ACCESS_PATHS: readonly string[] = ['/v1/accesses', BATCH_PATH, EVALUATION_PATH, EVALUATIONS_PATH];
const isAccessPath = (path: string) => ACCESS_PATHS.includes(path) || isJobPartPath(path);

const ACCESS_FIELDS = ['principal', 'action', 'purpose', 'items', 'door', 'bound'];

function askedFor(view: View, entry: Entry, opened: Opened): Asked {
  const asked = Object.hasOwn(ASKED, entry.type) ? ASKED[entry.type] : undefined;
  if (asked === undefined) throw invalid('no signed request makes such an entry');
  return asked(entry, view, opened);
}

/** A ground as it was named: the entry of a legal basis says only whether there was a reference. */
function groundOf(ground: Json | undefined, reference: Json | undefined): JsonObject {
  if (!isObject(ground) || 'grant' in ground) return isObject(ground) ? ground : {};
  const { basis = null } = ground;
  if (ground['reference'] === false) return { basis, reference: null };
  return reference === undefined ? { basis } : { basis, reference };
}

/** The clauses of a letter with the items of the classes that they were drafted by. */
function withClasses(law: Law | null): (asked: JsonObject) => JsonObject {
  return (asked) => {
    const { grants } = asked;
    return Array.isArray(grants) ? { ...asked, grants: grants.map((clause) => meantBy(law, clause)) } : asked;
  };
}

/** A letter's words: the caller's own text and warnings, or the template that they were made from, and its slots. */
function wordingAsked(body: JsonObject, { text, slots }: Opened): JsonObject {
  const { template = null, warnings = null } = body;
  if (!isObject(template)) return { template, warnings, ...(text === undefined ? {} : { text }) };
  const named = pick(template, ['pack', 'id', 'version']);
  return { template: named, text: null, warnings: [], ...(slots === undefined ? {} : { slots }) };
}

function keyOf({ stream, body }: Entry, view: View): JsonObject {
  const key = partyIn(view, idOf(stream))?.keys[body['key'] as number]?.key;
  return { key: key ?? null };
}

const SPAN_FIELDS = ['from', 'last', 'years'];

/** A fact of a relationship: where it was stated, by whom, and what. */
function factAsked({ stream, body }: Entry, path: string, fields: readonly string[]): Asked {
  return { path: `/v1/relationships/${idOf(stream)}${path}`, says: pick(body, ['principal', ...fields]) };
}

function pick(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, body[name] ?? null]));
}

function invalid(message: string): Failure {
  return new Failure('entry_invalid', message);
}

/** A subject out of records from before was enrolled as one. */
function isLegacy(flags: Json | undefined): boolean {
  return Array.isArray(flags) && flags.includes('legacy_import');
}
