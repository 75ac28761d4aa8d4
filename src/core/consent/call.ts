/** What every body that is made for a caller says of the call itself. */
import type { JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { OperatorId, PartyId } from '../ids.ts';
import { hash, id, integer, list, nullable, oneOf, record, type Shape, type ShapeOf } from '../shape.ts';
import type { StreamId } from '../tlog/stream.ts';
import { AUTH, type Auth } from './auth.ts';
import type { View } from './rule.ts';

/** A party has this many keys in its whole life, retired ones included: they are what its old requests are checked by. */
export const PARTY_KEYS_MAX = 256;

/** One signature under a request: which operator of which party, with which of the party's keys, by its number. */
export const signerShape: Shape<{
  readonly party: PartyId;
  readonly operator: OperatorId;
  readonly key: number;
}> = record({ party: id<PartyId>(), operator: id<OperatorId>(), key: integer(0, PARTY_KEYS_MAX - 1) });
export type Signer = ShapeOf<typeof signerShape>;

/** What the keeper does, two of its operators sign. */
export const SIGNERS_MAX = 2;

export type Call = {
  /** HMAC of the actor, the idempotency key and the entry's number within the command (design §6). */
  readonly idem: string;
  readonly auth: Auth;
  /** The operators that signed the request; none where a subject did, or nobody. */
  readonly by: readonly Signer[];
  /** SHA-256 of the signed request that is kept as evidence; null where it is a part of the payload, or there is none. */
  readonly request: string | null;
};

/** The fields of {@link Call}, to spread into a record's. */
export const CALL: {
  readonly idem: Shape<string>;
  readonly auth: Shape<Auth>;
  readonly by: Shape<readonly Signer[]>;
  readonly request: Shape<string | null>;
} = { idem: hash, auth: oneOf(AUTH), by: list(signerShape, SIGNERS_MAX), request: nullable(hash) };

/** @throws {Failure} `already_there`, if the stream has begun: what opens a stream comes once. */
export function refuseOpen(view: View, stream: StreamId): void {
  if (view.head(stream) !== undefined) throw new Failure('already_there', 'this stream is already open');
}

/** @throws {Failure} `entry_invalid`, if an event comes before the one that opens its stream. */
export function opened<State extends JsonObject>(state: State | undefined): State {
  if (state === undefined) throw new Failure('entry_invalid', 'the stream is not open yet');
  return state;
}
