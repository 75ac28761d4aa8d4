/**
 * A letter's text as lint reads it: sentence by sentence, each also without what stands between the characters of a word.
 *
 * Spaces and the asterisks of bold type are left out of `folded`, so that they hide no word.
 *
 * @module
 */

export interface Sentence {
  /** As it stands in the text, without space around it. */
  readonly raw: string;
  /** Where `raw` begins in the text, in UTF-16 code units. */
  readonly offset: number;
  readonly folded: string;
}

/** What has no stop for longer than this is cut at a comma, or just cut: the work of patterns grows faster than it. */
const SENTENCE_MAX = 400;

/** Splits at the ends of Chinese sentences and of lines. */
export function sentencesOf(text: string): readonly Sentence[] {
  const sentences: Sentence[] = [];
  for (const match of text.matchAll(/[^。；！？\n]+[。；！？]?/g)) {
    let start = match.index;
    for (const piece of piecesOf(match[0])) {
      const raw = piece.trim();
      const folded = fold(raw);
      if (folded !== '') sentences.push({ raw, offset: start + piece.indexOf(raw), folded });
      start += piece.length;
    }
  }
  return sentences;
}

function piecesOf(sentence: string): readonly string[] {
  const pieces: string[] = [];
  let rest = sentence;
  while (rest.length > SENTENCE_MAX) {
    const comma = rest.lastIndexOf('，', SENTENCE_MAX - 1);
    const end = comma > 0 ? comma + 1 : SENTENCE_MAX;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...pieces, rest];
}

/** Leaves out space and bold marks. */
function fold(text: string): string {
  return text.replace(/[\s*]+/g, '');
}

/** The part of a sentence between two commas, or colons, in which something stands. */
export function segmentAt(folded: string, index: number): string {
  const start = Math.max(...[...'，,：:。；！？'].map((mark) => folded.lastIndexOf(mark, index - 1))) + 1;
  const ends = [...'，,：:。；！？'].map((mark) => folded.indexOf(mark, index)).filter((end) => end >= 0);
  return folded.slice(index === 0 ? 0 : start, Math.min(...ends, folded.length));
}
