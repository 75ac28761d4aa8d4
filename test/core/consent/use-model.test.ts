/** Random sequences of asking, redeeming, settling and waiting, against a model that keeps a plain list (I4). */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RESULTS, type Result } from '#core/consent/release.ts';
import type { Terms } from '#core/consent/terms.ts';
import { isFailure } from '#core/failure.ts';
import type { AccessId, GrantId } from '#core/ids.ts';
import { CATALOGUE } from './paper-catalogue.ts';
import { id, MINUTE, NOW, openUses, type Said, SECOND, terms, type Uses } from './paper-uses.ts';

/** On law there is no limit, and nobody takes it back; another basis is another access. */
const ON_LAW = [
  { basis: 'judicial', reference: true },
  { basis: 'contract_necessary', reference: true },
] as const;
type OnLaw = (typeof ON_LAW)[number]['basis'];

/** What a clerk would write down of one access. */
interface Noted {
  readonly access: AccessId;
  readonly ground: GrantId | OnLaw;
  readonly items: string;
  readonly until: number;
  takenAt: number | undefined;
  settled: Result | undefined;
}

type Kind = 'ask' | 'ask on law' | 'redeem' | 'settle' | 'wait' | 'edge' | 'revoke' | 'freeze';
type Step = readonly [kind: Kind, a: number, b: number];
const PERIOD = 7 * MINUTE;
const ITEMS = [['credit_info'], ['credit_report'], ['credit_info', 'credit_report']];

const step = (kind: Step[0], weight: number) => ({
  weight,
  arbitrary: fc.tuple(fc.constant(kind), fc.nat(40), fc.nat(40)) as fc.Arbitrary<Step>,
});
const steps = fc.array(
  fc.oneof(
    step('ask', 10),
    step('ask on law', 5),
    step('redeem', 8),
    step('settle', 6),
    step('wait', 4),
    step('edge', 4),
    step('revoke', 1),
    step('freeze', 1),
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
);
const limits = fc.record({
  uses_max: fc.option(fc.integer({ min: 1, max: 4 })),
  frequency: fc.option(fc.record({ count: fc.integer({ min: 1, max: 3 }), period_ms: fc.constant(PERIOD) })),
  staleness_ms: fc.option(fc.constant(2 * MINUTE), { freq: 4 }),
});

interface Model {
  readonly uses: Uses;
  readonly grants: readonly Terms[];
  readonly noted: Noted[];
  readonly revoked: Set<GrantId | OnLaw>;
  frozen: boolean;
}

const gaveBack = ({ settled }: Noted) => settled === 'failed' || settled === 'refused';
const isOut = (each: Noted, now: number) =>
  each.takenAt === undefined && each.settled === undefined && now < each.until;

function codesToAsk({ uses, noted, revoked, frozen }: Model, grant: Terms, items: string): readonly string[] {
  const own = noted.filter((each) => each.ground === grant.grant);
  const out = own.filter((each) => isOut(each, uses.now));
  const spent = own.filter((each) => each.takenAt !== undefined && !gaveBack(each));
  const recent = spent.filter((each) => (each.takenAt as number) > uses.now - PERIOD);
  const codes: string[] = [];
  if (revoked.has(grant.grant)) codes.push('REVOKED');
  if (grant.uses_max !== null && spent.length + out.length >= grant.uses_max) codes.push('QUOTA');
  if (grant.frequency !== null && recent.length + out.length >= grant.frequency.count) codes.push('FREQUENCY');
  if (out.some((each) => each.items === items)) codes.push('DUP');
  if (frozen) codes.push('FROZEN');
  return codes.sort();
}

function codesToAskOnLaw({ uses, noted, frozen }: Model, basis: OnLaw, items: string): readonly string[] {
  const isDup = noted.some((each) => each.ground === basis && each.items === items && isOut(each, uses.now));
  return [...(isDup ? ['DUP'] : []), ...(frozen ? ['FROZEN'] : [])];
}

function codesToRedeem(
  { uses, revoked, frozen }: Model,
  { takenAt, settled, until, ground }: Noted,
): readonly string[] {
  if (settled !== undefined) return [uses.now >= until ? 'LAPSED' : 'REDEEMED'];
  if (takenAt !== undefined) return ['REDEEMED'];
  if (uses.now >= until) return ['LAPSED'];
  return [...(frozen ? ['FROZEN'] : []), ...(revoked.has(ground) ? ['REVOKED'] : [])];
}

function outcomeToSettle({ uses }: Model, { takenAt, settled, until }: Noted, result: Result): string {
  if (settled !== undefined || (takenAt === undefined && uses.now >= until)) return 'access_settled';
  return takenAt === undefined && (result === 'released' || result === 'nothing_found') ? 'access_unredeemed' : 'done';
}

function play(model: Model, [kind, a, b]: Step): void {
  const { uses, grants, noted, revoked } = model;
  const access = noted[noted.length - 1 - (a % Math.min(6, Math.max(1, noted.length)))];
  if (kind === 'wait') uses.now += (a % 5) * MINUTE + b * SECOND;
  if (kind === 'edge') uses.now = edgeAfter(model, a) + (b % 3) - 1;
  if (kind === 'revoke') {
    const grant = grants[a % grants.length] as Terms;
    if (!revoked.has(grant.grant)) uses.revoke(grant.grant);
    revoked.add(grant.grant);
  }
  if (kind === 'freeze') {
    model.frozen = !model.frozen;
    uses.change({ frozen: model.frozen ? { at: uses.now, grade: 'B', signed_at: uses.now } : null });
  }
  const items = ITEMS[b % ITEMS.length] as readonly string[];
  const note = (said: Said, ground: Noted['ground'], want: readonly string[]) => {
    expect(said.codes).toEqual(want);
    if (said.until === null) return;
    const takenAt = said.offline ? uses.now : undefined;
    noted.push({ access: said.access, ground, items: items.join(), until: said.until, takenAt, settled: undefined });
  };
  if (kind === 'ask') {
    const grant = grants[a % grants.length] as Terms;
    const want = codesToAsk(model, grant, items.join());
    note(uses.ask({ ground: { grant: grant.grant }, items }), grant.grant, want);
    return;
  }
  if (kind === 'ask on law') {
    const ground = ON_LAW[a % ON_LAW.length] as (typeof ON_LAW)[number];
    const want = codesToAskOnLaw(model, ground.basis, items.join());
    note(uses.ask({ ground, items }), ground.basis, want);
    return;
  }
  if (access === undefined) return;
  if (kind === 'redeem') {
    const want = codesToRedeem(model, access);
    expect(uses.redeem(access.access)).toEqual(want);
    if (want.length === 0) access.takenAt = uses.now;
  }
  if (kind === 'settle') {
    const result = RESULTS[b % RESULTS.length] as Result;
    const want = outcomeToSettle(model, access, result);
    expect(outcomeOf(() => uses.settle(access.access, result))).toBe(want);
    if (want === 'done') access.settled = result;
  }
}

/** The next instant at which something lapses or leaves a window. */
function edgeAfter({ uses, noted }: Model, which: number): number {
  const edges = noted
    .flatMap(({ until, takenAt }) => [until, (takenAt ?? 0) + PERIOD])
    .filter((at) => at > uses.now)
    .sort((x, y) => x - y);
  return Math.max(uses.now + 1, edges[which % Math.max(1, Math.min(3, edges.length))] ?? 0);
}

function outcomeOf(act: () => unknown): string {
  try {
    act();
    return 'done';
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return failure.code;
  }
}

/** What the limits mean to a lawyer: counted over all that was ever taken and not given back, at every moment. */
function expectLimits({ grants, noted }: Model): void {
  for (const grant of grants) {
    const taken = noted.filter((each) => each.ground === grant.grant && each.takenAt !== undefined && !gaveBack(each));
    if (grant.uses_max !== null) expect(taken.length).toBeLessThanOrEqual(grant.uses_max);
    if (grant.frequency === null) continue;
    for (const { takenAt } of taken) {
      const end = takenAt as number;
      const within = taken.filter((each) => (each.takenAt as number) > end - PERIOD && (each.takenAt as number) <= end);
      expect(within.length).toBeLessThanOrEqual(grant.frequency.count);
    }
  }
}

it('is allowed and taken as the model says, and never more often than its limits', () => {
  const met = { allowed: 0, limited: 0, taken: 0, takenOnLaw: 0, back: 0 };
  fc.assert(
    fc.property(limits, limits, steps, (first, second, history) => {
      const grants = [terms(first), terms({ grant: id<GrantId>(0xf2), ...second })];
      const uses = openUses(...grants);
      uses.enact(CATALOGUE);
      uses.now = NOW;
      const model: Model = { uses, grants, noted: [], revoked: new Set(), frozen: false };
      for (const each of history) {
        play(model, each);
        expectLimits(model);
      }
      met.allowed += model.noted.length;
      met.taken += model.noted.filter(({ takenAt }) => takenAt !== undefined).length;
      met.takenOnLaw += model.noted.filter(
        ({ ground, takenAt }) => takenAt !== undefined && ON_LAW.some(({ basis }) => basis === ground),
      ).length;
      met.back += model.noted.filter(gaveBack).length;
      met.limited += history.length;
      for (const grant of grants) {
        const spent = model.noted.filter(
          (each) => each.ground === grant.grant && each.takenAt !== undefined && !gaveBack(each),
        );
        expect(uses.grant(grant.grant).used).toBe(spent.length);
      }
    }),
    { numRuns: 300 },
  );
  expect(met.allowed).toBeGreaterThan(500);
  expect(met.taken).toBeGreaterThan(200);
  expect(met.takenOnLaw).toBeGreaterThan(50);
  expect(met.back).toBeGreaterThan(50);
});
