/** The letter as a paper to sign at a counter: from its link, while it can be signed, and never else. */
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { letterCapability, letterReceiptCapability } from '#service/capabilities.ts';
import { answerByLink, declineByLink } from '#service/letter-link.ts';
import { SHOWN_MS } from '#service/letter-shown.ts';
import type { DraftedLetter } from '#service/letters.ts';
import { openLetterPrinter } from '../../src/node/letter-printer.ts';
import { createPages, type PagesOptions } from '../../src/web/pages.ts';
import { request } from '../support/actors.ts';
import { answeredWith, CLEAR_ANSWERS } from '../support/answers.ts';
import { NAMES, openPersonScene, type PersonScene } from '../support/person-scene.ts';
import { signIn } from '../support/sessions.ts';

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

const SITE = 'http://localhost:8787';
const pagesWith = (options: Partial<PagesOptions>) =>
  createPages(scene.context, { document: DOCUMENT, problems: [], printer, ...options });

/** Says that the letter be shown in full, and gives the cookie that one keeps of it. */
async function view(path: string, to: string): Promise<{ readonly cookie: string; readonly at: string | null }> {
  const body = new URLSearchParams({ once: request().idempotencyKey.slice(0, 22).padEnd(22, 'x'), to });
  const headers = { 'sec-fetch-site': 'same-origin', origin: SITE };
  const response = await pagesWith({}).request(`${SITE}${path}/open`, { method: 'POST', headers, body });
  expect(response.status).toBe(303);
  const set = response.headers.get('set-cookie') ?? '';
  expect(set).toMatch(new RegExp(`; Max-Age=3600; Path=${path}; HttpOnly; SameSite=Lax$`));
  return { cookie: set.split(';')[0] ?? '', at: response.headers.get('location') };
}

async function open(path: string, options: Partial<PagesOptions> = {}, cookie = '') {
  const response = await pagesWith(options).request(`${SITE}${path}`, { headers: { cookie } });
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
  const { cookie, at } = await view(path, 'form');
  expect(at).toBe(`${path}/form.pdf`);
  const { status, headers, bytes } = await open(`${path}/form.pdf`, {}, cookie);
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

test('is in English for who reads the English page: the text that is signed in Chinese, and its translation', async () => {
  const path = `/sign/${linkOf(waiting)}`;
  const { cookie } = await view(path, 'form');
  const { headers, bytes } = await open(`${path}/form.pdf`, {}, `${cookie}; assent-view=en`);
  const name = `letter-${waiting.letter}.pdf`;
  expect(headers.get('content-disposition')).toBe(`attachment; filename="${name}"; filename*=UTF-8''${name}`);
  const words = await wordsIn(bytes);
  const ours = ['Letter to sign on paper', 'You will pay back: ¥10,000', 'Witness (name, staff no.)', 'to read only'];
  for (const said of [...ours, '李示例', EMPLOYER]) expect(words, said).toContain(said);
  expect(words).not.toMatch(/见证人（|以下空白|扫码/);
  const asked = await wordsIn((await open(`${path}/form.pdf?lang=en`, {}, cookie)).bytes);
  expect(asked).toBe(words);
});

test('is offered on the letter’s page where it can be made, and only there', async () => {
  const path = `/sign/${linkOf(waiting)}`;
  const { cookie } = await view(path, 'letter');
  expect((await open(path, {}, cookie)).text).toContain(`href="${path}/form.pdf"`);
  const none = { printer: undefined };
  expect((await open(path, none, cookie)).text).not.toContain('form.pdf');
  const absent = await open(`${path}/form.pdf`, none);
  expect([absent.status, absent.text]).toEqual([501, expect.stringContaining('print_unavailable')]);
});

test('is not made for who was not shown the letter in full; nor by the cookie of another', async () => {
  const { a, otherHandle } = scene;
  const path = `/sign/${linkOf(waiting)}`;
  const other = await view(`/sign/${linkOf(await scene.draft(a.party, otherHandle))}`, 'letter');
  const { cookie } = await view(path, 'letter');
  for (const none of ['', other.cookie, cookie.slice(0, -1), cookie.replace('=1', '=2'), 'assent-letter=1.x']) {
    const page = await open(path, {}, none);
    expect(page.text).toContain('这份授权书写的是 李＊＊');
    expect(page.text).not.toMatch(/李示例|form\.pdf|data-salt/);
    const paper = await open(`${path}/form.pdf`, {}, none);
    expect([paper.status, paper.headers.get('location')]).toEqual([303, `${path}#text`]);
  }
  expect((await open(path, {}, cookie)).text).toContain('李示例');
  scene.fixture.setTime(scene.context.clock() + SHOWN_MS);
  expect((await open(path, {}, cookie)).text).not.toContain('李示例');
});

test('is shown in full to its subject, signed in, and masked to another', async () => {
  const { context, person, other, a, otherHandle } = scene;
  const path = `/sign/${linkOf(waiting)}`;
  const cookieOf = async (whom: typeof person, handle: typeof otherHandle) =>
    `assent=${(await signIn(context, whom, handle)).token}`;
  const [mine, theirs] = [await cookieOf(other, otherHandle), await cookieOf(person, a.handle)];
  expect((await open(path, {}, mine)).text).toContain('李示例');
  expect((await open(`${path}/form.pdf`, {}, mine)).status).toBe(200);
  const masked = await open(path, {}, theirs);
  expect([masked.status, masked.text.includes('李示例')]).toEqual([200, false]);
  const receipt = `/sign/${linkOf(a.letter)}/receipt`;
  expect((await open(receipt, {}, theirs)).text).toContain('李示例');
  expect((await open(`${receipt}.json`, {}, theirs)).text).toContain('person/');
  expect((await open(`${receipt}.json`, {}, mine)).text).not.toContain('person/');
});

test('is there before the questions are answered, and after', async () => {
  const { context, a, otherHandle } = scene;
  const asked = await scene.draft(a.party, otherHandle);
  const path = `/sign/${linkOf(asked)}/form.pdf`;
  const { cookie } = await view(`/sign/${linkOf(asked)}`, 'form');
  expect((await open(path, {}, cookie)).status).toBe(200);
  await answerByLink(context, request(), linkOf(asked), { answers: CLEAR_ANSWERS, confirmed: [] });
  expect((await open(path, {}, cookie)).status).toBe(200);
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
