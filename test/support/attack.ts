/**
 * What someone can do who has full rights on the database, and what someone can do who also has the ledger's keys.
 *
 * @module
 */
import { sql } from 'kysely';
import { toBase64Url } from '#core/bytes.ts';
import { encodeCanonical, type Json, type JsonObject } from '#core/canonical.ts';
import { commandOf, decide, evolve, sawOf } from '#core/consent/rules.ts';
import { type Hash, hashLeaf, hashText } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { digestSignedRequest, formatSignedRequest } from '#core/request/signed-request.ts';
import { nextLink, type StreamHead } from '#core/tlog/chain.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { type Entry, encodeEntry, entrySigningBytes, parseEntry } from '#core/tlog/entry.ts';
import { digestPart } from '#core/tlog/payload.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { appendLeaves, emptyFrontier, parseSize, type Size } from '#core/tlog/tree.ts';
import type { AuditReport } from '#ledger/audit.ts';
import { headColumns } from '#ledger/batch.ts';
import { completeTiles } from '#ledger/tree.ts';
import type { Request } from '#service/caller.ts';
import { insertCheckpoint } from '#store/checkpoints.ts';
import { type EntryRow, insertEntries, loadEntries } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import { loadParts } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams, saveStreams } from '#store/streams.ts';
import { webcryptoAead } from '../../src/webcrypto-aead.ts';
import { type Fixture, ORIGIN, random } from './ledger-fixture.ts';

const LOG_TABLES = [
  'entries',
  'tiles',
  'checkpoints',
  'witnessed',
  'time_stamps',
  'ids',
  'idempotency',
  'part_digests',
  'requests',
  'notices',
  'acknowledgements',
  'access_steps',
];

class Undo extends Error {}

/** Does something to the database as its owner could, looks at what is then there, and undoes it. */
export async function undone<T>(fixture: Fixture, work: (tx: Tx) => Promise<T>): Promise<T> {
  let found: { readonly value: T } | undefined;
  try {
    await fixture.store.transaction(async (tx) => {
      await unprotect(tx);
      found = { value: await work(tx) };
      throw new Undo();
    });
  } catch (thrown) {
    if (!(thrown instanceof Undo) || found === undefined) throw thrown;
  }
  return (found as { readonly value: T }).value;
}

/** Audits a ledger after an attack on its database, which is undone again. */
export function auditAfter(fixture: Fixture, attack: (tx: Tx) => Promise<unknown>): Promise<AuditReport> {
  return undone(fixture, async (tx) => {
    await attack(tx);
    return fixture.auditIn(tx);
  });
}

/** Takes the triggers and the one-entry-per-place rule away, which an owner can and the ledger's account can't. */
export async function unprotect(tx: Tx): Promise<void> {
  for (const table of LOG_TABLES) {
    await sql`alter table ${sql.table(table)} disable trigger user`.execute(tx);
    await sql`grant all on ${sql.table(table)} to current_user`.execute(tx);
  }
  await sql`alter table entries drop constraint entries_stream_seq`.execute(tx);
}

/** Rolls the database back to `size` entries, as a restored backup or a lagging standby would be. */
export async function rollBack(fixture: Fixture, size: number): Promise<void> {
  await fixture.store.transaction(async (tx) => {
    await unprotect(tx);
    for (const table of ['entries', 'part_digests', 'parts', 'ids', 'access_steps']) {
      await sql`delete from ${sql.table(table)} where index >= ${size}`.execute(tx);
    }
    await sql`delete from idempotency where first_index >= ${size}`.execute(tx);
    await sql`delete from checkpoints where size > ${size}`.execute(tx);
    await sql`delete from witnessed where size > ${size}`.execute(tx);
    await rebuildTree(tx);
    await sql`update head set stepped = least(stepped, size)`.execute(tx);
  });
}

/** The bytes of an entry with something else in it. */
export function edited(bytes: Uint8Array, change: (value: JsonObject) => JsonObject): Uint8Array {
  return encodeCanonical(change(JSON.parse(new TextDecoder().decode(bytes))));
}

export function withBody(name: string, value: Json): (entry: JsonObject) => JsonObject {
  return (entry) => ({ ...entry, body: { ...(entry['body'] as JsonObject), [name]: value } });
}

/** Overwrites a stored entry, and what of its place is said. */
export async function overwrite(tx: Tx, index: number, change: Partial<EntryRow>): Promise<void> {
  for (const [column, value] of Object.entries(change)) {
    await sql`update entries set ${sql.ref(column)} = ${value} where index = ${index}`.execute(tx);
  }
}

export async function entryRows(tx: Tx): Promise<readonly EntryRow[]> {
  return loadEntries(tx, 0, (await loadHead(tx))?.size ?? 0);
}

/** Makes tiles and head again out of the leaves that are stored now. */
export async function rebuildTree(tx: Tx): Promise<{ readonly size: Size; readonly root: Hash }> {
  const rows = await loadEntries(tx, 0, Number.MAX_SAFE_INTEGER);
  const leaves = rows.map((row) => row.leaf);
  const size = parseSize(leaves.length);
  const head = headColumns(appendLeaves(emptyFrontier(), leaves), size);
  await sql`delete from tiles`.execute(tx);
  await completeTiles(tx, 0 as Size, leaves);
  await sql`update head set size = ${size}, root = ${head.root}, frontier = ${head.frontier}`.execute(tx);
  return { size, root: head.root };
}

/** Replaces every checkpoint by one over the tree as it is, signed with the log key. */
export async function resignCheckpoints(tx: Tx, fixture: Fixture): Promise<void> {
  const head = await loadHead(tx);
  if (head === undefined) throw new Error('there is a head');
  const size = parseSize(head.size);
  await sql`delete from checkpoints`.execute(tx);
  const note = await signCheckpoint({ origin: ORIGIN, size, root: head.root }, fixture.keys.log);
  await insertCheckpoint(tx, { size, root: head.root, note });
}

/** Rewrites history with all keys: each entry's input is changed as wanted, and everything after it is made to fit. */
export async function rewriteHistory(
  tx: Tx,
  fixture: Fixture,
  change: (entry: Entry, index: number) => Entry,
): Promise<void> {
  const heads = new Map<StreamId, StreamHead & { readonly state: JsonObject }>();
  const view = { head: (s: StreamId) => heads.get(s), state: (s: StreamId) => heads.get(s)?.state };
  for (const row of await entryRows(tx)) {
    const wanted = change(parseEntry(row.bytes), row.index);
    const command = commandOf(wanted);
    const { seq, prev } = nextLink(heads.get(wanted.stream));
    const entry: Entry = { ...wanted, seq, prev, body: decide(view, command, wanted.time) };
    const bytes = encodeEntry(entry);
    const leaf = hashLeaf(bytes);
    heads.set(entry.stream, { seq, leaf, state: evolve(view.state(entry.stream), command.type, entry) });
    const signature = await fixture.keys.issuing.sign(entrySigningBytes(leaf));
    await overwrite(tx, row.index, { stream: entry.stream, seq, leaf, bytes, signature });
  }
  await sql`delete from streams`.execute(tx);
  await saveStreams(
    tx,
    [...heads].map(([stream, head]) => ({ stream, ...head })),
  );
  await rebuildTree(tx);
  await resignCheckpoints(tx, fixture);
}

/** Appends an entry that no rule was asked about, with chain, tree, state, signature and checkpoint all in order. */
export async function appendForged(
  tx: Tx,
  fixture: Fixture,
  forged: {
    readonly stream: StreamId;
    readonly type: string;
    readonly body: JsonObject;
    /** The streams to be pinned in `saw`. */
    readonly saw?: readonly StreamId[];
    readonly prev?: Hash;
    readonly time?: number;
  },
): Promise<number> {
  const head = await loadHead(tx);
  const known = new Map(
    (await loadStreams(tx, [forged.stream, ...(forged.saw ?? [])])).map((row) => [row.stream, row]),
  );
  const view = { head: (s: StreamId) => known.get(s), state: (s: StreamId) => known.get(s)?.state };
  const { seq, prev } = nextLink(known.get(forged.stream));
  const index = head?.size ?? 0;
  const entry: Entry = {
    log: ORIGIN,
    stream: forged.stream,
    seq,
    prev: forged.prev ?? prev,
    time: (forged.time ?? head?.time ?? 0) as Instant,
    type: forged.type,
    body: forged.saw === undefined ? forged.body : { ...forged.body, saw: sawOf(view, forged.saw) },
    commit: null,
  };
  const bytes = encodeEntry(entry);
  const leaf = hashLeaf(bytes);
  const signature = await fixture.keys.issuing.sign(entrySigningBytes(leaf));
  await insertEntries(tx, [{ index, stream: entry.stream, seq, leaf, bytes, signature }]);
  const state = evolve(view.state(entry.stream), commandOf(entry).type, entry);
  await saveStreams(tx, [{ stream: entry.stream, seq, leaf, state }]);
  await rebuildTree(tx);
  await resignCheckpoints(tx, fixture);
  return index;
}

/** Seals another value or salt in a part's place, as the holder of the wrapping key can. */
export async function resealPart(
  tx: Tx,
  fixture: Fixture,
  index: number,
  name: string,
  change: (part: { readonly salt: string; readonly value: Json }) => JsonObject,
): Promise<Hash> {
  const row = (await loadParts(tx, index, index + 1)).find((part) => part.name === name);
  if (row === undefined) throw new Error(`entry ${index} has a part ${name}`);
  const context = (text: string) => new TextEncoder().encode(text);
  const key = await webcryptoAead.open(
    fixture.keys.wrappingKey,
    row.wrapped,
    context(`assent/data-key/v2\n${row.data_key}\n${row.stream}\n${row.owner}\n${row.retention}`),
  );
  const place = context(`assent/part/v1\n${row.data_key}\n${name}`);
  const plain = JSON.parse(new TextDecoder().decode(await webcryptoAead.open(key, row.sealed, place)));
  const changed = change(plain);
  const sealed = await webcryptoAead.seal(key, encodeCanonical(changed), place);
  await sql`update parts set sealed = ${sealed} where index = ${index} and name = ${name}`.execute(tx);
  const salt = new Uint8Array(Buffer.from(String(changed['salt']), 'base64url'));
  return digestPart(name, { salt, value: changed['value'] ?? null });
}

/** Keeps a signed request as the ledger keeps it, and answers what an entry names it by. */
export async function keepRequest(tx: Tx, { signed }: Request): Promise<string> {
  if (signed === null) throw new Error('the request is signed');
  const request = formatSignedRequest(signed);
  const digest = digestSignedRequest(request);
  await sql`insert into requests (digest, request) values (${digest}, ${request})`.execute(tx);
  return hashText(digest);
}

export const otherSalt = (): string => toBase64Url(random(32));

/** What an audit finds of a part that was deleted where no entry says that it was erased. */
export function goneUnsaid(index: number, part: string) {
  return { code: 'payload', index, message: `its part ${part} is gone, and no entry says that it was erased` };
}
