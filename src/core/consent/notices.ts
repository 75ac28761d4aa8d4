/**
 * Who has to hear of an entry. Derived from the entry and the state after it, by the batch that writes it and by the audit
 * alike, so that no use case can forget to tell and nobody can be left out unseen.
 *
 * @module
 */
import type { Json, JsonObject } from '../canonical.ts';
import type { GrantId, LetterId, PartyId } from '../ids.ts';
import type { Entry } from '../tlog/entry.ts';
import { idOf } from '../tlog/stream.ts';
import { followersOf } from './amend.ts';
import { opened } from './call.ts';
import { boundWith } from './candidates.ts';
import { endOf } from './end.ts';
import { grantIn } from './grant.ts';
import { hearersOf } from './hearers.ts';
import { alertedBy, isByLink } from './link.ts';
import type { Draft, Grant, Relationship } from './relationship.ts';
import type { EntryType } from './rules.ts';

/** One party that has to hear, and the grants that it is about for that party. */
export interface Hearing {
  readonly party: PartyId;
  /** In the order of their ids. */
  readonly grants: readonly GrantId[];
}

type Happened = Pick<Entry, 'stream' | 'time' | 'body'>;

const HEARINGS: { readonly [T in EntryType]?: (entry: Happened, state: JsonObject) => readonly Hearing[] } = {
  'grant.revoked': ofGrant,
  'grant.paused': ofGrant,
  // Of what follows it, what its subject paused by itself is paused still.
  'grant.resumed': (entry, state) => ofGrant(entry, state, ({ paused }) => paused === null),
  'grant.extended': ofGrant,
  'grant.contested': ofGrant,
  'grant.affirmed': (entry, state) => ofGrant(entry, state, ({ contested_at = null }) => contested_at === null),
  'grant.confirmed': ofConfirmed,
  'finding.recorded': ofGrant,
  'finding.lifted': (entry, state) => ofGrant(entry, state, ({ contested_at = null }) => contested_at === null),
  // The grant that stands in its place has not ended.
  'grant.narrowed': (entry, state) => ofGrant(entry, state, ({ revoked_at }) => revoked_at !== null),
  'grantee.bound': ofBinding,
  'relationship.frozen': ofFreeze,
  'relationship.released': ofEverything,
  'letter.signed': ofLetter,
  'letter.signed_on_paper': ofLetter,
  'letter.declined': ofDecline,
  'letter.answered': ofAnswers,
  'objection.opened': ofObjection,
  'access.redeemed': ofAccess,
  'access.settled': ofAccess,
  'party.suspended': ofParty,
  'party.reinstated': ofParty,
  'party.self_suspended': ofParty,
  'party.self_reinstated': ofParty,
  'party.key_added': ofParty,
  'party.key_retired': ofParty,
  'party.key_compromised': ofParty,
  'party.continued': ofParty,
  'party.recovered': ofParty,
  'party.operator_left': ofParty,
};

/** Says who has to hear of an entry, each party once, given its stream's state after it. */
export function hearingsOf(entry: Happened & Pick<Entry, 'type'>, state: JsonObject): readonly Hearing[] {
  return Object.hasOwn(HEARINGS, entry.type) ? (HEARINGS[entry.type as EntryType]?.(entry, state) ?? []) : [];
}

/** The grant, and what follows it: it is meant, too. */
function ofGrant(
  { body }: Happened,
  state: JsonObject,
  isMeant: (follower: Grant) => boolean = () => true,
): readonly Hearing[] {
  const relationship = state as Relationship;
  const grant = body['grant'] as GrantId;
  const found = opened(grantIn(relationship, grant));
  const followers = followersOf(relationship, grant).filter(isMeant);
  return hearingsAbout(relationship, [found, ...followers], hearersOf(relationship, found));
}

/** That one grant; of none, the grantee. */
function ofConfirmed({ body }: Happened, state: JsonObject): readonly Hearing[] {
  const relationship = state as Relationship;
  const grant = grantIn(relationship, String(body['grant']));
  const about = grant === undefined ? [] : [grant];
  return hearingsAbout(
    relationship,
    about,
    grant === undefined ? [relationship.grantee] : hearersOf(relationship, grant),
  );
}

/** Who is bound hears of it, and whoever is to know who it is: each of the grants that are bound together. */
function ofBinding({ body }: Happened, state: JsonObject): readonly Hearing[] {
  const relationship = state as Relationship;
  return hearingsAbout(relationship, boundWith(relationship, body['grant'] as GrantId), []);
}

/** The grantee, whatever it has, and the doors of what has not ended. A door hears of its own grants only. */
function ofEverything({ time }: Happened, state: JsonObject): readonly Hearing[] {
  const relationship = state as Relationship;
  const standing = Object.values(relationship.grants).filter(
    (grant) => grant.revoked_at === null && time < endOf(grant),
  );
  return hearingsAbout(relationship, standing, [relationship.grantee]);
}

/** By the link of a letter, whoever that letter names hears too: it was never signed, and somebody may ask in its name. */
function ofFreeze(entry: Happened, state: JsonObject): readonly Hearing[] {
  const everything = ofEverything(entry, state);
  if (!isByLink(entry)) return everything;
  return withAlerted(everything, alertedBy(draftIn(state, entry.body['letter'])));
}

function withAlerted(heard: readonly Hearing[], alerted: readonly PartyId[]): readonly Hearing[] {
  const others = alerted.filter((party) => !heard.some((each) => each.party === party));
  return [...heard, ...others.map((party) => ({ party, grants: [] }))];
}

function draftIn(state: JsonObject, letter: Json | undefined): Draft {
  return opened((state as Relationship).drafts[letter as LetterId]);
}

/** Each party that any of the grants is about, those named first; each with its own grants. */
function hearingsAbout(
  relationship: Relationship,
  about: readonly Grant[],
  first: readonly PartyId[],
): readonly Hearing[] {
  const heard = new Map<PartyId, GrantId[]>(first.map((party) => [party, []]));
  for (const grant of about) {
    for (const party of hearersOf(relationship, grant)) {
      heard.set(party, [...(heard.get(party) ?? []), grant.terms.grant]);
    }
  }
  return [...heard].map(([party, grants]) => ({ party, grants: grants.sort() }));
}

function ofLetter({ body }: Happened, state: JsonObject): readonly Hearing[] {
  const { grantee, grants } = state as Relationship;
  const given = Object.entries(grants).filter(([, grant]) => grant.letter === body['letter']);
  const ids = given.map(([id]) => id as GrantId).sort();
  const hearers = new Set([grantee, ...given.map(([, grant]) => grant.grantee ?? grantee)]);
  return [...hearers].map((party) => ({ party, grants: ids }));
}

/** A letter that is said to be of somebody else: its doors hear too. */
function ofDecline(entry: Happened, state: JsonObject): readonly Hearing[] {
  const { alerted = [] } = entry.body as { readonly alerted?: readonly PartyId[] };
  return withAlerted(ofLetter(entry, state), alerted);
}

/** Who asked, and whose relationship it is: whether it can be signed now. */
function ofAnswers({ body }: Happened, state: JsonObject): readonly Hearing[] {
  const { grantee } = state as Relationship;
  const { principal = grantee } = draftIn(state, body['letter']);
  return [...new Set([grantee, principal])].map((party) => ({ party, grants: [] }));
}

function ofAccess(_entry: Happened, state: JsonObject): readonly Hearing[] {
  return [{ party: (state as Relationship).grantee, grants: [] }];
}

/** Who has to answer it. What a grantee stated itself, it knows. */
function ofObjection({ body }: Happened, state: JsonObject): readonly Hearing[] {
  return body['auth'] === 'session' ? [{ party: (state as Relationship).grantee, grants: [] }] : [];
}

function ofParty({ stream }: Happened): readonly Hearing[] {
  return [{ party: idOf<PartyId>(stream), grants: [] }];
}
