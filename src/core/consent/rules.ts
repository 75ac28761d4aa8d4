/**
 * Every type of entry and its rule, and the four things that are done with one: decide, read back, evolve, decide again.
 *
 * @module
 */

import { encodeCanonical, equalJson, type JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { hashText, sha256 } from '../hash.ts';
import type { Instant } from '../instant.ts';
import type { StreamHead } from '../tlog/chain.ts';
import type { Entry } from '../tlog/entry.ts';
import type { Owner } from '../tlog/payload.ts';
import { kindOf, type StreamId, type StreamKind } from '../tlog/stream.ts';
import { accessDecided, accessRefused } from './access.ts';
import { ENGINE } from './checks/checks.ts';
import { grantRevoked } from './grant.ts';
import { letterDrafted, letterSigned } from './letter.ts';
import { logOpened } from './log.ts';
import { partyKeyAdded, partyRegistered } from './party.ts';
import { personKeyBound } from './person.ts';
import { relationshipOpened } from './relationship.ts';
import type { Event, Rule, View } from './rule.ts';

const RULES = {
  'log.opened': logOpened,
  'party.registered': partyRegistered,
  'party.key_added': partyKeyAdded,
  'person.key_bound': personKeyBound,
  'relationship.opened': relationshipOpened,
  'letter.drafted': letterDrafted,
  'letter.signed': letterSigned,
  'grant.revoked': grantRevoked,
  'access.decided': accessDecided,
  'access.refused': accessRefused,
} as const;

export type EntryType = keyof typeof RULES;
type InputOf<T extends EntryType> = (typeof RULES)[T] extends Rule<infer Input, infer _State> ? Input : never;

/** What is asked of the ledger: a body before its decision. */
export type Command = {
  [T in EntryType]: { readonly type: T; readonly stream: StreamId; readonly input: InputOf<T> };
}[EntryType];

/** In which kind of stream each type stands. */
const STREAM_KINDS: Readonly<Record<EntryType, StreamKind>> = {
  'log.opened': 'log',
  'party.registered': 'party',
  'party.key_added': 'party',
  'person.key_bound': 'person',
  'relationship.opened': 'rel',
  'letter.drafted': 'rel',
  'letter.signed': 'rel',
  'grant.revoked': 'rel',
  'access.decided': 'rel',
  'access.refused': 'refused',
};

export function isEntryType(type: string): type is EntryType {
  return Object.hasOwn(RULES, type);
}

/** The streams that a command's decision depends on, its own first. */
export function touches(command: Command): readonly StreamId[] {
  return [command.stream, ...ruleOf(command.type).reads(command.input)];
}

/** The parts that a payload of this type may have, and whose they are. */
export function partsOf(type: EntryType): Readonly<Record<string, Owner>> {
  return ruleOf(type).parts;
}

/** The parts that the payload of this command's entry has, all of them and no other. */
export function neededParts(command: Command): readonly string[] {
  return ruleOf(command.type).needs(command.input);
}

/**
 * Decides a command, and returns the body of its entry.
 *
 * @throws {Failure} if it may not become an entry.
 */
export function decide(view: View, command: Command, now: Instant): JsonObject {
  const rule = ruleOf(command.type);
  const { stream, input } = command;
  requireKind(command.type, stream);
  const outcome = rule.decide(input, { view, stream, now });
  const reads = rule.reads(input);
  return reads.length === 0 ? { ...input, ...outcome } : { ...input, ...outcome, saw: sawOf(view, reads) };
}

/** The state of a stream after an entry. */
export function evolve(state: JsonObject | undefined, type: EntryType, event: Event<JsonObject>): JsonObject {
  return ruleOf(type).evolve(state, event);
}

/**
 * Reads the command back out of an entry.
 *
 * @throws {Failure} `entry_invalid`, if it is not an entry that this code ever wrote.
 */
export function commandOf(entry: Entry): Command {
  const { type, stream, body } = entry;
  if (!isEntryType(type)) throw new Failure('entry_invalid', `no rule for an entry of type ${type}`);
  requireKind(type, stream);
  const rule = ruleOf(type);
  const given = Object.entries(body).filter(([name]) => name !== 'saw' && !rule.outcome.includes(name));
  const input = rule.input(Object.fromEntries(given), type);
  if (typeof input['engine'] === 'number' && input['engine'] > ENGINE) {
    throw new Failure('entry_invalid', `engine ${input['engine']} is newer than this code's, ${ENGINE}`);
  }
  return { type, stream, input } as Command;
}

/**
 * Decides an entry again, as the ledger stood before it: the same code, the same moment, byte for byte the same body.
 * Who has already read its command hands it in.
 *
 * @throws {Failure} `entry_invalid`, if no rule permits the entry, or it decides otherwise.
 */
export function decideAgain(view: View, entry: Entry, command: Command = commandOf(entry)): void {
  if (neededParts(command).length > 0 !== (entry.commit !== null)) {
    throw new Failure('entry_invalid', `this ${entry.type} has no payload, or one that it must not have`);
  }
  let body: JsonObject;
  try {
    body = decide(view, command, entry.time);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure('entry_invalid', `no rule permits this ${entry.type}: ${cause.message}`, { cause });
  }
  if (!equalJson(body, entry.body)) {
    throw new Failure('entry_invalid', `this ${entry.type} is decided otherwise`);
  }
}

/** SHA-256 over the heads of the streams that a decision read: which facts it had before it. */
export function sawOf(view: View, streams: readonly StreamId[]): string {
  const heads = streams.map((stream) => view.head(stream));
  const [first] = heads;
  const last = first && lastSaw.get(first);
  if (last !== undefined && sameItems(last.streams, streams) && sameItems(last.heads, heads)) return last.saw;
  const leaves = streams.map((stream, at) => [stream, heads[at] === undefined ? null : hashText(heads[at].leaf)]);
  const saw = hashText(sha256(encodeCanonical(Object.fromEntries(leaves))));
  if (first !== undefined) lastSaw.set(first, { streams, heads, saw });
  return saw;
}

/** Most decisions of a party see the very heads that its last one saw, and then the same digest. Heads never change. */
const lastSaw = new WeakMap<
  StreamHead,
  { readonly streams: readonly StreamId[]; readonly heads: readonly (StreamHead | undefined)[]; readonly saw: string }
>();

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}

function requireKind(type: EntryType, stream: StreamId): void {
  if (kindOf(stream) === STREAM_KINDS[type]) return;
  throw new Failure('entry_invalid', `${type} does not belong into ${kindOf(stream)}`);
}

/** The table's rows differ in their input; a command's type and input always come together. */
function ruleOf(type: EntryType): Rule {
  return RULES[type] as unknown as Rule;
}
