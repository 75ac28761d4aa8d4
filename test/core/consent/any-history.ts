/** Random histories of one relationship: any command, and commands that fit what stands. */
import fc from 'fast-check';
import type { JsonObject } from '#core/canonical.ts';
import { HOLD_KINDS, type HoldDraft } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, commandOf, evolve } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import { isFailure } from '#core/failure.ts';
import type { GrantId, LetterId, PartyId, StatementRef } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { verifyLink } from '#core/tlog/chain.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { partyStream, refusedStream, type StreamId } from '#core/tlog/stream.ts';
import { CANDIDATES, granteeBound, withBanks } from './paper-candidates.ts';
import {
  amendDrafted,
  ask,
  type askInput,
  BUREAU,
  calledBy,
  DAY,
  declined,
  drafted,
  finding,
  frozen,
  held,
  holdDrafted,
  IDENTIFIER,
  LENDER,
  longer,
  MINUTE,
  OTHER_BUREAU,
  OTHER_LENDER,
  operatorOf,
  type Paper,
  PERSON,
  paperId,
  refusedInput,
  relationshipOf,
  revoked,
  sealedBy,
  signed,
  stated,
  TODAY,
} from './paper-ledger.ts';

// Small pools, so that what is asked often meets what was given.
const letterIds = fc.integer({ min: 1, max: 4 }).map((n) => paperId<LetterId>(0xe00 + n));
export const grantIds = fc.integer({ min: 1, max: 6 }).map((n) => paperId<GrantId>(0xf00 + n));
const refs = fc.integer({ min: 1, max: 6 }).map((n) => paperId<StatementRef>(0xa00 + n));
export const doors = fc.constantFrom(BUREAU, OTHER_BUREAU, OTHER_LENDER);
export const codes = (word: string) => fc.constantFrom(`${word}_a`, `${word}_b`, `${word}_c`);
export const some = <T>(of: fc.Arbitrary<T>) => fc.uniqueArray(of, { minLength: 1, maxLength: 3 });
export const actions = fc.constantFrom('QUERY', 'REPORT', 'PROVIDE', 'SCORE', 'STORE');
export const instants = fc.integer({ min: -5, max: 40 }).map((minutes) => (TODAY + minutes * MINUTE) as Instant);

const ends = fc.integer({ min: 1, max: 60 }).map((minutes) => (TODAY + minutes * MINUTE) as Instant);

export const seldom = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: of });

export const anyTerms: fc.Arbitrary<Terms> = fc
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
    candidates: seldom(fc.shuffledSubarray([LENDER, ...CANDIDATES], { minLength: 2 })),
  })
  .map(({ doors: named, candidates, ...rest }) => ({
    ...rest,
    ...(candidates === null ? {} : { candidates }),
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
    .map((change) => signed({ ...change, declined_items: change.given.map(() => []) })),
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
  fc.record({ key: fc.nat(3), signed_by: fc.nat(3) }).map((ending) => ({
    type: 'person.key_ended',
    stream: PERSON,
    input: { ...ending, identified_by: null, brought_by: null, signed_at: TODAY as Instant, ...stated() },
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
            found &&
            signed({
              letter: found[0] as LetterId,
              given: found[1].grants.map(() => true),
              declined_items: found[1].grants.map(() => []),
              signed_at: now,
            })
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
  {
    weight: 4,
    arbitrary: fc.nat().map(
      (n): Fitting =>
        (paper) => {
          const open = Object.values(relationshipOf(paper).grants).filter(
            ({ terms, bound }) => terms.candidates !== undefined && (bound === undefined || n % 4 === 0),
          );
          const { grant, candidates = [] } = pickFrom(open, n)?.terms ?? {};
          return grant && granteeBound({ grant, party: pickFrom(candidates, n >> 4) as PartyId });
        },
    ),
  },
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
  {
    weight: 2,
    arbitrary: fc.nat().map(
      (n): Fitting =>
        (paper, now) =>
          contest(paper, n, now),
    ),
  },
  fc.nat().map(
    (n): Fitting =>
      (paper) =>
        find(paper, n),
  ),
  {
    weight: 2,
    arbitrary: fc.nat().map(
      (n): Fitting =>
        (paper, now) => {
          const held = pickFrom(Object.entries(relationshipOf(paper).holds), n);
          return held && signedHold(held[0] as StatementRef, held[1], now);
        },
    ),
  },
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
          const all = Object.values(relationshipOf(paper).grants);
          const bound = all.filter((each) => each.bound !== undefined);
          const grant = pickFrom(n % 3 === 0 && bound.length > 0 ? bound : all, n >> 2);
          if (grant === undefined) return undefined;
          const { grant: id, action, purposes, items, sources, recipients } = grant.terms;
          const door = [...sources, ...recipients][0] ?? null;
          // Mostly whose it is.
          const principal = n % 5 === 0 ? LENDER : (grant.bound?.party ?? LENDER);
          const purpose = pickFrom(purposes, n >> 4) as string;
          return ask({ principal, ground: { grant: id }, action, purpose, items, door });
        },
    ),
  },
);

/** Contests what nobody contests, or affirms what its subject contests: first a draft, then its signature. */
function contest(paper: Paper, n: number, now: Instant): Command | undefined {
  const { holds, grants } = relationshipOf(paper);
  const waiting = Object.entries(holds).find(([, { kind }]) => kind === 'object' || kind === 'affirm');
  if (waiting !== undefined) return signedHold(waiting[0] as StatementRef, waiting[1], now);
  const standing = Object.values(grants).filter((grant) => grant.revoked_at === null && now < grant.terms.to);
  const contested = standing.find(({ contested: own }) => own !== undefined);
  const grant = (contested ?? pickFrom(standing, n))?.terms.grant;
  const ref = paperId<StatementRef>(0xd00 + (n % 64));
  const kind = contested === undefined ? 'object' : 'affirm';
  return grant && holdDrafted({ kind, grant, ref, expires_at: (now + MINUTE) as Instant });
}

/** A finding of whom a grant concerns, or the end of one. */
function find(paper: Paper, n: number): Command | undefined {
  const grants = Object.values(relationshipOf(paper).grants);
  const found = n % 2 === 0 ? grants.find(({ findings = [] }) => findings.length > 0) : undefined;
  const party = found?.findings?.[0]?.party;
  if (found !== undefined && party !== undefined) {
    return finding('finding.lifted', { grant: found.terms.grant, principal: party, ...calledBy(party) });
  }
  const terms = pickFrom(grants, n)?.terms;
  const principal = pickFrom([LENDER, ...(terms?.sources ?? []), ...(terms?.recipients ?? [])], n >> 2) as PartyId;
  return terms && finding('finding.recorded', { grant: terms.grant, principal, ...calledBy(principal) });
}

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
  const now = (kind === 'resume' || kind === 'release' || kind === 'affirm' ? time + 1 : time) as Instant;
  if (kind === 'confirm') throw new Error('no history here drafts what confirms a grant');
  if (kind === 'freeze') return frozen('relationship.frozen', { ref, signed_at: now });
  if (kind === 'release') return frozen('relationship.released', { ref, signed_at: now });
  return held(HELD[kind], { ref, grant: grant as GrantId, signed_at: now });
}

export const steps = fc.array(
  fc.tuple(fc.oneof(anyCommand, { weight: 2, arbitrary: fitting }), fc.constantFrom(0, 0, 0, 1, MINUTE)),
  {
    minLength: 20,
    maxLength: 60,
    size: 'max',
  },
);

/** Runs commands as a server would: what is refused leaves nothing behind. */
export function run(commands: readonly (readonly [Command | Fitting, number])[]): Paper {
  const paper = withBanks();
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
export function replay(paper: Paper, look: (view: View, entry: Entry, after: JsonObject) => void): void {
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
