/**
 * The vault: payload parts sealed under one random key per stream, owner and retention class, each key wrapped by a
 * key that is not in the database. Destroying a row of `data_keys` erases every part under it.
 *
 * @module
 */
import { parseBase64Url, toBase64Url, toHex, utf8 } from '#core/bytes.ts';
import { encodeCanonical, type Json, parseCanonical } from '#core/canonical.ts';
import { payloadClassOf } from '#core/consent/erasure.ts';
import { type EntryType, partsOf } from '#core/consent/rules.ts';
import { Failure } from '#core/failure.ts';
import { type Hash, SALT_BYTES } from '#core/hash.ts';
import { isObject } from '#core/shape.ts';
import { digestParts, type Owner, type Part, type PartDigests } from '#core/tlog/payload.ts';
import { kindOf, type StreamId } from '#core/tlog/stream.ts';
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

/** Data keys in the clear, while a write is prepared. */
export interface OpenKeys {
  readonly stream: StreamId;
  /** By owner and retention class. */
  readonly byUse: ReadonlyMap<string, { readonly id: string; readonly key: Uint8Array }>;
}

/** Reads and unwraps the keys of a stream. One that is not open yet has none. */
export async function openKeys(vault: Vault, tx: Tx, stream: StreamId): Promise<OpenKeys> {
  if (isOfMany(stream)) return noKeys(stream);
  const rows = await loadDataKeys(tx, stream);
  const opened = await Promise.all(
    rows.map(async (row) => [useOf(row.owner, row.retention), { id: row.id, key: await unwrap(vault, row) }] as const),
  );
  return { stream, byUse: new Map(opened) };
}

/** The keys of a stream that is about to be opened. */
export function noKeys(stream: StreamId): OpenKeys {
  return { stream, byUse: new Map() };
}

/** What a party was refused is of a different person each time, and falls due one by one: each has keys of its own. */
function isOfMany(stream: StreamId): boolean {
  return kindOf(stream) === 'refused';
}

function useOf(owner: Owner, retention: string): string {
  return `${owner} ${retention}`;
}

/** Salts, digests and seals the values of a payload, making the keys that its owners do not have yet. */
export async function sealPayload(
  vault: Vault,
  keys: OpenKeys,
  type: EntryType,
  values: Readonly<Record<string, Json>>,
): Promise<SealedPayload> {
  const owners = partsOf(type);
  const payload = Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, Part] => {
      const owner = owners[name];
      if (owner === undefined) throw new Failure('entry_invalid', `${type} has no part ${name}`);
      return [name, { owner, salt: vault.random(SALT_BYTES), value }];
    }),
  );
  const fresh: DataKeyRow[] = [];
  const { stream } = keys;
  const kept = payloadClassOf(stream, type);
  const byOwner = new Map<Owner, { id: string; key: Uint8Array }>();
  for (const owner of new Set(Object.values(payload).map((part) => part.owner))) {
    const known = keys.byUse.get(useOf(owner, kept));
    const used = known ?? { id: toHex(vault.random(16)), key: vault.random(32) };
    byOwner.set(owner, used);
    const retention = isOfMany(stream) ? `${kept}/${used.id}` : kept;
    if (known === undefined) fresh.push(await wrap(vault, { ...used, stream, owner, retention }));
  }
  const parts = await Promise.all(
    Object.entries(payload).map(async ([name, part]) => {
      const { id, key } = byOwner.get(part.owner) as { id: string; key: Uint8Array };
      const plain = encodeCanonical({ salt: toBase64Url(part.salt), value: part.value });
      return { name, data_key: id, sealed: await vault.aead.seal(key, plain, partContext(id, name)) };
    }),
  );
  return { digests: digestParts(payload), parts, dataKeys: fresh };
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
  { key, ...made }: Omit<DataKeyRow, 'wrapped'> & { readonly key: Uint8Array },
): Promise<DataKeyRow> {
  const wrapped = await vault.aead.seal(vault.wrappingKey, key, keyContext(made));
  return { ...made, wrapped };
}

async function unwrap(vault: Vault, row: DataKeyRow): Promise<Uint8Array> {
  try {
    return await vault.aead.open(vault.wrappingKey, row.wrapped, keyContext(row));
  } catch (cause) {
    throw new Failure('commitment_invalid', 'a data key does not open: is this the ledger’s wrapping key?', { cause });
  }
}

/** What a ciphertext is bound to, so that none can be moved to another place. */
function partContext(dataKey: string, name: string): Uint8Array {
  return utf8(`assent/part/v1\n${dataKey}\n${name}`);
}

/** With the class, so that nothing of one is sealed under the key of another, which would outlive it (ADR 0022). */
function keyContext({ id, stream, owner, retention }: Omit<DataKeyRow, 'wrapped'>): Uint8Array {
  return utf8(`assent/data-key/v2\n${id}\n${stream}\n${owner}\n${retention}`);
}

/** Digests as rows of an entry. */
export function digestRows(
  index: number,
  digests: PartDigests,
): readonly { index: number; name: string; digest: Hash }[] {
  return Object.entries(digests).map(([name, digest]) => ({ index, name, digest }));
}
