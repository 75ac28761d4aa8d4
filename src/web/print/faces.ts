/**
 * The faces that papers are set in: a list for each weight, and each character in the first face that has it. One font does not
 * have all names (domain/seeds.md 0.07); a character that none has is an error, never a box.
 *
 * @module
 */
import { create, type Font } from 'fontkit';
import { Failure } from '#core/failure.ts';

/** The bytes of font files (TrueType or CFF), in the order in which they are asked for a character. */
export interface PrintFonts {
  readonly regular: readonly Uint8Array[];
  readonly bold: readonly Uint8Array[];
}

export type Weight = keyof PrintFonts;

export interface Face {
  /** Its name within a document. */
  readonly name: string;
  readonly font: Font;
}

export type Faces = Readonly<Record<Weight, readonly Face[]>>;

/** A stretch of text in one face. */
export interface Run {
  readonly face: Face;
  readonly text: string;
}

/** Parsing takes longer than setting a page: the same fonts are parsed once. */
const opened = new WeakMap<PrintFonts, Faces>();

export function openFaces(fonts: PrintFonts): Faces {
  const known = opened.get(fonts);
  if (known !== undefined) return known;
  const open = (weight: Weight) =>
    fonts[weight].map((bytes, at): Face => ({ name: `${weight} ${at}`, font: create(Buffer.from(bytes)) as Font }));
  const faces: Faces = { regular: open('regular'), bold: open('bold') };
  opened.set(fonts, faces);
  return faces;
}

/** Cuts a text into runs. @throws {Failure} `glyph_missing` */
export function runsOf(text: string, faces: readonly Face[]): readonly Run[] {
  const runs: { face: Face; text: string }[] = [];
  for (const { character, face } of setIn(text, faces)) {
    const last = runs.at(-1);
    if (last?.face === face) last.text += character;
    else runs.push({ face, text: character });
  }
  return runs;
}

/** The width of a text in points, as its characters stand one after the other. @throws {Failure} `glyph_missing` */
export function widthOf(text: string, faces: readonly Face[], size: number): number {
  let width = 0;
  for (const { character, face } of setIn(text, faces)) width += advanceOf(character, face) * size;
  return width;
}

/** Each character of a text with its face. */
function* setIn(text: string, faces: readonly Face[]): Generator<{ readonly character: string; readonly face: Face }> {
  let before = '';
  for (const character of text) {
    yield {
      character,
      face: isApostrophe(character, before) ? narrowest(character, faces) : faceFor(character, faces),
    };
    before = character;
  }
}

/** A closing quotation mark of Chinese is as wide as a character; within a Latin word it is an apostrophe. */
function isApostrophe(character: string, before: string): boolean {
  return character === '’' && /\p{Script=Latin}/u.test(before);
}

function narrowest(character: string, faces: readonly Face[]): Face {
  const first = faceFor(character, faces);
  const others = faces.filter(({ font }) => font.hasGlyphForCodePoint(character.codePointAt(0) as number));
  return others.reduce((best, face) => (advanceOf(character, face) < advanceOf(character, best) ? face : best), first);
}

/** In parts of the type's size. */
function advanceOf(character: string, { font }: Face): number {
  return font.glyphForCodePoint(character.codePointAt(0) as number).advanceWidth / font.unitsPerEm;
}

function faceFor(character: string, faces: readonly Face[]): Face {
  const point = character.codePointAt(0) as number;
  const face = faces.find(({ font }) => font.hasGlyphForCodePoint(point));
  if (face !== undefined) return face;
  // The code point alone: what stands around it may be a name.
  const code = point.toString(16).toUpperCase().padStart(4, '0');
  throw new Failure('glyph_missing', `no font has the character U+${code}`);
}
