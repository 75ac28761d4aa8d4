/** What a person keeps of a letter: the public page of its receipt, the page after signing, and their files. */
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { Failure } from '#core/failure.ts';
import { letterCapability, letterReceiptCapability } from '#service/capabilities.ts';
import type { DraftedLetter } from '#service/letters.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { openLetterPrinter } from '../../src/node/letter-printer.ts';
import { createPages, type PagesOptions } from '../../src/web/pages.ts';
import { draft, revoke, sign, twoClauses } from '../support/actors.ts';
import { type Court, openCourt } from '../support/court.ts';

const TEXT = '授权书（示例文本）\n授权人：𠮷䶮㛃·买买提\n**本人授权<b>查询</b>本人信用报告。**\n';
const UNSHOWABLE = '授权人：𠀀。\n';
const DOCUMENT = { info: {}, components: { schemas: {} }, paths: {} };
const printer = openLetterPrinter();

let court: Court;
let signed: DraftedLetter;
let waiting: DraftedLetter;
let unshowable: DraftedLetter;
let named: DraftedLetter;
beforeAll(async () => {
  court = await openCourt({ time: '2026-05-01T10:00:00' });
  const { lender, handle, person, bureau, fixture } = court;
  const { context } = fixture;
  const drafting = (text: string) =>
    draft(context, { lender, handle, text, grants: twoClauses(bureau, context.clock()) });
  signed = await drafting(TEXT);
  unshowable = await drafting(UNSHOWABLE);
  waiting = await drafting(TEXT);
  named = await drafting(`授权人：张示例，${person.idNumber}\n`);
  await sign(context, named, person, [true, true]);
  await sign(context, signed, person, [true, false]);
  await sign(context, unshowable, person, [true, true]);
}, 60_000);
afterAll(() => court.close());

async function open(path: string, options: Partial<PagesOptions> = {}, context = court.fixture.context) {
  const pages = createPages(context, { document: DOCUMENT, problems: [], printer, ...options });
  const response = await pages.request(`http://127.0.0.1:8787${path}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes, text: new TextDecoder().decode(bytes) };
}
async function wordsIn(bytes: Uint8Array): Promise<string> {
  const file = await getDocument({ data: bytes }).promise;
  const words: string[] = [];
  for (let at = 1; at <= file.numPages; at++) {
    const { items } = await (await file.getPage(at)).getTextContent();
    words.push(...items.map((item) => ('str' in item ? item.str : '')));
  }
  return words.join('');
}
/** As its subject, signed in. */
const MINE = { isSubject: async () => true };
const publicPath = (of = signed) => `/letters/${letterReceiptCapability(court.fixture.context, of.letter)}`;
const ownPath = (of = signed) => `/sign/${letterCapability(court.fixture.context, of.letter)}/receipt`;

describe('the public page of a letter’s receipt', () => {
  test('says what is recorded, how it stands now, and what is not proven', async () => {
    const { status, text } = await open(publicPath());
    expect(status).toBe(200);
    const facts = [
      '已签署',
      '示例grantee',
      '示例identifier',
      'B：本人身份经另一机构核验',
      '2026年5月1日10时',
      '不证明',
    ];
    const clauses = [
      '查询',
      '同意',
      '有效',
      '报送',
      '不同意',
      '未授权',
      '个人信贷申请',
      '贷后管理',
      'npx assent verify',
    ];
    for (const said of [...facts, ...clauses]) expect(text, said).toContain(said);
    expect(text).toMatch(/现状以树中 \d+ 条/);
    expect(text).toContain(`href="${publicPath()}/receipt.json"`);
    expect(text).not.toMatch(/undefined|\[object|NaN/);
  });

  test('has the code that the file has, and a QR code of its own address', async () => {
    const { text } = await open(publicPath());
    const file = await open(`${publicPath()}/receipt.json`);
    const verdict = await verifyReceipt(utf8(file.text), court.fixture.vkey, nativeEd25519);
    expect(verdict).toMatchObject({ problem: null, payload: 'withheld' });
    expect(text).toContain(verdict.letter?.check_code);
    expect(text).toContain(`<code>${verdict.letter?.leaf}</code>`);
    expect(text).toMatch(/role="img" aria-label="二维码[^>]*>\s*<svg aria-hidden="true"/);
    const drawn = (page: string) => / d="(M[^"]+h1v1h-1z)"/.exec(page)?.[1];
    const elsewhere = await open(publicPath(), { origin: 'https://ledger.example' });
    expect(drawn(elsewhere.text)).not.toBe(drawn(text));
    expect(drawn((await open(ownPath())).text)).toBe(drawn(text));
  });

  test('says of nobody that it was them, has no script, and asks nobody else', async () => {
    for (const path of [publicPath(), `${publicPath()}/receipt.json`]) {
      const { text, headers } = await open(path);
      for (const personal of ['张示例', '𠮷', court.person.idNumber, 'person/', '授权书（示例文本）']) {
        expect(text).not.toContain(personal);
      }
      expect(text).not.toContain(letterCapability(court.fixture.context, signed.letter));
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toMatch(/^(no-referrer|same-origin)$/);
    }
    const { text, headers } = await open(publicPath());
    expect(text).not.toMatch(/<script|<img|<iframe|\son\w+=|\sstyle=|javascript:/i);
    for (const [, target] of text.matchAll(/(?:href|src)="([^"]*)"/g))
      expect(target).toMatch(/^(http:\/\/127\.0\.0\.1:8787)?[/#](?!\/)/);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('opens to no other path, says nothing of it, and tells when there is nothing yet', async () => {
    const { context } = court.fixture;
    for (const path of ['x', signed.letter, letterCapability(context, signed.letter), '%3Cscript%3E', '__proto__']) {
      for (const file of ['', '/receipt.json']) {
        const { status, text } = await open(`/letters/${path}${file}`);
        expect([path, status]).toEqual([path, 404]);
        expect(text).toContain('没有这一凭证');
        if (path.length > 8) expect(text).not.toContain(path);
      }
    }
    const none = await open(publicPath(waiting));
    expect([none.status, none.text]).toEqual([409, expect.stringContaining('尚未签署')]);
  });

  test('says so where the database does not answer', async () => {
    const { context } = court.fixture;
    const refuse = () => Promise.reject(new Failure('store_unavailable', 'gone'));
    const store = { ...context.ledger.store, read: refuse, readOnce: refuse };
    const gone = { ...context, ledger: { ...context.ledger, store } };
    for (const path of [publicPath(), ownPath(), `${ownPath()}.pdf`]) {
      const { status, text } = await open(path, {}, gone);
      expect([status, text]).toEqual([503, expect.stringContaining('暂时无法显示')]);
    }
  });
});

describe('the page after signing', () => {
  test('has the name and the text, escaped, and both files', async () => {
    const { status, text } = await open(ownPath(), MINE);
    expect(status).toBe(200);
    const lines = ['张示例', '授权人：𠮷䶮㛃·买买提', '本人授权&lt;b&gt;查询&lt;/b&gt;本人信用报告。'];
    for (const said of [...lines, `href="${ownPath()}.json"`, `href="${ownPath()}.pdf"`])
      expect(text, said).toContain(said);
    expect(text).not.toMatch(/undefined|\[object|NaN|<b>/);
  });

  test('masks who it is to who only holds the link, on paper too, and offers to show it by an entry', async () => {
    const { text } = await open(ownPath(named));
    expect(text).toContain('授权人：张＊＊');
    expect(text).toContain(`action="${ownPath(named).replace('/receipt', '')}/open"`);
    expect(text).not.toMatch(new RegExp(`张示例|${court.person.idNumber}`));
    const words = await wordsIn((await open(`${ownPath(named)}.pdf`)).bytes);
    expect(words).toContain('授权人：张＊＊');
    expect(words).not.toMatch(new RegExp(`张示例|${court.person.idNumber}`));
    const mine = await open(ownPath(named), MINE);
    expect(mine.text).toContain(`授权人：张示例，${court.person.idNumber}`);
    expect(mine.text).not.toContain('/open"');
  });

  test('opens by the letter’s own link alone', async () => {
    const other = letterReceiptCapability(court.fixture.context, signed.letter);
    for (const file of ['', '.json', '.pdf']) expect((await open(`/sign/${other}/receipt${file}`)).status).toBe(404);
    expect((await open(ownPath(waiting))).status).toBe(409);
  });

  test('opens signatures to its subject, signed in, and to nobody who only has the link', async () => {
    const path = `${ownPath()}.json`;
    const bare = await open(path);
    expect(bare.text).not.toContain('person/');
    const asked: string[] = [];
    const isSubject = async (_call: unknown, letter: string) => asked.push(letter) > 0;
    const mine = await open(path, { isSubject });
    expect(asked).toEqual([signed.letter]);
    const { signatures } = await verifyReceipt(utf8(mine.text), court.fixture.vkey, nativeEd25519, nativeP256);
    expect(signatures).toContainEqual(expect.objectContaining({ signature: 'verified', text: TEXT }));
    expect((await open(path, { isSubject: async () => false })).text).toBe(bare.text);
  });

  test('has a PDF with the text, named in Chinese and for who reads ASCII only', async () => {
    const { status, headers, bytes } = await open(`${ownPath()}.pdf`, MINE);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/pdf']);
    const disposition = headers.get('content-disposition') ?? '';
    const [, ascii = '', encoded = ''] =
      /^attachment; filename="([^"]+)"; filename\*=UTF-8''(\S+)$/.exec(disposition) ?? [];
    expect(ascii).toMatch(/^letter-receipt-[0-9A-Z-]{14}\.pdf$/);
    expect(decodeURIComponent(encoded)).toBe(ascii.replace('letter-receipt', '授权书凭证'));
    const words = await wordsIn(bytes);
    for (const said of ['授权人：𠮷䶮㛃·买买提', '张示例', publicPath()]) expect(words, said).toContain(said);
  });

  test('has a PDF in English for who reads the English page, with the text as it was signed', async () => {
    const { headers, bytes } = await open(`${ownPath()}.pdf?lang=en`, MINE);
    expect(headers.get('content-disposition')).toMatch(/filename\*=UTF-8''letter-receipt-[0-9A-Z-]{14}\.pdf$/);
    const words = await wordsIn(bytes);
    for (const said of ['What this receipt does not prove', '授权人：𠮷䶮㛃·买买提', '张示例', publicPath()])
      expect(words, said).toContain(said);
    expect(words).not.toMatch(/不证明|以下空白|核验/);
  });

  test('says why no PDF is made, and that the page can be printed', async () => {
    const missing = await open(`${ownPath(unshowable)}.pdf`);
    expect([missing.status, missing.text]).toEqual([422, expect.stringContaining('U+20000')]);
    expect(missing.text).not.toContain('𠀀');
    expect((await open(ownPath(unshowable))).text).toContain('𠀀');
    const none = { printer: undefined };
    const absent = await open(`${ownPath()}.pdf`, none);
    expect([absent.status, absent.text]).toEqual([501, expect.stringContaining('请打印')]);
    const page = await open(ownPath(), none);
    expect(page.text).not.toContain('.pdf');
    expect(page.text).toContain('请打印本页');
  });
});

describe('after signing', () => {
  test('the public page follows what became of each clause', async () => {
    await court.freeze();
    expect((await open(publicPath())).text).toContain('本人已冻结');
    const { context } = court.fixture;
    await revoke(context, court.lender, court.person, signed.grants[0]?.grant as never);
    const { text } = await open(publicPath());
    expect(text).toContain('已撤回');
    expect(text).not.toContain('本人已冻结');
  });
});
