/**
 * The request of each type of entry that a signed one makes: where it went, and what it said. One row for each.
 *
 * @module
 */
import type { Json, JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { OperatorId } from '../ids.ts';
import { isObject } from '../shape.ts';
import type { Entry } from '../tlog/entry.ts';
import { idOf, kindOf } from '../tlog/stream.ts';
import { BEFORE_PARTS, type BeforeSigning, partsBefore } from './before-signing.ts';
import { meantBy } from './item-classes.ts';
import { isJobPartPath } from './job-path.ts';
import { type Law, lawAt } from './law.ts';
import { paperAsked } from './letter-paper-asked.ts';
import { operatorIn, partyIn } from './party.ts';
import { AFFIRMED_BY } from './person-affirm.ts';
import type { View } from './rule.ts';

/** What is opened of an entry's payload, as far as it is still there. */
export type Opened = Readonly<Record<string, Json>>;

export interface Asked {
  /** The one path, or which ones. */
  readonly path: string | ((path: string) => boolean);
  readonly says: JsonObject;
  readonly meant?: (asked: JsonObject) => JsonObject;
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
  'party.continued': ({ stream, body }, view) => {
    const party = partyIn(view, idOf(stream));
    const keys = (body['keys'] as readonly number[]).map((number) => party?.keys[number]?.key ?? null);
    return { path: `/v1/parties/${idOf(stream)}/continuation`, says: { keys } };
  },
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
  'person.key_affirmed': ({ body }, _view, { binding }) => ({
    path: `/v1/relationships/${isObject(binding) ? String(binding['handle']) : ''}/keys`,
    says: {
      principal: body['enrolled_by'] as Json,
      method: AFFIRMED_BY,
      ...pick(body, ['identified_by', 'identified_at']),
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
      ...beforeAsked(body, opened),
      grants: (body['grants'] as readonly JsonObject[]).map(({ grant: _minted, ...terms }) => terms),
    },
  }),
  'letter.answered': ({ body }, _view, { answers }) => ({
    path: `/v1/letters/${String(body['letter'])}/answers`,
    meant: (asked) => ({ confirmed: [], ...asked }),
    says: { ...pick(body, ['principal']), ...(isObject(answers) ? answers : {}) },
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
  'identity.viewed': (entry) => factAsked(entry, '/identity-views', ['fields', 'why']),
  'notice.sent': (entry) =>
    factAsked(entry, '/notices', ['kind', 'channel', 'items', 'content', 'delivery', 'sent_at']),
  'subject.attested': (entry) => factAsked(entry, '/attestations/subject', ['band', 'own_income', 'guardian']),
  'signer.attested': (entry) => factAsked(entry, '/attestations/signer', ['kind', 'from', 'to']),
  'item.attested': (entry) => factAsked(entry, '/attestations/item', ['item', 'ended_on', 'determined_on', 'region']),
  'objection.opened': (entry) => factAsked(entry, '/objections', ['items']),
  'objection.marked': (entry) => factAsked(entry, `/objections/${String(entry.body['objection'])}/mark`, []),
  'objection.answered': (entry) =>
    factAsked(entry, `/objections/${String(entry.body['objection'])}/answer`, ['answer']),
  'payload.erased': ({ stream }) => ({
    path:
      kindOf(stream) === 'rel'
        ? `/v1/relationships/${idOf(stream)}/erasure`
        : `/v1/parties/${idOf(stream)}/refusals/erasure`,
    says: {},
  }),
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
  'log.issuing_key_added': ({ body }) => ({ path: ISSUING_KEYS_PATH, says: pick(body, ['key', 'possession']) }),
  'log.issuing_key_switched': ({ body }) => ({ path: `${ISSUING_KEYS_PATH}/switch`, says: pick(body, ['key']) }),
  'log.issuing_key_retired': ({ body }) => ({ path: `${ISSUING_KEYS_PATH}/retirement`, says: pick(body, ['key']) }),
  'log.issuing_key_compromised': ({ body }) => ({
    path: `${ISSUING_KEYS_PATH}/compromise`,
    says: pick(body, ['key', 'since']),
  }),
  'log.log_key_added': ({ body }) => ({ path: LOG_KEYS_PATH, says: pick(body, ['vkey', 'possession']) }),
  'log.log_key_switched': ({ body }) => ({ path: `${LOG_KEYS_PATH}/switch`, says: pick(body, ['vkey', 'until']) }),
  'log.log_key_retired': ({ body }) => ({ path: `${LOG_KEYS_PATH}/retirement`, says: pick(body, ['vkey']) }),
  'log.log_key_compromised': ({ body }) => ({
    path: `${LOG_KEYS_PATH}/compromise`,
    says: pick(body, ['vkey', 'since']),
  }),
  'log.restored': ({ body }) => ({ path: RESTORATION_PATH, says: pick(body, RESTORATION_FIELDS) }),
  'log.continued': ({ body }) => ({
    path: CONTINUATION_PATH,
    says: pick(body, body['lost_keys'] === undefined ? CONTINUATION_FIELDS : [...CONTINUATION_FIELDS, 'lost_keys']),
  }),
  'access.settled': ({ body }) => ({
    path: `/v1/accesses/${String(body['access'])}/settlement`,
    says: pick(body, ['result', 'reason', 'items', 'count', 'response', 'began_at', 'ended_at']),
  }),
};

/** No server takes it: a restore is signed where the database is, while nobody serves it. */
export const RESTORATION_PATH = '/v1/log/restoration';
/** What two of the keeper sign of a restore, before anything is written. */
const RESTORATION_FIELDS = [
  'from_size',
  'from_root',
  'size',
  'root',
  'source',
  'signed_size',
  'lost_parts',
  'lost_streams',
];

/** Nor this: the same of a log that goes on under another origin. */
export const CONTINUATION_PATH = '/v1/log/continuation';
const CONTINUATION_FIELDS = [
  ...['before', 'size', 'root', 'lost', 'proof', 'log_key', 'issuing_key', 'recovery_key'],
  ...['keeper_keys', 'engine', 'epoch', 'erasures', 'reason', 'recovery_signature'],
];

export const PACKS_PATH = '/v1/packs';
const ISSUING_KEYS_PATH = '/v1/log/issuing-keys';
const LOG_KEYS_PATH = '/v1/log/log-keys';
export const BATCH_PATH = '/v1/accesses/batch';
export const EVALUATION_PATH = '/access/v1/evaluation';
export const EVALUATIONS_PATH = '/access/v1/evaluations';
const ACCESS_PATHS: readonly string[] = ['/v1/accesses', BATCH_PATH, EVALUATION_PATH, EVALUATIONS_PATH];
export const isAccessPath = (path: string) => ACCESS_PATHS.includes(path) || isJobPartPath(path);

const ACCESS_FIELDS = ['principal', 'action', 'purpose', 'items', 'door', 'bound'];

/**
 * The request that an entry follows from.
 *
 * @throws {Failure} `entry_invalid`, if no signed request makes such an entry.
 */
export function askedFor(view: View, entry: Entry, opened: Opened): Asked {
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

/** What is shown and asked before a letter is signed, as long as it is there; what an entry has none of was not asked for. */
function beforeAsked(body: JsonObject, opened: Opened): JsonObject {
  const parts = partsBefore(body as BeforeSigning);
  const known = BEFORE_PARTS.filter((part) => !parts.includes(part) || opened[part] !== undefined);
  return Object.fromEntries(known.map((part) => [part, parts.includes(part) ? (opened[part] ?? null) : null]));
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
