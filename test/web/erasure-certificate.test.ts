/** The certificate of an erasure as a page and as a paper, read back out of their own bytes, for whoever holds its path. */
import { getDocument, OPS, type PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { encode } from 'uqr';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import type { ErasureSummary } from '#core/consent/erasure-summary.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { openLetterPrinter } from '../../src/node/letter-printer.ts';
import { createPages, type PagesOptions } from '../../src/web/pages.ts';
import { DECISIONS_DUE, type ErasureScene, openErasureScene } from '../support/erasure-scene.ts';

const HOST = 'http://127.0.0.1:8787';
const DOCUMENT = { info: {}, components: { schemas: {} }, paths: {} };
const printer = openLetterPrinter();

let scene: ErasureScene;
/** The certificate's page, and what anyone verifies of its file. */
let path: string;
let erasure: ErasureSummary;
beforeAll(async () => {
  scene = await openErasureScene();
  // The letters have to be kept still, so there is something of each kind to say.
  scene.setTime(DECISIONS_DUE);
  const { json } = await scene.asSubject().post('/v1/erasures', { handle: null });
  const [{ receipt }] = json.erased;
  path = receipt.replace('/v1/erasure-receipts/', '/erasures/');
  const verdict = await verifyReceipt(utf8((await scene.door.get(receipt)).text), scene.fixture.vkey, nativeEd25519);
  if (verdict.erasure === null) throw new Error('it is the certificate of an erasure');
  erasure = verdict.erasure;
}, 60_000);
afterAll(() => scene.close());

async function open(asked: string, options: Partial<PagesOptions> = {}) {
  const pages = createPages(scene.fixture.context, { document: DOCUMENT, problems: [], printer, ...options });
  const response = await pages.request(HOST + asked);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes, text: new TextDecoder().decode(bytes) };
}

async function readPdf(bytes: Uint8Array) {
  const task = getDocument({
    data: bytes.slice(),
    useSystemFonts: false,
    disableFontFace: true,
    fontExtraProperties: true,
  });
  const file = await task.promise;
  const page = await file.getPage(1);
  const codes = await modulesOf(page);
  const { items } = await page.getTextContent();
  const texts = items.flatMap((item) => ('str' in item ? [item] : []));
  const embedded = texts.map(({ fontName }) => {
    const { name, missingFile } = page.commonObjs.get(fontName) as { name: string; missingFile: boolean };
    return /^[A-Z]{6}\+NotoSans/.test(name) && !missingFile;
  });
  const found = {
    millimetres: page.view.slice(2).map((points) => Math.round((points / 72) * 25.4)),
    text: texts.map(({ str }) => str).join(''),
    isEmbedded: embedded.length > 0 && embedded.every(Boolean),
    modules: codes,
    pages: file.numPages,
  };
  await task.destroy();
  return found;
}

/** The corners of the squares that the first path of the page fills: the code's dark modules. */
async function modulesOf(page: PDFPageProxy): Promise<readonly (readonly [number, number])[]> {
  const { fnArray, argsArray } = await page.getOperatorList();
  const [, [drawn]] = argsArray[fnArray.indexOf(OPS.constructPath)] as [number, [Float32Array]];
  const corners: [number, number][] = [];
  // 0: move to (x, y); 1: line to (x, y); 4: close.
  for (let at = 0; at < drawn.length; at += drawn[at] === 4 ? 1 : 3) {
    if (drawn[at] === 0) corners.push([drawn[at + 1] as number, drawn[at + 2] as number]);
  }
  return corners;
}

/** The same corners, counted in modules from the first row and column that has any. */
function gridOf(corners: readonly (readonly [number, number])[], size: number): readonly string[] {
  const [left, top] = [0, 1].map((axis) => Math.min(...corners.map((corner) => corner[axis] as number))) as [
    number,
    number,
  ];
  const [right] = [Math.max(...corners.map(([x]) => x))];
  const module = (right - left) / (size - 1);
  return corners.map(([x, y]) => `${Math.round((y - top) / module)}/${Math.round((x - left) / module)}`).sort();
}

describe('the page of an erasure’s certificate', () => {
  test.each([
    ['', '决定、使用与告知的记录', '还须保存', '个人信息'],
    ['?lang=en', 'records of decisions, uses and notices', 'Has to be kept still', 'It does not say whose data'],
  ])(
    'says what went, by which rules, and what is kept, in the reader’s language: %s',
    async (query, went, kept, limits) => {
      const { status, text, headers } = await open(path + query);
      expect(status).toBe(200);
      for (const said of [went, kept, limits, erasure.check_code, erasure.leaf, String(erasure.index)]) {
        expect(text, said).toContain(said);
      }
      expect(text).not.toMatch(/undefined|\[object/);
      expect(text).toContain(`href="${path}/certificate.pdf"`);
      // Nobody is named, and the address is a secret that no other site is told.
      for (const secret of [scene.person.idNumber, scene.handle]) expect(text).not.toContain(secret);
      expect(headers.get('referrer-policy')).toBe('same-origin');
    },
  );

  test('offers the file that anyone verifies, and no PDF where there are no fonts', async () => {
    const { bytes, headers } = await open(`${path}/certificate.json`);
    expect(headers.get('content-disposition')).toContain('certificate.json');
    expect((await verifyReceipt(bytes, scene.fixture.vkey, nativeEd25519)).erasure).toEqual(erasure);
    const without = await open(path, { printer: undefined });
    expect(without.text).not.toContain('certificate.pdf');
    expect((await open(`${path}/certificate.pdf`, { printer: undefined })).status).toBe(501);
  });

  test('is not there under any other path, nor are its files', async () => {
    const last = path.at(-1) === 'A' ? 'B' : 'A';
    const capability = path.slice('/erasures/'.length);
    for (const other of ['none', capability.slice(0, -1) + last, capability.slice(1), `${capability}A`]) {
      for (const file of ['', '/certificate.json', '/certificate.pdf']) {
        const { status, text } = await open(`/erasures/${other}${file}`);
        expect([other, file, status]).toEqual([other, file, 404]);
        expect(text).toContain('没有这一删除证明');
      }
    }
  });
});

describe('the certificate of an erasure on paper', () => {
  test.each([
    ['', '删除证明', '不说明这是谁的信息', '离线核验'],
    ['?lang=en', 'Certificate of erasure', 'It does not say whose data', 'npx assent verify certificate.json'],
  ])('is one sheet of A4 with its fonts, in the reader’s language: %s', async (query, title, limits, verify) => {
    const { status, bytes, headers } = await open(`${path}/certificate.pdf${query}`);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/pdf']);
    const { text, ...paper } = await readPdf(bytes);
    expect(paper).toMatchObject({ millimetres: [210, 297], isEmbedded: true, pages: 1 });
    // A line is broken between words: compared is what stands on it.
    const bare = (said: string) => said.replace(/\s/g, '');
    for (const said of [title, limits, verify, erasure.check_code, erasure.leaf, `${HOST}${path}`]) {
      expect(bare(text), said).toContain(bare(said));
    }
    expect(text).not.toMatch(/undefined|NaN|\[object/);
    for (const secret of [scene.person.idNumber, scene.handle]) expect(text).not.toContain(secret);
  });

  test('has a code that opens its page, module for module', async () => {
    const { bytes } = await open(`${path}/certificate.pdf`);
    const { modules } = await readPdf(bytes);
    const codeOf = (url: string) => {
      const { data, size } = encode(url, { ecc: 'M', border: 0 });
      const dark = data.flatMap((cells, row) =>
        cells.flatMap((isDark, column) => (isDark ? [`${row}/${column}`] : [])),
      );
      return { dark: dark.sort(), size };
    };
    const own = codeOf(HOST + path);
    expect(gridOf(modules, own.size)).toEqual(own.dark);
    expect(gridOf(modules, own.size)).not.toEqual(codeOf(`${HOST}${path.slice(0, -1)}_`).dark);
  });

  test('is the same bytes each time', async () => {
    const [first, second] = [await open(`${path}/certificate.pdf`), await open(`${path}/certificate.pdf`)];
    expect(Buffer.from(first.bytes).equals(Buffer.from(second.bytes))).toBe(true);
  });
});
