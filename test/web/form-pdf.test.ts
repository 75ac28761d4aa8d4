/** The letter as a paper to sign at a counter: from its link, while it can be signed, and never else. */
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { letterCapability, letterReceiptCapability } from '#service/capabilities.ts';
import { answerByLink, declineByLink } from '#service/letter-link.ts';
import type { DraftedLetter } from '#service/letters.ts';
import { openLetterPrinter } from '../../src/node/letter-printer.ts';
import { createPages, type PagesOptions } from '../../src/web/pages.ts';
import { request } from '../support/actors.ts';
import { answeredWith, CLEAR_ANSWERS } from '../support/answers.ts';
import { NAMES, openPersonScene, type PersonScene } from '../support/person-scene.ts';

const DOCUMENT = { info: {}, components: { schemas: {} }, paths: {} };
const printer = openLetterPrinter();
const EMPLOYER = '登记的工作单位：示例机械有限公司';

let scene: PersonScene;
let waiting: DraftedLetter;
beforeAll(async () => {
  // Pages read by the database's clock.
  scene = await openPersonScene(Date.now());
  const { a, bureau, otherHandle } = scene;
  const confirm = [{ id: 'employer', by: bureau.party, zh: EMPLOYER, en: null }];
  waiting = await scene.draft(a.party, otherHandle, { owed: '¥10,000', confirm });
}, 120_000);
afterAll(() => scene.fixture.close());

const linkOf = ({ letter }: Pick<DraftedLetter, 'letter'>) => letterCapability(scene.context, letter);

async function open(path: string, options: Partial<PagesOptions> = {}) {
  const pages = createPages(scene.context, { document: DOCUMENT, problems: [], printer, ...options });
  const response = await pages.request(`http://localhost:8787${path}`);
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

test('has the text that the page has, what is told beside it, and lines to sign on; its name says nothing of anybody', async () => {
  const path = `/sign/${linkOf(waiting)}`;
  const { status, headers, bytes } = await open(`${path}/form.pdf`);
  expect([status, headers.get('content-type')]).toEqual([200, 'application/pdf']);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('content-disposition')).toBe(
    `attachment; filename="letter-${waiting.letter}.pdf"; filename*=UTF-8''${encodeURIComponent('授权书-')}${waiting.letter}.pdf`,
  );
  const words = await wordsIn(bytes);
  const lines = (waiting.text ?? '').split('\n').filter((line) => /^[^*\s]/.test(line));
  expect(lines.length).toBeGreaterThan(10);
  // Spaces at which a line was broken are not in what is read back.
  const plain = (text: string) => text.replace(/\s/g, '');
  for (const line of lines) expect(plain(words)).toContain(plain(line));
  for (const said of [NAMES.bankA, `${NAMES.bureau}登记：${EMPLOYER}`, '您将要归还：¥10,000', '见证人（姓名、工号）']) {
    expect(words).toContain(said);
  }
});

test('is offered on the letter’s page where it can be made, and only there', async () => {
  const path = `/sign/${linkOf(waiting)}`;
  expect((await open(path)).text).toContain(`href="${path}/form.pdf"`);
  const none = { printer: undefined };
  expect((await open(path, none)).text).not.toContain('form.pdf');
  const absent = await open(`${path}/form.pdf`, none);
  expect([absent.status, absent.text]).toEqual([501, expect.stringContaining('print_unavailable')]);
});

test('is there before the questions are answered, and after', async () => {
  const { context, a, otherHandle } = scene;
  const asked = await scene.draft(a.party, otherHandle);
  const path = `/sign/${linkOf(asked)}/form.pdf`;
  expect((await open(path)).status).toBe(200);
  await answerByLink(context, request(), linkOf(asked), { answers: CLEAR_ANSWERS, confirmed: [] });
  expect((await open(path)).status).toBe(200);
});

test('is not made of a letter that is held, signed or declined, and opens to no other link', async () => {
  const { context, a, otherHandle } = scene;
  const held = await scene.draft(a.party, otherHandle);
  const stopped = { answers: answeredWith('who_uses', '别人用'), confirmed: [] };
  await answerByLink(context, request(), linkOf(held), stopped);
  const declined = await scene.draft(a.party, otherHandle);
  await declineByLink(context, request(), linkOf(declined));
  for (const [letter, code, said] of [
    [held, 'letter_held', '24 小时之内不能签署'],
    [a.letter, 'already_signed', '已经签署'],
    [declined, 'letter_declined', '已被拒绝'],
  ] as const) {
    const { status, text } = await open(`/sign/${linkOf(letter)}/form.pdf`);
    expect([code, status]).toEqual([code, 409]);
    expect(text).toContain(said);
    expect(text).toContain(code);
    expect(text).not.toContain(linkOf(letter));
  }
  expect((await open(`/sign/${linkOf(held)}`)).text).not.toContain('form.pdf');
  for (const other of [letterReceiptCapability(context, waiting.letter), waiting.letter, 'x']) {
    expect((await open(`/sign/${other}/form.pdf`)).status).toBe(404);
  }
});
