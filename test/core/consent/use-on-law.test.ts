/** The permit of an access that stands on law: taken once, its ground judged again, settled, and counted nowhere. */
import { describe, expect, it } from 'vitest';
import { UNSTATED } from '#core/consent/asked.ts';
import { decide, evolve } from '#core/consent/rules.ts';
import { OPEN_MAX, PERMIT_MS, SETTLE_ACCEPTED_MS, SETTLE_WITHIN_MS } from '#core/consent/use.ts';
import type { AccessId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Pack } from '#core/pack/pack.ts';
import type { PackRule } from '#core/pack/rule.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import { withRules } from '../pack/paper-pack.ts';
import { lawful } from './check-rows.ts';
import { CATALOGUE } from './paper-catalogue.ts';
import { askInput, changed, REL, relationshipOf, TODAY } from './paper-ledger.ts';
import { BUREAU, LENDER, NOW, OTHER_BUREAU, openUses, terms, type Uses } from './paper-uses.ts';

const ANY = { actions: null, subjects: null, item_kinds: null, purpose_kinds: null, bases: null, regions: null };
const ruled = (...rules: readonly Partial<PackRule>[]): Pack => ({
  ...CATALOGUE,
  rules: withRules(...rules.map((rule, n) => ({ id: `L-${n}`, applies: ANY, ...rule }))).rules,
});
/** As 条例 33 asks of inspections: a document, and two officers. */
const DOCUMENTED: Partial<PackRule> = {
  applies: { ...ANY, purpose_kinds: ['judicial'] },
  require: 'document_reference',
  otherwise: { deny: 'BASIS' },
};
const ORDER = {
  purpose: 'court_order',
  ground: { basis: 'judicial', reference: true },
  stated: { ...UNSTATED, officers: 2 },
} as const;
const DUTY = { ground: { basis: 'statutory_duty', reference: true } } as const;

function underLaw(...rules: readonly Partial<PackRule>[]): Uses {
  const uses = openUses(terms({ uses_max: 1 }));
  uses.enact(ruled(...rules));
  return uses;
}

describe('an access on law', () => {
  it.each([
    ['judicial', ORDER],
    ['a statutory duty', DUTY],
    ['necessary for a contract', { ground: { basis: 'contract_necessary', reference: true } }],
    ['public by law', { items: ['court_ruling'], ground: { basis: 'public_by_law', reference: false } }],
    ['one’s own data', { purpose: 'own_report', ground: { basis: 'statutory_duty', reference: false } }],
  ] as const)('has a permit of five minutes that its door asks about: %s', (_what, asked) => {
    const uses = underLaw(DOCUMENTED);
    expect(uses.ask(asked)).toMatchObject({ decision: 'allow', codes: [], until: NOW + PERMIT_MS, offline: false });
  });

  it('has none where it is denied, goes through no door, or was used already', () => {
    const uses = underLaw(DOCUMENTED);
    const none = { until: null, offline: false };
    expect(uses.ask({ ...ORDER, stated: UNSTATED })).toMatchObject({ decision: 'deny', codes: ['BASIS'], ...none });
    expect(uses.ask({ ...DUTY, door: null })).toMatchObject({ decision: 'allow', ...none });
    expect(uses.ask({ ...DUTY, action: 'SCORE', door: null })).toMatchObject({ decision: 'allow', ...none });
    const used_at = (NOW - 1) as Instant;
    expect(uses.ask({ ...DUTY, stated: { ...UNSTATED, used_at } })).toMatchObject({ decision: 'allow', ...none });
    expect(uses.relationship().open).toEqual({});
  });

  it('leaves beside its permit no trace in the state: no grant is used, and the document is not named', () => {
    const uses = underLaw();
    const { access } = uses.ask(ORDER);
    const { grants, open } = uses.relationship();
    expect(open).toEqual({
      [access]: {
        grant: null,
        ...ORDER,
        action: 'QUERY',
        items: ['credit_report'],
        door: BUREAU,
        until: NOW + PERMIT_MS,
        redeemed_at: null,
      },
    });
    expect(grants).toEqual(openUses(terms({ uses_max: 1 })).relationship().grants);
  });

  it('of engine 1 is denied, and has no permit', () => {
    const log = lawful.state(LOG_STREAM) as object;
    const old = changed(lawful, { [LOG_STREAM]: { ...log, engine: 1 } });
    const { stated: _unsaid, ...input } = askInput({ ...DUTY, engine: 1 });
    const body = decide(old, { type: 'access.decided', stream: REL, input }, TODAY as Instant);
    expect(body).toMatchObject({ decision: 'deny', codes: ['BASIS'], until: null, offline: false });
    const event = { stream: REL, seq: 9, time: TODAY as Instant, body };
    expect(evolve(old.state(REL), 'access.decided', event)).toEqual(relationshipOf(old));
  });

  it('of a court waits for another of the same data, whose permit is out: their documents look alike', () => {
    const uses = underLaw(DOCUMENTED);
    const { access } = uses.ask(ORDER);
    expect(uses.ask(ORDER).codes).toEqual(['DUP']);
    expect(uses.ask({ ...ORDER, ground: DUTY.ground }).codes).toEqual([]);
    uses.redeem(access);
    expect(uses.ask(ORDER).codes).toEqual([]);
    uses.now = NOW + PERMIT_MS - 1;
    expect(uses.ask(ORDER).codes).toEqual(['DUP']);
    uses.now++;
    expect(uses.ask(ORDER).codes).toEqual([]);
  });

  it('is not the same as one under a grant, in either order', () => {
    const asked = { purpose: 'loan_apply', items: ['credit_report'] };
    const ground = { basis: 'contract_necessary', reference: true } as const;
    const uses = underLaw();
    uses.ask(asked);
    expect(uses.ask({ ...asked, ground }).codes).toEqual([]);
    const others = openUses();
    others.enact(ruled());
    others.ask({ ...asked, ground });
    expect(others.ask(asked).codes).toEqual([]);
  });

  it('counts among the releases that wait for their settlement, of whatever ground', () => {
    const uses = underLaw();
    const taken: AccessId[] = [];
    for (let n = 0; n < OPEN_MAX; n++) {
      const { codes, access } = uses.ask(DUTY);
      expect(codes).toEqual([]);
      uses.redeem(access);
      taken.push(access);
    }
    expect(uses.ask(DUTY).codes).toEqual(['QUOTA']);
    expect(uses.ask().codes).toEqual(['QUOTA']);
    uses.settle(taken[0] as AccessId);
    expect(uses.ask(DUTY).codes).toEqual([]);
  });
});

describe('its permit', () => {
  it('is taken once, and is said to be gone from then on', () => {
    const uses = underLaw(DOCUMENTED);
    const { access } = uses.ask(ORDER);
    expect(uses.redeem(access)).toEqual([]);
    for (let again = 0; again < 3; again++) expect(uses.redeem(access)).toEqual(['REDEEMED']);
    expect(uses.grant().used).toBe(0);
  });

  it('is taken up to its five minutes, exclusive', () => {
    const uses = underLaw();
    const [first, second] = [uses.ask(DUTY), uses.ask({ ...DUTY, items: ['credit_info'] })];
    uses.now = NOW + PERMIT_MS - 1;
    expect(uses.redeem(first.access)).toEqual([]);
    uses.now = NOW + PERMIT_MS;
    expect(uses.redeem(second.access)).toEqual(['LAPSED']);
    expectFailure('access_settled', () => uses.settle(second.access, 'refused'));
  });

  it('is taken by its own door only', () => {
    const uses = underLaw();
    const { access } = uses.ask(DUTY);
    expect(uses.redeem(access, { door: OTHER_BUREAU })).toEqual(['DOOR']);
    expect(uses.redeem(access)).toEqual([]);
  });

  const FREEZE = { at: NOW, grade: 'B', signed_at: NOW } as const;
  const self_suspended = { from: NOW, to: null, compromised_since: null };
  it.each<[string, object, (uses: Uses) => void, string[]]>([
    ['the subject froze everything', ORDER, (uses) => uses.change({ frozen: FREEZE }), ['FROZEN']],
    ['its source suspended itself', ORDER, (uses) => uses.changeParty(BUREAU, { self_suspended }), ['SOURCE']],
    ['who asked is no grantee any more', ORDER, (uses) => uses.changeParty(LENDER, { roles: ['provider'] }), ['PARTY']],
    ['no pack is in force that knows it', ORDER, (uses) => uses.enact({ ...CATALOGUE, items: [] }), ['SCOPE']],
    [
      'the law has changed',
      ORDER,
      (uses) => uses.enact(ruled({ require: 'never', otherwise: { deny: 'BASIS' } })),
      ['BASIS'],
    ],
  ])('is not taken where, since the decision, %s', (_what, asked, happen, codes) => {
    const uses = underLaw(DOCUMENTED);
    const { access } = uses.ask(asked);
    happen(uses);
    expect(uses.redeem(access)).toEqual(codes);
    expect(uses.redeem(access)).toEqual(codes);
  });

  it('is taken again once the hold ended, while it counts, and what happened to grants is nothing to it', () => {
    const uses = underLaw(DOCUMENTED);
    const { access } = uses.ask(ORDER);
    uses.change({ frozen: FREEZE });
    expect(uses.ask({ ...ORDER, items: ['credit_info'] }).codes).toEqual(['FROZEN']);
    expect(uses.redeem(access)).toEqual(['FROZEN']);
    uses.change({ frozen: null });
    uses.revoke();
    expect(uses.redeem(access)).toEqual([]);
  });

  it('is judged at hand-over by what its caller said when it asked: as many officers, the same reason', () => {
    const reasons = { require: 'purpose_in_reason_map', otherwise: { deny: 'PURPOSE' } } as const;
    const uses = underLaw(DOCUMENTED, reasons);
    const { access } = uses.ask({ ...ORDER, stated: { ...ORDER.stated, reason: '02' } });
    expect(uses.redeem(access)).toEqual([]);
    uses.settle(access);
    const later = uses.ask({ ...ORDER, stated: { ...ORDER.stated, reason: '02' } });
    const purposes = CATALOGUE.purposes.map((each) => ({ ...each, reasons: [] }));
    uses.enact({ ...ruled(DOCUMENTED, reasons), purposes });
    expect(uses.redeem(later.access)).toEqual(['PURPOSE']);
  });
});

describe('its settlement', () => {
  it.each(['released', 'nothing_found', 'failed', 'refused'] as const)(
    'as %s ends it, and gives nothing back',
    (result) => {
      const uses = underLaw();
      const { access } = uses.ask(DUTY);
      uses.redeem(access);
      const { grants } = uses.relationship();
      expect(uses.settle(access, result)).toEqual([]);
      expect(uses.relationship()).toMatchObject({ grants, open: {} });
      expectFailure('access_settled', () => uses.settle(access, result));
      expect(uses.redeem(access)).toEqual(['REDEEMED']);
    },
  );

  it('comes from its door, after it was taken, and is marked where it is late or of more', () => {
    const uses = underLaw();
    const [late, wide] = [uses.ask(DUTY), uses.ask({ ...DUTY, items: ['credit_info'] })];
    expectFailure('access_unredeemed', () => uses.settle(late.access));
    for (const { access } of [late, wide]) uses.redeem(access);
    expectFailure('access_settled', () => uses.settle(late.access, 'released', { door: OTHER_BUREAU }));
    expectFailure('input_invalid', () => uses.settle(late.access, 'refused', { reason: 'SUBJECT' }));
    expect(uses.settle(wide.access, 'released', { items: ['credit_report'] })).toEqual(['SCOPE']);
    uses.now = NOW + SETTLE_WITHIN_MS + 1;
    expect(uses.settle(late.access)).toEqual(['LATE']);
  });

  it('of a permit that nobody took frees it', () => {
    const uses = underLaw();
    const { access } = uses.ask(DUTY);
    expect(uses.settle(access, 'refused', { reason: 'SUBJECT' })).toEqual([]);
    expect(uses.ask(DUTY).codes).toEqual([]);
    const { access: never } = uses.ask({ ...DUTY, items: ['credit_info'] });
    uses.redeem(never);
    uses.now = NOW + SETTLE_ACCEPTED_MS;
    expectFailure('access_settled', () => uses.settle(never));
  });
});
