/**
 * "My authorizations" (domain/users.md P-04): at each institution every letter and what it gives, with how that stands; what
 * is asked for and not signed yet, and what was declined.
 *
 * @module
 */
import { originOf } from '#core/consent/amend.ts';
import { epochIn, isSignable, type Moment } from '#core/consent/epoch.ts';
import type { Said } from '#core/consent/explain-text.ts';
import type { Grant, Relationship } from '#core/consent/relationship.ts';
import { partiesOf } from '#core/consent/terms.ts';
import type { Handle, LetterId, PartyId } from '#core/ids.ts';
import { readClock } from '#store/head.ts';
import type { Context } from '../context.ts';
import { type ClauseInWords, clauseInWords, type GrantInWords, grantInWords } from './grant-words.ts';
import { type Asked, loadAsked } from './letters.ts';
import { loadNames, type Names } from './names.ts';
import { loadRelations, type Relation, type SignedIn } from './relations.ts';

export interface LetterInWords {
  readonly letter: LetterId;
  /** As its template is called; null: the grantee's own text. */
  readonly title: Said | null;
  /** Who asked for it. */
  readonly asked_by: Said;
  readonly status: 'signed' | 'requested' | 'declined';
  /** Whether it was signed in ink. */
  readonly on_paper: boolean;
  readonly drafted_at: number;
  /** Until when it can be signed. */
  readonly expires_at: number;
  /** Whether the text that was shown can be read still: it is sealed, and its subject's to read; or it was erased. */
  readonly text: 'kept' | 'erased';
  /** What was given, and what its subject has made of that since; of a letter that is not signed none. */
  readonly grants: readonly GrantInWords[];
  /** What it asks for, clause by clause. */
  readonly asked: readonly ClauseInWords[];
}

export interface Institution {
  readonly party: PartyId;
  readonly name: Said;
  readonly handle: Handle;
  /** Since when it is frozen; null: it is not. */
  readonly frozen_at: number | null;
  /** The newest first. */
  readonly letters: readonly LetterInWords[];
}

export interface Authorizations {
  /** The moment that all of it is as of. */
  readonly time: number;
  /** Since when the person has frozen everything; null: it has not. */
  readonly frozen_at: number | null;
  /** By name. */
  readonly institutions: readonly Institution[];
}

/** Reads everything that a person has given, was asked for, or declined. */
export async function readAuthorizations(context: Context, person: SignedIn): Promise<Authorizations> {
  return context.ledger.store.read(async (tx) => {
    const { view, all } = await loadRelations(context, tx, person);
    const asked = await loadAsked(
      tx,
      all.map(({ relationship }) => relationship),
    );
    const names = await loadNames(context, tx, view, [
      ...all.flatMap(partiesIn),
      ...[...asked.values()].flatMap(askers),
    ]);
    const time = await readClock(tx);
    const institutions = all.map((relation) =>
      institutionOf(relation, asked, names, { now: time, epoch: epochIn(view) }),
    );
    const frozen = institutions.flatMap(({ frozen_at }) => frozen_at ?? []);
    return {
      time,
      frozen_at: frozen.length === 0 ? null : Math.min(...frozen),
      institutions: institutions.sort((a, b) => (a.name.zh < b.name.zh ? -1 : 1)),
    };
  });
}

/** Every party that a relationship's grants name. */
export function partiesIn({ relationship }: Pick<Relation, 'relationship'>): readonly PartyId[] {
  const { grantee, grants } = relationship;
  const named = Object.values(grants).flatMap((grant) => [grant.grantee ?? grantee, ...partiesOf(grant.terms)]);
  return [...new Set([grantee, ...named])];
}

function askers({ principal, grants }: Asked): readonly PartyId[] {
  return [principal, ...grants.flatMap(partiesOf)];
}

function institutionOf(
  { handle, relationship }: Relation,
  asked: ReadonlyMap<string, Asked>,
  names: Names,
  at: Moment,
): Institution {
  const letters = [...asked.values()].flatMap((each): readonly LetterInWords[] => {
    const status = statusOfLetter(relationship, each, at);
    return status === null ? [] : [letterOf(relationship, each, { status, names, at })];
  });
  return {
    party: relationship.grantee,
    name: names.party(relationship.grantee),
    handle,
    frozen_at: relationship.frozen?.at ?? null,
    letters: letters.sort((a, b) => b.drafted_at - a.drafted_at || (a.letter < b.letter ? 1 : -1)),
  };
}

/** Null: it is another relationship's, or it expired before it was signed. */
function statusOfLetter(
  { signed, declined = [], drafts }: Relationship,
  { letter }: Asked,
  { now, epoch }: Moment,
): LetterInWords['status'] | null {
  if (signed.includes(letter)) return 'signed';
  if (declined.includes(letter)) return 'declined';
  const draft = Object.hasOwn(drafts, letter) ? drafts[letter] : undefined;
  return draft !== undefined && isSignable(draft, now, epoch) ? 'requested' : null;
}

function letterOf(
  relationship: Relationship,
  { letter, principal, template, grants, drafted_at, expires_at, text }: Asked,
  { status, names, at }: { readonly status: LetterInWords['status']; readonly names: Names; readonly at: Moment },
): LetterInWords {
  const clauses = grants.map(({ grant }) => grant as string);
  const placeOf = ({ terms }: Grant) => clauses.indexOf(originOf(relationship, terms.grant));
  // In the order of its clauses; what was made of a grant comes after it.
  const given = Object.values(relationship.grants)
    .filter((grant) => grant.letter === letter)
    .sort((a, b) => placeOf(a) - placeOf(b) || a.given_at - b.given_at);
  return {
    letter,
    title: (template && names.template(template)?.title) ?? null,
    asked_by: names.party(principal),
    status,
    on_paper: relationship.papers !== undefined && Object.hasOwn(relationship.papers, letter),
    drafted_at,
    expires_at,
    text,
    grants: given.map((grant) => grantInWords(names, relationship, grant, at)),
    asked: grants.map((terms) => clauseInWords(names, terms)),
  };
}
