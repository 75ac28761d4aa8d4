/**
 * The story: one person, one lender, one letter, from the first signature to the refusal after it is taken back. Played
 * through the public HTTP API alone, by the demo and into a new ledger.
 *
 * @module
 */

import { type Client, signBinding, signLetterStatement, signRevocation } from '#client/index.ts';
import { toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import type { AccessId, GrantId, Handle, LetterId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Ed25519, SigningKey } from '#core/note/ed25519.ts';
import { LETTER_TEXT, NAMES, SUBJECT } from './story-letter.ts';

export interface Storyteller {
  readonly client: Client;
  readonly origin: string;
  readonly ed25519: Ed25519;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: () => number;
  readonly say: (line: string) => void;
}

/** What the story made, by id: nothing of it says who anyone is. */
export interface Story {
  readonly letter: LetterId;
  readonly handle: Handle;
  readonly query: GrantId;
  readonly report: GrantId;
  /** Allowed under the query grant. */
  readonly allowed: AccessId;
  /** Denied with PURPOSE: that purpose was not ticked. */
  readonly denied: AccessId;
  /** Denied with REVOKED: the person had taken the grant back. */
  readonly refused: AccessId;
  /** Allowed afterwards: reporting still stands. */
  readonly reported: AccessId;
}

const YEAR_MS = 365 * 86_400_000;
const DAY_MS = 86_400_000;

/** Plays the story, and throws where a step is not as it should be. */
export async function playStory(teller: Storyteller): Promise<Story> {
  const { client, say, clock } = teller;
  const cast = await castParties(teller);
  say(`1. Parties registered, with keys: ${NAMES.identifier} · ${NAMES.lender} · ${NAMES.bureau}`);
  const { handle } = await client.enrol({ principal: cast.lender, subject: 'person', identity: SUBJECT });
  const person = await teller.ed25519.importSeed(teller.random(32));
  const binding = await signBinding(person, cast.identifier, {
    log: teller.origin,
    handle,
    identifiedAt: clock(),
    identity: SUBJECT,
    salt: teller.random(32),
  });
  await client.bindKey(handle, { principal: cast.lender, ...binding } as Parameters<Client['bindKey']>[1]);
  say(`2. ${NAMES.identifier} identified the person and bound the person's key (evidence grade B)`);
  const drafted = await draftTwoClauses(teller, cast, handle);
  say(`3. ${NAMES.lender} drafted letter ${drafted.letter}: query, and report`);
  const signed = await signLetterStatement(
    person,
    { ...drafted, statement: drafted.statement as JsonObject },
    [true, true],
    clock(),
  );
  const { entry } = await client.signLetter(drafted.letter, signed as Parameters<Client['signLetter']>[1]);
  say(`4. The person ticked both clauses and signed: entry ${entry.index}, two grants`);
  const [query, report] = drafted.grants.map(({ grant }) => grant) as [GrantId, GrantId];
  const accesses = await useGrants(teller, { cast, handle, query, report, person });
  return { letter: drafted.letter, handle, query, report, ...accesses };
}

interface Cast {
  readonly identifier: { readonly party: PartyId; readonly key: SigningKey };
  readonly lender: PartyId;
  readonly bureau: PartyId;
}

async function castParties({ client, ed25519, random }: Storyteller): Promise<Cast> {
  const register = async (name: string, role: 'identifier' | 'grantee' | 'bureau') => {
    const { party } = await client.registerParty({ name, roles: [role] });
    const key = await ed25519.importSeed(random(32));
    await client.addPartyKey(party, { key: toBase64Url(key.publicKey) });
    return { party, key };
  };
  const identifier = await register(NAMES.identifier, 'identifier');
  const { party: lender } = await register(NAMES.lender, 'grantee');
  const { party: bureau } = await register(NAMES.bureau, 'bureau');
  return { identifier, lender, bureau };
}

function draftTwoClauses({ client, clock }: Storyteller, { lender, bureau }: Cast, handle: Handle) {
  const common = {
    from: null,
    to: (clock() + YEAR_MS) as Instant,
    basis: 'written_consent',
    necessity: 'necessary',
  } as const;
  return client.draftLetter({
    principal: lender,
    handle,
    text: LETTER_TEXT,
    template: null,
    warnings: ['adverse_reporting'],
    expires_at: (clock() + DAY_MS) as Instant,
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
}

interface Standing {
  readonly cast: Cast;
  readonly handle: Handle;
  readonly query: GrantId;
  readonly report: GrantId;
  readonly person: SigningKey;
}

async function useGrants(
  teller: Storyteller,
  standing: Standing,
): Promise<Pick<Story, 'allowed' | 'denied' | 'refused' | 'reported'>> {
  const { client, say, clock, origin } = teller;
  const { cast, handle, query, report, person } = standing;
  const asked = { principal: cast.lender, handle, door: cast.bureau };
  const lookUp = (purpose: string) =>
    client.askAccess({ ...asked, ground: { grant: query }, action: 'QUERY', purpose, items: ['credit_report'] });
  const allowed = expectDecision(await lookUp('loan_apply'), []);
  say(`5. Query for loan_apply: allow (entry ${allowed.entry.index})`);
  const denied = expectDecision(await lookUp('marketing'), ['PURPOSE']);
  say(`6. Query for marketing, which was not ticked: deny PURPOSE (entry ${denied.entry.index})`);
  const revocation = await signRevocation(person, { log: origin, grant: query, grantee: cast.lender }, clock());
  const taken = await client.revokeGrant(query, revocation as Parameters<Client['revokeGrant']>[1]);
  say(`7. The person took the query grant back, by signature (entry ${taken.entry.index})`);
  const refused = expectDecision(await lookUp('loan_apply'), ['REVOKED']);
  say(`8. The next query: deny REVOKED (entry ${refused.entry.index})`);
  const reported = expectDecision(
    await client.askAccess({
      ...asked,
      ground: { grant: report },
      action: 'REPORT',
      purpose: 'credit_reporting',
      items: ['repayment'],
    }),
    [],
  );
  say(`9. Reporting still stands: allow (entry ${reported.entry.index})`);
  return { allowed: allowed.access, denied: denied.access, refused: refused.access, reported: reported.access };
}

function expectDecision<T extends { readonly decision: string; readonly codes: readonly string[] }>(
  access: T,
  codes: readonly string[],
): T {
  const want = codes.length === 0 ? 'allow' : 'deny';
  if (access.decision === want && access.codes.join() === codes.join()) return access;
  throw new Error(
    `the story went wrong: ${access.decision} ${access.codes.join(' ')}, want ${want} ${codes.join(' ')}`,
  );
}
