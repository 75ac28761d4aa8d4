/**
 * The feed: what a party has to hear of, in the order of the ledger, and its word that it has heard. Webhooks carry the
 * same; nothing depends on them.
 *
 * @module
 */
import { toBase64Url } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import { hashText } from '#core/hash.ts';
import type { AccessId, GrantId, Handle, PartyId } from '#core/ids.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { feedStream, idOf } from '#core/tlog/stream.ts';
import { loadHead } from '#store/head.ts';
import { loadLastNotice, loadNotices, type NoticedRow } from '#store/notices.ts';
import type { Tx } from '#store/schema.ts';
import { nameCall, submit } from './call.ts';
import { type Caller, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import { entryOf, type Placed, placed } from './placed.ts';

/** One entry, as one party is told of it. It says no more than the entry, and never changes. */
export interface Notice {
  /** Who is told: the same key signs for all. */
  readonly party: PartyId;
  /** The entry's place in the whole log. */
  readonly seq: number;
  /** The party's notice before this one; null: there was none. Who has that one has missed nothing. */
  readonly previous: number | null;
  readonly type: string;
  readonly time: number;
  /** The grants that it is about, of those that the party is grantee or door of. */
  readonly grants: readonly GrantId[];
  readonly access: AccessId | null;
  /** The grantee's own name for the relationship; null for a door, which has none. */
  readonly handle: Handle | null;
  /** The ledger's promise: leaf, and the issuing key's signature over it. */
  readonly leaf: string;
  readonly signature: string;
}

export interface FeedPage {
  readonly items: readonly Notice[];
  /** What to ask after next; null: there is nothing yet. */
  readonly next: number | null;
  /** Whether there is more already. */
  readonly more: boolean;
  /** Entries of the tree that this was read off. */
  readonly size: number;
}

/** @throws {Failure} `principal_mismatch`, if a subject asks. */
export async function readFeed(
  { ledger }: Pick<Context, 'ledger'>,
  caller: Caller,
  { after, limit }: { readonly after: number | null; readonly limit: number },
): Promise<FeedPage> {
  const { party } = requirePartyCaller(caller);
  return ledger.store.read(async (tx) => {
    const found = await loadFeed(tx, party, after ?? -1, limit + 1);
    const items = found.slice(0, limit);
    return {
      items,
      next: items.at(-1)?.seq ?? after,
      more: found.length > limit,
      size: (await loadHead(tx))?.size ?? 0,
    };
  });
}

/** A party's notices after an entry. */
export async function loadFeed(tx: Tx, party: PartyId, after: number, countMax: number): Promise<readonly Notice[]> {
  const rows = await loadNotices(tx, { party, after, countMax });
  const last = rows.length === 0 ? undefined : await loadLastNotice(tx, party, after);
  return rows.map((row, at) => noticeOf(row, at === 0 ? last : rows[at - 1]?.index));
}

function noticeOf(row: NoticedRow, previous: number | undefined): Notice {
  const { stream, type, time, body } = parseEntry(row.bytes);
  const access = body['access'];
  return {
    party: row.party,
    seq: row.index,
    previous: previous ?? null,
    type,
    time,
    grants: JSON.parse(row.grants) as GrantId[],
    access: typeof access === 'string' ? (access as AccessId) : null,
    handle: row.grantee === row.party ? idOf<Handle>(stream) : null,
    leaf: hashText(row.leaf),
    signature: toBase64Url(row.signature),
  };
}

/**
 * Takes a party's word that it has heard of everything up to one of its notices.
 *
 * @throws {Failure} `index_unknown`, if that is no notice of this party; `already_there`, if it said so before.
 */
export async function acknowledge(
  context: Context,
  caller: Caller,
  { upto }: { readonly upto: number },
): Promise<{ readonly party: PartyId; readonly upto: number; readonly entry: Placed }> {
  const own = requirePartyCaller(caller);
  const { party } = own;
  const names = nameCall(context, own, 'open');
  const last = await context.ledger.store.readOnce((tx) => loadLastNotice(tx, party, upto));
  if (last !== upto) throw new Failure('index_unknown', 'upto: want the seq of a notice to this party');
  const stream = feedStream(party);
  const entries = await submit(context, async () => ({
    claims: [names.claim],
    touches: [stream, ...names.touches],
    plan: () => [
      { command: { type: 'party.acknowledged', stream, input: { upto, ...names.call(0) } }, ...names.evidence },
    ],
  }));
  return { party, upto, entry: placed(entryOf(entries, 'party.acknowledged')) };
}
