/**
 * Many accesses by one signature: a month's post-loan list. It is cut into commits of a named size; a repeat under the same
 * key goes on where the last one stopped, and answers what was written the same.
 *
 * @module
 */
import { isOwnAsking } from '#core/consent/candidates.ts';
import { Failure } from '#core/failure.ts';
import type { AccessId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { LOG_STREAM, partyStream, refusedStream, relationshipStream } from '#core/tlog/stream.ts';
import { openKeys, type SealedPayload, sealPayload } from '#ledger/vault.ts';
import type { Planned, Sequenced, Write } from '#ledger/write.ts';
import { loadOwnHandles } from '#store/subjects.ts';
import {
  type AccessAnswer,
  type AskAccess,
  answerOf,
  decidedCommand,
  doorStream,
  loadKnownSubjects,
  refusedCommand,
} from './accesses.ts';
import { type CallNames, nameCall, submit } from './call.ts';
import { type Caller, requireActingCaller } from './caller.ts';
import { type Context, newId } from './context.ts';
import { permitsOf } from './permits.ts';

/** So many rows are decided in one commit: others get their turn in between. */
export const ROWS_PER_COMMIT = 256;

export type BatchRow = Omit<AskAccess, 'principal'>;

export interface AskBatch {
  readonly principal: PartyId;
  readonly rows: readonly BatchRow[];
}

/**
 * Decides each row as an access of its own, in order; a denied row disturbs no other.
 *
 * @throws {Failure} `party_unknown`; whatever ends it half-way leaves what was committed, and a repeat goes on from there.
 */
export async function askBatch(
  context: Context,
  caller: Caller,
  input: AskBatch,
): Promise<{ readonly results: readonly AccessAnswer[] }> {
  const own = await requireActingCaller(context, caller, input.principal, 'access');
  const names = nameCall(context, own, 'open');
  const rows = input.rows.map((row): AskAccess => ({ principal: input.principal, ...row }));
  const results: AccessAnswer[] = [];
  while (results.length < rows.length) {
    const made = await decideChunk(context, { names, rows }, results.length);
    results.push(...(await answersOf(context, made)));
  }
  return { results };
}

/** A list whose rows are decided commit by commit. */
export interface RowList {
  readonly names: CallNames;
  readonly rows: readonly AskAccess[];
  /** How many are decided in one commit, if another number than of a batch. */
  readonly perCommit?: number;
  /** Throws, under the lock, if it is too late for more of them. */
  readonly admit?: (now: Instant) => void;
}

/**
 * Decides rows of a list from `start` on, as many as one commit takes. Answers their entries: as many as were made when
 * these rows were decided first.
 */
export function decideChunk(context: Context, list: RowList, start: number): Promise<readonly Sequenced[]> {
  return submit(context, () => prepareChunk(context, list, start));
}

async function answersOf(context: Context, made: readonly Sequenced[]): Promise<readonly AccessAnswer[]> {
  const permits = await permitsOf(context, made);
  return made.map((each, at) => answerOf(each, permits[at] ?? null));
}

async function prepareChunk(
  context: Context,
  { names, rows: all, perCommit = ROWS_PER_COMMIT, admit }: RowList,
  start: number,
): Promise<Write> {
  const rows = all.slice(start, start + perCommit);
  // Megabytes, which every commit would send to the database again: the first one has stored it.
  const evidence = start === 0 ? names.evidence : {};
  const [first] = rows as [AskAccess];
  const { principal } = first;
  const streams = [...new Set(rows.map(({ handle }) => relationshipStream(handle)))];
  const handles = rows.map(({ handle }) => handle);
  const own = await context.ledger.store.readOnce((tx) => loadOwnHandles(tx, handles, principal));
  const sent = rows.filter(({ door }) => door !== null).map(({ handle }) => handle);
  const known = await context.ledger.store.readOnce((tx) => loadKnownSubjects(tx, sent));
  const prepared = await Promise.all(
    rows.map(async (row) => ({
      row,
      access: newId<AccessId>(context),
      claimed: own.has(row.handle) ? undefined : await sealClaim(context, row),
    })),
  );
  return {
    claims: [names.claimAt(start)],
    touches: [
      ...streams,
      refusedStream(principal),
      partyStream(principal),
      LOG_STREAM,
      ...names.touches,
      ...rows.flatMap(doorStream),
    ],
    plan(view, now) {
      admit?.(now);
      return prepared.map(({ row, access, claimed }, at): Planned => {
        const call = names.call(start + at);
        if (isOwnAsking(view, row)) {
          return { command: decidedCommand(view, access, row, call, known(row.handle)), mints: [access], ...evidence };
        }
        if (claimed === undefined) throw new Failure('superseded', 'a refusal is to be sealed first');
        return { command: refusedCommand(view, access, row, call), payload: claimed, mints: [access], ...evidence };
      });
    },
  };
}

async function sealClaim({ ledger, vault }: Context, { principal, handle, ground }: AskAccess): Promise<SealedPayload> {
  const keys = await ledger.store.readOnce((tx) => openKeys(vault, tx, refusedStream(principal)));
  return sealPayload(vault, keys, 'access.refused', { claimed: { handle, ground: { ...ground } } });
}
