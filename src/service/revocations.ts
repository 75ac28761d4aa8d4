/** A door's revocation list, signed, and its digest in the log. */
import { toBase64Url, utf8 } from '#core/bytes.ts';
import { grantIn } from '#core/consent/grant.ts';
import { type Grant, relationshipIn } from '#core/consent/relationship.ts';
import { digestRevocations, formatRevocations, LISTED_MS } from '#core/consent/revocations.ts';
import { hashText } from '#core/hash.ts';
import type { GrantId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { feedStream } from '#core/tlog/stream.ts';
import { loadHead, readClock } from '#store/head.ts';
import { loadIds } from '#store/ids.ts';
import { loadLatestNotices, type NoticedRow } from '#store/notices.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { nameCall, submit } from './call.ts';
import { type Caller, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import { entryOf, type Placed, placed } from './placed.ts';
import { viewOf } from './view.ts';

/** More than this many changes within minutes are more than a list is for: then a door asks again. */
const LISTED_MAX = 10_000;

export interface ListedRevocations {
  /** The list's text, and the issuing key's signature over its bytes. */
  readonly list: string;
  readonly signature: string;
  readonly entry: Placed;
}

/**
 * Lists the grants of this door that were taken back or held lately.
 *
 * @throws {Failure} `principal_mismatch`
 */
export async function listRevocations(context: Context, caller: Caller): Promise<ListedRevocations> {
  const own = requirePartyCaller(caller);
  const { party } = own;
  const names = nameCall(context, own, 'open');
  const made = await context.ledger.store.read((tx) => readList(tx, context.ledger.origin, party));
  const { list, size, since, asOf, count } = made;
  const digest = hashText(digestRevocations(list));
  const stream = feedStream(party);
  const entries = await submit(context, async () => ({
    claims: [names.claim],
    touches: [stream, ...names.touches],
    plan: () => [
      {
        command: {
          type: 'revocations.listed',
          stream,
          input: { size, since, as_of: asOf, count, digest, ...names.call(0) },
        },
        ...names.evidence,
      },
    ],
  }));
  const signature = toBase64Url(await context.issuingKey.sign(utf8(list)));
  return { list, signature, entry: placed(entryOf(entries, 'revocations.listed')) };
}

async function readList(tx: Tx, log: string, door: PartyId) {
  const asOf = await readClock(tx);
  const size = (await loadHead(tx))?.size ?? 0;
  const since = (asOf - LISTED_MS) as Instant;
  const grants = await listedIn(tx, await loadLatestNotices(tx, door, LISTED_MAX), since);
  const list = formatRevocations({ log, door, size, since, asOf, grants });
  return { list, size, since, asOf, count: grants.length };
}

const BEGINS: readonly string[] = [
  'grant.revoked',
  'grant.narrowed',
  'grant.paused',
  'grant.contested',
  'finding.recorded',
  'relationship.frozen',
];

/** What began lately to be taken back or held, in the order of the ledger, and is so still. */
async function listedIn(tx: Tx, latest: readonly NoticedRow[], since: Instant): Promise<readonly GrantId[]> {
  const named = new Set<GrantId>();
  for (const row of latest.toReversed()) {
    const { type, time } = parseEntry(row.bytes);
    if (time < since || !BEGINS.includes(type)) continue;
    for (const grant of JSON.parse(row.grants) as readonly GrantId[]) named.add(grant);
  }
  // A grant may be held in more than one way: that one of them ended does not say that it may be used.
  const ids = await loadIds(tx, [...named]);
  const streamOf = new Map(ids.map(({ id, stream }) => [id, stream]));
  const view = viewOf(await loadStreams(tx, [...new Set(streamOf.values())]));
  return [...named].filter((grant) => {
    const stream = streamOf.get(grant);
    const relationship = stream && relationshipIn(view, stream);
    const found = grantIn(relationship, grant);
    return found !== undefined && (relationship?.frozen !== null || isHeld(found));
  });
}

function isHeld({ revoked_at, paused, contested_at = null }: Grant): boolean {
  return revoked_at !== null || paused !== null || contested_at !== null;
}
