/**
 * What a person does out of its session, without signing each time: it takes grants back, or pauses one (design §8). Each
 * entry carries the statement that opened the session. What gives, or gives back, takes a signature.
 *
 * @module
 */
import { followersOf } from '#core/consent/amend.ts';
import { endOf } from '#core/consent/end.ts';
import { evidenceOf } from '#core/consent/evidence.ts';
import { grantIn } from '#core/consent/grant.ts';
import { type Relationship, relationshipIn } from '#core/consent/relationship.ts';
import { Failure } from '#core/failure.ts';
import type { GrantId, Handle } from '#core/ids.ts';
import { idOf, type StreamId } from '#core/tlog/stream.ts';
import type { OpenKeys, SealedPayload } from '#ledger/vault.ts';
import type { Planned, Write } from '#ledger/write.ts';
import { loadIds } from '#store/ids.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { loadHandles } from '#store/subjects.ts';
import { nameSession, submit } from './call.ts';
import type { Request } from './caller.ts';
import type { Context } from './context.ts';
import { entryOf, type Placed, placed } from './placed.ts';
import { revocationIds } from './propagation.ts';
import { type Act, evidenceIn, loadKeys, requireKey, sealSession } from './session-evidence.ts';
import type { PersonSession } from './sessions.ts';
import { viewOf } from './view.ts';

/** So many grants are taken back in one commit: others get their turn in between. */
const GRANTS_PER_COMMIT = 256;

export interface SessionRevocation {
  readonly grant: GrantId;
  readonly handle: Handle;
  readonly revoked_at: number;
  readonly entry: Placed;
}

export interface SessionRevocations {
  readonly revoked: readonly SessionRevocation[];
  /** Those that were taken back before, or had ended by themselves. */
  readonly ended: readonly GrantId[];
}

/**
 * Takes grants back, of one relationship of the person or of several. Each is an entry of its own; what ended before is no
 * failure. A repeat under the same key goes on where the last one stopped, and answers what was written the same.
 *
 * @throws {Failure} `grant_unknown`, also for another's, and then none is taken back; `session_required`, `key_ended`
 */
export async function revokeBySession(
  context: Context,
  request: Request,
  session: PersonSession,
  { grants }: { readonly grants: readonly GrantId[] },
): Promise<SessionRevocations> {
  const names = nameSession(context, request, session);
  const own = inOrder(await context.ledger.store.read((tx) => loadOwn(tx, session, [...new Set(grants)])));
  const revoked: SessionRevocation[] = [];
  for (let start = 0; start < own.length; start += GRANTS_PER_COMMIT) {
    const chunk = own.slice(start, start + GRANTS_PER_COMMIT);
    const entries = await submit(context, () => prepareRevocations(context, { names, session, start }, chunk));
    for (const made of entries) {
      const { body, stream, time } = made.entry;
      const grant = body['grant'] as GrantId;
      revoked.push({ grant, handle: idOf<Handle>(stream), revoked_at: time, entry: placed(made) });
    }
  }
  const done = new Set(revoked.map(({ grant }) => grant));
  return { revoked, ended: own.map(({ grant }) => grant).filter((grant) => !done.has(grant)) };
}

interface OwnGrant {
  readonly grant: GrantId;
  readonly stream: StreamId;
  readonly relationship: Relationship;
}

/** @throws {Failure} `grant_unknown`, also for a clause that was not ticked. */
async function loadOwn(tx: Tx, { person }: PersonSession, grants: readonly GrantId[]): Promise<readonly OwnGrant[]> {
  const handles = new Set(await loadHandles(tx, person));
  const streamOf = new Map((await loadIds(tx, grants)).map(({ id, stream }) => [id, stream]));
  const view = viewOf(await loadStreams(tx, [...new Set(streamOf.values())]));
  return grants.map((grant) => {
    const stream = streamOf.get(grant);
    const relationship = stream && handles.has(idOf<Handle>(stream)) ? relationshipIn(view, stream) : undefined;
    if (stream === undefined || relationship === undefined || grantIn(relationship, grant) === undefined) {
      throw new Failure('grant_unknown', 'no such grant');
    }
    return { grant, stream, relationship };
  });
}

/** What follows a grant comes before it: who takes a grant back takes back what follows it, and each is to have its entry. */
function inOrder(own: readonly OwnGrant[]): readonly OwnGrant[] {
  const depthOf = ({ relationship, grant }: OwnGrant) => followersOf(relationship, grant).length;
  return own.toSorted((a, b) => depthOf(a) - depthOf(b));
}

async function prepareRevocations(
  context: Context,
  { names, session, start }: Act,
  own: readonly OwnGrant[],
): Promise<Write> {
  const streams = [...new Set(own.map(({ stream }) => stream))];
  const keys = await loadKeys(context, streams);
  const payloads = await Promise.all(
    own.map(({ stream }) => sealSession(context, keys.get(stream) as OpenKeys, 'grant.revoked', session)),
  );
  return {
    claims: [names.claimAt(start)],
    touches: [...names.touches, ...streams],
    plan(view, now) {
      const key = requireKey(view, session, now);
      // Each revocation is found by one id, whether its own entry made it or that of the grant that it follows.
      const minted = new Set<string>();
      return own.flatMap(({ grant, stream }, at): Planned[] => {
        const relationship = relationshipIn(view, stream) as Relationship;
        const found = grantIn(relationship, grant);
        if (found === undefined || found.revoked_at !== null || now >= endOf(found)) return [];
        const evidence = evidenceOf(key, relationship.grantee);
        const input = { grant, signed_at: now, evidence, ...names.call(start + at) };
        const mints = revocationIds(relationship, grant).filter((id) => !minted.has(id));
        for (const id of mints) minted.add(id);
        return [{ command: { type: 'grant.revoked', stream, input }, payload: payloads[at] as SealedPayload, mints }];
      });
    },
  };
}

/**
 * Pauses a grant.
 *
 * @throws {Failure} `grant_unknown`, also for another's; `hold_mismatch`, `already_revoked`, `grant_ended`;
 *   `session_required`, `key_ended`
 */
export async function pauseBySession(
  context: Context,
  request: Request,
  session: PersonSession,
  { grant }: { readonly grant: GrantId },
): Promise<{ readonly grant: GrantId; readonly handle: Handle; readonly entry: Placed }> {
  const names = nameSession(context, request, session);
  const [own] = (await context.ledger.store.read((tx) => loadOwn(tx, session, [grant]))) as [OwnGrant];
  const { stream } = own;
  const entries = await submit(context, async () => {
    const keys = await loadKeys(context, [stream]);
    const payload = await sealSession(context, keys.get(stream) as OpenKeys, 'grant.paused', session);
    return {
      claims: [names.claim],
      touches: [...names.touches, stream],
      plan(view, now) {
        const evidence = evidenceIn(view, stream, requireKey(view, session, now));
        const input = { ref: null, grant, signed_at: now, evidence, ...names.call(0) };
        return [{ command: { type: 'grant.paused', stream, input }, payload }];
      },
    };
  });
  return { grant, handle: idOf<Handle>(stream), entry: placed(entryOf(entries, 'grant.paused')) };
}
