/**
 * Random histories through the service, compared with a model that knows nothing of the ledger's code: a few lists, and
 * what a lawyer would say of them.
 *
 * @module
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { signKeyEnd, signKeyLoss } from '#client/key-end.ts';
import { toBase64Url } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import type { GrantId, Handle } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { bindGrantee } from '#service/bindings.ts';
import { signLetter } from '#service/letters.ts';
import { endKey, reportLoss } from '#service/subject-keys.ts';
import { loadHead } from '#store/head.ts';
import { nativeEd25519 } from '../../src/native.ts';
import {
  ask,
  bindPersonKey,
  calledBy,
  draft,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  request,
  revoke,
  signature,
} from './actors.ts';
import { checkLedger, type Fixture, ORIGIN, random } from './ledger-fixture.ts';

type Kind = 'strong' | 'link';
type Drafted = Awaited<ReturnType<typeof draft>>;

interface ModelGrant {
  readonly id: GrantId;
  readonly of: string;
  readonly action: 'QUERY' | 'REPORT';
  readonly from: number | null;
  readonly to: number;
  /** Whether it is for either lender, whichever is bound. */
  readonly open: boolean;
  /** The lender that it is bound to. */
  bound: number | undefined;
  givenAt: number | undefined;
  grade: Kind | undefined;
  revoked: string | undefined;
}

interface ModelLetter {
  readonly of: string;
  readonly drafted: Drafted;
  readonly expiresAt: number;
  readonly grants: readonly ModelGrant[];
  signed: string | undefined;
}

interface World {
  readonly fixture: Fixture;
  readonly lenders: readonly Party[];
  readonly persons: readonly { readonly byKind: Record<Kind, Person> }[];
  readonly identifier: Party;
  readonly bureau: Party;
  /** Which keys each person ever had, and those that ended, by what ended them. */
  readonly keys: Map<number, Set<Kind>>;
  readonly ended: Map<string, string>;
  readonly handles: Map<string, Handle>;
  readonly letters: ModelLetter[];
  /** Permits that are out: what was allowed, and until when the same is a duplicate. */
  readonly permits: Map<string, number>;
  now: number;
}

/** What one step does; numbers choose among what there is, so that every list of steps is a history. */
export type Step = readonly [
  kind: 'enrol' | 'bind' | 'end' | 'draft' | 'sign' | 'line' | 'revoke' | 'ask' | 'clock',
  ...choices: readonly number[],
];

/** How long a permit counts, and its access is a duplicate. */
const PERMIT_MS = 5 * 60_000;

const choice = fc.nat(11);
const stepOf = (kind: Step[0], weight: number) => ({
  weight,
  arbitrary: fc.tuple(fc.constant(kind), choice, choice, choice, choice, choice) as fc.Arbitrary<Step>,
});
const steps = fc.array(
  fc.oneof(
    stepOf('enrol', 1),
    stepOf('bind', 2),
    stepOf('end', 1),
    stepOf('draft', 3),
    stepOf('sign', 5),
    stepOf('line', 3),
    stepOf('revoke', 2),
    stepOf('ask', 12),
    stepOf('clock', 4),
  ),
  { minLength: 20, maxLength: 60, size: 'max' },
);

/** Plays `runs` random histories into the ledger, one after another, and audits it after each. */
export async function playHistories(fixture: Fixture, runs: number): Promise<Readonly<Met>> {
  const met = { allowed: 0, denied: 0, bound: 0 };
  const identifier = await newParty(fixture.context, 'identifier');
  const bureau = await newParty(fixture.context, 'bureau');
  const lenders = [await newParty(fixture.context, 'grantee'), await newParty(fixture.context, 'grantee')];
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const world = await newWorld(fixture, { identifier, bureau, lenders });
      // The first steps of every history are the ones without which nothing is ever allowed.
      const opening: Step[] = [
        ['enrol', 0, 0],
        ['bind', 0, 0, 0],
        ['draft', 0, 0, 0, 9, 9],
        ['sign', 0, 3, 0],
        // The other lender grants the line of this letter, and reports under it.
        ['line', 0, 1, 1],
        ['ask', 0, 9, 1, 0, 0],
      ];
      for (const step of [...opening, ...history]) await play(world, step, met);
      await checkLedger(fixture);
    }),
    { numRuns: runs, endOnFailure: true },
  );
  return met;
}

async function newWorld(fixture: Fixture, parties: Pick<World, 'identifier' | 'bureau' | 'lenders'>): Promise<World> {
  const persons = await Promise.all(
    [1, 2].map(async () => {
      const strong = await newPerson();
      return { byKind: { strong, link: { ...strong, key: await nativeEd25519.importSeed(random(32)) } } };
    }),
  );
  // The clock of the last history may have gone on after its last entry.
  const now = (await fixture.store.read(loadHead))!.time;
  fixture.setTime(now);
  return {
    fixture,
    ...parties,
    persons,
    keys: new Map(),
    ended: new Map(),
    handles: new Map(),
    letters: [],
    permits: new Map(),
    now,
  };
}

/** What the accesses came to; `bound`: those allowed on another lender's handle, as the one that its grant is bound to. */
interface Met {
  allowed: number;
  denied: number;
  bound: number;
}

async function play(world: World, [kind, ...rest]: Step, met: Met): Promise<void> {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = rest;
  switch (kind) {
    case 'enrol':
      return playEnrol(world, a % 2, b % 2);
    case 'bind':
      return playBind(world, a % 2, b % 2, c % 3 === 2 ? 'link' : 'strong');
    case 'end':
      return playEnd(world, a % 2, b % 2, {
        ends: c % 4 === 3 ? 'strong' : 'link',
        by: d % 4 === 3 ? 'counter' : d % 4 === 2 ? 'link' : 'strong',
      });
    case 'draft':
      return playDraft(world, a % 2, b % 2, { starts: c, lasts: d, expires: e });
    case 'sign':
      return playSign(world, a, b, c % 3 === 2 ? 'link' : 'strong');
    case 'line':
      return playLine(world, a, b, c % 2);
    case 'revoke':
      return playRevoke(world, a, b, c % 4 === 3 ? 'link' : 'strong');
    case 'ask':
      return playAsk(world, [a, b, c, d, e], met);
    case 'clock':
      return playClock(world, a, b);
  }
}

const keyOf = (lender: number, person: number) => `${lender}/${person}`;
const personOf = (of: string) => Number(of.split('/')[1]);
const lenderOf = (of: string) => Number(of.split('/')[0]);

async function playEnrol(world: World, lender: number, person: number): Promise<void> {
  const handle = await enrolPerson(world.fixture.context, world.lenders[lender]!, world.persons[person]!.byKind.strong);
  const known = world.handles.get(keyOf(lender, person));
  if (known === undefined) expect([...world.handles.values()]).not.toContain(handle);
  else expect(handle).toBe(known);
  world.handles.set(keyOf(lender, person), handle);
}

async function playBind(world: World, lender: number, person: number, kind: Kind): Promise<void> {
  const handle = world.handles.get(keyOf(lender, person));
  if (handle === undefined) return;
  const bound = world.keys.get(person) ?? new Set();
  const want = bound.has(kind)
    ? 'already_there'
    : kind === 'link' && bound.size > 0
      ? 'identification_missing'
      : 'done';
  const outcome = await outcomeOf(world, () =>
    bindPersonKey(world.fixture.context, {
      lender: world.lenders[lender]!,
      person: world.persons[person]!.byKind[kind],
      handle,
      ...(kind === 'strong' ? { identifier: world.identifier } : {}),
    }),
  );
  expect(outcome.word).toBe(want);
  if (want === 'done') world.keys.set(person, bound.add(kind));
}

interface End {
  readonly ends: Kind;
  readonly by: Kind | 'counter';
}

/** A key of the person ends another, or itself; or it is reported at a counter. */
async function playEnd(world: World, lender: number, person: number, { ends, by }: End): Promise<void> {
  const handle = world.handles.get(keyOf(lender, person));
  if (handle === undefined) return;
  const known = world.keys.get(person) ?? new Set();
  const ending = `${person}/${ends}`;
  const mark = `${world.now}/${by}/${handle}`;
  const endedBy = world.ended.get(ending);
  const want =
    !known.has(ends) || (by !== 'counter' && !known.has(by))
      ? 'subject_key_unknown'
      : endedBy !== undefined
        ? endedBy === mark && by !== 'counter'
          ? 'again'
          : 'already_revoked'
        : world.ended.has(`${person}/${by}`)
          ? 'key_ended'
          : by === 'link' && ends === 'strong'
            ? 'grade_low'
            : 'done';
  const { byKind } = world.persons[person]!;
  const said = { log: ORIGIN, handle, ends: toBase64Url(byKind[ends].key.publicKey) };
  const outcome = await outcomeOf(world, () =>
    by === 'counter'
      ? lose(world, world.lenders[lender]!, byKind.strong, said)
      : signKeyEnd(byKind[by].key, said, world.now).then((signed) =>
          endKey(world.fixture.context, request(), { handle, ...signed }),
        ),
  );
  expect(outcome.word).toBe(want);
  if (want === 'done') world.ended.set(ending, mark);
}

async function lose(
  { fixture, identifier, now }: World,
  { party }: Party,
  { idNumber }: Person,
  ending: { readonly log: string; readonly handle: Handle; readonly ends: string },
): Promise<unknown> {
  const loss = { ...ending, identity: { id_type: 'resident_id', id_number: idNumber }, salt: random(32) };
  const said = await signKeyLoss(identifier, loss, now);
  const body = { principal: party, ...said, signed_at: now as Instant };
  const path = `/v1/relationships/${ending.handle}/keys/loss`;
  return reportLoss(fixture.context, await calledBy(fixture.context, party, path, body), {
    handle: ending.handle,
    ...body,
  });
}

interface Span {
  readonly starts: number;
  readonly lasts: number;
  readonly expires: number;
}

async function playDraft(world: World, lender: number, person: number, span: Span): Promise<void> {
  const handle = world.handles.get(keyOf(lender, person));
  if (handle === undefined) return;
  const { now, bureau } = world;
  const from = span.starts < 6 ? null : now + span.starts * 500;
  const to = now + 4_000 + span.lasts * 2_000 + (from === null ? 0 : from - now);
  const expiresAt = now + 1_000 + span.expires * 1_500;
  // Every other report clause says that either lender may turn out to be its grantee.
  const open = span.expires % 2 === 1;
  const common = {
    from: from as Instant | null,
    to: to as Instant,
    basis: 'written_consent',
    necessity: 'necessary',
    uses_max: null,
    frequency: null,
    staleness_ms: null,
  } as const;
  const drafted = await draft(world.fixture.context, {
    lender: world.lenders[lender]!,
    handle,
    expires_at: expiresAt,
    grants: [
      {
        action: 'QUERY',
        purposes: ['loan_apply'],
        items: ['credit_report'],
        sources: [bureau.party],
        recipients: [],
        ...common,
      },
      {
        action: 'REPORT',
        purposes: ['credit_reporting'],
        items: ['basic'],
        sources: [],
        recipients: [bureau.party],
        ...(open ? { candidates: world.lenders.map(({ party }) => party) } : {}),
        ...common,
      },
    ],
  });
  const grants = drafted.grants.map(
    ({ grant, action }): ModelGrant => ({
      id: grant,
      of: keyOf(lender, person),
      action: action as 'QUERY' | 'REPORT',
      from,
      to,
      open: open && action === 'REPORT',
      bound: undefined,
      givenAt: undefined,
      grade: undefined,
      revoked: undefined,
    }),
  );
  world.letters.push({ of: keyOf(lender, person), drafted, expiresAt, grants, signed: undefined });
}

async function playSign(world: World, which: number, ticks: number, kind: Kind): Promise<void> {
  const letter = world.letters[which % Math.max(1, world.letters.length)];
  if (letter === undefined) return;
  const person = personOf(letter.of);
  const given = [ticks % 2 === 1, ticks % 4 >= 2];
  const mark = `${given}/${world.now}/${kind}`;
  const want = !world.keys.get(person)?.has(kind)
    ? 'subject_key_unknown'
    : letter.signed !== undefined
      ? letter.signed === mark
        ? 'again'
        : 'already_signed'
      : world.now >= letter.expiresAt
        ? 'letter_expired'
        : world.ended.has(`${person}/${kind}`)
          ? 'key_ended'
          : 'done';
  const signed = await signature(letter.drafted, world.persons[person]!.byKind[kind], given, world.now);
  const outcome = await outcomeOf(world, () =>
    signLetter(world.fixture.context, request(), { letter: letter.drafted.letter, ...signed }),
  );
  expect(outcome.word).toBe(want);
  if (want !== 'done') return;
  letter.signed = mark;
  for (const [place, grant] of letter.grants.entries()) {
    if (!given[place]) continue;
    grant.givenAt = world.now;
    grant.grade = kind;
  }
}

/** The line is granted by one of the lenders. */
async function playLine(world: World, which: number, clause: number, lender: number): Promise<void> {
  const letter = world.letters[which % Math.max(1, world.letters.length)];
  const grant = letter?.grants[clause % 3 === 0 ? 0 : 1];
  if (letter === undefined || grant === undefined) return;
  const want =
    grant.givenAt === undefined
      ? 'grant_unknown'
      : grant.revoked !== undefined
        ? 'already_revoked'
        : world.now >= grant.to
          ? 'grant_ended'
          : !grant.open
            ? 'candidate_unknown'
            : grant.bound !== undefined
              ? 'already_there'
              : 'done';
  const { context } = world.fixture;
  const handle = world.handles.get(grant.of) as Handle;
  const principal = world.lenders[lenderOf(grant.of)]!.party;
  const body = { principal, grant: grant.id, party: world.lenders[lender]!.party };
  const outcome = await outcomeOf(world, async () =>
    bindGrantee(context, await calledBy(context, principal, `/v1/relationships/${handle}/bindings`, body), {
      handle,
      ...body,
    }),
  );
  expect(outcome.word).toBe(want);
  if (want === 'done') grant.bound = lender;
}

async function playRevoke(world: World, which: number, clause: number, kind: Kind): Promise<void> {
  const letter = world.letters[which % Math.max(1, world.letters.length)];
  const grant = letter?.grants[clause % 2];
  if (letter === undefined || grant === undefined) return;
  const person = personOf(grant.of);
  const mark = `${world.now}/${kind}`;
  const want =
    grant.givenAt === undefined
      ? 'grant_unknown'
      : !world.keys.get(person)?.has(kind)
        ? 'subject_key_unknown'
        : grant.revoked !== undefined
          ? grant.revoked === mark
            ? 'again'
            : 'already_revoked'
          : world.ended.has(`${person}/${kind}`)
            ? 'key_ended'
            : world.now >= grant.to
              ? 'grant_ended'
              : 'done';
  const signer = world.persons[person]!.byKind[kind];
  const outcome = await outcomeOf(world, () =>
    revoke(world.fixture.context, world.lenders[lenderOf(grant.of)]!, signer, grant.id, world.now),
  );
  expect(outcome.word).toBe(want);
  if (want === 'done') grant.revoked = mark;
}

async function playAsk(
  world: World,
  [a, b, c, d, e]: readonly [number, number, number, number, number],
  met: Met,
): Promise<void> {
  const [of, handle] = [...world.handles][a % world.handles.size] ?? [];
  if (of === undefined || handle === undefined) return;
  const principal = b >= 9 ? 1 - lenderOf(of) : lenderOf(of);
  const grants = world.letters.flatMap((letter) => letter.grants);
  // Mostly a grant of this very relationship: others say NOAUTH, and no more.
  const own = grants.filter((grant) => grant.of === of && grant.givenAt !== undefined);
  const pool = c < 9 && own.length > 0 ? own : grants;
  const grant = pool[(c + d) % Math.max(1, pool.length)];
  const action = d < 9 ? (grant?.action ?? 'QUERY') : d % 2 ? 'QUERY' : 'REPORT';
  const purpose = e < 9 ? (action === 'QUERY' ? 'loan_apply' : 'credit_reporting') : 'marketing';
  const item = d === 4 ? 'other' : action === 'QUERY' ? 'credit_report' : 'basic';
  const door = e === 3 ? world.lenders[0]!.party : world.bureau.party;
  const view = await ask(world.fixture.context, {
    principal: world.lenders[principal]!.party,
    handle,
    ground: { grant: grant?.id ?? ('0'.repeat(32) as GrantId) },
    action,
    purpose,
    items: [item],
    door,
    bound: null,
  });
  const standing = grant !== undefined && grant.of === of && grant.givenAt !== undefined ? grant : undefined;
  const codes: string[] = [];
  const same = `${standing?.id}/${action}/${purpose}/${item}/${door}`;
  const isHolder = standing?.open === true ? standing.bound === principal : principal === lenderOf(of);
  if (principal !== lenderOf(of) && !isHolder) codes.push('PARTY');
  else if (standing === undefined) codes.push('NOAUTH');
  else {
    const right = standing.action === 'QUERY' ? ['loan_apply', 'credit_report'] : ['credit_reporting', 'basic'];
    const atBureau = door === world.bureau.party;
    if (!isHolder) codes.push('PARTY');
    if (world.now < (standing.from ?? 0)) codes.push('NOT_YET');
    if (world.now >= standing.to) codes.push('EXPIRED');
    if (standing.revoked !== undefined) codes.push('REVOKED');
    if (action !== standing.action) codes.push('ACTION');
    if (purpose !== right[0]) codes.push('PURPOSE');
    if (item !== right[1]) codes.push('SCOPE');
    if (action === 'QUERY' && (standing.action !== 'QUERY' || !atBureau)) codes.push('SOURCE');
    if (action === 'REPORT' && (standing.action !== 'REPORT' || !atBureau)) codes.push('RECIPIENT');
    if (standing.grade === 'link') codes.push('EVIDENCE');
    if ((world.permits.get(same) ?? 0) > world.now) codes.push('DUP');
  }
  expect([view.decision, view.codes]).toEqual([codes.length === 0 ? 'allow' : 'deny', codes.sort()]);
  if (codes.length === 0) world.permits.set(same, Math.min(world.now + PERMIT_MS, standing?.to ?? 0));
  if (codes.length === 0 && principal !== lenderOf(of)) met.bound++;
  if (codes.length === 0) met.allowed++;
  else met.denied++;
}

/** Time goes on a little, or to the very instant at which something begins or ends, or a millisecond to either side. */
function playClock(world: World, a: number, b: number): Promise<void> {
  const ends = world.letters
    .flatMap((letter) => [letter.expiresAt, ...letter.grants.flatMap((grant) => [grant.to, grant.from ?? 0])])
    .filter((time) => time > world.now)
    .sort((x, y) => x - y);
  const next = ends[0];
  const to = a < 6 || next === undefined ? world.now + b * 200 : next + (b % 3) - 1;
  world.now = Math.max(world.now, to);
  world.fixture.setTime(world.now);
  return Promise.resolve();
}

/** Does something, says how it ended, and checks that a refusal wrote nothing. */
async function outcomeOf(world: World, act: () => Promise<unknown>): Promise<{ readonly word: string }> {
  const size = async () => (await world.fixture.store.read(loadHead))!.size;
  const before = await size();
  try {
    await act();
    return { word: (await size()) === before ? 'again' : 'done' };
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    expect(await size()).toBe(before);
    return { word: failure.code };
  }
}
