/**
 * What a subject signs, taken in: which person the handle is of, whether the key is that person's, whether it signed
 * exactly this. The same for a letter and for taking a grant back.
 *
 * @module
 */

import type { JsonObject } from '#core/canonical.ts';
import { epochIn } from '#core/consent/epoch.ts';
import { type Evidence, evidenceOf } from '#core/consent/evidence.ts';
import { boundKeyIn, personIn, requireMaySign } from '#core/consent/person.ts';
import type { Relationship } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import type { EntryType } from '#core/consent/rules.ts';
import { verifyOneOf } from '#core/consent/signature.ts';
import { acceptedSubjectKey, subjectKeyBytes } from '#core/consent/subject-key.ts';
import { Failure } from '#core/failure.ts';
import type { Handle } from '#core/ids.ts';
import { idOf, personStream, type StreamId } from '#core/tlog/stream.ts';
import { openKeys, type SealedPayload, sealPayload } from '#ledger/vault.ts';
import { loadPersonOf, loadSubjectKey } from '#store/subjects.ts';
import type { Context } from './context.ts';
import { unknownRelationship } from './scope.ts';

export interface Signed {
  /** The subject's public key, base64url. */
  readonly key: string;
  readonly signature: string;
  readonly signed_at: number;
}

export interface TakenStatement {
  readonly payload: SealedPayload;
  /** The person's stream, to be touched: the key is checked again under the lock. */
  readonly owner: StreamId;
  /** Where the key was bound. */
  readonly seq: number;
  /** @throws {Failure} `key_ended`, if the key does not count any more; `key_suspended`, if it only takes away. */
  evidence(view: View): Evidence;
}

/**
 * Verifies a statement's signature before the lock, and seals it as evidence.
 *
 * @throws {Failure} `key_invalid`, `subject_key_unknown`, `signature_invalid`
 */
export async function takeStatement(
  { ledger, vault, ed25519, p256 }: Context,
  type: EntryType,
  taken: {
    readonly stream: StreamId;
    readonly relationship: Relationship;
    readonly statement: JsonObject;
    /** What it may be over instead, under the names that the log had before. */
    readonly before?: readonly JsonObject[];
    readonly signed: Signed;
    /** Whether the statement itself is kept too: where the audit can't build it again from the ledger alone. */
    readonly keep?: boolean;
  },
): Promise<TakenStatement> {
  const { stream, relationship, statement, before = [], signed, keep = false } = taken;
  const bytes = subjectKeyBytes(signed.key);
  const found = await ledger.store.read(async (tx) => {
    const person = await loadPersonOf(tx, idOf<Handle>(stream));
    if (person === undefined) throw unknownRelationship();
    return { person, seq: await loadSubjectKey(tx, person, bytes), keys: await openKeys(vault, tx, stream) };
  });
  const { seq } = found;
  if (seq === undefined) throw unknownKey();
  const key = acceptedSubjectKey(signed.key);
  await verifyOneOf({ ed25519, p256 }, [statement, ...before], { key, signature: signed.signature });
  const owner = personStream(found.person);
  const payload = await sealPayload(vault, found.keys, type, {
    signature: signed.signature,
    binding: { stream: owner, seq },
    ...(keep ? { statement } : {}),
  });
  return {
    payload,
    owner,
    seq,
    evidence(view) {
      const bound = boundKeyIn(personIn(view, owner), seq);
      if (bound === undefined) throw endedKey();
      requireMaySign(bound, type, epochIn(view));
      return evidenceOf(bound, relationship.grantee);
    },
  };
}

export function endedKey(): Failure {
  return new Failure('key_ended', 'this key is not bound to the subject any more');
}

export function unknownKey(): Failure {
  return new Failure('subject_key_unknown', 'this key is not bound to the subject of this relationship');
}
