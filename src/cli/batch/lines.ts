/** The lines of a text that have anything in them, numbered from 1. */
export function* readLines(text: string): Generator<{ readonly line: number; readonly text: string }> {
  for (let line = 1, start = 0; start < text.length; line++) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const one = text.slice(start, end).trim();
    if (one !== '') yield { line, text: one };
    start = end + 1;
  }
}
