/**
 * Objections of a person (domain/users.md P-07): it picks an access, or a grant, says which items and why; the institution
 * hears of it by its feed, and both see until when it is to be answered (条例 25: twenty days).
 *
 * @module
 */
import type { Said } from '#core/consent/explain-text.ts';
import { factsIn } from '#core/consent/facts.ts';
import { type ObjectionStatus, standing } from '#core/consent/facts-standing.ts';
import { type ANSWERS, OBJECTION_REASON_MAX } from '#core/consent/objection.ts';
import { Failure } from '#core/failure.ts';
import type { AccessId, FactId, GrantId, Handle } from '#core/ids.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { idOf, LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { openParts, partName, sealPayload } from '#ledger/vault.ts';
import { loadEntriesAt } from '#store/entries.ts';
import { readClock } from '#store/head.ts';
import { loadIds } from '#store/ids.ts';
import { loadPartsAt } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import { nameSession, submit } from '../call.ts';
import type { Request } from '../caller.ts';
import { type Context, newId } from '../context.ts';
import { answerId } from '../facts.ts';
import { entryOf, type Placed, placed } from '../placed.ts';
import { evidenceIn, loadKeys, requireKey } from '../session-evidence.ts';
import type { PersonSession } from '../sessions.ts';
import { findLook } from './looks.ts';
import { loadNames } from './names.ts';
import { loadRelations, relationOf, type SignedIn } from './relations.ts';

export interface OpenOwnObjection {
  /** The line that was picked, or the grant. */
  readonly about: { readonly access: AccessId } | { readonly grant: GrantId };
  /** Some of its items, by their codes. */
  readonly items: readonly string[];
  /** In the person's own words. */
  readonly reason: string;
}

export interface OwnObjectionOpened {
  readonly objection: FactId;
  readonly handle: Handle;
  readonly due: number | null;
  readonly entry: Placed;
}

/**
 * Opens an objection out of the person's session.
 *
 * @throws {Failure} `access_unknown`, `grant_unknown`, also for another's; `input_invalid`; `limit_reached`;
 *   `session_required`, `key_ended`, `engine_old`
 */
export async function openOwnObjection(
  context: Context,
  request: Request,
  session: PersonSession,
  { about, items, reason }: OpenOwnObjection,
): Promise<OwnObjectionOpened> {
  if (reason.trim() === '' || reason.length > OBJECTION_REASON_MAX) {
    throw new Failure('input_invalid', `reason: want 1 to ${OBJECTION_REASON_MAX} characters`);
  }
  const { stream, grantee, offered } = await locate(context, session, about);
  if (items.length === 0 || new Set(items).size !== items.length || !items.every((item) => offered.includes(item))) {
    throw new Failure('input_invalid', 'items: want one or more of what it is about, each once');
  }
  const access = 'access' in about ? about.access : null;
  const names = nameSession(context, request, session);
  const entries = await submit(context, async () => {
    const objection = newId<FactId>(context);
    const keys = (await loadKeys(context, [stream])).get(stream) as Parameters<typeof sealPayload>[1];
    const { statement, signature, binding } = session;
    const said = { reason, session: statement, signature, binding };
    const payload = await sealPayload(context.vault, keys, 'objection.opened', said);
    return {
      claims: [names.claim],
      touches: [stream, partyStream(grantee), LOG_STREAM, ...names.touches],
      plan(view, now) {
        const evidence = evidenceIn(view, stream, requireKey(view, session, now));
        const input = { objection, principal: grantee, items, access, evidence, ...names.call(0) };
        return [{ command: { type: 'objection.opened', stream, input }, payload, mints: [objection] }];
      },
    };
  });
  const made = entryOf(entries, 'objection.opened');
  const { objection, due } = made.entry.body as unknown as Pick<OwnObjectionOpened, 'objection' | 'due'>;
  return { objection, handle: idOf<Handle>(stream), due, entry: placed(made) };
}

/** Where what is objected to stands, and which items it has. */
async function locate(context: Context, person: SignedIn, about: OpenOwnObjection['about']) {
  if ('access' in about) {
    const look = await findLook(context, person, about.access);
    if (look === undefined) throw new Failure('access_unknown', 'no such access');
    return { stream: look.stream, grantee: look.grantee, offered: look.items.map(({ code }) => code) };
  }
  return context.ledger.store.read(async (tx) => {
    const { stream, relationship } = relationOf(await loadRelations(context, tx, person), about.grant);
    return { stream, grantee: relationship.grantee, offered: relationship.grants[about.grant]?.terms.items ?? [] };
  });
}

/** What can be objected to about an access or a grant. @throws {Failure} `access_unknown`, `grant_unknown`, also for another's. */
export async function readObjectionOffer(
  context: Context,
  person: SignedIn,
  about: OpenOwnObjection['about'],
): Promise<{ readonly institution: Said; readonly items: readonly { readonly code: string; readonly name: Said }[] }> {
  const { grantee, offered } = await locate(context, person, about);
  return context.ledger.store.read(async (tx) => {
    const names = await loadNames(context, tx, (await loadRelations(context, tx, person)).view, [grantee]);
    return { institution: names.party(grantee), items: offered.map((code) => ({ code, name: names.item(code) })) };
  });
}

export interface ObjectionInWords {
  readonly objection: FactId;
  readonly institution: Said;
  readonly items: readonly Said[];
  /** The access that it is about; null: it is about the items as such, or the institution stated it. */
  readonly access: AccessId | null;
  /** Whether the person opened it itself. */
  readonly own: boolean;
  /** Why, in the person's words; null: it was not said here, or is erased. */
  readonly reason: string | null;
  readonly opened_at: number;
  /** After which it is late; null: no calendar in force reaches that far. */
  readonly due: number | null;
  readonly marked_at: number | null;
  readonly answered_at: number | null;
  readonly answer: (typeof ANSWERS)[number] | null;
  readonly status: ObjectionStatus;
}

/** Every objection of a person, at every institution, the newest first. */
export async function readObjections(context: Context, person: SignedIn): Promise<readonly ObjectionInWords[]> {
  return context.ledger.store.read(async (tx) => {
    const { view, all } = await loadRelations(context, tx, person);
    const now = await readClock(tx);
    const known = all.map(({ relationship }) => relationship);
    const names = await loadNames(
      context,
      tx,
      view,
      known.map(({ grantee }) => grantee),
    );
    const found = known.flatMap((relationship) =>
      Object.entries(standing(factsIn(relationship), now).objections).map(([id, { own, items, ...times }]) => ({
        objection: id as FactId,
        institution: names.party(relationship.grantee),
        items: items.map(names.item),
        own: own !== undefined,
        access: own?.access ?? null,
        ...times,
      })),
    );
    const said = await loadSaid(
      context,
      tx,
      found.map(({ objection }) => objection),
    );
    return found
      .map((each) => ({ ...each, ...(said.get(each.objection) ?? NOTHING_SAID) }))
      .sort((a, b) => b.opened_at - a.opened_at);
  });
}

export interface SaidOfObjection {
  readonly reason: string | null;
  readonly answer: (typeof ANSWERS)[number] | null;
}
const NOTHING_SAID: SaidOfObjection = { reason: null, answer: null };

/** Why each was opened, as far as that is kept, and what it was answered: three queries for all of them. */
export async function loadSaid(
  { vault }: Context,
  tx: Tx,
  objections: readonly FactId[],
): Promise<ReadonlyMap<FactId, SaidOfObjection>> {
  const rows = await loadIds(tx, [...objections, ...objections.map(answerId)]);
  const indexOf = new Map(rows.map(({ id, index }) => [id, index]));
  const parts = await openParts(vault, await loadPartsAt(tx, [...indexOf.values()], ['reason']));
  const bodies = new Map(
    (await loadEntriesAt(tx, [...indexOf.values()])).map(({ index, bytes }) => [index, parseEntry(bytes).body]),
  );
  return new Map(
    objections.map((objection) => {
      const reason = parts.get(partName(indexOf.get(objection) ?? -1, 'reason'))?.value;
      const answer = bodies.get(indexOf.get(answerId(objection)) ?? -1)?.['answer'];
      return [
        objection,
        {
          reason: typeof reason === 'string' ? reason : null,
          answer: (answer ?? null) as SaidOfObjection['answer'],
        },
      ];
    }),
  );
}
