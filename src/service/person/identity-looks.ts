/**
 * Who saw a person's identity details in full (PIPL 44): an operator of an institution, who has to say why, or
 * whoever had the link of a letter. Each view was an entry before anything was shown; what was seen stands nowhere.
 *
 * @module
 */
import { assert } from '#core/assert.ts';
import type { Signer } from '#core/consent/call.ts';
import type { Said } from '#core/consent/explain-text.ts';
import type { IdentityField, ViewReason } from '#core/consent/identity-view.ts';
import type { OperatorId, PartyId } from '#core/ids.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { loadViewed } from '#store/access-steps.ts';
import { readClock } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import type { Context } from '../context.ts';
import { readAt, readRecent } from './look-scan.ts';
import { LOOK_WINDOWS, type LookWindow } from './looks.ts';
import { loadNames, type Names } from './names.ts';
import { loadRelations, type Relations, type SignedIn } from './relations.ts';

/** So many are in a file at most. */
export const IDENTITY_LOOKS_MAX = 5_000;

export interface IdentityLook {
  /** The place of its entry in the log. */
  readonly index: number;
  readonly time: number;
  /** Who looked; by a link, whose letter it was. */
  readonly institution: Said;
  /** Empty: it was by the letter's link, which its institution and its subject both have. */
  readonly operators: readonly OperatorId[];
  /** What was shown; null: the letter as a whole. */
  readonly fields: readonly IdentityField[] | null;
  /** null: by the letter's link nobody says why. */
  readonly why: ViewReason | null;
}

export interface IdentityLooks {
  /** The newest first. */
  readonly views: readonly IdentityLook[];
  /** Whether they are all of the window. */
  readonly complete: boolean;
}

/** Reads the newest views within a window, of every relationship of the person. @param countMax - from 1 on. */
export async function readIdentityLooks(
  context: Context,
  person: SignedIn,
  { window, countMax }: { readonly window: LookWindow; readonly countMax: number },
): Promise<IdentityLooks> {
  return context.ledger.store.read(async (tx) => {
    const relations = await loadRelations(context, tx, person);
    const since = (await readClock(tx)) - LOOK_WINDOWS[window];
    const { found, isCut } = await findViews(tx, relations, { since, countMax });
    const entries = [...(await readAt(tx, found.slice(0, countMax)))].sort(([a], [b]) => b - a);
    const parties = entries.map(([, entry]) => viewerOf(relations, entry));
    const names = await loadNames(context, tx, relations.view, parties);
    return {
      views: entries.map(([index, entry]) => viewIn(relations, names, index, entry)),
      complete: !isCut && found.length <= countMax,
    };
  });
}

/** One more than wanted, so that it shows whether there are more. */
async function findViews(
  tx: Tx,
  { all }: Relations,
  { since, countMax }: { readonly since: number; readonly countMax: number },
): Promise<{ readonly found: readonly number[]; readonly isCut: boolean }> {
  const streams = all.map(({ stream }) => stream);
  const { stepped, recent, isCut } = await readRecent(tx, streams);
  const unfiled = recent.filter(({ step, time }) => step === 'viewed' && time >= since).map(({ index }) => index);
  const filed = isCut ? [] : await loadViewed(tx, streams, { since, before: stepped, countMax: countMax + 1 });
  return { found: [...unfiled, ...filed], isCut };
}

interface ViewBody {
  readonly principal?: PartyId;
  readonly fields?: readonly IdentityField[];
  readonly why?: ViewReason;
  readonly by?: readonly Signer[];
}

function viewerOf({ all }: Relations, { stream, body }: Entry): PartyId {
  const { principal } = body as unknown as ViewBody;
  const relation = all.find((each) => each.stream === stream);
  assert(relation !== undefined, 'views are read of the person’s own relationships');
  return principal ?? relation.relationship.grantee;
}

function viewIn(relations: Relations, names: Names, index: number, entry: Entry): IdentityLook {
  const { fields = null, why = null, by = [] } = entry.body as unknown as ViewBody;
  return {
    index,
    time: entry.time,
    institution: names.party(viewerOf(relations, entry)),
    operators: by.map(({ operator }) => operator),
    fields,
    why,
  };
}
