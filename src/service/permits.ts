/**
 * Permits, built after COMMIT out of the entry and the vault: so that a retry gives the same bytes, and no transaction
 * waits for it.
 *
 * @module
 */
import { utf8 } from '#core/bytes.ts';
import { formatPermit, formatPermits, type Permit, permitSubject } from '#core/consent/permit.ts';
import type { Identifier } from '#core/consent/statement.ts';
import { hashText, mac } from '#core/hash.ts';
import type { PartyId } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import type { Sequenced } from '#ledger/write.ts';
import type { Context } from './context.ts';
import { loadIdentities } from './identity.ts';
import { readTogether } from './read-together.ts';
import { unknownRelationship } from './scope.ts';

/** What a door and the ledger share, to name a person by: 32 bytes, another for each door. */
export function doorKey({ keys }: Pick<Context, 'keys'>, door: PartyId): Uint8Array {
  return mac(keys.door, utf8(door));
}

/** What a permit is made of in its entry. */
type Permitted = Omit<Permit, 'aud' | 'request' | 'expires_at'> & {
  readonly door: PartyId | null;
  readonly bound: string | null;
  readonly until?: Permit['expires_at'] | null;
};

/**
 * The permit of an access, or null where it has none.
 *
 * @param known Whom it is about, where that was read already.
 * @throws {Failure} `relationship_unknown`, if whom it is about was erased.
 */
export async function permitOf(
  context: Context,
  made: Sequenced,
  known?: Identifier | undefined,
): Promise<string | null> {
  if (!hasPermit(made)) return null;
  const identity = known ?? (await readSubject(context, made.entry.stream));
  if (identity === undefined) throw unknownRelationship();
  return formatPermit(await context.ledger.issuer.at(made.index), permitIn(context, made, identity));
}

/** The permits of many accesses, in order: null where one has none, undefined where whom it is about was erased. */
export async function permitsOf(
  context: Context,
  made: readonly Sequenced[],
): Promise<readonly (string | null | undefined)[]> {
  const identities = await Promise.all(
    made.map((each) => (hasPermit(each) ? readSubject(context, each.entry.stream) : null)),
  );
  const permitted = made.flatMap((each, at) => {
    const identity = identities[at];
    return identity == null ? [] : [{ at, permit: permitIn(context, each, identity) }];
  });
  const byPlace = new Map<number, string>();
  const keys = await Promise.all(permitted.map(({ permit }) => context.ledger.issuer.at(permit.index)));
  for (const [key, group] of Map.groupBy(permitted, (_each, place) => keys[place] as SigningKey)) {
    const texts = await formatPermits(
      key,
      group.map(({ permit }) => permit),
    );
    for (const [place, { at }] of group.entries()) byPlace.set(at, texts[place] as string);
  }
  return identities.map((identity, at) => (identity === null ? null : byPlace.get(at)));
}

/** Whom a relationship is of; undefined: it was erased, or lost, or there is none. */
export function readSubject(context: Context, stream: StreamId): Promise<Identifier | undefined> {
  return identityReader(context)(stream);
}

/** One for each ledger: the accesses of one commit are answered together, so whom they are about is read together. */
const readers = new WeakMap<Context['ledger'], (stream: StreamId) => Promise<Identifier | undefined>>();

function identityReader({ ledger, vault }: Context): (stream: StreamId) => Promise<Identifier | undefined> {
  const known = readers.get(ledger);
  if (known !== undefined) return known;
  const read = readTogether((streams: readonly StreamId[]) =>
    ledger.store.readOnce((tx) => loadIdentities(vault, tx, streams)),
  );
  readers.set(ledger, read);
  return read;
}

function hasPermit({ entry }: Sequenced): boolean {
  return typeof entry.body['until'] === 'number' && entry.body['door'] !== null;
}

function permitIn(context: Context, { entry, index, leaf }: Sequenced, identity: Identifier): Omit<Permit, 'v'> {
  const { access, principal, ground, action, purpose, items, door, bound, until, offline } =
    entry.body as unknown as Permitted;
  const aud = door as PartyId;
  return {
    log: context.ledger.origin,
    access,
    aud,
    principal,
    ground,
    action,
    purpose,
    items,
    sub: permitSubject(doorKey(context, aud), access, identity),
    request: bound,
    offline,
    issued_at: entry.time,
    expires_at: until as Permit['expires_at'],
    index,
    leaf: hashText(leaf),
  };
}
