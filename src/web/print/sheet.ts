/**
 * Sheets of A4: blocks one below the other, the page's number on each page, a QR code on the first, and what stays blank struck,
 * so that nothing can be added (users N-09). The same blocks and fonts give the same bytes.
 *
 * @module
 */
import PDFDocument from 'pdfkit';
import { encode } from 'uqr';
import type { Language } from '../view.ts';
import { type Face, type Faces, openFaces, type PrintFonts, runsOf, type Weight, widthOf } from './faces.ts';
import { linesOf } from './lines.ts';

export type Block =
  | { readonly kind: 'title' | 'code' | 'heading' | 'line' | 'bold'; readonly text: string }
  | { readonly kind: 'fact'; readonly label: string; readonly value: string }
  /** A line to write on. */
  | { readonly kind: 'blank'; readonly label: string }
  /** What follows begins on a page of its own; or does so unless so many points are left. */
  | { readonly kind: 'page' }
  | { readonly kind: 'room'; readonly height: number };

export interface Sheet {
  readonly title: string;
  /** The language of its own words. */
  readonly lang: Language;
  /** Milliseconds since 1970: when the file says that it was made. */
  readonly time: number;
  readonly qr: { readonly url: string; readonly caption: string } | null;
  readonly blocks: readonly Block[];
  /** Stands at the foot of every page, before its number. */
  readonly foot: string;
  readonly struck: string;
  readonly page: (page: number, pages: number) => string;
}

/** Points; a page of A4 with margins of 20 mm. */
const WIDTH = 595.28;
const HEIGHT = 841.89;
const MARGIN = 56.7;
const FOOT = 34;
const BOTTOM = HEIGHT - MARGIN - 8;
const QR_SIZE = 92;
const QR_GAP = 16;
const LEADING = 1.55;
/** What is lower needs no line through it. */
const STRUCK_MIN = 40;
/** Of short labels; longer ones push aside what they say. */
const INDENT = { fact: 84, blank: 124 } as const;
const LABEL_GAP = 12;

interface Style {
  readonly size: number;
  readonly weight: Weight;
  readonly before: number;
}
const STYLES: Readonly<Record<'title' | 'code' | 'heading' | 'line' | 'bold' | 'fact' | 'blank' | 'small', Style>> = {
  title: { size: 17, weight: 'bold', before: 0 },
  code: { size: 20, weight: 'bold', before: 4 },
  heading: { size: 12, weight: 'bold', before: 10 },
  line: { size: 10.5, weight: 'regular', before: 0 },
  bold: { size: 10.5, weight: 'bold', before: 0 },
  fact: { size: 10.5, weight: 'regular', before: 1 },
  blank: { size: 10.5, weight: 'regular', before: 14 },
  small: { size: 8, weight: 'regular', before: 0 },
};

/** Where the next line goes. */
interface Pen {
  /** From the margin to what labels say. */
  readonly indent: Readonly<Record<'fact' | 'blank', number>>;
  readonly doc: PDFKit.PDFDocument;
  readonly faces: Faces;
  readonly sheet: Sheet;
  page: number;
  y: number;
}

/** Prints a sheet. @throws {Failure} `glyph_missing` */
export async function printSheet(sheet: Sheet, fonts: PrintFonts): Promise<Uint8Array> {
  const faces = openFaces(fonts);
  const doc = openDocument(sheet, faces);
  const bytes = collect(doc);
  const indent = { fact: indentOf('fact', sheet, faces), blank: indentOf('blank', sheet, faces) };
  const pen: Pen = { indent, doc, faces, sheet, page: 0, y: MARGIN };
  if (sheet.qr !== null) drawCode(pen, sheet.qr);
  for (const block of sheet.blocks) drawBlock(pen, block);
  strikeRest(pen);
  numberPages(pen);
  doc.end();
  return bytes;
}

/** All labels of a kind have the same room. */
function indentOf(kind: 'fact' | 'blank', { blocks }: Sheet, faces: Faces): number {
  const weight = kind === 'fact' ? 'bold' : 'regular';
  const labels = blocks.flatMap((block) => (block.kind === kind ? [block.label] : []));
  const widths = labels.map((label) => widthOf(label, faces[weight], STYLES[kind].size) + LABEL_GAP);
  return Math.max(INDENT[kind], ...widths);
}

function openDocument({ title, time, lang }: Sheet, { regular, bold }: Faces): PDFKit.PDFDocument {
  const doc = new PDFDocument({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    pdfVersion: '1.7',
    lang,
    displayTitle: true,
    info: { Title: title, CreationDate: new Date(time) },
    // A font of the standard fourteen would not be embedded.
    font: regular[0]?.font as never,
  });
  for (const { name, font } of [...regular, ...bold]) doc.registerFont(name, font as never);
  return doc;
}

function collect(doc: PDFKit.PDFDocument): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  return new Promise((resolve, reject) => {
    doc.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    doc.on('error', reject);
    doc.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
  });
}

function drawBlock(pen: Pen, block: Block): void {
  if (block.kind === 'fact') drawFact(pen, block);
  else if (block.kind === 'blank') drawBlank(pen, block.label);
  else if (block.kind === 'page') turnPage(pen);
  else if (block.kind === 'room') keepRoom(pen, block.height);
  else drawText(pen, STYLES[block.kind], block.text);
}

function keepRoom(pen: Pen, height: number): void {
  if (pen.y + height > BOTTOM) turnPage(pen);
}

function drawText(pen: Pen, style: Style, text: string, left: number = MARGIN): void {
  const { size, before } = style;
  const height = size * LEADING;
  pen.y += pen.y === MARGIN ? 0 : before;
  const first = pen.y;
  const lines = linesOf(text, pen.faces[style.weight], size, (line) => roomAt(pen, first + line * height, left));
  for (const line of lines) {
    keepRoom(pen, height);
    drawLine(pen, style, { text: line, x: left, y: pen.y });
    pen.y += height;
  }
}

/** The code stands at the right of the first page: lines beside it are shorter. */
function roomAt({ sheet, page }: Pen, y: number, left: number): number {
  const isBeside = sheet.qr !== null && page === 0 && y < MARGIN + QR_SIZE + QR_GAP + 12;
  return WIDTH - MARGIN - left - (isBeside ? QR_SIZE + QR_GAP : 0);
}

function drawLine(
  { doc, faces }: Pen,
  { size, weight }: Style,
  { text, x, y }: { readonly text: string; readonly x: number; readonly y: number },
): void {
  let at = x;
  for (const run of runsOf(text, faces[weight])) {
    doc.font(run.face.name).fontSize(size);
    // Each face has its own height over the baseline: all stand on the same one.
    doc.text(run.text, at, y + size * BASELINE - ascentOf(run.face, size), { lineBreak: false });
    at += doc.widthOfString(run.text);
  }
}

/** How far below the top of its line the baseline is, in sizes. */
const BASELINE = 1.16;

function ascentOf({ font }: Face, size: number): number {
  return (font.ascent / font.unitsPerEm) * size;
}

function drawFact(pen: Pen, { label, value }: { readonly label: string; readonly value: string }): void {
  const style = STYLES.fact;
  const height = style.size * LEADING;
  keepRoom(pen, style.before + height);
  drawLine(pen, { ...style, weight: 'bold' }, { text: label, x: MARGIN, y: pen.y + style.before });
  drawText(pen, style, value, MARGIN + pen.indent.fact);
}

function drawBlank(pen: Pen, label: string): void {
  const { size, before } = STYLES.blank;
  const height = size * LEADING;
  keepRoom(pen, before + height);
  pen.y += before;
  drawLine(pen, STYLES.blank, { text: label, x: MARGIN, y: pen.y });
  const line = pen.y + height - 2;
  pen.doc
    .moveTo(MARGIN + pen.indent.blank, line)
    .lineTo(WIDTH - MARGIN, line)
    .lineWidth(0.6)
    .stroke('#000');
  pen.y += height;
}

function turnPage(pen: Pen): void {
  strikeRest(pen);
  pen.doc.addPage();
  pen.page += 1;
  pen.y = MARGIN;
}

/** A line from corner to corner through what is left of a page. */
function strikeRest(pen: Pen): void {
  const top = pen.y + 6;
  if (BOTTOM - top < STRUCK_MIN) return;
  drawLine(pen, STYLES.small, { text: pen.sheet.struck, x: MARGIN, y: top });
  const from = top + STYLES.small.size * LEADING;
  pen.doc
    .moveTo(MARGIN, from)
    .lineTo(WIDTH - MARGIN, from)
    .lineTo(MARGIN, BOTTOM)
    .lineTo(WIDTH - MARGIN, BOTTOM);
  pen.doc.lineWidth(0.5).stroke('#777');
}

function drawCode(pen: Pen, { url, caption }: NonNullable<Sheet['qr']>): void {
  const { data, size } = encode(url, { ecc: 'M', border: 4 });
  const left = WIDTH - MARGIN - QR_SIZE;
  const module = QR_SIZE / size;
  for (const [row, cells] of data.entries()) {
    for (const [column, isDark] of cells.entries()) {
      if (isDark) pen.doc.rect(left + column * module, MARGIN + row * module, module, module);
    }
  }
  pen.doc.fill('#000');
  drawLine(pen, STYLES.small, { text: caption, x: left + 4 * module, y: MARGIN + QR_SIZE });
}

function numberPages(pen: Pen): void {
  const pages = pen.page + 1;
  for (let page = 0; page < pages; page++) {
    pen.doc.switchToPage(page);
    const y = HEIGHT - FOOT - STYLES.small.size;
    drawLine(pen, STYLES.small, { text: `${pen.sheet.foot}　${pen.sheet.page(page + 1, pages)}`, x: MARGIN, y });
  }
}
