/** Grants: how one stands, and taking one back. */
import type { Said } from '#core/consent/explain-text.ts';
import { type GrantStatus, grantIn, statusOf } from '#core/consent/grant.ts';
import { logIn, namesBefore } from '#core/consent/log.ts';
import { type Grant, relationshipIn } from '#core/consent/relationship.ts';
import { revocationStatement } from '#core/consent/statement.ts';
import { Failure } from '#core/failure.ts';
import type { GrantId, Handle, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { idOf, LOG_STREAM } from '#core/tlog/stream.ts';
import { readClock } from '#store/head.ts';
import { loadId } from '#store/ids.ts';
import { loadStreams } from '#store/streams.ts';
import { sayBound } from './bindings.ts';
import { claimRef, nameStatement, submit } from './call.ts';
import type { Caller, Request } from './caller.ts';
import type { Context } from './context.ts';
import { entryOf, type Placed, placed } from './placed.ts';
import { type Heard, loadPropagation, revocationIds } from './propagation.ts';
import { mayRead, mayReadBound } from './scope.ts';
import { type Signed, takeStatement } from './statements.ts';
import { loadEpoch, viewOf } from './view.ts';

/** Not `recent`: each access is read by itself; not `epoch`: the status says what follows of it. */
export interface GrantView extends Omit<Grant, 'terms' | 'recent' | 'bound' | 'epoch'> {
  readonly grant: GrantId;
  readonly handle: Handle;
  readonly grantee: PartyId;
  readonly status: GrantStatus;
  readonly terms: Grant['terms'];
  /** Which of its candidates it is bound to, and what that says to its subject. Absent where it is not. */
  readonly bound?: NonNullable<Grant['bound']> & { readonly said: Said };
  /** Who has heard that it was taken back, and when; null while it stands. */
  readonly propagation: readonly Heard[] | null;
}

/** @throws {Failure} `grant_unknown`, also for a clause that was not ticked. */
export async function readGrant({ ledger }: Context, caller: Caller, id: GrantId): Promise<GrantView> {
  return ledger.store.read(async (tx) => {
    const { stream, relationship, grant } = await loadGrant(tx, id);
    const isReadable =
      (await mayRead(tx, caller, stream, relationship, 'proof')) || (await mayReadBound(tx, caller, grant));
    if (!isReadable) throw unknownGrant();
    const { recent: _recent, bound, epoch: _epoch, ...shown } = grant;
    return {
      grant: id,
      handle: idOf<Handle>(stream),
      grantee: relationship.grantee,
      status: statusOf(grant, await readClock(tx), await loadEpoch(tx)),
      ...shown,
      ...(bound === undefined ? {} : { bound: { ...bound, said: await sayBound(tx, bound.party) } }),
      propagation: await loadPropagation(tx, relationship, id, grant),
    };
  });
}

export interface RevokeGrant extends Signed {
  readonly grant: GrantId;
}

/**
 * Takes a grant back, by the subject's own signature (PIPL 15). From its entry on no access is allowed under it.
 *
 * @throws {Failure} `grant_unknown`, `already_revoked`, `grant_ended`, `signed_ahead`, `signed_before`,
 *   `subject_key_unknown`, `signature_invalid`
 */
export async function revokeGrant(
  context: Context,
  request: Request,
  input: RevokeGrant,
): Promise<{ readonly grant: GrantId; readonly handle: Handle; readonly revoked_at: number; readonly entry: Placed }> {
  const { origin, store } = context.ledger;
  const {
    stream,
    relationship,
    names: older,
  } = await store.read(async (tx) => {
    const view = viewOf(await loadStreams(tx, [LOG_STREAM]));
    return { ...(await loadGrant(tx, input.grant)), names: namesBefore(logIn(view), origin) };
  });
  const { grantee } = relationship;
  const statementOf = (log: string) =>
    revocationStatement({ log, ref: input.grant, grantee, signedAt: input.signed_at });
  const statement = statementOf(origin);
  // Signed before the log was continued it may be the only copy of what was lost (ADR 0028).
  const before = older.map(statementOf);
  const names = nameStatement(context, request, stream);
  const entries = await submit(context, async () => {
    const taken = await takeStatement(context, 'grant.revoked', {
      ...{ stream, relationship, statement, before },
      signed: input,
    });
    return {
      claims: [
        names.claim,
        {
          ...claimRef(context, input.grant, [input.signed_at, input.key, input.signature]),
          mismatch: 'already_revoked',
        },
      ],
      touches: [stream, taken.owner],
      plan: (view) => [
        {
          command: {
            type: 'grant.revoked',
            stream,
            input: {
              grant: input.grant,
              signed_at: input.signed_at as Instant,
              evidence: taken.evidence(view),
              ...names.call(0),
            },
          },
          payload: taken.payload,
          // What follows it is taken back by the same entry.
          mints: revocationIds(relationshipIn(view, stream), input.grant),
        },
      ],
    };
  });
  const made = entryOf(entries, 'grant.revoked');
  return { grant: input.grant, handle: idOf<Handle>(stream), revoked_at: made.entry.time, entry: placed(made) };
}

/** @throws {Failure} `grant_unknown` */
export async function loadGrant(tx: Parameters<typeof loadId>[0], id: GrantId) {
  const found = await loadId(tx, id);
  if (found === undefined) throw unknownGrant();
  const relationship = relationshipIn(viewOf(await loadStreams(tx, [found.stream])), found.stream);
  const grant = grantIn(relationship, id);
  if (relationship === undefined || grant === undefined) throw unknownGrant();
  return { stream: found.stream, relationship, grant };
}

function unknownGrant(): Failure {
  return new Failure('grant_unknown', 'no such grant');
}
