/** Holds: a subject pauses a grant or freezes everything, and ends the hold again; or makes another grant of one; by its own statement. */
import { toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { holdIn } from '#core/consent/hold-draft.ts';
import { boundKeyIn, personIn } from '#core/consent/person.ts';
import { type HoldDraft, type Relationship, relationshipIn, type StatementKind } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { holdStatement } from '#core/consent/statement.ts';
import type { Terms } from '#core/consent/terms.ts';
import { Failure } from '#core/failure.ts';
import { SALT_BYTES } from '#core/hash.ts';
import type { GrantId, Handle, StatementRef } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { idOf, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import { openKeys, sealPayload } from '#ledger/vault.ts';
import type { Planned, Write } from '#ledger/write.ts';
import { loadEntriesAt } from '#store/entries.ts';
import { loadId } from '#store/ids.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { loadHandles, loadPersonOf } from '#store/subjects.ts';
import { type CallNames, claimRef, nameCall, nameStatement, submit } from './call.ts';
import type { Caller, Request } from './caller.ts';
import { type Context, newId } from './context.ts';
import { entryOf, type Placed, placed } from './placed.ts';
import { revocationIds } from './propagation.ts';
import { mayRead, unknownRelationship } from './scope.ts';
import { endedKey, type Signed, type TakenStatement, takeStatement } from './statements.ts';
import { viewOf } from './view.ts';

export interface DraftHold {
  readonly handle: Handle;
  readonly kind: StatementKind;
  /** The grant that it is about; null: freeze or release of everything, or a relationship that is confirmed. */
  readonly grant: GrantId | null;
  /** The terms of the grant that is made of it, where it is extended or narrowed. */
  readonly terms?: Omit<Terms, 'grant'> | undefined;
  readonly expires_at: Instant;
}

export interface DraftedHold {
  readonly ref: StatementRef;
  readonly handle: Handle;
  readonly kind: StatementKind;
  readonly grant: GrantId | null;
  /** The grant that the signature will make; null: none. */
  readonly makes: GrantId | null;
  /** What the subject's device completes with `signed_at`, and signs. */
  readonly statement: JsonObject;
  readonly entry: Placed;
}

/**
 * Mints the statement of a hold. The grantee asks for it, or the subject itself; nothing is held by it yet.
 *
 * @throws {Failure} `relationship_unknown`, also for another's; `grant_unknown`; `input_invalid`; `limit_reached`;
 *   `terms_wider`, `already_revoked`, `grant_ended`, `already_there`, where a grant is to be made of another;
 *   `hold_mismatch`, `quota_unknown`, where there is nothing to confirm, or it can't be
 */
export async function draftHold(context: Context, caller: Caller, input: DraftHold): Promise<DraftedHold> {
  const isSubject = caller.kind === 'subject';
  const names = nameCall(context, caller, isSubject ? 'sealed' : 'open');
  const stream = relationshipStream(input.handle);
  const entries = await submit(context, () => prepareDraft(context, caller, names, input));
  const made = entryOf(entries, 'hold.drafted');
  const ref = made.entry.body['ref'] as StatementRef;
  const { relationship } = await context.ledger.store.read((tx) => loadRelationship(tx, caller, stream));
  const draft = { ...draftOf(made.entry.body), drafted_at: made.entry.time };
  const statement = holdStatement({
    log: context.ledger.origin,
    ref,
    grantee: relationship.grantee,
    draft,
    signedAt: null,
  });
  const { kind, grant, terms } = draft;
  return { ref, handle: input.handle, kind, grant, makes: terms?.grant ?? null, statement, entry: placed(made) };
}

async function prepareDraft(context: Context, caller: Caller, names: CallNames, input: DraftHold): Promise<Write> {
  const { ledger, vault, random } = context;
  const { handle, grant, expires_at } = input;
  const stream = relationshipStream(handle);
  const keys = await ledger.store.read(async (tx) => {
    await loadRelationship(tx, caller, stream);
    return openKeys(vault, tx, stream);
  });
  const ref = newId<StatementRef>(context);
  const nonce = toBase64Url(random(SALT_BYTES));
  const amending = amendingOf(context, input);
  const binding = caller.kind === 'subject' ? caller.binding : undefined;
  const payload = binding && (await sealPayload(vault, keys, 'hold.drafted', { binding, ...names.part }));
  const principal = caller.kind === 'party' ? caller.party : null;
  return {
    claims: [names.claim],
    touches: [stream, ...names.touches],
    plan(view) {
      if (binding !== undefined) requireBound(view, binding);
      return [
        {
          command: {
            type: 'hold.drafted',
            stream,
            input: { ref, ...amending.input, grant, principal, nonce, expires_at, ...names.call(0) },
          },
          ...names.evidence,
          ...(payload === undefined ? {} : { payload }),
          mints: [ref, ...amending.mints],
        },
      ];
    },
  };
}

/** @throws {Failure} `input_invalid`, where terms come with a kind that makes no grant, or none with one that does. */
function amendingOf(context: Context, { kind, terms }: DraftHold) {
  if (kind === 'extend' || kind === 'narrow') {
    if (terms === undefined) throw new Failure('input_invalid', 'terms: want those of the grant that is to be made');
    const grant = newId<GrantId>(context);
    return { input: { kind, terms: { ...terms, grant } }, mints: [grant] };
  }
  if (terms !== undefined) throw new Failure('input_invalid', 'terms: only extend and narrow make a grant');
  return { input: { kind }, mints: [] };
}

function requireBound(view: View, { stream, seq }: { readonly stream: StreamId; readonly seq: number }): void {
  if (boundKeyIn(personIn(view, stream), seq) === undefined) throw endedKey();
}

export interface SignHold extends Signed {
  readonly ref: StatementRef;
}

/** What a statement about one grant makes of it. */
const TYPES = {
  pause: 'grant.paused',
  resume: 'grant.resumed',
  extend: 'grant.extended',
  narrow: 'grant.narrowed',
  object: 'grant.contested',
  affirm: 'grant.affirmed',
} as const;
export type GrantKind = keyof typeof TYPES;

export interface HeldGrant {
  readonly grant: GrantId;
  /** The grant that was made of it; null: none. */
  readonly makes: GrantId | null;
  readonly handle: Handle;
  readonly entry: Placed;
}

/**
 * Pauses a grant, resumes it, makes another one of it, contests it, or affirms it again.
 *
 * @throws {Failure} `grant_unknown`, `statement_unknown`, `hold_mismatch`, `grade_low`, `already_revoked`, `grant_ended`,
 *   `terms_wider`, `already_there`, `limit_reached`, `grant_suspended`, `key_suspended`,
 *   `letter_expired`, `signed_ahead`, `signed_before`, `subject_key_unknown`, `signature_invalid`
 */
export async function holdGrant(
  context: Context,
  request: Request,
  input: SignHold & { readonly kind: GrantKind; readonly grant: GrantId },
): Promise<HeldGrant> {
  const type = TYPES[input.kind];
  const found = await loadHold(context, input.ref);
  const { stream, draft } = found;
  if (draft.kind !== input.kind || draft.grant !== input.grant) throw unknownStatement();
  const names = nameStatement(context, request, stream);
  const entries = await submit(context, async () => {
    const taken = await takeHold(context, type, stream, found, input);
    return {
      claims: [names.claim, claimRef(context, input.ref, [input.signed_at, input.key, input.signature])],
      touches: [stream, taken.owner],
      plan: (view) => [
        {
          command: {
            type,
            stream,
            input: {
              ref: input.ref,
              grant: input.grant,
              signed_at: input.signed_at as Instant,
              evidence: taken.evidence(view),
              ...names.call(0),
            },
          },
          payload: taken.payload,
          mints: input.kind === 'narrow' ? revocationIds(relationshipIn(view, stream), input.grant) : [],
        },
      ],
    };
  });
  const made = entryOf(entries, type);
  const makes = draft.terms?.grant ?? null;
  return { grant: input.grant, makes, handle: idOf<Handle>(stream), entry: placed(made) };
}

/** A later relationship may come in between reading and writing; then the rest is held by another round. */
const ROUNDS_MAX = 4;

/**
 * Freezes everything of a subject in every relationship, or releases it. The answer is given when no relationship is
 * left out.
 *
 * @throws {Failure} `relationship_unknown`, `statement_unknown`, `hold_mismatch`, `grade_low`, and as {@link holdGrant}
 */
export async function holdEverything(
  context: Context,
  request: Request,
  input: SignHold & { readonly kind: 'freeze' | 'release'; readonly handle: Handle },
): Promise<{ readonly handle: Handle; readonly entry: Placed }> {
  const stream = relationshipStream(input.handle);
  const found = await loadHold(context, input.ref);
  if (found.stream !== stream || found.draft.kind !== input.kind) throw unknownStatement();
  const type = input.kind === 'freeze' ? 'relationship.frozen' : 'relationship.released';
  const names = nameStatement(context, request, stream);
  const entries = await submit(context, () => prepareEverything(context, names, found, input));
  for (let round = 1; round < ROUNDS_MAX; round++) {
    const more = await submitRest(context, { ...names, call: (n) => names.call(round * 1_000 + n) }, found, input);
    if (!more) break;
  }
  const own = entries.find(({ entry }) => entry.type === type && entry.stream === stream);
  if (own === undefined) throw unknownStatement();
  return { handle: input.handle, entry: placed(own) };
}

type Everything = Parameters<typeof holdEverything>[2];

/** The person's own stream, the relationship that the statement was drafted in, and every other: in one batch. */
async function prepareEverything(
  context: Context,
  names: CallNames,
  found: FoundHold,
  input: Everything,
): Promise<Write> {
  const { taken, others } = await takeEverything(context, found, input);
  const [own, ...rest] = taken as [TakenStatement, ...TakenStatement[]];
  const person = await sealForPerson(context, found, input, own);
  const isFreeze = input.kind === 'freeze';
  return {
    claims: [names.claim, claimRef(context, input.ref, [input.signed_at, input.key, input.signature])],
    touches: [found.stream, own.owner, ...others],
    plan(view) {
      const { grade } = own.evidence(view);
      const type = isFreeze ? 'person.frozen' : 'person.released';
      const personal: Planned = {
        command: { type, stream: own.owner, input: { grade, signed_at: input.signed_at as Instant, ...names.call(0) } },
        payload: person,
      };
      const held = rest.flatMap((each, at) => {
        const stream = others[at] as StreamId;
        const isHeld = relationshipIn(view, stream)?.frozen !== null;
        return isHeld === isFreeze ? [] : [holding(view, stream, each, input, null, names.call(2 + at))];
      });
      // What the link of a letter froze is of one relationship: there is nothing of the person to release.
      const isOfPerson = isFreeze || personIn(view, own.owner)?.frozen !== null;
      const released = holding(view, found.stream, own, input, input.ref, names.call(1));
      return [...(isOfPerson ? [personal] : []), released, ...held];
    },
  };
}

/** Holds what was enrolled in between. Answers whether there was anything. */
async function submitRest(context: Context, names: CallNames, found: FoundHold, input: Everything): Promise<boolean> {
  const entries = await submit(context, async () => {
    const { taken, others } = await takeEverything(context, found, input);
    const rest = taken.slice(1);
    const owner = (taken[0] as TakenStatement).owner;
    return {
      claims: [],
      touches: [owner, ...others],
      plan(view) {
        // Another statement may have ended it since: then there is nothing left to do.
        if ((personIn(view, owner)?.frozen !== null) !== (input.kind === 'freeze')) return [];
        return rest.flatMap((each, at) => {
          const stream = others[at] as StreamId;
          const isHeld = relationshipIn(view, stream)?.frozen !== null;
          return isHeld === (input.kind === 'freeze') ? [] : [holding(view, stream, each, input, null, names.call(at))];
        });
      },
    };
  });
  return entries.length > 0;
}

function holding(
  view: View,
  stream: StreamId,
  taken: TakenStatement,
  { kind, signed_at }: Everything,
  ref: StatementRef | null,
  call: ReturnType<CallNames['call']>,
): Planned {
  const type = kind === 'freeze' ? 'relationship.frozen' : 'relationship.released';
  const input = { ref, signed_at: signed_at as Instant, evidence: taken.evidence(view), ...call };
  return { command: { type, stream, input }, payload: taken.payload };
}

/** The statement taken in for the relationship it was drafted in, first, and for each other of the same person. */
async function takeEverything(
  context: Context,
  found: FoundHold,
  input: Everything,
): Promise<{ readonly taken: readonly TakenStatement[]; readonly others: readonly StreamId[] }> {
  const type = input.kind === 'freeze' ? 'relationship.frozen' : 'relationship.released';
  const others = await context.ledger.store.read(async (tx) => {
    const person = await loadPersonOf(tx, idOf<Handle>(found.stream));
    if (person === undefined) throw unknownRelationship();
    const streams = (await loadHandles(tx, person)).map(relationshipStream).filter((each) => each !== found.stream);
    const view = viewOf(await loadStreams(tx, streams));
    return streams.flatMap((stream) => {
      const relationship = relationshipIn(view, stream);
      return relationship === undefined ? [] : [{ stream, relationship }];
    });
  });
  const taken = await Promise.all(
    [found, ...others].map(({ stream, relationship }) =>
      takeHold(context, type, stream, { ...found, relationship }, input, found.relationship),
    ),
  );
  return { taken, others: others.map(({ stream }) => stream) };
}

async function sealForPerson(
  { ledger, vault }: Context,
  found: FoundHold,
  input: Everything,
  { owner, seq }: TakenStatement,
) {
  const keys = await ledger.store.readOnce((tx) => openKeys(vault, tx, owner));
  const statement = statementOf(ledger.origin, found, input);
  const type = input.kind === 'freeze' ? 'person.frozen' : 'person.released';
  const binding = { stream: owner, seq };
  return sealPayload(vault, keys, type, { signature: input.signature, binding, statement });
}

export interface FoundHold {
  readonly stream: StreamId;
  readonly relationship: Relationship;
  readonly ref: StatementRef;
  readonly draft: HoldDraft;
}

export function takeHold(
  context: Context,
  type: (typeof TYPES)[GrantKind] | 'grant.confirmed' | 'relationship.frozen' | 'relationship.released',
  stream: StreamId,
  found: FoundHold,
  input: SignHold,
  drafted: Relationship = found.relationship,
): Promise<TakenStatement> {
  const statement = statementOf(context.ledger.origin, { ...found, relationship: drafted }, input);
  return takeStatement(context, type, {
    stream,
    relationship: found.relationship,
    statement,
    signed: input,
    keep: true,
  });
}

function statementOf(log: string, { ref, relationship, draft }: FoundHold, { signed_at }: SignHold): JsonObject {
  return holdStatement({ log, ref, grantee: relationship.grantee, draft, signedAt: signed_at });
}

/** The draft's entry: what was to be signed, also after it was. @throws {Failure} `statement_unknown` */
export async function loadHold({ ledger }: Context, ref: StatementRef): Promise<FoundHold> {
  return ledger.store.read(async (tx) => {
    const found = await loadId(tx, ref);
    const [row] = found === undefined ? [] : await loadEntriesAt(tx, [found.index]);
    const entry = row && parseEntry(row.bytes);
    if (entry?.type !== 'hold.drafted' || entry.body['ref'] !== ref) throw unknownStatement();
    const relationship = relationshipIn(viewOf(await loadStreams(tx, [entry.stream])), entry.stream);
    if (relationship === undefined) throw unknownRelationship();
    const draft = holdIn(relationship, ref) ?? { ...draftOf(entry.body), drafted_at: entry.time };
    return { stream: entry.stream, relationship, ref, draft };
  });
}

function draftOf(body: JsonObject): Omit<HoldDraft, 'drafted_at'> {
  const { kind, grant, terms, nonce, expires_at, epoch } = body as unknown as HoldDraft;
  const said = { kind, grant, ...(terms === undefined ? {} : { terms }), nonce, expires_at };
  return epoch === undefined ? said : { ...said, epoch };
}

async function loadRelationship(tx: Tx, caller: Caller, stream: StreamId) {
  const relationship = relationshipIn(viewOf(await loadStreams(tx, [stream])), stream);
  // A subject signs by the handle that it asks about: the audit looks for its key there.
  const isOther = caller.kind === 'subject' && relationshipStream(caller.handle) !== stream;
  if (relationship === undefined || isOther || !(await mayRead(tx, caller, stream, relationship, 'letter'))) {
    throw unknownRelationship();
  }
  return { relationship };
}

export function unknownStatement(): Failure {
  return new Failure('statement_unknown', 'no such statement');
}
