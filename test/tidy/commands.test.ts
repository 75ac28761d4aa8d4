/** What commands there are, and how each ends, is told in one place: the table of the README. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const main = textOf('src/cli/main.ts');
const usage = main.slice(main.indexOf('assent <command>'), main.indexOf('/** Each command is loaded'));
const commands = [...main.matchAll(/^ {2}'?([a-z-]+)'?: async \(\) => \(await import\('\.\/commands\//gm)].map(
  ([, name]) => name as string,
);
const rows = textOf('README.md')
  .split('\n')
  .filter((line) => /^\| `[a-z-]+/.test(line) && / · 2 could not run/.test(line));

/** The number of each code that a text names, in order. */
const codesIn = (text: string) => [...new Set([...text.matchAll(/\b([0-5]) [a-z]/g)].map(([, code]) => code))].sort();

describe('commands', () => {
  it('are more than a few', () => expect(commands.length).toBeGreaterThan(25));

  it.each(commands)('%s stands in the README’s table, with how it ends, and in --help', (name) => {
    expect(rows.filter((row) => new RegExp(`\`${name}(?: |\`)`).test(row))).not.toEqual([]);
    expect(usage).toMatch(new RegExp(`^ {2}${name}(?: |$)`, 'm'));
  });

  it.each(['verify', 'monitor', 'audit', 'doctor', 'restore', 'batch'])('%s ends alike in both', (name) => {
    const row = rows.find((each) => new RegExp(`\`${name} ?[^\`]*\``).test(each)) ?? '';
    const told = new RegExp(`(?:^|[;:\\s])${name}(?:,| and | [0-9])[^;]*`, 'm').exec(
      usage.slice(usage.indexOf('Exit codes:')),
    );
    const codes = codesIn(row.split('|').at(-2) ?? '');
    expect(codes).toEqual(expect.arrayContaining(['0', '1', '2']));
    expect(codesIn(told?.[0] ?? '')).toEqual(codes);
  });
});
