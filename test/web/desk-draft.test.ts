/** The desk's module, as far as it reads no page: what a clerk filled in, days as moments, problems in words, keys. */
import { describe, expect, it, test } from 'vitest';
import { Refused } from '#client/send.ts';
import { partySignatory, signBases } from '#client/sign.ts';
import { parseBase64, parseBase64Url, utf8 } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import { parsePublicKey } from '#core/note/key.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { DESK_WORDS as DESK } from '../../src/web/desk/words.ts';
import {
  draftingOf,
  endOf,
  type Filled,
  fieldsOf,
  isPhone,
  momentOf,
  type Template,
} from '../../src/web/scripts/desk/draft.ts';
import { newKey, readOperator, signingKeyOf } from '../../src/web/scripts/desk/keys.ts';
import { problemText, Wanted } from '../../src/web/scripts/desk/wanted.ts';

const NOW = Date.parse('2026-11-21T10:00:00+08:00');
const PARTY = 'a'.repeat(32) as PartyId;
const DOOR = 'b'.repeat(32) as PartyId;
const HANDLE = 'c'.repeat(32) as Handle;
const both = (text: string) => ({ zh: text, en: text });
const named = (id: string) => ({ id, name: both(id) });

const TEMPLATE: Template = {
  pack: 'huabei' as Template['pack'],
  id: 'letter',
  version: 3,
  title: both('授权书'),
  subject: 'person',
  clauses: [
    {
      id: 'query',
      action: 'QUERY',
      purposes: [named('loan_apply'), named('post_loan')],
      items: [named('credit_report')],
      sources: [
        { ...named('pboc_database'), party: DOOR },
        { ...named('tax_authority'), party: null },
      ],
      recipients: [],
      candidates: [],
      basis: 'written_consent',
      necessity: 'necessary',
      why: null,
    },
  ],
};
const NOTHING = { purposes: [], items: [], sources: [], recipients: [], candidates: [] };
const TICKED = {
  ...NOTHING,
  clause: 'query',
  purposes: ['loan_apply'],
  items: ['credit_report'],
  sources: ['pboc_database'],
};
const FILLED: Filled = {
  template: TEMPLATE,
  ticked: [TICKED],
  last: '2027-11-20',
  signBy: '2026-11-28',
  letterNo: 'EX-1',
  letterhead: { uscc: '91990001MA00000157', licence: both('许可证'), contact: both('示例路') },
  subject: {
    name: '古丽·示例',
    id_type: both('居民身份证'),
    id_number: '990001189001010014',
    loan_card: '',
    signatory: '',
  },
  reached: [],
  owed: '',
  returnTo: '',
  confirm: [],
};
const draft = (change: Partial<Filled> = {}) =>
  draftingOf({ principal: PARTY, handle: HANDLE }, { ...FILLED, ...change }, NOW);
const wanted = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof Wanted) return thrown.word;
    throw thrown;
  }
  return undefined;
};

describe('a letter that a clerk filled in', () => {
  it('asks for what was ticked and no more, to the end of its last day', () => {
    const { grants, expires_at, slots, template, text } = draft();
    expect(grants).toMatchObject([
      { action: 'QUERY', purposes: ['loan_apply'], items: ['credit_report'], sources: [DOOR], recipients: [] },
    ]);
    expect(grants[0]?.to).toBe(Date.parse('2027-11-21T00:00:00+08:00'));
    expect(expires_at).toBe(Date.parse('2026-11-29T00:00:00+08:00'));
    expect([template, text]).toEqual([{ pack: 'huabei', id: 'letter', version: 3 }, null]);
    expect(slots?.subject).toMatchObject({ name: '古丽·示例', id_number: '9900**********0014', loan_card: null });
  });

  it('says before what is owed, where to go afterwards and what to confirm, and nothing where nothing is filled in', () => {
    expect(Object.keys(draft())).not.toEqual(expect.arrayContaining(['owed']));
    const said = draft({
      owed: '¥50,000',
      returnTo: 'https://lender.example/17',
      confirm: [
        { by: PARTY, lines: '在册单位：示例\n\n 社保十二个月 ' },
        { by: DOOR, lines: '纳税人：示例' },
      ],
    });
    expect(said).toMatchObject({ owed: '¥50,000', return_to: 'https://lender.example/17' });
    expect(said.confirm).toEqual([
      { id: 'fact_1', zh: '在册单位：示例', en: null, by: PARTY },
      { id: 'fact_2', zh: '社保十二个月', en: null, by: PARTY },
      // Whose record it is: the person is told, and has it corrected there.
      { id: 'fact_3', zh: '纳税人：示例', en: null, by: DOOR },
    ]);
  });

  test.each<[string, Partial<Filled>]>([
    ['want_clause', { ticked: [] }],
    ['want_clause', { ticked: [{ ...TICKED, clause: 'other' }] }],
    ['want_purpose_and_item', { ticked: [{ ...TICKED, purposes: [] }] }],
    ['want_purpose_and_item', { ticked: [{ ...TICKED, items: [] }] }],
    ['want_party', { ticked: [{ ...TICKED, sources: [] }] }],
    // Whoever is not registered can't be named, even where a box was forced to be ticked.
    ['want_party', { ticked: [{ ...TICKED, sources: ['tax_authority'] }] }],
    ['want_fewer_facts', { confirm: [{ by: PARTY, lines: '一\n二\n三\n四\n五\n六\n七\n八\n九' }] }],
    ['want_day', { last: '' }],
    ['want_day', { last: '2027-02-30' }],
    ['want_later_day', { signBy: '2026-11-20' }],
    ['want_text', { letterNo: '' }],
    ['want_text', { letterhead: { ...FILLED.letterhead, licence: both('') } }],
    ['want_text', { letterhead: { ...FILLED.letterhead, contact: both('') } }],
    ['want_uscc', { letterhead: { ...FILLED.letterhead, uscc: 'abc' } }],
    ['want_uscc', { letterhead: { ...FILLED.letterhead, uscc: '91990001MA00000158' } }],
    ['want_uscc', { reached: [{ party: DOOR, uscc: '1', usccField: 'uscc/x', contact: both('') }] }],
    ['want_return_to', { returnTo: 'javascript:alert(1)' }],
    ['want_return_to', { returnTo: 'http://lender.example/17' }],
  ])('is refused as %s: %j', (word, change) => {
    expect(wanted(() => draft(change))).toBe(word);
    expect(DESK).toHaveProperty(word);
  });
});

test.each([
  ['00000001234', true],
  ['+86 (10) 0000-0000', true],
  ['00000', true],
  ['abc', false],
  ['0000', false],
  ['000000000000000000000', false],
  ['0000-', false],
  ['1 or 2', false],
])('%s is a telephone number: %j', (text, isOne) => {
  expect(isPhone(text)).toBe(isOne);
});

describe('a day', () => {
  it('ends where the next begins, in Beijing', () => {
    expect(endOf('2026-11-21', 'last', NOW)).toBe(Date.parse('2026-11-22T00:00:00+08:00'));
  });

  it('on a paper is a moment within it: now, or as late as it gets', () => {
    expect(momentOf('2026-11-21', 'signed_on', NOW)).toBe(NOW);
    expect(momentOf('2026-11-20', 'signed_on', NOW)).toBe(Date.parse('2026-11-21T00:00:00+08:00') - 1);
    expect(wanted(() => momentOf('2026-11-22', 'signed_on', NOW))).toBe('want_day_past');
    expect(wanted(() => momentOf('gestern', 'signed_on', NOW))).toBe('want_day');
  });
});

test('what is to be seen stands in one order, and is not nothing', () => {
  expect(fieldsOf(['phone', 'id_number'])).toEqual(['id_number', 'phone']);
  expect(wanted(() => fieldsOf(['address']))).toBe('want_field');
});

describe('a problem', () => {
  it('is told in words, with its code; in Chinese nothing of it is English', () => {
    const refused = new Refused(409, 'quiet_period', 'the subject refused this', 'Do not ask again.');
    expect(problemText(refused, 'zh', DESK)).toBe(`${DESK.problem_quiet_period.zh} [quiet_period]`);
    expect(problemText(refused, 'en', DESK)).toContain('Do not ask again.');
    expect(problemText(new Failure('key_invalid', 'x'), 'zh', DESK)).toContain('[key_invalid]');
    expect(problemText(new Refused(418, 'teapot', '', undefined), 'zh', DESK)).toBe(
      `${DESK.problem_refused.zh} [teapot]`,
    );
    expect(problemText(new TypeError('secret 990001189001010014'), 'en', DESK)).toBe(DESK.problem_failed.en);
  });
});

describe('a key', () => {
  it('of a file signs as its party, and can’t be read out', async () => {
    const { pem, key } = await newKey();
    const operator = await readOperator(PARTY, pem);
    expect(parseBase64Url(operator.publicKey)).toEqual(new Uint8Array(key.publicKey));
    expect(operator.key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('pkcs8', operator.key)).rejects.toThrow();
    const unsigned = { method: 'GET', authority: 'x.example', path: '/v1/templates', query: '' } as const;
    const [signed] = await signBases([partySignatory(PARTY, signingKeyOf(operator))], unsigned, 1);
    const signature = parseBase64(signed?.signature ?? '');
    const publicKey = parsePublicKey(parseBase64Url(operator.publicKey));
    expect(await nativeEd25519.verify(publicKey, utf8(signed?.base ?? ''), signature)).toBe(true);
  });

  it('is none where the file is none', async () => {
    await expect(readOperator(PARTY, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----')).rejects.toThrow();
  });
});
