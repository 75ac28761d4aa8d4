/**
 * The life of the issuing key (design §7): a further one is added, takes over, and the one before it is retired once what
 * it signed last is past, or at once, if it was in other hands. Two of the keeper sign each step; a key signs for itself
 * when it is added.
 *
 * An entry is signed by the key in force just before it: the entry by which a key takes over is the last that the one
 * before it signs. A key signs for one span only, and none comes back.
 *
 * @module
 */
import { concat, parseBase64Url, utf8 } from '../bytes.ts';
import { encodeCanonical } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import type { Instant } from '../instant.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { PublicKey } from '../note/key.ts';
import { instant, record, type ShapeOf, text } from '../shape.ts';
import type { Entry } from '../tlog/entry.ts';
import { CALL, opened } from './call.ts';
import { parseKeyText } from './key-text.ts';
import { type IssuingKey, isLogKey, type LogState, logIn, requireEngineWithPacks } from './log.ts';
import { recoveryKeysOf, requireKeeper } from './party.ts';
import type { Rule, View } from './rule.ts';

/** A ledger has this many issuing keys in its whole life, retired ones included: receipts are verified by all of them. */
export const ISSUING_KEYS_MAX = 64;
/** So long what a key signed last is still shown: permits of offline doors, answers, revocation lists. */
export const ISSUING_OVERLAP_MS: number = 24 * 3_600_000;

const addedInput = record({
  /** The new key in base64url. */
  key: text(43),
  /** Its own signature over {@link possessionBytes}, base64url. */
  possession: text(86),
  ...CALL,
});
const keyInput = record({ key: text(43), ...CALL });
const compromisedInput = record({ key: text(43), since: instant, ...CALL });

const OF_THE_KEEPER = { auth: ['http-sig'], outcome: [], parts: {}, needs: () => [], reads: () => [] } as const;

export const issuingKeyAdded: Rule<ShapeOf<typeof addedInput>, LogState> = {
  ...OF_THE_KEEPER,
  input: addedInput,
  decide(input, { view }) {
    const log = requireKeeperOf(view, input);
    const { key } = input;
    readAs('key_invalid', 'possession is a signature in base64url', () => parseBase64Url(input.possession));
    const keys = issuingKeysOf(log);
    if (isLogKey(log, key) || recoveryKeysOf(view).includes(key) || keys.some((each) => each.key === key)) {
      throw new Failure('already_there', 'the ledger has this key, or had it: make a new one');
    }
    if (keys.length >= ISSUING_KEYS_MAX) {
      throw new Failure(
        'limit_reached',
        `a ledger has ${ISSUING_KEYS_MAX} issuing keys at most, retired ones included`,
      );
    }
    return {};
  },
  evolve(state, { body }) {
    const log = opened(state);
    const added: IssuingKey = { key: body.key, from: null, to: null, retired_at: null };
    return { ...log, issuing_keys: [...issuingKeysOf(log), added] };
  },
};

export const issuingKeySwitched: Rule<ShapeOf<typeof keyInput>, LogState> = {
  ...OF_THE_KEEPER,
  input: keyInput,
  decide(input, { view, now }) {
    const log = requireKeeperOf(view, input);
    const { from, retired_at } = requireKey(log, input.key);
    if (from !== null || retired_at !== null) {
      throw new Failure('already_there', 'this key signs, signed before, or is retired: add another one');
    }
    // So that ledger time tells in which order keys signed.
    if (now <= (requireKey(log, log.issuing_key).from as Instant)) {
      throw new Failure('limit_reached', 'another key took over just now: try again');
    }
    return {};
  },
  evolve(state, { body, time }) {
    const log = opened(state);
    const keys = issuingKeysOf(log).map((each) => {
      if (each.key === body.key) return { ...each, from: time };
      return each.key === log.issuing_key ? { ...each, to: time } : each;
    });
    return { ...log, issuing_key: body.key, issuing_keys: keys };
  },
};

export const issuingKeyRetired: Rule<ShapeOf<typeof keyInput>, LogState> = {
  ...OF_THE_KEEPER,
  input: keyInput,
  decide(input, { view, now }) {
    const log = requireKeeperOf(view, input);
    const { to, retired_at } = requireKey(log, input.key);
    if (input.key === log.issuing_key) {
      throw new Failure('limit_reached', 'this key signs: let another one take over first');
    }
    if (retired_at !== null) throw new Failure('already_there', 'the key is already retired');
    if (to !== null && now < to + ISSUING_OVERLAP_MS) {
      throw new Failure(
        'limit_reached',
        'what this key signed last is still shown: retire it a day after it signed last',
      );
    }
    return {};
  },
  evolve(state, { body, time }) {
    const log = opened(state);
    const keys = issuingKeysOf(log).map((each) => (each.key === body.key ? { ...each, retired_at: time } : each));
    return { ...log, issuing_keys: keys };
  },
};

/**
 * The key ends at once, whatever is still shown of it, and what it signed since then is tainted: the audit lists it. What
 * signs is replaced first. A date may be moved back, never forward.
 */
export const issuingKeyCompromised: Rule<ShapeOf<typeof compromisedInput>, LogState> = {
  ...OF_THE_KEEPER,
  input: compromisedInput,
  decide(input, { view, now }) {
    const log = requireKeeperOf(view, input);
    const { compromised_since } = requireKey(log, input.key);
    if (input.key === log.issuing_key) {
      throw new Failure('limit_reached', 'this key signs: let another one take over first');
    }
    if (input.since > now) throw new Failure('input_invalid', 'since: want a time that has come');
    if (compromised_since !== undefined && compromised_since <= input.since) {
      throw new Failure('already_there', 'the key is already declared compromised since then');
    }
    return {};
  },
  evolve(state, { body, time }) {
    const log = opened(state);
    const keys = issuingKeysOf(log).map((each) => {
      if (each.key !== body.key) return each;
      return { ...each, retired_at: each.retired_at ?? time, compromised_since: body.since };
    });
    return { ...log, issuing_keys: keys };
  },
};

/** All issuing keys that a ledger ever had, in the order in which they came. */
export function issuingKeysOf({ issuing_key, issuing_keys }: LogState): readonly IssuingKey[] {
  return issuing_keys ?? [{ key: issuing_key, from: 0 as Instant, to: null, retired_at: null }];
}

/**
 * The key that signs an entry: the one in force just before it. What opens a log, or continues it, names its own.
 * Undefined: there is none yet.
 */
export function issuingKeyFor(log: LogState | undefined, { type, body }: Pick<Entry, 'type' | 'body'>): unknown {
  return log === undefined || type === 'log.continued' ? body['issuing_key'] : log.issuing_key;
}

/** Those that what the ledger signs now may be signed with, the one in force first. */
export function liveIssuingKeys(log: LogState): readonly PublicKey[] {
  const live = issuingKeysOf(log).filter(({ retired_at }) => retired_at === null);
  const first = live.filter(({ key }) => key === log.issuing_key);
  return [...first, ...live.filter((each) => !first.includes(each))].map(({ key }) => parseKeyText(key));
}

/**
 * The keys that may have signed an entry of this time, in the order of their spans: one, or in the very millisecond in
 * which one took over from another, both.
 */
export function issuingKeysAt(log: LogState, time: Instant): readonly PublicKey[] {
  return spansAt(log, time).map(({ key }) => parseKeyText(key));
}

/** Of the keys of {@link issuingKeysAt} the one that was in other hands at that time, by what was declared since. */
export function issuingTaintAt(log: LogState, time: Instant): (IssuingKey & Compromised) | undefined {
  return spansAt(log, time)
    .filter(isCompromised)
    .find(({ compromised_since }) => compromised_since <= time);
}

/** What a declaration adds to a key. */
export type Compromised = { readonly compromised_since: Instant };

export function isCompromised(key: IssuingKey): key is IssuingKey & Compromised {
  return key.compromised_since !== undefined;
}

function spansAt(log: LogState, time: Instant): readonly IssuingKey[] {
  return issuingKeysOf(log)
    .filter(({ from, to }) => from !== null && from <= time && (to === null || time <= to))
    .sort((a, b) => (a.from as number) - (b.from as number));
}

/** What a new issuing key signs, to show that whoever adds it holds it: in this log, and for nothing else. */
export function possessionBytes(log: string, key: string): Uint8Array {
  return concat(utf8('assent/issuing-key/v1\n'), encodeCanonical({ log, key }));
}

/**
 * Verifies that a key which an entry adds has signed for itself. Of any other entry there is nothing to verify.
 *
 * @throws {Failure} `signature_invalid`, `key_invalid`
 */
export async function verifyPossession(ed25519: Ed25519, { log, type, body }: Pick<Entry, 'log' | 'type' | 'body'>) {
  if (type !== 'log.issuing_key_added') return;
  const { key, possession } = body as unknown as { readonly key: string; readonly possession: string };
  const signature = readAs('key_invalid', 'possession is a signature in base64url', () => parseBase64Url(possession));
  if (await ed25519.verify(parseKeyText(key), possessionBytes(log, key), signature)) return;
  throw new Failure('signature_invalid', 'the new issuing key did not sign for itself');
}

function requireKeeperOf(view: View, input: ShapeOf<typeof keyInput>): LogState {
  requireKeeper(view, input);
  requireEngineWithPacks(view, 'further issuing keys');
  return opened(logIn(view));
}

function requireKey(log: LogState, text: string): IssuingKey {
  const key = issuingKeysOf(log).find((each) => each.key === text);
  if (key === undefined) throw new Failure('key_ended', 'the ledger has no such issuing key: add it first');
  return key;
}
