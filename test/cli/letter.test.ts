import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Home, newHome, run } from '../support/command.ts';

const corpus = (path: string) => resolve('test/corpus/letters', path);

describe('assent letter lint', () => {
  let home: Home;
  beforeAll(() => {
    home = newHome();
  });
  afterAll(() => home.remove());

  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(home.folder, name), content);
    return name;
  };

  it('ends with 1 for a letter with an error: place, rule, sentence, why, article, a better wording', async () => {
    const { code, stdout, stderr } = await run(home, ['letter', 'lint', corpus('bad/renovation-loan.txt')]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('renovation-loan.txt:9:1 L04 error: 三、本人还款逾期的，');
    expect(stdout).toContain('  理由：向征信机构提供个人不良信息，');
    expect(stdout).toContain('  why: Before adverse information is reported');
    expect(stdout).toContain('  依据：《征信业管理条例》第15条\n');
    expect(stdout).toContain('the Credit Reporting Industry, art. 15 [V]\n');
    expect(stdout).toContain('  建议：报送不良信息前，');
    expect(stdout).toContain('  better: Before adverse information is reported');
    expect(stdout).toMatch(/renovation-loan\.txt: 8 errors, 0 warnings\n$/);
  });

  it('cites paragraphs as Chinese law does', async () => {
    const { stdout } = await run(home, ['letter', 'lint', corpus('bad/tax-loan.txt')]);
    expect(stdout).toContain('  依据：《征信业管理条例》第14条第2款\n');
  });

  it('ends with 0 for a good letter, and for one with warnings only', async () => {
    const good = await run(home, ['letter', 'lint', corpus('good/two-clauses.txt')]);
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(good.stdout).toMatch(/: 0 errors, 0 warnings\n$/);
    const text = readFileSync(corpus('good/two-clauses.txt'), 'utf8');
    const warned = await run(home, ['letter', 'lint', file('warned.md', `${text}争议由某地法院管辖。\r\n`)]);
    expect(warned.code).toBe(0);
    expect(warned.stdout).toMatch(/ L20 warning: .*: 0 errors, 1 warning\n$/s);
  });

  it('prints JSON alone on stdout', async () => {
    const { code, stdout, stderr } = await run(home, ['letter', 'lint', '--json', corpus('bad/click-wrap.txt')]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const { clean, findings } = JSON.parse(stdout);
    expect(clean).toBe(false);
    expect(findings).toMatchObject([
      {
        rule: 'L02',
        severity: 'error',
        line: 7,
        column: 1,
        at: { kind: 'text' },
        law: [{ doc: 'pipl', art: '23' }, {}],
      },
      { rule: 'L02', line: 8, column: 1 },
    ]);
  });

  it('finds what is wrong in a template, at the line of the field', async () => {
    const path = corpus('bad/one-box.json');
    const { code, stdout } = await run(home, ['letter', 'lint', '--json', path]);
    expect(code).toBe(1);
    const lines = readFileSync(path, 'utf8').split('\n');
    for (const { at, line } of JSON.parse(stdout).findings) {
      expect(at.kind).toBe('template');
      expect(lines[line - 1]).toMatch(/"boxes"|"clauses"|"documents"|"query"|"post_loan"|"report"|\[|\{/);
    }
  });

  it('looks through all templates of a pack, YAML', async () => {
    for (const pack of ['huabei', 'bank-loan']) {
      const path = resolve('packs', pack, 'pack.yaml');
      expect((await run(home, ['letter', 'lint', path])).code).toBe(0);
      const spoilt = readFileSync(path, 'utf8').replace('key: true', 'key: false');
      const { code, stdout } = await run(home, ['letter', 'lint', file(`${pack}.yaml`, spoilt)]);
      expect(code).toBe(1);
      expect(stdout).toMatch(/\.yaml:\d+:\d+ templates\[0\]\.clauses\[0\]\.key L17 error: query\n/);
    }
  });

  it('never lets a letter steer the terminal', async () => {
    const { stdout } = await run(home, ['letter', 'lint', file('esc.txt', '本授权不可撤销\u001b[2K\u202e。\n')]);
    for (const steering of ['\u001b', '\u202e']) expect(stdout).not.toContain(steering);
    expect(stdout).toContain('\ufffd[2K\ufffd');
  });

  it.each([
    ['no file of that name', 'none.txt', undefined, 'input_invalid'],
    ['a kind that is not known', 'a.pdf', '%PDF', 'input_invalid'],
    ['bytes that are not UTF-8', 'gbk.txt', new Uint8Array([0xb1, 0xbe]), 'input_invalid'],
    ['an empty text', 'empty.txt', ' \n', 'input_invalid'],
    ['more than can be looked through', 'long.txt', '甲'.repeat(400_000), 'input_invalid'],
    ['JSON that is none', 'cut.json', '{"id":', 'template_invalid'],
    ['an alias', 'alias.yaml', 'a: &x 1\nb: *x\n', 'template_invalid'],
    ['no template', 'other.json', '{"id":"x"}', 'template_invalid'],
    ['a list', 'list.json', '[]', 'template_invalid'],
  ])('ends with 2 and one clear line for %s', async (_what, name, content, failure) => {
    if (content !== undefined) file(name, content);
    const { code, stdout, stderr } = await run(home, ['letter', 'lint', name]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^assent: ${failure}: .*${name.replace('.', '\\.')}.*\\n$`));
  });

  it('says where a template is wrong', async () => {
    const text = readFileSync(corpus('good/optional-provision.json'), 'utf8').replace('"version": 1', '"version": 0');
    const { code, stderr } = await run(home, ['letter', 'lint', file('version.json', text)]);
    expect(code).toBe(2);
    expect(stderr).toBe('assent: template_invalid: version.json:3:3 version: want at least 1\n');
  });

  it.each([[['letter']], [['letter', 'lint']], [['letter', 'frob', 'x.txt']], [['letter', 'lint', 'a.txt', 'b.txt']]])(
    'explains itself and ends with 2 for %j',
    async (args) => {
      const { code, stdout, stderr } = await run(home, args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^assent: [^\n]+\. All commands: npx assent --help\n$/);
    },
  );
});
