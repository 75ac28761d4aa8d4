/**
 * What a subject signed in a relationship, opened for its receipt: signatures and the texts that they are under, and by
 * themselves the entries that bound its keys, since the rest of its stream says where else it is known.
 *
 * @module
 */
import { parseUtf8, toBase64Url } from '#core/bytes.ts';
import type { Json } from '#core/canonical.ts';
import { isByLink } from '#core/consent/link.ts';
import type { KeyBound } from '#core/consent/person.ts';
import {
  type BoundKeyShown,
  EVIDENCE_KEYS_MAX,
  type OpenedParts,
  type ShownEvidence,
  SLICE_ENTRIES_MAX,
} from '#core/consent/receipt.ts';
import { commandOf, neededParts } from '#core/consent/rules.ts';
import { isSigned } from '#core/consent/signed-statement.ts';
import { Failure } from '#core/failure.ts';
import { hashText } from '#core/hash.ts';
import { isObject } from '#core/shape.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { kindOf, parseStream, partyStream, type StreamId } from '#core/tlog/stream.ts';
import { openParts, type Vault } from '#ledger/vault.ts';
import type { CheckpointRow } from '#store/checkpoints.ts';
import { type EntryRow, loadPlaces, loadSlice } from '#store/entries.ts';
import { loadDigestsAt, loadPartsAt } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import { loadReceiptSlice, proofText } from './receipt-slice.ts';

/** Of a relationship's entries. Never who it is: a document's number could be guessed from its salt. */
const OPENED_PARTS = ['person', 'signature', 'binding', 'statement', 'session', 'text', 'text_salt'];
const PARTS_OF_KEYS = ['binding', 'possession', 'identification', 'approval'];
/** What a key is shown with; of one that somebody was identified for also who that was. */
const PARTS_NEEDED: Readonly<Record<KeyBound['method'], readonly string[]>> = {
  identity_provider: ['binding', 'possession', 'identification'],
  link: ['binding', 'possession'],
  existing_key: ['binding', 'possession', 'approval'],
};

interface Row extends OpenedParts {
  readonly row: EntryRow;
  readonly entry: Entry;
}

/**
 * Up to the entry that a receipt is of, with it. Nothing of a relationship that is not the caller's, or whose payload is erased; of the rest, what is still there.
 *
 * @throws {Failure} `limit_reached`
 */
export async function loadEvidence(
  vault: Vault,
  tx: Tx,
  { index, entry: { stream } }: { readonly index: number; readonly entry: Entry },
  checkpoint: CheckpointRow,
): Promise<ShownEvidence | undefined> {
  if (kindOf(stream) !== 'rel') return undefined;
  const slice = await loadSlice(tx, { stream, indexMax: index, countMax: SLICE_ENTRIES_MAX });
  const rows = await openRows(vault, tx, slice.filter(isOpenable), OPENED_PARTS);
  const [opening, ...others] = rows;
  const person = opening?.parts['person']?.value;
  if (opening === undefined || typeof person !== 'string') return undefined;
  const signed = others.filter(({ entry, parts }) => isSigned(entry.type) && !isByLink(entry) && isWhole(entry, parts));
  const keys = await loadKeys(vault, tx, parseStream(`person/${person}`), signed, checkpoint);
  const shown = signed.filter((each) => keys.has(placeOf(each) ?? -1));
  const letters = new Set(shown.map(({ entry }) => entry.body['letter']));
  const texts = others.filter(
    ({ entry, parts }) =>
      entry.type === 'letter.drafted' && letters.has(entry.body['letter']) && 'text' in parts && 'text_salt' in parts,
  );
  const opened = [opening, ...texts, ...shown].map(({ entry, digests, parts }) => ({ seq: entry.seq, digests, parts }));
  return { keys: [...keys.values()], opened: opened.sort((a, b) => a.seq - b.seq) };
}

function isOpenable({ seq, bytes }: EntryRow): boolean {
  const entry = parseEntry(bytes);
  return seq === 0 || entry.type === 'letter.drafted' || (isSigned(entry.type) && !isByLink(entry));
}

function isWhole(entry: Entry, parts: OpenedParts['parts']): boolean {
  return neededParts(commandOf(entry)).every((name) => name in parts);
}

/** Where the key that signed was bound. */
function placeOf({ parts }: Row): number | undefined {
  const binding = parts['binding']?.value;
  const seq = isObject(binding) ? binding['seq'] : undefined;
  return typeof seq === 'number' ? seq : undefined;
}

/** The keys that signed, and those that added them, by their places, as far as their payloads are still there. */
async function loadKeys(
  vault: Vault,
  tx: Tx,
  owner: StreamId,
  signed: readonly Row[],
  checkpoint: CheckpointRow,
): Promise<ReadonlyMap<number, BoundKeyShown>> {
  const places = await loadChains(tx, owner, [...new Set(signed.flatMap((each) => placeOf(each) ?? []))]);
  const rows = await openRows(vault, tx, places, PARTS_OF_KEYS);
  const keys = new Map<number, BoundKeyShown>();
  // In the order of the stream: so what added a key was looked at before it.
  for (const { row, entry, digests, parts } of [...rows].sort((a, b) => a.entry.seq - b.entry.seq)) {
    const { method, identified_by, signed_by } = commandOf(entry).input as KeyBound;
    if (!PARTS_NEEDED[method].every((name) => name in parts)) continue;
    if (signed_by !== undefined && !keys.has(signed_by)) continue;
    const identifier =
      identified_by === null ? null : await loadReceiptSlice(tx, partyStream(identified_by), row.index - 1, checkpoint);
    if (identifier === undefined) continue;
    keys.set(entry.seq, {
      entry: parseUtf8(row.bytes),
      signature: toBase64Url(row.signature),
      proof: await proofText(tx, row.index, checkpoint),
      ...{ digests, parts, identifier },
    });
  }
  return keys;
}

/** The entries that bound keys, and, of those that other keys added, the entries that bound these. */
async function loadChains(tx: Tx, owner: StreamId, seqs: readonly number[]): Promise<readonly EntryRow[]> {
  const found = new Map<number, EntryRow>();
  let wanted = seqs;
  while (wanted.length > 0) {
    if (found.size + wanted.length > EVIDENCE_KEYS_MAX) {
      throw new Failure('limit_reached', `a receipt shows ${EVIDENCE_KEYS_MAX} keys at most`);
    }
    const rows = await loadPlaces(tx, owner, wanted);
    for (const row of rows) found.set(parseEntry(row.bytes).seq, row);
    const before = rows.flatMap(({ bytes }) => (commandOf(parseEntry(bytes)).input as KeyBound).signed_by ?? []);
    wanted = [...new Set(before)].filter((seq) => !found.has(seq));
  }
  return [...found.values()];
}

/** Entries with the digests of their payloads, and those parts that are named and not erased. */
async function openRows(
  vault: Vault,
  tx: Tx,
  rows: readonly EntryRow[],
  names: readonly string[],
): Promise<readonly Row[]> {
  const indexes = rows.map(({ index }) => index);
  const digests = new Map<number, Record<string, string>>();
  for (const { index, name, digest } of await loadDigestsAt(tx, indexes)) {
    digests.set(index, { ...digests.get(index), [name]: hashText(digest) });
  }
  const sealed = await loadPartsAt(tx, indexes, names);
  const parts = new Map<number, Record<string, { salt: string; value: Json }>>();
  for (const [at, { salt, value }] of await openParts(vault, sealed)) {
    const [index, name] = at.split('/') as [string, string];
    parts.set(Number(index), { ...parts.get(Number(index)), [name]: { salt: toBase64Url(salt), value } });
  }
  return rows.map((row) => ({
    row,
    entry: parseEntry(row.bytes),
    digests: digests.get(row.index) ?? {},
    parts: parts.get(row.index) ?? {},
  }));
}
