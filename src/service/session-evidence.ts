/** What an act by session is sealed with, and what its key is worth under the lock. */
import { type Evidence, evidenceOf } from '#core/consent/evidence.ts';
import { type BoundKey, boundKeyIn, personIn } from '#core/consent/person.ts';
import { type Relationship, relationshipIn } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import type { EntryType } from '#core/consent/rules.ts';
import { SESSION_MS_MAX } from '#core/consent/session.ts';
import { Failure } from '#core/failure.ts';
import type { Instant } from '#core/instant.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { type OpenKeys, openKeys, type SealedPayload, sealPayload } from '#ledger/vault.ts';
import type { CallNames } from './call.ts';
import type { Context } from './context.ts';
import type { PersonSession } from './sessions.ts';
import { endedKey } from './statements.ts';

/** An act by session, or a part of one that is committed by itself. */
export interface Act {
  readonly names: CallNames;
  readonly session: PersonSession;
  /** The number of its first entry within the call. */
  readonly start: number;
}

/** The data keys of streams, to seal under. */
export async function loadKeys(
  { ledger, vault }: Context,
  streams: readonly StreamId[],
): Promise<ReadonlyMap<StreamId, OpenKeys>> {
  return ledger.store.read(async (tx) => {
    const keys = new Map<StreamId, OpenKeys>();
    for (const stream of streams) keys.set(stream, await openKeys(vault, tx, stream));
    return keys;
  });
}

/** The payload of an act by session. */
export function sealSession(
  { vault }: Context,
  keys: OpenKeys,
  type: EntryType,
  { statement, signature, binding }: PersonSession,
): Promise<SealedPayload> {
  return sealPayload(vault, keys, type, { session: statement, signature, binding });
}

/**
 * The key of a session, under the lock.
 *
 * @throws {Failure} `key_ended`; `session_required`, if by the ledger's time it has ended, or has not begun.
 */
export function requireKey(view: View, { binding, started_at }: PersonSession, now: Instant): BoundKey {
  const key = boundKeyIn(personIn(view, binding.stream), binding.seq);
  if (key === undefined) throw endedKey();
  if (now < started_at || now - started_at >= SESSION_MS_MAX) {
    throw new Failure('session_required', 'the session has ended');
  }
  return key;
}

/** The evidence that a session's key is in one relationship. */
export function evidenceIn(view: View, stream: StreamId, key: BoundKey): Evidence {
  return evidenceOf(key, (relationshipIn(view, stream) as Relationship).grantee);
}
