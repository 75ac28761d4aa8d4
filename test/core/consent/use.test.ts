/** How often a grant is used (I4): what a permit reserves, what redemption spends, what a settlement gives back. */
import { describe, expect, it } from 'vitest';
import { ENGINE } from '#core/consent/engine.ts';
import { OPEN_MAX, PERMIT_MS, SETTLE_ACCEPTED_MS, SETTLE_WITHIN_MS, sameItems } from '#core/consent/use.ts';
import type { AccessId, GrantId, OperatorId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { expectFailure } from '../../support/failure.ts';
import { BUREAU, DAY, GRANT, id, LENDER, MINUTE, NOW, OTHER_BUREAU, openUses, SCORE, terms } from './paper-uses.ts';

const other = { items: ['credit_info'] };
const OFFLINE = { staleness_ms: MINUTE };

describe('a permit that is out', () => {
  it('counts until five minutes after it was given, exclusive, and never longer than the grant’s staleness', () => {
    expect(openUses().ask()).toMatchObject({ decision: 'allow', until: NOW + PERMIT_MS, offline: false });
    const short = openUses(terms(OFFLINE)).ask();
    expect(short).toMatchObject({ decision: 'allow', until: NOW + MINUTE, offline: true });
    const long = openUses(terms({ staleness_ms: DAY })).ask();
    expect(long).toMatchObject({ until: NOW + PERMIT_MS, offline: true });
  });

  it('lapses with its grant, where that ends sooner', () => {
    const to = (NOW + MINUTE) as Instant;
    expect(openUses(terms({ to })).ask()).toMatchObject({ decision: 'allow', until: to });
    const offline = openUses(terms({ to, staleness_ms: MINUTE * 2 })).ask();
    expect(offline).toMatchObject({ decision: 'allow', until: to, offline: true });
  });

  it('is none where it is denied, or has no door', () => {
    expect(openUses().ask({ purpose: 'marketing' })).toMatchObject({ until: null, offline: false });
    const scored = openUses(terms({ ...SCORE, ...OFFLINE })).ask({ action: 'SCORE', door: null });
    expect(scored).toMatchObject({ decision: 'allow', until: null, offline: false });
  });

  it('reserves one use until the very instant at which it lapses', () => {
    const uses = openUses(terms({ uses_max: 1 }));
    const { until } = uses.ask();
    expect(uses.ask(other).codes).toEqual(['QUOTA']);
    uses.now = (until as number) - 1;
    expect(uses.ask(other).codes).toEqual(['QUOTA']);
    uses.now = until as number;
    expect(uses.ask(other).codes).toEqual([]);
    expect(uses.grant().used).toBe(0);
  });

  it('is taken up to that instant, exclusive', () => {
    const uses = openUses();
    const first = uses.ask();
    const second = uses.ask(other);
    uses.now = NOW + PERMIT_MS - 1;
    expect(uses.redeem(first.access)).toEqual([]);
    uses.now = NOW + PERMIT_MS;
    expect(uses.redeem(second.access)).toEqual(['LAPSED']);
    expect(uses.grant().used).toBe(1);
  });

  it('is gone once it lapsed, and says so, whether or not the state remembers it', () => {
    const uses = openUses();
    const { access } = uses.ask();
    uses.now = NOW + PERMIT_MS;
    expect(uses.redeem(access)).toEqual(['LAPSED']);
    uses.ask(other);
    expect(uses.relationship().open).not.toHaveProperty(access);
    expect(uses.redeem(access)).toEqual(['LAPSED']);
    expectFailure('access_settled', () => uses.settle(access, 'refused'));
  });

  it('is taken by its own door only, and whoever else shows it uses nothing up', () => {
    const uses = openUses();
    const { access } = uses.ask();
    expect(uses.redeem(access, { door: OTHER_BUREAU })).toEqual(['DOOR']);
    expect(uses.grant().used).toBe(0);
    expect(uses.redeem(access)).toEqual([]);
    expect(uses.redeem(access, { door: OTHER_BUREAU })).toEqual(['DOOR', 'REDEEMED']);
  });

  it('is not of a party whose administrator asks, and is asked for by nobody else', () => {
    const admin = { by: [{ party: LENDER, operator: id<OperatorId>(2), key: 1 }] };
    expect(openUses().ask(admin).codes).toEqual(['OPERATOR']);
    const uses = openUses();
    const { access } = uses.ask();
    const atDoor = { by: [{ party: BUREAU, operator: id<OperatorId>(2), key: 1 }] };
    expectFailure('duty_missing', () => uses.redeem(access, atDoor));
    expectFailure('duty_missing', () => uses.settle(access, 'refused', atDoor));
    const ofLender = { by: [{ party: LENDER, operator: id<OperatorId>(1), key: 0 }] };
    expectFailure('principal_mismatch', () => uses.redeem(access, { ...ofLender, door: BUREAU }));
    expectFailure('principal_mismatch', () => uses.settle(access, 'refused', { ...ofLender, door: BUREAU }));
  });
});

describe('the checks at hand-over', () => {
  it.each<[string, (uses: ReturnType<typeof openUses>) => void, string]>([
    ['revoked', (uses) => uses.revoke(), 'REVOKED'],
    ['frozen', (uses) => uses.change({ frozen: { at: NOW, grade: 'B', signed_at: NOW } }), 'FROZEN'],
    [
      'paused',
      (uses) =>
        uses.change({ grants: { [GRANT]: { ...uses.grant(), paused: { at: NOW, grade: 'B', signed_at: NOW } } } }),
      'FROZEN',
    ],
    ['no grantee any more', (uses) => uses.changeParty(LENDER, { roles: ['provider'] }), 'PARTY'],
  ])('refuse what was %s since, and spend nothing', (_what, happen, code) => {
    const uses = openUses(terms({ uses_max: 1 }));
    const { access } = uses.ask();
    happen(uses);
    expect(uses.redeem(access)).toEqual([code]);
    expect(uses.grant().used).toBe(0);
    expect(uses.redeem(access)).toEqual([code]);
  });

  it('refuse from the instant at which the grant ends: its permit lapsed with it', () => {
    const uses = openUses(terms({ to: NOW + MINUTE }));
    const [first, second] = [uses.ask(), uses.ask(other)];
    uses.now = NOW + MINUTE - 1;
    expect(uses.redeem(first.access)).toEqual([]);
    uses.now = NOW + MINUTE;
    expect(uses.redeem(second.access)).toEqual(['LAPSED']);
  });

  it('take a permit again once the hold ended, while it counts', () => {
    const uses = openUses();
    const { access } = uses.ask();
    uses.change({ frozen: { at: NOW, grade: 'B', signed_at: NOW } });
    expect(uses.redeem(access)).toEqual(['FROZEN']);
    uses.change({ frozen: null });
    expect(uses.redeem(access)).toEqual([]);
  });

  it('never ask again for what the permit has reserved: no limit, no double, no operator', () => {
    const uses = openUses(terms({ uses_max: 1, frequency: { count: 1, period_ms: DAY } }));
    const { access } = uses.ask();
    expect(uses.redeem(access)).toEqual([]);
  });

  it('are decided by the engine in force, and for the relationship’s own grantee', () => {
    const uses = openUses();
    const { access } = uses.ask();
    expectFailure('entry_invalid', () => uses.redeem(access, { engine: ENGINE + 1 }));
    expectFailure('entry_invalid', () => uses.redeem(access, { principal: BUREAU }));
  });
});

describe('a redemption', () => {
  it('spends the use, once', () => {
    const uses = openUses(terms({ uses_max: 1 }));
    const { access } = uses.ask();
    expect(uses.redeem(access)).toEqual([]);
    expect(uses.grant().used).toBe(1);
    for (let again = 0; again < 3; again++) expect(uses.redeem(access)).toEqual(['REDEEMED']);
    uses.now = NOW + PERMIT_MS;
    expect(uses.redeem(access)).toEqual(['REDEEMED']);
    expect(uses.ask(other).codes).toEqual(['QUOTA']);
    expect(uses.grant().used).toBe(1);
  });

  it.each([
    ['released', 1],
    ['nothing_found', 1],
    ['failed', 0],
    ['refused', 0],
  ] as const)('that is settled as %s has used %i', (result, used) => {
    const uses = openUses(terms({ uses_max: 1, frequency: { count: 1, period_ms: DAY } }));
    const { access } = uses.ask();
    uses.redeem(access);
    uses.settle(access, result);
    expect([uses.grant().used, uses.grant().recent.length]).toEqual([used, used]);
    expect(uses.ask(other).codes).toEqual(used === 1 ? ['FREQUENCY', 'QUOTA'] : []);
  });

  it('whose use was given back is not redeemed again', () => {
    const uses = openUses();
    const { access } = uses.ask();
    uses.redeem(access);
    uses.settle(access, 'failed');
    expect(uses.redeem(access)).toEqual(['REDEEMED']);
    expect(uses.grant().used).toBe(0);
  });
});

describe('a settlement', () => {
  it('of a permit that nobody took frees what it reserved, and the permit with it', () => {
    const uses = openUses(terms({ uses_max: 1 }));
    const { access } = uses.ask();
    expect(uses.settle(access, 'refused')).toEqual([]);
    expect(uses.grant().used).toBe(0);
    expect(uses.redeem(access)).toEqual(['REDEEMED']);
    expect(uses.ask().codes).toEqual([]);
  });

  it('of data that were never permitted by a redemption is refused', () => {
    const uses = openUses();
    const { access } = uses.ask();
    expectFailure('access_unredeemed', () => uses.settle(access, 'released'));
    expectFailure('access_unredeemed', () => uses.settle(access, 'nothing_found'));
    expect(uses.redeem(access)).toEqual([]);
  });

  it('comes once, and from the door only', () => {
    const uses = openUses();
    const { access } = uses.ask();
    uses.redeem(access);
    expectFailure('access_settled', () => uses.settle(access, 'released', { door: OTHER_BUREAU }));
    uses.settle(access, 'released');
    expectFailure('access_settled', () => uses.settle(access, 'released'));
    expectFailure('access_settled', () => uses.settle(access, 'failed'));
    expect(uses.grant().used).toBe(1);
  });

  it('is late after a minute, exclusive, and taken for a day', () => {
    const uses = openUses();
    const permits = [uses.ask(), uses.ask(other), uses.ask({ purpose: 'post_loan' })];
    for (const { access } of permits) uses.redeem(access);
    const [first, second, third] = permits.map(({ access }) => access) as [AccessId, AccessId, AccessId];
    uses.now = NOW + SETTLE_WITHIN_MS;
    expect(uses.settle(first)).toEqual([]);
    uses.now++;
    expect(uses.settle(second)).toEqual(['LATE']);
    uses.now = NOW + SETTLE_ACCEPTED_MS;
    expectFailure('access_settled', () => uses.settle(third));
    uses.now--;
    expect(uses.settle(third)).toEqual(['LATE']);
  });

  it('says beside it that more was sent than permitted', () => {
    const uses = openUses();
    const { access } = uses.ask();
    uses.redeem(access);
    expect(uses.settle(access, 'released', { items: ['credit_report', 'tax'] })).toEqual(['SCOPE']);
  });

  it.each([
    ['a release of nothing', 'released', { items: [] }],
    ['a release without a digest', 'released', { response: null }],
    ['a release with a reason', 'released', { reason: 'OTHER' }],
    ['nothing with items', 'nothing_found', { items: ['credit_report'] }],
    ['nothing with a count', 'nothing_found', { count: 1 }],
    ['a failure with a digest', 'failed', { response: 'A'.repeat(43) }],
    ['a refusal without a reason', 'refused', { reason: null }],
    ['an end before its beginning', 'released', { began_at: (NOW + 1) as Instant }],
  ] as const)('that contradicts itself is refused: %s', (_what, result, change) => {
    const uses = openUses();
    const { access } = uses.ask();
    uses.redeem(access);
    expectFailure('input_invalid', () => uses.settle(access, result, change));
  });
});

describe('a permit that is taken without asking', () => {
  it('has used the grant when it is allowed', () => {
    const uses = openUses(terms({ ...OFFLINE, uses_max: 1 }));
    const { access } = uses.ask();
    expect(uses.grant().used).toBe(1);
    uses.now = NOW + DAY;
    expect(uses.ask().codes).toEqual(['QUOTA']);
    expect(uses.redeem(access)).not.toEqual([]);
  });

  it('is settled without being redeemed, in time until a minute after it lapsed', () => {
    const uses = openUses(terms(OFFLINE));
    const [first, second] = [uses.ask(), uses.ask(other)];
    uses.now = NOW + MINUTE + SETTLE_WITHIN_MS;
    expect(uses.settle(first.access)).toEqual([]);
    uses.now++;
    expect(uses.settle(second.access)).toEqual(['LATE']);
    expect(uses.grant().used).toBe(2);
  });

  it('gives its use back where nothing came of it', () => {
    const uses = openUses(terms({ ...OFFLINE, uses_max: 1, frequency: { count: 1, period_ms: DAY } }));
    const { access } = uses.ask();
    uses.settle(access, 'failed');
    expect(uses.ask().codes).toEqual([]);
  });
});

describe('an access without a door', () => {
  it('has used the grant at once, and is nothing to settle', () => {
    const uses = openUses(terms({ ...SCORE, uses_max: 2 }));
    const score = { action: 'SCORE', door: null } as const;
    const { access } = uses.ask(score);
    expect(uses.ask(score).codes).toEqual([]);
    expect(uses.ask(score).codes).toEqual(['QUOTA']);
    expect(uses.relationship().open).toEqual({});
    expectFailure('access_settled', () => uses.settle(access, 'failed'));
  });
});

describe('FREQUENCY', () => {
  it('counts in a window that rolls: the use of just a period ago is out of it', () => {
    const period_ms = 10 * MINUTE;
    const uses = openUses(terms({ frequency: { count: 2, period_ms } }));
    const use = () => {
      const { codes, access } = uses.ask();
      if (codes.length === 0) expect(uses.redeem(access)).toEqual([]);
      return codes;
    };
    expect(use()).toEqual([]);
    uses.now = NOW + 6 * MINUTE;
    expect(use()).toEqual([]);
    uses.now = NOW + period_ms - 1;
    expect(use()).toEqual(['FREQUENCY']);
    uses.now = NOW + period_ms;
    expect(use()).toEqual([]);
    expect(use()).toEqual(['FREQUENCY']);
    uses.now = NOW + 6 * MINUTE + period_ms;
    expect(use()).toEqual([]);
  });

  it('counts from the redemption, not from when it was asked', () => {
    const uses = openUses(terms({ frequency: { count: 1, period_ms: 10 * MINUTE } }));
    const { access } = uses.ask();
    uses.now = NOW + 4 * MINUTE;
    uses.redeem(access);
    uses.now = NOW + 14 * MINUTE - 1;
    expect(uses.ask().codes).toEqual(['FREQUENCY']);
    uses.now++;
    expect(uses.ask().codes).toEqual([]);
  });

  it('counts permits that are out, also where its period is shorter than they count', () => {
    const uses = openUses(terms({ frequency: { count: 1, period_ms: 1_000 } }));
    uses.ask();
    uses.now = NOW + PERMIT_MS - 1;
    expect(uses.ask(other).codes).toEqual(['FREQUENCY']);
    uses.now++;
    expect(uses.ask(other).codes).toEqual([]);
  });

  it('remembers no more uses than it counts', () => {
    const uses = openUses(terms({ ...SCORE, frequency: { count: 3, period_ms: 1_000 } }));
    for (let n = 0; n < 20; n++) {
      uses.now += 400;
      uses.ask({ action: 'SCORE', door: null });
      expect(uses.grant().recent.length).toBeLessThanOrEqual(3);
    }
  });
});

describe('QUOTA', () => {
  it('of one is used once, for ever', () => {
    const uses = openUses(terms({ uses_max: 1 }));
    const { access } = uses.ask();
    uses.redeem(access);
    uses.settle(access);
    uses.now = NOW + 300 * DAY;
    expect(uses.ask().codes).toEqual(['QUOTA']);
  });

  it('is of one grant: another has its own', () => {
    const second = id<GrantId>(0xf2);
    const uses = openUses(terms({ uses_max: 1 }), terms({ grant: second, uses_max: 1 }));
    uses.ask();
    expect(uses.ask({ ground: { grant: second } }).codes).toEqual([]);
    expect(uses.ask({ ...other, ground: { grant: second } }).codes).toEqual(['QUOTA']);
  });

  it('also stops when too many releases wait for their settlement, until some are settled', () => {
    const uses = openUses();
    const taken: AccessId[] = [];
    for (let n = 0; n < OPEN_MAX; n++) {
      const { codes, access } = uses.ask();
      expect(codes).toEqual([]);
      uses.redeem(access);
      taken.push(access);
    }
    expect(uses.ask().codes).toEqual(['QUOTA']);
    uses.settle(taken[0] as AccessId);
    expect(uses.ask().codes).toEqual([]);
    uses.now = NOW + SETTLE_ACCEPTED_MS;
    expect(uses.ask().codes).toEqual([]);
    expect(Object.keys(uses.relationship().open)).toHaveLength(1);
  });
});

describe('DUP', () => {
  it('denies the same access while its permit is out', () => {
    const uses = openUses();
    const { access } = uses.ask();
    expect(uses.ask().codes).toEqual(['DUP']);
    expect(uses.ask({ bound: 'A'.repeat(43) }).codes).toEqual(['DUP']);
    uses.redeem(access);
    expect(uses.ask().codes).toEqual([]);
  });

  it('ends when the permit lapses, or is refused', () => {
    const uses = openUses();
    uses.ask();
    uses.now = NOW + PERMIT_MS - 1;
    expect(uses.ask().codes).toEqual(['DUP']);
    uses.now++;
    const { codes, access } = uses.ask();
    expect(codes).toEqual([]);
    uses.settle(access, 'refused');
    expect(uses.ask().codes).toEqual([]);
  });

  it.each([
    ['other items', { items: ['credit_info'] }],
    ['more items', { items: ['credit_info', 'credit_report'] }],
    ['another purpose', { purpose: 'post_loan' }],
    ['another door', { door: OTHER_BUREAU }],
  ])('is no other access: %s', (_what, change) => {
    const uses = openUses();
    uses.ask();
    expect(uses.ask(change).codes).toEqual([]);
  });

  it('is another grant’s nothing', () => {
    const second = id<GrantId>(0xf2);
    const uses = openUses(terms(), terms({ grant: second }));
    uses.ask();
    expect(uses.ask({ ground: { grant: second } }).codes).toEqual([]);
  });

  it('is not got round by the order of items, or by naming one twice', () => {
    const uses = openUses();
    uses.ask({ items: ['credit_info', 'credit_report'] });
    expect(uses.ask({ items: ['credit_report', 'credit_info'] }).codes).toEqual(['DUP']);
    expect(uses.ask({ items: ['credit_report', 'credit_info', 'credit_info'] }).codes).toEqual(['DUP']);
    expect(sameItems(['a', 'b'], ['b', 'b', 'a'])).toBe(true);
    expect(sameItems(['a', 'a'], ['a', 'b'])).toBe(false);
  });
});
