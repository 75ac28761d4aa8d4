import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '#core/canonical.ts';
import { lintPack } from '#core/pack/lint.ts';
import { lintRemoval } from '#core/pack/lint-needs.ts';
import type { Pack, PackVersions } from '#core/pack/pack.ts';
import type { PackRule } from '#core/pack/rule.ts';
import type { PackId } from '#core/pack/word.ts';
import { dayOf, PAPER_PACK, paperPack, versionsOf, withRules } from './paper-pack.ts';

const NONE: PackVersions = new Map();
const [rule] = paperPack().rules as [Pack['rules'][number]];
const said = (pack: Pack, others: PackVersions = NONE) =>
  lintPack(pack, others).map(({ path, code, message }) => `${path} ${code}: ${message}`);
const bare = { laws: [], profiles: [], items: [], purposes: [], codes: [], parties: [], rules: [], retention: [] };
const needing = (id: string, ...needs: readonly { pack: string; version: number }[]) =>
  paperPack({ ...bare, id, needs: needs as Json });

describe('a pack that is right', () => {
  test('has no problem', () => {
    expect(said(paperPack())).toEqual([]);
  });

  test('may refer to rows of a pack that it needs, and to no other’s', () => {
    const other = paperPack({ ...bare, id: 'other', needs: [{ pack: 'paper', version: 1 }] });
    const rows = {
      rules: [{ ...rule, id: 'R-9', profile: 'P-1', replaces: 'R-3' }],
      purposes: [{ ...PAPER_PACK.purposes[0], evidence: 'V' }],
      retention: [{ ...PAPER_PACK.retention[1], id: 'K-9' }],
    };
    const referring = { ...other, ...(rows as unknown as Partial<Pack>) };
    expect(said(referring, versionsOf(paperPack()))).toEqual([]);
    expect(said({ ...referring, needs: [] }, versionsOf(paperPack()))).toEqual([
      'purposes[0].reasons[0].code reference_unknown: no such code 02 in scheme reason_person',
      'rules[0].law[0].doc reference_unknown: no such law law-1',
      'rules[0].profile reference_unknown: no such profile P-1',
      'retention[0].law[0].doc reference_unknown: no such law law-1',
      'rules[0].replaces reference_unknown: no such rule R-3',
    ]);
  });
});

describe('references', () => {
  test.each<[string, Partial<Record<keyof typeof PAPER_PACK, Json>>, string]>([
    [
      'a reason that no code is',
      { purposes: [{ ...PAPER_PACK.purposes[0], reasons: [{ scheme: 'reason_person', code: '27' }] }] },
      'purposes[0].reasons[0].code reference_unknown: no such code 27 in scheme reason_person',
    ],
    [
      'a reason of another scheme',
      { purposes: [{ ...PAPER_PACK.purposes[0], reasons: [{ scheme: 'reason_firm', code: '02' }] }] },
      'purposes[0].reasons[0].code reference_unknown: no such code 02 in scheme reason_firm',
    ],
    [
      'a reason that stands twice',
      {
        purposes: [{ ...PAPER_PACK.purposes[0], reasons: Array(2).fill({ scheme: 'reason_person', code: '02' }) }],
      },
      'purposes[0].reasons[1].code duplicate: code 02 of scheme reason_person is there already',
    ],
  ])('are refused: %s', (_what, change, problem) => {
    expect(said(paperPack(change))).toEqual([problem]);
  });
});

describe('ids', () => {
  test.each([
    ['laws', 'law-1', 'laws[1].id', 'laws[0].id'],
    ['profiles', 'P-1', 'profiles[1].id', 'profiles[0].id'],
    ['items', 'credit_report', 'items[1].id', 'items[0].id'],
    ['purposes', 'loan_apply', 'purposes[1].id', 'purposes[0].id'],
    ['codes', 'reason_person 02', 'codes[1].code', 'codes[0].code'],
    ['parties', 'bureau', 'parties[1].id', 'parties[0].id'],
    ['areas', '990001 2019-01-01', 'areas[1].code', 'areas[0].code'],
    ['templates', 'query-letter 1', 'templates[1].id', 'templates[0].id'],
  ] as const)('stand once in %s', (section, id, at, first) => {
    const rows = PAPER_PACK[section] as readonly Json[];
    expect(said(paperPack({ [section]: [...rows, ...rows] }))).toEqual([
      `${at} duplicate: ${id} is there already, at ${first}`,
    ]);
  });

  test('have a name of their own, also among those of needed packs', () => {
    const item = paperPack().items[0] as Pack['items'][number];
    const twin = { ...item, id: 'another_report' };
    const taken = `${item.id} is called ${item.name.zh}, too: no letter could tell`;
    const at = PAPER_PACK.items.length;
    expect(said(paperPack({ items: [...PAPER_PACK.items, twin] }))).toEqual([`items[${at}].name name_taken: ${taken}`]);
    const other = {
      ...paperPack(),
      id: 'other' as PackId,
      needs: [{ pack: 'paper' as PackId, version: 1 }],
      items: [twin],
    };
    expect(said(other, versionsOf(paperPack()))).toContain(`items[0].name name_taken: ${taken}`);
  });

  test('of a needed pack mean the same there', () => {
    const other = { ...paperPack(), id: 'other' as PackId, needs: [{ pack: 'paper' as PackId, version: 1 }] };
    const problems = said(other, versionsOf(paperPack()));
    expect(problems).toContain('items[0].id duplicate: credit_report is there already, in pack paper');
    expect(problems).toContain('rules[0].id duplicate: R-1 is there already, in pack paper');
    expect(problems.filter((each) => each.startsWith('purposes'))).toEqual([]);
    const [purpose] = other.purposes as [Pack['purposes'][number]];
    const changed = { ...other, purposes: [{ ...purpose, kind: 'other' as const }] };
    expect(said(changed, versionsOf(paperPack()))).toContain(
      'purposes[0].id purpose_differs: pack paper has loan_apply with another name, subjects, kind or feedback',
    );
  });

  test('of areas may come again, but only after each other', () => {
    const [area] = PAPER_PACK.areas;
    const areas = (...spans: readonly [string, string | null][]) =>
      said(paperPack({ areas: spans.map(([from, to]) => ({ ...area, from, to })) }));
    expect(areas(['2020-01-01', null], ['2019-01-01', '2020-01-01'])).toEqual([]);
    expect(areas(['2019-12-31', null], ['2019-01-01', '2020-01-01'])).toEqual([
      "areas[0].from duplicate: 990001 is another area's from 2019-01-01 to 2020-01-01",
    ]);
  });
});

describe('dates', () => {
  test('end after they begin', () => {
    const reversed = { from: dayOf('2020-01-01'), to: dayOf('2020-01-01') };
    expect(said({ ...paperPack(), ...reversed })).toEqual(['to dates_reversed: 2020-01-01 is not after 2020-01-01']);
    expect(said(withRules({}, { id: 'R-9', ...reversed }))).toEqual([
      'rules[1].to dates_reversed: 2020-01-01 is not after 2020-01-01',
    ]);
    const later = { from: dayOf('2020-01-01'), to: dayOf('2020-01-02') };
    expect(said({ ...paperPack(), ...later })).toEqual([]);
  });

  test('of a rule are those of the law it cites, or there is a warning', () => {
    const early = withRules({ from: dayOf('2018-12-31') });
    expect(lintPack(early, NONE)).toEqual([
      {
        path: 'rules[0].law[0].doc',
        code: 'law_not_in_force',
        severity: 'warning',
        message: 'law law-1 is in force from 2019-01-01 on, the rule from 2018-12-31 on',
      },
    ]);
    const [law] = paperPack().laws as [Pack['laws'][number]];
    const repealed = { ...withRules({ to: dayOf('2021-01-01') }), laws: [{ ...law, to: dayOf('2021-01-01') }] };
    expect(said(repealed)).toEqual([]);
    expect(said({ ...repealed, rules: [rule] })).toHaveLength(1);
  });

  test('of a calendar are in their year, and each is one thing', () => {
    const year = (holidays: readonly string[], workdays: readonly string[]) =>
      said(paperPack({ calendar: { years: [{ year: 2024, evidence: 'V', holidays, workdays }] } }));
    expect(year(['2024-01-01'], ['2025-01-01'])).toEqual([
      'calendar.years[0].workdays[0] calendar_mismatch: 2025-01-01 is not in 2024',
    ]);
    expect(year(['2024-01-01'], ['2024-01-01'])).toEqual([
      'calendar.years[0].workdays[0] duplicate: 2024-01-01 is there already',
    ]);
  });
});

describe('versions of one pack', () => {
  const version = (number: number, from: string, to: string | null = null): Pack => ({
    ...paperPack(),
    version: number,
    from: dayOf(from),
    to: to === null ? null : dayOf(to),
  });

  test.each<[string, Pack, Pack, readonly string[]]>([
    ['a later one takes over from an open end', version(1, '2020-01-01'), version(2, '2021-01-01'), []],
    ['a later one begins where the earlier ends', version(1, '2020-01-01', '2021-01-01'), version(2, '2021-01-01'), []],
    [
      'the same number',
      version(1, '2020-01-01'),
      version(1, '2021-01-01'),
      ['version version_taken: version 1 of paper is there already'],
    ],
    [
      'a later one before the said end of the earlier',
      version(1, '2020-01-01', '2021-01-02'),
      version(2, '2021-01-01'),
      ['from version_overlap: version 2 is in force from 2021-01-01 on, version 1 from 2020-01-01 to 2021-01-02'],
    ],
    [
      'a later one from the same day on',
      version(1, '2020-01-01'),
      version(2, '2020-01-01'),
      ['from version_overlap: version 2 is in force from 2020-01-01 on, version 1 from 2020-01-01 on'],
    ],
    [
      'an earlier one that would begin after the later',
      version(2, '2020-01-01'),
      version(1, '2021-01-01'),
      ['from version_overlap: version 1 is in force from 2021-01-01 on, version 2 from 2020-01-01 on'],
    ],
  ])('%s', (_what, there, added, problems) => {
    expect(said(added, versionsOf(there))).toEqual(problems);
  });
});

describe('needs', () => {
  test('are there, in the version wanted or a later one', () => {
    const wants = needing('other', { pack: 'paper', version: 2 });
    expect(said(wants)).toEqual(['needs[0].pack needs_unknown: no such pack paper']);
    expect(said(wants, versionsOf(paperPack()))).toEqual([
      'needs[0].version needs_unknown: pack paper is there in version 1, want 2 or later',
    ]);
    expect(said(wants, versionsOf(paperPack({ version: 3 }), paperPack()))).toEqual([]);
    expect(said(wants, new Map([['paper' as PackId, []]]))).toHaveLength(1);
  });

  test('do not lead back, by however many steps', () => {
    const need = (pack: string) => ({ pack, version: 1 });
    expect(said(needing('aa', need('aa')))).toEqual([
      'needs[0].pack cycle: packs need each other in a circle: aa → aa',
    ]);
    const others = versionsOf(
      needing('bb', need('cc')),
      needing('cc', need('dd'), need('aa')),
      needing('dd', need('bb')),
    );
    expect(said(needing('aa', need('bb')), others)).toEqual([
      'needs[0].pack cycle: packs need each other in a circle: aa → bb → cc → aa',
    ]);
    // A circle of others is theirs.
    const beside = versionsOf(needing('bb', need('cc')), needing('cc', need('bb')));
    expect(said(needing('aa', need('bb')), beside)).toEqual([]);
  });

  test('keep a pack from being removed', () => {
    const packs = versionsOf(paperPack(), needing('other', { pack: 'paper', version: 1 }), needing('third'));
    expect(lintRemoval('paper' as PackId, packs)).toEqual([
      {
        path: '',
        code: 'pack_needed',
        severity: 'error',
        message: "pack paper can't be removed: pack other needs it",
      },
    ]);
    expect(lintRemoval('other' as PackId, packs)).toEqual([]);
    // Only what is in force now is asked: an earlier version needed it, the newest does not.
    const former = versionsOf(paperPack(), needing('other', { pack: 'paper', version: 1 }), {
      ...needing('other'),
      version: 2,
    });
    expect(lintRemoval('paper' as PackId, former)).toEqual([]);
  });
});

describe('rules', () => {
  const years = { days: null, workdays: null, years: 5, count: null, grade: null, owed_to: null };
  const days = { days: 3, workdays: null, years: null, count: null, grade: null, owed_to: null };
  const owed = (owed_to: string) => ({ ...days, owed_to });

  test.each<[string, Partial<PackRule>, readonly string[]]>([
    [
      'a parameter is missing',
      { require: 'within_retention' },
      ['rules[0].params rule_mismatch: within_retention wants years'],
    ],
    [
      'a parameter is not taken',
      { params: years },
      ['rules[0].params.years rule_mismatch: written_consent takes no years'],
    ],
    [
      'days of what is no obligation',
      { params: days },
      ['rules[0].params.days rule_mismatch: written_consent takes no days'],
    ],
    ['days of an obligation', { params: days, otherwise: { oblige: 'reply_due' } }, []],
    [
      'an obligation of days and of working days',
      { params: { ...days, workdays: 3 }, otherwise: { oblige: 'reply_due' } },
      ['rules[0].params rule_mismatch: want days or workdays, not both'],
    ],
    [
      'working days of what is no obligation',
      { params: { ...days, days: null, workdays: 3 } },
      ['rules[0].params.workdays rule_mismatch: written_consent takes no workdays'],
    ],
    ['an obligation that is owed to a party', { params: owed('bureau'), otherwise: { oblige: 'reply_due' } }, []],
    [
      'an obligation that is owed to nobody known',
      { params: owed('other'), otherwise: { oblige: 'reply_due' } },
      ['rules[0].params.owed_to reference_unknown: no such party other'],
    ],
    [
      'a denial that is a warning',
      { severity: 'warning' },
      ['rules[0].severity rule_mismatch: what is denied is an error'],
    ],
    ['law without an article', { law: [] }, ['rules[0].law rule_mismatch: without an article a rule is rec']],
    ['a recommendation without an article', { law: [], evidence: 'rec' }, []],
  ])('agree with themselves: %s', (_what, change, problems) => {
    expect(said(withRules(change))).toEqual(problems);
  });

  const place = { profile: 'P-1', replaces: 'R-1' };

  test('take another’s place only with a profile', () => {
    expect(said(withRules({}, { id: 'R-9', replaces: 'R-1' }))).toEqual([
      'rules[1].replaces rule_mismatch: only a rule of a profile takes the place of another',
    ]);
  });

  test('take one place only one after the other', () => {
    expect(said(withRules({}, { id: 'R-8', ...place }, { id: 'R-9', ...place }))).toEqual([
      'rules[2].replaces replaces_overlap: rule R-8 (from 2020-01-01 on) takes the place of R-1 at the same time',
    ]);
    const ending = { id: 'R-8', ...place, to: dayOf('2021-01-01') };
    expect(said(withRules({}, ending, { id: 'R-9', ...place, from: dayOf('2021-01-01') }))).toEqual([]);
    expect(said(withRules({}, ending, { id: 'R-9', ...place, from: dayOf('2020-12-31') }))).toHaveLength(1);
  });

  test('do not take each other’s place in a circle', () => {
    const circle = withRules({ ...place, replaces: 'R-9' }, { id: 'R-9', ...place });
    expect(said(circle)).toEqual([
      "rules[0].replaces cycle: rules take each other's place in a circle: R-1 → R-9 → R-1",
      "rules[1].replaces cycle: rules take each other's place in a circle: R-9 → R-1 → R-9",
    ]);
    // One that only leads into a circle is in none; that it takes a place that is taken is another thing.
    const leading = { ...rule, id: 'R-0', profile: 'P-1', replaces: 'R-9' };
    expect(
      said({ ...circle, rules: [...circle.rules, leading] }).filter((each) => each.startsWith('rules[2]')),
    ).toEqual([
      'rules[2].replaces replaces_overlap: rule R-1 (from 2020-01-01 on) takes the place of R-9 at the same time',
    ]);
  });
});

test('retention until something has happened runs from just that', () => {
  const [letters, faces] = PAPER_PACK.retention as readonly JsonObject[] as [JsonObject, JsonObject];
  const retention = [letters, { ...faces, covers: 'letters', from: 'decision' }];
  expect(said(paperPack({ retention }))).toEqual([
    'retention[1].from retention_mismatch: kept until verification, so want from verification',
  ]);
  const elsewhere = [letters, { ...faces, from: 'decision' }, { ...letters, id: 'K-3', from: 'settlement' }];
  expect(said(paperPack({ retention: elsewhere }))).toEqual([
    'retention[1].from retention_mismatch: face_images are kept from verification, not from decision',
    'retention[2].from retention_mismatch: letters are kept from relationship_end or decision, not from settlement',
  ]);
});
