/** The panic button: a person freezes everything out of its session (domain/users.md P-10). Only a signature releases it. */
import { evidenceOf } from '#core/consent/evidence.ts';
import { type BoundKey, boundKeyIn, type Freeze, personIn } from '#core/consent/person.ts';
import { relationshipIn } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { Failure } from '#core/failure.ts';
import type { Instant } from '#core/instant.ts';
import { relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import type { OpenKeys, SealedPayload } from '#ledger/vault.ts';
import type { Planned, Write } from '#ledger/write.ts';
import { loadStreams } from '#store/streams.ts';
import { loadHandles } from '#store/subjects.ts';
import { nameSession, submit } from './call.ts';
import type { Request } from './caller.ts';
import type { Context } from './context.ts';
import { type Act, evidenceIn, loadKeys, requireKey, sealSession } from './session-evidence.ts';
import type { PersonSession } from './sessions.ts';
import { viewOf } from './view.ts';

/** A later relationship may come in between reading and writing; then the rest is frozen by another round. */
const ROUNDS_MAX = 4;
/** More entries than one round makes. */
const CALLS_PER_ROUND = 1_000_000;

/**
 * Freezes everything of a person in every relationship, in one batch. Who has frozen everything already is answered since
 * when.
 *
 * @throws {Failure} `session_required`, `key_ended`
 */
export async function freezeBySession(
  context: Context,
  request: Request,
  session: PersonSession,
): Promise<{ readonly frozen_at: number }> {
  const names = nameSession(context, request, session);
  const entries = await submit(context, () => prepareFreeze(context, { names, session, start: 0 }));
  for (let round = 1; round < ROUNDS_MAX; round++) {
    const rest = { names, session, start: round * CALLS_PER_ROUND };
    if ((await submit(context, () => prepareRest(context, rest))).length === 0) break;
  }
  const made = entries.find(({ entry }) => entry.type === 'person.frozen');
  if (made !== undefined) return { frozen_at: made.entry.time };
  const { stream } = session.binding;
  const rows = await context.ledger.store.readOnce((tx) => loadStreams(tx, [stream]));
  // Ended in the very moment by a signature of the person's: then nothing is frozen, and it is asked for again.
  const frozen = personIn(viewOf(rows), stream)?.frozen;
  if (frozen == null) throw new Failure('superseded', 'it was released meanwhile');
  return { frozen_at: (frozen as Freeze).at };
}

async function prepareFreeze(context: Context, act: Act): Promise<Write> {
  const { names, session } = act;
  const { stream: owner } = session.binding;
  const { streams, keys } = await loadRelationships(context, session);
  const personal = await sealSession(context, keys.get(owner) as OpenKeys, 'person.frozen', session);
  const sealed = await sealFreezes(context, session, streams, keys);
  return {
    claims: [names.claim],
    touches: [...names.touches, ...streams],
    plan(view, now) {
      const key = requireKey(view, session, now);
      if (personIn(view, owner)?.frozen !== null) return [];
      const { grade } = evidenceOf(key, null);
      const input = { grade, signed_at: now, ...names.call(0) };
      return [
        { command: { type: 'person.frozen', stream: owner, input }, payload: personal },
        ...freezes(view, { ...act, start: 1 }, sealed, now, key),
      ];
    },
  };
}

/** What was enrolled in between. It is frozen while the person is: another statement may have ended that since. */
async function prepareRest(context: Context, act: Act): Promise<Write> {
  const { names, session } = act;
  const { streams, keys } = await loadRelationships(context, session);
  const sealed = await sealFreezes(context, session, streams, keys);
  return {
    claims: [],
    touches: [...names.touches, ...streams],
    plan(view, now) {
      const key = boundKeyIn(personIn(view, session.binding.stream), session.binding.seq);
      if (key === undefined || personIn(view, session.binding.stream)?.frozen === null) return [];
      return freezes(view, act, sealed, now, key);
    },
  };
}

type Sealed = readonly { readonly stream: StreamId; readonly payload: SealedPayload }[];

function freezes(view: View, { names, start }: Act, sealed: Sealed, now: Instant, key: BoundKey): readonly Planned[] {
  return sealed.flatMap(({ stream, payload }, at): Planned[] => {
    if (relationshipIn(view, stream)?.frozen !== null) return [];
    const evidence = evidenceIn(view, stream, key);
    const input = { ref: null, signed_at: now, evidence, ...names.call(start + at) };
    return [{ command: { type: 'relationship.frozen', stream, input }, payload }];
  });
}

async function loadRelationships(context: Context, { person, binding }: PersonSession) {
  const handles = await context.ledger.store.readOnce((tx) => loadHandles(tx, person));
  const streams = handles.map(relationshipStream);
  return { streams, keys: await loadKeys(context, [binding.stream, ...streams]) };
}

function sealFreezes(
  context: Context,
  session: PersonSession,
  streams: readonly StreamId[],
  keys: ReadonlyMap<StreamId, OpenKeys>,
): Promise<Sealed> {
  return Promise.all(
    streams.map(async (stream) => ({
      stream,
      payload: await sealSession(context, keys.get(stream) as OpenKeys, 'relationship.frozen', session),
    })),
  );
}
