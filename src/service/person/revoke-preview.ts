/**
 * What taking back would do, said before it is confirmed (domain/seeds.md 0.23): what stops, which service closes, what has
 * to be done before, what stays (PIPL 15§2), and what one can do instead. In the words of the very template that the letter
 * was made from; in general ones where it was made from none.
 *
 * @module
 */
import { followersOf, originOf } from '#core/consent/amend.ts';
import { endOf } from '#core/consent/end.ts';
import { epochIn, type Moment } from '#core/consent/epoch.ts';
import type { Said } from '#core/consent/explain-text.ts';
import { hearersOf } from '#core/consent/hearers.ts';
import type { Grant, Relationship } from '#core/consent/relationship.ts';
import { partiesOf } from '#core/consent/terms.ts';
import { openNow } from '#core/consent/use.ts';
import { isFailure } from '#core/failure.ts';
import type { GrantId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { pairUp } from '#core/letter-template/pair.ts';
import type { Clause } from '#core/letter-template/template.ts';
import { readClock } from '#store/head.ts';
import type { Context } from '../context.ts';
import { partiesIn } from './authorizations.ts';
import { type GrantInWords, grantInWords } from './grant-words.ts';
import { type Asked, loadAsked } from './letters.ts';
import { loadNames, type Names } from './names.ts';
import { loadRelations, type Relation, relationOf, type SignedIn } from './relations.ts';

/** What follows, in words. Null: nothing of the kind. */
export interface RevokingWords {
  readonly stops: Said;
  readonly closes: Said | null;
  readonly before: Said | null;
  readonly stays: Said;
  readonly instead: Said | null;
}

export interface RevokePreview {
  readonly grant: GrantInWords;
  readonly institution: Said;
  readonly words: RevokingWords;
  /** Whether the letter's own template says so, or these are general words. */
  readonly from: 'template' | 'general';
  /** Whether it can be taken back still: not if it ended by itself, or was taken back. */
  readonly can: boolean;
  /** What was made of it, and is taken back by the same act. */
  readonly also: readonly GrantId[];
  /** How many permits are out, or taken and not settled: one that is not taken yet is refused at the door from then on. */
  readonly open: number;
  /** Who will be told. */
  readonly told: readonly Said[];
}

/** Previews taking one grant back. @throws {Failure} `grant_unknown`, also for another's. */
export async function readRevokePreview(context: Context, person: SignedIn, grant: GrantId): Promise<RevokePreview> {
  const [preview] = await previewsOf(context, person, grant);
  return preview as RevokePreview;
}

/** Previews taking back everything that stands. */
export async function readRevokeAllPreview(context: Context, person: SignedIn): Promise<readonly RevokePreview[]> {
  const all = await previewsOf(context, person, null);
  return all.filter(({ can }) => can);
}

/** @param only - one grant; null: all of them. */
async function previewsOf(context: Context, person: SignedIn, only: GrantId | null): Promise<readonly RevokePreview[]> {
  return context.ledger.store.read(async (tx) => {
    const relations = await loadRelations(context, tx, person);
    const about = only === null ? relations.all : [relationOf(relations, only)];
    const asked = await loadAsked(
      tx,
      about.map(({ relationship }) => relationship),
    );
    const drafted = [...asked.values()].flatMap(({ grants }) => grants.flatMap(partiesOf));
    const names = await loadNames(context, tx, relations.view, [...about.flatMap(partiesIn), ...drafted]);
    const at = { now: await readClock(tx), epoch: epochIn(relations.view) };
    return about.flatMap((relation) =>
      Object.values(relation.relationship.grants)
        .filter(({ terms }) => only === null || terms.grant === only)
        .map((grant) => previewOf(relation, grant, { asked, names, at })),
    );
  });
}

function previewOf(
  { relationship }: Relation,
  grant: Grant,
  { asked, names, at }: { readonly asked: ReadonlyMap<string, Asked>; readonly names: Names; readonly at: Moment },
): RevokePreview {
  const id = grant.terms.grant;
  const letter = asked.get(grant.letter);
  const own = letter && wordsOf(names, letter, originOf(relationship, id));
  const also = followersOf(relationship, id).filter(({ revoked_at }) => revoked_at === null);
  const meant = [id, ...also.map(({ terms }) => terms.grant)];
  return {
    grant: grantInWords(names, relationship, grant, at),
    institution: names.party(relationship.grantee),
    words: own ?? GENERAL,
    from: own === undefined ? 'general' : 'template',
    can: grant.revoked_at === null && at.now < endOf(grant),
    also: also.map(({ terms }) => terms.grant),
    open: openOf(relationship, meant, at.now),
    told: hearersOf(relationship, grant).map(names.party),
  };
}

function openOf(relationship: Relationship, grants: readonly GrantId[], now: Instant): number {
  return Object.values(openNow(relationship, now)).filter(({ grant }) => grant !== null && grants.includes(grant))
    .length;
}

/** What the clause says that a grant came out of; undefined: no template made its letter, or it is not at hand. */
function wordsOf(names: Names, { template: ref, grants }: Asked, origin: string): RevokingWords | undefined {
  const template = ref === null ? undefined : names.template(ref);
  if (template === undefined) return undefined;
  const parties: Record<PartyId, { readonly party: string; readonly name: Said }> = {};
  for (const id of grants.flatMap(partiesOf)) {
    const row = names.row(id);
    if (row !== undefined) parties[id] = { party: row.id, name: row.name };
  }
  try {
    const pair = pairUp(template, grants, { parties }).find(({ terms }) => terms.grant === origin);
    return revokingOf(pair?.clause);
  } catch (failure) {
    // A party is registered under another name by now: the general words are true of it all the same.
    if (isFailure(failure)) return undefined;
    throw failure;
  }
}

function revokingOf(clause: Clause | undefined): RevokingWords | undefined {
  return clause?.revoking ?? undefined;
}

/** What is so by law and by this ledger, whatever was agreed besides. */
const GENERAL: RevokingWords = {
  stops: {
    zh: '自登记之时起，不得再依据本项授权查询、报送、提供或使用您的信息；已发放而尚未取用的许可同时失效。',
    en: 'From its registration on nothing is queried, reported, passed on or used on this authorization; permits that were not taken yet are refused.',
  },
  closes: {
    zh: '以本项授权为必需的服务可能无法继续；并非必需的，不得因此拒绝服务（个人信息保护法第十六条）。',
    en: 'A service that cannot be had without this authorization may end; any other must not be refused for it (PIPL 16).',
  },
  before: null,
  stays: {
    zh: '撤回不影响此前已进行的处理：已报送的信息、已有的查询记录，以及依法须保存的授权书和证据仍会保留（个人信息保护法第十五条第二款）。',
    en: 'What was done before stays valid: what was reported, records of queries, and the letter and its evidence, which law wants kept (PIPL 15§2).',
  },
  instead: {
    zh: '可以只撤回其中一项，或先暂停，日后由本人恢复。',
    en: 'You can take back one authorization only, or pause it and resume it later yourself.',
  },
};
