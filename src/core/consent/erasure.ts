/**
 * Erasure: parts of payloads are destroyed with their salts and keys once retention lets go of them (domain/law.md 2.8;
 * PIPL 47). The entries stay, and so do the digests that their commitments cover.
 *
 * What goes, goes by whole classes: all that a stream holds of one. Who asks for it decides nothing, since what is due has
 * to be erased unasked; so nobody's signature is kept as evidence of it, which would be personal data again.
 *
 * @module
 */
import type { Json, JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { Instant } from '../instant.ts';
import { RETENTION_CLASSES, type RetentionClass } from '../pack/law.ts';
import { dayAt } from '../pack/reckon.ts';
import { instant, integer, list, oneOf, record, type Shape, type ShapeOf } from '../shape.ts';
import type { Owner } from '../tlog/payload.ts';
import { kindOf, LOG_STREAM, type StreamId } from '../tlog/stream.ts';
import type { Refusals } from './access.ts';
import { CALL, opened } from './call.ts';
import { factsIn } from './facts.ts';
import { type Law, lawAt } from './law.ts';
import { requireEngineWithPacks } from './log.ts';
import { requireKeeper } from './party.ts';
import { type Person, personIn } from './person.ts';
import { type Relationship, relationshipIn } from './relationship.ts';
import { classOf, type Noted, type Retained, retentionOf } from './retention.ts';
import type { Occasion, Rule, View } from './rule.ts';

/** What of a person's own stream, which no class of retention covers: it is needed as long as any of its relationships. */
export const KEYS_CLASS = 'keys';
export type ErasureClass = RetentionClass | typeof KEYS_CLASS;

/** The class that the payload of an entry is kept and erased with. */
export function payloadClassOf(stream: StreamId, type: string): ErasureClass {
  return kindOf(stream) === 'person' ? KEYS_CLASS : classOf(type);
}

const PARTS_MAX = 1_000_000_000;
const OWNERS: readonly Owner[] = ['party', 'subject'];
const seq = integer(0, Number.MAX_SAFE_INTEGER);
const count = integer(1, PARTS_MAX);

/** How many parts of an owner and a class are destroyed. */
const ofClass = record({ class: oneOf(RETENTION_CLASSES), owner: oneOf(OWNERS), count });
/** When the last entry of a class was made, of those that the erasure is about. */
const lastOf = record({ class: oneOf(RETENTION_CLASSES), at: instant });
export type LastOf = ShapeOf<typeof lastOf>;

const erasedInput = record({
  /** The place of the last entry whose parts go. */
  through: seq,
  /** Attested: the classes that the stream has entries of until there. */
  last: list(lastOf, RETENTION_CLASSES.length),
  /** Attested: what is destroyed. */
  parts: list(ofClass, RETENTION_CLASSES.length * OWNERS.length),
  ...CALL,
});
export type PayloadErased = ShapeOf<typeof erasedInput>;

/** What lets go of a class: since when, and by which rules of the packs in force, by their ids. */
export type LetGo = { readonly class: RetentionClass; readonly kept_until: number; readonly by: readonly string[] };

/** The parts that a stream has of these classes are destroyed: of a relationship all of them, of refusals up to one. */
export const payloadErased: Rule<PayloadErased, Relationship | Refusals> = {
  auth: ['http-sig', 'statement', 'session'],
  input: erasedInput,
  outcome: ['due', 'packs'],
  parts: {},
  needs: () => [],
  reads: () => [LOG_STREAM],
  decide(input, occasion) {
    const { view, stream, now } = occasion;
    requireEngineWithPacks(view, 'erasures');
    requireShape(input, occasion);
    if (input.auth === 'http-sig') requireKeeper(view, input);
    const law = lawAt(view, now);
    const kept = keptNow(occasion, law, input.last);
    const classes = [...new Set(input.parts.map((each) => each.class))];
    const due = classes.map(
      (of): LetGo =>
        requireDue(
          of,
          kept.find((each) => each.class === of),
          now,
        ),
    );
    if (kindOf(stream) === 'refused' && input.auth !== 'http-sig') {
      throw new Failure('entry_invalid', 'what a party was refused is erased by the keeper');
    }
    return { due, packs: law?.packs ?? {} };
  },
  evolve(state, { seq: at, body }) {
    const { erased = {}, ...rest } = opened(state);
    const now = body.parts.map((each) => [each.class, { through: body.through, seq: at }] as const);
    return { ...rest, erased: { ...erased, ...Object.fromEntries(now) } } as Relationship | Refusals;
  },
};

/** How the classes of a stream are kept at a moment, of what is erased already nothing. */
export function keptNow(
  { view, stream, now }: Occasion,
  law: Law | null,
  last: readonly LastOf[],
): readonly Retained[] {
  const relationship = kindOf(stream) === 'rel' ? relationshipIn(view, stream) : undefined;
  const noted = last.flatMap((each) => notedOf(relationship, each));
  return retentionOf(relationship, noted, law?.retention ?? [], now).classes;
}

/** One entry that stands for all of its class, or all that count of it: the end of a class is that of its last thing. */
function notedOf(relationship: Relationship | undefined, { class: of, at }: LastOf): readonly Noted[] {
  if (of !== 'objections')
    return [{ type: of === 'decisions' ? 'access.decided' : 'letter.drafted', time: at, body: {} }];
  const objections = relationship === undefined ? [] : Object.entries(factsIn(relationship).objections);
  return objections.map(([objection, { answered_at }]) =>
    answered_at === null
      ? { type: 'objection.opened', time: at, body: { objection } }
      : { type: 'objection.answered', time: answered_at as Instant, body: { objection } },
  );
}

/** @throws {Failure} `entry_invalid`, if it says things twice, out of order or of nothing; `superseded`, if the stream went on. */
function requireShape({ through, last, parts }: PayloadErased, { view, stream, now }: Occasion): void {
  const head = view.head(stream);
  const [relationship, refusals] = [kindOf(stream) === 'rel', kindOf(stream) === 'refused'];
  if (head === undefined || !(relationship || refusals)) throw new Failure('entry_invalid', 'nothing to erase here');
  if (relationship && through !== head.seq) throw new Failure('superseded', 'more came into the stream meanwhile');
  if (through > head.seq) throw new Failure('entry_invalid', 'erased beyond the end of the stream');
  requireSorted(last.map((each) => each.class));
  requireSorted(parts.map((each) => `${each.class} ${each.owner}`));
  if (parts.length === 0) throw new Failure('nothing_to_erase', 'nothing is left to be erased');
  if (last.some(({ at }) => at > now) || parts.some((each) => !last.some((one) => one.class === each.class))) {
    throw new Failure('entry_invalid', 'it does not say when the last of what is erased was made');
  }
}

function requireSorted(names: readonly string[]): void {
  if (names.every((name, at) => at === 0 || (names[at - 1] as string) < name)) return;
  throw new Failure('entry_invalid', 'what is erased is not sorted, or said twice');
}

/** @throws {Failure} `not_due`: says until when the class is kept, as far as that is known. */
function requireDue(of: RetentionClass, kept: Retained | undefined, now: Instant): LetGo {
  const until = kept?.kept_until ?? null;
  if (kept === undefined || until === null)
    throw new Failure('not_due', `${of}: no end of their retention is known yet`);
  if (until > now) throw new Failure('not_due', `${of} are kept through ${dayAt((until - 1) as Instant)}`);
  return { class: of, kept_until: until, by: kept.by };
}

const personInput = record({ through: seq, parts: list(record({ owner: oneOf(OWNERS), count }), OWNERS.length) });
export type PersonErased = ShapeOf<typeof personInput>;

/**
 * All that a person's own stream holds is destroyed, with the last of its relationships: which ones those were stands
 * nowhere, so that the ledger itself attests it, and the audit looks for one that is left. No key counts any more.
 */
export const personErased: Rule<PersonErased, Person> = {
  auth: [],
  input: personInput,
  outcome: [],
  parts: {},
  needs: () => [],
  reads: () => [LOG_STREAM],
  decide({ through, parts }, { view, stream }) {
    requireEngineWithPacks(view, 'erasures');
    opened(personIn(view, stream));
    if (view.head(stream)?.seq !== through) throw new Failure('superseded', 'more came into the stream meanwhile');
    requireSorted(parts.map(({ owner }) => owner));
    if (parts.length === 0) throw new Failure('nothing_to_erase', 'nothing is left to be erased');
    return {};
  },
  evolve: (_state, { seq: at, body }) => ({ keys: [], frozen: null, erased: { through: body.through, seq: at } }),
};

/** @throws {Failure} `relationship_unknown`, once a subject's letters, and who it is, are erased: nobody is left it could be about. */
export function refuseErased(view: View, stream: StreamId, type: string): void {
  if (type === 'payload.erased') return;
  const state = view.state(stream);
  const isErased =
    kindOf(stream) === 'person'
      ? state?.['erased'] !== undefined
      : kindOf(stream) === 'rel' && hasErased(state, 'letters');
  if (isErased) throw new Failure('relationship_unknown', 'whom this is about is erased');
}

function hasErased(state: JsonObject | undefined, of: RetentionClass): boolean {
  const erased: Json | undefined = state?.['erased'];
  return typeof erased === 'object' && erased !== null && Object.hasOwn(erased, of);
}

/** Which classes and owners an erasure entry's parts are of, whichever type it is of. */
export function erasedBy(
  type: string,
  body: JsonObject,
): readonly { readonly class: ErasureClass; readonly owner: Owner; readonly count: number }[] {
  if (type === 'payload.erased') return partsShape(body['parts'], 'parts');
  return personParts(body['parts'], 'parts').map((each) => ({ class: KEYS_CLASS, ...each }));
}

const partsShape: Shape<PayloadErased['parts']> = list(ofClass, RETENTION_CLASSES.length * OWNERS.length);
const personParts: Shape<PersonErased['parts']> = list(record({ owner: oneOf(OWNERS), count }), OWNERS.length);

export const ERASURES: readonly string[] = ['payload.erased', 'person.erased'];
