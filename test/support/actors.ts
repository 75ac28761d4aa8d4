/** The people of the tests: an identity provider, lenders, bureaus, persons with keys; all of them made up. */

import { randomUUID } from 'node:crypto';
import { provePartyKey } from '#client/device.ts';
import { partySignatory, type Signatory, signBases } from '#client/sign.ts';
import { parseBase64, toBase64Url, utf8 } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import type { PartyRole } from '#core/consent/party.ts';
import {
  bindingSigningBytes,
  bindingStatement,
  digestIdentity,
  revocationStatement,
  statementSigningBytes,
} from '#core/consent/statement.ts';
import type { SubjectKind, Terms } from '#core/consent/terms.ts';
import { hashText, SALT_BYTES, sha256 } from '#core/hash.ts';
import type { GrantId, Handle, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { type AccessAnswer, type AskAccess, askAccess } from '#service/accesses.ts';
import { authenticate, type Caller, type Request } from '#service/caller.ts';
import type { Context } from '#service/context.ts';
import { revokeGrant } from '#service/grants.ts';
import { bindKey } from '#service/key-binding.ts';
import type { SignedLetter } from '#service/letter-answers.ts';
import { type DraftedLetter, type DraftLetter, draftLetter, signLetter } from '#service/letters.ts';
import { registerParty } from '#service/parties.ts';
import { enrol } from '#service/relationships.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { keeperOf, random } from './ledger-fixture.ts';
import { RESIDENT_IDS, residentId } from './resident-id.ts';

/** A request as a door would describe it; every call is a new one unless the test names its key. */
export function request(idempotencyKey: string = randomUUID(), content = idempotencyKey): Request {
  return { idempotencyKey, method: 'POST', path: '/test', query: '', contentDigest: content, signed: null };
}

/** A request as a door would describe it, signed by these keys now. */
export async function signedRequest(
  context: Context,
  signers: readonly Signatory[],
  path: string,
  body: object,
  idempotencyKey: string = randomUUID(),
): Promise<Request> {
  const text = JSON.stringify(body);
  const unsigned = { method: 'POST', authority: 'test', path, query: '', body: text, idempotencyKey } as const;
  const signed = await signBases(signers, unsigned, Math.floor(context.clock() / 1_000));
  return {
    idempotencyKey,
    method: 'POST',
    path,
    query: '',
    contentDigest: hashText(sha256(utf8(text))),
    signed: {
      body: text,
      signatures: signed.map(({ base, signature }) => ({ base, signature: toBase64Url(parseBase64(signature)) })),
    },
  };
}

/** Who asks, by a request that a party signed with its business key. */
export async function calledBy(
  context: Context,
  party: PartyId,
  path: string,
  body: object,
  idempotencyKey?: string,
): Promise<Caller> {
  const known = PARTIES.get(party);
  if (known === undefined) throw new Error('this party was registered by the test');
  return authenticate(
    context,
    await signedRequest(context, [partySignatory(party, known.key)], path, body, idempotencyKey),
  );
}

/** Who asks, by a request that the keeper's two administrators signed. */
export async function calledByKeeper(
  context: Context,
  path: string,
  body: object,
  idempotencyKey?: string,
): Promise<Caller> {
  return authenticate(context, await signedRequest(context, keeperOf(context), path, body, idempotencyKey));
}

export interface Party {
  readonly party: PartyId;
  /** Signs the party's business, and what it says of persons. */
  readonly key: SigningKey;
  /** Signs what is done with keys and operators. */
  readonly admin: SigningKey;
}

/** Parties that tests registered: a test names one by its id, and signs with its key. */
const PARTIES = new Map<PartyId, Party>();

export async function newParty(context: Context, role: PartyRole, name = `示例${role}`): Promise<Party> {
  const [key, admin] = await Promise.all([1, 2].map(() => nativeEd25519.importSeed(random(32))));
  if (key === undefined || admin === undefined) throw new Error('two keys were made');
  const { origin } = context.ledger;
  const keys = [
    { ...(await provePartyKey(key, origin)), duty: 'query' as const },
    { ...(await provePartyKey(admin, origin)), duty: 'admin' as const },
  ];
  const body = { name, roles: [role], keys };
  const { party } = await registerParty(context, await calledByKeeper(context, '/v1/parties', body), body);
  PARTIES.set(party, { party, key, admin });
  return { party, key, admin };
}

export interface Person {
  readonly key: SigningKey;
  readonly idNumber: string;
}

export async function newPerson(): Promise<Person> {
  return {
    key: await nativeEd25519.importSeed(random(32)),
    idNumber: residentId(Math.floor(Math.random() * RESIDENT_IDS)),
  };
}

export async function enrolPerson(
  context: Context,
  lender: Party,
  person: Person,
  subject: SubjectKind = 'person',
  name = '张示例',
): Promise<Handle> {
  const body = {
    principal: lender.party,
    subject,
    identity: { id_type: 'resident_id', id_number: person.idNumber, name, phone: null },
  } as const;
  const { handle } = await enrol(context, await calledBy(context, lender.party, '/v1/relationships', body), body);
  return handle;
}

export interface Binding {
  readonly lender: Party;
  readonly person: Person;
  readonly handle: Handle;
  /** Undefined: the key rests on a link only, grade D. */
  readonly identifier?: Party;
  readonly at?: number;
  /** Whom the identity provider identified, if not the person that the relationship is about. */
  readonly identified?: Person;
}

export async function bindPersonKey(
  context: Context,
  { lender, person, handle, identifier, at, identified = person }: Binding,
): Promise<void> {
  const identified_at = identifier === undefined ? null : ((at ?? context.clock()) as Instant);
  const named = {
    method: identifier === undefined ? ('link' as const) : ('identity_provider' as const),
    identified_by: identifier?.party ?? null,
    identified_at,
  };
  const key = toBase64Url(person.key.publicKey);
  const salt = random(SALT_BYTES);
  const identity = { id_type: 'resident_id', id_number: identified.idNumber };
  const binding = bindingStatement({
    log: context.ledger.origin,
    handle,
    key,
    identity: identifier === undefined ? null : digestIdentity(salt, identity),
    method: named.method,
    identifiedBy: named.identified_by,
    identifiedAt: identified_at,
  });
  const bytes = bindingSigningBytes(binding);
  const body = {
    principal: lender.party,
    key,
    ...named,
    identity_salt: identifier === undefined ? null : toBase64Url(salt),
    possession: toBase64Url(await person.key.sign(bytes)),
    identification: identifier === undefined ? null : toBase64Url(await identifier.key.sign(bytes)),
  };
  const caller = await calledBy(context, lender.party, `/v1/relationships/${handle}/keys`, body);
  await bindKey(context, caller, { handle, ...body });
}

export const DAY_MS = 86_400_000;

/** The two clauses of a consumer-credit letter: query, and report. */
export function twoClauses(bureau: Party, now: number): Omit<Terms, 'grant'>[] {
  const common = {
    from: null,
    to: (now + 365 * DAY_MS) as Instant,
    basis: 'written_consent',
    necessity: 'necessary',
    uses_max: null,
    frequency: null,
    staleness_ms: null,
  } as const;
  return [
    {
      action: 'QUERY',
      purposes: ['loan_apply', 'post_loan'],
      items: ['credit_info', 'credit_report'],
      sources: [bureau.party],
      recipients: [],
      ...common,
    },
    {
      action: 'REPORT',
      purposes: ['credit_reporting'],
      items: ['basic', 'line', 'repayment', 'adverse'],
      sources: [],
      recipients: [bureau.party],
      ...common,
    },
  ];
}

export async function draft(
  context: Context,
  letter: Pick<DraftLetter, 'handle' | 'grants'> & {
    readonly lender: Party;
    readonly expires_at?: number;
    readonly text?: string;
    readonly warnings?: readonly string[];
  },
): Promise<DraftedLetter> {
  const body = {
    principal: letter.lender.party,
    handle: letter.handle,
    text: letter.text ?? '个人征信查询报送授权书（示例文本）',
    template: null,
    warnings: letter.warnings ?? [],
    expires_at: (letter.expires_at ?? context.clock() + DAY_MS) as Instant,
    grants: letter.grants,
  };
  return draftLetter(context, await calledBy(context, letter.lender.party, '/v1/letters', body), body);
}

/** What the person's device sends: the statement completed with ticks and time, signed. */
export async function signature(
  drafted: DraftedLetter,
  person: Person,
  ticks: readonly boolean[],
  signedAt: number,
  change: JsonObject = {},
): Promise<{ key: string; signature: string; signed_at: number; grants: { grant: GrantId; given: boolean }[] }> {
  const grants = drafted.grants.map((terms, index) => ({ ...terms, given: ticks[index] === true }));
  const statement = { ...drafted.statement, grants, signed_at: signedAt, ...change };
  return {
    key: toBase64Url(person.key.publicKey),
    signature: toBase64Url(await person.key.sign(statementSigningBytes(statement))),
    signed_at: signedAt,
    grants: grants.map(({ grant, given }) => ({ grant, given })),
  };
}

export async function sign(
  context: Context,
  drafted: DraftedLetter,
  person: Person,
  ticks: readonly boolean[],
): Promise<SignedLetter> {
  const signed = await signature(drafted, person, ticks, context.clock());
  return signLetter(context, request(), { letter: drafted.letter, ...signed });
}

export async function revoke(
  context: Context,
  lender: Party,
  person: Person,
  grant: GrantId,
  signedAt: number = context.clock(),
) {
  const statement = revocationStatement({ log: context.ledger.origin, ref: grant, grantee: lender.party, signedAt });
  return revokeGrant(context, request(), {
    grant,
    key: toBase64Url(person.key.publicKey),
    signature: toBase64Url(await person.key.sign(statementSigningBytes(statement))),
    signed_at: signedAt,
  });
}

export async function ask(context: Context, access: AskAccess, idempotencyKey?: string): Promise<AccessAnswer> {
  return askAccess(context, await calledBy(context, access.principal, '/v1/accesses', access, idempotencyKey), access);
}

/** Everything up to a signed two-clause letter. */
export async function signedScene(context: Context) {
  const identifier = await newParty(context, 'identifier');
  const lender = await newParty(context, 'grantee');
  const bureau = await newParty(context, 'bureau');
  const person = await newPerson();
  const handle = await enrolPerson(context, lender, person);
  await bindPersonKey(context, { lender, person, handle, identifier });
  const drafted = await draft(context, { lender, handle, grants: twoClauses(bureau, context.clock()) });
  const signed = await sign(context, drafted, person, [true, true]);
  const [query, report] = drafted.grants.map((terms) => terms.grant) as [GrantId, GrantId];
  const queryAccess: AskAccess = {
    principal: lender.party,
    handle,
    ground: { grant: query },
    action: 'QUERY',
    purpose: 'loan_apply',
    items: ['credit_report'],
    door: bureau.party,
    bound: null,
  };
  const reportAccess: AskAccess = {
    ...queryAccess,
    ground: { grant: report },
    action: 'REPORT',
    purpose: 'credit_reporting',
    items: ['basic'],
  };
  return { identifier, lender, bureau, person, handle, drafted, signed, query, report, queryAccess, reportAccess };
}
