/** What becomes of a permit: redeemed once by its door, then settled; and the whole course of one access. */
import { digestPermit } from '#core/consent/permit.ts';
import { dueOf, type Reason, type Redemption, type Result, type Settlement } from '#core/consent/release.ts';
import { Failure } from '#core/failure.ts';
import { hashText } from '#core/hash.ts';
import type { AccessId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import type { Sequenced } from '#ledger/write.ts';
import { loadMinted, loadSlice } from '#store/entries.ts';
import { readClock } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import { type AccessView, engineIn, findAccess, loadAccess, viewOf } from './accesses.ts';
import { nameCall, submit } from './call.ts';
import { type Caller, type PartyCaller, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import { doorKey, permitOf } from './permits.ts';
import { entryOf, type Placed, placed } from './placed.ts';

export interface Redeemed extends Redemption {
  readonly access: AccessId;
  readonly entry: Placed;
}

/**
 * Takes a permit, once: what it stands on is checked again at this moment. A refusal is an answer and an entry, like a denial.
 *
 * @throws {Failure} `access_unknown`, where there is no permit of this digest: nobody's guess makes an entry.
 */
export async function redeem(
  context: Context,
  caller: Caller,
  input: { readonly access: AccessId; readonly permit: string },
): Promise<Redeemed> {
  const { party: door, ...asked } = requirePartyCaller(caller);
  const names = nameCall(context, { party: door, ...asked }, 'open');
  const decided = await context.ledger.store.readOnce((tx) => findAccess(tx, input.access));
  const permit = await permitOf(context, decided);
  if (permit === null || hashText(digestPermit(permit)) !== input.permit) throw unknownAccess();
  const { stream, body } = decided.entry;
  const principal = body['principal'] as PartyId;
  const entries = await submit(context, async () => ({
    claims: [names.claim],
    touches: [stream, LOG_STREAM, partyStream(principal), ...names.touches],
    plan(view) {
      const asked = { ...input, principal, door, until: body['until'] as Instant, engine: engineIn(view) };
      return [
        { command: { type: 'access.redeemed', stream, input: { ...asked, ...names.call(0) } }, ...names.evidence },
      ];
    },
  }));
  const made = entryOf(entries, 'access.redeemed');
  const { decision, codes } = made.entry.body as unknown as Redemption;
  return { access: input.access, decision, codes, entry: placed(made) };
}

export interface Settle {
  readonly access: AccessId;
  readonly result: Result;
  readonly reason: Reason | null;
  readonly items: readonly string[];
  readonly count: number;
  readonly response: string | null;
  readonly began_at: Instant;
  readonly ended_at: Instant;
}

/**
 * Takes a door's word for what it released, or why nothing.
 *
 * @throws {Failure} `access_unknown`, also for another's door; `access_settled`, `access_unredeemed`, `input_invalid`
 */
export async function settle(
  context: Context,
  caller: Caller,
  input: Settle,
): Promise<Settlement & { readonly access: AccessId; readonly entry: Placed }> {
  const own = requirePartyCaller(caller);
  const names = nameCall(context, own, 'open');
  const { entry } = await context.ledger.store.readOnce((tx) => findAccess(tx, input.access));
  if (entry.body['door'] !== own.party || entry.body['decision'] !== 'allow') throw unknownAccess();
  const entries = await submit(context, async () => ({
    claims: [names.claim],
    touches: [entry.stream, ...names.touches],
    plan: () => [
      {
        command: {
          type: 'access.settled',
          stream: entry.stream,
          input: { ...input, door: own.party, ...names.call(0) },
        },
        ...names.evidence,
        mints: [settlementId(input.access)],
      },
    ],
  }));
  const made = entryOf(entries, 'access.settled');
  const { codes } = made.entry.body as unknown as Settlement;
  return { access: input.access, codes, entry: placed(made) };
}

/** How an access stands: what was decided, what its door did, and what is overdue. */
export interface AccessCourse extends AccessView {
  /** Every time that the permit was presented, in order; the one that was taken is the last that allows. */
  readonly redemptions: readonly (Redemption & { readonly door: PartyId; readonly entry: Placed })[];
  readonly settlement: (Omit<Settle, 'access'> & Settlement & { readonly entry: Placed }) | null;
  /** Until when the door has to settle; null where it has nothing to settle. */
  readonly due_at: number | null;
  /** Whether that is past, and it did not. */
  readonly overdue: boolean;
}

/** How many entries after an access are looked through for what became of it. */
const COURSE_ENTRIES_MAX = 2_000;

/**
 * One access, for its lender, its door, its subject, and who supervises.
 *
 * @throws {Failure} `access_unknown`, also for another's.
 */
export async function readAccess({ ledger }: Context, caller: Caller, access: AccessId): Promise<AccessCourse> {
  return ledger.store.read(async (tx) => {
    const decided = await loadAccess(tx, caller, access, 'alone');
    const later = await loadLater(tx, decided, access);
    const redemptions = later.filter(({ entry }) => entry.type === 'access.redeemed').map(redemptionOf);
    const settled = await loadSettlement(tx, access);
    const taken = redemptions.find(({ decision }) => decision === 'allow');
    const { until, offline } = decided.entry.body as { readonly until?: number | null; readonly offline?: boolean };
    const isTaken = until != null && (offline === true || taken !== undefined);
    const due = isTaken ? dueOf({ until, redeemed_at: taken?.entry.time ?? null }, offline === true) : null;
    return {
      ...viewOf(decided),
      redemptions,
      settlement: settled === undefined ? null : settlementOf(settled),
      due_at: due,
      overdue: due !== null && settled === undefined && (await readClock(tx)) > due,
    };
  });
}

async function loadLater(tx: Tx, { entry }: Sequenced, access: AccessId): Promise<readonly Sequenced[]> {
  const rows = await loadSlice(tx, {
    stream: entry.stream,
    indexMax: Number.MAX_SAFE_INTEGER,
    seqMin: entry.seq + 1,
    countMax: COURSE_ENTRIES_MAX,
  });
  return rows
    .map((row) => ({ ...row, entry: parseEntry(row.bytes) }))
    .filter(({ entry: { body } }) => body['access'] === access);
}

async function loadSettlement(tx: Tx, access: AccessId): Promise<Sequenced | undefined> {
  const row = await loadMinted(tx, settlementId(access));
  return row && { ...row, entry: parseEntry(row.bytes) };
}

function redemptionOf(made: Sequenced): AccessCourse['redemptions'][number] {
  const { decision, codes, door } = made.entry.body as unknown as Redemption & { readonly door: PartyId };
  return { decision, codes, door, entry: placed(made) };
}

function settlementOf(made: Sequenced): NonNullable<AccessCourse['settlement']> {
  const { result, reason, items, count, response, began_at, ended_at, codes } = made.entry.body as unknown as Settle &
    Settlement;
  return { result, reason, items, count, response, began_at, ended_at, codes, entry: placed(made) };
}

/** The id under which a settlement is found again: an access has one. */
export function settlementId(access: AccessId): string {
  return `${access}/settlement`;
}

/** The key that a party shares with the ledger as a door: for itself only. @throws {Failure} `party_unknown` */
export function readDoorKey(context: Context, caller: Caller, party: PartyId): Uint8Array {
  const isOwn = caller.kind === 'party' && caller.party === party;
  if (!isOwn) throw new Failure('party_unknown', 'no such party');
  return doorKey(context, (caller satisfies PartyCaller).party);
}

function unknownAccess(): Failure {
  return new Failure('access_unknown', 'no such access');
}
