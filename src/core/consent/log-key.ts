/**
 * The life of the log key, which signs checkpoints (docs/adr/0031): a further one is added, takes over, and the one before it
 * signs beside it until a time that was announced, or ends at once, if it was in other hands. Two of the keeper sign each
 * step; a key signs for itself when it is added.
 *
 * Which keys sign a checkpoint, the state of its own tree says: the tree that holds the entry by which a key takes over is
 * signed by both, the one that holds the entry by which a key ends no longer by that one.
 *
 * @module
 */
import { concat, parseBase64Url, toBase64Url, utf8 } from '../bytes.ts';
import { encodeCanonical } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import type { Instant } from '../instant.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { parseVkey, type VerifierKey } from '../note/key.ts';
import { instant, record, type ShapeOf, text } from '../shape.ts';
import type { Entry } from '../tlog/entry.ts';
import { CALL, opened } from './call.ts';
import { issuingKeysOf } from './issuing-key.ts';
import { isKeyOf, isLogKey, type LogKey, type LogState, logIn, logKeysOf, requireEngineWithPacks } from './log.ts';
import { recoveryKeysOf, requireKeeper } from './party.ts';
import type { Rule, View } from './rule.ts';

/** A ledger has this many log keys in its whole life, ended ones included: receipts show all of them. */
export const LOG_KEYS_MAX = 16;
/** The time for which two keys sign side by side: a day at least; months, so that who keeps a vkey in a file can follow. */
export const LOG_OVERLAP_MS_MIN: number = 24 * 3_600_000;
export const LOG_OVERLAP_MS_MAX: number = 5 * 366 * 24 * 3_600_000;

const VKEY_MAX = 512;
const addedInput = record({
  /** The same origin under another key. */
  vkey: text(VKEY_MAX),
  /** The new key's own signature over {@link logKeyPossessionBytes}, base64url. */
  possession: text(86),
  ...CALL,
});
const switchedInput = record({
  vkey: text(VKEY_MAX),
  /** Until when the one before it signs beside it, at the least. */
  until: instant,
  ...CALL,
});
const retiredInput = record({ vkey: text(VKEY_MAX), ...CALL });
const compromisedInput = record({ vkey: text(VKEY_MAX), since: instant, ...CALL });

const OF_THE_KEEPER = { auth: ['http-sig'], outcome: [], parts: {}, needs: () => [], reads: () => [] } as const;

export const logKeyAdded: Rule<ShapeOf<typeof addedInput>, LogState> = {
  ...OF_THE_KEEPER,
  input: addedInput,
  decide(input, { view }) {
    const log = requireKeeperOf(view, input);
    const added = parseVkey(input.vkey);
    readAs('key_invalid', 'possession is a signature in base64url', () => parseBase64Url(input.possession));
    const keys = logKeysOf(log).map(({ vkey }) => parseVkey(vkey));
    if (keys.some(({ name }) => name !== added.name)) {
      throw new Failure('key_invalid', 'the vkey is of another log: want this log’s name');
    }
    // Two keys under one id are told apart by nobody who reads notes.
    const others = [...recoveryKeysOf(view), ...issuingKeysOf(log).map(({ key }) => key)];
    const isKnown = keys.some(({ keyId }) => keyId === added.keyId) || isLogKey(log, toBase64Url(added.publicKey));
    if (isKnown || others.some((each) => isKeyOf(input.vkey, each))) {
      throw new Failure('already_there', 'the ledger has this key, or had it: make a new one');
    }
    if (keys.length >= LOG_KEYS_MAX) {
      throw new Failure('limit_reached', `a ledger has ${LOG_KEYS_MAX} log keys at most, ended ones included`);
    }
    return {};
  },
  evolve(state, { body }) {
    const log = opened(state);
    const added: LogKey = { vkey: body.vkey, from: null, to: null, until: null, retired_at: null };
    return { ...log, log_keys: [...logKeysOf(log), added] };
  },
};

export const logKeySwitched: Rule<ShapeOf<typeof switchedInput>, LogState> = {
  ...OF_THE_KEEPER,
  input: switchedInput,
  decide(input, { view, now }) {
    const log = requireKeeperOf(view, input);
    const { from, retired_at } = requireKey(log, input.vkey);
    if (from !== null || retired_at !== null) {
      throw new Failure('already_there', 'this key signs, signed before, or has ended: add another one');
    }
    if (now <= (logKeyInForce(log).from as Instant)) {
      throw new Failure('limit_reached', 'another key took over just now: try again');
    }
    if (input.until < now + LOG_OVERLAP_MS_MIN || input.until > now + LOG_OVERLAP_MS_MAX) {
      throw new Failure('input_invalid', 'until: want a day from now at the least, and five years at most');
    }
    return {};
  },
  evolve(state, { body, time }) {
    const log = opened(state);
    const before = logKeyInForce(log).vkey;
    const keys = logKeysOf(log).map((each) => {
      if (each.vkey === body.vkey) return { ...each, from: time };
      return each.vkey === before ? { ...each, to: time, until: body.until } : each;
    });
    return { ...log, log_keys: keys };
  },
};

export const logKeyRetired: Rule<ShapeOf<typeof retiredInput>, LogState> = {
  ...OF_THE_KEEPER,
  input: retiredInput,
  decide(input, { view, now }) {
    const log = requireKeeperOf(view, input);
    const { until, retired_at } = requireEndable(log, input.vkey);
    if (retired_at !== null) throw new Failure('already_there', 'the key has ended already');
    if (until !== null && now < until) {
      throw new Failure('limit_reached', 'it was announced that this key signs for longer: readers still rely on it');
    }
    return {};
  },
  evolve: (state, { body, time }) => withKey(state, body.vkey, (each) => ({ ...each, retired_at: time })),
};

/**
 * The key ends at once, whoever relies on it: whoever has it can show a log without this entry, so that readers learn it from
 * their policies (`compromised` in tlog/policy.ts). A date may be moved back, never forward.
 */
export const logKeyCompromised: Rule<ShapeOf<typeof compromisedInput>, LogState> = {
  ...OF_THE_KEEPER,
  input: compromisedInput,
  decide(input, { view, now }) {
    const log = requireKeeperOf(view, input);
    const { compromised_since } = requireEndable(log, input.vkey);
    if (input.since > now) throw new Failure('input_invalid', 'since: want a time that has come');
    if (compromised_since !== undefined && compromised_since <= input.since) {
      throw new Failure('already_there', 'the key is already declared compromised since then');
    }
    return {};
  },
  evolve: (state, { body, time }) =>
    withKey(state, body.vkey, (each) => ({
      ...each,
      retired_at: each.retired_at ?? time,
      compromised_since: body.since,
    })),
};

/** The newest that signs. @throws {Failure} `entry_invalid`, if what was folded is no log that the rules permit. */
export function logKeyInForce(log: LogState): LogKey {
  const found = logKeysOf(log).find(({ from, to }) => from !== null && to === null);
  if (found === undefined) throw new Failure('entry_invalid', 'the log has no log key in force');
  return found;
}

/** Those that sign a checkpoint of the tree whose state this is, in the order in which they took over: the oldest line first. */
export function signingLogKeys(log: LogState): readonly VerifierKey[] {
  return logKeysOf(log)
    .filter(({ from, retired_at }) => from !== null && retired_at === null)
    .sort((a, b) => (a.from as number) - (b.from as number))
    .map(({ vkey }) => parseVkey(vkey));
}

/**
 * The vkey to be shown to who has none yet: the oldest that was not in other hands. It leads to all that came since, and opens
 * what was signed before they did.
 */
export function vkeyToShow(log: LogState): string {
  return logKeysOf(log).find((each) => each.from !== null && each.compromised_since === undefined)?.vkey ?? log.log_key;
}

/** What a new log key signs, to show that whoever adds it holds it: for this log, and for nothing else. */
export function logKeyPossessionBytes(log: string, vkey: string): Uint8Array {
  return concat(utf8('assent/log-key/v1\n'), encodeCanonical({ log, vkey }));
}

/**
 * Verifies that a log key which an entry adds has signed for itself. Of any other entry there is nothing to verify.
 *
 * @throws {Failure} `signature_invalid`, `key_invalid`
 */
export async function verifyLogKeyPossession(
  ed25519: Ed25519,
  { log, type, body }: Pick<Entry, 'log' | 'type' | 'body'>,
): Promise<void> {
  if (type !== 'log.log_key_added') return;
  const { vkey, possession } = body as unknown as { readonly vkey: string; readonly possession: string };
  const signature = readAs('key_invalid', 'possession is a signature in base64url', () => parseBase64Url(possession));
  if (await ed25519.verify(parseVkey(vkey).publicKey, logKeyPossessionBytes(log, vkey), signature)) return;
  throw new Failure('signature_invalid', 'the new log key did not sign for itself');
}

function withKey(state: LogState | undefined, vkey: string, change: (key: LogKey) => LogKey): LogState {
  const log = opened(state);
  return { ...log, log_keys: logKeysOf(log).map((each) => (each.vkey === vkey ? change(each) : each)) };
}

function requireKeeperOf(view: View, input: ShapeOf<typeof retiredInput>): LogState {
  requireKeeper(view, input);
  requireEngineWithPacks(view, 'further log keys');
  return opened(logIn(view));
}

function requireKey(log: LogState, vkey: string): LogKey {
  const key = logKeysOf(log).find((each) => each.vkey === vkey);
  if (key === undefined) throw new Failure('key_ended', 'the ledger has no such log key: add it first');
  return key;
}

/** There is always one that signs. */
function requireEndable(log: LogState, vkey: string): LogKey {
  const key = requireKey(log, vkey);
  if (key.vkey === logKeyInForce(log).vkey) {
    throw new Failure('limit_reached', 'this key signs: let another one take over first');
  }
  return key;
}
