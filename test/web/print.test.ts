/** Papers of a letter: read back out of their own bytes, as whoever opens the file would. */
import { getDocument, OPS, type PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LetterId } from '#core/ids.ts';
import { readPrintFonts } from '../../src/node/print-fonts.ts';
import type { PrintFonts } from '../../src/web/print/faces.ts';
import { openFaces, runsOf, widthOf } from '../../src/web/print/faces.ts';
import { type FormContent, letterForm } from '../../src/web/print/letter-form.ts';
import { type LetterContent, letterPdf } from '../../src/web/print/letter-pdf.ts';
import { linesOf } from '../../src/web/print/lines.ts';
import { expectRefusal } from '../support/failure.ts';

const NAME = '𠮷䶮㛃·买买提';
const MANY = Array.from(
  { length: 60 },
  (_, at) => `（${at + 1}）仅用于本项所列的用途；用途变更的，重新取得同意，电话 400-800-1234。`,
);
const TEXT = ['个人征信查询报送授权书', `授权人：${NAME}`, '**本人授权被授权人查询本人信用报告。**', ...MANY, ''].join(
  '\n',
);
const LEAF = '0123456789abcdef'.repeat(4);
const LETTER = '0199b1f0c40055556666777788889999' as LetterId;

const content: LetterContent = {
  url: 'http://127.0.0.1:8787/letters/AZmx8MQAVVVmZnd3iIiZmQABAgMEBQYHCAkKCwwNDg8',
  log: 'ledger.example/consent',
  capability: 'AZmx8MQAVVVmZnd3iIiZmQABAgMEBQYHCAkKCwwNDg8',
  grantee: '示例银行股份有限公司',
  identifiedBy: '示例核验有限公司',
  name: NAME,
  text: TEXT,
  translation: null,
  masked: false,
  standing: { size: 120, time: 1_795_268_000_000 },
  clauses: [
    {
      action: 'QUERY',
      purposes: [{ zh: '个人信贷申请', en: 'loan' }],
      items: [{ zh: '信用报告', en: 'report' }],
      declined: [{ zh: '不良信息', en: 'adverse' }],
      doors: ['示例征信中心'],
      candidates: [],
      from: null,
      to: 1_895_268_000_000,
      given: true,
      status: 'active',
    },
  ],
  verdict: {
    recorded: 'unwitnessed',
    witnessing: null,
    decision: 're-derived',
    payload: 'withheld',
    parts: { opened: [], withheld: [] },
    asOf: 100,
    access: null,
    erasure: null,
    facts: [],
    signatures: [],
    papers: [],
    names: {},
    problem: null,
    letter: {
      letter: LETTER,
      stream: 'rel/x',
      index: 55,
      check_code: '7G3K-09QZ-M4TV',
      leaf: LEAF,
      answer: 'signed',
      time: 1_795_268_000_123,
      signed_at: 1_795_267_990_123,
      grantee: 'x' as never,
      template: null,
      clauses: [],
      evidence: { grade: 'B', kind: 'passkey', method: 'identity_provider', identified_by: 'y' as never },
    },
  },
};
const form: FormContent = {
  letter: LETTER,
  text: TEXT,
  translation: null,
  grantee: '示例银行股份有限公司',
  clauses: [{ action: 'QUERY' }, { action: 'REPORT' }],
  owed: null,
  facts: [],
  expires_at: 1_795_268_000_000,
  drafted_at: 1_795_200_000_000,
  url: null,
};

const ZH = { lang: 'zh-CN' } as const;
const EN = { lang: 'en' } as const;

let fonts: PrintFonts;
beforeAll(async () => {
  fonts = await readPrintFonts();
});

interface Read {
  readonly pages: readonly string[];
  /** All of it, without what stands between lines. */
  readonly text: string;
  readonly fonts: ReadonlySet<string>;
  readonly bold: string;
}

async function read(bytes: Uint8Array): Promise<Read> {
  const task = getDocument({
    data: bytes.slice(),
    useSystemFonts: false,
    disableFontFace: true,
    fontExtraProperties: true,
  });
  const file = await task.promise;
  const pages: string[] = [];
  const names = new Set<string>();
  let bold = '';
  for (let at = 1; at <= file.numPages; at++) {
    const page = await file.getPage(at);
    await page.getOperatorList();
    const { items } = await page.getTextContent();
    const texts = items.flatMap((item) => ('str' in item ? [item] : []));
    for (const { fontName, str } of texts) {
      const { name, missingFile } = page.commonObjs.get(fontName) as { name: string; missingFile: boolean };
      expect(missingFile, name).not.toBe(true);
      names.add(name);
      if (name.includes('Bold')) bold += str;
    }
    pages.push(texts.map(({ str }) => str).join(''));
  }
  await expectA4(file);
  await task.destroy();
  return { pages, text: pages.join(''), fonts: names, bold };
}

async function expectA4(file: PDFDocumentProxy): Promise<void> {
  const [, , width, height] = (await file.getPage(1)).view as [number, number, number, number];
  expect([width / 72, height / 72].map((inches) => Math.round(inches * 25.4))).toEqual([210, 297]);
}

describe('the receipt of a letter on paper', () => {
  test('has the exact text, with key clauses bold, and every character of every name', async () => {
    const { text, bold } = await read(await letterPdf(content, fonts, ZH));
    for (const line of TEXT.split('\n').filter((each) => each !== '' && !each.startsWith('**'))) {
      expect(text).toContain(line);
    }
    expect(text).toContain(`授权人：${NAME}`);
    expect(bold).toContain('本人授权被授权人查询本人信用报告。');
    expect(bold).not.toContain('仅用于本项所列的用途');
  });

  test('says what is recorded, how to verify it, and what it does not prove', async () => {
    const { text } = await read(await letterPdf(content, fonts, ZH));
    const said = ['7G3K-09QZ-M4TV', LEAF, '示例银行股份有限公司', '示例核验有限公司', '本人未同意的信息：不良信息'];
    for (const each of [...said, content.url, 'npx assent verify receipt.json', '不证明', '以下空白', '第 55 条']) {
      expect(text, each).toContain(each);
    }
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });

  test('says what a clause waits for, where the ledger lost entries since, and nothing of it elsewhere', async () => {
    const clauses = content.clauses.map((clause) => ({ ...clause, status: 'suspended' as const }));
    for (const [lang, said] of [
      ['zh-CN', '在本人确认之前，任何人都不能凭这一授权书查询、报送或使用'],
      ['en', 'nobody queries, reports or uses anything on it'],
    ] as const) {
      const bare = (text: string) => text.replace(/\s/g, '');
      const waiting = await read(await letterPdf({ ...content, clauses }, fonts, { lang }));
      const standing = await read(await letterPdf(content, fonts, { lang }));
      expect([waiting, standing].map(({ text }) => bare(text).includes(bare(said)))).toEqual([true, false]);
    }
  });

  test('says on each page which of how many it is', async () => {
    const { pages } = await read(await letterPdf(content, fonts, ZH));
    expect(pages.length).toBeGreaterThan(2);
    for (const [at, page] of pages.entries()) expect(page).toContain(`（${at + 1}/${pages.length}）`);
  });

  test('brings all its fonts along, in parts, and is small', async () => {
    const bytes = await letterPdf(content, fonts, ZH);
    const { fonts: names } = await read(bytes);
    expect([...names].map((name) => name.replace(/^[A-Z]{6}\+/, '')).sort()).toEqual([
      'NotoSansJP-Regular',
      'NotoSansSC-Bold',
      'NotoSansSC-Regular',
    ]);
    for (const name of names) expect(name).toMatch(/^[A-Z]{6}\+/);
    expect(bytes.length).toBeLessThan(200_000);
  });

  test('is the same bytes each time, and says when it was recorded and nothing of the machine', async () => {
    const [first, second] = [await letterPdf(content, fonts, ZH), await letterPdf(content, fonts, ZH)];
    expect(Buffer.from(first).equals(Buffer.from(second))).toBe(true);
  });

  test('is not made with a box for a character that no font has', async () => {
    const missing = letterPdf({ ...content, name: '张𠀀' }, fonts, ZH);
    await expect(missing).rejects.toMatchObject({
      code: 'glyph_missing',
      message: 'no font has the character U+20000',
    });
    await expectRefusal('glyph_missing', letterPdf({ ...content, text: '☐ 同意' }, fonts, ZH));
    await expectRefusal('glyph_missing', letterForm({ ...form, text: '𠀀' }, fonts, ZH));
  });

  test('says that its text was erased, where it was', async () => {
    const { text } = await read(await letterPdf({ ...content, text: null, name: null }, fonts, ZH));
    expect(text).toContain('授权书原文已从账本删除');
    expect(text).not.toContain('𠮷');
  });
});

describe('a letter printed for the counter', () => {
  test('has its text, boxes to tick, lines to sign on, and no space to add anything', async () => {
    const { text, pages } = await read(await letterForm(form, fonts, ZH));
    const signing = ['授权人（签名）', '签署日期', '经办人（姓名、工号）', '见证人（姓名、工号）', '以下空白'];
    for (const each of [...signing, NAME, LETTER, '2．报送。本项选择：□ 同意 □ 不同意'])
      expect(text, each).toContain(each);
    expect(text).not.toContain('扫码');
    // All that is signed stands on one page.
    expect(pages.filter((page) => signing.some((each) => each !== '以下空白' && page.includes(each)))).toHaveLength(1);
    for (const [at, page] of pages.entries()) expect(page).toContain(`（${at + 1}/${pages.length}）`);
  });

  test('says what is owed and what is on record, and by whom, where the page does; else nothing of it', async () => {
    const facts = [{ said: '工作单位：示例机械有限公司', of: '示例征信中心' }];
    const { text, bold } = await read(await letterForm({ ...form, owed: '¥10,000', facts }, fonts, ZH));
    expect(text).toContain('示例征信中心登记：工作单位：示例机械有限公司');
    expect(bold).toContain('您将要归还：¥10,000');
    const none = await read(await letterForm(form, fonts, ZH));
    expect(none.text).not.toMatch(/归还|登记：|另行告知/);
  });

  test('does not ask twice what its text asks in each clause', async () => {
    const asking = { ...form, text: `${TEXT}本项选择：□ 同意　□ 不同意\n`, url: content.url };
    const { text } = await read(await letterForm(asking, fonts, ZH));
    expect(text.match(/本项选择/g)).toHaveLength(1);
    expect(text).toContain('扫码在手机上签署');
  });
});

describe('papers in English', () => {
  const HAN = /\p{Script=Han}/u;
  const translation = 'Translation: the Chinese text counts.\n**The grantee may query.**\n';
  /** Nothing of the case in Chinese: what is left is the paper's own words. */
  const english: LetterContent = {
    ...{ ...content, name: 'Name', grantee: 'Bank', identifiedBy: 'Verifier', text: 'Text\n' },
    clauses: content.clauses.map((clause) => ({ ...clause, doors: ['Bureau'], candidates: ['Other'] })),
  };
  const plain: FormContent = {
    ...{ ...form, grantee: 'Bank', text: 'Text\n', owed: '¥10,000' },
    facts: [{ said: 'Works at a mill', of: 'Bureau' }],
    url: content.url,
  };

  test('have every word of their own in English, and bring all their fonts along', async () => {
    const papers = [await letterPdf(english, fonts, EN), await letterForm(plain, fonts, EN)];
    for (const bytes of papers) {
      const { text, pages, fonts: names } = await read(bytes);
      expect(text).not.toMatch(HAN);
      expect(text).not.toMatch(/undefined|NaN|\[object/);
      for (const [at, page] of pages.entries()) expect(page).toContain(`Page ${at + 1} of ${pages.length}`);
      for (const name of names) expect(name).toMatch(/^[A-Z]{6}\+/);
      expect(Buffer.from(bytes).toString('latin1')).toContain('/Lang (en)');
    }
    const [receipt, letter] = await Promise.all(papers.map(read));
    for (const each of ['Receipt of a letter', '7G3K-09QZ-M4TV', LEAF, 'does not prove', 'Bureau', 'Other', 'adverse'])
      expect(receipt?.text, each).toContain(each);
    for (const each of ['Witness (name, staff no.)', 'You will pay back: ¥10,000', 'On record at Bureau', 'Choice: □'])
      expect(letter?.text, each).toContain(each);
  });

  test('have the text that is signed, and its translation behind it; a Chinese paper has no translation', async () => {
    for (const print of [
      (view: typeof EN | typeof ZH) => letterPdf({ ...content, translation }, fonts, view),
      (view: typeof EN | typeof ZH) => letterForm({ ...form, translation }, fonts, view),
    ]) {
      const { text, bold, pages } = await read(await print(EN));
      expect(text).toContain(`授权人：${NAME}`);
      expect(bold).toContain('The grantee may query.');
      expect(pages.at(-1)).toContain('The Chinese text is what is signed');
      expect((await read(await print(ZH))).text).not.toContain('The grantee may query.');
    }
    expect((await read(await letterPdf(content, fonts, EN))).text).not.toContain('to read only');
  });

  test('have the same code to scan as the Chinese ones', async () => {
    const drawn = async (bytes: Uint8Array) => {
      const task = getDocument({ data: bytes.slice() });
      const page = await (await task.promise).getPage(1);
      const { fnArray, argsArray } = await page.getOperatorList();
      const paths = argsArray.filter((_, at) => fnArray[at] === OPS.constructPath);
      await task.destroy();
      return JSON.stringify(paths[0]);
    };
    const code = await drawn(await letterPdf(english, fonts, EN));
    expect(code.length).toBeGreaterThan(1000);
    expect(await drawn(await letterPdf(content, fonts, ZH))).toBe(code);
    const url = `${content.url}x`;
    expect(await drawn(await letterPdf({ ...english, url }, fonts, EN))).not.toBe(code);
  });
});

describe('breaking lines', () => {
  const faces = () => openFaces(fonts).regular;
  const room = 120;

  test('keeps every character, and stays within the room', () => {
    for (const paragraph of [
      ...TEXT.split('\n'),
      '',
      '　　缩进的一行',
      'a'.repeat(100),
      '……'.repeat(60),
      `网址 ${content.url}`,
    ]) {
      const lines = linesOf(paragraph, faces(), 10.5, () => room);
      expect(lines.join('')).toBe(paragraph);
      for (const line of lines) expect(widthOf(line.trimEnd(), faces(), 10.5)).toBeLessThanOrEqual(room);
    }
  });

  test('begins no line with a closing mark, ends none with an opening one, and cuts no number', () => {
    const lines = linesOf(MANY.join(''), faces(), 10.5, () => room);
    for (const line of lines.slice(1)) expect(line).not.toMatch(/^[，。；：、）」]/);
    for (const line of lines) expect(line).not.toMatch(/（$/);
    expect(lines.join('\n')).not.toMatch(/\d\n\d/);
  });

  test('sets an apostrophe within a word narrow, and the mark that closes a Chinese quotation as wide as a character', () => {
    const width = (text: string) => widthOf(text, faces(), 10);
    expect(width('isn’t') - width('isnt')).toBeLessThan(4);
    expect(width('banks’') - width('banks')).toBeLessThan(4);
    expect(width('‘查询’') - width('‘查询')).toBe(10);
    expect(runsOf('isn’t', faces()).map(({ text }) => text)).toEqual(['isn', '’', 't']);
  });

  test('cuts no English word, nor before its apostrophe', () => {
    const lines = linesOf('the ledger’s own word isn’t cut. '.repeat(20), faces(), 10.5, () => room);
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) expect(line).toMatch(/^(the|ledger’s|own|word|isn’t|cut\.).* $/);
  });
});
