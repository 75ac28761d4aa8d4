/**
 * The people of the bench, made through the public API: one lender with many borrowers, and letters of two grants.
 *
 * @module
 */

import { randomBytes, randomUUID } from 'node:crypto';
import {
  type Client,
  openClient,
  partySignatory,
  provePartyKey,
  type Signatory,
  signBinding,
  signLetterStatement,
} from '#client/index.ts';
import { toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import type { GrantId, Handle, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import type { Pack } from '#core/pack/pack.ts';
import type { PackId } from '#core/pack/word.ts';
import { publishAll, readShipped } from '../../src/cli/packs/publish.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { residentId } from '../support/resident-id.ts';
import { type Connection, formatRequest, openConnection } from './connection.ts';

export interface Cast {
  readonly identifier: { readonly party: PartyId; readonly key: SigningKey };
  readonly lender: PartyId;
  /** Signs the lender's requests. */
  readonly lenderKey: { readonly key: SigningKey; readonly seed: string };
  readonly bureau: PartyId;
  /** Signs the bureau's. */
  readonly bureauKey: { readonly party: PartyId; readonly seed: string };
}

/** A client on one connection, that signs with these keys, or not at all. */
export type ClientOf = (signers: readonly Signatory[]) => Client;

export interface Borrower {
  /** A made-up document's number. */
  readonly idNumber: string;
  readonly handle: Handle;
  readonly key: SigningKey;
}

const DAY_MS = 86_400_000;

/** Runs `work` for each number below `count`, on as many connections as are given. */
export async function onConnections<T>(
  port: number,
  connections: number,
  count: number,
  work: (clientOf: ClientOf, n: number) => Promise<T>,
): Promise<T[]> {
  const made: T[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(connections, count) }, async () => {
      const connection = await openConnection(port);
      try {
        const clientOf: ClientOf = (signers) => clientOn(connection, port, signers);
        for (let n = next++; n < count; n = next++) made[n] = await work(clientOf, n);
      } finally {
        connection.close();
      }
    }),
  );
  return made;
}

/** The project's own client, on one of our connections. */
function clientOn(connection: Connection, port: number, signers: readonly Signatory[]): Client {
  const url = `http://127.0.0.1:${port}`;
  return openClient({
    url,
    signers,
    clock: Date.now,
    newKey: randomUUID,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    async fetch(asked, { method, headers: sent, body = '' } = { method: 'GET', headers: {} }) {
      const path = asked.slice(url.length);
      const answer = await connection.ask(formatRequest(port, { method, path, headers: sent, body }));
      const headers = { get: () => null };
      return { ok: answer.status < 300, status: answer.status, headers, text: async () => answer.body };
    },
  });
}

/** The keeper registers everyone. */
export async function castParties(keeper: Client, origin: string): Promise<Cast> {
  const register = async (role: 'identifier' | 'grantee' | 'bureau') => {
    const seed = new Uint8Array(randomBytes(32));
    const key = await nativeEd25519.importSeed(seed);
    const keys = [{ ...(await provePartyKey(key, origin)), duty: 'query' as const }];
    const { party } = await keeper.registerParty({ name: `示例${role}`, roles: [role], keys });
    return { party, key, seed: toBase64Url(seed) };
  };
  const identifier = await register('identifier');
  const lender = await register('grantee');
  const bureau = await register('bureau');
  return { identifier, lender: lender.party, lenderKey: lender, bureau: bureau.party, bureauKey: bureau };
}

/** The lender's client. */
function lenderOf(clientOf: ClientOf, { lender, lenderKey }: Cast): Client {
  return clientOf([partySignatory(lender, lenderKey.key)]);
}

/** Enrols a made-up person and binds a key. */
export async function enrolBorrower(clientOf: ClientOf, cast: Cast, origin: string, n: number): Promise<Borrower> {
  const client = lenderOf(clientOf, cast);
  const id_number = residentId(n);
  const identity = { id_type: 'resident_id', id_number, name: '李示例', phone: null } as const;
  const { handle } = await client.enrol({ principal: cast.lender, subject: 'person', identity });
  const key = await newKey();
  const salt = new Uint8Array(randomBytes(32));
  const told = { log: origin, handle, identifiedAt: Date.now(), identity, salt };
  const binding = await signBinding(key, cast.identifier, told);
  await client.bindKey(handle, { principal: cast.lender, ...binding } as Parameters<Client['bindKey']>[1]);
  return { handle, key, idNumber: id_number };
}

/** Drafts and signs a letter of two grants, query and report. Answers the query's. */
export async function giveLetter(
  clientOf: ClientOf,
  cast: Cast,
  borrower: Borrower,
  staleness_ms: number | null = null,
): Promise<GrantId> {
  const { lender, bureau } = cast;
  const common = {
    from: null,
    to: (Date.now() + 365 * DAY_MS) as Instant,
    basis: 'written_consent',
    necessity: 'necessary',
    uses_max: null,
    frequency: null,
    staleness_ms: null,
  } as const;
  const drafted = await lenderOf(clientOf, cast).draftLetter({
    principal: lender,
    handle: borrower.handle,
    text: '个人征信查询报送授权书（示例文本）'.repeat(20),
    template: null,
    warnings: [],
    expires_at: (Date.now() + DAY_MS) as Instant,
    grants: [
      {
        action: 'QUERY',
        purposes: PURPOSES,
        items: ['credit_info', 'credit_report'],
        sources: [bureau],
        recipients: [],
        ...common,
        staleness_ms,
      },
      {
        action: 'REPORT',
        purposes: ['credit_reporting'],
        items: ['basic', 'line', 'repayment', 'adverse'],
        sources: [],
        recipients: [bureau],
        ...common,
      },
    ],
  });
  const letter = { ...drafted, statement: drafted.statement as JsonObject };
  const signed = await signLetterStatement(borrower.key, letter, [true, true], Date.now());
  // The borrower's device hands it in: the statement is all that authenticates it.
  await clientOf([]).signLetter(drafted.letter, signed as Parameters<Client['signLetter']>[1]);
  return drafted.grants[0]?.grant as GrantId;
}

/** As many purposes as a grant may have: the same access again is denied while its permit is out. */
export const PURPOSES: readonly string[] = Array.from({ length: 32 }, (_, n) => `loan_apply_${n}`);

/** The body that asks for an access under a query grant, for the n-th purpose. */
export function accessBody({ lender, bureau }: Cast, { handle }: Borrower, grant: GrantId, n: number): string {
  return JSON.stringify({
    principal: lender,
    handle,
    ground: { grant },
    action: 'QUERY',
    purpose: PURPOSES[n],
    items: ['credit_report'],
    door: bureau,
    bound: null,
  });
}

function newKey(): Promise<SigningKey> {
  return nativeEd25519.importSeed(new Uint8Array(randomBytes(32)));
}

/** Puts the shipped law in force, with the purposes of the bench in a pack of its own, and states what it asks for. */
export async function publishLaw(keeper: Client, { lender, bureau }: Cast): Promise<void> {
  // Those of law: the bench's letters have purposes that no template offers.
  const shipped = readShipped().filter(({ templates }) => templates.length === 0);
  const credit = shipped.find(({ id }) => id === 'cn-credit') as Pack;
  const [purpose] = credit.purposes as [Pack['purposes'][number]];
  const own: Pack = {
    ...credit,
    id: 'bench' as PackId,
    needs: [{ pack: credit.id, version: credit.version }],
    laws: [],
    profiles: [],
    items: [],
    rules: [],
    retention: [],
    purposes: PURPOSES.map((id) => ({ ...purpose, id, name: { zh: id, en: id }, reasons: [] })),
  };
  await publishAll(keeper, [...shipped, own], () => {});
  for (const party of [lender, bureau]) await keeper.licenseParty(party, { kind: 'bank', from: 0, to: null });
}

export async function attestAdult(clientOf: ClientOf, cast: Cast, { handle }: Borrower): Promise<void> {
  const said = { principal: cast.lender, band: 'adult', own_income: true, guardian: false } as const;
  await lenderOf(clientOf, cast).attestSubject(handle, said);
}
