/**
 * The stream `rel/<handle>`: one subject with one grantee. Its state is all that an access is decided by.
 *
 * @module
 */
import { equalJson } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { IDENTIFIER_FLAGS, type IdentifierFlag } from '../identifier/flag.ts';
import type { GrantId, Handle, PartyId } from '../ids.ts';
import { instant, isObject, list, nullable, oneOf, record, recordWith, type Shape, type ShapeOf } from '../shape.ts';
import { LOG_STREAM, partyStream, relationshipStream, type StreamId } from '../tlog/stream.ts';
import type { BasisGround, Stated } from './asked.ts';
import type { Answered } from './before-signing.ts';
import { CALL, refuseOpen } from './call.ts';
import { asEpoch, EPOCH, type OfEpoch, requireEpoch } from './epoch.ts';
import type { ErasedClasses } from './erased-classes.ts';
import { GRADES, type Grade } from './evidence.ts';
import type { Facts } from './facts.ts';
import { requireEngineWithPacks } from './log.ts';
import { partyId, partyIn, requireActing, requireParty, speaksFor } from './party.ts';
import type { Freeze } from './person.ts';
import type { TemplateRef } from './pinned-template.ts';
import type { Rule, View } from './rule.ts';
import { type Action, SUBJECT_KINDS, type SubjectKind, type Terms } from './terms.ts';

/** Named maxima of a relationship's state: letters signed or declined, letters waiting for a signature, grants ever given. */
export const LETTERS_MAX = 256;
export const DRAFTS_MAX = 16;
export const GRANTS_MAX = 256;

/** A letter that was drafted: what the statement to sign is built from. */
export type Draft = {
  readonly text: string;
  /** A code that nothing looks up, from before engine 2; null: the text is the grantee's own. */
  readonly template: string | TemplateRef | null;
  readonly warnings: readonly string[];
  readonly nonce: string;
  readonly drafted_at: number;
  readonly expires_at: number;
  readonly grants: readonly Terms[];
  /** Who asks for it, where that is not the grantee but who succeeded it. Absent elsewhere. */
  readonly principal?: PartyId;
  /** Whether questions have to be answered before it is signed; and the facts that are confirmed, absent where none are. */
  readonly asks: boolean;
  readonly confirms?: readonly { readonly id: string; readonly by: PartyId }[];
  /** How the questions were answered. Absent before that. */
  readonly answered?: Answered;
  /** The log's epoch when it was drafted. Absent: 0. */
  readonly epoch?: number;
};

/** What the subject refused, and until when it is not asked for again. */
export type Refusal = { readonly action: Action; readonly purposes: readonly string[]; readonly until: number };

/** What a subject may state besides letters and taking back: a hold on one grant or on everything, and its end. */
export const HOLD_KINDS = ['pause', 'resume', 'freeze', 'release'] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

/**
 * All that a subject is drafted a statement for; besides holds, another grant out of one that stands, that a grant is
 * contested, or affirmed again (design §8), and that what stood before the log was continued stands still (ADR 0028).
 */
export const STATEMENT_KINDS = [...HOLD_KINDS, 'extend', 'narrow', 'object', 'affirm', 'confirm'] as const;
export type StatementKind = (typeof STATEMENT_KINDS)[number];

/** A statement that was asked for, and waits for the subject's signature. */
export type HoldDraft = {
  readonly kind: StatementKind;
  /** The grant that it is about; null: everything of this subject, everywhere. */
  readonly grant: GrantId | null;
  /** The terms of the grant that comes out of it. Absent where none does. */
  readonly terms?: Terms;
  readonly nonce: string;
  readonly drafted_at: number;
  readonly expires_at: number;
  /** The log's epoch when it was drafted. Absent: 0. */
  readonly epoch?: number;
};

/** A standing authorization, or what is left of one. */
export type Grant = {
  readonly terms: Terms;
  readonly letter: string;
  readonly signed_at: number;
  /** From when it counts: the later of the signature's time and the ledger's. */
  readonly given_at: number;
  readonly grade: Grade;
  readonly revoked_at: number | null;
  /** While it is paused by its subject, nothing is allowed under it. */
  readonly paused: Freeze | null;
  /** The warnings that its letter gave. Absent where it gave none. */
  readonly warnings?: readonly string[];
  /** Since when it is contested as void or voidable (民法典 143–151). Absent where nobody contests it. */
  readonly contested_at?: number | null;
  /** That its subject contests it. Absent where it does not. */
  readonly contested?: Freeze;
  /** Which parties found that it is to be contested, and when. Absent where none did. */
  readonly findings?: readonly { readonly party: PartyId; readonly at: number }[];
  /** To whom its letter gave it, where that is not the grantee but who succeeded it. Absent elsewhere. */
  readonly grantee?: PartyId;
  /** Which of its candidates is its grantee, and since when. Absent before that, and where it has none. */
  readonly bound?: { readonly party: PartyId; readonly at: number };
  /** The facilities that it ends with, and when each ends; null: when it is closed. Absent before the first. */
  readonly ends?: { readonly [facility: string]: number | null };
  /** The grant that it was made of by its subject, and the one that was last made of it. Absent where there is none. */
  readonly of?: GrantId;
  readonly followed_by?: GrantId;
  /**
   * How often it was used, what it was made of included. What is reserved by a permit is not counted here, but in
   * {@link Relationship.open}.
   */
  readonly used: number;
  /** When it was used, as far back as its frequency looks. */
  readonly recent: readonly number[];
  /** The log's epoch when it was given, or last confirmed. Absent: 0. */
  readonly epoch?: number;
};

/** An access that was allowed through a door, and is not settled yet. */
export type OpenAccess = {
  /** The grant that it stands on; null: it stands on law, as `ground` says. */
  readonly grant: GrantId | null;
  /** What it stands on instead, and what its caller said besides, which the law asks for again. Absent with a grant. */
  readonly ground?: BasisGround;
  readonly stated?: Stated;
  readonly action: Action;
  readonly purpose: string;
  readonly items: readonly string[];
  readonly door: PartyId;
  /** Until when its permit counts. Unredeemed, it reserves one use of its grant until then. */
  readonly until: number;
  /** When the door took the permit: from then on the use is spent. A door that verifies offline takes it at once. */
  readonly redeemed_at: number | null;
};

export type Relationship = {
  readonly grantee: PartyId;
  readonly subject: SubjectKind;
  /** Letters not signed yet. */
  readonly drafts: { readonly [letter: string]: Draft };
  /** Letters signed: once, for ever. */
  readonly signed: readonly string[];
  readonly grants: { readonly [grant: string]: Grant };
  /** Letters that the subject declined as a whole. Absent before the first. */
  readonly declined?: readonly string[];
  /** Letters that were signed in ink, and at which seq each was brought in. Absent before the first. */
  readonly papers?: { readonly [letter: string]: number };
  /** How often its letters were looked at in full by their links. Absent before the first. */
  readonly link_views?: number;
  /** What was refused and is quiet still, as far as a pack says for how long. Absent before the first. */
  readonly refusals?: readonly Refusal[];
  /** Holds, their ends, and changes of grants that wait for a signature, by their `ref`. */
  readonly holds: { readonly [ref: string]: HoldDraft };
  /** While the subject has frozen everything, nothing is allowed here. */
  readonly frozen: Freeze | null;
  /** Accesses that were allowed through a door and are not settled, by id. */
  readonly open: { readonly [access: string]: OpenAccess };
  /** What whoever relies on the subject's document should know of it. Absent where there is nothing. */
  readonly flags?: readonly IdentifierFlag[];
  /** What was stated of it. Absent before the first fact. */
  readonly facts?: Facts;
  /** What of its payloads is erased. Absent before the first erasure. */
  readonly erased?: ErasedClasses;
  /** The log's epoch when it was opened, or last confirmed. Absent: 0. */
  readonly epoch?: number;
};

const OPENED = {
  grantee: partyId,
  subject: oneOf(SUBJECT_KINDS),
  /** Attested: the subject has frozen everything; null: it has not. */
  frozen: nullable(record({ grade: oneOf(GRADES), signed_at: instant })),
};
const openedPlain = recordWith({ ...OPENED, ...CALL }, EPOCH);
/** Attested, from engine 2 on: what is flagged of the document, by the packs in force; absent where nothing is. */
const openedFlagged = recordWith(
  { ...OPENED, flags: list(oneOf(IDENTIFIER_FLAGS), IDENTIFIER_FLAGS.length), ...CALL },
  EPOCH,
);
type RelationshipOpened = ShapeOf<typeof openedPlain> & { readonly flags?: readonly IdentifierFlag[] } & OfEpoch;
const openedInput: Shape<RelationshipOpened> = (value, at) =>
  isObject(value) && Object.hasOwn(value, 'flags') ? openedFlagged(value, at) : openedPlain(value, at);

export const relationshipOpened: Rule<RelationshipOpened, Relationship> = {
  auth: ['http-sig'],
  input: openedInput,
  outcome: [],
  parts: { identity: 'party', person: 'subject', request: 'party' },
  needs: () => ['identity', 'person', 'request'],
  reads: ({ grantee, flags, epoch }) => [
    partyStream(grantee),
    ...(flags === undefined && epoch === undefined ? [] : [LOG_STREAM]),
  ],
  decide(input, { view, stream }) {
    refuseOpen(view, stream);
    requireEpoch(view, input);
    if (input.flags !== undefined) requireFlags(view, input.flags);
    requireParty(view, input.grantee, 'grantee');
    requireActing(view, input, input.grantee, 'query');
    return {};
  },
  evolve(state, { body, time }) {
    // Checked by the fold too, for who folds a stream without deciding all of it again: it would forget revocations.
    if (state !== undefined) throw new Failure('already_there', 'this stream is already open');
    const frozen = body.frozen === null ? null : { at: time, ...body.frozen };
    return {
      grantee: body.grantee,
      subject: body.subject,
      drafts: {},
      signed: [],
      grants: {},
      holds: {},
      frozen,
      open: {},
      ...(body.flags === undefined ? {} : { flags: body.flags }),
      ...asEpoch(body.epoch ?? 0),
    };
  },
};

/** They stand in one order, and not where there are none. */
function requireFlags(view: View, flags: readonly IdentifierFlag[]): void {
  requireEngineWithPacks(view, 'flags of documents');
  const inOrder = IDENTIFIER_FLAGS.filter((flag) => flags.includes(flag));
  if (flags.length === 0 || !equalJson(inOrder, flags)) {
    throw new Failure('entry_invalid', 'flags: want one or more, in order, each once');
  }
}

/** @throws {Failure} `identifier_old`: nothing checks a number of 15 digits, and no new letter rests on it. */
export function refuseOldNumber({ flags = [] }: Relationship): void {
  if (!flags.includes('number_old')) return;
  throw new Failure('identifier_old', 'the subject is known by a number of 15 digits only');
}

export function relationshipIn(view: View, stream: StreamId): Relationship | undefined {
  return view.state(stream) as Relationship | undefined;
}

/** A handle is the caller's if the principal is its grantee, or succeeded it. Unknown and foreign are the same answer. */
export function ownRelationship(view: View, handle: Handle, principal: PartyId): Relationship | undefined {
  const relationship = relationshipIn(view, relationshipStream(handle));
  const party = partyIn(view, principal);
  if (relationship === undefined) return undefined;
  const isOwn =
    party === undefined ? relationship.grantee === principal : speaksFor(party, principal, relationship.grantee);
  return isOwn ? relationship : undefined;
}

/** @throws {Failure} `relationship_unknown` */
export function requireRelationship(view: View, stream: StreamId): Relationship {
  const found = relationshipIn(view, stream);
  if (found === undefined) throw new Failure('relationship_unknown', 'no such relationship');
  return found;
}
