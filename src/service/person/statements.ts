/**
 * Statements that wait for a person's own signature: that a freeze or a pause ends, that a grant goes on for longer, and
 * whatever else of the kind an institution asks for. The person asks for the end of its own holds out of its session; the
 * draft gives nothing, and what is signed is said before in words.
 *
 * @module
 */
import { toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { epochIn, isSignable, type Moment } from '#core/consent/epoch.ts';
import { type Evidence, evidenceOf, GRADES } from '#core/consent/evidence.ts';
import type { Said } from '#core/consent/explain-text.ts';
import { holdIn } from '#core/consent/hold-draft.ts';
import { boundKeyIn, personIn } from '#core/consent/person.ts';
import type { HoldDraft, Relationship, StatementKind } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { holdStatement } from '#core/consent/statement.ts';
import { partiesOf } from '#core/consent/terms.ts';
import { Failure } from '#core/failure.ts';
import { SALT_BYTES } from '#core/hash.ts';
import type { GrantId, StatementRef } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { OpenKeys } from '#ledger/vault.ts';
import { readClock } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { nameSession, submit } from '../call.ts';
import type { Request } from '../caller.ts';
import { confirmStanding, loadRememberedUntil } from '../confirm.ts';
import { type Context, newId } from '../context.ts';
import { keyOfCredential } from '../credentials.ts';
import { holdEverything, holdGrant } from '../holds.ts';
import { entryOf } from '../placed.ts';
import { loadKeys, requireKey, sealSession } from '../session-evidence.ts';
import type { PersonSession } from '../sessions.ts';
import { viewOf } from '../view.ts';
import { partiesIn } from './authorizations.ts';
import { type ClauseInWords, clauseInWords, type GrantInWords, grantInWords } from './grant-words.ts';
import { loadNames, type Names } from './names.ts';
import { loadRelations, type Relation, relationOf, type SignedIn } from './relations.ts';

/** How long a statement that the person asked for can be signed. */
const SIGNED_WITHIN_MS = 60 * 60 * 1000;

/** What ends a hold: the freeze of everything, or the pause of one grant; or what confirms one, after the log was continued. */
export type Ending = { readonly kind: 'release' } | { readonly kind: 'resume' | 'confirm'; readonly grant: GrantId };

/**
 * Drafts the statement that ends a hold, or confirms a grant, to be signed by a key of the person.
 *
 * @throws {Failure} `hold_mismatch`, if there is no such hold, or nothing to confirm; `quota_unknown`; `grant_unknown`, also for another's; `limit_reached`;
 *   `session_required`, `key_ended`, `engine_old`
 */
export async function askEnding(
  context: Context,
  request: Request,
  session: PersonSession,
  ending: Ending,
): Promise<StatementRef> {
  const names = nameSession(context, request, session);
  const { stream } = await context.ledger.store.read((tx) => locate(context, tx, session, ending));
  const ref = newId<StatementRef>(context);
  const nonce = toBase64Url(context.random(SALT_BYTES));
  const entries = await submit(context, async () => {
    const keys = await loadKeys(context, [stream]);
    const payload = await sealSession(context, keys.get(stream) as OpenKeys, 'hold.drafted', session);
    return {
      claims: [names.claim],
      touches: [...names.touches, stream],
      plan(view, now) {
        requireKey(view, session, now);
        const said = { ref, kind: ending.kind, grant: 'grant' in ending ? ending.grant : null, principal: null };
        const input = { ...said, nonce, expires_at: (now + SIGNED_WITHIN_MS) as Instant, ...names.call(0) };
        return [{ command: { type: 'hold.drafted', stream, input }, payload, mints: [ref] }];
      },
    };
  });
  return entryOf(entries, 'hold.drafted').entry.body['ref'] as StatementRef;
}

/** Where the end of a hold is signed: of everything, where the key that signed in is worth most. */
async function locate(context: Context, tx: Tx, session: PersonSession, ending: Ending): Promise<Relation> {
  const relations = await loadRelations(context, tx, session);
  if (ending.kind === 'confirm') return relationOf(relations, ending.grant);
  if (ending.kind === 'resume') {
    const relation = relationOf(relations, ending.grant);
    if (relation.relationship.grants[ending.grant]?.paused !== null) return relation;
    throw new Failure('hold_mismatch', 'the grant is not paused');
  }
  const { stream, seq } = session.binding;
  const key = boundKeyIn(personIn(viewOf(await loadStreams(tx, [stream])), stream), seq);
  const worth = ({ relationship: { grantee } }: Relation): Evidence['grade'] =>
    key === undefined ? 'D' : evidenceOf(key, grantee).grade;
  const [best] = relations.all
    .filter(({ relationship }) => relationship.frozen !== null)
    .sort((a, b) => GRADES.indexOf(worth(a)) - GRADES.indexOf(worth(b)));
  if (best === undefined) throw new Failure('hold_mismatch', 'nothing is frozen');
  return best;
}

/** A statement that waits, in words. */
export interface StatementInWords {
  readonly ref: StatementRef;
  readonly kind: StatementKind;
  readonly institution: Said;
  /** What it is about; null: everything. */
  readonly grant: GrantInWords | null;
  /** The grant that the signature makes of it; null: none. */
  readonly makes: (ClauseInWords & { readonly from: number | null; readonly to: number }) | null;
  readonly drafted_at: number;
  readonly expires_at: number;
}

export interface StatementToSign extends StatementInWords {
  /** What the device completes with `signed_at`, and signs. */
  readonly statement: JsonObject;
  /** Of the end of a freeze: since when each institution is frozen, and what it may do again from then on. */
  readonly releases: readonly {
    readonly institution: Said;
    readonly frozen_at: number;
    readonly grants: readonly GrantInWords[];
  }[];
  /** Up to when the ledger remembers all, if it lost entries; null: it never did. */
  readonly remembered_until: number | null;
}

/** Every statement that waits for the person's signature, at every institution; the newest first. */
export function readStatements(context: Context, person: SignedIn): Promise<readonly StatementInWords[]> {
  return context.ledger.store.read(async (tx) => {
    const { relations, names, at } = await loadAll(context, tx, person);
    return relations
      .flatMap((relation) =>
        Object.entries(relation.relationship.holds)
          .filter(([, draft]) => isSignable(draft, at.now, at.epoch))
          .map(([ref, draft]) => inWords(names, relation, { ref: ref as StatementRef, draft, at })),
      )
      .sort((a, b) => b.drafted_at - a.drafted_at);
  });
}

/** @throws {Failure} `statement_unknown`, also for another's, one that was signed, or is too old. */
export function readStatement(context: Context, person: SignedIn, ref: StatementRef): Promise<StatementToSign> {
  return context.ledger.store.read(async (tx) => {
    const { relations, names, at } = await loadAll(context, tx, person);
    const { relation, draft } = draftIn(relations, ref, at);
    const { grantee } = relation.relationship;
    const released =
      draft.kind !== 'release' ? [] : relations.filter(({ relationship: { frozen } }) => frozen !== null);
    return {
      ...inWords(names, relation, { ref, draft, at }),
      statement: holdStatement({ log: context.ledger.origin, ref, grantee, draft, signedAt: null }),
      releases: released.map(({ relationship }) => ({
        institution: names.party(relationship.grantee),
        frozen_at: relationship.frozen?.at ?? at.now,
        grants: Object.values(relationship.grants)
          .map((grant) => grantInWords(names, relationship, grant, at))
          .filter(({ status }) => status === 'frozen'),
      })),
      remembered_until: await loadRememberedUntil(tx),
    };
  });
}

async function loadAll(context: Context, tx: Tx, person: SignedIn) {
  const { view, all: relations } = await loadRelations(context, tx, person);
  const parties = relations.flatMap((relation) => [...partiesIn(relation), ...partiesMade(relation.relationship)]);
  return { relations, names: await loadNames(context, tx, view, parties), at: await momentIn(tx, view) };
}

function partiesMade({ holds }: Relationship) {
  return Object.values(holds).flatMap(({ terms }) => (terms === undefined ? [] : partiesOf(terms)));
}

async function momentIn(tx: Tx, view: View): Promise<Moment> {
  return { now: await readClock(tx), epoch: epochIn(view) };
}

function draftIn(relations: readonly Relation[], ref: StatementRef, { now, epoch }: Moment) {
  for (const relation of relations) {
    const draft = holdIn(relation.relationship, ref);
    if (draft !== undefined && isSignable(draft, now, epoch)) return { relation, draft };
  }
  throw new Failure('statement_unknown', 'no such statement');
}

interface Drafted {
  readonly ref: StatementRef;
  readonly draft: HoldDraft;
  readonly at: Moment;
}

function inWords(names: Names, { relationship }: Relation, { ref, draft, at }: Drafted): StatementInWords {
  const { kind, terms, drafted_at, expires_at } = draft;
  const grant = draft.grant === null ? undefined : relationship.grants[draft.grant];
  return {
    ref,
    kind,
    institution: names.party(relationship.grantee),
    grant: grant === undefined ? null : grantInWords(names, relationship, grant, at),
    makes: terms === undefined ? null : { ...clauseInWords(names, terms), from: terms.from, to: terms.to },
    drafted_at,
    expires_at,
  };
}

/** What the browser's passkey signed. */
export interface SignedOnPage {
  readonly credential: string;
  readonly signature: string;
  readonly signed_at: number;
}

/**
 * Takes the person's signature under a statement that waits.
 *
 * @throws {Failure} `statement_unknown`, also for another's; `subject_key_unknown`, if the passkey is none of ours; and as
 *   `holdGrant` and `holdEverything`
 */
export async function signStatement(
  context: Context,
  request: Request,
  person: SignedIn,
  ref: StatementRef,
  { credential, signature, signed_at }: SignedOnPage,
): Promise<{ readonly kind: StatementKind; readonly grant: GrantId | null }> {
  const found = await context.ledger.store.read(async (tx) => {
    const { all, view } = await loadRelations(context, tx, person);
    return draftIn(all, ref, await momentIn(tx, view));
  });
  const { kind, grant } = found.draft;
  const signed = { ref, key: await keyOfCredential(context, credential), signature, signed_at };
  if (kind === 'freeze' || kind === 'release') {
    await holdEverything(context, request, { ...signed, kind, handle: found.relation.handle });
  } else if (kind === 'confirm') {
    const { handle } = found.relation;
    await confirmStanding(context, request, grant === null ? { ...signed, grant, handle } : { ...signed, grant });
  } else if (grant !== null) {
    await holdGrant(context, request, { ...signed, kind, grant });
  }
  return { kind, grant };
}
