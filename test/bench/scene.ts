/**
 * The people of the bench, made through the public API: one lender with many borrowers, and letters of two grants.
 *
 * @module
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { type Client, openClient, signBinding, signLetterStatement } from '#client/index.ts';
import { toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import type { GrantId, Handle, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { type Connection, formatRequest, openConnection } from './connection.ts';

export interface Cast {
  readonly identifier: { readonly party: PartyId; readonly key: SigningKey };
  readonly lender: PartyId;
  readonly bureau: PartyId;
}

export interface Borrower {
  readonly handle: Handle;
  readonly key: SigningKey;
}

const DAY_MS = 86_400_000;

/** Runs `work` for each number below `count`, on as many connections as are given. */
export async function onConnections<T>(
  port: number,
  connections: number,
  count: number,
  work: (client: Client, n: number) => Promise<T>,
): Promise<T[]> {
  const made: T[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(connections, count) }, async () => {
      const connection = await openConnection(port);
      try {
        const client = clientOn(connection, port);
        for (let n = next++; n < count; n = next++) made[n] = await work(client, n);
      } finally {
        connection.close();
      }
    }),
  );
  return made;
}

/** The project's own client, on one of our connections. */
function clientOn(connection: Connection, port: number): Client {
  return openClient({
    url: '',
    newKey: randomUUID,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    async fetch(path, { method, headers, body } = { method: 'GET', headers: {}, body: '' }) {
      const answer = await connection.ask(formatRequest(port, { method, path, headers, body }));
      return { ok: answer.status < 300, status: answer.status, text: async () => answer.body };
    },
  });
}

export async function castParties(client: Client): Promise<Cast> {
  const register = async (role: 'identifier' | 'grantee' | 'bureau') => {
    const { party } = await client.registerParty({ name: `示例${role}`, roles: [role] });
    const key = await newKey();
    await client.addPartyKey(party, { key: toBase64Url(key.publicKey) });
    return { party, key };
  };
  const identifier = await register('identifier');
  return { identifier, lender: (await register('grantee')).party, bureau: (await register('bureau')).party };
}

/** Enrols a made-up person (nobody living was born in 18xx, and the area 990001 is nowhere) and binds a key. */
export async function enrolBorrower(client: Client, cast: Cast, origin: string, n: number): Promise<Borrower> {
  const id_number = `99000118${String(n).padStart(10, '0')}`;
  const identity = { id_type: 'resident_id', id_number, name: '李示例', phone: null };
  const { handle } = await client.enrol({ principal: cast.lender, subject: 'person', identity });
  const key = await newKey();
  const salt = new Uint8Array(randomBytes(32));
  const told = { log: origin, handle, identifiedAt: Date.now(), identity, salt };
  const binding = await signBinding(key, cast.identifier, told);
  await client.bindKey(handle, { principal: cast.lender, ...binding } as Parameters<Client['bindKey']>[1]);
  return { handle, key };
}

/** Drafts and signs a letter of two grants, query and report. Answers the query's. */
export async function giveLetter(client: Client, { lender, bureau }: Cast, borrower: Borrower): Promise<GrantId> {
  const common = {
    from: null,
    to: (Date.now() + 365 * DAY_MS) as Instant,
    basis: 'written_consent',
    necessity: 'necessary',
  } as const;
  const drafted = await client.draftLetter({
    principal: lender,
    handle: borrower.handle,
    text: '个人征信查询报送授权书（示例文本）'.repeat(20),
    template: null,
    warnings: [],
    expires_at: (Date.now() + DAY_MS) as Instant,
    grants: [
      {
        action: 'QUERY',
        purposes: ['loan_apply', 'post_loan'],
        items: ['credit_info', 'credit_report'],
        sources: [bureau],
        recipients: [],
        ...common,
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
  await client.signLetter(drafted.letter, signed as Parameters<Client['signLetter']>[1]);
  return drafted.grants[0]?.grant as GrantId;
}

/** The body that asks for an access under a query grant. */
export function accessBody({ lender, bureau }: Cast, { handle }: Borrower, grant: GrantId): string {
  return JSON.stringify({
    principal: lender,
    handle,
    ground: { grant },
    action: 'QUERY',
    purpose: 'loan_apply',
    items: ['credit_report'],
    door: bureau,
  });
}

function newKey(): Promise<SigningKey> {
  return nativeEd25519.importSeed(new Uint8Array(randomBytes(32)));
}
