/**
 * A ledger with the shipped packs in force, a licensed lender and bureau, and one subject with a signed letter: the scene of
 * the golden decisions (domain/law.md 2.13). Its clock is the test's; everything is asked over HTTP.
 */

import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Terms } from '#core/consent/terms.ts';
import type { GrantId, Handle, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { foldersIn } from '../../src/cli/packs/lint.ts';
import { readInOrder } from '../../src/cli/packs/publish.ts';
import { type Answer, type Door, doorTo, signersOf } from '../api/door.ts';
import {
  bindPersonKey,
  draft,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  revoke,
  sign,
} from './actors.ts';
import { otherSalt } from './attack.ts';
import { hold } from './holds.ts';
import { addWitness, onPaper } from './ink.ts';
import { checkLedger, type Database, type Fixture, openFixture } from './ledger-fixture.ts';

/** Those of law. With those of trade in force a letter is made from their templates, and no clause of a test's own. */
const PACKS = readInOrder(foldersIn(fileURLToPath(new URL('../../packs', import.meta.url)))).filter(
  ({ templates }) => templates.length === 0,
);

/** A moment in Asia/Shanghai. */
export const at = (text: string): Instant => Date.parse(text.includes('+') ? text : `${text}+08:00`) as Instant;

export interface Court {
  readonly fixture: Fixture;
  readonly door: Door;
  readonly identifier: Party;
  readonly lender: Party;
  readonly bureau: Party;
  readonly person: Person;
  readonly handle: Handle;
  setTime(text: string): void;
  /** Writes as the lender, and wants it taken. */
  tell(path: string, body?: object): Promise<Answer['json']>;
  /** Writes as the keeper's two. */
  keeper(path: string, body: object): Promise<Answer['json']>;
  /** A signed letter of one clause or more; answers their grants. */
  give(clauses: readonly Partial<Terms>[], options?: Given): Promise<readonly GrantId[]>;
  /** The same, signed in ink and brought in by clerk and witness. */
  giveInInk(clauses: readonly Partial<Terms>[]): Promise<readonly GrantId[]>;
  revoke(grant: GrantId): Promise<unknown>;
  /** The subject freezes everything. */
  freeze(): Promise<unknown>;
  /** The lender says that it told the subject something, now or then. */
  notice(kind: string, items: readonly string[], sentAt?: number): Promise<unknown>;
  otherPerson(): Promise<Person>;
  /** The request for an access; what is not said is the lender's, of a loan application, at the bureau. */
  access(change: object): Readonly<Record<string, unknown>>;
  /** Asks for one, and wants it decided and explained alike. */
  ask(change: object, by?: Party): Promise<Answer['json']>;
  close(): Promise<void>;
}

export interface Given {
  readonly warnings?: readonly string[];
  readonly ticks?: readonly boolean[];
}

export interface CourtOptions {
  readonly time: string;
  readonly subject?: 'person' | 'firm';
  /** Whether it is stated that the person is of age. */
  readonly isAdult?: boolean;
  /** PostgreSQL, where it is not said. */
  readonly database?: Database;
  readonly postgresUrl?: string;
}

const TEN_YEARS_MS = 10 * 366 * 86_400_000;

export async function openCourt({
  time,
  subject = 'person',
  isAdult = true,
  database = 'postgres',
  postgresUrl,
}: CourtOptions): Promise<Court> {
  const fixture = await openFixture(database, { time: at(time), postgresUrl });
  const { context } = fixture;
  const door = doorTo(fixture);
  const keeper = async (path: string, body: object) => taken(await door.asKeeper().post(path, body));
  for (const pack of PACKS) await keeper('/v1/packs', { pack });
  const [identifier, lender, bureau] = [
    await newParty(context, 'identifier'),
    await newParty(context, 'grantee'),
    await newParty(context, 'bureau'),
  ];
  for (const [party, kind] of [
    [lender, 'bank'],
    [bureau, 'personal_bureau'],
  ] as const) {
    await keeper(`/v1/parties/${party.party}/licences`, { kind, from: at('2010-01-01T00:00:00'), to: null });
  }
  const person = await newPerson();
  const handle = await enrolPerson(context, lender, person, subject);
  await bindPersonKey(context, { lender, person, handle, identifier });
  const tell = async (path: string, body: object = {}) =>
    taken(
      await door.as(signersOf(lender)).post(`/v1/relationships/${handle}${path}`, { principal: lender.party, ...body }),
    );
  if (subject === 'person' && isAdult) {
    await tell('/attestations/subject', { band: 'adult', own_income: true, guardian: false });
  }
  const access = (change: object) => ({
    principal: lender.party,
    handle,
    action: 'QUERY',
    purpose: 'loan_apply',
    items: ['credit_report'],
    door: bureau.party,
    bound: null,
    ...change,
  });
  return {
    fixture,
    door,
    identifier,
    lender,
    bureau,
    person,
    handle,
    setTime: (text) => fixture.setTime(at(text)),
    tell,
    keeper,
    async give(clauses, { warnings = [], ticks } = {}) {
      const grants = clauses.map((clause) => clauseOf(bureau.party, context.clock(), clause));
      const drafted = await draft(context, { lender, handle, grants, warnings });
      await sign(context, drafted, person, ticks ?? clauses.map(() => true));
      return drafted.grants.map(({ grant }) => grant);
    },
    async giveInInk(clauses) {
      const grants = clauses.map((clause) => clauseOf(bureau.party, context.clock(), clause));
      const printed = await draft(context, { lender, handle, grants });
      const counter = door.as(await addWitness(context, lender));
      const body = onPaper(lender, printed, context.clock());
      return taken(await counter.post(`/v1/letters/${printed.letter}/paper`, body)).given;
    },
    revoke: (grant) => revoke(context, lender, person, grant),
    freeze: () => hold(context, lender, person, { handle, kind: 'freeze' }),
    notice: (kind, items, sentAt = context.clock()) =>
      tell('/notices', { kind, channel: 'sms', items, content: otherSalt(), delivery: otherSalt(), sent_at: sentAt }),
    otherPerson: newPerson,
    access,
    async ask(change, by = lender) {
      const caller = door.as(signersOf(by));
      const answer = taken(await caller.post('/v1/accesses', access({ principal: by.party, ...change })));
      if (answer.ground !== null) await expectExplained(caller, answer);
      return answer;
    },
    async close() {
      await checkLedger(fixture);
      await fixture.close();
    },
  };
}

function clauseOf(bureau: PartyId, now: number, clause: Partial<Terms>): Omit<Terms, 'grant'> {
  const action = clause.action ?? 'QUERY';
  return {
    action,
    purposes: ['loan_apply'],
    items: ['credit_info', 'credit_report'],
    sources: action === 'QUERY' ? [bureau] : [],
    recipients: action === 'REPORT' || action === 'PROVIDE' ? [bureau] : [],
    from: null,
    to: (now + TEN_YEARS_MS) as Instant,
    basis: 'written_consent',
    necessity: 'necessary',
    uses_max: null,
    frequency: null,
    staleness_ms: null,
    ...clause,
  };
}

/** What explains a decision says the same as it: each code comes from a check or a rule that is named. */
async function expectExplained(caller: Door, { access, decision, codes, law }: Answer['json']): Promise<void> {
  const { json: explained } = await caller.get(`/v1/accesses/${access}/explanation`);
  expect(explained).toMatchObject({ access, decision, codes });
  const failed = explained.checks.filter((check: Answer['json']) => check.failed);
  const broken = explained.rules.filter((rule: Answer['json']) => !rule.met);
  const denying = broken.flatMap((rule: Answer['json']) => rule.otherwise.deny ?? []);
  const found = new Set([...failed.map((check: Answer['json']) => check.code), ...denying]);
  // A use that is recorded late is judged at its own time, too.
  expect(codes).toEqual(expect.arrayContaining([...found]));
  expect(explained.would_allow.length > 0).toBe(found.size > 0);
  expect(broken.map((rule: Answer['json']) => rule.id)).toEqual(law.rules);
  for (const rule of broken) for (const cited of rule.law) expect(cited.title).not.toBeNull();
}

function taken(answer: Answer): Answer['json'] {
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.json;
}
