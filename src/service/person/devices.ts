/**
 * "My devices": the keys of a person that count, in words, and the end of one, signed by a key of the person. Which device it
 * is that a key is on, the ledger does not know: it knows since when, who identified the person for it, and which key added it.
 *
 * @module
 */
import type { JsonObject } from '#core/canonical.ts';
import { epochIn, isSuspended } from '#core/consent/epoch.ts';
import { evidenceOf, type Grade, type KeyKind } from '#core/consent/evidence.ts';
import type { Said } from '#core/consent/explain-text.ts';
import { type BoundKey, personIn } from '#core/consent/person.ts';
import { keyEndStatement } from '#core/consent/statement.ts';
import { Failure } from '#core/failure.ts';
import type { Handle } from '#core/ids.ts';
import { isObject } from '#core/shape.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { openParts, partName } from '#ledger/vault.ts';
import { loadPlaces } from '#store/entries.ts';
import { loadPartsAt } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import type { Request } from '../caller.ts';
import type { Context } from '../context.ts';
import { keyOfCredential } from '../credentials.ts';
import { unknownKey } from '../statements.ts';
import { type EndedKey, endKey } from '../subject-keys.ts';
import { viewOf } from '../view.ts';
import { loadNames } from './names.ts';
import { loadRelations, type SignedIn } from './relations.ts';

export interface DeviceInWords {
  /** Where its key was bound, in the person's stream. */
  readonly seq: number;
  /** Its place among those that count, from 1 on: what it is called by. */
  readonly number: number;
  readonly kind: KeyKind;
  readonly since: number;
  /** Who identified the person for it, or for the key that added it; null: nobody did. */
  readonly identified_by: Said | null;
  /** Which device added it: its number; null: it ended. Absent: none did. */
  readonly added_by?: number | null;
  /** The best that it signs with: less, where who identified takes the authorization itself. */
  readonly grade: Grade;
  /** Whether it opened this session. */
  readonly isOwn: boolean;
  /** Whether it only takes away, since entries were lost after it was bound, until it is affirmed (ADR 0028). */
  readonly isLeft: boolean;
}

export interface DeviceToEnd {
  readonly device: DeviceInWords;
  /** Those that it added and that go on counting. */
  readonly added: readonly DeviceInWords[];
  readonly isLast: boolean;
  /** What a passkey signs, once it says `signed_at`. */
  readonly statement: JsonObject;
}

/** The keys that count, in the order in which they were bound. */
export function readDevices(context: Context, person: SignedIn): Promise<readonly DeviceInWords[]> {
  return context.ledger.store.read((tx) => loadDevices(context, tx, person));
}

/** @throws {Failure} `subject_key_unknown`, also of one that ended, or whose text is erased. */
export function readDevice(context: Context, person: SignedIn, seq: number): Promise<DeviceToEnd> {
  return context.ledger.store.read(async (tx) => {
    const devices = await loadDevices(context, tx, person);
    const device = devices.find((each) => each.seq === seq);
    if (device === undefined) throw unknownKey();
    const added = devices.filter(({ added_by }) => added_by === device.number);
    const { handle, key } = await loadEnding(context, tx, person, seq);
    return { device, added, isLast: devices.length === 1, statement: statementOf(context, handle, key) };
  });
}

/** What a page's passkey answered. */
export interface SignedByPasskey {
  readonly credential: string;
  readonly signature: string;
  readonly signed_at: number;
}

/**
 * Ends a key, by whichever passkey of the person signed. Sessions that it opened end with it.
 *
 * @throws {Failure} as `endKey`
 */
export async function endDevice(
  context: Context,
  request: Request,
  person: SignedIn,
  seq: number,
  { credential, signature, signed_at }: SignedByPasskey,
): Promise<EndedKey> {
  const { handle, key: ends } = await context.ledger.store.read((tx) => loadEnding(context, tx, person, seq));
  const key = await keyOfCredential(context, credential);
  return endKey(context, request, { handle, ends, key, signature, signed_at });
}

async function loadDevices(context: Context, tx: Tx, person: SignedIn): Promise<readonly DeviceInWords[]> {
  const { stream } = person.binding;
  const keys = personIn(viewOf(await loadStreams(tx, [stream])), stream)?.keys ?? [];
  const { view } = await loadRelations(context, tx, person);
  const names = await loadNames(
    context,
    tx,
    view,
    keys.flatMap(({ identified_by }) => identified_by ?? []),
  );
  const rows = await loadPlaces(
    tx,
    stream,
    keys.map(({ seq }) => seq),
  );
  const boundAt = new Map(rows.map(({ bytes }) => parseEntry(bytes)).map(({ seq, time }) => [seq, time]));
  const numberOf = (seq: number) => keys.findIndex((each) => each.seq === seq) + 1;
  return keys.map((key: BoundKey): DeviceInWords => {
    const { seq, kind, identified_by, signed_by } = key;
    return {
      ...{ seq, number: numberOf(seq), kind, since: boundAt.get(seq) ?? 0 },
      identified_by: identified_by === null ? null : names.party(identified_by),
      ...(signed_by === undefined ? {} : { added_by: numberOf(signed_by) || null }),
      grade: evidenceOf(key, null).grade,
      isOwn: seq === person.binding.seq,
      isLeft: isSuspended(key, epochIn(view)),
    };
  });
}

/** The text of a key, and a relationship of its person that its end is brought through. */
async function loadEnding(
  context: Context,
  tx: Tx,
  person: SignedIn,
  seq: number,
): Promise<{ readonly handle: Handle; readonly key: string }> {
  const [relation] = (await loadRelations(context, tx, person)).all;
  if (relation === undefined) throw unknownKey();
  return { handle: relation.handle, key: await loadKeyText(context, tx, person, seq) };
}

/** The text of a key that was bound at a place. @throws {Failure} `subject_key_unknown`, also where it is erased. */
export async function loadKeyText({ vault }: Context, tx: Tx, { binding: by }: SignedIn, seq: number): Promise<string> {
  const [row] = await loadPlaces(tx, by.stream, [seq]);
  if (row === undefined) throw unknownKey();
  const parts = await openParts(vault, await loadPartsAt(tx, [row.index], ['binding']));
  const binding = parts.get(partName(row.index, 'binding'))?.value;
  const key = isObject(binding) ? binding['key'] : undefined;
  if (typeof key !== 'string') throw new Failure('subject_key_unknown', 'this key’s text is erased');
  return key;
}

function statementOf({ ledger }: Context, handle: Handle, key: string): JsonObject {
  const nobody = { identity: null, identifiedBy: null } as const;
  const { signed_at: _later, ...statement } = keyEndStatement({
    ...{ log: ledger.origin, handle, key, signedAt: 0 },
    ...nobody,
  });
  return statement as JsonObject;
}
