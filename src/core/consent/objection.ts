/**
 * Objections: received, marked at once, answered within twenty days (条例 25; domain/law.md V27, V31). While one is open,
 * whoever is told of the item is told of the objection too.
 *
 * The grantee states one that reached it, or the person itself opens it out of a session (domain/users.md P-07): then the
 * entry names the access that it is about, if it is about one, and why is a sealed part of it.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { AccessId, FactId } from '../ids.ts';
import { periodEnd } from '../pack/period.ts';
import { dayAt } from '../pack/reckon.ts';
import { code, id, isObject, list, nullable, oneOf, record, type Shape, type ShapeOf } from '../shape.ts';
import { LOG_STREAM, partyStream } from '../tlog/stream.ts';
import { CALL, opened } from './call.ts';
import { type Evidence, evidenceShape, requireGrade } from './evidence.ts';
import { factsIn, OBJECTIONS_MAX, type Objection, withFacts, withRoom } from './facts.ts';
import { lawAt } from './law.ts';
import { requireEngineWithPacks } from './log.ts';
import { type Relationship, requireRelationship } from './relationship.ts';
import type { Occasion, Rule } from './rule.ts';
import { SESSION_PARTS } from './session.ts';
import { OF_THE_GRANTEE, PRINCIPAL, refuseFull, requireStating } from './stated.ts';
import { ITEMS_MAX } from './terms.ts';

/** Within so many days an objection is answered (条例 25). */
export const ANSWER_PERIOD = { days: 20 } as const;
/** What came of it (条例 25): corrected, found right and unmarked, or recorded as unresolved. */
export const ANSWERS = ['corrected', 'confirmed', 'unresolved'] as const;

const openedInput = record({ objection: id<FactId>(), ...PRINCIPAL, items: list(code, ITEMS_MAX), ...CALL });
/** By the person itself. */
const ownInput = record({
  objection: id<FactId>(),
  ...PRINCIPAL,
  items: list(code, ITEMS_MAX),
  /** The access that it is about, of this very relationship; null: it is about the items as such. */
  access: nullable(id<AccessId>()),
  evidence: evidenceShape,
  ...CALL,
});
export type ObjectionOpened = ShapeOf<typeof openedInput> & {
  readonly access?: AccessId | null;
  readonly evidence?: Evidence;
};
const openingInput: Shape<ObjectionOpened> = (value, at) =>
  isObject(value) && Object.hasOwn(value, 'access') ? ownInput(value, at) : openedInput(value, at);

/** What the person says in its own words is so long at most. */
export const OBJECTION_REASON_MAX = 2_000;

const markedInput = record({ objection: id<FactId>(), ...PRINCIPAL, ...CALL });
const answeredInput = record({ objection: id<FactId>(), ...PRINCIPAL, answer: oneOf(ANSWERS), ...CALL });

export const objectionOpened: Rule<ObjectionOpened, Relationship> = {
  auth: ['http-sig', 'session'],
  parts: { reason: 'subject', session: 'subject', signature: 'subject', binding: 'subject' },
  needs: ({ auth }) => (auth === 'session' ? ['reason', ...SESSION_PARTS] : []),
  // By when it is to be answered, by the calendar of the packs in force.
  outcome: ['due'],
  input: openingInput,
  reads: ({ principal }) => [partyStream(principal), LOG_STREAM],
  decide(input, occasion) {
    const { objections } = factsIn(requireOpening(occasion, input));
    if (input.items.length === 0) throw new Failure('input_invalid', 'items: want one or more');
    if (Object.hasOwn(objections, input.objection))
      throw new Failure('already_there', 'this objection is already open');
    const open = Object.values(objections).filter(({ answered_at }) => answered_at === null);
    refuseFull(open.length, OBJECTIONS_MAX, 'objections that are not answered');
    const law = lawAt(occasion.view, occasion.now);
    if (law === null) return { due: null };
    const period = periodEnd('act', dayAt(occasion.now), ANSWER_PERIOD, law.calendar);
    return { due: 'end' in period ? period.end : null };
  },
  evolve(state, { body, time }) {
    const { objection, items, due, access } = body as typeof body & { readonly due: number | null };
    const relationship = opened(state);
    const objections = withRoom(factsIn(relationship).objections, OBJECTIONS_MAX, ({ answered_at }) => answered_at);
    const roomy = withFacts(relationship, { objections });
    const own = access === undefined ? {} : { own: { access } };
    return withObjection(roomy, objection, { items, opened_at: time, due, marked_at: null, answered_at: null, ...own });
  },
};

/** The relationship that an objection is opened in: by its grantee, or by its subject, whom the grantee has to answer. */
function requireOpening(occasion: Occasion, input: ObjectionOpened): Relationship {
  const isOwn = input.access !== undefined;
  if (isOwn !== (input.auth === 'session')) throw new Failure('entry_invalid', 'a person objects by its session');
  if (!isOwn) return requireStating(occasion, input, 'objection');
  const { view, stream } = occasion;
  requireEngineWithPacks(view, 'objections by session');
  const relationship = requireRelationship(view, stream);
  if (input.principal !== relationship.grantee) throw new Failure('entry_invalid', 'the grantee answers an objection');
  requireGrade(input.evidence as Evidence, relationship.grantee);
  return relationship;
}

export const objectionMarked: Rule<ShapeOf<typeof markedInput>, Relationship> = {
  ...OF_THE_GRANTEE,
  input: markedInput,
  decide(input, occasion) {
    const objection = requireOpen(requireStating(occasion, input, 'objection'), input.objection);
    if (objection.marked_at !== null) throw new Failure('already_there', 'the objection is already marked');
    return {};
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    return withObjection(relationship, body.objection, { ...found(relationship, body.objection), marked_at: time });
  },
};

export const objectionAnswered: Rule<ShapeOf<typeof answeredInput>, Relationship> = {
  ...OF_THE_GRANTEE,
  input: answeredInput,
  decide(input, occasion) {
    requireOpen(requireStating(occasion, input, 'objection'), input.objection);
    return {};
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    return withObjection(relationship, body.objection, { ...found(relationship, body.objection), answered_at: time });
  },
};

function found(relationship: Relationship, objection: FactId): Objection {
  return opened(factsIn(relationship).objections[objection]);
}

function requireOpen(relationship: Relationship, objection: FactId): Objection {
  const { objections } = factsIn(relationship);
  const open = Object.hasOwn(objections, objection) ? objections[objection] : undefined;
  if (open === undefined) throw new Failure('fact_unknown', 'no such objection');
  if (open.answered_at !== null) throw new Failure('fact_ended', 'the objection is already answered');
  return open;
}

function withObjection(relationship: Relationship, objection: FactId, changed: Objection): Relationship {
  return withFacts(relationship, { objections: { ...factsIn(relationship).objections, [objection]: changed } });
}
