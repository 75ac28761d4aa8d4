/**
 * Letters: drafted by a grantee, signed by the subject, clause by clause. One entry for the draft, one for the signature.
 *
 * @module
 */
import type { JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { Handle, LetterId } from '../ids.ts';
import { type Instant, SIGNED_AHEAD_MAX_MS } from '../instant.ts';
import {
  code,
  flag,
  hash,
  id,
  instant,
  integer,
  isObject,
  list,
  nullable,
  record,
  type Shape,
  type ShapeOf,
} from '../shape.ts';
import { idOf, LOG_STREAM, partyStream } from '../tlog/stream.ts';
import { CALL, opened } from './call.ts';
import { evidenceShape, gradeFor, requireGrade } from './evidence.ts';
import { lawAt } from './law.ts';
import { ENGINE_WITH_TEMPLATES, requireTemplate, type TemplateRef, templateRef } from './letter-text.ts';
import { partyId, requireActing, requireParty } from './party.ts';
import { type Quiet, quietOf, refuseQuiet, withRefusals } from './quiet.ts';
import {
  DRAFTS_MAX,
  type Draft,
  GRANTS_MAX,
  type Grant,
  LETTERS_MAX,
  ownRelationship,
  type Relationship,
  refuseOldNumber,
  requireRelationship,
} from './relationship.ts';
import type { Rule } from './rule.ts';
import {
  CANDIDATES_MIN,
  doorsOf,
  GRANTS_PER_LETTER_MAX,
  hasLaterTerms,
  ITEMS_MAX,
  partiesOf,
  type Terms,
  termsShape,
} from './terms.ts';

export const WARNINGS_MAX = 16;

const DRAFTED = {
  letter: id<LetterId>(),
  principal: partyId,
  /** Keyed digest of the exact text shown; its key is a part of the payload. */
  text: hash,
  warnings: list(code, WARNINGS_MAX),
  nonce: hash,
  expires_at: instant,
  grants: list(termsShape, GRANTS_PER_LETTER_MAX),
  ...CALL,
};

/** Before it: a code that nothing looks up. */
const draftedFirst = record({ ...DRAFTED, template: nullable(code) });
const draftedByLaw = record({
  ...DRAFTED,
  /** Null: the text is the grantee's own, while no template is in force. */
  template: nullable(templateRef),
  engine: integer(ENGINE_WITH_TEMPLATES, 1_000_000),
});
export type LetterDrafted = ShapeOf<ReturnType<typeof record<typeof DRAFTED>>> & {
  readonly template: string | TemplateRef | null;
  readonly engine?: number;
};
const draftedInput: Shape<LetterDrafted> = (value, at) =>
  isObject(value) && Object.hasOwn(value, 'engine') ? draftedByLaw(value, at) : draftedFirst(value, at);

const SIGNED = {
  letter: id<LetterId>(),
  /** For each clause, in the draft's order, whether it was ticked. */
  given: list(flag, GRANTS_PER_LETTER_MAX),
  signed_at: instant,
  evidence: evidenceShape,
};
const signedWhole = record({ ...SIGNED, ...CALL });
const signedByItem = record({
  ...SIGNED,
  /** For each clause, in the draft's order, the items that the subject left out of it. */
  declined_items: list(list(code, ITEMS_MAX), GRANTS_PER_LETTER_MAX),
  ...CALL,
});
export type LetterSigned = ShapeOf<typeof signedWhole> & {
  /** From engine 2 on: before it a clause was given as a whole, or not. */
  readonly declined_items?: readonly (readonly string[])[];
};
const signedInput: Shape<LetterSigned> = (value, at) =>
  isObject(value) && Object.hasOwn(value, 'declined_items') ? signedByItem(value, at) : signedWhole(value, at);

const declinedInput = record({ letter: id<LetterId>(), signed_at: instant, evidence: evidenceShape, ...CALL });
export type LetterDeclined = ShapeOf<typeof declinedInput>;

export const letterDrafted: Rule<LetterDrafted, Relationship> = {
  auth: ['http-sig'],
  input: draftedInput,
  outcome: ['packs'],
  parts: { text: 'subject', text_salt: 'subject', slots: 'subject', translation: 'subject', request: 'subject' },
  needs: ({ template }) => [
    ...['text', 'text_salt', 'request'],
    ...(isObject(template) ? ['slots', 'translation'] : []),
  ],
  reads: ({ principal, grants, engine }) => [
    ...[...new Set([principal, ...grants.flatMap(partiesOf)])].map(partyStream),
    ...(engine === undefined ? [] : [LOG_STREAM]),
  ],
  decide(input, occasion) {
    const { view, stream, now } = occasion;
    // Another's handle is answered like an unknown one.
    const relationship = ownRelationship(view, idOf<Handle>(stream), input.principal);
    if (relationship === undefined) throw new Failure('relationship_unknown', 'no such relationship');
    requireParty(view, input.principal, 'grantee');
    requireActing(view, input, input.principal, 'query');
    refuseOldNumber(relationship);
    if (input.expires_at <= now) throw new Failure('letter_expired', 'the letter would expire before it can be signed');
    if (input.grants.length === 0) throw new Failure('input_invalid', 'a letter has one grant or more');
    for (const terms of input.grants) {
      requireTerms(terms, now);
      for (const door of doorsOf(terms)) requireParty(view, door);
      for (const candidate of terms.candidates ?? []) requireParty(view, candidate, 'grantee');
    }
    refuseTaken(relationship, input);
    refuseQuiet(relationship, input.grants, now);
    if (openDrafts(relationship, now).length >= DRAFTS_MAX) {
      throw new Failure('limit_reached', `a relationship has ${DRAFTS_MAX} letters waiting for a signature at most`);
    }
    if (relationship.signed.length + (relationship.declined ?? []).length >= LETTERS_MAX) {
      throw new Failure('limit_reached', `a relationship has ${LETTERS_MAX} letters signed or declined at most`);
    }
    return requireTemplate(input, occasion, relationship.subject);
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    refuseTaken(relationship, body);
    // What expired unsigned makes room.
    const drafts = Object.fromEntries(openDrafts(relationship, time));
    const principal = body.principal === relationship.grantee ? {} : { principal: body.principal };
    return { ...relationship, drafts: { ...drafts, [body.letter]: { ...draftOf(body, time), ...principal } } };
  },
};

const OF_A_LETTER = {
  auth: ['statement'],
  // Until when what was refused is not asked for again, by the packs in force.
  outcome: ['quiet'],
  parts: { signature: 'subject', binding: 'subject' },
  needs: () => ['signature', 'binding'],
} as const;

export const letterSigned: Rule<LetterSigned, Relationship> = {
  ...OF_A_LETTER,
  input: signedInput,
  reads: ({ declined_items }) => (declined_items === undefined ? [] : [LOG_STREAM]),
  decide(input, { view, stream, now }): { readonly quiet?: Quiet } {
    const { letter, given, declined_items } = input;
    const relationship = requireRelationship(view, stream);
    const draft = openDraft(relationship, letter);
    if (given.length !== draft.grants.length) {
      throw new Failure('input_invalid', `${given.length} ticks for a letter of ${draft.grants.length} grants`);
    }
    requireInTime(relationship, draft, input, now);
    // Else a keeper could leave out the refusal, and with it until when nothing is asked for again.
    if (declined_items === undefined && isObject(draft.template)) {
      throw new Failure('entry_invalid', 'what was drafted from a template is signed item by item');
    }
    if (declined_items !== undefined) requireDeclinable(draft, given, declined_items);
    else if (draft.grants.some(hasLaterTerms)) {
      throw new Failure('engine_old', 'what a grant ends with, and candidates, are known from engine 2 on');
    }
    const clauses = clausesOf(draft, input);
    if (Object.keys(relationship.grants).length + clauses.filter(({ standing }) => standing).length > GRANTS_MAX) {
      throw new Failure('limit_reached', `a relationship has ${GRANTS_MAX} grants at most`);
    }
    if (declined_items === undefined) return {};
    const standing = clauses.map((clause) => clause.standing);
    return { quiet: quietOf(lawAt(view, now), relationship.subject, draft.grants, standing) };
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    const { [body.letter]: draft, ...drafts } = relationship.drafts;
    const { warnings, principal, grants } = opened(draft);
    const given = clausesOf(opened(draft), body).filter(({ standing }) => standing);
    const standing = given.map(({ terms }): [string, Grant] => [
      terms.grant,
      {
        terms,
        letter: body.letter,
        signed_at: body.signed_at,
        given_at: Math.max(time, body.signed_at),
        grade: gradeFor(terms, body.evidence),
        revoked_at: null,
        paused: null,
        ...(warnings.length === 0 ? {} : { warnings }),
        ...(principal === undefined ? {} : { grantee: principal }),
        used: 0,
        recent: [],
      },
    ]);
    const signed = {
      ...relationship,
      drafts,
      signed: [...relationship.signed, body.letter],
      grants: { ...relationship.grants, ...Object.fromEntries(standing) },
    };
    return withRefusals(signed, grants, quietIn(body), time);
  },
};

/** The subject declines a letter as a whole. Refusing takes no grade of evidence, and grants nothing. */
export const letterDeclined: Rule<LetterDeclined, Relationship> = {
  ...OF_A_LETTER,
  input: declinedInput,
  reads: () => [LOG_STREAM],
  decide(input, { view, stream, now }): { readonly quiet: Quiet } {
    const relationship = requireRelationship(view, stream);
    const { grants, ...draft } = openDraft(relationship, input.letter);
    requireInTime(relationship, draft, input, now);
    return { quiet: quietOf(lawAt(view, now), relationship.subject, grants, []) };
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    const { [body.letter]: draft, ...drafts } = relationship.drafts;
    const declined = [...(relationship.declined ?? []), body.letter];
    return withRefusals({ ...relationship, drafts, declined }, opened(draft).grants, quietIn(body), time);
  },
};

function quietIn(body: JsonObject): Quiet {
  return (body as { readonly quiet?: Quiet }).quiet ?? [];
}

/** Each clause as it stands after the signature: less what was declined of it. Of no item left it is not given. */
function clausesOf(
  { grants }: Draft,
  { given, declined_items = [] }: Pick<LetterSigned, 'given' | 'declined_items'>,
): readonly { readonly terms: Terms; readonly standing: boolean }[] {
  return grants.map((terms, at) => {
    const declined = declined_items[at] ?? [];
    const items = declined.length === 0 ? terms.items : terms.items.filter((item) => !declined.includes(item));
    return { terms: { ...terms, items }, standing: given[at] === true && items.length > 0 };
  });
}

/** What is declined of a clause is of it, each item once; a clause that is not given has nothing left to decline. */
function requireDeclinable(
  { grants }: Draft,
  given: readonly boolean[],
  declined: readonly (readonly string[])[],
): void {
  const isOf = (at: number, items: readonly string[]) =>
    new Set(items).size === items.length &&
    items.every((item) => given[at] === true && grants[at]?.items.includes(item) === true);
  if (declined.length !== grants.length || !declined.every((items, at) => isOf(at, items))) {
    throw new Failure('input_invalid', 'declined_items: want items of a clause that is given, each once');
  }
}

/** @throws {Failure} `signed_ahead`, `signed_before`, `letter_expired`; `entry_invalid`, of evidence that is graded otherwise */
function requireInTime(
  { grantee }: Relationship,
  { drafted_at, expires_at }: Pick<Draft, 'drafted_at' | 'expires_at'>,
  { signed_at, evidence }: Pick<LetterSigned, 'signed_at' | 'evidence'>,
  now: Instant,
): void {
  requireSignedAt(signed_at, drafted_at as Instant, now);
  requireGrade(evidence, grantee);
  if (signed_at >= expires_at || now >= expires_at) {
    throw new Failure('letter_expired', 'the letter was to be signed before');
  }
}

/** The drafts that can still be signed. */
function openDrafts({ drafts }: Relationship, now: Instant): readonly [string, Draft][] {
  return Object.entries(drafts).filter(([, draft]) => now < draft.expires_at);
}

/** The draft that an entry made. */
export function draftOf(body: LetterDrafted, draftedAt: Instant): Draft {
  const { text, template, warnings, nonce, expires_at, grants } = body;
  return { text, template, warnings, nonce, drafted_at: draftedAt, expires_at, grants };
}

/** @throws {Failure} `letter_unknown`; `already_signed`, `letter_declined`: a letter is signed or declined once, for ever. */
function openDraft(relationship: Relationship, letter: LetterId): Draft {
  if (relationship.signed.includes(letter)) throw new Failure('already_signed', 'the letter is already signed');
  if (relationship.declined?.includes(letter) === true) {
    throw new Failure('letter_declined', 'the subject declined this letter');
  }
  const draft = Object.hasOwn(relationship.drafts, letter) ? relationship.drafts[letter] : undefined;
  if (draft === undefined) throw new Failure('letter_unknown', 'no such letter');
  return draft;
}

/**
 * The subject's own time may run 5 minutes ahead of the ledger's or behind what it signs, not more (design §4).
 *
 * @throws {Failure} `signed_ahead`, `signed_before`
 */
export function requireSignedAt(signedAt: Instant, notBefore: Instant, now: Instant): void {
  if (signedAt > now + SIGNED_AHEAD_MAX_MS)
    throw new Failure('signed_ahead', 'signed more than 5 minutes ahead of the ledger');
  if (signedAt < notBefore - SIGNED_AHEAD_MAX_MS)
    throw new Failure('signed_before', 'signed before there was anything to sign');
}

/**
 * Every letter and every grant has an id of its own, for ever: a second grant of the same id would stand where one was
 * taken back. Checked by the fold too, for who folds a stream without deciding all of it again.
 */
function refuseTaken({ drafts, signed, declined = [], grants, holds }: Relationship, drafted: LetterDrafted): void {
  const ids = drafted.grants.map((terms) => terms.grant);
  const waiting = [
    ...Object.values(drafts).flatMap((draft) => draft.grants),
    ...Object.values(holds).flatMap(({ terms }) => terms ?? []),
  ];
  const known = new Set(waiting.map((terms) => terms.grant));
  if (
    Object.hasOwn(drafts, drafted.letter) ||
    signed.includes(drafted.letter) ||
    declined.includes(drafted.letter) ||
    new Set(ids).size !== ids.length ||
    ids.some((id) => known.has(id) || Object.hasOwn(grants, id))
  ) {
    throw new Failure('already_there', 'a letter and its grants have ids of their own');
  }
}

/** @throws {Failure} `input_invalid` */
export function requireTerms(terms: Terms, now: Instant): void {
  const { action, purposes, items, sources, recipients, from, to, candidates } = terms;
  if (purposes.length === 0) throw new Failure('input_invalid', 'a grant has one purpose or more');
  if (items.length === 0) throw new Failure('input_invalid', 'a grant has one item or more');
  if ((action === 'QUERY') !== sources.length > 0)
    throw new Failure('input_invalid', 'QUERY, and only QUERY, names sources');
  const sends = action === 'REPORT' || action === 'PROVIDE';
  if (sends !== recipients.length > 0) {
    throw new Failure('input_invalid', 'REPORT and PROVIDE, and only these, name recipients');
  }
  if (candidates !== undefined && new Set(candidates).size < Math.max(candidates.length, CANDIDATES_MIN)) {
    throw new Failure('input_invalid', 'candidates: want two or more, each once; or none at all');
  }
  if (terms.staleness_ms !== null && action !== 'QUERY' && !sends) {
    throw new Failure('input_invalid', 'only what goes through a door is verified by one');
  }
  if (to <= Math.max(from ?? 0, now)) throw new Failure('input_invalid', 'a grant ends after it begins, and after now');
}
