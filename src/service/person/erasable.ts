/** What of a person can be erased, in words: now, or from when on, and by which article. */
import type { Said } from '#core/consent/explain-text.ts';
import { type Law, lawAt } from '#core/consent/law.ts';
import type { Handle } from '#core/ids.ts';
import type { Context } from '../context.ts';
import { type Erasable, readErasable } from '../erasures.ts';
import { loadNames } from './names.ts';
import { loadRelations, type SignedIn } from './relations.ts';

export interface ErasableInWords extends Pick<Erasable, 'class' | 'due' | 'kept_until'> {
  readonly handle: Handle;
  readonly institution: Said;
  /** The articles that want it kept, or wanted it. */
  readonly law: readonly { readonly title: Said; readonly art: string }[];
}

/** Everything that is kept of a person, by institution and class. */
export async function readErasableInWords(context: Context, person: SignedIn): Promise<readonly ErasableInWords[]> {
  const { as_of, items } = await readErasable(context, person.person);
  return context.ledger.store.read(async (tx) => {
    const { view, all } = await loadRelations(context, tx, person);
    const grantees = new Map(all.map(({ handle, relationship }) => [handle, relationship.grantee]));
    const names = await loadNames(context, tx, view, grantees.values());
    const law = lawAt(view, as_of);
    return items.flatMap(({ handle, classes }) => {
      const grantee = grantees.get(handle);
      if (grantee === undefined) return [];
      return classes.map(({ class: of, due, kept_until, by }) => {
        return { handle, institution: names.party(grantee), class: of, due, kept_until, law: articlesOf(law, by) };
      });
    });
  });
}

function articlesOf(law: Law | null, by: readonly string[]): ErasableInWords['law'] {
  const cited = law?.retention.filter(({ id }) => by.includes(id)).flatMap((rule) => rule.law) ?? [];
  return cited.flatMap(({ doc, art }) => {
    const title = law?.laws.get(doc)?.title;
    return title === undefined ? [] : [{ title, art }];
  });
}
