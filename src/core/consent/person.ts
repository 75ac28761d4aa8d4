/**
 * The stream `person/<random>`: what is true of a person everywhere. Named only inside payloads, so that the
 * relationships of one person do not point at each other. It opens with the first key, not with an enrolment: enrolling
 * looks the same for a person known or new.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { PartyId } from '../ids.ts';
import { type Instant, SIGNED_AHEAD_MAX_MS } from '../instant.ts';
import { instant, integer, nullable, oneOf, recordWith, type ShapeOf } from '../shape.ts';
import { LOG_STREAM, partyStream, type StreamId } from '../tlog/stream.ts';
import { CALL } from './call.ts';
import { asEpoch, EPOCH, epochIn, isSuspended, readsEpoch, requireEpoch } from './epoch.ts';
import { BINDING_METHODS, type Grade, KEY_KINDS, type KeyKind, type Method } from './evidence.ts';
import { KEY_ADD_MS_MAX } from './key-add.ts';
import { logIn, requireEngineWithPacks } from './log.ts';
import { partyId, requireActing, requireParty } from './party.ts';
import type { Rule, View } from './rule.ts';

export const PERSON_KEYS_MAX = 32;
/**
 * So many of them were added by another key, counted apart for those that somebody was identified for: neither a key that was
 * stolen, nor a link that others hold too, fills what an identification needs.
 */
export const ADDED_KEYS_MAX = 10;
/** The first engine that takes passkeys. */
const ENGINE_WITH_PASSKEYS = 2;

const keyBoundInput = recordWith(
  {
    kind: oneOf(KEY_KINDS),
    method: oneOf(BINDING_METHODS),
    /** Who says that this is the person's key; null if nobody does. */
    identified_by: nullable(partyId),
    identified_at: nullable(instant),
    /**
     * The party that brought the key; of one that the person brought: who identified it, or whose letter's link it holds; null,
     * where another key of the person adds it.
     */
    enrolled_by: nullable(partyId),
    ...CALL,
  },
  {
    /** Of a key that another one adds: the place of the entry that bound that one, in the person's stream. */
    signed_by: integer(0, Number.MAX_SAFE_INTEGER),
    /** When that one signed, by its own clock. */
    signed_at: instant,
    ...EPOCH,
  },
);
export type KeyBound = ShapeOf<typeof keyBoundInput>;

export type BoundKey = {
  /** The place of the entry that bound it, in the person's stream. */
  readonly seq: number;
  readonly kind: KeyKind;
  /** How the person was identified, and by whom; of a key that another one added: for that one, however far back. */
  readonly method: Method;
  readonly identified_by: PartyId | null;
  readonly enrolled_by: PartyId | null;
  /** The place of the key that added it; absent where the person was identified for it, or had a link. */
  readonly signed_by?: number;
  /** The log's epoch when it was bound, or last affirmed. Absent: 0. */
  readonly epoch?: number;
};
/** A freeze: since when, and with evidence of which grade it was asked for. Lifting it takes at least that. */
export type Freeze = {
  readonly at: number;
  readonly grade: Grade;
  /** By the signer's own clock: what ends it is signed later. */
  readonly signed_at: number;
  /** By who held a letter's link, and nothing else: of one relationship only. Absent elsewhere. */
  readonly by?: 'link';
};
/** `keys`: those that count; one that ended is not among them, and is never bound again. */
export type Person = {
  readonly keys: readonly BoundKey[];
  readonly frozen: Freeze | null;
  /** By which entry its payloads were erased: then nothing more is of this person. Absent before that. */
  readonly erased?: { readonly through: number; readonly seq: number };
};

/** What is kept besides a binding and its key's own signature, by how the key came to the person. */
const PARTS_OF: Readonly<Record<KeyBound['method'], readonly string[]>> = {
  identity_provider: ['identification', 'identity_salt'],
  link: [],
  existing_key: ['approval'],
};

export const personKeyBound: Rule<KeyBound, Person> = {
  auth: ['http-sig', 'statement', 'session'],
  input: keyBoundInput,
  outcome: [],
  parts: {
    binding: 'subject',
    possession: 'subject',
    approval: 'subject',
    identification: 'subject',
    identity_salt: 'subject',
    request: 'subject',
  },
  needs: ({ method, auth }) => [
    ...['binding', 'possession'],
    ...PARTS_OF[method],
    ...(auth === 'http-sig' ? ['request'] : []),
  ],
  reads: ({ kind, auth, enrolled_by, identified_by, epoch }) => [
    ...[...new Set([enrolled_by, identified_by])].flatMap((party) => (party === null ? [] : [partyStream(party)])),
    ...(kind === 'passkey' || auth !== 'http-sig' ? [LOG_STREAM] : readsEpoch({ epoch })),
  ],
  decide(input, { view, stream, now }) {
    const person = personIn(view, stream);
    requireEpoch(view, input);
    if (input.kind === 'passkey' && (logIn(view)?.engine ?? 0) < ENGINE_WITH_PASSKEYS) {
      throw new Failure('engine_old', 'passkeys are known from engine 2 on');
    }
    if (input.method === 'existing_key') requireAdding(input, { view, person, now });
    else requireIdentified(input, view, person);
    if ((person?.keys.length ?? 0) >= PERSON_KEYS_MAX) {
      throw new Failure('limit_reached', `at most ${PERSON_KEYS_MAX} keys`);
    }
    return {};
  },
  evolve(state, { seq, body }) {
    const identified = identificationOf(state, body);
    const { kind, enrolled_by, epoch = 0 } = body;
    const key = { seq, kind, ...identified, enrolled_by, ...asEpoch(epoch) };
    return { keys: [...(state?.keys ?? []), key], frozen: state?.frozen ?? null };
  },
};

/** A key that stands on who identified its person; or, as the first of a person, on a link. */
function requireIdentified(input: KeyBound, view: View, person: Person | undefined): void {
  const { method, identified_by, identified_at } = input;
  requireBringer(input, view);
  if ((method === 'link') !== (identified_by === null) || (method === 'link') !== (identified_at === null)) {
    throw new Failure('input_invalid', 'an identification names who did it and when; a link has neither');
  }
  if (identified_by !== null) requireParty(view, identified_by, 'identifier');
  // A further key speaks for someone who has one, or had: possession of a link is not enough (design §8).
  if (identified_by === null && person !== undefined) {
    throw new Failure('identification_missing', 'a further key needs an identification');
  }
}

/** A key that another one adds stands on what that one stands on: so it is of no better grade, for no grantee. */
function identificationOf(
  person: Person | undefined,
  { method, identified_by, signed_by }: KeyBound,
): Pick<BoundKey, 'method' | 'identified_by' | 'signed_by'> {
  if (method !== 'existing_key') return { method, identified_by };
  const signer = boundKeyIn(person, signed_by ?? -1);
  if (signed_by === undefined || signer === undefined) throw endedSigner();
  return { method: signer.method, identified_by: signer.identified_by, signed_by };
}

/** @throws {Failure} `entry_invalid`, `key_ended`, `signed_ahead`, `signature_stale`, `limit_reached`, `engine_old` */
function requireAdding(
  input: KeyBound,
  { view, person, now }: { readonly view: View; readonly person: Person | undefined; readonly now: Instant },
): void {
  requireEngineWithPacks(view, 'keys that another key adds');
  const { auth, identified_by, identified_at, enrolled_by, signed_by, signed_at } = input;
  const isAlone = identified_by === null && identified_at === null && enrolled_by === null;
  if (auth !== 'statement' || !isAlone || signed_by === undefined || signed_at === undefined) {
    throw new Failure('entry_invalid', 'a key that another key adds stands on that one, and on nobody else');
  }
  const signer = boundKeyIn(person, signed_by);
  if (signer === undefined) throw endedSigner();
  requireGivingKey(signer, epochIn(view));
  if (signed_at > now + SIGNED_AHEAD_MAX_MS) {
    throw new Failure('signed_ahead', 'signed more than 5 minutes ahead of the ledger');
  }
  if (now >= signed_at + KEY_ADD_MS_MAX) {
    throw new Failure('signature_stale', 'a key is added within 5 minutes of when another one signed for it');
  }
  const isLike = (key: BoundKey) =>
    key.signed_by !== undefined && (key.identified_by === null) === (signer.identified_by === null);
  if ((person?.keys ?? []).filter(isLike).length >= ADDED_KEYS_MAX) {
    throw new Failure('limit_reached', `at most ${ADDED_KEYS_MAX} keys that other keys added`);
  }
}

/**
 * Requires of a key that it gives, confirms, adds or lifts something: it was bound, or affirmed, since the log was continued.
 *
 * @throws {Failure} `key_suspended`
 */
export function requireGivingKey(key: BoundKey, epoch: number): void {
  if (!isSuspended(key, epoch)) return;
  throw new Failure(
    'key_suspended',
    'entries were lost since the key was bound: until it is affirmed, it only takes away',
  );
}

/** What a person's key does that takes away, and gives nothing back. */
const TAKES_AWAY: readonly string[] = [
  'grant.revoked',
  'grant.paused',
  'grant.contested',
  'relationship.frozen',
  'person.frozen',
  'letter.declined',
];

/** Requires that a key may sign for an entry of this type. @throws {Failure} `key_suspended` */
export function requireMaySign(key: BoundKey, type: string, epoch: number): void {
  if (!TAKES_AWAY.includes(type)) requireGivingKey(key, epoch);
}

function endedSigner(): Failure {
  return new Failure('key_ended', 'this key is not bound to the subject any more');
}

/**
 * Who brings a key: an operator of a party, by its request; or the person itself, on a page: then the signatures of its key
 * and of who identified it are all that authenticates it, or, by the link of a letter alone, nothing but the ledger's word.
 */
export function requireBringer(
  input: Pick<KeyBound, 'auth' | 'by' | 'method' | 'enrolled_by' | 'identified_by' | 'signed_by' | 'signed_at'>,
  view: View,
): void {
  const { auth, method, enrolled_by, identified_by, signed_by, signed_at } = input;
  if (enrolled_by === null || signed_by !== undefined || signed_at !== undefined) {
    throw new Failure('entry_invalid', 'a key that no other key adds has a party that brought it');
  }
  requireParty(view, enrolled_by);
  if (auth === 'http-sig') {
    requireActing(view, input, enrolled_by, 'query');
    return;
  }
  requireEngineWithPacks(view, 'keys that a person brings itself');
  const isIdentified = method !== 'link' && enrolled_by === identified_by;
  if (auth === 'statement' ? !isIdentified : method !== 'link') {
    throw new Failure('entry_invalid', 'a key that a person brings stands on who identified it, or on a link');
  }
}

/** A person's key by the place that bound it, while it counts. */
export function boundKeyIn(person: Person | undefined, seq: number): BoundKey | undefined {
  return person?.keys.find((key) => key.seq === seq);
}

export function personIn(view: View, stream: StreamId): Person | undefined {
  return view.state(stream) as Person | undefined;
}
