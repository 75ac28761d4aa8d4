/**
 * Breaking a text into lines, as Chinese is set (GB/T 15834, clreq 3.1): between any two characters, but no line begins with a
 * closing mark or ends with an opening one, and no Latin word or number is cut that would fit on a line.
 *
 * @module
 */
import { type Face, widthOf } from './faces.ts';

/** Words and numbers as a whole, an apostrophe within one too; everything else one by one. */
const PIECES = /[\p{Script=Latin}\p{Nd}_.\-:/@#%&+=]+(?:['’]\p{Script=Latin}+)*|./gsu;
const NEVER_FIRST = /^[\p{M}、。，．；：？！）》」』】〉”’…—～·,.;:?!)\]}%]/u;
const NEVER_LAST = /[（《「『【〈“‘([{]$/u;

/**
 * The lines of one paragraph. Joined, they are the paragraph again: spaces at the end of a line stay there.
 *
 * @param widthOfLine The room on the line of this number, in points.
 * @throws {Failure} `glyph_missing`
 */
export function linesOf(
  paragraph: string,
  faces: readonly Face[],
  size: number,
  widthOfLine: (line: number) => number,
): readonly string[] {
  const lines: string[] = [];
  let line = '';
  let width = 0;
  const end = () => {
    lines.push(line);
    line = '';
    width = 0;
  };
  const put = (text: string, wide: number) => {
    if (line !== '' && width + wide > widthOfLine(lines.length) && text.trim() !== '') end();
    line += text;
    width += wide;
  };
  for (const box of boxesOf(paragraph)) {
    const wide = widthOf(box, faces, size);
    if (wide <= widthOfLine(lines.length + 1)) put(box, wide);
    else for (const character of box) put(character, widthOf(character, faces, size));
  }
  end();
  return lines;
}

/** What is not cut. */
function boxesOf(paragraph: string): readonly string[] {
  const boxes: string[] = [];
  for (const [piece] of paragraph.matchAll(PIECES)) {
    const last = boxes.at(-1);
    if (last !== undefined && (NEVER_FIRST.test(piece) || NEVER_LAST.test(last)))
      boxes[boxes.length - 1] = last + piece;
    else boxes.push(piece);
  }
  return boxes;
}
