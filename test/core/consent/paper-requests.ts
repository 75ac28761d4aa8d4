/** Entries of every type that a signed request makes, and the requests that their callers signed, honestly or not. */
import type { Json, JsonObject } from '#core/canonical.ts';
import type { Call, Signer } from '#core/consent/call.ts';
import { type Expected, expectRequest, openRequest, verifyRequest } from '#core/consent/requested.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, decide } from '#core/consent/rules.ts';
import { useSha256 } from '#core/hash.ts';
import type { AccessId, Handle, OperatorId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Covered } from '#core/request/signature-base.ts';
import type { SignedRequest } from '#core/request/signed-request.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { partyStream, refusedStream, relationshipStream } from '#core/tlog/stream.ts';
import { nativeEd25519, nativeSha256 } from '../../../src/native.ts';
import { coveredBy, type Signing, signedOver } from '../request/signing.ts';
import {
  ask,
  BUREAU,
  calledBy,
  calledByKeeper,
  drafted,
  draftInput,
  HANDLE,
  hashOf,
  holdDrafted,
  IDENTIFIER,
  keyOf,
  keysOfParty,
  LENDER,
  LOG,
  operatorOf,
  PERSON,
  paperId,
  QUERY_GRANT,
  redeemed,
  refusedInput,
  sealedBy,
  seedOf,
  settled,
  signedPaper,
  TODAY,
} from './paper-ledger.ts';

useSha256(nativeSha256);

const paper = signedPaper();
/** An access whose permit is out, one that its door took, and the grant that both are under. */
const [OUT, TAKEN] = [paperId<AccessId>(0x21), paperId<AccessId>(0x22)];
paper.write(ask({ access: OUT }), TODAY);
paper.write(ask({ access: TAKEN, purpose: 'post_loan' }), TODAY);
paper.write(redeemed({ access: TAKEN }), TODAY);
export const view: View = paper;
export const NEW = paperId<PartyId>(0x777);
export const OPENED_HANDLE = paperId<Handle>(0xd9);
export const FOREIGN = 'f'.repeat(32);
export const LONG = 'A'.repeat(43);

/** An entry, what of its payload is open, and the request that its caller signed. */
export interface Asked {
  readonly name: string;
  readonly command: Command;
  readonly opened: Readonly<Record<string, Json>>;
  readonly path: string;
  readonly body: JsonObject;
}

export function admin<T extends Command['type']>(type: T, input: object): Command {
  return { type, stream: partyStream(LENDER), input: { ...input, ...calledBy(LENDER, 'admin') } } as unknown as Command;
}
const access = ask({ items: ['credit_info', 'credit_report'] });
const { principal, action, purpose, items, door, ground } = access.input as Extract<
  Command,
  { type: 'access.decided' }
>['input'];
export const asking = {
  principal,
  handle: HANDLE,
  ground,
  action,
  purpose,
  items,
  door,
  bound: null,
} as unknown as JsonObject;
export const letter = draftInput();
export const identity = { id_type: 'resident_id', id_number: '990001180001010001', name: '张示例', phone: null };
export const binding = { v: 1, log: LOG, handle: HANDLE, key: keyOf(operatorOf(BUREAU, 'query')), identity: 'x' };
const byProvider = { method: 'identity_provider', identified_by: IDENTIFIER, identified_at: TODAY } as const;
const keysPath = `/v1/parties/${LENDER}/keys`;

export const CASES: readonly Asked[] = [
  {
    name: 'party.registered',
    command: {
      type: 'party.registered',
      stream: partyStream(NEW),
      input: { name: '示例', roles: ['bureau', 'platform'], keys: keysOfParty(NEW), ...calledByKeeper() },
    },
    opened: {},
    path: '/v1/parties',
    body: {
      name: '示例',
      roles: ['bureau', 'platform'],
      keys: keysOfParty(NEW).map(({ key, duty }) => ({ key, possession: 'P', duty })),
    },
  },
  {
    name: 'party.key_added for a new operator',
    command: admin('party.key_added', { key: LONG, operator: paperId<OperatorId>(0x888), duty: 'query' }),
    opened: {},
    path: keysPath,
    body: { key: LONG, possession: 'P', duty: 'query', operator: null },
  },
  {
    name: 'party.key_added for one that is there',
    command: admin('party.key_added', { key: LONG, operator: operatorOf(LENDER, 'query'), duty: 'query' }),
    opened: {},
    path: keysPath,
    body: { key: LONG, possession: 'P', duty: 'query', operator: operatorOf(LENDER, 'query') },
  },
  {
    name: 'party.key_retired',
    command: admin('party.key_retired', { key: 0 }),
    opened: {},
    path: `${keysPath}/retirement`,
    body: { key: keyOf(operatorOf(LENDER, 'query')) },
  },
  {
    name: 'party.key_compromised',
    command: admin('party.key_compromised', { key: 0, since: TODAY }),
    opened: {},
    path: `${keysPath}/compromise`,
    body: { key: keyOf(operatorOf(LENDER, 'query')), since: TODAY },
  },
  {
    name: 'party.operator_left',
    command: admin('party.operator_left', { operator: operatorOf(LENDER, 'query') }),
    opened: {},
    path: `/v1/parties/${LENDER}/operators/${operatorOf(LENDER, 'query')}/departure`,
    body: {},
  },
  {
    name: 'party.suspended',
    command: { type: 'party.suspended', stream: partyStream(LENDER), input: calledByKeeper() },
    opened: {},
    path: `/v1/parties/${LENDER}/suspension`,
    body: {},
  },
  {
    name: 'relationship.opened',
    command: {
      type: 'relationship.opened',
      stream: relationshipStream(OPENED_HANDLE),
      input: { grantee: LENDER, subject: 'person', frozen: null, ...sealedBy(LENDER) },
    },
    opened: { identity, person: paperId(0xee) },
    path: '/v1/relationships',
    body: { principal: LENDER, subject: 'person', identity },
  },
  {
    name: 'person.key_bound',
    command: {
      type: 'person.key_bound',
      stream: PERSON,
      input: {
        kind: 'ed25519',
        ...byProvider,
        identified_at: TODAY as Instant,
        enrolled_by: LENDER,
        ...sealedBy(LENDER),
      },
    },
    opened: { binding: { ...binding, ...byProvider }, possession: 'P', identification: 'P', identity_salt: 'S' },
    path: `/v1/relationships/${HANDLE}/keys`,
    body: {
      principal: LENDER,
      key: binding.key,
      ...byProvider,
      identity_salt: 'S',
      possession: 'P',
      identification: 'P',
    },
  },
  {
    name: 'letter.drafted',
    command: drafted({
      letter: paperId(1),
      grants: letter.grants.map((terms, n) => ({ ...terms, grant: paperId(n + 2) })),
      warnings: ['a', 'b'],
    }),
    opened: { text: '授权书', text_salt: 'S' },
    path: '/v1/letters',
    body: {
      principal: LENDER,
      handle: HANDLE,
      text: '授权书',
      template: null,
      warnings: ['a', 'b'],
      expires_at: letter.expires_at,
      grants: letter.grants.map(({ grant: _minted, ...terms }) => terms) as unknown as Json,
    },
  },
  {
    name: 'hold.drafted',
    command: holdDrafted(),
    opened: {},
    path: '/v1/statements',
    body: { handle: HANDLE, kind: 'pause', grant: QUERY_GRANT, expires_at: letter.expires_at },
  },
  { name: 'access.decided', command: access, opened: {}, path: '/v1/accesses', body: asking },
  {
    name: 'access.decided on a basis',
    command: ask({ ground: { basis: 'judicial', reference: true }, items }),
    opened: { reference: 'EX-1890-1' },
    path: '/v1/accesses',
    body: { ...asking, ground: { basis: 'judicial', reference: 'EX-1890-1' } },
  },
  {
    name: 'access.refused',
    command: { type: 'access.refused', stream: refusedStream(LENDER), input: refusedInput({ items }) },
    opened: { claimed: { handle: FOREIGN, ground: { grant: QUERY_GRANT } } },
    path: '/v1/accesses',
    body: { ...asking, handle: FOREIGN },
  },
  {
    name: 'access.redeemed',
    command: redeemed({ access: OUT }),
    opened: {},
    path: `/v1/accesses/${OUT}/redemption`,
    body: { permit: hashOf(1003) },
  },
  {
    name: 'access.settled',
    command: settled({ access: TAKEN, items: ['credit_info', 'credit_report'], count: 2 }),
    opened: {},
    path: `/v1/accesses/${TAKEN}/settlement`,
    body: {
      result: 'released',
      reason: null,
      items: ['credit_info', 'credit_report'],
      count: 2,
      response: hashOf(1004),
      began_at: TODAY,
      ended_at: TODAY,
    },
  },
  {
    name: 'access.settled without anything',
    command: settled({ access: OUT, result: 'refused', reason: 'SUBJECT', items: [], count: 0, response: null }),
    opened: {},
    path: `/v1/accesses/${OUT}/settlement`,
    body: {
      result: 'refused',
      reason: 'SUBJECT',
      items: [],
      count: 0,
      response: null,
      began_at: TODAY,
      ended_at: TODAY,
    },
  },
];
export const named = CASES.map((each) => [each.name, each] as const);
export const caseOf = (name: string): Asked => CASES.find((each) => each.name === name) as Asked;

/** The entry as the ledger would write it now. */
export function entryOf({ command }: Asked, change: JsonObject = {}, time: number = TODAY): Entry {
  const body = { ...decide(view, command, TODAY as Instant), ...change };
  return {
    log: LOG,
    stream: command.stream,
    seq: 1,
    prev: null,
    time: time as Instant,
    type: command.type,
    body,
    commit: null,
  };
}

export function signersOf(by: readonly Signer[]): Promise<readonly Signing[]> {
  return Promise.all(
    by.map(async ({ party, operator }) => ({
      stream: partyStream(party),
      key: await nativeEd25519.importSeed(seedOf(operator)),
    })),
  );
}

export interface Change {
  readonly body?: Json;
  readonly path?: string;
  readonly covered?: Partial<Covered>;
  readonly created?: number;
  readonly by?: readonly Signer[];
}

/** The request as its callers sign it, honestly or not. */
export async function requestOf(asked: Asked, change: Change = {}): Promise<SignedRequest> {
  const { body = asked.body, path = asked.path, covered = {}, created = TODAY / 1_000 } = change;
  const by = change.by ?? (asked.command.input as unknown as Call).by;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return signedOver(await signersOf(by), coveredBy(path, text, covered), text, created);
}

export const expected = (asked: Asked, entry: Entry = entryOf(asked)): Expected =>
  expectRequest(view, entry, asked.opened);
/** Opened anew each time: a request that was opened once knows which of its rows made an entry. */
export async function verifyAnew(wanted: Expected, request: SignedRequest): Promise<void> {
  await verifyRequest(wanted, openRequest(nativeEd25519, request));
}
export async function verify(asked: Asked, change: Change = {}, entry: Entry = entryOf(asked)): Promise<void> {
  await verifyAnew(expected(asked, entry), await requestOf(asked, change));
}
