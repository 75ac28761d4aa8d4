/**
 * Erasure: a person asks for what of its own can go, the keeper for what retention has let go of. Both by the same rules, and
 * under the lock; what has to be kept still is told with its day.
 *
 * @module
 */

import { epochIn } from '#core/consent/epoch.ts';
import type { LetGo, PayloadErased } from '#core/consent/erasure.ts';
import { KEYS_CLASS, keptNow } from '#core/consent/erasure.ts';
import { lawAt } from '#core/consent/law.ts';
import { logIn } from '#core/consent/log.ts';
import { boundKeyIn, personIn, requireGivingKey } from '#core/consent/person.ts';
import type { Retained } from '#core/consent/retention.ts';
import type { View } from '#core/consent/rule.ts';
import { Failure } from '#core/failure.ts';
import type { Handle, PartyId, PersonId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { RetentionClass } from '#core/pack/law.ts';
import { dayAt } from '#core/pack/reckon.ts';
import {
  idOf,
  LOG_STREAM,
  partyStream,
  personStream,
  refusedStream,
  relationshipStream,
  type StreamId,
} from '#core/tlog/stream.ts';
import { countParts, destructionOf, type Survey, type SurveyedPart, surveyPayloads } from '#ledger/erasure.ts';
import type { Planned, Sequenced, Write } from '#ledger/write.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { loadHandles, loadPersonOf } from '#store/subjects.ts';
import { type CallNames, isAnswered, nameCall, nameSession, nameStatement, submit } from './call.ts';
import { type Caller, type Request, requirePartyCaller, type SubjectCaller } from './caller.ts';
import { erasureCapability } from './capabilities.ts';
import type { Context } from './context.ts';
import { type Placed, placed } from './placed.ts';
import { unknownRelationship } from './scope.ts';
import { requireKey } from './session-evidence.ts';
import type { PersonSession } from './sessions.ts';
import { endedKey } from './statements.ts';
import { viewOf } from './view.ts';

/** What an erasure destroyed of one class. */
export interface ErasedClass extends LetGo {
  /** How many parts, of all owners. */
  readonly parts: number;
}

/** An erasure in one stream. */
export interface ErasedStream {
  readonly stream: StreamId;
  readonly classes: readonly ErasedClass[];
  readonly entry: Placed;
  /** Opens its certificate to whoever holds it. */
  readonly receipt: string;
}

export interface Erased {
  readonly erased: readonly ErasedStream[];
  /** Whether nothing is left of the person: its keys, and how they were bound, went too. */
  readonly person: boolean;
  /** Opens the certificate of that; null: something is left. */
  readonly person_receipt: string | null;
}

/** What a stream holds of one class, and until when it has to. */
export interface Erasable extends Pick<Retained, 'kept_until' | 'by'> {
  readonly class: RetentionClass;
  readonly parts: number;
  /** Whether it can go now. */
  readonly due: boolean;
}

interface Surveyed {
  readonly stream: StreamId;
  readonly survey: Survey;
  readonly classes: readonly Erasable[];
}

/** What of these relationships is there to be erased, and when. */
async function surveyErasable(
  { ledger, clock }: Pick<Context, 'ledger' | 'clock'>,
  tx: Tx,
  handles: readonly Handle[],
): Promise<readonly Surveyed[]> {
  const streams = [...handles].sort().map(relationshipStream);
  const view = viewOf(await loadStreams(tx, [LOG_STREAM, ...streams]), ledger.packs.get);
  await ledger.packs.load(tx, logIn(view));
  const surveyed: Surveyed[] = [];
  for (const stream of streams) {
    const survey = await surveyPayloads(tx, stream);
    surveyed.push({ stream, survey, classes: erasableOf(view, stream, survey, clock()) });
  }
  return surveyed;
}

/** What of a person is there to be erased, and when, by relationship. */
export async function readErasable(context: Context, person: PersonId) {
  return context.ledger.store.read(async (tx) => {
    const surveyed = await surveyErasable(context, tx, await loadHandles(tx, person));
    const items = surveyed.map(({ stream, classes }) => ({ handle: idOf<Handle>(stream), classes: [...classes] }));
    return { as_of: context.clock(), items: items.filter(({ classes }) => classes.length > 0) };
  });
}

function erasableOf(view: View, stream: StreamId, { last, parts }: Survey, now: Instant): readonly Erasable[] {
  const kept = keptNow({ view, stream, now }, lawAt(view, now), last);
  const classes = [...new Set(parts.map((part) => part.class))].filter((of): of is RetentionClass => of !== KEYS_CLASS);
  return classes.sort().map((of): Erasable => {
    const { kept_until = null, by = [] } = kept.find((each) => each.class === of) ?? {};
    const due = kept_until !== null && kept_until <= now;
    return { class: of, parts: parts.filter((part) => part.class === of).length, due, kept_until, by };
  });
}

/**
 * Erases all that is due of a subject's relationships, or of the one named, by a request that its key signed.
 *
 * @throws {Failure} `not_due`, `nothing_to_erase`, `key_ended`, `key_suspended`, `engine_old`; `relationship_unknown`, also
 *   for another's.
 */
export function eraseBySubject(context: Context, caller: SubjectCaller, asked: EraseOwn): Promise<Erased> {
  const { stream, seq } = caller.binding;
  const requireCounting = (view: View) => {
    const bound = boundKeyIn(personIn(view, stream), seq);
    if (bound === undefined) throw endedKey();
    // What is destroyed, nobody brings back: not by a key that may have ended in what is lost.
    requireGivingKey(bound, epochIn(view));
  };
  const names = nameStatement(context, caller.request, stream);
  return eraseOwn(context, { names, person: caller.person, check: requireCounting }, asked);
}

/** The same out of a person's session. @throws {Failure} `session_required`; and as {@link eraseBySubject} */
export function eraseBySession(
  context: Context,
  request: Request,
  session: PersonSession,
  asked: EraseOwn,
): Promise<Erased> {
  const check = (view: View, now: Instant) => requireGivingKey(requireKey(view, session, now), epochIn(view));
  return eraseOwn(context, { names: nameSession(context, request, session), person: session.person, check }, asked);
}

export interface EraseOwn {
  /** null: all of them. */
  readonly handle: Handle | null;
}

interface Asking {
  readonly names: CallNames;
  readonly person: PersonId | undefined;
  /** What is looked at again under the lock. */
  readonly check: (view: View, now: Instant) => void;
}

async function eraseOwn(context: Context, asking: Asking, { handle }: EraseOwn): Promise<Erased> {
  const entries = await submit(context, () =>
    prepare(context, asking, async (tx) => {
      const own = asking.person === undefined ? [] : await loadHandles(tx, asking.person);
      if (handle !== null && !own.includes(handle)) throw unknownRelationship();
      return handle === null ? own : [handle];
    }),
  );
  return erasedIn(context, entries);
}

/**
 * Erases what is due of a relationship. Two of the keeper sign it.
 *
 * @throws {Failure} `not_due`, `nothing_to_erase`, `relationship_unknown`, `principal_mismatch`, `second_signature`, `duty_missing`
 */
export async function eraseRelationship(
  context: Context,
  caller: Caller,
  { handle }: { readonly handle: Handle },
): Promise<Erased> {
  const names = nameCall(context, requireKeeperParty(caller), 'open');
  const entries = await submit(context, async () => {
    const person = await context.ledger.store.readOnce((tx) => loadPersonOf(tx, handle));
    return prepare(context, { names, person, check: () => {} }, async (tx) => {
      if ((await loadStreams(tx, [relationshipStream(handle)])).length === 0) throw unknownRelationship();
      return [handle];
    });
  });
  return erasedIn(context, entries);
}

function requireKeeperParty(caller: Caller) {
  const party = requirePartyCaller(caller);
  if (party.roles.includes('keeper')) return party;
  throw new Failure('principal_mismatch', 'only the keeper of this ledger may do this');
}

async function prepare(
  context: Context,
  { names, person, check }: Asking,
  handlesOf: (tx: Tx) => Promise<readonly Handle[]>,
): Promise<Write> {
  return context.ledger.store.read(async (tx) => {
    const claims = [names.claim];
    if (await isAnswered(tx, names.claim)) return { claims, touches: [], plan: () => [] };
    const surveyed = await surveyErasable(context, tx, await handlesOf(tx));
    requireAny(surveyed);
    const due = surveyed.filter(({ classes }) => classes.some((each) => each.due));
    const forgets = await forgottenBy(tx, person, due);
    const streams = due.map(({ stream }) => stream);
    const forgotten = forgets === undefined ? undefined : await surveyPerson(tx, forgets);
    return {
      claims,
      touches: [...streams, ...(person === undefined ? [] : [personStream(person)]), LOG_STREAM, ...names.touches],
      plan(view, now) {
        check(view, now);
        const planned = due.map((each, n): Planned => {
          const isLast = n === due.length - 1 && forgotten === undefined;
          return planErasure(each, names, n, isLast ? forgets : undefined);
        });
        return forgotten === undefined || forgets === undefined
          ? planned
          : [...planned, planPerson(forgotten, forgets)];
      },
    };
  });
}

/** @throws {Failure} `not_due`, `nothing_to_erase` */
function requireAny(surveyed: readonly Surveyed[]): void {
  const classes = surveyed.flatMap((each) => each.classes);
  if (classes.some(({ due }) => due)) return;
  if (classes.length === 0) throw new Failure('nothing_to_erase', 'nothing is left to be erased');
  throw notDue(classes);
}

function notDue(classes: readonly Pick<Erasable, 'kept_until'>[]): Failure {
  const ends = classes.flatMap(({ kept_until }) => kept_until ?? []);
  if (ends.length === 0) return new Failure('not_due', 'no end of its retention is known yet');
  const day = dayAt((Math.min(...ends) - 1) as Instant);
  return new Failure('not_due', `all of it is kept through ${day}, or longer`);
}

/** The person that nothing is left of, once these are erased. */
async function forgottenBy(
  tx: Tx,
  person: PersonId | undefined,
  due: readonly Surveyed[],
): Promise<PersonId | undefined> {
  if (person === undefined) return undefined;
  const going = new Set(
    due
      .filter(({ classes }) => classes.some((each) => each.class === 'letters' && each.due))
      .map(({ stream }) => idOf<Handle>(stream)),
  );
  const handles = await loadHandles(tx, person);
  return handles.length > 0 && handles.every((handle) => going.has(handle)) ? person : undefined;
}

interface SurveyedPerson {
  readonly stream: StreamId;
  readonly survey: Survey;
}

/** Undefined: the person never had a key. */
async function surveyPerson(tx: Tx, person: PersonId): Promise<SurveyedPerson | undefined> {
  const stream = personStream(person);
  const survey = await surveyPayloads(tx, stream);
  return survey.parts.length === 0 ? undefined : { stream, survey };
}

function planErasure({ stream, survey, classes }: Surveyed, names: CallNames, n: number, forgets?: PersonId): Planned {
  const going = classes.filter(({ due }) => due).map((each) => each.class);
  const parts = survey.parts.filter((part) => going.some((of) => of === part.class));
  return planOf(stream, survey, parts, names, n, forgets);
}

function planOf(
  stream: StreamId,
  { through, last }: Survey,
  parts: readonly SurveyedPart[],
  names: CallNames,
  n: number,
  forgets?: PersonId,
): Planned {
  const counted = countParts(parts) as PayloadErased['parts'];
  return {
    command: { type: 'payload.erased', stream, input: { through, last, parts: counted, ...names.call(n) } },
    ...names.evidence,
    destruction: destructionOf(stream, through, parts, forgets),
  };
}

function planPerson({ stream, survey: { through, parts } }: SurveyedPerson, person: PersonId): Planned {
  const counted = countParts(parts).map(({ owner, count }) => ({ owner, count }));
  return {
    command: { type: 'person.erased', stream, input: { through, parts: counted } },
    destruction: destructionOf(stream, through, parts, person),
  };
}

/** So many parts of refusals go at once; the rest with the next request. */
const REFUSED_PARTS_MAX = 4_096;

/**
 * Erases what is due of the accesses that a party was refused. Two of the keeper sign it.
 *
 * @throws {Failure} `party_unknown`; and as {@link eraseRelationship}
 */
export async function eraseRefusals(
  context: Context,
  caller: Caller,
  { party }: { readonly party: PartyId },
): Promise<Erased> {
  const names = nameCall(context, requireKeeperParty(caller), 'open');
  const stream = refusedStream(party);
  const entries = await submit(context, () =>
    context.ledger.store.read(async (tx): Promise<Write> => {
      const claims = [names.claim];
      if (await isAnswered(tx, names.claim)) return { claims, touches: [], plan: () => [] };
      const view = viewOf(await loadStreams(tx, [LOG_STREAM, stream, partyStream(party)]), context.ledger.packs.get);
      if (view.head(partyStream(party)) === undefined) throw new Failure('party_unknown', 'no such party');
      await context.ledger.packs.load(tx, logIn(view));
      const through = dueThrough(view, stream, (await surveyPayloads(tx, stream)).parts, context.clock());
      const survey = await surveyPayloads(tx, stream, through);
      return {
        claims,
        touches: [stream, LOG_STREAM, ...names.touches],
        plan: () => [planOf(stream, survey, survey.parts, names, 0)],
      };
    }),
  );
  return erasedIn(context, entries);
}

/** The place up to which everything is due. Later ones fall due later. @throws {Failure} `not_due`, `nothing_to_erase` */
function dueThrough(view: View, stream: StreamId, parts: readonly SurveyedPart[], now: Instant): number {
  const law = lawAt(view, now);
  const keptOf = (time: Instant) => keptNow({ view, stream, now }, law, [{ class: 'decisions', at: time }]);
  const some = parts.slice(0, REFUSED_PARTS_MAX);
  const isDue = ({ time }: SurveyedPart) =>
    keptOf(time).every(({ kept_until }) => kept_until !== null && kept_until <= now);
  const last = some.findLast(isDue);
  if (last !== undefined) return last.seq;
  const [first] = some;
  if (first === undefined) throw new Failure('nothing_to_erase', 'nothing is left to be erased');
  throw notDue(keptOf(first.time));
}

function erasedIn(context: Context, entries: readonly Sequenced[]): Erased {
  const person = entries.find(({ entry }) => entry.type === 'person.erased');
  return {
    erased: entries.flatMap((each) => (each.entry.type === 'payload.erased' ? [erasedStream(context, each)] : [])),
    person: person !== undefined,
    person_receipt: person === undefined ? null : receiptPath(context, person),
  };
}

function receiptPath(context: Context, { index }: Sequenced): string {
  return `/v1/erasure-receipts/${erasureCapability(context, index)}`;
}

function erasedStream(context: Context, made: Sequenced): ErasedStream {
  const { parts, due } = made.entry.body as unknown as PayloadErased & { readonly due: readonly LetGo[] };
  const counted = (of: RetentionClass) => parts.reduce((sum, each) => (each.class === of ? sum + each.count : sum), 0);
  return {
    stream: made.entry.stream,
    classes: due.map((each) => ({ ...each, parts: counted(each.class) })),
    entry: placed(made),
    receipt: receiptPath(context, made),
  };
}
