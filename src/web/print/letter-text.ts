/** The exact text of a letter as blocks: a line between two `**` is of a key clause, and bold (条例 19). */
import { keyClauseIn } from '#core/letter-template/key-clause.ts';
import type { Block } from './sheet.ts';

export function textBlocks(text: string): readonly Block[] {
  return text
    .replace(/\n$/, '')
    .split(/\r?\n/)
    .map((line): Block => {
      const key = keyClauseIn(line);
      const shown = (key ?? line).replaceAll('\t', '    ');
      return { kind: key === undefined ? 'line' : 'bold', text: shown };
    });
}
