/**
 * What readers are served of a log: the largest checkpoint of those that a quorum has cosigned, and of those that were served
 * without one. So it never shrinks, whichever process serves it, and whether that has a policy (design §7).
 *
 * @module
 */
import { type RawBuilder, sql } from 'kysely';
import { type CheckpointRow, inForce } from './checkpoints.ts';
import type { Tx } from './schema.ts';

/** Of the name in force; undefined where nothing is served yet. */
export function loadServed(tx: Tx): Promise<CheckpointRow | undefined> {
  return load(tx, inForce);
}

/** Of a name that the log has, or had. */
export function loadServedOf(tx: Tx, origin: string): Promise<CheckpointRow | undefined> {
  return load(tx, sql<string>`${origin}`);
}

/** Of one size, what was cosigned is the better one. */
async function load(tx: Tx, origin: RawBuilder<string>): Promise<CheckpointRow | undefined> {
  const cosigned = await tx
    .selectFrom('witnessed')
    .select(['size', 'root', 'note'])
    .where('origin', '=', origin)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
  const alone = await tx
    .selectFrom('checkpoints')
    .select(['size', 'root', 'note'])
    .where('origin', '=', origin)
    // As it stands in the index: a parameter is not seen to fit it.
    .where(sql<boolean>`served`)
    .where('size', '>', cosigned?.size ?? -1)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
  return alone ?? cosigned;
}
