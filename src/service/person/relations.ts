/** All relationships of one person, as they stand: what everything that a person sees is read off. */
import { type Relationship, relationshipIn } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { Failure } from '#core/failure.ts';
import type { GrantId, Handle, PersonId } from '#core/ids.ts';
import { LOG_STREAM, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { loadHandles } from '#store/subjects.ts';
import type { Context } from '../context.ts';
import { viewOf } from '../view.ts';

/** A person that signed in: who it is, and where the key was bound that opened the session. */
export interface SignedIn {
  readonly person: PersonId;
  readonly binding: { readonly stream: StreamId; readonly seq: number };
}

export interface Relation {
  readonly handle: Handle;
  readonly stream: StreamId;
  readonly relationship: Relationship;
}

export interface Relations {
  /** The relationships, and the log that says which packs there are. */
  readonly view: View;
  /** In the order in which they were opened. */
  readonly all: readonly Relation[];
}

/** Reads every relationship of a person in two queries. */
export async function loadRelations({ ledger }: Context, tx: Tx, { person }: SignedIn): Promise<Relations> {
  const handles = [...(await loadHandles(tx, person))].sort();
  const streams = handles.map(relationshipStream);
  const view = viewOf(await loadStreams(tx, [LOG_STREAM, ...streams]), ledger.packs.get);
  const all = handles.flatMap((handle): readonly Relation[] => {
    const stream = relationshipStream(handle);
    const relationship = relationshipIn(view, stream);
    return relationship === undefined ? [] : [{ handle, stream, relationship }];
  });
  return { view, all };
}

/** The relationship that a grant of this person stands in. @throws {Failure} `grant_unknown`, also for another's. */
export function relationOf({ all }: Relations, grant: GrantId): Relation {
  const found = all.find(({ relationship }) => Object.hasOwn(relationship.grants, grant));
  if (found === undefined) throw new Failure('grant_unknown', 'no such grant');
  return found;
}
