/**
 * A write, as the service hands it to the ledger: prepared before the lock, decided under it, answered after COMMIT.
 *
 * @module
 */

import type { View } from '#core/consent/rule.ts';
import type { Command } from '#core/consent/rules.ts';
import type { FailureCode } from '#core/failure.ts';
import type { Hash } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import type { Entry } from '#core/tlog/entry.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import type { CredentialRow } from '#store/credentials.ts';
import type { PackRow } from '#store/packs.ts';
import type { RequestRow } from '#store/requests.ts';
import type { PersonRow, RelationshipRow, SubjectKeyRow } from '#store/subjects.ts';
import type { Destruction } from './erasure.ts';
import type { SealedPayload } from './vault.ts';

/** One name under which a write must not happen twice. */
export interface Claim {
  /** HMAC of the actor and the idempotency key, or of a statement's `ref`. */
  readonly idem: Hash;
  /** HMAC of what was asked: the same gets the same answer, another gets {@link mismatch}. */
  readonly request: Hash;
  readonly mismatch: FailureCode;
}

/** An entry to be, with everything that could be prepared before the lock. */
export interface Planned {
  readonly command: Command;
  readonly payload?: SealedPayload;
  /** The signed request that this entry names as its evidence, if it is not sealed in the payload. */
  readonly request?: RequestRow;
  /** The bytes of the pack that this entry publishes. */
  readonly pack?: PackRow;
  /** Ids that this entry mints, to be found again. */
  readonly mints?: readonly string[];
  readonly persons?: readonly PersonRow[];
  /** Who was known already when this was prepared, and has to be still. */
  readonly known?: readonly PersonRow[];
  readonly relationships?: readonly RelationshipRow[];
  /** A key bound by this entry; its place is the entry's. */
  readonly subjectKeys?: readonly Omit<SubjectKeyRow, 'seq'>[];
  /** The passkey that this entry binds, by its id on its device. */
  readonly credentials?: readonly CredentialRow[];
  /** What is destroyed with this entry. */
  readonly destruction?: Destruction;
}

export interface Write {
  readonly claims: readonly Claim[];
  /** Every stream that planning and deciding may read. */
  readonly touches: readonly StreamId[];
  /**
   * Says, under the lock, which entries this makes of the states as they are. Pure.
   *
   * @throws {Failure} if the write is refused as a whole.
   */
  plan(view: View, now: Instant): readonly Planned[];
}

/** An entry that has its place. Level `sequenced`: durable, signed by the issuing key, not yet under a checkpoint. */
export interface Sequenced {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly leaf: Hash;
  readonly signature: Uint8Array;
  readonly entry: Entry;
}
