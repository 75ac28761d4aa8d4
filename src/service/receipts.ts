/** Receipts: what the parties of an access keep, to be verified without us. */
import { parseUtf8, utf8 } from '#core/bytes.ts';
import type { PackPublished } from '#core/consent/pack-life.ts';
import { formatReceipt, type Slice } from '#core/consent/receipt.ts';
import { commandOf, touches } from '#core/consent/rules.ts';
import { Failure } from '#core/failure.ts';
import type { AccessId } from '#core/ids.ts';
import { encodePack } from '#core/pack/pack.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import type { PackLibrary } from '#ledger/packs.ts';
import { findAccess, loadAccess } from './accesses.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import { loadEvidence } from './opened-evidence.ts';
import { loadReceiptSlice } from './receipt-slice.ts';

/** How long a receipt waits for the checkpoint that covers its access. */
const PUBLISHED_WAIT_MS = 2_000;

/**
 * The receipt of an access, as the bytes of its file. Its subject may open what it signed: nobody else, since a key is a link
 * to wherever else the person is known.
 *
 * @throws {Failure} `access_unknown`; `principal_mismatch`, if another opens signatures; `not_published`, if no checkpoint
 *   covers it yet; `limit_reached`, if a stream is longer than a receipt may hold.
 */
export async function accessReceipt(
  context: Context,
  caller: Caller,
  access: AccessId,
  opens: 'signatures' | 'nothing' = 'nothing',
): Promise<string> {
  // The relationship's whole slice is its lender's and its subject's, not of the door that one access went through.
  await context.ledger.store.read((tx) => loadAccess(tx, caller, access, 'whole'));
  if (opens === 'signatures' && caller.kind !== 'subject') {
    throw new Failure('principal_mismatch', 'a subject opens what it signed itself');
  }
  return receiptOf(context, access, opens);
}

/** The receipt, for who has shown otherwise that it is theirs. */
export async function receiptOf(
  { ledger, vault }: Context,
  access: AccessId,
  opens: 'signatures' | 'nothing' = 'nothing',
): Promise<string> {
  const { store, publisher, origin } = ledger;
  const row = await store.readOnce((tx) => findAccess(tx, access));
  const checkpoint = await publisher.published(row.index + 1, PUBLISHED_WAIT_MS);
  const slices = await store.read(async (tx) => {
    const made: Slice[] = [];
    for (const stream of touches(commandOf(row.entry))) {
      const slice = await loadReceiptSlice(tx, stream, row.index, checkpoint);
      if (slice !== undefined) made.push(slice);
    }
    return made;
  });
  const packs = packsOf(row.entry, slices, ledger.packs);
  const evidence = opens === 'nothing' ? undefined : await store.read((tx) => loadEvidence(vault, tx, row, checkpoint));
  return formatReceipt({
    ...{ log: origin, access, slices, opened: [] },
    ...(packs.length === 0 ? {} : { packs }),
    ...(evidence === undefined ? {} : { evidence }),
  });
}

/** The texts of the packs that decided, by what the log's own entries say of them. */
function packsOf({ body }: Entry, slices: readonly Slice[], library: PackLibrary): readonly string[] {
  const law = body['law'] as { readonly packs: { readonly [pack: string]: number } } | null | undefined;
  if (law == null) return [];
  const published = (slices.find(({ stream }) => stream === LOG_STREAM)?.entries ?? [])
    .map((text) => parseEntry(utf8(text)))
    .filter(({ type }) => type === 'pack.published')
    .map((entry) => entry.body as unknown as PackPublished);
  return Object.entries(law.packs).map(([id, version]) => {
    const digest = published.find((each) => each.pack === id && each.version === version)?.digest ?? '';
    const pack = library.get(digest);
    if (pack === undefined) throw new Failure('pack_unknown', 'a pack that decided is not at hand');
    return parseUtf8(encodePack(pack));
  });
}
