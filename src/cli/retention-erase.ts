/** Erasing what is due, stream by stream: what `assent retention --erase` does with what it listed. */
import { type Client, Refused } from '#client/index.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import { idOf, kindOf, type StreamId } from '#core/tlog/stream.ts';

type Page = Awaited<ReturnType<Client['readRetention']>>;
type Item = Page['items'][number];
type Erased = Awaited<ReturnType<Client['eraseRelationship']>>['erased'][number];

/** Erases all that is due of what was listed, and tells of each erasure once it is done. */
export async function eraseDue(
  client: Pick<Client, 'eraseRelationship' | 'eraseRefusals'>,
  { as_of, items }: Pick<Page, 'as_of' | 'items'>,
  onErased: (erased: Erased) => void,
): Promise<void> {
  for (const item of items.filter((each) => isDue(each, as_of))) {
    for (let again = true; again; ) {
      const erased = await eraseIn(client, item.stream);
      for (const each of erased) onErased(each);
      // Of refusals so many go at once.
      again = erased.length > 0 && kindOf(item.stream) === 'refused';
    }
  }
}

/** Of a relationship a class goes whole; of refusals those that are due. Entries of items have nothing sealed. */
function isDue({ stream, classes }: Item, asOf: number): boolean {
  if (kindOf(stream) === 'refused') return classes.some(({ due }) => due > 0);
  return classes.some((each) => each.class !== 'adverse_items' && each.kept_until !== null && each.kept_until <= asOf);
}

async function eraseIn(
  client: Pick<Client, 'eraseRelationship' | 'eraseRefusals'>,
  stream: StreamId,
): Promise<readonly Erased[]> {
  try {
    const isOfMany = kindOf(stream) === 'refused';
    const made = isOfMany
      ? await client.eraseRefusals(idOf<PartyId>(stream))
      : await client.eraseRelationship(idOf<Handle>(stream));
    return made.erased;
  } catch (refusal) {
    // Others erased it meanwhile, or what was due had nothing sealed.
    if (refusal instanceof Refused && ['nothing_to_erase', 'not_due'].includes(refusal.code)) return [];
    throw refusal;
  }
}
