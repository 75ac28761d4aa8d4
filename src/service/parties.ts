/** Organisations: registering one, and giving it keys. */
import { toBase64Url } from '#core/bytes.ts';
import type { Party, PartyRole } from '#core/consent/party.ts';
import { parseKeyText } from '#core/consent/signature.ts';
import { Failure } from '#core/failure.ts';
import type { PartyId } from '#core/ids.ts';
import { idOf, partyStream } from '#core/tlog/stream.ts';
import { loadStreams } from '#store/streams.ts';
import { nameCall, type Request, submit } from './call.ts';
import { type Context, newId } from './context.ts';
import { entryOf, type Placed, placed } from './placed.ts';

export interface RegisterParty {
  readonly name: string;
  readonly roles: readonly PartyRole[];
}

/** Registers an organisation, which gets its id from the ledger. */
export async function registerParty(
  context: Context,
  request: Request,
  { name, roles }: RegisterParty,
): Promise<{ readonly party: PartyId; readonly entry: Placed }> {
  const { claim, call } = nameCall(context, request, 'anonymous', 'none');
  const entries = await submit(context, async () => {
    const stream = partyStream(newId<PartyId>(context));
    return {
      claims: [claim],
      touches: [stream],
      plan: () => [{ command: { type: 'party.registered', stream, input: { name, roles, ...call(0) } } }],
    };
  });
  const made = entryOf(entries, 'party.registered');
  return { party: idOf<PartyId>(made.entry.stream), entry: placed(made) };
}

/**
 * Adds a key to a party.
 *
 * @throws {Failure} `key_invalid`, if it is not a public key that we accept; `party_unknown`; `already_there`.
 */
export async function addPartyKey(
  context: Context,
  request: Request,
  { party, key }: { readonly party: PartyId; readonly key: string },
): Promise<{ readonly party: PartyId; readonly entry: Placed }> {
  const canonicalKey = toBase64Url(parseKeyText(key));
  const { claim, call } = nameCall(context, request, `party/${party}`, 'none');
  const stream = partyStream(party);
  const entries = await submit(context, async () => ({
    claims: [claim],
    touches: [stream],
    plan: () => [{ command: { type: 'party.key_added', stream, input: { key: canonicalKey, ...call(0) } } }],
  }));
  return { party, entry: placed(entryOf(entries, 'party.key_added')) };
}

/** @throws {Failure} `party_unknown` */
export async function readParty({ ledger }: Context, party: PartyId): Promise<Party> {
  const [row] = await ledger.store.read((tx) => loadStreams(tx, [partyStream(party)]));
  if (row === undefined) throw new Failure('party_unknown', 'no such party');
  return row.state as unknown as Party;
}
