/**
 * Letters: drafted by a grantee, signed by the subject, clause by clause. One entry for the draft, one for the signature.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { Handle, LetterId } from '../ids.ts';
import { type Instant, SIGNED_AHEAD_MAX_MS } from '../instant.ts';
import { code, flag, hash, id, instant, list, nullable, record, type ShapeOf } from '../shape.ts';
import { idOf, partyStream } from '../tlog/stream.ts';
import { CALL, opened } from './call.ts';
import { evidenceShape, requireGrade } from './evidence.ts';
import { partyId, requireActing, requireParty } from './party.ts';
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
import { GRANTS_PER_LETTER_MAX, type Terms, termsShape } from './terms.ts';

export const WARNINGS_MAX = 16;

const draftedInput = record({
  letter: id<LetterId>(),
  principal: partyId,
  /** Keyed digest of the exact text shown; its key is a part of the payload. */
  text: hash,
  template: nullable(code),
  warnings: list(code, WARNINGS_MAX),
  nonce: hash,
  expires_at: instant,
  grants: list(termsShape, GRANTS_PER_LETTER_MAX),
  ...CALL,
});
export type LetterDrafted = ShapeOf<typeof draftedInput>;

const signedInput = record({
  letter: id<LetterId>(),
  /** For each clause, in the draft's order, whether it was ticked. */
  given: list(flag, GRANTS_PER_LETTER_MAX),
  signed_at: instant,
  evidence: evidenceShape,
  ...CALL,
});
export type LetterSigned = ShapeOf<typeof signedInput>;

export const letterDrafted: Rule<LetterDrafted, Relationship> = {
  auth: ['http-sig'],
  input: draftedInput,
  outcome: [],
  parts: { text: 'subject', text_salt: 'subject', request: 'subject' },
  needs: () => ['text', 'text_salt', 'request'],
  reads: (input) => [...new Set([input.principal, ...input.grants.flatMap(doorsOf)])].map(partyStream),
  decide(input, { view, stream, now }) {
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
    }
    refuseTaken(relationship, input);
    if (openDrafts(relationship, now).length >= DRAFTS_MAX) {
      throw new Failure('limit_reached', `a relationship has ${DRAFTS_MAX} letters waiting for a signature at most`);
    }
    if (relationship.signed.length >= LETTERS_MAX) {
      throw new Failure('limit_reached', `a relationship has ${LETTERS_MAX} signed letters at most`);
    }
    return {};
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

export const letterSigned: Rule<LetterSigned, Relationship> = {
  auth: ['statement'],
  input: signedInput,
  outcome: [],
  parts: { signature: 'subject', binding: 'subject' },
  needs: () => ['signature', 'binding'],
  reads: () => [],
  decide({ letter, given, signed_at, evidence }, { view, stream, now }) {
    const relationship = requireRelationship(view, stream);
    const draft = openDraft(relationship, letter);
    if (given.length !== draft.grants.length) {
      throw new Failure('input_invalid', `${given.length} ticks for a letter of ${draft.grants.length} grants`);
    }
    requireSignedAt(signed_at, draft.drafted_at as Instant, now);
    requireGrade(evidence, relationship.grantee);
    if (signed_at >= draft.expires_at || now >= draft.expires_at) {
      throw new Failure('letter_expired', 'the letter was to be signed before');
    }
    if (Object.keys(relationship.grants).length + given.filter(Boolean).length > GRANTS_MAX) {
      throw new Failure('limit_reached', `a relationship has ${GRANTS_MAX} grants at most`);
    }
    return {};
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    const { [body.letter]: draft, ...drafts } = relationship.drafts;
    const { warnings, principal } = opened(draft);
    const given = opened(draft).grants.filter((_terms, index) => body.given[index]);
    const standing = given.map((terms): [string, Grant] => [
      terms.grant,
      {
        terms,
        letter: body.letter,
        signed_at: body.signed_at,
        given_at: Math.max(time, body.signed_at),
        grade: body.evidence.grade,
        revoked_at: null,
        paused: null,
        ...(warnings.length === 0 ? {} : { warnings }),
        ...(principal === undefined ? {} : { grantee: principal }),
        used: 0,
        recent: [],
      },
    ]);
    return {
      ...relationship,
      drafts,
      signed: [...relationship.signed, body.letter],
      grants: { ...relationship.grants, ...Object.fromEntries(standing) },
    };
  },
};

/** The drafts that can still be signed. */
function openDrafts({ drafts }: Relationship, now: Instant): readonly [string, Draft][] {
  return Object.entries(drafts).filter(([, draft]) => now < draft.expires_at);
}

/** The draft that an entry made. */
export function draftOf(body: LetterDrafted, draftedAt: Instant): Draft {
  const { text, template, warnings, nonce, expires_at, grants } = body;
  return { text, template, warnings, nonce, drafted_at: draftedAt, expires_at, grants };
}

/** @throws {Failure} `letter_unknown`, or `already_signed`: a letter is signed once, for ever. */
function openDraft(relationship: Relationship, letter: LetterId): Draft {
  if (relationship.signed.includes(letter)) throw new Failure('already_signed', 'the letter is already signed');
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
function refuseTaken({ drafts, signed, grants }: Relationship, drafted: LetterDrafted): void {
  const ids = drafted.grants.map((terms) => terms.grant);
  const known = new Set(Object.values(drafts).flatMap((draft) => draft.grants.map((terms) => terms.grant)));
  if (
    Object.hasOwn(drafts, drafted.letter) ||
    signed.includes(drafted.letter) ||
    new Set(ids).size !== ids.length ||
    ids.some((id) => known.has(id) || Object.hasOwn(grants, id))
  ) {
    throw new Failure('already_there', 'a letter and its grants have ids of their own');
  }
}

function doorsOf(terms: Terms): readonly Terms['sources'][number][] {
  return [...terms.sources, ...terms.recipients];
}

function requireTerms(terms: Terms, now: Instant): void {
  const { action, purposes, items, sources, recipients, from, to } = terms;
  if (purposes.length === 0) throw new Failure('input_invalid', 'a grant has one purpose or more');
  if (items.length === 0) throw new Failure('input_invalid', 'a grant has one item or more');
  if ((action === 'QUERY') !== sources.length > 0)
    throw new Failure('input_invalid', 'QUERY, and only QUERY, names sources');
  const sends = action === 'REPORT' || action === 'PROVIDE';
  if (sends !== recipients.length > 0) {
    throw new Failure('input_invalid', 'REPORT and PROVIDE, and only these, name recipients');
  }
  if (terms.staleness_ms !== null && action !== 'QUERY' && !sends) {
    throw new Failure('input_invalid', 'only what goes through a door is verified by one');
  }
  if (to <= Math.max(from ?? 0, now)) throw new Failure('input_invalid', 'a grant ends after it begins, and after now');
}
