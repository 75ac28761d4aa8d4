/** What the subject of a letter is shown of it: the exact text, and who the letter is of. To others it is masked. */
import { maskName } from '#core/identifier/mask.ts';
import type { LetterId } from '#core/ids.ts';
import { openParts } from '#ledger/vault.ts';
import { loadParts } from '#store/payloads.ts';
import type { Context } from './context.ts';
import { loadIdentityOf } from './identity.ts';
import { maskWords } from './letter-masked.ts';
import { loadLetter, readDraft, type Words, wordsOf } from './letters.ts';

/** The exact text shown, its translation, and whom the letter is of; null once that is erased. */
export interface OwnWords extends Words {
  readonly name: string | null;
  /** Whether name and words say whom the letter is about with characters left out. */
  readonly masked: boolean;
}

/**
 * @param isWhole Whether who asks has shown that it may see it in full.
 * @throws {Failure} `letter_unknown`; `commitment_invalid`, if the text that is kept is not this letter's.
 */
export async function loadOwnWords({ ledger, vault }: Context, letter: LetterId, isWhole: boolean): Promise<OwnWords> {
  return ledger.store.read(async (tx) => {
    const { index, stream, entry } = await loadLetter(tx, letter);
    const parts = await openParts(vault, await loadParts(tx, index, index + 1));
    const identity = await loadIdentityOf(vault, tx, stream);
    const whole = wordsOf(readDraft(entry).draft, index, parts);
    const name = identity?.name ?? null;
    if (isWhole) return { ...whole, name, masked: false };
    return { ...maskWords(whole, { identity, index, parts }), name: name && maskName(name), masked: true };
  });
}
