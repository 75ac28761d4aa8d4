/** `assent retention`, against a demo that is served. */
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printRetention } from '../../src/cli/commands/retention.ts';
import { type Home, launch, newHome, printed, run } from '../support/command.ts';

const DAY = Date.parse('2030-01-02T00:00:00+08:00');

describe('assent retention', () => {
  let home: Home;
  let server: ChildProcess;
  let url: string;

  beforeAll(async () => {
    home = newHome();
    server = launch(home, ['serve']);
    url = /at (http:\S+)/.exec(await printed(server, /Ctrl-C stops/))?.[1] ?? '';
  });
  afterAll(() => {
    server.kill('SIGKILL');
    home.remove();
  });

  it('lists what the keeper keeps, with rules and articles, and erases nothing', async () => {
    const { code, stdout, stderr } = await run(home, ['retention', '--url', url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      'rule decisions  决定、使用与告知的记录 · Decisions, uses and notices: at least 3 years from decision  [V]',
    );
    expect(stdout).toMatch(/网络数据安全管理条例 12/);
    expect(stdout).toMatch(/^rel\/[0-9a-f]{32} {2}in use$/m);
    expect(stdout).toMatch(/^ {2}[0-9]+ letters: no end known {2}\(letters\)$/m);
    expect(stdout).toMatch(/^0 due for erasure as of [0-9-]{10}\. Nothing is erased by this\.$/m);
  });

  it('says the same as JSON, and only what is due where that is asked', async () => {
    const { stdout } = await run(home, ['retention', '--url', url, '--json']);
    const { rules, items } = JSON.parse(stdout);
    expect(rules.length).toBeGreaterThan(5);
    expect(items[0].classes[0]).toMatchObject({ class: 'letters', due: 0 });
    const due = await run(home, ['retention', '--url', url, '--json', '--due']);
    expect(JSON.parse(due.stdout)).toMatchObject({ items: [] });
  });

  it('wants a party with its key, or neither', async () => {
    const { code, stderr } = await run(home, ['retention', '--url', url, '--party', '0'.repeat(32)]);
    expect([code, stderr]).toEqual([
      2,
      'assent: retention: want --party ID and --key FILE, or neither. All commands: npx assent --help\n',
    ]);
  });
});

describe('what is printed', () => {
  it('names what is due, and by which rule', () => {
    const lines: string[] = [];
    const output = { line: (text: string) => lines.push(text), json() {}, progress() {}, note() {} };
    const each = { count: 3, due: 2, next_due: DAY, kept_until: DAY, by: ['K-1'] } as const;
    const stream = `rel/${'a'.repeat(32)}` as never;
    printRetention(output, {
      as_of: DAY,
      rules: [],
      items: [
        { stream, ended_at: DAY, disputed: false, classes: [{ class: 'letters', ...each } as never] },
        { stream, ended_at: null, disputed: true, classes: [{ class: 'decisions', ...each, due: 0, by: [] } as never] },
      ],
    });
    expect(lines).toEqual([
      'No pack in force says how long anything is kept: everything is.',
      `${stream}  only stored since 2030-01-02`,
      '  DUE 2 of 3 letters: kept through 2030-01-01, next after 2030-01-01  (K-1)',
      `${stream}  an objection is open`,
      '  3 decisions: kept through 2030-01-01, next after 2030-01-01  (no rule)',
      '2 due for erasure as of 2030-01-02. Nothing is erased by this.',
    ]);
  });
});
