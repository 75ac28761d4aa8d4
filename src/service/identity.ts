import { encodeCanonical } from '#core/canonical.ts';
import { type Identifier, normaliseIdentifier } from '#core/consent/statement.ts';
import { type Hash, mac } from '#core/hash.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { openParts, partName, type Vault } from '#ledger/vault.ts';
import { loadOpeningParts } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import type { Context } from './context.ts';
import { unknownRelationship } from './scope.ts';

export interface Identity {
  readonly id_type: string;
  readonly id_number: string;
  readonly name: string;
  readonly phone: string | null;
}

/**
 * Whom the relationship was opened for. Bindings are built with it, so that no other can be identified, and permits, so
 * that no other can be asked about.
 *
 * @throws {Failure} `relationship_unknown`, also where it was erased.
 */
export async function loadIdentity(vault: Vault, tx: Tx, stream: StreamId): Promise<Identifier> {
  const identity = (await loadIdentities(vault, tx, [stream])).get(stream);
  if (identity === undefined) throw unknownRelationship();
  return identity;
}

/** The same for many relationships at once, by stream; those that were erased are not there. */
export async function loadIdentities(
  vault: Vault,
  tx: Tx,
  streams: readonly StreamId[],
): Promise<ReadonlyMap<StreamId, Identifier>> {
  // A part's key is of the stream that the part stands in.
  const sealed = await loadOpeningParts(tx, streams, 'identity');
  const parts = await openParts(vault, sealed);
  return new Map(
    sealed.map(({ stream, index }) => [stream, parts.get(partName(index, 'identity'))?.value as unknown as Identifier]),
  );
}

/** Whom one relationship was opened for, with what `enrol` sealed besides; null: it was erased. */
export async function loadIdentityOf(vault: Vault, tx: Tx, stream: StreamId): Promise<Identity | null> {
  const identity = (await loadIdentities(vault, tx, [stream])).get(stream);
  return (identity as Identity | undefined) ?? null;
}

/** HMAC-SHA-256(deployment key, ID type, normalised number): the vault's look-up key, never in an entry. */
export function lookupOf({ keys }: Context, identifier: Identifier): Hash {
  return mac(keys.lookup, encodeCanonical(normaliseIdentifier(identifier)));
}
