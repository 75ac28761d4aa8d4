/** Relationships: enrolling a subject, binding the subject's keys, and reading what happened. */

import { parseUtf8 } from '#core/bytes.ts';
import type { Said } from '#core/consent/explain-text.ts';
import { lawAt } from '#core/consent/law.ts';
import { personIn } from '#core/consent/person.ts';
import type { SubjectKind } from '#core/consent/terms.ts';
import type { Hash } from '#core/hash.ts';
import type { IdentifierFlag } from '#core/identifier/flag.ts';
import { flagsOf, requireIdentifier } from '#core/identifier/identifier.ts';
import type { Handle, PartyId, PersonId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { dayAt } from '#core/pack/reckon.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { idOf, LOG_STREAM, personStream, relationshipStream } from '#core/tlog/stream.ts';
import { noKeys, sealPayload } from '#ledger/vault.ts';
import type { Planned, Sequenced, Write } from '#ledger/write.ts';
import { loadSlice } from '#store/entries.ts';
import type { Tx } from '#store/schema.ts';
import { loadHandle, loadPerson } from '#store/subjects.ts';
import { sayBound } from './bindings.ts';
import { type CallNames, isAnswered, nameCall, submit } from './call.ts';
import { type Caller, requirePartyCaller } from './caller.ts';
import { type Context, newId } from './context.ts';
import { type Identity, lookupOf } from './identity.ts';
import { entryOf, type Placed, placed } from './placed.ts';
import { requireReadable } from './scope.ts';
import { untoldAmong } from './told.ts';

export interface Enrol {
  readonly principal: PartyId;
  readonly subject: SubjectKind;
  readonly identity: Identity;
  /** Whether the subject comes out of records from before: then a resident number may have 15 digits. */
  readonly legacy?: boolean | undefined;
}

export interface Enrolled {
  readonly handle: Handle;
  /** What whoever relies on the document should know of it, as it was at the opening. */
  readonly flags: readonly IdentifierFlag[];
  readonly entry: Placed;
}

/**
 * Opens the relationship of a subject with the principal, and answers the principal's own handle: the same one again
 * where there is one already, and in the same way whether or not others know the person.
 *
 * @throws {Failure} `identifier_invalid`, where none of its kind can have that number; `engine_old`, for a subject out of
 *   records from before.
 */
export async function enrol(context: Context, caller: Caller, input: Enrol): Promise<Enrolled> {
  const names = nameCall(context, requirePartyCaller(caller, input.principal), 'sealed');
  requireIdentifier(input.identity, 'identity', { today: dayAt(context.clock()), legacy: input.legacy === true });
  const lookup = lookupOf(context, input.identity);
  const entries = await submit(
    context,
    async () => (await loadEnrolled(context, names, lookup, input)) ?? prepareEnrolment(context, names, lookup, input),
  );
  const opened = entryOf(entries, 'relationship.opened');
  const { flags = [] } = opened.entry.body as { readonly flags?: readonly IdentifierFlag[] };
  return { handle: idOf<Handle>(opened.entry.stream), flags, entry: placed(opened) };
}

/** The opening of the relationship that the principal already has with the person, unless this very call made it. */
async function loadEnrolled(
  { ledger }: Context,
  { claim }: CallNames,
  lookup: Hash,
  { principal }: Enrol,
): Promise<readonly Sequenced[] | undefined> {
  const rows = await ledger.store.read(async (tx) => {
    if (await isAnswered(tx, claim)) return undefined;
    const person = await loadPerson(tx, lookup);
    const handle = person && (await loadHandle(tx, person, principal));
    if (handle === undefined) return undefined;
    return loadSlice(tx, { stream: relationshipStream(handle), indexMax: Number.MAX_SAFE_INTEGER, countMax: 1 });
  });
  return rows?.map((row) => ({ ...row, entry: parseEntry(row.bytes) }));
}

async function prepareEnrolment(context: Context, names: CallNames, lookup: Hash, input: Enrol): Promise<Write> {
  const { principal, subject, identity, legacy = false } = input;
  const known = await context.ledger.store.readOnce((tx) => loadPerson(tx, lookup));
  const person = known ?? newId<PersonId>(context);
  const handle = newId<Handle>(context);
  const stream = relationshipStream(handle);
  const payload = await sealPayload(context.vault, noKeys(stream), 'relationship.opened', {
    identity: { ...identity },
    person,
    ...names.part,
  });
  return {
    claims: [names.claim],
    touches: [stream, personStream(person), LOG_STREAM, ...names.touches],
    plan(view, now) {
      // What the person froze stays frozen for who comes later.
      const held = personIn(view, personStream(person))?.frozen ?? null;
      const frozen = held && { grade: held.grade, signed_at: held.signed_at as Instant };
      const flags = flagsOf(identity, legacy, lawAt(view, now)?.isArea ?? null);
      const flagged = flags.length === 0 ? {} : { flags };
      const input = { grantee: principal, subject, frozen, ...flagged, ...names.call(0) };
      const opening: Planned = {
        command: { type: 'relationship.opened', stream, input },
        payload,
        relationships: [{ handle, person, grantee: principal }],
        // The last of its relationships may be erased the while, and the person with it: then this is somebody new.
        [known === undefined ? 'persons' : 'known']: [{ lookup, person }],
      };
      return [opening];
    },
  };
}

const ENTRIES_PAGE_MAX = 500;

export interface EntriesPage {
  readonly handle: Handle;
  readonly entries: readonly (Placed & {
    readonly entry: string;
    /** What the subject has to learn from it, in words; null: nothing. */
    readonly said: Said | null;
  })[];
  /** Where the next page begins, or null. */
  readonly next: number | null;
}

/**
 * A relationship's entries in order, from `seq` on; to its subject without those that law lets it be told of later.
 *
 * @throws {Failure} `relationship_unknown`
 */
export async function readEntries(
  { ledger }: Context,
  caller: Caller,
  { handle, from: seq }: { readonly handle: Handle; readonly from: number },
): Promise<EntriesPage> {
  const stream = relationshipStream(handle);
  return ledger.store.read(async (tx) => {
    await requireReadable(tx, caller, stream, 'proof');
    const rows = await loadSlice(tx, {
      stream,
      indexMax: Number.MAX_SAFE_INTEGER,
      seqMin: seq,
      countMax: ENTRIES_PAGE_MAX + 1,
    });
    const entries: EntriesPage['entries'][number][] = [];
    const page = rows.slice(0, ENTRIES_PAGE_MAX).map((row) => ({ ...row, entry: parseEntry(row.bytes) }));
    const untold = await untoldFor(tx, caller, page);
    for (const { entry, ...row } of page) {
      if (untold.has(entry.seq)) continue;
      const said = entry.type === 'grantee.bound' ? await sayBound(tx, entry.body['party'] as PartyId) : null;
      entries.push({ ...placed({ ...row, entry }), entry: parseUtf8(row.bytes), said });
    }
    return { handle, entries, next: rows.length > ENTRIES_PAGE_MAX ? seq + ENTRIES_PAGE_MAX : null };
  });
}

async function untoldFor(
  tx: Tx,
  caller: Caller,
  page: readonly { readonly entry: Entry }[],
): Promise<ReadonlySet<number>> {
  if (caller.kind !== 'subject') return new Set();
  return untoldAmong(
    tx,
    page.map(({ entry }) => entry),
  );
}
