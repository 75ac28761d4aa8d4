/** The text of a letter: everything its grants say, nothing else, and the same bytes everywhere. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equalJson } from '#core/canonical.ts';
import type { Terms } from '#core/consent/terms.ts';
import { partiesOf, STALENESS_MS_MAX } from '#core/consent/terms.ts';
import type { PartyId } from '#core/ids.ts';
import type { LetterNames } from '#core/letter-template/names.ts';
import { renderLetter } from '#core/letter-template/render.ts';
import { type Clause, SLOTS, STATEMENTS, type Template } from '#core/letter-template/template.ts';
import { LANGUAGES } from '#core/letter-template/words.ts';
import { expectFailure } from '../../support/failure.ts';
import { both, GRANTS, grantOf, NAMES, partyOf, TEMPLATE } from './paper-template.ts';

const SAID = TEMPLATE.clauses.map(({ purposes, items, sources, recipients, candidates }) => [
  ...[...purposes, ...items, ...sources, ...recipients, ...candidates].map((code) => `〔${code}〕`),
]);

function some(codes: readonly string[]): fc.Arbitrary<readonly string[]> {
  return codes.length === 0 ? fc.constant([]) : fc.subarray([...codes], { minLength: 1 });
}

/** Any grant that a clause offers. */
function anyGrant(clause: Clause): fc.Arbitrary<Terms> {
  const doors = clause.sources.length + clause.recipients.length > 0;
  return fc
    .record({
      purposes: some(clause.purposes),
      items: some(clause.items),
      sources: some(clause.sources),
      recipients: some(clause.recipients),
      from: fc.option(fc.integer({ min: 1_600_000_000_000, max: 1_700_000_000_000 })),
      to: fc.integer({ min: 1_700_000_000_001, max: 1_900_000_000_000 }),
      uses_max: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
      frequency: fc.option(
        fc.record({
          count: fc.integer({ min: 1, max: 1_000 }),
          period_ms: fc.integer({ min: 1_000, max: 31_622_400_000 }),
        }),
      ),
      staleness_ms: doors ? fc.option(fc.integer({ min: 1_000, max: STALENESS_MS_MAX })) : fc.constant(null),
      // In whatever order they are named: it is told, too.
      candidates: fc.shuffledSubarray([...clause.candidates], { minLength: Math.min(2, clause.candidates.length) }),
    })
    .map(({ candidates, ...terms }) =>
      grantOf(clause, {
        ...terms,
        sources: terms.sources.map(partyOf),
        recipients: terms.recipients.map(partyOf),
        ...(candidates.length === 0 ? {} : { candidates: candidates.map(partyOf) }),
      }),
    );
}

/** Grants of some of the clauses, in their order. */
const anyGrants = fc
  .subarray([...TEMPLATE.clauses], { minLength: 1 })
  .chain((clauses) => fc.tuple(...clauses.map(anyGrant)));

/** Grants, and the same with one field of one grant taken from another. */
const neighbours = anyGrants.chain((grants) =>
  fc.integer({ min: 0, max: grants.length - 1 }).chain((at) => {
    const one = grants[at] as Terms;
    const clause = TEMPLATE.clauses.find(({ action }) => action === one.action) as Clause;
    return fc
      .tuple(anyGrant(clause), fc.constantFrom(...(Object.keys(one) as (keyof Terms)[])))
      .map(([other, field]) => ({
        grants,
        changed: grants.map((each, place) => (place === at ? { ...one, [field]: other[field] } : each)),
      }));
  }),
);

function namesIn(grants: readonly Terms[]): readonly string[] {
  return grants.flatMap((terms) => [
    ...[...terms.purposes, ...terms.items].map((code) => `〔${code}〕`),
    ...partiesOf(terms).map((id) => NAMES.parties[id]?.name.zh ?? ''),
  ]);
}

describe.each(LANGUAGES)('the text of any grants, in %s', (language) => {
  const render = (grants: readonly Terms[]) => renderLetter(TEMPLATE, grants, NAMES, language);

  test('names every purpose, item, source, recipient and candidate of each, and no other', () => {
    fc.assert(
      fc.property(anyGrants, (grants) => {
        const text = render(grants);
        const said = namesIn(grants);
        for (const name of said) expect(text).toContain(name);
        const others = SAID.flat().filter((name) => !said.some((each) => each.startsWith(name)));
        for (const name of others) expect(text).not.toContain(name);
      }),
    );
  });

  test('is that of no other grants', () => {
    fc.assert(
      fc.property(neighbours, ({ grants, changed }) => {
        expect(render(grants) === render(changed)).toBe(equalJson([...grants], changed));
      }),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(anyGrants, anyGrants, (grants, others) => {
        expect(render(grants) === render(others)).toBe(equalJson([...grants], [...others]));
      }),
    );
  });

  test('says nothing of clauses that are left out', () => {
    fc.assert(
      fc.property(fc.subarray([...TEMPLATE.clauses], { minLength: 1 }), (clauses) => {
        const text = render(clauses.map((clause) => grantOf(clause)));
        for (const [at, { id }] of TEMPLATE.clauses.entries()) {
          const here = clauses.some((clause) => clause.id === id);
          for (const name of SAID[at] ?? []) expect(text.includes(name)).toBe(here);
          for (const own of ['理由', '不同意后果', '停止', '关闭', '保留', '提前终止', '提示']) {
            expect(text.includes(`${id}之${own}`)).toBe(here);
          }
        }
        const reports = clauses.some(({ id }) => id === 'report');
        for (const name of ['示例受托有限公司', '〔funder1〕银行股份有限公司'])
          expect(text.includes(name)).toBe(reports);
      }),
    );
  });

  test('is the same bytes each time: composed, lines ended by \\n, marks around whole lines', () => {
    const text = render(GRANTS);
    expect(render(structuredClone(GRANTS))).toBe(text);
    expect(text.normalize('NFC')).toBe(text);
    expect(text.endsWith('\n')).toBe(true);
    expect(text).not.toMatch(/\r|\t|null|undefined/);
    const marked = text.split('\n').filter((line) => line.startsWith('**'));
    for (const line of marked) expect(line).toMatch(/^\*\*[^*]+\*\*$/);
    // Of each clause the lead, refusal, stop, closing, what stays and the warning; then three statements.
    expect(marked).toHaveLength(TEMPLATE.clauses.length * 6 + STATEMENTS.length);
  });
});

test.each([
  ['zh', ['以电子签名方式签署', '在纸质文本上手写签名', '以签署的原件为准']],
  ['en', ['by electronic signature', 'by hand on paper', 'those of the signed original']],
] as const)('says what is true of a key’s signature and of one in ink (%s)', (language, ways) => {
  const text = renderLetter(TEMPLATE, GRANTS, NAMES, language);
  for (const way of ways) expect(text).toContain(way);
});

describe('the Chinese text', () => {
  const [query] = TEMPLATE.clauses as [Clause, ...Clause[]];
  const render = (change: Partial<Terms>) => renderLetter(TEMPLATE, [grantOf(query, change)], NAMES, 'zh');

  test('numbers its sections, and says term and limits', () => {
    const text = render({
      from: Date.UTC(2024, 4, 31, 16),
      uses_max: 3,
      frequency: { count: 1, period_ms: 30 * 86_400_000 },
      staleness_ms: 300_000,
    });
    for (const line of [
      '一、告知事项',
      '二、第一项授权：查询',
      '三、声明与签署',
      '期限：自2024年6月1日起，至2027年5月31日24时止；至该时刻即失效',
      '总次数：共计不超过3次',
      '频率：每30天不超过1次',
      '核验：信息来源或接收方可凭许可离线核验，撤回最迟在5分钟后对其生效',
      '（1）〔query_item1〕',
      '本项选择：□ 同意　□ 不同意',
      '居民身份证：9900**********0014',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  test('says that there is no limit, where there is none', () => {
    const text = render({});
    expect(text).toContain('期限：自签署之时起，至2027年5月31日24时止');
    expect(text).toContain('总次数：不另设上限');
    expect(text).toContain('频率：不另设上限');
    expect(text).toContain('每次均须向账本核验');
  });
});

test('the English text opens by saying that it is a translation', () => {
  const text = renderLetter(TEMPLATE, GRANTS, NAMES, 'en');
  expect(text.split('\n')[0]).toBe('This is a translation. The Chinese text is authoritative.');
  expect(renderLetter(TEMPLATE, GRANTS, NAMES, 'zh')).not.toContain('translation');
});

describe('names', () => {
  const withSubject = (change: Partial<LetterNames['subject']>): LetterNames => ({
    ...NAMES,
    subject: { ...NAMES.subject, ...change },
  });

  test.each(['𠮷示例', '䶮示例', '㛃示例', '示例·买买提', '古丽·示例·阿卜杜拉'])(
    '%s stands in the text as it is',
    (name) => {
      expect(renderLetter(TEMPLATE, GRANTS, withSubject({ name }), 'zh')).toContain(`授权人（借款人配偶）：${name}\n`);
      expect(renderLetter(TEMPLATE, GRANTS, withSubject({ name }), 'en')).toContain(
        `(spouse of the borrower): ${name}\n`,
      );
    },
  );

  test('are composed', () => {
    const text = renderLetter(TEMPLATE, GRANTS, withSubject({ name: 'Cafe\u0301' }), 'zh');
    expect(text).toContain('Café\n');
  });

  test.each([
    ['nothing', ''],
    ['blank', '　'],
    ['two lines', '李\n**示例**'],
    ['a character that turns the direction of reading', '李\u202e示例'],
    ['half a character', '李\ud842'],
    ['too long', '李'.repeat(401)],
  ])('are refused, and not repeated: %s', (_what, name) => {
    const names = withSubject({ name });
    expectFailure('slot_invalid', () => renderLetter(TEMPLATE, GRANTS, names, 'zh'));
    expect(() => renderLetter(TEMPLATE, GRANTS, names, 'zh')).toThrow(/^subject\.name: want a name in one line/);
  });

  test.each(['purposes', 'items', 'parties'] as const)('of %s are all there, and all different', (kind) => {
    const [first, second] = Object.keys(NAMES[kind]) as [string, string];
    const table: Readonly<Record<string, unknown>> = NAMES[kind];
    const missing = Object.fromEntries(Object.entries(table).filter(([code]) => code !== first));
    const same = { ...table, [first]: table[second] };
    const inherited = Object.assign(Object.create({ [first]: table[first] }), missing);
    for (const wrong of [missing, same, inherited]) {
      const names = { ...NAMES, [kind]: wrong } as LetterNames;
      expectFailure('template_invalid', () => renderLetter(TEMPLATE, GRANTS, names, 'zh'));
    }
  });

  test('that differ in composition only are the same', () => {
    const items = { ...NAMES.items, query_item1: both('Cafe\u0301'), query_item2: both('Café') };
    expectFailure('template_invalid', () => renderLetter(TEMPLATE, GRANTS, { ...NAMES, items }, 'zh'));
  });

  test('of a firm come with who signs for it, of a person without', () => {
    const firm: Template = { ...TEMPLATE, subject: 'firm', signer: 'firm' };
    const signed = withSubject({ signatory: '王示例', loan_card: '9900010000000001' });
    const text = renderLetter(firm, GRANTS, signed, 'zh');
    expect(text).toContain('法定代表人或委托代理人：王示例\n');
    expect(text).toContain('中征码：9900010000000001\n');
    expect(text).toContain('本企业同意被授权人');
    expectFailure('slot_invalid', () => renderLetter(firm, GRANTS, NAMES, 'zh'));
    expectFailure('slot_invalid', () => renderLetter(TEMPLATE, GRANTS, signed, 'zh'));
  });
});

describe('items of classes', () => {
  const clause = TEMPLATE.clauses[0] as Clause;
  const [first, second, third] = ['query_a', 'query_b', 'query_c'];
  const items = Object.fromEntries([first, second, third].map((id) => [id, both(`〔${id}〕`)]));
  const offering: Template = { ...TEMPLATE, clauses: [{ ...clause, items: Object.keys(items) }] };
  const itemClasses = { [first]: [both('甲类'), both('小类')], [second]: [both('甲类'), both('小类')] };
  const names: LetterNames = { ...NAMES, items, itemClasses };
  const said = (of: readonly string[], with_ = names) =>
    renderLetter(offering, [grantOf({ ...clause, items: of })], with_, 'zh')
      .split('\n')
      .filter((line) => /〔query_.〕|【/.test(line));

  test('stand below their class, each by its own name, and those of none below its own heading', () => {
    expect(said([first, second, third])).toEqual([
      '【甲类 › 小类】',
      '（1）〔query_a〕',
      '（2）〔query_b〕',
      '【其他】',
      '（3）〔query_c〕',
    ]);
    expect(said([third, first])).toEqual(['【其他】', '（1）〔query_c〕', '【甲类 › 小类】', '（2）〔query_a〕']);
    expect(said([first, third, second])).toEqual([
      '【甲类 › 小类】',
      '（1）〔query_a〕',
      '（2）〔query_b〕',
      '【其他】',
      '（3）〔query_c〕',
    ]);
  });

  test('where none of them has a class stand as ever', () => {
    expect(said([third])).toEqual(['（1）〔query_c〕']);
    expect(said([first, second], { ...names, itemClasses: {} })).toEqual(['（1）〔query_a〕', '（2）〔query_b〕']);
  });

  test('are just the items of the grant, whatever their classes are', () => {
    const some_ = fc.subarray(Object.keys(items), { minLength: 1 });
    fc.assert(
      fc.property(some_, fc.subarray(Object.keys(items)), (of, without) => {
        const known = Object.fromEntries(Object.entries(itemClasses).filter(([id]) => !without.includes(id)));
        const lines = said(of, { ...names, itemClasses: known }).filter((line) => !line.startsWith('【'));
        expect(lines.map((line) => line.slice(0, 3))).toEqual(of.map((_id, at) => `（${at + 1}）`));
        expect(lines.map((line) => line.slice(3)).sort()).toEqual(of.map((id) => `〔${id}〕`).sort());
      }),
    );
  });
});

describe('what a letter lacks is named', () => {
  const refuses = (template: Template, what: string) => {
    expectFailure('template_invalid', () => renderLetter(template, GRANTS, NAMES, 'zh'));
    expect(() => renderLetter(template, GRANTS, NAMES, 'zh')).toThrow(what);
  };

  test.each(SLOTS)('the slot %s', (slot) => {
    refuses({ ...TEMPLATE, slots: { ...TEMPLATE.slots, [slot]: null } }, `slots.${slot} is missing`);
  });

  test.each(STATEMENTS)('the statement %s', (statement) => {
    const statements = { ...TEMPLATE.statements, [statement]: null };
    refuses({ ...TEMPLATE, statements }, `statements.${statement} is missing`);
  });

  test.each(['why', 'refusal', 'revoking', 'ends'] as const)('%s of a clause', (field) => {
    const clauses = TEMPLATE.clauses.map((clause, at) => (at === 1 ? { ...clause, [field]: null } : clause));
    refuses({ ...TEMPLATE, clauses }, `clause report: ${field} is missing`);
  });

  test('the name of a processor, and name or licence of a candidate', () => {
    refuses({ ...TEMPLATE, processors: TEMPLATE.processors.map((each) => ({ ...each, name: null })) }, 'processor');
    refuses({ ...TEMPLATE, candidates: TEMPLATE.candidates.map((each) => ({ ...each, name: null })) }, 'candidate');
    refuses({ ...TEMPLATE, candidates: TEMPLATE.candidates.map((each) => ({ ...each, licence: null })) }, 'candidate');
  });
});

describe('the candidates of a clause', () => {
  const [query, report] = TEMPLATE.clauses as [Clause, Clause];
  const [first, second, third] = report.candidates.map(partyOf) as [PartyId, PartyId, PartyId];

  test('stand in it, in their order, with what they may and may not before one of them is bound (0.19)', () => {
    const text = renderLetter(TEMPLATE, [grantOf(query), grantOf(report, { candidates: [third, first] })], NAMES, 'zh');
    expect(text).toContain(
      [
        '本项授权的被授权人为下列之一，由谁授信将在授信时确定并告知授权人；确定之前，任何一方均不得依本项授权行事：',
        '（1）〔funder3〕银行股份有限公司（统一社会信用代码：91990001MA00000157）（许可证：示例金融许可证）（联系方式：示例路二号）',
        '（2）〔funder1〕银行股份有限公司（统一社会信用代码：91990001MA00000157）（许可证：示例金融许可证）（联系方式：示例路二号）',
        '接收方：',
      ].join('\n'),
    );
    const [before, clause] = text.split('三、第二项授权：报送') as [string, string];
    expect(before).not.toContain('〔funder');
    expect(clause).toContain('〔funder');
  });

  test('are told in English, too', () => {
    const text = renderLetter(TEMPLATE, [grantOf(report)], NAMES, 'en');
    expect(text).toContain('before that none of them may act under this authorization:\n(1) 〔funder1〕');
  });

  test('come with the code that the letter’s slots say, else the template’s, else none', () => {
    const told = { ...NAMES.parties[first]!, uscc: '91990001MA0000103M' };
    const names = { ...NAMES, parties: { ...NAMES.parties, [first]: told } };
    const untold = { ...TEMPLATE, candidates: TEMPLATE.candidates.map((each) => ({ ...each, uscc: null })) };
    const textOf = (template: Template) =>
      renderLetter(template, [grantOf(report, { candidates: [first, second] })], names, 'zh');
    const [one, two] = ['（1）〔funder1〕银行股份有限公司', '（2）〔funder2〕银行股份有限公司'];
    expect(textOf(TEMPLATE)).toContain(`${one}（统一社会信用代码：91990001MA0000103M）`);
    expect(textOf(TEMPLATE)).toContain(`${two}（统一社会信用代码：91990001MA00000157）`);
    expect(textOf(untold)).toContain(`${two}（许可证：`);
  });
});

test('whom data are provided to is told with how it is reached (PIPL 23)', () => {
  const [, report, provide] = TEMPLATE.clauses as [Clause, Clause, Clause];
  const parties = Object.fromEntries(
    Object.entries(NAMES.parties).map(([id, party]) => [id, { ...party, contact: null, uscc: '91990001MA00000157' }]),
  );
  const names = { ...NAMES, parties };
  expect(renderLetter(TEMPLATE, [grantOf(provide)], NAMES, 'zh')).toContain(
    '（1）〔provide_party1〕有限公司（联系方式：示例路二号）\n',
  );
  expect(renderLetter(TEMPLATE, [grantOf(report)], names, 'zh')).toContain(
    '（1）〔report_party1〕有限公司（统一社会信用代码：91990001MA00000157）\n',
  );
  expectFailure('template_invalid', () => renderLetter(TEMPLATE, [grantOf(provide)], names, 'zh'));
});

describe('a grant that no clause offers', () => {
  const [query, report] = TEMPLATE.clauses as [Clause, Clause];
  test.each([
    ['none at all', []],
    ['another purpose', [grantOf(query, { purposes: ['report_purpose1'] })]],
    ['another item', [grantOf(query, { items: ['query_item1', 'report_item1'] })]],
    ['another source', [grantOf(query, { sources: [partyOf('report_party1')] })]],
    ['another recipient', [grantOf(report, { recipients: [partyOf('provide_party1')] })]],
    ['another basis', [grantOf(query, { basis: 'consent' })]],
    ['another necessity', [grantOf(query, { necessity: 'optional' })]],
    ['another action', [grantOf(query, { action: 'STORE' })]],
    ['one clause twice', [grantOf(query), grantOf(query)]],
    ['another order', [grantOf(report), grantOf(query)]],
    ['candidates of a clause that has none', [grantOf(query, { candidates: report.candidates.map(partyOf) })]],
    ['no candidates of a clause that has some', [without(grantOf(report), 'candidates')]],
    ['another candidate', [grantOf(report, { candidates: ['funder1', 'report_party1'].map(partyOf) })]],
  ])('makes no letter: %s', (_what, grants) => {
    expectFailure('template_mismatch', () => renderLetter(TEMPLATE, grants, NAMES, 'zh'));
  });
});

test('a candidate is known by the name that its template calls it by', () => {
  const [, report] = TEMPLATE.clauses as [Clause, Clause];
  const [first] = report.candidates.map(partyOf) as [PartyId];
  const other = { ...NAMES.parties[first]!, name: both('〔funder9〕银行股份有限公司') };
  const names = { ...NAMES, parties: { ...NAMES.parties, [first]: other } };
  expectFailure('template_mismatch', () => renderLetter(TEMPLATE, [grantOf(report)], names, 'zh'));
});

function without(terms: Terms, name: keyof Terms): Terms {
  const { [name]: _left, ...rest } = terms;
  return rest as Terms;
}
