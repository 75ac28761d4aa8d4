/**
 * The stream `person/<random>`: what is true of a person everywhere. Named only inside payloads, so that the
 * relationships of one person do not point at each other. It opens with the first key, not with an enrolment: enrolling
 * looks the same for a person known or new.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { PartyId } from '../ids.ts';
import { instant, nullable, oneOf, record, type ShapeOf } from '../shape.ts';
import { LOG_STREAM, partyStream, type StreamId } from '../tlog/stream.ts';
import { CALL } from './call.ts';
import { type Grade, KEY_KINDS, type KeyKind, METHODS, type Method } from './evidence.ts';
import { logIn, requireEngineWithPacks } from './log.ts';
import { partyId, requireActing, requireParty } from './party.ts';
import type { Rule, View } from './rule.ts';

export const PERSON_KEYS_MAX = 32;
/** The first engine that takes passkeys. */
const ENGINE_WITH_PASSKEYS = 2;

const keyBoundInput = record({
  kind: oneOf(KEY_KINDS),
  method: oneOf(METHODS),
  /** Who says that this is the person's key; null if nobody does. */
  identified_by: nullable(partyId),
  identified_at: nullable(instant),
  /** The party that brought the key; of one that the person brought: who identified it, or whose letter's link it holds. */
  enrolled_by: partyId,
  ...CALL,
});
export type KeyBound = ShapeOf<typeof keyBoundInput>;

export type BoundKey = {
  /** The place of the entry that bound it, in the person's stream. */
  readonly seq: number;
  readonly kind: KeyKind;
  readonly method: Method;
  readonly identified_by: PartyId | null;
  readonly enrolled_by: PartyId;
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

export const personKeyBound: Rule<KeyBound, Person> = {
  auth: ['http-sig', 'statement', 'session'],
  input: keyBoundInput,
  outcome: [],
  parts: {
    binding: 'subject',
    possession: 'subject',
    identification: 'subject',
    identity_salt: 'subject',
    request: 'subject',
  },
  needs: ({ method, auth }) => [
    ...['binding', 'possession'],
    ...(method === 'link' ? [] : ['identification', 'identity_salt']),
    ...(auth === 'http-sig' ? ['request'] : []),
  ],
  reads: ({ kind, auth, enrolled_by, identified_by }) => [
    ...[...new Set([enrolled_by, ...(identified_by === null ? [] : [identified_by])])].map(partyStream),
    ...(kind === 'passkey' || auth !== 'http-sig' ? [LOG_STREAM] : []),
  ],
  decide(input, { view, stream }) {
    const { kind, method, identified_by, identified_at, enrolled_by } = input;
    const person = personIn(view, stream);
    const keys = person?.keys ?? [];
    if (kind === 'passkey' && (logIn(view)?.engine ?? 0) < ENGINE_WITH_PASSKEYS) {
      throw new Failure('engine_old', 'passkeys are known from engine 2 on');
    }
    requireParty(view, enrolled_by);
    requireBringer(input, view);
    if ((method === 'link') !== (identified_by === null) || (method === 'link') !== (identified_at === null)) {
      throw new Failure('input_invalid', 'an identification names who did it and when; a link has neither');
    }
    if (identified_by !== null) requireParty(view, identified_by, 'identifier');
    // A further key speaks for someone who has one, or had: possession of a link is not enough (design §8).
    if (identified_by === null && person !== undefined) {
      throw new Failure('identification_missing', 'a further key needs an identification');
    }
    if (keys.length >= PERSON_KEYS_MAX) throw new Failure('limit_reached', `at most ${PERSON_KEYS_MAX} keys`);
    return {};
  },
  evolve(state, { seq, body }) {
    const { kind, method, identified_by, enrolled_by } = body;
    const keys = [...(state?.keys ?? []), { seq, kind, method, identified_by, enrolled_by }];
    return { keys, frozen: state?.frozen ?? null };
  },
};

/**
 * Who brings a key: an operator of a party, by its request; or the person itself, on a page: then the signatures of its key
 * and of who identified it are all that authenticates it, or, by the link of a letter alone, nothing but the ledger's word.
 */
function requireBringer(input: KeyBound, view: View): void {
  const { auth, method, enrolled_by, identified_by } = input;
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
