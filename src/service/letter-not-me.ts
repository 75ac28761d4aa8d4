/** What became of a letter whose link’s holder said that it is of somebody else. */
import type { Relationship } from '#core/consent/relationship.ts';
import type { LetterId, PartyId } from '#core/ids.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { loadSlice } from '#store/entries.ts';
import type { Tx } from '#store/schema.ts';
import type { LoadedLetter } from './letters.ts';

export interface NotMe {
  /** Whether the relationship is frozen still. */
  readonly frozen: boolean;
  /** Who was told: who asked, and the doors that the letter names. */
  readonly alerted: readonly PartyId[];
}

/** How many entries after a letter’s draft are looked through for its end: a letter is answered within days. */
const LATER_MAX = 2_000;

/** Null: it was not declined, or for no reason that was given. */
export async function loadNotMe(
  tx: Tx,
  { stream, relationship, entry }: LoadedLetter,
  letter: LetterId,
): Promise<NotMe | null> {
  if (!isDeclined(relationship, letter)) return null;
  const slice = { stream, indexMax: Number.MAX_SAFE_INTEGER, seqMin: entry.seq + 1, countMax: LATER_MAX };
  const later = (await loadSlice(tx, slice)).map(({ bytes }) => parseEntry(bytes));
  const end = later.find(({ type, body }) => type === 'letter.declined' && body['letter'] === letter);
  if (end?.body['reason'] !== 'not_me') return null;
  return { frozen: relationship.frozen !== null, alerted: end.body['alerted'] as unknown as readonly PartyId[] };
}

function isDeclined({ declined = [] }: Relationship, letter: LetterId): boolean {
  return declined.includes(letter);
}
