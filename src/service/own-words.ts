/** What only the subject of a letter is shown of it: the exact text, and who the letter is of. */
import type { LetterId } from '#core/ids.ts';
import { openParts } from '#ledger/vault.ts';
import { loadParts } from '#store/payloads.ts';
import type { Context } from './context.ts';
import { loadIdentities } from './identity.ts';
import { loadLetter, readDraft, type Words, wordsOf } from './letters.ts';

/** The exact text shown, its translation, and whom the letter is of; null once that is erased. */
export interface OwnWords extends Words {
  readonly name: string | null;
}

/** @throws {Failure} `letter_unknown`; `commitment_invalid`, if the text that is kept is not this letter's. */
export async function loadOwnWords({ ledger, vault }: Context, letter: LetterId): Promise<OwnWords> {
  return ledger.store.read(async (tx) => {
    const { index, stream, entry } = await loadLetter(tx, letter);
    const parts = await openParts(vault, await loadParts(tx, index, index + 1));
    const identity = (await loadIdentities(vault, tx, [stream])).get(stream) as { readonly name?: unknown } | undefined;
    const name = identity?.name;
    return { ...wordsOf(readDraft(entry).draft, index, parts), name: typeof name === 'string' ? name : null };
  });
}
