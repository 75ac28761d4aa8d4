/** Packs in force: who publishes them, in what order, and what they change of a decision. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { ENGINE } from '#core/consent/engine.ts';
import { lawAt } from '#core/consent/law.ts';
import { type LogState, PACKS_MAX } from '#core/consent/log.ts';
import type { View } from '#core/consent/rule.ts';
import type { Command } from '#core/consent/rules.ts';
import type { Instant } from '#core/instant.ts';
import type { Pack } from '#core/pack/pack.ts';
import type { PackRule } from '#core/pack/rule.ts';
import type { PackId } from '#core/pack/word.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import { dayOf, paperPack, withRules } from '../pack/paper-pack.ts';
import {
  ask,
  calledBy,
  calledByKeeper,
  changed,
  DAY,
  hashOf,
  KEEPER,
  LENDER,
  outcomeOf,
  type Paper,
  published,
  signedPaper,
  TODAY,
} from './paper-ledger.ts';

const LATER = TODAY + DAY;

/** A pack that says nothing but what is changed of it. */
const plain = (change: Partial<Pack> = {}): Pack => ({
  ...paperPack({ templates: [], rules: [], retention: [], profiles: [] }),
  ...change,
});
/** A pack that needs the plain one, and has nothing of its own. */
const NEEDING: Pack = {
  ...plain({ id: 'needing' as PackId, needs: [{ pack: 'paper' as PackId, version: 1 }] }),
  laws: [],
  items: [],
  purposes: [],
  codes: [],
  parties: [],
  calendar: null,
  areas: [],
};
const write = (paper: Paper, command: Command, time: number = TODAY) => paper.write(command, time);
const withPacks = (...packs: readonly Pack[]): Paper => {
  const paper = signedPaper();
  for (const pack of packs) write(paper, published(pack));
  return paper;
};

describe('a pack is published', () => {
  test('by two administrators of the keeper, and by nobody alone', () => {
    const paper = signedPaper();
    const pack = plain();
    for (const call of [calledBy(KEEPER), calledBy(LENDER), calledBy(LENDER, 'admin')]) {
      expectFailure(call.by[0]?.party === KEEPER ? 'second_signature' : 'principal_mismatch', () =>
        write(paper, published(pack, call)),
      );
    }
    write(paper, published(pack));
  });

  test('as what its bytes say it is', () => {
    const paper = signedPaper();
    const other = { pack: 'other' as PackId, version: 2, from: dayOf('2021-01-01'), to: dayOf('2030-01-01') };
    for (const [name, value] of Object.entries(other)) {
      expectFailure('pack_invalid', () => write(paper, published(plain(), { [name]: value })));
    }
    expectFailure('pack_unknown', () => write(paper, published(plain(), { digest: hashOf(7) })));
  });

  test('with all that it needs there, each version once, and no two for one day', () => {
    expectFailure('pack_invalid', () => withPacks(NEEDING));
    const paper = withPacks(plain());
    write(paper, published(NEEDING));
    expectFailure('pack_invalid', () => write(paper, published(plain())));
  });

  test('with a template only if the lint finds no error in it', () => {
    const template = { id: 'query-letter', version: 1 };
    expectFailure('pack_invalid', () => withPacks(plain({ templates: [template] })));
  });

  test('on a ledger of engine 2: one of engine 1 is raised first, and never goes back', () => {
    const paper = signedPaper();
    const log = paper.state(LOG_STREAM) as JsonObject;
    const first = changed(paper, { [LOG_STREAM]: { ...log, engine: 1 } });
    expectFailure('engine_old', () => outcomeOf(first, published(plain()), TODAY));
    const raised = (engine: number): Command => ({
      type: 'log.engine_raised',
      stream: LOG_STREAM,
      input: { engine, ...calledByKeeper() },
    });
    expectFailure('already_there', () => outcomeOf(paper, raised(2), TODAY));
    expectFailure('already_there', () => outcomeOf(paper, raised(1), TODAY));
    outcomeOf(first, raised(2), TODAY);
    // Nothing could be decided by an engine that is not there, and there would be no way back.
    expectFailure('input_invalid', () => outcomeOf(paper, raised(ENGINE + 1), TODAY));
  });

  test('as one of so many, of which each still has its new versions', () => {
    const paper = withPacks(plain());
    const log = paper.state(LOG_STREAM) as unknown as LogState;
    const filled = (count: number) => {
      const others = Object.fromEntries(Array.from({ length: count }, (_, n) => [`gone-${n}`, []]));
      return changed(paper, { [LOG_STREAM]: { ...log, packs: { ...log.packs, ...others } } });
    };
    const full = filled(PACKS_MAX - 1);
    outcomeOf(full, published(plain({ version: 2, from: dayOf('2024-06-02') })), TODAY);
    expectFailure('limit_reached', () => outcomeOf(full, published(NEEDING), TODAY));
    outcomeOf(filled(PACKS_MAX - 2), published(NEEDING), TODAY);
  });
});

describe('a pack is withdrawn', () => {
  const withdrawn = (pack: string): Command => ({
    type: 'pack.withdrawn',
    stream: LOG_STREAM,
    input: { pack: pack as PackId, ...calledByKeeper() },
  });

  test('if it is in force, and no other needs it', () => {
    const paper = withPacks(plain(), NEEDING);
    expectFailure('pack_unknown', () => write(paper, withdrawn('other')));
    expectFailure('pack_needed', () => write(paper, withdrawn('paper')));
    write(paper, withdrawn('needing'));
    write(paper, withdrawn('paper'));
    expectFailure('pack_unknown', () => write(paper, withdrawn('paper')));
  });
});

describe('a profile', () => {
  const switched = (profile: string, on: boolean): Command => ({
    type: 'profile.switched',
    stream: LOG_STREAM,
    input: { profile, on, ...calledByKeeper() },
  });
  const profiled = () => withPacks(paperPack({ templates: [] }));

  test('is switched on once, and off again, if a pack in force has it', () => {
    expectFailure('profile_unknown', () => write(signedPaper(), switched('P-1', true)));
    const paper = profiled();
    expectFailure('profile_unknown', () => write(paper, switched('P-2', true)));
    expectFailure('already_there', () => write(paper, switched('P-1', false)));
    write(paper, switched('P-1', true));
    expectFailure('already_there', () => write(paper, switched('P-1', true)));
    write(paper, switched('P-1', false));
  });

  test('is switched off also once its pack is gone, and then not on again', () => {
    const paper = profiled();
    write(paper, switched('P-1', true));
    write(paper, {
      type: 'pack.withdrawn',
      stream: LOG_STREAM,
      input: { pack: 'paper' as PackId, ...calledByKeeper() },
    });
    expectFailure('already_there', () => write(paper, switched('P-1', true)));
    write(paper, switched('P-1', false));
    for (const on of [true, false]) expectFailure('profile_unknown', () => write(paper, switched('P-1', on)));
  });
});

describe('a rule', () => {
  const NEVER: Partial<PackRule> = {
    id: 'X-1',
    applies: { actions: null, subjects: null, item_kinds: null, purpose_kinds: null, bases: null, regions: null },
    require: 'never',
    otherwise: { deny: 'TEMPLATE' },
  };
  const ruled = (...rules: readonly Partial<PackRule>[]): Pack =>
    plain({ rules: withRules(...rules.map((rule) => ({ ...NEVER, ...rule }))).rules });
  const codesOf = (pack: Pack, time = LATER) => outcomeOf(withPacks(pack), ask(), time).codes;

  test('alone flips the outcome', () => {
    expect(codesOf(plain())).toEqual([]);
    expect(codesOf(ruled({}))).toEqual(['TEMPLATE']);
  });

  test.each([
    ['another action', { actions: ['REPORT'] as const }],
    ['another subject', { subjects: ['firm'] as const }],
    ['items of another kind', { item_kinds: ['adverse'] as const }],
    ['another purpose', { purpose_kinds: ['judicial'] as const }],
    ['another basis', { bases: ['judicial'] as const }],
    ['a region that no item is of', { regions: ['33'] }],
  ])('of %s is not asked', (_what, applies) => {
    const all = NEVER.applies as PackRule['applies'];
    expect(codesOf(ruled({ applies: { ...all, ...applies } }))).toEqual([]);
  });

  test('counts from its first day, and from its last no more', () => {
    expect(codesOf(ruled({ from: dayOf('2024-06-02') }))).toEqual(['TEMPLATE']);
    expect(codesOf(ruled({ from: dayOf('2024-06-03') }))).toEqual([]);
    expect(codesOf(ruled({ to: dayOf('2024-06-03') }))).toEqual(['TEMPLATE']);
    expect(codesOf(ruled({ to: dayOf('2024-06-02') }))).toEqual([]);
  });

  test('marks, or obliges, where it does not deny', () => {
    const paper = withPacks(
      ruled({ otherwise: { flag: 'review' } }, { id: 'X-2', otherwise: { oblige: 'reply_due' } }),
    );
    const body = paper.write(ask(), LATER).entry.body as JsonObject;
    expect(body).toMatchObject({
      decision: 'allow',
      law: { marks: ['review'], obligations: [{ name: 'reply_due', due: null }], rules: ['X-1', 'X-2'] },
    });
  });
});

describe('what a rule obliges to', () => {
  const OWED: Partial<PackRule> = {
    id: 'X-1',
    applies: { actions: null, subjects: null, item_kinds: null, purpose_kinds: null, bases: null, regions: null },
    require: 'never',
    otherwise: { oblige: 'reply_due' },
  };
  const owing = (params: Partial<PackRule['params']>) => {
    const [rule] = withRules(OWED).rules as [PackRule];
    return plain({ rules: [{ ...rule, params: { ...rule.params, ...params } }] });
  };
  const lawOf = (pack: Pack, time = LATER) => withPacks(pack).write(ask(), time).entry.body['law'] as JsonObject;
  const atShanghai = (text: string) => Date.parse(`${text}+08:00`);

  test.each<[string, Partial<PackRule['params']>, string]>([
    ['days, the last of them on a weekend', { days: 6 }, '2024-06-11T00:00:00'],
    ['working days', { workdays: 5 }, '2024-06-08T00:00:00'],
    ['days, owed to who closes before midnight', { days: 6, owed_to: 'bureau' }, '2024-06-10T17:30:00'],
    ['working days, owed to who closes before midnight', { workdays: 5, owed_to: 'bureau' }, '2024-06-07T17:30:00'],
  ])('within %s', (_how, params, due) => {
    expect(lawOf(owing(params))).toMatchObject({
      marks: [],
      obligations: [{ name: 'reply_due', due: atShanghai(due) }],
    });
  });

  test('until a day that no calendar in force reaches is marked, and not guessed', () => {
    const pack = owing({ workdays: 10 });
    expect(lawOf({ ...pack, calendar: { years: [] } })).toMatchObject({
      marks: ['due_unknown'],
      obligations: [{ name: 'reply_due', due: null }],
    });
    expect(lawOf(pack)['marks']).toEqual([]);
  });

  test('has no period where none is said, which is no mark', () => {
    expect(lawOf(owing({}))).toMatchObject({ marks: [], obligations: [{ name: 'reply_due', due: null }] });
  });

  test('is the same for who has no hours that are known', () => {
    const pack = owing({ workdays: 5, owed_to: 'bureau' });
    const parties = pack.parties.map((each) => ({ ...each, closes: null }));
    expect(lawOf({ ...pack, parties })).toMatchObject({ obligations: [{ due: atShanghai('2024-06-08T00:00:00') }] });
  });
});

describe('what was decided', () => {
  test('stays as it was, whatever is published afterwards', () => {
    const paper = withPacks(plain());
    const { entry } = paper.write(ask(), TODAY + 1);
    expect(entry.body['law']).toMatchObject({ packs: { paper: 1 } });
    const before = withPacks(plain());
    expect(outcomeOf(before, ask(), LATER).codes).toEqual([]);
    const [rule] = withRules({ id: 'X-1', require: 'never', otherwise: { deny: 'TEMPLATE' } }).rules as [PackRule];
    const rules = [{ ...rule, applies: { ...rule.applies, regions: null } }];
    write(before, published(plain({ version: 2, from: dayOf('2024-06-02'), rules })), TODAY + 2);
    // On the day before the second version begins, the first one decides still.
    expect(outcomeOf(before, ask(), TODAY + 3).codes).toEqual([]);
    expect(outcomeOf(before, ask(), LATER).codes).toEqual(['TEMPLATE']);
  });

  test('is decided by the later version, in whatever order they were published', () => {
    const [first, second] = [plain(), plain({ version: 2, from: dayOf('2024-06-02') })];
    for (const packs of [
      [first, second],
      [second, first],
    ]) {
      const paper = withPacks(...packs);
      expect(lawAt(paper, (LATER - 1) as Instant)?.packs).toEqual({ paper: 1 });
      expect(lawAt(paper, LATER as Instant)?.packs).toEqual({ paper: 2 });
    }
  });

  test('is decided again only with the packs’ bytes at hand, whatever this process has decided before', () => {
    const paper = withPacks(plain());
    expect(outcomeOf(paper, ask(), LATER).decision).toBe('allow');
    const without: View = { head: paper.head, state: paper.state, pack: () => undefined };
    expectFailure('pack_unknown', () => outcomeOf(without, ask(), LATER));
  });

  test('under a wider catalogue is no wider: a grant names its items itself (seeds.md 3.12)', () => {
    const item = paperPack().items[0] as Pack['items'][number];
    const wider = plain({ items: [item, { ...item, id: 'score', name: { zh: '评分', en: 'A score' } }] });
    expect(outcomeOf(withPacks(wider), ask({ items: ['score'] }), LATER).codes).toEqual(['SCOPE']);
  });

  test('of a purpose or an item that no pack knows is denied', () => {
    const paper = withPacks(plain());
    expect(outcomeOf(paper, ask({ purpose: 'post_loan' }), LATER).codes).toEqual(['PURPOSE']);
    expect(outcomeOf(paper, ask({ items: ['credit_info'] }), LATER).codes).toEqual(['SCOPE']);
  });
});
