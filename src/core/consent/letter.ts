/**
 * Letters: drafted by a grantee, to be signed by the subject, clause by clause. One entry for the draft; what the subject
 * answers is another (letter-sign.ts, letter-paper.ts).
 *
 * @module
 */
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
  type record,
  recordWith,
  type Shape,
  type ShapeOf,
} from '../shape.ts';
import { idOf, LOG_STREAM, partyStream } from '../tlog/stream.ts';
import { BEFORE_SIGNING, type BeforeSigning, type DraftedBy, partsBefore } from './before-signing.ts';
import { CALL, opened } from './call.ts';
import { asEpoch, EPOCH, epochIn, isSignable, type OfEpoch, requireEpoch } from './epoch.ts';
import { ENGINE_WITH_TEMPLATES, requireTemplate } from './letter-text.ts';
import { partyId, requireActing, requireParty } from './party.ts';
import { type TemplateRef, templateRef } from './pinned-template.ts';
import { refuseQuiet } from './quiet.ts';
import {
  DRAFTS_MAX,
  type Draft,
  LETTERS_MAX,
  ownRelationship,
  type Relationship,
  refuseOldNumber,
} from './relationship.ts';
import type { Rule } from './rule.ts';
import { CANDIDATES_MIN, doorsOf, GRANTS_PER_LETTER_MAX, partiesOf, type Terms, termsShape } from './terms.ts';

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
const draftedFirst = recordWith({ ...DRAFTED, template: nullable(code) }, EPOCH);
const draftedByLaw = recordWith(
  {
    ...DRAFTED,
    /** Null: the text is the grantee's own, while no template is in force. */
    template: nullable(templateRef),
    engine: integer(ENGINE_WITH_TEMPLATES, 1_000_000),
    /** Whether something has to be answered before it is signed. */
    asks: flag,
  },
  { ...BEFORE_SIGNING, ...EPOCH },
);
export type LetterDrafted = ShapeOf<ReturnType<typeof record<typeof DRAFTED>>> &
  BeforeSigning &
  DraftedBy &
  OfEpoch & { readonly template: string | TemplateRef | null };
const draftedInput: Shape<LetterDrafted> = (value, at) =>
  isObject(value) && Object.hasOwn(value, 'engine') ? draftedByLaw(value, at) : draftedFirst(value, at);

export const letterDrafted: Rule<LetterDrafted, Relationship> = {
  auth: ['http-sig'],
  input: draftedInput,
  outcome: ['packs'],
  parts: {
    ...{ text: 'subject', text_salt: 'subject', slots: 'subject', translation: 'subject', request: 'subject' },
    ...{ confirm: 'subject', return_to: 'subject', owed: 'subject' },
  },
  needs: ({ template, ...drafted }) => [
    ...['text', 'text_salt', 'request'],
    ...(isObject(template) ? ['slots', 'translation'] : []),
    ...partsBefore(drafted),
  ],
  reads: ({ principal, grants, engine, epoch, confirms = [] }) => [
    ...[...new Set([principal, ...grants.flatMap(partiesOf), ...confirms.map(({ by }) => by)])].map(partyStream),
    ...(engine === undefined && epoch === undefined ? [] : [LOG_STREAM]),
  ],
  decide(input, occasion) {
    const { view, stream, now } = occasion;
    requireEpoch(view, input);
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
    for (const { by } of input.confirms ?? []) requireParty(view, by);
    refuseTaken(relationship, input);
    refuseQuiet(relationship, input.grants, now);
    if (openDrafts(relationship, now, epochIn(view)).length >= DRAFTS_MAX) {
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
    const drafts = Object.fromEntries(openDrafts(relationship, time, body.epoch ?? 0));
    const principal = body.principal === relationship.grantee ? {} : { principal: body.principal };
    return { ...relationship, drafts: { ...drafts, [body.letter]: { ...draftOf(body, time), ...principal } } };
  },
};

/** The drafts that can still be signed. */
function openDrafts({ drafts }: Relationship, now: Instant, epoch: number): readonly [string, Draft][] {
  return Object.entries(drafts).filter(([, draft]) => isSignable(draft, now, epoch));
}

/** The draft that an entry made. */
export function draftOf(body: LetterDrafted, draftedAt: Instant): Draft {
  const { text, template, warnings, nonce, expires_at, grants, asks = false, confirms, epoch = 0 } = body;
  const asked = { asks, ...(confirms === undefined ? {} : { confirms }) };
  return { text, template, warnings, nonce, drafted_at: draftedAt, expires_at, grants, ...asked, ...asEpoch(epoch) };
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
