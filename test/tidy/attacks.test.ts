/** The table of attacks is whole, and the tests that it names are there. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const textOf = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

interface Row {
  readonly no: number;
  readonly ends: string;
  readonly by: string;
}

const rows: readonly Row[] = textOf('docs/attacks.md')
  .split('\n')
  .flatMap((line) => {
    const [, no, , ends, by] = /^\| (\d+) \| (.+?) \| (.+?) \| (.+) \|$/.exec(line) ?? [];
    return no === undefined ? [] : [{ no: Number(no), ends: ends as string, by: by as string }];
  });

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('the table of attacks', () => {
  it('has every number once, in order', () => {
    expect(rows.map(({ no }) => no)).toEqual([...range(1, 30), ...range(55, 102), ...range(108, 110)]);
  });

  it.each(rows)('names for $no a test that is there, or says why there is none', ({ ends, by }) => {
    const named = [...by.matchAll(/`(test\/[^`]+\.ts)` “([^”]+)”/g)];
    if (ends === '**not shown**') {
      expect(named).toEqual([]);
      expect(by.length).toBeGreaterThan(15);
      return;
    }
    expect(named.length).toBeGreaterThan(0);
    for (const [, path, title] of named) expect(textOf(path as string), `${path}: ${title}`).toContain(title);
  });
});
