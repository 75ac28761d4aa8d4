/** Time-stamps on the page that verifies receipts, from disk, with the network cut. The TSA is openssl's own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { parseReceipt } from '#core/consent/receipt.ts';
import { checkpointNoteOf } from '#core/consent/receipt-checkpoint.ts';
import { AXIS_TEXTS } from '#core/consent/verdict-text.ts';
import { formatStamped, ownNote } from '#time-stamp/file.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { askTsa } from '../../src/node/time-stamp/ask.ts';
import { signersOf } from '../api/door.ts';
import { random } from '../support/ledger-fixture.ts';
import { certificatesIn, HAS_OPENSSL, openTsa, type TestTsa } from '../support/tsa.ts';
import { checkAxe } from './support/axe.ts';
import { openSite, type Site } from './support/site.ts';
import { browserSuite, type Rig } from './support/suite.ts';

let site: Site;
let folder: string;
let onDisk: string;
/** Whose certificate is an RSA one, and one of an elliptic curve. */
let tsa: TestTsa;
let other: TestTsa;
/** Two receipts, the second of a larger tree, and a time-stamp of each one's tree. */
let early: { readonly receipt: string; readonly stamp: string };
let late: { readonly receipt: string; readonly stamp: string };
let proof: string;
/** How many entries the two trees have. */
let sizes: readonly [number, number];

beforeAll(async () => {
  if (!HAS_OPENSSL) return;
  [site, tsa, other] = await Promise.all([
    openSite({ time: '2024-05-01T10:00:00' }),
    openTsa({ key: 'rsa', digest: 'sha512', accuracy: 'secs:1' }),
    openTsa({ key: 'ec', caKey: 'rsa' }),
  ]);
  const { court } = site;
  const [grant] = await court.give([{}]);
  const receiptNow = async () => {
    const decided = await court.ask({ ground: { grant } });
    return (await court.door.as(signersOf(court.lender)).get(`/v1/accesses/${decided.access}/receipt`)).text;
  };
  const [one, two] = [await receiptNow(), await receiptNow()];
  early = { receipt: one, stamp: await stampOf(one, tsa) };
  late = { receipt: two, stamp: await stampOf(two, tsa) };
  sizes = [sizeOf(one), sizeOf(two)];
  expect(sizes[1]).toBeGreaterThan(sizes[0]);
  proof = await (await fetch(`${site.url}/v1/proofs/consistency?from=${sizes[0]}&to=${sizes[1]}`)).text();
  folder = mkdtempSync(join(tmpdir(), 'assent-verify-stamp-'));
  const saved = join(folder, 'assent-verify.html');
  writeFileSync(saved, await (await fetch(`${site.url}/verify`)).text());
  onDisk = pathToFileURL(saved).href;
});
afterAll(async () => {
  if (!HAS_OPENSSL) return;
  await Promise.all([site.close(), tsa.close(), other.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const noteOf = (receipt: string) => checkpointNoteOf(parseReceipt(utf8(receipt)));
const sizeOf = (receipt: string) => Number(noteOf(receipt).split('\n')[1]);

async function stampOf(receipt: string, by: TestTsa): Promise<string> {
  const note = await ownNote(noteOf(receipt), [site.court.fixture.vkey], nativeEd25519);
  const settings = { url: by.url, certificates: certificatesIn(by.ca), policy: undefined };
  const means = { fetch, random, clock: Date.now };
  const { token } = await askTsa(settings, utf8(note), means, AbortSignal.timeout(20_000));
  return parseUtf8(formatStamped(note, token));
}

async function openOffline(rig: Rig) {
  const opened = await rig.open();
  await opened.page.context().setOffline(true);
  await opened.page.goto(onDisk);
  return opened;
}

const choose = (page: Page, field: '#files' | '#stamp-files', ...texts: readonly string[]) =>
  page.setInputFiles(
    field,
    texts.map((text, n) => ({ name: `file-${n}`, mimeType: 'text/plain', buffer: Buffer.from(text) })),
  );
// biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not shown.
const said = (page: Page) => expect.poll(() => page.innerText('#results'));
const certificate = (by: TestTsa, which: 'ca' | 'certificate' = 'ca') => readFileSync(by[which], 'utf8');

/** A file, as a hand carries it over the page. */
const carried = (page: Page, text: string) =>
  page.evaluateHandle((content) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([content], 'dropped'));
    return transfer;
  }, text);

browserSuite('a time-stamp on the page that verifies receipts', (rig) => {
  test.skipIf(!HAS_OPENSSL)(
    'says by when the record existed, as the authority that the reader named says',
    async () => {
      const { page, close } = await openOffline(rig);
      await choose(page, '#files', early.receipt);
      await said(page).toContain(AXIS_TEXTS.recorded.unwitnessed.word.zh);
      // Nothing is said of a time that nobody asked for.
      // biome-ignore lint/performance/useDomNodeTextContent: as above.
      expect(await page.innerText('#results')).not.toContain('存在时间');
      await choose(page, '#stamp-files', early.stamp);
      await said(page).toContain('请再选择时间戳机构的证书');
      await choose(page, '#stamp-files', certificate(tsa, 'certificate'));
      await said(page).toContain('已经存在');
      await said(page).toContain('时间戳机构 O=Testing Authority 990001, CN=Test TSA');
      await checkAxe(page);
      // By the authority that issued its certificate, as well, and with both at once.
      await page.reload();
      await choose(page, '#stamp-files', certificate(tsa), early.stamp);
      await choose(page, '#files', early.receipt, late.receipt);
      await expect.poll(() => page.locator('.examined').count()).toBe(2);
      await said(page).toContain('最迟在');
      // Of the larger tree it says nothing, and which one would is told.
      await said(page).toContain(`/v1/time-stamps?from=${sizes[1]}`);
      await close();
    },
  );

  test.skipIf(!HAS_OPENSSL)('of a larger tree wants the proof between the two, and no other one', async () => {
    const { page, close } = await openOffline(rig);
    await choose(page, '#files', early.receipt);
    await choose(page, '#stamp-files', late.stamp, certificate(tsa));
    await said(page).toContain(`/v1/proofs/consistency?from=${sizes[0]}&to=${sizes[1]}`);
    await choose(page, '#stamp-files', JSON.stringify({ ...JSON.parse(proof), hashes: [] }));
    await said(page).toContain('这份时间戳不能证明');
    await said(page).not.toContain('/v1/proofs/consistency');
    await choose(page, '#stamp-files', proof);
    await said(page).toContain('最迟在');
    await close();
  });

  test.skipIf(!HAS_OPENSSL)(
    'shows nothing by another authority, or with a byte changed; the record stands',
    async () => {
      const { page, close } = await openOffline(rig);
      await choose(page, '#files', early.receipt);
      await choose(page, '#stamp-files', early.stamp, certificate(other));
      await said(page).toContain('这份时间戳不能证明');
      await said(page).toContain(AXIS_TEXTS.recorded.unwitnessed.word.zh);
      const { token } = JSON.parse(early.stamp) as { token: string };
      const bytes = Buffer.from(token, 'base64');
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      await choose(page, '#stamp-files', certificate(tsa), early.stamp.replace(token, bytes.toString('base64')));
      await said(page).toContain('the signature is not the TSA’s');
      // The other authority's own stands beside it.
      await choose(page, '#stamp-files', certificate(other), await stampOf(early.receipt, other));
      await said(page).toContain('最迟在');
      await choose(page, '#stamp-files', '{"hello":1}');
      await expect.poll(() => page.getByRole('alert').textContent()).toContain('file-0');
      expect(await page.locator('.examined').count()).toBe(0);
      await close();
    },
  );

  test.skipIf(!HAS_OPENSSL)('that is dropped for a receipt is told where it belongs, and is taken there', async () => {
    const { page, close } = await openOffline(rig);
    for (const [file, what] of [
      [early.stamp, '这是时间戳，不是凭证'],
      [certificate(tsa), '这是证书，不是凭证'],
      [proof, '这是两棵树之间的证明，不是凭证'],
    ] as const) {
      await page.dispatchEvent('h1', 'drop', { dataTransfer: await carried(page, file) });
      await said(page).toContain(what);
      await said(page).toContain('下一步');
    }
    await choose(page, '#files', early.receipt);
    for (const file of [early.stamp, certificate(tsa)])
      await page.dispatchEvent('#stamp-files', 'drop', { dataTransfer: await carried(page, file) });
    await said(page).toContain('最迟在');
    await close();
  });

  test.skipIf(!HAS_OPENSSL)('is not judged without the browser’s own cryptography, and says so', async () => {
    const { page, close } = await rig.open();
    await page.addInitScript(() => Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined }));
    await page.context().setOffline(true);
    await page.goto(onDisk);
    await choose(page, '#files', early.receipt);
    await choose(page, '#stamp-files', early.stamp, certificate(tsa));
    await said(page).toContain('浏览器不提供所需算法');
    await said(page).toContain(AXIS_TEXTS.recorded.unwitnessed.word.zh);
    await close();
  });
});
