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

/** The line that a title stands on. */
function lineWith(text: string, title: string): string {
  return text.split('\n').find((line) => line.includes(title)) ?? '';
}

/** The numbers of attacks that a test's name says, `56 to 58` as three of them; 65,535 is none. */
function numbersIn(title: string): ReadonlySet<number> {
  const said = title.replace(/\d{1,3}(?:,\d{3})+/g, '');
  const ranges = [...said.matchAll(/(\d+) to (\d+)/g)].flatMap(([, from, to]) => range(Number(from), Number(to)));
  return new Set([...ranges, ...[...said.matchAll(/\b\d+\b/g)].map(Number)]);
}

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

  it.each(rows)('names for $no a test that has the number in its own name', ({ no, ends, by }) => {
    if (ends === '**not shown**') return;
    const named = [...by.matchAll(/`(test\/[^`]+\.ts)` “([^”]+)”/g)];
    const titles = named.map(([, path, title]) => lineWith(textOf(path as string), title as string));
    expect(titles.filter((title) => numbersIn(title).has(no))).not.toEqual([]);
  });
});
