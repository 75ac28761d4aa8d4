/** Letters made from templates of the law in force: which may be named, what they may say, and the text that follows. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '#core/canonical.ts';
import { ENGINE } from '#core/consent/engine.ts';
import { makeText, slotsShape } from '#core/consent/letter-text.ts';
import type { TemplateRef } from '#core/consent/pinned-template.ts';
import { expectRequest } from '#core/consent/requested.ts';
import { type Command, commandOf, decide, neededParts } from '#core/consent/rules.ts';
import { letterStatement } from '#core/consent/statement.ts';
import type { Terms } from '#core/consent/terms.ts';
import { Failure } from '#core/failure.ts';
import type { PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Pack } from '#core/pack/pack.ts';
import type { PackId } from '#core/pack/word.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';
import { GOLDEN_PACK } from '../../vectors/pack.ts';
import { both } from '../letter-template/paper-template.ts';
import { dayOf } from '../pack/paper-pack.ts';
import {
  BUREAU,
  calledByKeeper,
  changed,
  DAY,
  drafted,
  draftInput,
  HANDLE,
  keysOfParty,
  LENDER,
  LETTER,
  OTHER_BUREAU,
  openedPaper,
  type Paper,
  paperId,
  partyOf,
  published,
  REL,
  REPORT_TERMS,
  relationshipOf,
  sealedBy,
  signed,
  signedPaper,
  TODAY,
  terms,
} from './paper-ledger.ts';
import { requestOf, verifyAnew } from './paper-requests.ts';
import { SLOTS } from './paper-slots.ts';

const NOW = TODAY as Instant;
/** The pack of the golden ledger, whose database has the registered name of the paper's bureau. */
const PACK: Pack = {
  ...GOLDEN_PACK,
  parties: GOLDEN_PACK.parties.map((row) =>
    row.id === 'database' ? { ...row, name: both('示例 bureau', 'Example bureau') } : row,
  ),
};
const REF: TemplateRef = { pack: PACK.id, pack_version: 1, id: 'huabei_letter', version: 1 };
/** The candidates of the golden letter, by the names that its pack has. */
const [FUNDER_A, FUNDER_B, NAMESAKE] = [0x301, 0x302, 0x303].map((n) => paperId<PartyId>(n)) as [
  PartyId,
  PartyId,
  PartyId,
];
const FUNDERS = [
  [FUNDER_A, '示例银行甲股份有限公司', 'grantee'],
  [FUNDER_B, '示例银行乙股份有限公司', 'grantee'],
  [NAMESAKE, '示例银行乙股份有限公司', 'grantee'],
] as const;
const CANDIDATES = [FUNDER_A, FUNDER_B];
const REPORT: Terms = { ...REPORT_TERMS, candidates: CANDIDATES };
const GRANTS = [terms(), REPORT] as const;
const WARNINGS = ['adverse_report', 'debt', 'scam'];

function lawful(...packs: readonly Pack[]): Paper {
  const paper = openedPaper();
  for (const [party, name, role] of FUNDERS) {
    const input = { name, roles: [role], keys: keysOfParty(party), ...calledByKeeper() };
    paper.write({ type: 'party.registered', stream: partyStream(party), input }, TODAY - DAY);
  }
  for (const pack of packs.length === 0 ? [PACK] : packs) paper.write(published(pack), TODAY - DAY);
  return paper;
}
type Draft = Parameters<typeof draftInput>[0];
const made = (change: Draft = {}): Command =>
  drafted({ template: REF, asks: true, warnings: WARNINGS, grants: GRANTS, ...change });
const bodyOf = (paper: Paper, change: Draft = {}) => decide(paper, made(change), NOW);
const drafting = (grants: readonly Terms[] = GRANTS) => ({ principal: LENDER, template: REF, grants });

describe('a letter', () => {
  test('names its template, and pins the versions of all packs in force', () => {
    const paper = lawful();
    const { entry } = paper.write(made(), TODAY);
    expect(entry.body).toMatchObject({ template: REF, packs: { golden: 1 }, engine: ENGINE, warnings: WARNINGS });
    expect(neededParts(made())).toEqual(['text', 'text_salt', 'request', 'slots', 'translation']);
    expect(commandOf(entry).input).toMatchObject({ template: REF });
  });

  test('is signed by a statement that names the template, too', () => {
    const paper = lawful();
    paper.write(made(), TODAY);
    const draft = relationshipOf(paper).drafts[LETTER] ?? expect.unreachable();
    const given = { log: 'x', ref: LETTER, grantee: LENDER, draft, given: [true, true], signedAt: TODAY };
    expect(letterStatement(given)).toMatchObject({ template: REF, text: draft.text, warnings: WARNINGS });
  });

  test('is signed item by item: a signature that says nothing of items would hide what was refused', () => {
    const paper = lawful();
    paper.write(made(), TODAY);
    const answers = { letter: LETTER, principal: LENDER, outcome: 'clear', ...sealedBy(LENDER) } as const;
    paper.write({ type: 'letter.answered', stream: REL, input: answers }, TODAY);
    expectFailure('entry_invalid', () => decide(paper, signed({ given: [true, false] }), NOW));
    expect(decide(paper, signed({ given: [true, false], declined_items: [[], []] }), NOW)).toBeDefined();
  });

  test('reads the log, so that its entry follows from that very law', () => {
    const [one, other] = [lawful(), lawful(PACK, { ...PACK, id: 'other' as PackId, ...NOTHING })];
    const same = made();
    const [saw, otherSaw] = [one, other].map((paper) => decide(paper, same, NOW)['saw']);
    expect(saw).not.toBe(otherSaw);
  });

  test('may leave clauses out, and offer less than them, and warns of what is left only', () => {
    const [query, report] = GRANTS;
    expect(bodyOf(lawful(), { grants: [query], warnings: ['debt', 'scam'] })).toBeDefined();
    const less = { ...report, items: ['basic'] };
    expect(bodyOf(lawful(), { grants: [less], warnings: ['adverse_report', 'debt'] })).toBeDefined();
    expectFailure('entry_invalid', () => bodyOf(lawful(), { grants: [query] }));
  });
});

describe('a text of the grantee’s own', () => {
  test('is a letter while no pack in force has a template', () => {
    const paper = lawful({ ...PACK, templates: [] });
    expect(decide(paper, drafted(), NOW)).toMatchObject({ template: null, packs: { golden: 1 } });
    expect(decide(openedPaper(), drafted(), NOW)).toMatchObject({ template: null, packs: {} });
  });

  test('is refused once one has, with all that may be named', () => {
    expectFailure('template_required', () => decide(lawful(), drafted(), NOW));
    expect(() => decide(lawful(), drafted(), NOW)).toThrow('want a template in force: golden huabei_letter 1');
  });

  test('is a letter again when that pack is withdrawn', () => {
    const paper = lawful();
    const input = { pack: PACK.id, ...calledByKeeper() };
    paper.write({ type: 'pack.withdrawn', stream: LOG_STREAM, input }, TODAY);
    expect(decide(paper, drafted(), NOW)).toMatchObject({ template: null, packs: {} });
    expectFailure('pack_not_in_force', () => decide(paper, made(), NOW));
  });
});

describe('is refused, and its entry with it:', () => {
  test.each<[string, Failure['code'], Draft]>([
    ['a pack that nobody published', 'pack_unknown', { template: { ...REF, pack: 'toString' as PackId } }],
    ['another template', 'template_unknown', { template: { ...REF, id: 'other' } }],
    ['another version of it', 'template_unknown', { template: { ...REF, version: 2 } }],
    ['another version of the pack than is in force', 'entry_invalid', { template: { ...REF, pack_version: 2 } }],
    ['no warnings', 'entry_invalid', { warnings: [] }],
    ['a warning more', 'entry_invalid', { warnings: [...WARNINGS, 'adverse_consequence'] }],
    ['another order', 'template_mismatch', { grants: GRANTS.toReversed() }],
    ['another purpose', 'template_mismatch', { grants: [{ ...terms(), purposes: ['guarantor'] }] }],
    ['another item', 'template_mismatch', { grants: [{ ...terms(), items: ['credit_report', 'tax'] }] }],
    ['another basis', 'template_mismatch', { grants: [{ ...terms(), basis: 'consent' }] }],
    ['another necessity', 'template_mismatch', { grants: [{ ...terms(), necessity: 'optional' }] }],
    ['a door that no pack knows', 'template_mismatch', { grants: [{ ...terms(), sources: [LENDER] }] }],
    ['two doors of one name', 'template_mismatch', { grants: [{ ...terms(), sources: [BUREAU, OTHER_BUREAU] }] }],
    ['candidates of a clause that has none', 'template_mismatch', { grants: [{ ...terms(), candidates: CANDIDATES }] }],
    ['no candidates of a clause that has some', 'template_mismatch', { grants: [REPORT_TERMS] }],
    [
      'a candidate that no pack knows',
      'template_mismatch',
      { grants: [{ ...REPORT, candidates: [FUNDER_A, LENDER] }] },
    ],
    ['two candidates of one name', 'template_mismatch', { grants: [{ ...REPORT, candidates: [FUNDER_B, NAMESAKE] }] }],
    ['a single candidate', 'input_invalid', { grants: [{ ...REPORT, candidates: [FUNDER_A] }] }],
    ['a candidate that is a door', 'party_role', { grants: [{ ...REPORT, candidates: [FUNDER_A, BUREAU] }] }],
  ])('%s', (_what, code, change) => {
    expectFailure(code, () => bodyOf(lawful(), change));
  });

  test('a pack whose span has not begun, or is over', () => {
    expectFailure('pack_not_in_force', () => bodyOf(lawful({ ...PACK, from: dayOf('2030-01-01') })));
    expectFailure('pack_not_in_force', () => bodyOf(lawful({ ...PACK, to: dayOf('2024-06-01') })));
  });

  test('a template of a ledger that has no pack', () => {
    expectFailure('pack_unknown', () => bodyOf(openedPaper(), { grants: [terms()] }));
  });

  test('a letter for a person, of a firm', () => {
    const paper = lawful();
    const firm = changed(paper, { [REL]: { ...relationshipOf(paper), subject: 'firm' } });
    expectFailure('template_mismatch', () => decide(firm, made(), NOW));
  });

  test('a letter that says nothing of its engine, or another', () => {
    const { engine: _engine, asks: _asks, ...first } = draftInput();
    const input = { type: 'letter.drafted', stream: REL, input: first } as Command;
    expectFailure('entry_invalid', () => decide(lawful(), input, NOW));
    expectFailure('entry_invalid', () => decide(openedPaper(), input, NOW));
    expectFailure('entry_invalid', () => decide(openedPaper(), drafted({ engine: ENGINE + 1 }), NOW));
  });
});

test('a ledger of the first engine has letters without engine, and no others', () => {
  const paper = openedPaper();
  const log = paper.state(LOG_STREAM) as object;
  const first = changed(paper, { [LOG_STREAM]: { ...log, engine: 1 } });
  const { engine: _engine, asks: _asks, ...input } = draftInput({ template: 'credit-query.v1' });
  expect(decide(first, { type: 'letter.drafted', stream: REL, input } as Command, NOW)).not.toHaveProperty('packs');
  expectFailure('entry_invalid', () => decide(first, drafted(), NOW));
});

describe('the text', () => {
  const textOf = (grants: readonly Terms[] = GRANTS, slots = SLOTS, paper = lawful()) =>
    makeText(paper, NOW, drafting(grants), slots);

  test('has the registered names of grantee and doors, the packs’ names of codes, and the slots', () => {
    const { text, translation, ref } = textOf();
    expect(ref).toEqual(REF);
    for (const said of [
      '被授权人：示例 grantee\n',
      '（1）示例 bureau\n',
      '示例credit_report',
      '李示例',
      'EX-1890-001',
    ]) {
      expect(text).toContain(said);
    }
    expect(translation).toMatch(/^This is a translation\. The Chinese text is authoritative\.\n/);
    expect(translation).toContain('(1) Example bureau\n');
  });

  test('says how a door is reached, where that is known', () => {
    const door = { party: BUREAU, uscc: '91990001MA0000103M', contact: both('示例路二号') };
    expect(textOf(GRANTS, { ...SLOTS, doors: [door] }).text).toContain(
      '（1）示例 bureau（统一社会信用代码：91990001MA0000103M）（联系方式：示例路二号）\n',
    );
    expectFailure('slot_invalid', () => textOf(GRANTS, { ...SLOTS, doors: [door, door] }));
    expectFailure('slot_invalid', () => textOf(GRANTS, { ...SLOTS, doors: [{ ...door, party: OTHER_BUREAU }] }));
  });

  test('has the registered names of the candidates in their clause, and in no other', () => {
    const { text, translation } = textOf();
    const [query, report] = text.split('第二项授权') as [string, string];
    expect(query).not.toContain('示例银行');
    expect(report).toContain(
      '任何一方均不得依本项授权行事：\n（1）示例银行甲股份有限公司（许可证：示例金融许可证）\n（2）示例银行乙股份有限公司',
    );
    expect(translation).toContain('(1) Example Bank A (Licence: as said in Chinese)\n(2) Example Bank B');
    const turned = [terms(), { ...REPORT, candidates: [FUNDER_B, FUNDER_A] }];
    expect(textOf(turned).text).not.toBe(text);
    const reached = { party: FUNDER_B, uscc: '91990001MA0000111G', contact: null };
    expect(textOf(GRANTS, { ...SLOTS, doors: [reached] }).text).toContain(
      '（2）示例银行乙股份有限公司（统一社会信用代码：91990001MA0000111G）',
    );
  });

  test('takes no slot that stands in two lines, and never repeats one', () => {
    for (const name of ['李\n**示例**', '  ', '李\u202e示例']) {
      const slots = { ...SLOTS, subject: { ...SLOTS.subject, name } };
      expectFailure('slot_invalid', () => textOf(GRANTS, slots));
      expect(() => textOf(GRANTS, slots)).not.toThrow('示例');
    }
    expectFailure('entry_invalid', () => slotsShape({ ...SLOTS, more: 1 }, 'slots'));
  });

  test('follows the registered name of a party, and nothing that a caller says', () => {
    const paper = lawful();
    const other = { ...partyOf(paper, BUREAU), name: '示例另一数据库' };
    const renamed = changed(paper, { [partyStream(BUREAU)]: other });
    expectFailure('template_mismatch', () => makeText(renamed, NOW, drafting(), SLOTS));
  });

  test('can be made of just the grants that its entry may have', () => {
    const paper = lawful();
    const any = fc.record({
      purposes: fc.subarray(['loan_apply', 'post_loan', 'guarantor'], { minLength: 1 }),
      items: fc.subarray(['credit_info', 'credit_report', 'line'], { minLength: 1 }),
      basis: fc.constantFrom('written_consent' as const, 'consent' as const),
      necessity: fc.constantFrom('necessary' as const, 'optional' as const),
    });
    fc.assert(
      fc.property(any, (change) => {
        const grants = [{ ...terms(), ...change }];
        const warnings = ['debt', 'scam'];
        const codes = [() => textOf(grants, SLOTS, paper), () => bodyOf(paper, { grants, warnings })].map(codeOf);
        expect(codes[0]).toBe(codes[1]);
      }),
    );
  });
});

describe('the request that asked for it', () => {
  const paper = lawful();
  const command = made();
  const entry = { ...paper.write(command, TODAY).entry };
  const named = { pack: PACK.id, id: REF.id, version: REF.version };
  const body = {
    ...{ principal: LENDER, handle: HANDLE, template: named, slots: SLOTS, text: null, warnings: [] },
    expires_at: draftInput().expires_at,
    grants: GRANTS.map(({ grant: _minted, ...clause }) => clause),
  } as unknown as JsonObject;
  const opened = { text: 'x', slots: SLOTS as unknown as Json };
  const asked = { name: 'letter.drafted', command, opened, path: '/v1/letters', body };
  const verify = async (change: JsonObject, parts: Readonly<Record<string, Json>> = opened) =>
    verifyAnew(expectRequest(signedPaper(), entry, parts), await requestOf({ ...asked, body: { ...body, ...change } }));

  test('names template and slots, and is compared with them, the slots as long as they are kept', async () => {
    await verify({});
    await verify({ slots: { ...SLOTS, letter_no: 'other' } as unknown as Json }, {});
  });

  test.each<[string, JsonObject]>([
    ['template', { template: { ...named, id: 'other' } }],
    ['version', { template: { ...named, version: 2 } }],
    ['pack', { template: { ...named, pack: 'other' } }],
    ['no template', { template: null }],
    ['text', { text: '授权书' }],
    ['warnings', { warnings: ['debt'] }],
    ['slots', { slots: { ...SLOTS, letter_no: 'other' } as unknown as Json }],
  ])('did not say another: %s', async (_what, change) => {
    await expectRefusal('entry_invalid', verify(change));
  });
});

test('a letter from before the packs stays what it was', () => {
  const paper = signedPaper();
  const before = relationshipOf(paper);
  paper.write(published(PACK), TODAY);
  expect(relationshipOf(paper)).toEqual(before);
});

/** A pack that has nothing. */
const NOTHING = {
  ...{ laws: [], profiles: [], items: [], purposes: [], codes: [], parties: [], rules: [], retention: [] },
  ...{ calendar: null, areas: [], templates: [] },
};

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (thrown) {
    return thrown instanceof Failure ? thrown.code : String(thrown);
  }
}
