/** Accesses: the decision that must be had before any data moves. */
import type { Ground } from '#core/consent/asked.ts';
import { ENGINE } from '#core/consent/checks/checks.ts';
import { ownRelationship } from '#core/consent/relationship.ts';
import type { Action, OtherBasis } from '#core/consent/terms.ts';
import { Failure } from '#core/failure.ts';
import type { AccessId, GrantId, Handle, PartyId } from '#core/ids.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM, partyStream, refusedStream, relationshipStream } from '#core/tlog/stream.ts';
import { openKeys, type SealedPayload, sealPayload } from '#ledger/vault.ts';
import type { Planned, Sequenced, Write } from '#ledger/write.ts';
import { loadEntriesAt } from '#store/entries.ts';
import { loadId } from '#store/ids.ts';
import { type CallNames, nameCall, type Request, submit } from './call.ts';
import { type Context, newId } from './context.ts';
import { type Placed, placed } from './placed.ts';

/** The ground as a caller names it: a grant of the relationship, or a legal basis with a document's reference. */
export type NamedGround =
  | { readonly grant: GrantId }
  | { readonly basis: OtherBasis; readonly reference: string | null };

export interface AskAccess {
  readonly principal: PartyId;
  readonly handle: Handle;
  readonly ground: NamedGround;
  readonly action: Action;
  readonly purpose: string;
  readonly items: readonly string[];
  readonly door: PartyId | null;
}

export interface AccessView {
  readonly access: AccessId;
  readonly decision: 'allow' | 'deny';
  readonly codes: readonly string[];
  readonly engine: number;
  readonly ground: Ground | null;
  readonly action: Action;
  readonly purpose: string;
  readonly items: readonly string[];
  readonly door: PartyId | null;
  readonly entry: Placed;
}

/**
 * Decides one access and records it, allowed or denied. A denial is an answer like any other.
 *
 * @throws {Failure} `party_unknown`, if the principal is no party: there is nobody to record it for.
 */
export async function askAccess(context: Context, request: Request, input: AskAccess): Promise<AccessView> {
  const names = nameCall(context, request, `party/${input.principal}`, 'none');
  // Almost every handle is the caller's own: what only a refusal needs is sealed once one turns out to be due.
  let foreign = false;
  const entries = await submit(context, async () =>
    prepareAccess(context, names, input, {
      refusal: foreign ? await sealRefusal(context, input) : undefined,
      onForeign() {
        foreign = true;
      },
    }),
  );
  return viewOf(entries[0] as Sequenced);
}

interface Foreign {
  readonly refusal: SealedPayload | undefined;
  readonly onForeign: () => void;
}

async function prepareAccess(context: Context, names: CallNames, input: AskAccess, foreign: Foreign): Promise<Write> {
  const { principal, handle, action, purpose, items, door } = input;
  const access = newId<AccessId>(context);
  const stream = relationshipStream(handle);
  const refused = refusedStream(principal);
  const asked = { access, principal, action, purpose, items, door, engine: ENGINE, ...names.call(0) };
  const reference = await sealReference(context, input);
  const decided: Planned = {
    command: { type: 'access.decided', stream, input: { ...asked, ground: groundOf(input.ground) } },
    mints: [access],
    ...(reference === undefined ? {} : { payload: reference }),
  };
  return {
    claims: [names.claim],
    touches: [stream, partyStream(principal), LOG_STREAM, refused],
    plan(view) {
      if (ownRelationship(view, handle, principal) !== undefined) return [decided];
      if (view.head(partyStream(principal)) === undefined) throw new Failure('party_unknown', 'no such party');
      foreign.onForeign();
      if (foreign.refusal === undefined) throw new Failure('superseded', 'a refusal is to be sealed first');
      const { refusal } = foreign;
      return [
        { command: { type: 'access.refused', stream: refused, input: asked }, payload: refusal, mints: [access] },
      ];
    },
  };
}

/** What was claimed may be another's handle: it is kept, sealed, and stands in no entry. */
async function sealRefusal(
  { ledger, vault }: Context,
  { principal, handle, ground }: AskAccess,
): Promise<SealedPayload> {
  const keys = await ledger.store.read((tx) => openKeys(vault, tx, refusedStream(principal)));
  return sealPayload(vault, keys, 'access.refused', { claimed: { handle, ground: { ...ground } } });
}

/** A document's number may say who someone is, so it is a part of the payload. */
async function sealReference(
  { ledger, vault }: Context,
  { handle, ground }: AskAccess,
): Promise<SealedPayload | undefined> {
  if ('grant' in ground || ground.reference === null) return undefined;
  const keys = await ledger.store.read((tx) => openKeys(vault, tx, relationshipStream(handle)));
  return sealPayload(vault, keys, 'access.decided', { reference: ground.reference });
}

function groundOf(ground: NamedGround): Ground {
  return 'grant' in ground ? ground : { basis: ground.basis, reference: ground.reference !== null };
}

/** @throws {Failure} `access_unknown` */
export async function readAccess({ ledger }: Context, access: AccessId): Promise<AccessView> {
  const row = await ledger.store.read(async (tx) => {
    const found = await loadId(tx, access);
    return found && (await loadEntriesAt(tx, [found.index]))[0];
  });
  const entry = row && parseEntry(row.bytes);
  if (row === undefined || entry === undefined || !isAccess(entry))
    throw new Failure('access_unknown', 'no such access');
  return viewOf({ ...row, entry });
}

export function isAccess(entry: Entry): boolean {
  return entry.type === 'access.decided' || entry.type === 'access.refused';
}

function viewOf(made: Sequenced): AccessView {
  const { access, decision, codes, engine, ground, action, purpose, items, door } = made.entry.body as unknown as Omit<
    AccessView,
    'entry' | 'ground'
  > & { readonly ground?: Ground };
  return { access, decision, codes, engine, ground: ground ?? null, action, purpose, items, door, entry: placed(made) };
}
