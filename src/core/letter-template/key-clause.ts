/** How the text of a letter marks a key clause, which every showing of it makes bold (条例 19; render.ts writes the marks). */
const KEY_CLAUSE = /^\*\*(.+)\*\*$/u;

/** What a line says between the marks; undefined: it is no key clause. */
export function keyClauseIn(line: string): string | undefined {
  return KEY_CLAUSE.exec(line)?.[1];
}
