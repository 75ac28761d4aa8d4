/**
 * The vault: payload parts sealed under one random key per stream, owner and retention class, each key wrapped by a
 * key that is not in the database. Destroying a row of `data_keys` erases every part under it.
 *
 * @module
 */
import { parseBase64Url, toBase64Url, toHex, utf8 } from '#core/bytes.ts';
import { encodeCanonical, type Json, parseCanonical } from '#core/canonical.ts';
import { type EntryType, partsOf } from '#core/consent/rules.ts';
import { Failure } from '#core/failure.ts';
import { type Hash, SALT_BYTES } from '#core/hash.ts';
import { isObject } from '#core/shape.ts';
import { digestParts, type Owner, type Part, type PartDigests } from '#core/tlog/payload.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { type DataKeyRow, loadDataKeys, type PartRow, type SealedPart } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';

/** Authenticated encryption (AES-256-GCM), as the runtime brings it. The result carries its own random nonce. */
export interface Aead {
  seal(key: Uint8Array, plain: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
  /** @throws if the key, the context or the bytes are not those that were sealed. */
  open(key: Uint8Array, sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
}

export interface Vault {
  readonly aead: Aead;
  /** The key that wraps data keys. Kept outside the database. */
  readonly wrappingKey: Uint8Array;
  readonly random: (bytes: number) => Uint8Array;
}

/** A payload ready to be stored: digests that stay, sealed parts that can go, keys that are new. */
export interface SealedPayload {
  readonly digests: PartDigests;
  readonly parts: readonly Omit<PartRow, 'index'>[];
  readonly dataKeys: readonly DataKeyRow[];
}

/** Evidence of letters and accesses. Further classes, with their terms, come with the retention rules. */
const RETENTION = 'evidence';

/** Data keys in the clear, while a write is prepared. */
export interface OpenKeys {
  readonly stream: StreamId;
  readonly byOwner: ReadonlyMap<Owner, { readonly id: string; readonly key: Uint8Array }>;
}

/** Reads and unwraps the keys of a stream. One that is not open yet has none. */
export async function openKeys(vault: Vault, tx: Tx, stream: StreamId): Promise<OpenKeys> {
  const rows = (await loadDataKeys(tx, stream)).filter((row) => row.retention === RETENTION);
  const opened = await Promise.all(
    rows.map(async (row) => [row.owner, { id: row.id, key: await unwrap(vault, row) }] as const),
  );
  return { stream, byOwner: new Map(opened) };
}

/** The keys of a stream that is about to be opened. */
export function noKeys(stream: StreamId): OpenKeys {
  return { stream, byOwner: new Map() };
}

/** Salts, digests and seals the values of a payload, making the keys that its owners do not have yet. */
export async function sealPayload(
  vault: Vault,
  keys: OpenKeys,
  type: EntryType,
  values: Readonly<Record<string, Json>>,
): Promise<SealedPayload> {
  const [sealed] = await sealPayloads(vault, keys, type, [values]);
  return sealed as SealedPayload;
}

/** Seals several payloads of one stream. Keys that are made for them are shared, and brought by each that is written. */
export async function sealPayloads(
  vault: Vault,
  keys: OpenKeys,
  type: EntryType,
  all: readonly Readonly<Record<string, Json>>[],
): Promise<readonly SealedPayload[]> {
  const payloads = all.map((values) => saltPayload(vault, type, values));
  const { byOwner, fresh } = await keysFor(vault, keys, payloads);
  return Promise.all(
    payloads.map(async (payload) => {
      const parts = await Promise.all(
        Object.entries(payload).map(async ([name, part]) => {
          const { id, key } = byOwner.get(part.owner) as { id: string; key: Uint8Array };
          const plain = encodeCanonical({ salt: toBase64Url(part.salt), value: part.value });
          return { name, data_key: id, sealed: await vault.aead.seal(key, plain, partContext(id, name)) };
        }),
      );
      return { digests: digestParts(payload), parts, dataKeys: fresh };
    }),
  );
}

type Salted = Readonly<Record<string, Part>>;

function saltPayload(vault: Vault, type: EntryType, values: Readonly<Record<string, Json>>): Salted {
  const owners = partsOf(type);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, Part] => {
      const owner = owners[name];
      if (owner === undefined) throw new Failure('entry_invalid', `${type} has no part ${name}`);
      return [name, { owner, salt: vault.random(SALT_BYTES), value }];
    }),
  );
}

/** The keys of a stream, with one made for each owner that has none yet. */
async function keysFor(vault: Vault, { stream, byOwner: known }: OpenKeys, payloads: readonly Salted[]) {
  const fresh: DataKeyRow[] = [];
  const byOwner = new Map(known);
  for (const owner of new Set(payloads.flatMap((payload) => Object.values(payload).map((part) => part.owner)))) {
    if (byOwner.has(owner)) continue;
    const made = { id: toHex(vault.random(16)), key: vault.random(32) };
    byOwner.set(owner, made);
    fresh.push(await wrap(vault, { ...made, stream, owner }));
  }
  return { byOwner, fresh };
}

export interface OpenedPart {
  readonly salt: Uint8Array;
  readonly value: Json;
}

/**
 * Opens stored parts, by entry and name.
 *
 * @throws {Failure} `commitment_invalid`, if a part was changed or its key is not the one that sealed it.
 */
export async function openParts(vault: Vault, rows: readonly SealedPart[]): Promise<ReadonlyMap<string, OpenedPart>> {
  const keys = new Map<string, Promise<Uint8Array>>();
  const opened = rows.map(async (row): Promise<[string, OpenedPart]> => {
    const key = keys.get(row.data_key) ?? unwrap(vault, { ...row, id: row.data_key });
    keys.set(row.data_key, key);
    return [partName(row.index, row.name), await openSealed(vault, await key, row)];
  });
  return new Map(await Promise.all(opened));
}

export function partName(index: number, name: string): string {
  return `${index}/${name}`;
}

async function openSealed(vault: Vault, key: Uint8Array, row: SealedPart): Promise<OpenedPart> {
  try {
    const plain = parseCanonical(await vault.aead.open(key, row.sealed, partContext(row.data_key, row.name)));
    if (!isObject(plain) || typeof plain['salt'] !== 'string') throw new Failure('commitment_invalid', 'not a part');
    return { salt: parseBase64Url(plain['salt']), value: plain['value'] ?? null };
  } catch (cause) {
    throw new Failure('commitment_invalid', `part ${row.name} of entry ${row.index} does not open`, { cause });
  }
}

async function wrap(
  vault: Vault,
  made: { readonly id: string; readonly key: Uint8Array; readonly stream: StreamId; readonly owner: Owner },
): Promise<DataKeyRow> {
  const { id, key, stream, owner } = made;
  const wrapped = await vault.aead.seal(vault.wrappingKey, key, keyContext(id, stream, owner));
  return { id, stream, owner, retention: RETENTION, wrapped };
}

async function unwrap(vault: Vault, row: Pick<DataKeyRow, 'id' | 'stream' | 'owner' | 'wrapped'>): Promise<Uint8Array> {
  try {
    return await vault.aead.open(vault.wrappingKey, row.wrapped, keyContext(row.id, row.stream, row.owner));
  } catch (cause) {
    throw new Failure('commitment_invalid', 'a data key does not open: is this the ledger’s wrapping key?', { cause });
  }
}

/** What a ciphertext is bound to, so that none can be moved to another place. */
function partContext(dataKey: string, name: string): Uint8Array {
  return utf8(`assent/part/v1\n${dataKey}\n${name}`);
}

function keyContext(id: string, stream: StreamId, owner: Owner): Uint8Array {
  return utf8(`assent/data-key/v1\n${id}\n${stream}\n${owner}`);
}

/** Digests as rows of an entry. */
export function digestRows(
  index: number,
  digests: PartDigests,
): readonly { index: number; name: string; digest: Hash }[] {
  return Object.entries(digests).map(([name, digest]) => ({ index, name, digest }));
}
