/** The page that verifies receipts, in a real browser: from disk, with the network cut, by the key that the reader gives. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { subjectSignatory } from '#client/sign.ts';
import { utf8 } from '#core/bytes.ts';
import { RECEIPT_BYTES_MAX } from '#core/consent/receipt.ts';
import type { Verdict } from '#core/consent/verdict.ts';
import { AXIS_TEXTS } from '#core/consent/verdict-text.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { formatCosignerVkey, formatVkey, parsePublicKey, verifierKey } from '#core/note/key.ts';
import { parseNote } from '#core/note/note.ts';
import { cosign } from '#core/tlog/cosignature.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { signersOf } from '../api/door.ts';
import { draft, sign, twoClauses } from '../support/actors.ts';
import { checkpointOf, cosignedBy, type PaperWitness, paperWitness, withLines } from '../support/cosigned.ts';
import { checkAxe } from './support/axe.ts';
import { checkWidth, type Opened, type PageOptions } from './support/browser.ts';
import { checkGlyphs } from './support/glyphs.ts';
import { openSite, type Site } from './support/site.ts';
import { browserSuite, type Rig } from './support/suite.ts';

const PHONE: PageOptions = { width: 360, height: 740 };
const TEXT = '授权书（示例文本），𠮷示例。';

let site: Site;
let folder: string;
let onDisk: string;
let access: string;
let letter: string;
let one: PaperWitness;
let two: PaperWitness;
let policy: string;

beforeAll(async () => {
  site = await openSite({ time: '2024-05-01T10:00:00' });
  const { court } = site;
  const { context } = court.fixture;
  const { lender, bureau, handle, person } = court;
  const [grant] = await court.give([{}]);
  const decided = await court.ask({ ground: { grant } });
  const drafted = await draft(context, { lender, handle, text: TEXT, grants: twoClauses(bureau, context.clock()) });
  await sign(context, drafted, person, [true, false]);
  access = (await court.door.as(signersOf(lender)).get(`/v1/accesses/${decided.access}/receipt`)).text;
  const asSubject = court.door.as([subjectSignatory(handle, person.key)]);
  letter = (await asSubject.get(`/v1/letters/${drafted.letter}/receipt?open=signatures`)).text;
  [one, two] = await Promise.all([paperWitness('one.example/w', 0x51), paperWitness('two.example/w', 0x52)]);
  policy = [
    `log ${formatVkey(court.fixture.vkey)}`,
    `witness one ${formatCosignerVkey(one.vkey)}`,
    `witness two ${formatCosignerVkey(two.vkey)}`,
    'group both all one two\nquorum both\n',
  ].join('\n');
  folder = mkdtempSync(join(tmpdir(), 'assent-verify-'));
  const saved = join(folder, 'assent-verify.html');
  writeFileSync(saved, await (await fetch(`${site.url}/verify`)).text());
  onDisk = pathToFileURL(saved).href;
});
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The page from disk, in a browser that reaches nobody. */
async function openOffline(rig: Rig, options: PageOptions = {}): Promise<Opened> {
  const opened = await rig.open(options);
  await opened.page.context().setOffline(true);
  await opened.page.goto(onDisk);
  return opened;
}

interface Given {
  readonly name: string;
  readonly text: string | Buffer;
}

/** Hands files to the page, and waits for what it says of them. */
async function give(page: Page, ...files: readonly Given[]): Promise<string> {
  const payloads = files.map(({ name, text }) => ({
    name,
    mimeType: 'application/json',
    buffer: Buffer.isBuffer(text) ? text : Buffer.from(text),
  }));
  await page.setInputFiles('#files', payloads);
  return shown(page, files.length);
}

async function shown(page: Page, count = 1): Promise<string> {
  await page.waitForFunction((wanted) => document.querySelectorAll('.examined').length === wanted, count);
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not shown.
  return page.innerText('#results');
}

/** A file, as a hand carries it over the page. */
const carried = (page: Page, name: string, text: string) =>
  page.evaluateHandle(
    (file) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([file.text], file.name));
      return transfer;
    },
    { name, text },
  );

const nowSeconds = () => Math.floor(Date.now() / 1_000);

const verdictOf = (text: string): Promise<Verdict> =>
  verifyReceipt(utf8(text), site.court.fixture.vkey, nativeEd25519, nativeP256);

/** Another text of the same length in place of one: a file that was tampered with, and is canonical still. */
const changed = (text: string, from: string, to: string): string => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

browserSuite('the page that verifies receipts', (rig) => {
  test('says from disk, without a network, of a receipt of either kind that it is recorded', async () => {
    const { page, close } = await openOffline(rig);
    const said = await give(page, { name: 'access.json', text: access }, { name: 'letter.json', text: letter });
    const [ofAccess, ofLetter] = [await verdictOf(access), await verdictOf(letter)];
    expect([ofAccess.problem, ofLetter.problem]).toEqual([null, null]);
    expect(said).toContain(AXIS_TEXTS.recorded.unwitnessed.word.zh);
    expect(said).toContain(AXIS_TEXTS.decision['re-derived'].means.zh);
    expect(said).toContain(AXIS_TEXTS.payload.opened.word.zh);
    expect(said).toContain(ofAccess.access?.check_code);
    expect(said).toContain(ofLetter.letter?.check_code);
    expect(said).toContain(`共有 ${ofAccess.asOf} 条登记的树`);
    // Who asked, who signed with which key, and who identified the person.
    expect(said).toContain(ofAccess.access?.principal);
    const [signature] = ofLetter.signatures;
    expect(said).toContain(signature?.key);
    expect(said).toContain(signature?.identified_by);
    expect(said).toContain('已核验，确由此密钥签署');
    expect(said.replaceAll(/不证明|不表示/g, '')).not.toMatch(/有效的凭证|完整的记录/);
    expect(await page.locator('.notice.stop').count()).toBe(0);
    await close();
  });

  test('names what the receipt itself shows: the purpose and the items by the packs that decided', async () => {
    const { page, close } = await openOffline(rig, { lang: 'en' });
    await page.getByRole('button', { name: 'English' }).click();
    const said = await give(page, { name: 'access.json', text: access });
    const { names } = await verdictOf(access);
    expect(names['loan_apply']?.en).toBeTruthy();
    expect(said).toContain(`${names['loan_apply']?.en} (loan_apply)`);
    expect(said).toContain(AXIS_TEXTS.recorded.unwitnessed.word.en);
    expect(said).not.toMatch(/\bvalid\b|\bcomplete\b/i);
    await close();
  });

  test('takes a file that is dropped anywhere on it', async () => {
    const { page, close } = await openOffline(rig);
    await page.dispatchEvent('h1', 'drop', { dataTransfer: await carried(page, 'dropped.json', letter) });
    expect(await shown(page)).toContain('dropped.json');
    expect(await page.locator('.notice.done').count()).toBe(1);
    await close();
  });

  test('says which key it was given by the ledger, and takes no other for it', async () => {
    const { page, close } = await openOffline(rig);
    const { vkey } = site.court.fixture;
    expect(await page.inputValue('#vkey')).toBe(formatVkey(vkey));
    const given = page.getByText('这个公钥是提供本页的账本自己给的');
    expect(await given.isVisible()).toBe(true);
    const { publicKey } = await nativeEd25519.importSeed(new Uint8Array(32).fill(9));
    await page.fill('#vkey', formatVkey(verifierKey(vkey.name, parsePublicKey(publicKey))));
    expect(await given.isVisible()).toBe(false);
    expect(await give(page, { name: 'access.json', text: access })).toContain('树头不是您填写的公钥签署的');
    await page.fill('#vkey', formatVkey(verifierKey('another.example/log', parsePublicKey(publicKey))));
    expect(await give(page, { name: 'access.json', text: access })).toContain('属于另一本账');
    expect(await page.locator('.notice.done').count()).toBe(0);
    await page.fill('#vkey', `${formatVkey(vkey).slice(0, 40)}\n${formatVkey(vkey).slice(40)} `);
    await page.getByRole('button', { name: '核验' }).click();
    await page.waitForSelector('.notice.done');
    await close();
  });

  test('wants a key and a file before it says anything, and says where', async () => {
    const { page, close } = await openOffline(rig);
    await page.getByRole('button', { name: '核验' }).click();
    expect(await page.getByRole('alert').textContent()).toBe('请先选择凭证文件。');
    for (const [typed, said] of [
      ['', '请先填写账本公钥'],
      ['ledger.example+00000000+AAAA', '这不是完整的账本公钥'],
    ] as const) {
      await page.fill('#vkey', typed);
      await page.getByRole('button', { name: '核验' }).click();
      expect(await page.getByRole('alert').textContent()).toContain(said);
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('vkey');
    }
    await checkAxe(page);
    await close();
  });

  test.each<readonly [what: string, file: () => string | Buffer, said: string]>([
    ['a decision that was changed', () => changed(access, '\\"allow\\"', '\\"deny!\\"'), '不'],
    ['a letter’s text that was changed', () => changed(letter, '示例文本', '示例文木'), '不'],
    ['a signature that was changed', () => flippedSignature(access), '有签名不成立'],
    ['a receipt that was laid out anew', () => JSON.stringify(JSON.parse(access), null, 2), '重新排版过'],
    ['a receipt that was cut off', () => access.slice(0, access.length / 2), '内容不完整'],
    ['JSON of something else', () => '{"hello":1}', '不是一份完好的凭证'],
    ['a PDF', () => '%PDF-1.7 …', '这是 PDF'],
    ['a picture', () => Buffer.from('89504e470d0a1a0a00', 'hex'), '不是 JSON'],
    ['an empty file', () => '', '文件是空的'],
    ['a huge file', () => Buffer.alloc(RECEIPT_BYTES_MAX + 1, 0x20), '文件太大'],
    ['a million brackets', () => '['.repeat(1_000_000), '不'],
  ])('refuses %s, and says what to do', async (_what, file, said) => {
    const { page, close } = await openOffline(rig);
    const told = await give(page, { name: 'given.json', text: file() });
    expect(told).toContain(AXIS_TEXTS.recorded.invalid.word.zh);
    expect(told).toContain(said);
    expect(told).toContain('下一步');
    expect(await page.locator('.notice.done').count()).toBe(0);
    await close();
  });

  test('verifies without the browser’s own cryptography, and says what it could not', async () => {
    const { page, close } = await rig.open();
    await page.addInitScript(() => Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined }));
    await page.context().setOffline(true);
    await page.goto(onDisk);
    expect(await page.evaluate(() => typeof crypto.subtle)).toBe('undefined');
    const said = await give(page, { name: 'letter.json', text: letter });
    expect(said).toContain(AXIS_TEXTS.recorded.unwitnessed.word.zh);
    expect(said).toContain('已核验，确由此密钥签署');
    expect(await give(page, { name: 'given.json', text: flippedSignature(letter) })).toContain('有签名不成立');
    await close();
  });

  test('asks nobody for anything, even if it were told to', async () => {
    const { page, forgive, close } = await rig.open();
    await page.goto(`${site.url}/verify`);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await give(page, { name: 'access.json', text: access });
    expect(asked).toEqual([]);
    const failed = await page.evaluate(() =>
      fetch('/healthz').then(
        () => 'answered',
        (error: Error) => error.name,
      ),
    );
    expect(failed).toBe('TypeError');
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.strange = 1';
      document.body.append(script);
      return 'strange' in window;
    });
    expect(ran).toBe(false);
    forgive('Content Security Policy');
    await close();
  });

  test('leads home and to a copy of itself, where a ledger serves it', async () => {
    const { page, close } = await rig.open(PHONE);
    await page.goto(`${site.url}/verify?lang=en`);
    const saving = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Save this page' }).click();
    expect((await saving).suggestedFilename()).toBe('assent-verify.html');
    expect(await page.getByRole('link', { name: 'home' }).getAttribute('href')).toBe('/');
    await close();
  });

  test('says by a policy of the reader’s own who witnessed it, and how long ago', async () => {
    const { page, close } = await openOffline(rig);
    await page.fill('#policy', policy);
    const [cosigned, half] = await Promise.all([
      cosignedBy(access, [one, nowSeconds()], [two, nowSeconds()]),
      cosignedBy(access, [one, nowSeconds()]),
    ]);
    const said = await give(page, { name: 'both.json', text: cosigned });
    for (const text of [
      AXIS_TEXTS.recorded.witnessed.word.zh,
      '达到策略要求',
      'one（one.example）',
      'two（two.example）',
    ])
      expect(said).toContain(text);
    const alone = await give(page, { name: 'half.json', text: half });
    for (const text of [AXIS_TEXTS.recorded.unwitnessed.word.zh, '未达到策略要求', 'one（one.example）'])
      expect(alone).toContain(text);
    expect(alone).not.toContain('two（');
    await page.fill('#hours', '24');
    const old = await cosignedBy(access, [one, nowSeconds() - 25 * 3_600], [two, nowSeconds()]);
    expect(await give(page, { name: 'old.json', text: old })).toContain(AXIS_TEXTS.recorded.stale.word.zh);
    await checkAxe(page);
    // A line that claims to be a witness's, and is that of another tree.
    const other = parseNote(checkpointOf(access)).text.replace(/\n\d+\n/, '\n1\n');
    const crooked = withLines(access, [await cosign(other, two.vkey.cosigner, two.key, nowSeconds() - 1)]);
    expect(await give(page, { name: 'crooked.json', text: crooked })).toContain('自称是您策略里某家见证方的签署');
    expect(await page.locator('.notice.done').count()).toBe(0);
    await close();
  });

  test('takes a policy that is dropped onto its field, and never for a receipt, nor out of one', async () => {
    const { page, close } = await openOffline(rig);
    const cosigned = await cosignedBy(access, [one, nowSeconds()], [two, nowSeconds()]);
    expect(await give(page, { name: 'both.json', text: cosigned })).toContain('未检查');
    await page.dispatchEvent('#policy', 'drop', { dataTransfer: await carried(page, 'witnesses', policy) });
    await page.waitForFunction(
      (word) => document.body.textContent.includes(word),
      AXIS_TEXTS.recorded.witnessed.word.zh,
    );
    expect(await page.inputValue('#policy')).toBe(policy);
    await close();
  });

  test('says of a policy that is none what is wrong with it, and verifies nothing by it', async () => {
    const { page, close } = await openOffline(rig);
    await give(page, { name: 'access.json', text: access });
    const { publicKey } = await nativeEd25519.importSeed(new Uint8Array(32).fill(9));
    const another = formatVkey(verifierKey('another.example/log', parsePublicKey(publicKey)));
    for (const [text, hours, said] of [
      ['witness one', '', 'line 1'],
      [policy.replace('quorum both\n', ''), '', 'no quorum line'],
      [policy.replace(formatVkey(site.court.fixture.vkey), another), '', '没有您填写的公钥'],
      [policy, '0', '请填写整数小时'],
      ['', '24', '先要填写见证策略'],
    ] as const) {
      await page.fill('#policy', text);
      await page.fill('#hours', hours);
      await page.getByRole('button', { name: '核验', exact: true }).click();
      await expect.poll(() => page.getByRole('alert').textContent()).toContain(said);
      expect(await page.locator('.examined').count()).toBe(0);
    }
    await page.setInputFiles('#policy-file', { name: 'p', mimeType: 'text/plain', buffer: Buffer.from('ff00', 'hex') });
    // The file is read in its own time.
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('读不出来');
    await checkAxe(page);
    await close();
  });

  test('says without JavaScript how else to verify', async () => {
    const { page, close } = await rig.open({ javaScript: false });
    await page.goto(onDisk);
    expect(await page.textContent('main')).toContain('npx assent verify receipt.json');
    await close();
  });

  test.each<readonly [where: string, options: PageOptions, chosen: readonly string[]]>([
    ['on a phone', PHONE, []],
    ['on a phone in English, largest', PHONE, ['English', 'Largest']],
    ['on a phone at night, largest', { ...PHONE, scheme: 'dark' }, ['最大']],
    ['on a desk at night', { scheme: 'dark' }, []],
    ['on a desk at 200 %', { zoom: 2 }, ['English']],
  ])('can be read by everybody %s, before and after', async (_where, options, chosen) => {
    // Served: the debugger, asked for glyphs, loads the page anew, which nothing may do from disk.
    const { page, close } = await rig.open(options);
    await page.goto(`${site.url}/verify`);
    for (const name of chosen) await page.getByRole('button', { name, exact: true }).click();
    await expectReadable(page);
    await give(page, { name: 'access.json', text: access }, { name: 'letter.json', text: letter });
    await page.locator('details summary').first().click();
    await expectReadable(page);
    await give(page, { name: 'given.json', text: '{}' });
    await expectReadable(page);
    await close();
  });
});

async function expectReadable(page: Page): Promise<void> {
  await checkAxe(page);
  await checkWidth(page);
  await checkGlyphs(page);
}

/** The issuing key's signature over one entry, with one bit of it changed. */
function flippedSignature(receipt: string): string {
  const parsed = JSON.parse(receipt) as { slices: { signatures: string[] }[] };
  const signature = parsed.slices[0]?.signatures[0] as string;
  const bytes = Buffer.from(signature, 'base64url');
  bytes[10] = (bytes[10] as number) ^ 1;
  return changed(receipt, signature, bytes.toString('base64url'));
}
