/**
 * "Who looked" (domain/users.md P-05): every access to a person's data that was asked for, at any institution, with why, by
 * which letter, and what came of it; what was denied or failed as well.
 *
 * @module
 */
import type { Ground } from '#core/consent/asked.ts';
import type { Said } from '#core/consent/explain-text.ts';
import { grantIn } from '#core/consent/grant.ts';
import type { Action } from '#core/consent/terms.ts';
import type { AccessId, GrantId, LetterId, OperatorId, PartyId } from '#core/ids.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { readClock } from '#store/head.ts';
import { receiptCapability } from '../capabilities.ts';
import type { Context } from '../context.ts';
import { isCovered, type LookClass, type LookResult, lookClass, lookResult } from './look-result.ts';
import { type Found, type Scanned, scanAccesses } from './look-scan.ts';
import { loadNames, type Names } from './names.ts';
import { loadRelations, type Relations, type SignedIn } from './relations.ts';

const DAY_MS = 86_400_000;
/** As credit reports have them (domain/seeds.md 0.32). */
export const LOOK_WINDOWS = { '1m': 31 * DAY_MS, '2y': 731 * DAY_MS } as const;
export type LookWindow = keyof typeof LOOK_WINDOWS;
const LOOKS_PAGE_MAX = 50;

export interface Look {
  readonly access: AccessId;
  /** The place of its entry in the log. */
  readonly index: number;
  /** The relationship that it stands in, and whose that is. */
  readonly stream: StreamId;
  readonly grantee: PartyId;
  readonly time: number;
  /** When it was used, where that was recorded afterwards; null: it was asked for before. */
  readonly used_at: number | null;
  /** From when on it could be told of: later than `time` where law let the notice follow. */
  readonly told_at: number;
  readonly institution: Said;
  /** Who asked on its behalf; null: it asked itself. */
  readonly processor: Said | null;
  readonly operators: readonly OperatorId[];
  readonly action: Action;
  readonly purpose: Said;
  readonly class: LookClass;
  /** The reason in the source's own scheme, and how that calls it; null: none is told. */
  readonly reason: { readonly code: string; readonly name: Said | null } | null;
  /** As codes, and in words. */
  readonly items: readonly { readonly code: string; readonly name: Said }[];
  /** Source or recipient; null: nothing leaves. */
  readonly door: Said | null;
  readonly ground: LookGround;
  /** Whether a letter, or a law, covers what was asked for. Where not, it is marked red. */
  readonly covered: boolean;
  readonly result: LookResult;
  /** Its receipt: a path that opens it to whoever holds it. */
  readonly receipt: string;
}

export type LookGround =
  | { readonly kind: 'letter'; readonly grant: GrantId; readonly letter: LetterId | null }
  | { readonly kind: 'law'; readonly basis: string; readonly document: boolean };

export interface LookCounts {
  /** Allowed queries, by what they were for. */
  readonly approval: number;
  readonly post_loan: number;
  readonly other: number;
  /** Data that were sent or used without being queried. */
  readonly sent: number;
  readonly denied: number;
}

export interface LooksPage {
  readonly time: number;
  /** Where the window begins. */
  readonly since: number;
  readonly looks: readonly Look[];
  /** What to ask after for those before them; null: there are none. */
  readonly next: number | null;
  readonly counts: LookCounts;
  /** Whether the whole window was read. */
  readonly complete: boolean;
}

export interface ReadLooks {
  readonly window: LookWindow;
  /** Those before this place in the log; null: the newest. */
  readonly after: number | null;
}

/** Reads one page of the looks within a window, the newest first, and counts all of them. */
export async function readLooks(context: Context, person: SignedIn, { window, after }: ReadLooks): Promise<LooksPage> {
  const { looks, ...page } = await readScan(context, person, window, (accesses) => {
    const from = after === null ? accesses : accesses.filter(({ index }) => index < after);
    return from.slice(0, LOOKS_PAGE_MAX + 1);
  });
  const shown = looks.slice(0, LOOKS_PAGE_MAX);
  return { ...page, looks: shown, next: looks.length > LOOKS_PAGE_MAX ? (shown.at(-1)?.index ?? null) : null };
}

/** All looks within a window, for a file. */
export async function readAllLooks(
  context: Context,
  person: SignedIn,
  window: LookWindow,
): Promise<Omit<LooksPage, 'next'>> {
  return readScan(context, person, window, (accesses) => accesses);
}

/** One look of this person, whenever it was; undefined: there is none that may be told of. */
export async function findLook(context: Context, person: SignedIn, access: AccessId): Promise<Look | undefined> {
  const { looks } = await readScan(context, person, '2y', (accesses) =>
    accesses.filter((each) => each.access === access),
  );
  return looks[0];
}

async function readScan(
  context: Context,
  person: SignedIn,
  window: LookWindow,
  choose: (accesses: readonly Found[]) => readonly Found[],
): Promise<Omit<LooksPage, 'next'>> {
  return context.ledger.store.read(async (tx) => {
    const relations = await loadRelations(context, tx, person);
    const time = await readClock(tx);
    const since = time - LOOK_WINDOWS[window];
    const streams = relations.all.map(({ stream }) => stream);
    const { accesses, complete, open } = await scanAccesses(tx, streams, { since, now: time });
    const chosen = await open(choose(accesses));
    const names = await loadNames(context, tx, relations.view, chosen.flatMap(partiesOf));
    return {
      time,
      since,
      looks: chosen.map((each) => lookOf(context, relations, names, each, time)),
      counts: countOf(accesses, names),
      complete,
    };
  });
}

function partiesOf({ body }: Scanned): readonly PartyId[] {
  return [body.principal, ...body.by.map(({ party }) => party), ...(body.door === null ? [] : [body.door])];
}

function lookOf(context: Context, relations: Relations, names: Names, scanned: Scanned, now: number): Look {
  const { body, time, index, stream } = scanned;
  const { principal, purpose, door, law, stated } = body;
  const reason = stated?.reason ?? law?.reason ?? null;
  const asker = body.by[0]?.party;
  const ground = groundOf(relations, stream, body.ground);
  return {
    access: body.access,
    index,
    stream,
    grantee: relations.all.find((each) => each.stream === stream)?.relationship.grantee ?? principal,
    time,
    used_at: stated?.used_at ?? null,
    told_at: scanned.told_at,
    institution: names.party(principal),
    processor: asker === undefined || asker === principal ? null : names.party(asker),
    operators: body.by.map(({ operator }) => operator),
    action: body.action,
    purpose: names.purpose(purpose),
    class: lookClass(names.purposeKind(purpose)),
    reason: reason === null ? null : { code: reason, name: names.reason(purpose, reason) },
    items: body.items.map((code) => ({ code, name: names.item(code) })),
    door: door === null ? null : names.party(door),
    ground,
    covered: isCovered(body, ground.kind === 'letter' && ground.letter === null),
    result: lookResult(scanned, now),
    receipt: `/receipts/${receiptCapability(context, body.access)}`,
  };
}

function groundOf({ all }: Relations, stream: StreamId, ground: Ground): LookGround {
  if (!('grant' in ground)) return { kind: 'law', basis: ground.basis, document: ground.reference };
  const relationship = all.find((each) => each.stream === stream)?.relationship;
  const letter = grantIn(relationship, ground.grant)?.letter ?? null;
  return { kind: 'letter', grant: ground.grant, letter: letter as LetterId | null };
}

function countOf(accesses: readonly Found[], names: Names): LookCounts {
  const counts = { approval: 0, post_loan: 0, other: 0, sent: 0, denied: 0 };
  for (const { decision, action, purpose } of accesses) {
    if (decision === 'deny') counts.denied += 1;
    else if (action !== 'QUERY') counts.sent += 1;
    else counts[lookClass(names.purposeKind(purpose))] += 1;
  }
  return counts;
}
