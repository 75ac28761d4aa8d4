/** Entries of every type that a signed request makes, and the requests that their callers signed, honestly or not. */
import type { Json, JsonObject } from '#core/canonical.ts';
import type { Call, Signer } from '#core/consent/call.ts';
import { type Expected, expectRequest, openRequest, verifyRequest } from '#core/consent/requested.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, decide } from '#core/consent/rules.ts';
import { useSha256 } from '#core/hash.ts';
import type { AccessId, FactId, GrantId, Handle, LetterId, OperatorId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Day } from '#core/pack/day.ts';
import type { Pack } from '#core/pack/pack.ts';
import type { Covered } from '#core/request/signature-base.ts';
import type { SignedRequest } from '#core/request/signed-request.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { LOG_STREAM, partyStream, refusedStream, relationshipStream } from '#core/tlog/stream.ts';
import { nativeEd25519, nativeSha256 } from '../../../src/native.ts';
import { paperPack } from '../pack/paper-pack.ts';
import { coveredBy, type Signing, signedOver } from '../request/signing.ts';
import { BANK_B, granteeBound, ONE_OF_TWO, withBanks } from './paper-candidates.ts';
import { signedOnPaper, withWitness } from './paper-ink.ts';
import {
  amendDrafted,
  ask,
  BUREAU,
  calledBy,
  calledByKeeper,
  drafted,
  draftInput,
  finding,
  HANDLE,
  hashOf,
  holdDrafted,
  IDENTIFIER,
  keyOf,
  keysOfParty,
  LENDER,
  LOG,
  longer,
  MADE_GRANT,
  OTHER_LENDER,
  operatorOf,
  PERSON,
  paperId,
  published,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  redeemed,
  refusedInput,
  sealedBy,
  seedOf,
  settled,
  signed,
  signedPaper,
  TODAY,
  terms,
} from './paper-ledger.ts';

useSha256(nativeSha256);

const paper = signedPaper();
paper.write(
  {
    type: 'person.key_bound',
    stream: PERSON,
    input: {
      kind: 'ed25519',
      method: 'identity_provider',
      identified_by: IDENTIFIER,
      identified_at: TODAY as Instant,
      enrolled_by: LENDER,
      ...sealedBy(LENDER),
    },
  },
  TODAY,
);
/** An access whose permit is out, one that its door took, and the grant that both are under. */
const [OUT, TAKEN] = [paperId<AccessId>(0x21), paperId<AccessId>(0x22)];
paper.write(ask({ access: OUT }), TODAY);
paper.write(finding('finding.recorded', { grant: REPORT_GRANT }), TODAY);
paper.write(ask({ access: TAKEN, purpose: 'post_loan' }), TODAY);
paper.write(redeemed({ access: TAKEN }), TODAY);
/** Facts that are there already: of a facility, and of an objection. */
const FACILITY = paperId<FactId>(0x901);
const OBJECTION = paperId<FactId>(0x902);
const SPAN = { from: '2024-01-01' as Day, last: null, years: 3 };
/** What the lender states of its relationship. */
function stated(type: Command['type'], said: object): Command {
  return { type, stream: REL, input: { principal: LENDER, ...said, ...calledBy(LENDER) } } as unknown as Command;
}
paper.write(stated('facility.bound', { facility: FACILITY, ...SPAN }), TODAY);
paper.write(stated('objection.opened', { objection: OBJECTION, items: ['credit_report'] }), TODAY);
/** A firm’s relationship, a processor, and a pack in force that has one profile and nothing else. */
const FIRM = paperId<Handle>(0xda);
const PROCESSOR = paperId<PartyId>(0xc2);
const SWITCHABLE: Pack = {
  ...paperPack({ id: 'switchable', templates: [], rules: [], retention: [], laws: [], items: [], purposes: [] }),
  ...{ codes: [], parties: [], calendar: null, areas: [] },
};
paper.write(
  {
    type: 'relationship.opened',
    stream: relationshipStream(FIRM),
    input: { grantee: LENDER, subject: 'firm', frozen: null, ...sealedBy(LENDER) },
  },
  TODAY,
);
paper.write(
  {
    type: 'party.registered',
    stream: partyStream(PROCESSOR),
    input: { name: '示例 processor', roles: ['processor'], keys: keysOfParty(PROCESSOR), ...calledByKeeper() },
  },
  TODAY,
);
paper.write(published(SWITCHABLE), TODAY);
/** A clause for one of two banks, not bound yet. */
const OPEN_GRANT = paperId<GrantId>(0xf5);
const OPEN_LETTER = paperId<LetterId>(0xe5);
withBanks(paper);
paper.write(drafted({ letter: OPEN_LETTER, grants: [{ ...ONE_OF_TWO, grant: OPEN_GRANT }] }), TODAY);
paper.write(signed({ letter: OPEN_LETTER, given: [true], declined_items: [[]] }), TODAY);
/** A letter that was printed, and a lender with a witness. */
const PRINTED = paperId<LetterId>(0xe6);
const PRINTED_GRANTS = [paperId<GrantId>(0x61), paperId<GrantId>(0x62)] as const;
withWitness(paper);
paper.write(drafted({ letter: PRINTED, grants: PRINTED_GRANTS.map((grant) => terms({ grant })) }), TODAY);
export const view: View = paper;
export const NEW = paperId<PartyId>(0x777);
export const OPENED_HANDLE = paperId<Handle>(0xd9);
const LEGACY_HANDLE = paperId<Handle>(0xdb);
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
/** The terms of a grant that would follow the query grant, as they are asked for. */
const { grant: _made, ...madeTerms } = longer(terms(), MADE_GRANT);
export const made = madeTerms as unknown as JsonObject;
export const identity = { id_type: 'resident_id', id_number: '990001180001010001', name: '张示例', phone: null };
const oldIdentity = { ...identity, id_number: '990001500615001' };
export const binding = { v: 1, log: LOG, handle: HANDLE, key: keyOf(operatorOf(BUREAU, 'query')), identity: 'x' };
const byProvider = { method: 'identity_provider', identified_by: IDENTIFIER, identified_at: TODAY } as const;
const keysPath = `/v1/parties/${LENDER}/keys`;

/** A fact's entry, and the request that states it: what is said is the same in both. */
function fact(type: Command['type'], path: string, said: object, ids: object = {}): Asked {
  const body = { principal: LENDER, ...said } as JsonObject;
  return { name: type, command: stated(type, { ...said, ...ids }), opened: {}, path: `${OF_REL}${path}`, body };
}
const OF_REL = `/v1/relationships/${HANDLE}`;
const NOTICE = {
  kind: 'adverse_report',
  channel: 'sms',
  items: ['adverse', 'repayment'],
  content: hashOf(1005),
  delivery: hashOf(1006),
  sent_at: TODAY,
};
const LICENCE = { kind: 'bank', from: TODAY as Instant, to: null };
const MANDATE = { principal: LENDER, from: TODAY as Instant, to: null, covers: ['access', 'facility'] } as const;
const SUSPENSION = { from: TODAY as Instant, to: null, compromised_since: (TODAY - 1) as Instant };
const SIGNER = { kind: 'legal_representative', from: TODAY as Instant, to: null } as const;
const PACK = paperPack({ templates: [] });
function ofTheLog(type: Command['type'], said: object): Command {
  return { type, stream: LOG_STREAM, input: { ...said, ...calledByKeeper() } } as unknown as Command;
}

const NEW_ISSUING_KEY = keyOf(operatorOf(NEW, 'admin'));
/** What two of the keeper sign of a restore. */
const RESTORED: JsonObject = {
  from_size: 3,
  from_root: hashOf(3),
  size: 9,
  root: hashOf(9),
  source: 'mirror',
  signed_size: 9,
  lost_parts: 4,
  lost_streams: 2,
};

const LAW_CASES: readonly Asked[] = [
  fact('facility.bound', '/facilities', SPAN, { facility: paperId(0x903) }),
  fact('facility.changed', `/facilities/${FACILITY}/change`, SPAN, { facility: FACILITY }),
  fact('facility.closed', `/facilities/${FACILITY}/closure`, {}, { facility: FACILITY }),
  fact('identity.viewed', '/identity-views', { fields: ['id_number', 'name'], why: 'serve_subject' }),
  fact('notice.sent', '/notices', NOTICE, { notice: paperId(0x904) }),
  fact('subject.attested', '/attestations/subject', { band: 'adult', own_income: true, guardian: false }),
  fact('item.attested', '/attestations/item', {
    item: 'adverse',
    ended_on: '2019-06-01',
    determined_on: null,
    region: '33',
  }),
  fact('objection.opened', '/objections', { items: ['credit_report', 'line'] }, { objection: paperId(0x905) }),
  fact('objection.marked', `/objections/${OBJECTION}/mark`, {}, { objection: OBJECTION }),
  fact('objection.answered', `/objections/${OBJECTION}/answer`, { answer: 'corrected' }, { objection: OBJECTION }),
  {
    name: 'party.licensed',
    command: { type: 'party.licensed', stream: partyStream(LENDER), input: { ...LICENCE, ...calledByKeeper() } },
    opened: {},
    path: `/v1/parties/${LENDER}/licences`,
    body: LICENCE,
  },
  {
    name: 'party.succeeded',
    command: {
      type: 'party.succeeded',
      stream: partyStream(LENDER),
      input: { predecessor: OTHER_LENDER, ...calledByKeeper() },
    },
    opened: {},
    path: `/v1/parties/${LENDER}/successions`,
    body: { predecessor: OTHER_LENDER },
  },
  {
    name: 'party.mandated',
    command: {
      type: 'party.mandated',
      stream: partyStream(PROCESSOR),
      input: { ...MANDATE, ...calledBy(LENDER, 'admin') },
    },
    opened: {},
    path: `/v1/parties/${PROCESSOR}/mandates`,
    body: MANDATE,
  },
  {
    name: 'party.self_suspended',
    command: {
      type: 'party.self_suspended',
      stream: partyStream(LENDER),
      input: { ...SUSPENSION, ...calledBy(LENDER, 'admin') },
    },
    opened: {},
    path: `/v1/parties/${LENDER}/self-suspension`,
    body: SUSPENSION,
  },
  {
    name: 'signer.attested',
    command: {
      type: 'signer.attested',
      stream: relationshipStream(FIRM),
      input: { principal: LENDER, ...SIGNER, ...calledBy(LENDER) },
    },
    opened: {},
    path: `/v1/relationships/${FIRM}/attestations/signer`,
    body: { principal: LENDER, ...SIGNER },
  },
  {
    name: 'pack.published',
    command: published(PACK),
    opened: {},
    path: '/v1/packs',
    body: { pack: PACK as unknown as Json },
  },
  {
    name: 'pack.withdrawn',
    command: ofTheLog('pack.withdrawn', { pack: SWITCHABLE.id }),
    opened: {},
    path: `/v1/packs/${SWITCHABLE.id}/withdrawal`,
    body: {},
  },
  {
    name: 'profile.switched',
    command: ofTheLog('profile.switched', { profile: 'P-1', on: true }),
    opened: {},
    path: '/v1/profiles/P-1',
    body: { on: true },
  },
  {
    name: 'log.issuing_key_added',
    command: ofTheLog('log.issuing_key_added', { key: NEW_ISSUING_KEY, possession: 'A'.repeat(86) }),
    opened: {},
    path: '/v1/log/issuing-keys',
    body: { key: NEW_ISSUING_KEY, possession: 'A'.repeat(86) },
  },
  {
    name: 'log.restored',
    command: ofTheLog('log.restored', { ...RESTORED, erasures: 1 }),
    opened: {},
    path: '/v1/log/restoration',
    body: RESTORED,
  },
];

export const CASES: readonly Asked[] = [
  ...LAW_CASES,
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
    name: 'relationship.opened out of old records',
    command: {
      type: 'relationship.opened',
      stream: relationshipStream(LEGACY_HANDLE),
      input: {
        grantee: LENDER,
        subject: 'person',
        frozen: null,
        flags: ['legacy_import', 'number_old'],
        ...sealedBy(LENDER),
      },
    },
    opened: { identity: oldIdentity, person: paperId(0xef) },
    path: '/v1/relationships',
    body: { principal: LENDER, subject: 'person', identity: oldIdentity, legacy: true },
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
    name: 'person.key_ended',
    command: {
      type: 'person.key_ended',
      stream: PERSON,
      input: {
        key: 0,
        signed_by: null,
        identified_by: IDENTIFIER,
        brought_by: LENDER,
        signed_at: TODAY as Instant,
        ...sealedBy(LENDER),
      },
    },
    opened: {
      statement: { handle: HANDLE, key: binding.key, identified_by: IDENTIFIER, signed_at: TODAY },
      signature: 'P',
      identity_salt: 'S',
    },
    path: `/v1/relationships/${HANDLE}/keys/loss`,
    body: {
      principal: LENDER,
      key: binding.key,
      identified_by: IDENTIFIER,
      identity_salt: 'S',
      signature: 'P',
      signed_at: TODAY,
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
    name: 'letter.signed_on_paper',
    command: signedOnPaper({ letter: PRINTED, given: [true, false], declined_items: [['credit_info'], []] }),
    opened: { scan_salt: hashOf(1011) },
    path: `/v1/letters/${PRINTED}/paper`,
    body: {
      principal: LENDER,
      signed_at: TODAY,
      scan: { digest: hashOf(1010), media_type: 'application/pdf', bytes: 184_211, salt: hashOf(1011) },
      // In another order than the letter's, and without what need not be said.
      grants: [
        { grant: PRINTED_GRANTS[1], given: false },
        { grant: PRINTED_GRANTS[0], given: true, declined_items: ['credit_info'] },
      ],
    },
  },
  {
    name: 'hold.drafted',
    command: holdDrafted(),
    opened: {},
    path: '/v1/statements',
    body: { handle: HANDLE, kind: 'pause', grant: QUERY_GRANT, expires_at: letter.expires_at },
  },
  {
    name: 'finding.recorded',
    command: finding('finding.recorded'),
    opened: {},
    path: `/v1/grants/${QUERY_GRANT}/finding`,
    body: { principal: BUREAU },
  },
  {
    name: 'finding.lifted',
    command: finding('finding.lifted', { grant: REPORT_GRANT }),
    opened: {},
    path: `/v1/grants/${REPORT_GRANT}/finding/lifting`,
    body: { principal: BUREAU },
  },
  {
    name: 'grantee.bound',
    command: granteeBound({ grant: OPEN_GRANT }),
    opened: {},
    path: `/v1/relationships/${HANDLE}/bindings`,
    body: { principal: LENDER, grant: OPEN_GRANT, party: BANK_B },
  },
  {
    name: 'hold.drafted of another grant',
    command: amendDrafted(),
    opened: {},
    path: '/v1/statements',
    body: { handle: HANDLE, kind: 'extend', grant: QUERY_GRANT, terms: made, expires_at: letter.expires_at },
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
