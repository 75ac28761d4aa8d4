/** Facts of a relationship, stated by its grantee: each an entry, and what later accesses are decided by. */
import type { Call } from '#core/consent/call.ts';
import { factsIn } from '#core/consent/facts.ts';
import { type SpanStatus, spanStatus, standing } from '#core/consent/facts-standing.ts';
import { type Licence, type Mandated, partyIn } from '#core/consent/party.ts';
import { ownRelationship } from '#core/consent/relationship.ts';
import type { Command } from '#core/consent/rules.ts';
import type { FactId, Handle, PartyId } from '#core/ids.ts';
import { LOG_STREAM, partyStream, relationshipStream } from '#core/tlog/stream.ts';
import type { Sequenced } from '#ledger/write.ts';
import { readClock } from '#store/head.ts';
import { loadStreams } from '#store/streams.ts';
import { nameCall, submit } from './call.ts';
import { type Caller, requireActingCaller } from './caller.ts';
import { type Context, newId } from './context.ts';
import { type Placed, placed } from './placed.ts';
import { requireReadable, unknownRelationship } from './scope.ts';
import { viewOf } from './view.ts';

type Types = 'facility' | 'notice' | 'objection';
type Kinds = Types | 'subject' | 'signer' | 'item';
/** The kinds of entries that state a fact, and what is said in each. */
type FactCommand = Extract<Command, { readonly type: `${Kinds}.${string}` }>;
type Input<T extends FactCommand['type']> = Extract<FactCommand, { readonly type: T }>['input'];
/** What a caller says: all but the call itself, and the id that the ledger mints. */
export type Stating<T extends FactCommand['type']> = Omit<Input<T>, keyof Call | Types> & Pick<Input<T>, 'principal'>;

export interface FactStated {
  readonly handle: Handle;
  /** The fact's id; null where it has none of its own. */
  readonly fact: FactId | null;
  readonly entry: Placed;
}

/**
 * States a fact that gets an id of its own.
 *
 * @throws {Failure} `relationship_unknown`, also of another's; and as the fact's rule says.
 */
export async function stateNewFact<T extends 'facility.bound' | 'notice.sent'>(
  context: Context,
  caller: Caller,
  handle: Handle,
  type: T,
  said: Stating<T>,
): Promise<FactStated> {
  const [kind] = type.split('.') as [Types];
  return statedOf(handle, await write(context, caller, { handle, type, said, named: namedAnew(context, kind) }));
}

/** States more of a fact that is there. @throws {Failure} `fact_unknown`, `fact_ended`; as {@link stateNewFact} */
export async function stateOfFact<
  T extends 'facility.changed' | 'facility.closed' | 'objection.marked' | 'objection.answered',
>(
  context: Context,
  caller: Caller,
  { handle, fact }: { readonly handle: Handle; readonly fact: FactId },
  type: T,
  said: Stating<T>,
): Promise<FactStated> {
  const [kind] = type.split('.') as [Types];
  return statedOf(handle, await write(context, caller, { handle, type, said, named: () => ({ [kind]: fact }) }));
}

/** Attests what a law needs to know. @throws {Failure} as {@link stateNewFact} */
export async function attest<T extends 'subject.attested' | 'signer.attested' | 'item.attested'>(
  context: Context,
  caller: Caller,
  handle: Handle,
  type: T,
  said: Stating<T>,
): Promise<FactStated> {
  return statedOf(handle, await write(context, caller, { handle, type, said, named: () => ({}) }));
}

/** What a processor's mandate has to cover. */
const ACTS: Readonly<Record<Kinds, Mandated>> = {
  facility: 'facility',
  notice: 'notice',
  objection: 'objection',
  subject: 'attestation',
  signer: 'attestation',
  item: 'attestation',
};

interface Writing {
  readonly handle: Handle;
  readonly type: FactCommand['type'];
  readonly said: { readonly principal: PartyId };
  readonly named: () => { readonly [kind: string]: FactId };
}

function namedAnew(context: Context, kind: Types): Writing['named'] {
  return () => ({ [kind]: newId<FactId>(context) });
}

function statedOf(handle: Handle, made: Sequenced): FactStated {
  const { facility, notice, objection } = made.entry.body as { readonly [kind in Types]?: FactId };
  return { handle, fact: facility ?? notice ?? objection ?? null, entry: placed(made) };
}

async function write(context: Context, caller: Caller, { handle, type, said, named }: Writing): Promise<Sequenced> {
  const own = await requireActingCaller(context, caller, said.principal, ACTS[type.split('.')[0] as Kinds]);
  const names = nameCall(context, own, 'open');
  const stream = relationshipStream(handle);
  const entries = await submit(context, async () => {
    const ids = named();
    const input = { ...said, ...ids, ...names.call(0) };
    return {
      claims: [names.claim],
      touches: [stream, partyStream(said.principal), LOG_STREAM, ...names.touches],
      plan(view) {
        // Another's handle is answered like an unknown one.
        if (ownRelationship(view, handle, said.principal) === undefined) throw unknownRelationship();
        const command = { type, stream, input } as unknown as Command;
        const mints = isNew(type) ? Object.values(ids) : [];
        const answers = type === 'objection.answered' ? Object.values(ids).map(answerId) : [];
        return [{ command, mints: [...mints, ...answers], ...names.evidence }];
      },
    };
  });
  return entries[0] as Sequenced;
}

/** The id under which the answer to an objection is found again: it has one. */
export function answerId(objection: FactId): string {
  return `${objection}/answer`;
}

function isNew(type: FactCommand['type']): boolean {
  return type === 'facility.bound' || type === 'notice.sent' || type === 'objection.opened';
}

/** When an objection is to be answered, as its entry says; null: no calendar in force reaches that far. */
export async function openObjection(
  context: Context,
  caller: Caller,
  handle: Handle,
  said: Stating<'objection.opened'>,
): Promise<FactStated & { readonly due: number | null }> {
  const made = await write(context, caller, {
    handle,
    type: 'objection.opened',
    said,
    named: namedAnew(context, 'objection'),
  });
  return { ...statedOf(handle, made), due: (made.entry.body['due'] ?? null) as number | null };
}

/** A licence of whoever may ask in this relationship. */
export interface LicenceView extends Licence {
  readonly party: PartyId;
  readonly status: SpanStatus;
}

export type FactsView = ReturnType<typeof standing> & {
  /** The moment that all of it is as of. */
  readonly time: number;
  /** Of the grantee; and of the caller, where it succeeded the grantee. */
  readonly licences: readonly LicenceView[];
};

/** The facts of a relationship, and how they stand now. @throws {Failure} `relationship_unknown`, also of another's. */
export async function readFacts({ ledger }: Context, caller: Caller, handle: Handle): Promise<FactsView> {
  const stream = relationshipStream(handle);
  return ledger.store.read(async (tx) => {
    const relationship = await requireReadable(tx, caller, stream, 'letter');
    const time = await readClock(tx);
    const parties = [...new Set([relationship.grantee, ...(caller.kind === 'party' ? [caller.party] : [])])];
    const view = viewOf(await loadStreams(tx, parties.map(partyStream)));
    const licences = parties.flatMap((party) =>
      (partyIn(view, party)?.licences ?? []).map((each) => ({ party, ...each, status: spanStatus(each, time) })),
    );
    return { time, ...standing(factsIn(relationship), time), licences };
  });
}
