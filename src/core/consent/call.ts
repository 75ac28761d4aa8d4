/** What every body that is made for a caller says of the call itself. */
import type { JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { hash, oneOf, type Shape } from '../shape.ts';
import type { StreamId } from '../tlog/stream.ts';
import type { View } from './rule.ts';

/** How the caller was authenticated: not at all, by its signed request, by the subject's statement, by a session. */
export const AUTH = ['none', 'http-sig', 'statement', 'session'] as const;
export type Auth = (typeof AUTH)[number];

export type Call = {
  /** HMAC of the actor, the idempotency key and the entry's number within the command (design §6). */
  readonly idem: string;
  readonly auth: Auth;
};

/** The fields of {@link Call}, to spread into a record's. */
export const CALL: { readonly idem: Shape<string>; readonly auth: Shape<Auth> } = { idem: hash, auth: oneOf(AUTH) };

/** @throws {Failure} `already_there`, if the stream has begun: what opens a stream comes once. */
export function refuseOpen(view: View, stream: StreamId): void {
  if (view.head(stream) !== undefined) throw new Failure('already_there', 'this stream is already open');
}

/** @throws {Failure} `entry_invalid`, if an event comes before the one that opens its stream. */
export function opened<State extends JsonObject>(state: State | undefined): State {
  if (state === undefined) throw new Failure('entry_invalid', 'the stream is not open yet');
  return state;
}
