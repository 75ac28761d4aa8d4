/**
 * Streams: the chain an entry belongs to. Their ids are minted by the ledger, so none of them says who someone is.
 *
 * @module
 */
import type { Brand } from '../brand.ts';
import { Failure } from '../failure.ts';
import { type Handle, ID_PATTERN, type PartyId, type PersonId } from '../ids.ts';

export type StreamId = Brand<string, 'StreamId'>;
export type StreamKind = 'log' | 'heads' | 'party' | 'person' | 'rel' | 'refused' | 'feed' | 'pack';

/** Keys of the ledger itself. */
export const LOG_STREAM: StreamId = 'log' as StreamId;
/** Where all streams ended, day by day. */
export const HEADS_STREAM: StreamId = 'heads' as StreamId;

const NAMED_KINDS: readonly string[] = ['party', 'person', 'rel', 'refused', 'feed', 'pack'];

/** All that happens between one subject and one grantee. */
export function relationshipStream(handle: Handle): StreamId {
  return `rel/${handle}` as StreamId;
}

/** What is true of a person everywhere: keys, and who identified the person for them. */
export function personStream(person: PersonId): StreamId {
  return `person/${person}` as StreamId;
}

/** An organisation: its roles and keys. */
export function partyStream(party: PartyId): StreamId {
  return `party/${party}` as StreamId;
}

/** Attempts of a party on relationships that are not its own. */
export function refusedStream(party: PartyId): StreamId {
  return `refused/${party}` as StreamId;
}

/** What a party says to have heard. Apart from its own stream, which every receipt carries from its first entry on. */
export function feedStream(party: PartyId): StreamId {
  return `feed/${party}` as StreamId;
}

/** @throws {Failure} `entry_invalid`, if the text names no stream. */
export function parseStream(value: unknown): StreamId {
  if (typeof value === 'string') {
    if (value === 'log' || value === 'heads') return value as StreamId;
    const [kind = '', id = '', ...rest] = value.split('/');
    if (rest.length === 0 && NAMED_KINDS.includes(kind) && ID_PATTERN.test(id)) return value as StreamId;
  }
  throw new Failure('entry_invalid', 'not the name of a stream');
}

export function kindOf(stream: StreamId): StreamKind {
  const end = stream.indexOf('/');
  return (end < 0 ? stream : stream.slice(0, end)) as StreamKind;
}

/** The id behind the kind: the handle of `rel/<handle>`, the party of `refused/<party>`. */
export function idOf<Id extends string>(stream: StreamId): Id {
  return stream.slice(stream.indexOf('/') + 1) as Id;
}
