/** Lint, rule by rule: what it finds, and what looks alike and is right. */
import { describe, expect, test } from 'vitest';
import { LAWS } from '#core/letter-template/lint/rule.ts';
import { RULES } from '#core/letter-template/lint/rules.ts';
import { type Finding, hasError, LINT_TEXT_MAX, lawKindsOf, lintLetter } from '#core/letter-template/lint.ts';
import type { Clause, Template } from '#core/letter-template/template.ts';
import { both, TEMPLATE } from './paper-template.ts';

/** A letter in which nothing is wrong. */
const LETTER = `示例授权书
被授权人：示例银行股份有限公司（金融许可证：示例）
联系方式：客服电话见签署页
**本人同意被授权人为审批贷款查询本人的信用报告。**
授权期限：自签署之日起一年；授权书保存五年。
本人可查阅、复制、更正、删除记录，可随时撤回授权。
不同意的后果：无法审批贷款，其他服务不受影响。
`;

/** Sentences, and whether the rule finds them in a letter that is right otherwise. */
const SENTENCES: readonly (readonly [rule: string, wrong: readonly string[], right: readonly string[]])[] = [
  [
    'L01',
    [
      '本授权不可撤销。',
      '本人无条件且不可撤回地同意上述查询。',
      '本人放弃撤销本授权的权利。',
      '授权期间本人不得单方撤回。',
      '本授权**不 可 撤 销**，本人已知悉。',
      '本人永久授权被授权人查询。',
    ],
    [
      '本授权可随时撤回，不存在不可撤销的约定。',
      '已经报送的信息不可撤回，但可以提出异议。',
      '本人可无条件撤回任一项授权。',
      '“不可撤销”的表述不适用于本授权书。',
      '被授权人不得以不可撤销为由拒绝撤回。',
    ],
  ],
  [
    'L02',
    [
      '可提供给关联公司使用。',
      '可提供给合作机构，由其推荐产品。',
      '可提供给被授权人书面指定的第三方。',
      '可报送至金融信用信息基础数据库及其他依法设立的个人征信机构。',
      '可与集团成员公司共享。',
      '可提供给合作机构（包括示例担保有限公司等）。',
    ],
    [
      '不向关联公司、合作机构或者任何第三方提供。',
      '合作机构（仅指示例担保有限公司）只核对签名。',
      '接收方为示例集团有限公司，联系方式见附页。',
      '未经本人另行单独同意，不提供给其他机构。',
    ],
  ],
  [
    'L03',
    [
      '信息包括但不限于身份和信用状况。',
      '可查询基本信息和其他相关信息。',
      '将来新增业务所需的信息也在授权之内。',
      '可查询本人的一切信息。',
      '可收集身份等相关资料。',
    ],
    [
      '信息种类以上列为限，不包括但不限于之类的兜底。',
      '被授权人不查询其他相关信息。',
      '将来新增信息种类的，另行取得同意。',
      '本人可查阅、复制被授权人保存的全部信息。',
      '本人已知悉全部内容。',
    ],
  ],
  [
    'L04',
    ['逾期的，可报送不良信息，不再另行告知。', '上报违约信息无需事先通知本人。', '可向征信机构报送，不另行通知。'],
    [
      '报送不良信息前，被授权人将事先告知本人。',
      '报送不良信息前，绝不会不通知本人。',
      '营业时间调整的，不再另行通知。',
      '依法公开的不良信息，可以不另行告知。',
    ],
  ],
  [
    'L05',
    ['□ 贷款申请　□ 其他：见背面。', '也可用于其他合法用途。', '可用于任何目的。'],
    ['不用于任何其他目的。', '□ 其他贷款申请', '用途：审批本人的贷款申请。', '除上述用途外，不用于其他用途。'],
  ],
  [
    'L06',
    ['本授权长期有效。', '本授权无固定期限。', '有效期：永久。', '本授权持续有效。'],
    ['居民身份证长期有效的，填写“长期”。', '本授权不是长期有效。', '授权持续有效至贷款结清之日。'],
  ],
  [
    'L08',
    ['☑ 同意', '[x] 同意', '页面已默认勾选同意。', '勾选即表示同意《服务合同》《授权书》。'],
    [
      '□ 同意　□ 不同意',
      '两个选框均未预先勾选。',
      '页面不会默认勾选任何一项。',
      '《服务合同》和《授权书》分别勾选，点击各自的选框。',
    ],
  ],
  [
    'L09',
    ['使用本服务即视为同意授权。', '登录平台即表示您已阅读并同意本授权书。', '未提出异议的，视为同意授权。'],
    ['使用其他服务，不视为同意本授权书。', '仅在勾选“同意”并签署之后，方视为同意。', '未提出异议的，不视为同意。'],
  ],
  [
    'L10',
    ['本人同意被授权人查询本人的信用报告，并将本人信息报送至数据库。', '授权被授权人查询并向合作银行甲提供信用信息。'],
    [
      '同意查询的，不代表同意报送。',
      '查询与报送须分别同意。',
      '本人同意被授权人查询本人的信用报告。',
      '被授权人超出授权查询、报送的，承担责任。',
    ],
  ],
  [
    'L11',
    ['被授权人采集本人的人脸信息。', '被授权人读取银行账户流水。'],
    ['被授权人不采集人脸信息。', '处理银行账户流水的必要性：核实还款来源；对本人权益的影响：可能暴露财产状况。'],
  ],
  [
    'L12',
    ['被授权人可查询本人的收入和不动产。', '可采集本人的纳税数额。'],
    ['被授权人不采集收入、存款。', '查询收入可能产生不利后果，例如降低额度。', '收入变化的，请及时更新。'],
  ],
  [
    'L14',
    ['本项为可选项，不同意的无法办理贷款。'],
    ['本项为可选项，不同意的不影响办理贷款。', '本项必要，不同意的无法审批。'],
  ],
  [
    'L15',
    ['因查询产生的损失，平台不承担任何责任。', '一切后果由本人自行承担。', '由此产生的纠纷与我方无关。'],
    [
      '超出授权的后果由银行承担。',
      '被授权人不得主张不承担任何责任。',
      '因被授权人泄露造成的损失，本人不承担责任。',
      '借款本金由本人偿还。',
    ],
  ],
  [
    'L16',
    ['勾选即默认您已获取授权。', '本人保证已取得配偶的同意。', '经办人代客户签署授权书。'],
    ['配偶须另行签署，本人不代其同意。', '被授权人确认已取得本人的书面同意。', '不得视为已取得配偶的同意。'],
  ],
  [
    'L18',
    [
      '本次查询不会影响您的征信。',
      '按期还款的，征信不会受任何影响。',
      '不逾期的，不会受任何影响。',
      '审批百分之百通过。',
      '办理本业务不用还款。',
    ],
    [
      '逾期会影响您的征信。',
      '任何人说不用还，都是骗局。',
      '有人声称不会影响征信的，切勿相信。',
      '被授权人不承诺不会影响征信。',
      '查询次数过多，可能影响信用评价。',
    ],
  ],
  [
    'L20',
    ['争议由某地法院管辖。', '逾期按日收取违约金。', '提交仲裁委员会裁决。'],
    ['本授权书不约定管辖和违约金。', '本人可向法院起诉。', '违约金由借款合同约定。'],
  ],
  [
    'L21',
    ['用途：________', '本人（　　　）同意查询。'],
    ['签名：________', '备注：此处空白，已划线作废________', '编号：9900**********0014'],
  ],
  [
    'L22',
    ['本授权的效力独立于借款合同。', '借款合同无效的，本授权仍继续有效。', '本授权不因合同解除而失效。'],
    ['借款合同无效的，本授权同时终止。', '各项授权相互独立，可只同意其中一项。', '本授权的效力不独立于合同。'],
  ],
];

const rulesIn = (text: string) => lintLetter({ text, template: null }).map(({ rule }) => rule);

describe.each(SENTENCES)('%s', (rule, wrong, right) => {
  test.each(wrong)('finds: %s', (sentence) => {
    const text = `${LETTER}${sentence}\n`;
    const found = lintLetter({ text, template: null }).filter((finding) => finding.rule === rule);
    expect(found).toHaveLength(1);
    const [{ at, sentence: said }] = found as [Finding];
    expect(at.kind === 'text' && text.slice(at.offset).startsWith(said)).toBe(true);
    expect(at.kind === 'text' && at.offset >= LETTER.length).toBe(true);
  });

  test.each(right)('does not find: %s', (sentence) => {
    expect(rulesIn(`${LETTER}${sentence}\n`)).not.toContain(rule);
  });
});

describe('what a text lacks', () => {
  test('nothing, in a letter that is right', () => {
    expect(lintLetter({ text: LETTER, template: null })).toEqual([]);
  });

  test.each([
    ['L06', '授权期限：自签署之日起一年；', ''],
    ['L07', '被授权人：示例银行股份有限公司（金融许可证：示例）', '被授权人：示例小贷（金融许可证：示例）'],
    ['L07', '被授权人：示例银行股份有限公司（金融许可证：示例）', ''],
    ['L07', '（金融许可证：示例）', ''],
    ['L13', '联系方式：客服电话见签署页', ''],
    ['L13', '授权书保存五年。', ''],
    ['L13', '可查阅、复制、更正、删除记录，', ''],
    ['L13', '可随时撤回授权', '不可撤销本授权'],
    ['L14', '不同意的后果：无法审批贷款，其他服务不受影响。', ''],
    ['L17', /\*\*/g, ''],
    ['L17', /\*\*/g, '*'],
  ])('%s, without %s', (rule, words, instead) => {
    const text = LETTER.replace(words, instead);
    expect(text).not.toBe(LETTER);
    expect(rulesIn(text)).toContain(rule);
  });

  test('L17 is not deceived by the asterisks of a masked number', () => {
    expect(rulesIn(`${LETTER.replaceAll('**', '')}证件号码：9900**********0014\n`)).toContain('L17');
  });

  test('L19 finds what is too long', () => {
    expect(rulesIn(`${LETTER}${'本人知悉。\n'.repeat(2_000)}`)).toContain('L19');
  });
});

const clauses = (change: Partial<Clause>, at = 0) => ({
  clauses: TEMPLATE.clauses.map((clause, place) => (place === at ? { ...clause, ...change } : clause)),
});
const screen = (change: Partial<Template['screen']>) => ({ screen: { ...TEMPLATE.screen, ...change } });
const [QUERY] = TEMPLATE.clauses as [Clause];

/** A change that makes the template wrong in one way, and where. */
const FLAWS: readonly (readonly [rule: string, what: string, change: Partial<Template>, path: string])[] = [
  [
    'L01',
    'words of its own',
    { statements: { ...TEMPLATE.statements, papers: both('本授权不可撤销。') } },
    'statements.papers.zh',
  ],
  ['L02', 'a class of recipients', clauses({ recipients: ['co_brand_partners'] }, 1), 'clauses[1].recipients[0]'],
  ['L02', 'a class of sources', clauses({ sources: ['affiliate'] }), 'clauses[0].sources[0]'],
  [
    'L02',
    'a processor without a name',
    { processors: [{ ...TEMPLATE.processors[0]!, name: null }] },
    'processors[0].name',
  ],
  ['L03', 'no items', clauses({ items: [] }), 'clauses[0].items'],
  ['L03', 'a catch-all', clauses({ items: ['basic', 'other_info'] }), 'clauses[0].items[1]'],
  ['L04', 'adverse items without notice', clauses({ items: ['adverse'], warnings: [] }, 1), 'clauses[1].warnings'],
  ['L05', 'no purpose', clauses({ purposes: [] }), 'clauses[0].purposes'],
  ['L05', 'another purpose', clauses({ purposes: ['loan_apply', 'other'] }), 'clauses[0].purposes[1]'],
  [
    'L05+L08',
    'one preset purpose',
    screen({
      ticked: { clauses: [], purposes: QUERY.purposes.slice(0, 1) },
      disabled: { clauses: [], purposes: QUERY.purposes.slice(1) },
    }),
    'clauses[0].purposes',
  ],
  ['L06', 'no end', clauses({ ends: null }), 'clauses[0].ends'],
  ['L07', 'no licence wanted', { grantee_licence: null }, 'grantee_licence'],
  [
    'L07',
    'a candidate without licence',
    { candidates: [{ ...TEMPLATE.candidates[0]!, licence: null }] },
    'candidates[0].licence',
  ],
  ['L07', 'a brand', { candidates: [{ ...TEMPLATE.candidates[0]!, name: both('示例贷') }] }, 'candidates[0].name'],
  ['L08', 'a ticked clause', screen({ ticked: { clauses: ['query'], purposes: [] } }), 'screen.ticked.clauses[0]'],
  [
    'L08',
    'a disabled clause',
    screen({ disabled: { clauses: ['query'], purposes: [] } }),
    'screen.disabled.clauses[0]',
  ],
  [
    'L08',
    'one box for two documents',
    screen({
      boxes: TEMPLATE.screen.boxes.map((box, at) => (at === 0 ? { ...box, documents: [both('甲'), both('乙')] } : box)),
    }),
    'screen.boxes[0].documents',
  ],
  [
    'L10',
    'one box for two clauses',
    screen({ boxes: [{ clauses: ['query', 'report'], documents: [] }, ...TEMPLATE.screen.boxes.slice(2)] }),
    'screen.boxes[0].clauses',
  ],
  ['L10', 'a clause without box', screen({ boxes: TEMPLATE.screen.boxes.slice(1) }), 'screen.boxes'],
  ['L10', 'provision without separate consent', clauses({ basis: 'written_consent' }, 2), 'clauses[2].basis'],
  ['L11+L12', 'sensitive items without necessity', clauses({ items: ['basic', 'deposits'] }), 'clauses[0].items[1]'],
  ['L12', 'one of six kinds without warning', clauses({ items: ['income'] }), 'clauses[0].items[0]'],
  ['L13', 'no rights', { slots: { ...TEMPLATE.slots, rights: null } }, 'slots.rights'],
  [
    'L13',
    'no statement of having read',
    { statements: { ...TEMPLATE.statements, reading: null } },
    'statements.reading',
  ],
  ['L13', 'no consequence of revoking', clauses({ revoking: null }), 'clauses[0].revoking'],
  ['L13', 'a borrower who is not warned', { signer: 'borrower' }, 'warnings'],
  ['L13', 'a borrower who is not asked', { signer: 'borrower' }, 'teach_back'],
  ['L14', 'no reason', clauses({ why: null }), 'clauses[0].why'],
  ['L14', 'no consequence of refusing', clauses({ refusal: null }), 'clauses[0].refusal'],
  ['L14', 'optional, yet it blocks', clauses({ necessity: 'optional' }), 'clauses[0].refusal.blocks'],
  [
    'L14',
    'necessary, yet it does not block',
    clauses({ refusal: { blocks: false, words: both('无') } }),
    'clauses[0].refusal.blocks',
  ],
  ['L17', 'a clause that is not bold', clauses({ key: false }), 'clauses[0].key'],
  ['L19', 'small print', screen({ font_dp: 17 }), 'screen.font_dp'],
  ['L19', 'pale print', screen({ contrast_percent: 449 }), 'screen.contrast_percent'],
  ['L19', 'narrow lines', screen({ line_percent: 129 }), 'screen.line_percent'],
  ['L19', 'small boxes', screen({ target_dp: 43 }), 'screen.target_dp'],
  ['L19', 'a long letter', screen({ characters_max: 6_001 }), 'screen.characters_max'],
  ['L21', 'a query from nowhere', clauses({ sources: [] }), 'clauses[0].sources'],
  ['L21', 'a report to nobody', clauses({ recipients: [] }, 1), 'clauses[1].recipients'],
];

describe('a template', () => {
  test('in which nothing is wrong is clean', () => {
    expect(lintLetter({ text: null, template: TEMPLATE })).toEqual([]);
  });

  test.each(FLAWS)('%s: %s', (rules, _what, change, path) => {
    const [rule, ...others] = rules.split('+');
    const found = lintLetter({ text: null, template: { ...TEMPLATE, ...change } });
    const places = found.filter((each) => each.rule === rule).map(({ at }) => (at.kind === 'template' ? at.path : ''));
    expect(places).toContain(path);
    // Nothing else is said to be wrong.
    expect(new Set(found.map((each) => each.rule))).toEqual(new Set([rule, ...others]));
  });

  test.each([
    ['L05', screen({ disabled: { clauses: [], purposes: QUERY.purposes.slice(0, 1) } })],
    ['L11', clauses({ items: ['deposits'], sensitive: { necessity: both('必要性'), impact: both('影响') } })],
    ['L12', warned()],
    ['L13', { signer: 'spouse' as const }],
    ['L14', clauses({ necessity: 'optional', refusal: { blocks: false, words: both('不影响') } })],
    ['L21', clauses({ sources: [], recipients: [] }, 3)],
  ])('%s does not find what is right', (rule, change) => {
    const found = lintLetter({ text: null, template: { ...TEMPLATE, ...change } });
    expect(found.map((each) => each.rule)).not.toContain(rule);
  });

  test('asks the caller which kinds an item is of', () => {
    const template = { ...TEMPLATE, ...clauses({ items: ['hpf_balance'] }) };
    const kindsOf = (item: string) => (item === 'hpf_balance' ? ['asset', 'sensitive'] : lawKindsOf(item));
    expect(lintLetter({ text: null, template })).toEqual([]);
    expect(lintLetter({ text: null, template }, kindsOf).map(({ rule }) => rule)).toEqual(['L11', 'L12']);
  });

  test('is looked through together with its text', () => {
    const template = { ...TEMPLATE, ...clauses({ why: null }) };
    const found = lintLetter({ text: `${LETTER}本授权不可撤销。`, template });
    expect(found.map(({ rule, at }) => [rule, at.kind])).toEqual([
      ['L01', 'text'],
      ['L14', 'template'],
    ]);
  });
});

describe('every rule', () => {
  test('is L01 to L22, in this order, each tried with what is wrong and what is right', () => {
    const ids = Array.from({ length: 22 }, (_, at) => `L${String(at + 1).padStart(2, '0')}`);
    expect(RULES.map(({ rule }) => rule)).toEqual(ids);
    const tried = new Set([...SENTENCES.map(([rule]) => rule), ...FLAWS.map(([rules]) => rules.slice(0, 3))]);
    expect([...tried].sort()).toEqual(ids);
  });

  test.each(RULES.map((rule) => [rule.rule, rule] as const))(
    '%s says why, by which article, and what is better',
    (_id, rule) => {
      for (const words of [rule.why, rule.better]) {
        expect(words.zh).toMatch(/\p{Script=Han}/u);
        expect(words.en).not.toMatch(/\p{Script=Han}/u);
      }
      expect(rule.law.length).toBeGreaterThan(0);
      for (const { doc } of rule.law) expect(LAWS).toHaveProperty([doc]);
    },
  );

  test('finds nothing wrong with what the rules call better', () => {
    for (const { rule, better } of RULES) {
      expect(rulesIn(`${LETTER}${better.zh}\n`), `${rule}: ${better.zh}`).toEqual([]);
    }
  });
});

test('only an error keeps a template from being published', () => {
  const warned = lintLetter({ text: null, template: { ...TEMPLATE, ...screen({ font_dp: 10 }) } });
  expect([warned.length, hasError(warned), hasError([])]).toEqual([1, false, false]);
  expect(hasError(lintLetter({ text: null, template: { ...TEMPLATE, grantee_licence: null } }))).toBe(true);
});

test('a long text without a single stop is looked through in a moment', () => {
  const text = '授权查询使用即合同其他'.repeat(LINT_TEXT_MAX / 11);
  const started = performance.now();
  lintLetter({ text, template: null });
  expect(performance.now() - started).toBeLessThan(2_000);
});

function warned(): Partial<Template> {
  const warning = {
    id: 'consequence',
    kind: 'adverse_consequence',
    words: both('可能产生不利后果'),
    evidence: 'V',
  } as const;
  return { warnings: [...TEMPLATE.warnings, warning], ...clauses({ items: ['income'], warnings: ['consequence'] }) };
}
