/** The letters of a person's relationships, as they were asked for: out of the entries that drafted them. */
import type { LetterDrafted } from '#core/consent/letter.ts';
import type { TemplateRef } from '#core/consent/pinned-template.ts';
import type { Relationship } from '#core/consent/relationship.ts';
import { commandOf } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import type { LetterId, PartyId } from '#core/ids.ts';
import { isObject } from '#core/shape.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { loadEntriesAt } from '#store/entries.ts';
import { loadIds } from '#store/ids.ts';
import { loadKept } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';

export interface Asked {
  readonly letter: LetterId;
  /** Who asks for it. */
  readonly principal: PartyId;
  /** Null: the text is the grantee's own. */
  readonly template: TemplateRef | null;
  readonly grants: readonly Terms[];
  readonly drafted_at: number;
  readonly expires_at: number;
  /** Whether the text that was shown is kept still. */
  readonly text: 'kept' | 'erased';
}

/** Every letter that these relationships know: signed, declined, or waiting. Three queries, bounded by their maxima. */
export async function loadAsked(tx: Tx, relationships: readonly Relationship[]): Promise<ReadonlyMap<string, Asked>> {
  const letters = relationships.flatMap(lettersOf);
  const indexes = (await loadIds(tx, letters)).map(({ index }) => index);
  const kept = await loadKept(tx, indexes, 'text');
  const asked = (await loadEntriesAt(tx, indexes)).map(({ index, bytes }): Asked => {
    const entry = parseEntry(bytes);
    const { letter, principal, template, grants, expires_at } = commandOf(entry).input as LetterDrafted;
    return {
      letter,
      principal,
      // Before engine 2 it was a code that nothing looks up.
      template: isObject(template) ? template : null,
      grants,
      drafted_at: entry.time,
      expires_at,
      text: kept.has(index) ? 'kept' : 'erased',
    };
  });
  return new Map(asked.map((each) => [each.letter, each]));
}

function lettersOf({ signed, declined = [], drafts }: Relationship): readonly string[] {
  return [...signed, ...declined, ...Object.keys(drafts)];
}
