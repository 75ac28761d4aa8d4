/**
 * Random traffic over real HTTP: lenders ask, doors admit and settle, persons take back and freeze, clocks go on and the
 * database fails, many at a time. What has to hold is then read off the ledger's entries alone, by a plain count.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type Client, openClient } from '#client/client.ts';
import { signHold, signRevocation } from '#client/device.ts';
import { type Door, openDoor } from '#client/door.ts';
import { Refused } from '#client/send.ts';
import { partySignatory } from '#client/sign.ts';
import { parseBase64Url, utf8 } from '#core/bytes.ts';
import { RESULTS, type Result } from '#core/consent/release.ts';
import type { Terms } from '#core/consent/terms.ts';
import { Failure } from '#core/failure.ts';
import type { AccessId, GrantId, Handle, PartyId } from '#core/ids.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { relationshipStream } from '#core/tlog/stream.ts';
import { loadEntries } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { serveContext } from '../../src/node/serve.ts';
import {
  bindPersonKey,
  DAY_MS,
  draft,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  sign,
} from './actors.ts';
import { checkLedger, type Database, type Fixture, openFixture, random } from './ledger-fixture.ts';

const MINUTE = 60_000;
const ITEMS = [['credit_report'], ['credit_info'], ['credit_report', 'credit_info']];

/** What the database does to a share of its transactions. */
interface Faults {
  share: number;
  injected: number;
}

interface Permit {
  readonly access: AccessId;
  readonly permit: string;
  readonly door: PartyId;
  readonly items: readonly string[];
}

interface Relation {
  readonly lender: Party;
  readonly handle: Handle;
  readonly grants: readonly Terms[];
}

interface World {
  readonly fixture: Fixture;
  readonly url: string;
  readonly faults: Faults;
  readonly lenders: readonly Party[];
  readonly bureaus: readonly Party[];
  readonly doors: readonly Door[];
  readonly person: Person;
  readonly relations: readonly Relation[];
  readonly permits: Permit[];
  /** Answers that said allow, by access; what doors admitted. */
  readonly allowed: Map<AccessId, number>;
  readonly admitted: AccessId[];
  now: number;
}

type Kind = 'ask' | 'askTwice' | 'admit' | 'astray' | 'revoke' | 'freeze' | 'release';
type Act = readonly [kind: Kind, a: number, b: number, c: number];
interface Round {
  readonly acts: readonly Act[];
  readonly step: number;
  readonly faulty: boolean;
}

const act = (kind: Kind, weight: number) => ({
  weight,
  arbitrary: fc.tuple(fc.constant(kind), fc.nat(30), fc.nat(30), fc.nat(30)) as fc.Arbitrary<Act>,
});
const rounds: fc.Arbitrary<readonly Round[]> = fc.array(
  fc.record({
    acts: fc.array(
      fc.oneof(
        act('ask', 16),
        act('askTwice', 3),
        act('admit', 16),
        act('astray', 3),
        act('revoke', 1),
        act('freeze', 1),
        act('release', 3),
      ),
      { minLength: 1, maxLength: 8, size: 'max' },
    ),
    step: fc.constantFrom(0, 0, 0, 1_000, MINUTE, 2 * MINUTE, 5 * MINUTE - 1, 5 * MINUTE, 11 * MINUTE),
    faulty: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  }),
  { minLength: 8, maxLength: 14, size: 'max' },
);
const limits = fc.record({
  uses_max: fc.option(fc.integer({ min: 1, max: 3 }), { freq: 1 }),
  frequency: fc.option(fc.record({ count: fc.integer({ min: 1, max: 2 }), period_ms: fc.constant(10 * MINUTE) })),
  staleness_ms: fc.option(fc.constant(2 * MINUTE), { freq: 3 }),
  lasts: fc.constantFrom(3 * MINUTE, 20 * MINUTE, DAY_MS),
});
type Limits = Pick<Terms, 'uses_max' | 'frequency' | 'staleness_ms'> & { readonly lasts: number };

/** What was met, so that a test says something only if there was enough of it. */
export interface Met {
  allowed: number;
  denied: number;
  admitted: number;
  injected: number;
}

/** Plays `runs` random traffics against one served ledger, and audits it after each. */
export async function playTraffic(
  database: Database,
  options: { readonly postgresUrl: string; readonly runs: number },
): Promise<Met> {
  const faults: Faults = { share: 0, injected: 0 };
  const fixture = await openFixture(database, {
    postgresUrl: options.postgresUrl,
    time: Date.now(),
    wrapStore: (store) => faultyStore(store, faults),
  });
  const server = await serveContext(fixture.context, {
    host: '127.0.0.1',
    port: 0,
    authorities: [],
    story: () => undefined,
  });
  const met: Met = { allowed: 0, denied: 0, admitted: 0, injected: 0 };
  try {
    const party = (role: 'grantee' | 'bureau' | 'identifier') => newParty(fixture.context, role);
    const lenders = [await party('grantee'), await party('grantee')];
    const bureaus = [await party('bureau'), await party('bureau')];
    const base = { fixture, url: server.url, faults, lenders, bureaus, identifier: await party('identifier') };
    await fc.assert(
      fc.asyncProperty(fc.tuple(limits, limits), rounds, async (given, history) => {
        const world = await newWorld(base, given);
        for (const round of history) await playRound(world, round);
        await expectLawful(world, met);
        await checkLedger(fixture);
      }),
      { numRuns: options.runs, endOnFailure: true },
    );
    met.injected = faults.injected;
    return met;
  } finally {
    await server.close();
    await fixture.close();
  }
}

/** A database that fails before its work, or, which is worse, after it was committed. */
function faultyStore(store: Store, faults: Faults): Store {
  const fails = () => {
    const isNow = Math.random() < faults.share;
    if (isNow) faults.injected++;
    return isNow;
  };
  const failure = () => new Failure('store_unavailable', 'injected by the test');
  return {
    ...store,
    async transaction(work) {
      if (fails()) throw failure();
      const done = await store.transaction(work);
      if (fails()) throw failure();
      return done;
    },
    async read(work) {
      if (fails()) throw failure();
      return store.read(work);
    },
  };
}

function clientOf(
  world: Pick<World, 'url'> & { readonly now: number },
  party: Party | null,
  newKey = randomUUID as () => string,
): Client {
  return openClient({
    url: world.url,
    fetch,
    signers: party === null ? [] : [partySignatory(party.party, party.key)],
    clock: () => world.now,
    newKey,
    sleep: () => sleep(1),
  });
}

type Base = Pick<World, 'fixture' | 'url' | 'faults' | 'lenders' | 'bureaus'> & { readonly identifier: Party };

async function newWorld(base: Base, given: readonly [Limits, Limits]): Promise<World> {
  const { fixture, lenders, bureaus, identifier } = base;
  const { context } = fixture;
  // The clock of the last traffic may have gone on after its last entry.
  const now = Math.max(context.clock(), (await fixture.store.read(loadHead))?.time ?? 0);
  fixture.setTime(now);
  const person = await newPerson();
  const relations: Relation[] = [];
  for (const lender of lenders) {
    const handle = await enrolPerson(context, lender, person);
    if (relations.length === 0) await bindPersonKey(context, { lender, person, handle, identifier });
    const letter = await draft(context, { lender, handle, grants: given.map((each) => termsOf(bureaus, now, each)) });
    await sign(context, letter, person, [true, true]);
    relations.push({ lender, handle, grants: letter.grants });
  }
  const world = { ...base, person, relations, doors: [] as Door[], permits: [], allowed: new Map(), admitted: [], now };
  for (const bureau of bureaus) world.doors.push(await doorOf(world, bureau));
  return world;
}

function termsOf(bureaus: readonly Party[], now: number, { lasts, ...given }: Limits): Omit<Terms, 'grant'> {
  return {
    action: 'QUERY',
    purposes: ['loan_apply'],
    items: ['credit_info', 'credit_report'],
    sources: bureaus.map(({ party }) => party),
    recipients: [],
    from: null,
    to: now + lasts,
    basis: 'written_consent',
    necessity: 'necessary',
    ...given,
  };
}

async function doorOf(world: World, bureau: Party): Promise<Door> {
  const client = clientOf(world, bureau);
  return openDoor({
    party: bureau.party,
    client: clientOf(world, bureau),
    doorKey: parseBase64Url((await client.doorKey(bureau.party)).key),
    log: world.fixture.context.ledger.origin,
    issuingKey: world.fixture.context.issuingKey.publicKey,
    ed25519: nativeEd25519,
    clock: () => world.now,
    random,
    offline: true,
    onUnsettled() {},
  });
}

async function playRound(world: World, { acts, step, faulty }: Round): Promise<void> {
  world.faults.share = faulty ? 0.15 : 0;
  await Promise.all(acts.map((each) => play(world, each)));
  await Promise.all(world.doors.map((door) => door.drain()));
  world.faults.share = 0;
  world.now += step;
  world.fixture.setTime(world.now);
}

/** Whatever is refused is refused: only the ledger's own mistakes are anybody's business here. */
async function play(world: World, [kind, a, b, c]: Act): Promise<void> {
  try {
    await ACTS[kind](world, a, b, c);
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    expect(['internal', 'unreadable']).not.toContain(thrown.code);
  }
}

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

const ACTS: Readonly<Record<Kind, (world: World, a: number, b: number, c: number) => Promise<unknown>>> = {
  ask: (world, a, b, c) => askOnce(world, clientOf(world, pick(world.relations, a).lender), a, b, c),
  async askTwice(world, a, b, c) {
    const key = randomUUID();
    const client = clientOf(world, pick(world.relations, a).lender, () => key);
    const [one, two] = await Promise.all([askOnce(world, client, a, b, c), askOnce(world, client, a, b, c)]);
    expect(one).toEqual(two);
  },
  admit: (world, a, b, c) => admit(world, a, b, c, false),
  astray: (world, a, b, c) => admit(world, a, b, c, true),
  async revoke(world, a, b) {
    const { lender, grants } = pick(world.relations, a);
    const { grant } = pick(grants, b);
    const log = world.fixture.context.ledger.origin;
    const signed = await signRevocation(world.person.key, { log, grant, grantee: lender.party }, world.now);
    await clientOf(world, null).revokeGrant(grant, signed as Parameters<Client['revokeGrant']>[1]);
  },
  freeze: (world, a) => hold(world, a, 'freeze'),
  release: (world, a) => hold(world, a, 'release'),
};

async function askOnce(world: World, client: Client, a: number, b: number, c: number): Promise<unknown> {
  const { lender, handle, grants } = pick(world.relations, a);
  const door = pick(world.bureaus, b).party;
  const items = pick(ITEMS, c);
  const answer = await client.askAccess({
    principal: lender.party,
    handle,
    ground: { grant: pick(grants, b + c).grant },
    action: 'QUERY',
    purpose: 'loan_apply',
    items,
    door,
    bound: null,
  } as Parameters<Client['askAccess']>[0]);
  if (answer.decision === 'allow') {
    world.allowed.set(answer.access as AccessId, answer.entry.index);
    if (answer.permit !== null)
      world.permits.push({ access: answer.access as AccessId, permit: answer.permit, door, items });
  }
  return answer;
}

async function admit(world: World, a: number, b: number, c: number, isAstray: boolean): Promise<void> {
  const permit = world.permits[world.permits.length - 1 - (a % Math.min(6, Math.max(1, world.permits.length)))];
  if (permit === undefined) return;
  const own = world.bureaus.findIndex(({ party }) => party === permit.door);
  const door = world.doors[isAstray && b % 2 === 0 ? 1 - own : own] as Door;
  const answer = await door.admit({
    permit: permit.permit,
    subject: { id_type: 'resident_id', id_number: world.person.idNumber },
    action: 'QUERY',
    items: isAstray && b % 2 === 1 ? ['tax'] : permit.items,
    body: new Uint8Array(),
    salt: null,
  });
  if (!answer.admitted) return;
  world.admitted.push(permit.access);
  const result = pick(RESULTS, c) as Result;
  const isSent = result === 'released';
  // One in five is never settled.
  if (c % 5 === 0) return;
  await answer.settle({
    result,
    reason: result === 'refused' ? 'OTHER' : null,
    items: isSent ? permit.items : [],
    count: isSent ? 1 : 0,
    body: isSent ? utf8('{}') : null,
  });
}

async function hold(world: World, a: number, kind: 'freeze' | 'release'): Promise<void> {
  const { lender, handle } = pick(world.relations, a);
  const drafting = { handle, kind, grant: null, expires_at: world.now + DAY_MS };
  const drafted = await clientOf(world, lender).draftStatement(drafting as Parameters<Client['draftStatement']>[0]);
  const signed = await signHold(world.person.key, drafted as Parameters<typeof signHold>[1], world.now);
  const body = signed as Parameters<Client['freeze']>[1];
  await (kind === 'freeze' ? clientOf(world, null).freeze(handle, body) : clientOf(world, null).release(handle, body));
}

interface Counted {
  readonly terms: Terms;
  revoked: boolean;
  /** Accesses that have used it, and when. */
  readonly taken: Map<string, number>;
}

/** Reads what has to hold off the entries, in their order, by a plain count. */
async function expectLawful(world: World, met: Met): Promise<void> {
  const rows = await world.fixture.store.read((tx) => loadEntries(tx, 0, Number.MAX_SAFE_INTEGER));
  const entries = rows.map(({ bytes, index }) => ({ index, entry: parseEntry(bytes) }));
  // I6: no call has made the same entry twice.
  const idems = entries.map(({ entry }) => entry.body['idem']).filter((idem) => idem !== undefined);
  expect(new Set(idems).size).toBe(idems.length);
  const released = new Map<string, number>();
  for (const { handle, grants } of world.relations) {
    const own = entries.filter(({ entry }) => entry.stream === relationshipStream(handle));
    countStream(own, grants, released, met);
  }
  // I10: whoever was let in, or told so, was let in by an entry; and nobody twice.
  expect(new Set(world.admitted).size).toBe(world.admitted.length);
  for (const access of world.admitted) expect(released.has(access)).toBe(true);
  for (const [access, index] of world.allowed) {
    expect(entries[index]?.entry.body).toMatchObject({ access, decision: 'allow' });
  }
  met.admitted += world.admitted.length;
}

function countStream(
  own: readonly { readonly index: number; readonly entry: Entry }[],
  grants: readonly Terms[],
  released: Map<string, number>,
  met: Met,
): void {
  const counted = new Map(
    grants.map((terms): [GrantId, Counted] => [terms.grant, { terms, revoked: false, taken: new Map() }]),
  );
  const grantOf = new Map<string, Counted>();
  let frozen = false;
  for (const { index, entry } of own) {
    const { type, body, time } = entry;
    const access = String(body['access']);
    if (type === 'relationship.frozen') frozen = true;
    if (type === 'relationship.released') frozen = false;
    if (type === 'grant.revoked') (counted.get(body['grant'] as GrantId) as Counted).revoked = true;
    if (type === 'access.decided') {
      grantOf.set(access, counted.get((body['ground'] as { grant: GrantId }).grant) as Counted);
      if (body['decision'] === 'allow') met.allowed++;
      else met.denied++;
    }
    const grant = grantOf.get(access);
    if (grant === undefined) continue;
    if (type === 'access.settled' && ['failed', 'refused'].includes(body['result'] as string))
      grant.taken.delete(access);
    if (body['decision'] !== 'allow') continue;
    // I3: in the order of entries nothing is allowed after the end; an instant equal to an end denies.
    expect([index, grant.revoked, frozen, time < grant.terms.to]).toEqual([index, false, false, true]);
    const isTaken = type === 'access.redeemed' || body['offline'] === true;
    if (!isTaken) continue;
    expect(released.has(access)).toBe(false);
    released.set(access, index);
    grant.taken.set(access, time);
    expectWithin(grant, time);
  }
}

/** I4: never more uses than may be, neither in all nor within any period. */
function expectWithin({ terms: { uses_max, frequency }, taken }: Counted, now: number): void {
  if (uses_max !== null) expect(taken.size).toBeLessThanOrEqual(uses_max);
  if (frequency === null) return;
  const recent = [...taken.values()].filter((at) => at > now - frequency.period_ms);
  expect(recent.length).toBeLessThanOrEqual(frequency.count);
}
