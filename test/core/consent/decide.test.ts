import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText, encodeCanonical, type Json, type JsonObject } from '#core/canonical.ts';
import { ENGINE } from '#core/consent/engine.ts';
import { statusOf } from '#core/consent/grant.ts';
import { type Grant, HOLD_KINDS, type HoldDraft, type Relationship } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, commandOf, decide, decideAgain, evolve, touches } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import { PERMIT_MS } from '#core/consent/use.ts';
import { isFailure } from '#core/failure.ts';
import { useSha256 } from '#core/hash.ts';
import type { GrantId, LetterId, PartyId, StatementRef } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { verifyLink } from '#core/tlog/chain.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { partyStream, refusedStream, type StreamId } from '#core/tlog/stream.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  amendDrafted,
  ask,
  type askInput,
  BUREAU,
  calledBy,
  changed,
  DAY,
  declined,
  drafted,
  frozen,
  hashOf,
  held,
  holdDrafted,
  IDENTIFIER,
  LENDER,
  longer,
  MINUTE,
  OTHER_BUREAU,
  OTHER_LENDER,
  openedPaper,
  operatorOf,
  outcomeOf,
  type Paper,
  PERSON,
  paperId,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  refusedInput,
  relationshipOf,
  revoked,
  sealedBy,
  signed,
  signedPaper,
  signerOf,
  stated,
  TODAY,
  terms,
} from './paper-ledger.ts';

useSha256(nativeSha256);

// Small pools, so that what is asked often meets what was given.
const letterIds = fc.integer({ min: 1, max: 4 }).map((n) => paperId<LetterId>(0xe00 + n));
const grantIds = fc.integer({ min: 1, max: 6 }).map((n) => paperId<GrantId>(0xf00 + n));
const refs = fc.integer({ min: 1, max: 6 }).map((n) => paperId<StatementRef>(0xa00 + n));
const doors = fc.constantFrom(BUREAU, OTHER_BUREAU, OTHER_LENDER);
const codes = (word: string) => fc.constantFrom(`${word}_a`, `${word}_b`, `${word}_c`);
const some = <T>(of: fc.Arbitrary<T>) => fc.uniqueArray(of, { minLength: 1, maxLength: 3 });
const actions = fc.constantFrom('QUERY', 'REPORT', 'PROVIDE', 'SCORE', 'STORE');
const instants = fc.integer({ min: -5, max: 40 }).map((minutes) => (TODAY + minutes * MINUTE) as Instant);

const ends = fc.integer({ min: 1, max: 60 }).map((minutes) => (TODAY + minutes * MINUTE) as Instant);

const seldom = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: of });

const anyTerms: fc.Arbitrary<Terms> = fc
  .record({
    grant: grantIds,
    action: actions,
    purposes: some(codes('purpose')),
    items: some(codes('item')),
    doors: some(doors),
    from: fc.option(instants, { nil: null, freq: 2 }),
    to: ends,
    basis: fc.constantFrom('consent', 'written_consent'),
    necessity: fc.constantFrom('necessary', 'optional'),
    uses_max: seldom(fc.integer({ min: 1, max: 4 })),
    frequency: seldom(
      fc.record({ count: fc.integer({ min: 1, max: 3 }), period_ms: fc.constantFrom(MINUTE, 10 * MINUTE) }),
    ),
    staleness_ms: seldom(fc.constantFrom(1_000, 2 * MINUTE, DAY)),
  })
  .map(({ doors: named, ...rest }) => ({
    ...rest,
    sources: rest.action === 'QUERY' ? named : [],
    recipients: rest.action === 'REPORT' || rest.action === 'PROVIDE' ? named : [],
    // Only what goes through a door is verified by one.
    staleness_ms: rest.action === 'SCORE' || rest.action === 'STORE' ? null : rest.staleness_ms,
  }));

const anyAsk = fc
  .record({
    ground: fc.oneof(
      { weight: 6, arbitrary: grantIds.map((grant) => ({ grant })) },
      { weight: 1, arbitrary: fc.constant({ basis: 'statutory_duty', reference: false } as const) },
    ),
    action: actions,
    purpose: codes('purpose'),
    items: fc.uniqueArray(codes('item'), { maxLength: 3 }),
    door: fc.option(doors, { nil: null }),
  })
  .map((change) => ask(change));

const evidences = fc.constantFrom(
  { grade: 'B', kind: 'ed25519', method: 'identity_provider', identified_by: IDENTIFIER } as const,
  { grade: 'D', kind: 'ed25519', method: 'link', identified_by: null } as const,
);

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc
    .record({ letter: letterIds, grants: fc.array(anyTerms, { minLength: 1, maxLength: 3 }), expires_at: ends })
    .map(drafted),
  fc
    .record({
      letter: letterIds,
      given: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
      signed_at: instants,
      evidence: evidences,
    })
    .map(signed),
  fc.record({ grant: grantIds, signed_at: instants, evidence: evidences }).map(revoked),
  { weight: 3, arbitrary: anyAsk },
  fc
    .record({ kind: fc.constantFrom(...HOLD_KINDS), grant: grantIds, ref: refs, expires_at: ends })
    .map(({ kind, grant, ...rest }) =>
      holdDrafted({ kind, ...rest, grant: kind === 'freeze' || kind === 'release' ? null : grant }),
    ),
  fc
    .record({ grant: grantIds, ref: refs, signed_at: instants, evidence: evidences })
    .chain((change) => fc.constantFrom(held('grant.paused', change), held('grant.resumed', change))),
  fc
    .record({ ref: fc.option(refs, { nil: null }), signed_at: instants, evidence: evidences })
    .chain((change) => fc.constantFrom(frozen('relationship.frozen', change), frozen('relationship.released', change))),
  fc
    .constantFrom('person.frozen', 'person.released')
    .chain((type) =>
      fc
        .constantFrom('B', 'D')
        .map((grade) => ({ type, stream: PERSON, input: { grade, signed_at: TODAY as Instant, ...stated() } })),
    ),
  anyAsk.map((command) => {
    const { action, purpose, items, door } = command.input as ReturnType<typeof askInput>;
    const input = refusedInput({ action, purpose, items, door });
    return { type: 'access.refused', stream: refusedStream(LENDER), input } as Command;
  }),
  fc.nat(99).map((n) => ({
    type: 'party.key_added',
    stream: partyStream(LENDER),
    input: {
      key: `${n}`.padStart(43, 'A'),
      operator: operatorOf(LENDER, 'query'),
      duty: 'query',
      ...calledBy(LENDER, 'admin'),
    },
  })),
  fc.constant(null).map(() => ({
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
  })),
) as fc.Arbitrary<Command>;

/** A command that depends on what stands: sign a draft, use or take back a grant. Random ids alone rarely meet. */
type Fitting = (paper: Paper, now: Instant) => Command | undefined;
const pickFrom = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(list.length, 1)];

const fitting: fc.Arbitrary<Fitting> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.nat().map(
      (n): Fitting =>
        (paper, now) => {
          const found = pickFrom(Object.entries(relationshipOf(paper).drafts), n);
          return (
            found && signed({ letter: found[0] as LetterId, given: found[1].grants.map(() => true), signed_at: now })
          );
        },
    ),
  },
  fc.nat().map(
    (n): Fitting =>
      (paper, now) => {
        const grant = pickFrom(Object.keys(relationshipOf(paper).grants), n) as GrantId | undefined;
        return grant && revoked({ grant, signed_at: now });
      },
  ),
  fc.nat().map(
    (n): Fitting =>
      (paper, now) => {
        const letter = pickFrom(Object.keys(relationshipOf(paper).drafts), n) as LetterId | undefined;
        return letter && declined({ letter, signed_at: now });
      },
  ),
  fc.nat().map(
    (n): Fitting =>
      (paper, now) => {
        const grant = pickFrom(Object.values(relationshipOf(paper).grants), n);
        if (grant === undefined) return undefined;
        const made = paperId<GrantId>(0xc00 + (n % 64));
        const expires_at = (now + MINUTE) as Instant;
        const asked = { grant: grant.terms.grant, ref: paperId<StatementRef>(0xb10 + (n % 6)), expires_at };
        return n % 2 === 0
          ? amendDrafted({ ...asked, terms: longer(grant.terms, made, grant.terms.to + MINUTE) })
          : amendDrafted({ ...asked, kind: 'narrow', terms: { ...grant.terms, grant: made } });
      },
  ),
  fc.nat().map(
    (n): Fitting =>
      (paper, now) => {
        const held = pickFrom(Object.entries(relationshipOf(paper).holds), n);
        return held && signedHold(held[0] as StatementRef, held[1], now);
      },
  ),
  fc.nat().map(
    (n): Fitting =>
      (paper, now) => {
        const { grants, frozen: isFrozen } = relationshipOf(paper);
        const paused = pickFrom(
          Object.values(grants).filter((grant) => grant.paused !== null),
          n,
        );
        const kind = isFrozen === null ? 'resume' : 'release';
        const grant = isFrozen === null ? (paused?.terms.grant as GrantId | undefined) : null;
        const expires_at = (now + MINUTE) as Instant;
        return grant === undefined
          ? undefined
          : holdDrafted({ kind, grant, ref: paperId(0xb00 + (n % 6)), expires_at });
      },
  ),
  {
    weight: 12,
    arbitrary: fc.nat().map(
      (n): Fitting =>
        (paper) => {
          const grant = pickFrom(Object.values(relationshipOf(paper).grants), n);
          if (grant === undefined) return undefined;
          const { grant: id, action, purposes, items, sources, recipients } = grant.terms;
          const door = [...sources, ...recipients][0] ?? null;
          return ask({ ground: { grant: id }, action, purpose: pickFrom(purposes, n >> 4) as string, items, door });
        },
    ),
  },
);

const HELD = {
  pause: 'grant.paused',
  resume: 'grant.resumed',
  extend: 'grant.extended',
  narrow: 'grant.narrowed',
  object: 'grant.contested',
  affirm: 'grant.affirmed',
} as const;

function signedHold(ref: StatementRef, { kind, grant }: HoldDraft, time: Instant): Command {
  // What ends a hold is signed later than what began it.
  const now = (kind === 'resume' || kind === 'release' ? time + 1 : time) as Instant;
  if (kind === 'freeze') return frozen('relationship.frozen', { ref, signed_at: now });
  if (kind === 'release') return frozen('relationship.released', { ref, signed_at: now });
  return held(HELD[kind], { ref, grant: grant as GrantId, signed_at: now });
}

const steps = fc.array(
  fc.tuple(fc.oneof(anyCommand, { weight: 2, arbitrary: fitting }), fc.constantFrom(0, 0, 0, 1, MINUTE)),
  {
    minLength: 20,
    maxLength: 60,
  },
);

/** Runs commands as a server would: what is refused leaves nothing behind. */
function run(commands: readonly (readonly [Command | Fitting, number])[]): Paper {
  const paper = openedPaper();
  let now = TODAY;
  for (const [asks, later] of commands) {
    now += later;
    const command = typeof asks === 'function' ? asks(paper, now as Instant) : asks;
    if (command === undefined) continue;
    try {
      paper.write(command, now);
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
    }
  }
  return paper;
}

/** Folds a ledger anew from its bytes, and shows each entry beside the ledger as it stood before. */
function replay(paper: Paper, look: (view: View, entry: Entry, after: JsonObject) => void): void {
  const streams = new Map<StreamId, { seq: number; leaf: never; state: JsonObject }>();
  const view: View = { head: (stream) => streams.get(stream), state: (stream) => streams.get(stream)?.state };
  for (const { bytes, leaf } of paper.lines) {
    const entry = parseEntry(bytes);
    const { seq } = verifyLink(view.head(entry.stream), entry, leaf);
    const after = evolve(view.state(entry.stream), commandOf(entry).type, entry);
    look(view, entry, after);
    streams.set(entry.stream, { seq, leaf: leaf as never, state: after });
  }
}

describe('any history that the rules permit', () => {
  test('is decided again byte for byte, from its bytes alone', () => {
    let count = 0;
    fc.assert(
      fc.property(steps, (commands) => {
        const paper = run(commands);
        replay(paper, (view, entry, after) => {
          decideAgain(view, entry);
          const body = decide(view, commandOf(entry), entry.time);
          expect(encodeCanonical(body)).toEqual(encodeCanonical(entry.body));
          // A state that went through the database decides alike.
          const stored: View = { head: view.head, state: (each) => json(view.state(each)) };
          expect(canonicalText(decide(stored, commandOf(entry), entry.time))).toBe(canonicalText(body));
          expect(canonicalText(json(after) as JsonObject)).toBe(canonicalText(after));
          count++;
        });
        for (const stream of new Set(paper.lines.map((line) => line.entry.stream))) {
          expect(paper.state(stream), stream).toBeDefined();
        }
      }),
      { numRuns: 60 },
    );
    expect(count).toBeGreaterThan(60 * 8);
  });

  test('never gives back what was taken back, and never changes the terms of what was given', () => {
    fc.assert(
      fc.property(steps, (commands) => {
        replay(run(commands), (view, entry, after) => {
          if (entry.stream !== REL || entry.seq === 0) return;
          const before = (view.state(REL) as unknown as Relationship).grants;
          const { grants, signed: letters } = after as unknown as Relationship;
          for (const [id, grant] of Object.entries(before)) {
            expect(grants[id]?.terms).toEqual(grant.terms);
            if (grant.revoked_at !== null) expect(grants[id]).toEqual(grant);
            expect(grants[id]?.used).toBeGreaterThanOrEqual(grant.used);
          }
          expect(new Set(letters).size).toBe(letters.length);
        });
      }),
      { numRuns: 100 },
    );
  });

  test('has no allow at or after the end of its grant, nor before its beginning (I3)', () => {
    let allows = 0;
    fc.assert(
      fc.property(steps, (commands) => {
        const revokedAt = new Map<string, number>();
        replay(run(commands), (view, { type, body, seq, time }) => {
          if (type === 'grant.revoked') revokedAt.set(body['grant'] as string, seq);
          if (type !== 'access.decided' || body['decision'] !== 'allow') return;
          allows++;
          const id = (body['ground'] as { grant: string }).grant;
          const grant = (view.state(REL) as unknown as Relationship).grants[id] as Grant;
          expect(revokedAt.has(id)).toBe(false);
          expect(grant.paused).toBeNull();
          expect((view.state(REL) as unknown as Relationship).frozen).toBeNull();
          expect(statusOf(grant, time)).toBe('active');
          expect(time).toBeLessThan(grant.terms.to);
          expect(time).toBeGreaterThanOrEqual(grant.terms.from ?? 0);
          expect(time).toBeGreaterThanOrEqual(grant.given_at);
          expect(grant.given_at).toBeGreaterThanOrEqual(grant.signed_at);
          expect(grant.terms.action).toBe(body['action']);
          expect(grant.terms.purposes).toContain(body['purpose']);
          expect(grant.terms.items).toEqual(expect.arrayContaining(body['items'] as never));
        });
      }),
      { numRuns: 400 },
    );
    expect(allows).toBeGreaterThan(100);
  });

  test('reads no other stream than it says it touches', () => {
    fc.assert(
      fc.property(steps, (commands) => {
        replay(run(commands), (view, entry) => {
          const command = commandOf(entry);
          const read = new Set<StreamId>();
          const readOf = (stream: StreamId): [StreamId] => {
            read.add(stream);
            return [stream];
          };
          const watched: View = {
            head: (stream) => view.head(...readOf(stream)),
            state: (stream) => view.state(...readOf(stream)),
          };
          decide(watched, command, entry.time);
          expect(touches(command)).toEqual(expect.arrayContaining([...read]));
        });
      }),
      { numRuns: 20 },
    );
  });
});

const pauses = seldom(fc.constantFrom('B', 'D').map((grade) => ({ at: TODAY, grade, signed_at: TODAY }) as const));

/** A grant and an access that agree as often as not. */
const standing = fc
  .record({
    grant: anyTerms,
    grade: fc.constantFrom('A', 'B', 'C', 'D'),
    revoked: fc.boolean(),
    paused: pauses,
    used: fc.nat(4),
    recent: fc.array(instants, { maxLength: 3 }),
    now: instants,
  })
  .map(({ grant, grade, revoked: gone, paused, used, recent, now }) => ({
    now,
    grant: {
      terms: grant,
      letter: paperId<LetterId>(1),
      signed_at: TODAY,
      given_at: TODAY,
      grade,
      revoked_at: gone ? TODAY : null,
      paused: gone ? null : paused,
      used,
      recent,
    } as Grant,
  }));
const paper = signedPaper();
const relationship = relationshipOf(paper);
const viewWith = (grants: Readonly<Record<string, Grant>>): View =>
  changed(paper, { [REL]: { ...relationship, grants } });

/** An access under a grant that mostly takes what the grant gives. */
const askUnder = (grant: Grant) =>
  fc
    .record({
      action: fc.oneof({ weight: 9, arbitrary: fc.constant(grant.terms.action) }, actions),
      purpose: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...grant.terms.purposes) }, codes('purpose')),
      items: fc.oneof(
        { weight: 9, arbitrary: fc.subarray([...grant.terms.items], { minLength: 1 }) },
        some(codes('item')),
      ),
      door: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...grant.terms.sources, ...grant.terms.recipients, null) },
        doors,
      ),
    })
    .map((change) => ask({ ...change, ground: { grant: grant.terms.grant } } as never));
const asked = standing.chain((made) => askUnder(made.grant).map((command) => ({ ...made, command })));

/** A frequency that allows less. */
function rarer(frequency: Terms['frequency']): Terms['frequency'] {
  if (frequency === null) return { count: 1, period_ms: 10 * MINUTE };
  return { count: Math.max(frequency.count - 1, 1), period_ms: 2 * frequency.period_ms };
}

describe('a decision', () => {
  test('never depends on the other grants of the relationship', () => {
    const others = fc.dictionary(
      grantIds,
      standing.map(({ grant }) => grant),
    );
    fc.assert(
      fc.property(asked, others, others, ({ grant, now, command }, some_, more) => {
        const { grant: id } = grant.terms;
        const outcome = outcomeOf(viewWith({ [id]: grant }), command, now);
        expect(outcomeOf(viewWith({ ...some_, [id]: grant }), command, now)).toEqual(outcome);
        expect(outcomeOf(viewWith({ ...more, [id]: grant }), command, now)).toEqual(outcome);
      }),
      { numRuns: 300 },
    );
  });

  test('is the same whenever it is asked for, and changes nothing that it reads', () => {
    fc.assert(
      fc.property(asked, ({ grant, now, command }) => {
        const view = viewWith({ [grant.terms.grant]: grant });
        const before = canonicalText(view.state(REL) as JsonObject);
        const bodies = [1, 2, 3].map(() => canonicalText(decide(view, command, now)));
        expect(new Set(bodies).size).toBe(1);
        expect(canonicalText(view.state(REL) as JsonObject)).toBe(before);
      }),
    );
  });

  test('never allows more under a narrower grant', () => {
    let narrowed = 0;
    fc.assert(
      fc.property(asked, fc.nat(), fc.nat(60), ({ grant, now, command }, pick, minutes) => {
        const { terms: wide } = grant;
        const less = <T>(list: readonly T[]): readonly T[] => list.toSpliced(pick % Math.max(list.length, 1), 1);
        const narrow: Partial<Grant>[] = [
          { terms: { ...wide, items: less(wide.items) } },
          { terms: { ...wide, purposes: less(wide.purposes) } },
          { terms: { ...wide, sources: less(wide.sources) } },
          { terms: { ...wide, recipients: less(wide.recipients) } },
          { terms: { ...wide, to: wide.to - minutes * MINUTE } },
          { terms: { ...wide, from: (wide.from ?? 0) + minutes * MINUTE } },
          { grade: 'D' },
          { revoked_at: TODAY },
          { paused: { at: TODAY, grade: 'D', signed_at: TODAY } },
          { terms: { ...wide, uses_max: wide.uses_max === null ? 1 : Math.max(wide.uses_max - 1, 1) } },
          { terms: { ...wide, frequency: rarer(wide.frequency) } },
          { used: grant.used + 1 },
          { recent: [...grant.recent, now] },
        ];
        const id = wide.grant;
        const before = outcomeOf(viewWith({ [id]: grant }), command, now);
        for (const change of narrow) {
          const after = outcomeOf(viewWith({ [id]: { ...grant, ...change } }), command, now);
          if (before.decision === 'deny') expect(after.decision).toBe('deny');
          // And no reason to deny goes away.
          expect(after.codes).toEqual(expect.arrayContaining([...before.codes]));
          if (before.decision !== after.decision) narrowed++;
        }
      }),
      { numRuns: 400 },
    );
    expect(narrowed).toBeGreaterThan(50);
  });

  test('never allows more when more is asked', () => {
    fc.assert(
      fc.property(asked, codes('item'), ({ grant, now, command }, item) => {
        const view = viewWith({ [grant.terms.grant]: grant });
        const input = command.input as ReturnType<typeof askInput>;
        const more = { ...command, input: { ...input, items: [...input.items, item] } } as Command;
        const before = outcomeOf(view, command, now);
        if (before.decision === 'deny' && input.items.length > 0) {
          expect(outcomeOf(view, more, now).decision).toBe('deny');
        }
      }),
    );
  });
});

describe('the body of an access, decided again', () => {
  const ledger = signedPaper();
  // What was allowed reserves a use: each was decided before the other's.
  const before = changed(ledger, { [REL]: relationshipOf(ledger) });
  const allow = ledger.write(ask(), TODAY + DAY).entry;
  const deny = ledger.write(ask({ purpose: 'marketing', items: ['tax'] }), TODAY + DAY).entry;
  const again = (entry: Entry, change: JsonObject) => () =>
    decideAgain(before, { ...entry, body: { ...entry.body, ...change } });

  test('is what it was', () => {
    expect(allow.body['decision']).toBe('allow');
    expect(deny.body['codes']).toEqual(['PURPOSE', 'SCOPE']);
    for (const entry of [allow, deny]) expect(again(entry, {})).not.toThrow();
  });

  /** What the decision says, and what it rests on: any other value is another decision. */
  test.each<[string, Entry, JsonObject]>([
    ['decision', allow, { decision: 'deny' }],
    ['decision', deny, { decision: 'allow' }],
    ['decision', allow, { decision: 'ALLOW' }],
    ['decision', allow, { decision: null }],
    ['codes', allow, { codes: ['NOAUTH'] }],
    ['codes', deny, { codes: [] }],
    ['codes', deny, { codes: ['PURPOSE'] }],
    ['codes', deny, { codes: ['SCOPE', 'PURPOSE'] }],
    ['codes', deny, { codes: ['PURPOSE', 'SCOPE', 'SCOPE'] }],
    ['decision and codes', deny, { decision: 'allow', codes: [] }],
    ['decision and codes', allow, { decision: 'deny', codes: ['REVOKED'] }],
    ['until', allow, { until: null }],
    ['until', allow, { until: TODAY + DAY + PERMIT_MS + 1 }],
    ['until', deny, { until: TODAY + DAY + PERMIT_MS }],
    ['offline', allow, { offline: true }],
    ['offline', deny, { offline: true }],
    ['offline', allow, { offline: null }],
    ['bound', allow, { bound: 'not a hash' }],
    ['saw', allow, { saw: hashOf(1) }],
    ['saw', allow, { saw: null }],
    ['engine', allow, { engine: ENGINE + 1 }],
    ['engine', allow, { engine: 0 }],
    ['principal', allow, { principal: OTHER_LENDER }],
    ['principal', allow, { principal: BUREAU }],
    ['ground', allow, { ground: { grant: REPORT_GRANT } }],
    ['ground', allow, { ground: { grant: paperId(5) } }],
    ['ground', allow, { ground: { basis: 'judicial', reference: true } }],
    ['ground', allow, { ground: { grant: QUERY_GRANT, basis: 'judicial' } }],
    ['ground', allow, { ground: {} }],
    ['action', allow, { action: 'REPORT' }],
    ['purpose', allow, { purpose: 'marketing' }],
    ['purpose', deny, { purpose: 'loan_apply' }],
    ['items', allow, { items: ['tax'] }],
    ['items', allow, { items: [] }],
    ['door', allow, { door: OTHER_BUREAU }],
    ['door', allow, { door: null }],
    ['idem', allow, { idem: 'not a hash' }],
    ['auth', allow, { auth: 'trusted' }],
    ['auth', allow, { auth: 'none' }],
    ['auth', allow, { auth: 'session' }],
    ['auth', allow, { auth: 'statement' }],
    ['auth', allow, { auth: 'statement', by: [], request: null }],
    ['request', allow, { request: null }],
    ['request', allow, { request: 'not a hash' }],
    ['by', allow, { by: [] }],
    ['by', allow, { by: [signerOf(LENDER, 'query'), signerOf(LENDER, 'admin')] }],
    ['by', allow, { by: [signerOf(LENDER, 'query'), signerOf(LENDER, 'query')] }],
    ['by', allow, { by: [signerOf(LENDER, 'admin')] }],
    ['by', allow, { by: [signerOf(OTHER_LENDER, 'query')] }],
    ['by', allow, { by: [{ ...signerOf(LENDER, 'query'), key: 1 }] }],
    ['by', allow, { by: [{ ...signerOf(LENDER, 'query'), key: 2 }] }],
    ['by', allow, { by: [{ ...signerOf(LENDER, 'query'), operator: paperId(4) }] }],
    ['access', allow, { access: 'x' }],
    ['a field more', allow, { note: 'x' }],
  ])('is refused with another %s (%#)', (_field, entry, change) => {
    expectFailure('entry_invalid', again(entry, change));
  });

  test.each(Object.keys(allow.body))('is refused without %s', (name) => {
    const { [name]: _gone, ...body } = allow.body;
    expectFailure('entry_invalid', () => decideAgain(before, { ...allow, body }));
  });

  /**
   * Inputs that are decided alike are not the rules' to refuse: that nobody changed them is what leaf, chain, tree and
   * the entry's signature say (see receipts). They are the call (`access`, `idem`, `request`) and any question that has the
   * same answer.
   */
  test.each<[string, Entry, JsonObject]>([
    ['access', allow, { access: paperId(0x123) }],
    ['idem', allow, { idem: hashOf(2) }],
    ['request', allow, { request: hashOf(3) }],
    ['request that it is bound to', allow, { bound: hashOf(4) }],
    ['purpose that was ticked as well', allow, { purpose: 'post_loan' }],
    ['items that are granted as well', allow, { items: ['credit_info', 'credit_report'] }],
    ['purpose that was not ticked either', deny, { purpose: 'guarantor' }],
  ])('decides alike with another %s', (_field, entry, change) => {
    expect(again(entry, change)).not.toThrow();
  });

  test('is refused, or decides alike, after any change at all', () => {
    const fields = fc.constantFrom(...Object.keys(allow.body));
    fc.assert(
      fc.property(fields, fc.json(), fc.boolean(), (name, text, allowed) => {
        // What is no canonical JSON is no entry: `parseEntry` refuses it.
        fc.pre(isCanonical(JSON.parse(text)));
        const value = JSON.parse(text);
        const entry = allowed ? allow : deny;
        const body = { ...entry.body, [name]: value as Json };
        try {
          decideAgain(before, { ...entry, body });
        } catch (thrown) {
          if (!isFailure(thrown, 'entry_invalid')) throw thrown;
          return;
        }
        for (const outcome of ['decision', 'codes', 'until', 'offline', 'saw']) {
          expect(body[outcome]).toEqual(entry.body[outcome]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('is refused at another moment, in another stream, or before other facts', () => {
    const end = (TODAY + 365 * DAY) as Instant;
    expectFailure('entry_invalid', () => decideAgain(before, { ...allow, time: end }));
    expectFailure('entry_invalid', () => decideAgain(before, { ...allow, stream: refusedStream(LENDER) }));
    // After it, its own permit is out.
    expectFailure('entry_invalid', () => decideAgain(ledger, allow));
    expectFailure('entry_invalid', () => decideAgain(openedPaper(), allow));
    const later = signedPaper();
    later.write(revoked(), TODAY);
    expectFailure('entry_invalid', () => decideAgain(later, allow));
    ledger.write(
      {
        type: 'party.key_added',
        stream: partyStream(LENDER),
        input: { key: 'A', operator: operatorOf(LENDER, 'query'), duty: 'query', ...calledBy(LENDER, 'admin') },
      },
      TODAY + DAY,
    );
    // The decision saw the party as it was before this key.
    expect(() => decideAgain(before, allow)).toThrow('decided otherwise');
  });
});

describe('hostile ids', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is no id, and finds nothing', (name) => {
    const view = viewWith({ [QUERY_GRANT]: relationship.grants[QUERY_GRANT] as Grant });
    expect(outcomeOf(view, ask({ ground: { grant: name as GrantId } }), TODAY).codes).toEqual(['NOAUTH']);
    const { entry } = signedPaper().write(ask(), TODAY);
    const body = { ...entry.body, ground: { grant: name } };
    expectFailure('entry_invalid', () => commandOf({ ...entry, body }));
    const draft = openedPaper().write(drafted(), TODAY).entry;
    expectFailure('entry_invalid', () => commandOf({ ...draft, body: { ...draft.body, letter: name } }));
    const grants = [{ ...terms(), grant: name }] as unknown as Json;
    expectFailure('entry_invalid', () => commandOf({ ...draft, body: { ...draft.body, grants } }));
    expectFailure('entry_invalid', () => commandOf({ ...draft, body: { ...draft.body, principal: name as PartyId } }));
  });
});

function isCanonical(value: Json): boolean {
  try {
    return encodeCanonical(value).length > 0;
  } catch {
    return false;
  }
}

function json(state: JsonObject | undefined): JsonObject | undefined {
  return state && (JSON.parse(JSON.stringify(state)) as JsonObject);
}
