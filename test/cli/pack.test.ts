import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canonicalText, type Json } from '#core/canonical.ts';
import { readFolder } from '../../src/cli/packs/folder.ts';
import { problemText } from '../../src/cli/packs/place.ts';
import { PAPER_PACK } from '../core/pack/paper-pack.ts';
import { type Home, newHome, run } from '../support/command.ts';

const PACKS = resolve(import.meta.dirname, '../../packs');

let home: Home;
beforeAll(() => {
  home = newHome();
});
afterAll(() => home.remove());
/** The packs of this project, in a folder of our own. */
beforeEach(() => {
  rmSync(join(home.folder, 'packs'), { recursive: true, force: true });
  cpSync(PACKS, join(home.folder, 'packs'), { recursive: true });
});

const file = (path: string) => join(home.folder, 'packs', path);

/** Puts one line in the place of another, and answers its number. */
function edit(path: string, line: string, instead: string): number {
  const lines = readFileSync(file(path), 'utf8').split('\n');
  const at = lines.indexOf(line);
  if (at < 0) return expect.fail(`${path} has no line ${line}`);
  writeFileSync(file(path), lines.with(at, instead).join('\n'));
  return at + 1;
}

function write(id: string, yaml: string): void {
  mkdirSync(file(id), { recursive: true });
  writeFileSync(file(`${id}/pack.yaml`), yaml);
}

const lint = (...folders: readonly string[]) =>
  run(home, ['pack', 'lint', ...(folders.length > 0 ? folders : ['packs/cn-credit', 'packs/pboc'])]);
/** What is wrong with the text or the fields of a pack, read without a process of its own. */
function problemsOf(id: string): string {
  const { pack, problems } = readFolder(file(id));
  expect(pack).toBeUndefined();
  return problems.map(problemText).join('\n');
}
const HEAD = 'id: mine\nversion: 1\ntitle: {zh: 示例, en: mine}\nfrom: 2024-01-01\n';

describe('assent pack lint', () => {
  it('finds the packs that ship clean, and says what would be published', async () => {
    const linted = await run(home, ['pack', 'lint', '--json']);
    expect(linted).toMatchObject({ code: 0, stderr: '' });
    const { clean, packs } = JSON.parse(linted.stdout);
    expect(clean).toBe(true);
    expect(packs).toMatchObject(
      ['area-cn', 'bank-loan', 'calendar-cn', 'cn-credit', 'huabei', 'pboc'].map((id) => ({
        id,
        version: 1,
        problems: [],
      })),
    );
    const { stdout } = await lint();
    for (const { id, bytes, digest } of packs.filter(({ id }: { id: string }) => ['cn-credit', 'pboc'].includes(id))) {
      expect(digest).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(stdout).toContain(`${id} 1: clean, ${bytes} bytes, SHA-256 ${digest}\n`);
    }
  });

  it('looks for what a pack needs among those that ship', async () => {
    rmSync(file('cn-credit'), { recursive: true });
    expect(await lint('packs/pboc')).toMatchObject({ code: 0 });
  });

  it('names the line of a code that is unknown', async () => {
    const line = edit(
      'pboc/pack.yaml',
      '      - { scheme: reason_person, code: "24" }',
      '      - { scheme: reason_person, code: "27" }',
    );
    const { code, stdout } = await lint();
    expect(code).toBe(1);
    expect(stdout).toContain(
      `packs/pboc/pack.yaml:${line}:34 purposes[0].reasons[1].code: no such code 27 in scheme reason_person\n` +
        'pboc 1: 1 error; nothing can be published\n',
    );
  });

  it('names the line of an item whose class is not there, and of a class below a part', async () => {
    const item = (of: string) => `  - {id: a, name: {zh: 甲, en: a}, kinds: [basic], evidence: rec, class: ${of}}\n`;
    const classes =
      'classes:\n  - {id: top, name: {zh: 大类, en: top}, evidence: rec}\n' +
      '  - {id: part, name: {zh: 小类, en: part}, parent: top, evidence: rec}\n';
    write('mine', `${HEAD}${classes}items:\n${item('part')}`);
    expect(await lint('packs/mine')).toMatchObject({ code: 0 });
    write(
      'mine',
      `${HEAD}${classes}  - {id: third, name: {zh: 细类, en: third}, parent: part, evidence: rec}\nitems:\n${item('gone')}`,
    );
    const { code, stdout } = await lint('packs/mine');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^packs\/mine\/pack\.yaml:8:\d+ classes\[2\]\.parent: part is a part of top: classes have two levels at most$/m,
    );
    expect(stdout).toMatch(/^packs\/mine\/pack\.yaml:10:\d+ items\[0\]\.class: this pack has no class gone$/m);
  });

  it('names the line of a purpose that is not as the needed pack has it', async () => {
    const line = edit('pboc/pack.yaml', '    kind: merchant', '    kind: other');
    const { code, stdout } = await lint();
    expect(code).toBe(1);
    // Its id stands three lines above.
    expect(stdout).toContain(
      `packs/pboc/pack.yaml:${line - 3}:5 purposes[5].id: pack cn-credit has merchant with another name, subjects, kind or feedback\n`,
    );
  });

  it('names the line of a credit code that can be nobody’s', async () => {
    const line = edit('huabei/pack.yaml', '        uscc: 91990001MA0000103M', '        uscc: 91990001MA0000103N');
    const { code, stdout } = await lint('packs/huabei');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      new RegExp(
        `packs/huabei/pack\\.yaml:${line}:\\d+ templates\\[0\\]\\.candidates\\[\\d+\\]\\.uscc: the last character`,
      ),
    );
  });

  it('refuses versions of one pack that are in force at once', async () => {
    cpSync(file('pboc'), join(home.folder, 'next', 'pboc'), { recursive: true });
    const next = join(home.folder, 'next', 'pboc', 'pack.yaml');
    const text = readFileSync(next, 'utf8');
    writeFileSync(next, text.replace('version: 1\n', 'version: 2\n'));
    const { code, stdout } = await lint('next/pboc');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^next\/pboc\/pack\.yaml:8:1 from: version 2 is in force from 2013-03-15 on, version 1 from 2013-03-15 on\n/,
    );
    writeFileSync(next, text.replace('version: 1\n', 'version: 2\n').replace('from: 2013-03-15', 'from: 2026-01-01'));
    expect(await lint('next/pboc')).toMatchObject({ code: 0 });
  });

  it('names who needs a pack that is not there, not new enough, or that needs it in turn', async () => {
    write('mine', `${HEAD}needs:\n  - {pack: gone, version: 1}\n  - {pack: pboc, version: 7}\n`);
    const missing = await lint('packs/mine');
    expect(missing.code).toBe(1);
    expect(missing.stdout).toContain('packs/mine/pack.yaml:6:6 needs[0].pack: no such pack gone\n');
    expect(missing.stdout).toContain(
      'packs/mine/pack.yaml:7:18 needs[1].version: pack pboc is there in version 1, want 7 or later\n',
    );

    write('mine', `${HEAD}needs: [{pack: yours, version: 1}]\n`);
    write('yours', `${HEAD.replace('mine', 'yours')}needs: [{pack: mine, version: 1}]\n`);
    const circle = await lint('packs/mine', 'packs/yours');
    expect(circle.code).toBe(1);
    expect(circle.stdout).toContain(
      'packs/mine/pack.yaml:5:10 needs[0].pack: packs need each other in a circle: mine → yours → mine\n',
    );
  });

  it('names the line of a template without its slot of a version', async () => {
    write('mine', `${HEAD}templates:\n  - id: query-letter\n    text: 示例\n`);
    const { code, stdout } = await lint('packs/mine');
    expect(code).toBe(1);
    expect(stdout).toContain('packs/mine/pack.yaml:6:5 templates[0].version: missing: want a whole number\n');
  });

  it('shows a warning for a rule that cites a repealed law, and still calls it clean', async () => {
    const law = (to: string) =>
      `${HEAD}laws:\n  - {id: old-law, title: {zh: 示例, en: old}, from: 2000-01-01${to}, evidence: rec}\n` +
      'rules:\n  - id: R-9\n    title: {zh: 示例, en: rule}\n    law: [{doc: old-law, art: 1§1}]\n    require: never\n' +
      '    otherwise: {flag: review}\n    from: 2024-01-01\n    severity: warning\n    evidence: rec\n';
    write('mine', law(''));
    expect((await lint('packs/mine')).stdout).toMatch(/^mine 1: clean/);
    write('mine', law(', to: 2010-01-01'));
    const { code, stdout } = await lint('packs/mine');
    expect(code).toBe(0);
    expect(stdout).toContain(
      'packs/mine/pack.yaml:10:12 rules[0].law[0].doc: warning: law old-law is in force from 2000-01-01 to 2010-01-01, the rule from 2024-01-01 on\n',
    );
  });

  it('refuses a field in two files, and what is no YAML beside them', async () => {
    write('mine', `${HEAD}items: []\n`);
    writeFileSync(file('mine/more.yaml'), '# more\nitems: []\ncodes: []\n');
    writeFileSync(file('mine/rules.yml'), 'rules: []\n');
    writeFileSync(file('mine/README.md'), 'mine');
    const { code, stdout } = await lint('packs/mine');
    expect(code).toBe(1);
    expect(stdout).toBe(
      'packs/mine/rules.yml:1:1: want only *.yaml and README.md\n' +
        // Files are read in the order of their names.
        'packs/mine/pack.yaml:5:1 items: it is there already, at packs/mine/more.yaml:2\n' +
        'packs/mine: 2 errors; nothing can be published\n',
    );
  });

  it('refuses a folder that is not called as its pack', async () => {
    write('yours', HEAD);
    const { code, stdout } = await lint('packs/yours');
    expect(code).toBe(1);
    expect(stdout).toContain('packs/yours/pack.yaml:1:1 id: the pack is mine, its folder yours\n');
  });

  it('could not run without a folder, or without its pack.yaml', async () => {
    mkdirSync(file('empty'));
    for (const folder of ['packs/none', 'packs/empty', 'packs/pboc/pack.yaml']) {
      const linted = await lint(folder);
      expect(linted).toMatchObject({ code: 2, stdout: '' });
      expect(linted.stderr).toMatch(/^assent: config_invalid: packs\/.*want the folder of a pack\n$/);
    }
  });
});

describe('the packs that ship', () => {
  const shipped = (id: string) => readFolder(join(PACKS, id)).pack ?? expect.fail(`${id} can't be read`);

  it('warn with each profile that counsel must decide, in both languages', () => {
    const { profiles, rules } = shipped('cn-credit');
    expect(profiles.map(({ id }) => id)).toEqual(['R-15c', 'post-loan-2005', 'zhejiang', 'grade-b']);
    for (const { id, warning } of profiles) {
      expect(warning.zh).toContain('须由法律顾问决定');
      expect(warning.en).toContain('Counsel must decide');
      expect(rules.filter(({ profile }) => profile === id)).not.toEqual([]);
    }
  });

  it('let a profile take the place of just what it reads otherwise', () => {
    const { rules } = shipped('cn-credit');
    const replacing = rules.filter(({ replaces }) => replaces !== null);
    const outcome = (id: string | null) => rules.find((rule) => rule.id === id)?.otherwise;
    expect(replacing.map(({ id, replaces }) => [id, outcome(replaces), outcome(id)])).toEqual([
      // The exemption of 2005 only turns NOAUTH into a mark (domain/law.md 2.3).
      ['O3-13', { deny: 'NOAUTH' }, { flag: 'review' }],
      ['R-15c', { deny: 'REVOKED' }, { deny: 'REVOKED' }],
      ['ES-13-online', { deny: 'EVIDENCE' }, { deny: 'EVIDENCE' }],
    ]);
  });

  it('map purposes on reasons as domain/law.md 2.9 does, and nothing on the reason that says nothing', () => {
    const { purposes, codes } = shipped('pboc');
    const reasons = purposes.map(({ id, reasons }) => [id, reasons.map(({ code }) => code).join()]);
    expect(Object.fromEntries(reasons)).toEqual({
      loan_apply: '02,24,26',
      card_apply: '03',
      guarantor: '08,20',
      post_loan: '01,21',
      representative: '22',
      merchant: '19',
      onboarding: '23',
      review: '25',
      hpf_withdrawal: '16',
      dispute: '05',
      judicial: '09',
      firm_loan_apply: '01,17,18',
      firm_draw_down: '02',
      firm_post_loan: '03',
      firm_group_link: '05',
    });
    expect(codes.filter(({ flagged }) => flagged).map(({ scheme, code }) => `${scheme} ${code}`)).toEqual([
      'reason_firm 04',
    ]);
    for (const { subjects, reasons } of purposes) {
      expect(new Set(reasons.map(({ scheme }) => scheme))).toEqual(new Set(subjects.map((each) => `reason_${each}`)));
    }
  });
});

describe('a folder of a pack', () => {
  it.each([
    ['a field that is unknown', 'colour: red\n', '5:1 colour: unknown: want no other field than id, version, title'],
    [
      'a field of a row that is unknown',
      'codes:\n  - scheme: a\n    cod: b\n',
      '7:5 codes[0].cod: unknown: want no other',
    ],
    ['a field that is missing', 'profiles:\n  - id: P-1\n', '6:5 profiles[0].title: missing: want an object'],
    [
      'a text in one language',
      'profiles:\n  - id: P-1\n    title: {zh: 示例}\n',
      '7:5 profiles[0].title.en: missing: want text',
    ],
    ['a section that is no list', 'items: none\n', '5:1 items: want a list'],
    ['a row that is no object', 'items:\n  - none\n', '6:5 items[0]: want an object'],
    ['a number where a code is wanted', 'codes: [{scheme: a, code: 12}]\n', '5:21 codes[0].code: want text'],
    ['a day that is none', 'to: 2024-02-30\n', '5:1 to: want a day such as 2013-03-15'],
    ['a name that stands twice', 'to: null\nto: null\n', '6:1: the name stands twice'],
    ['a name that stands twice in a row', 'codes:\n  - {scheme: a, scheme: b}\n', '6:17: the name stands twice'],
    ['an anchor', 'items: &all []\n', '5:13: want no anchor'],
    ['an alias', 'items: &all []\ncodes: *all\n', '6:8: want no alias: write it out'],
    ['a tag', 'items: !!seq []\n', '5:14: want no tag'],
    ['a tag of a scalar', 'to: !!str 1\n', '5:11: want no tag'],
    ['a merge', 'codes: [{<<: {scheme: a}}]\n', '5:10 codes[0].<<: unknown: want no other field'],
    ['a name that is no text', '1: one\n', '5:1: want a name that is text: put it in quotes'],
    ['a name that is nothing', 'null: one\n', '5:1: want a name that is text: put it in quotes'],
    ['a name that is a list', '? [a]\n: one\n', '5:3: want a name that is text: put it in quotes'],
    ['the name __proto__', '__proto__: {id: x}\n', '5:1: want a name that is text'],
    ['a number with a point', 'needs: [{pack: pboc, version: 1.0}]\n', '5:31: want a whole number in plain digits'],
    [
      'a number with a zero before it',
      'codes: [{scheme: a, code: 01}]\n',
      '5:27: want a whole number in plain digits; a code such as 01 stands in quotes',
    ],
    ['a hexadecimal number', 'needs: [{pack: pboc, version: 0x1}]\n', '5:31: want a whole number in plain digits'],
    ['no number', 'needs: [{pack: pboc, version: .nan}]\n', '5:31: want a whole number in plain digits'],
    ['a number beyond 2^53', 'needs: [{pack: pboc, version: 9007199254740993}]\n', '5:31: want a whole number'],
    ['a tab for a space', 'needs:\n\t- {pack: pboc}\n', 'not YAML'],
    ['an end too early', 'needs: [{pack: pboc', 'not YAML'],
    ['a second document', '---\nid: two\n', 'not YAML'],
    [
      'a lone surrogate',
      'profiles: [{id: P-1, title: {zh: "\\ud800", en: a}, warning: {zh: a, en: a}, evidence: V}]\n',
      'want well-formed text',
    ],
  ])('refuses %s', (_what, yaml, problem) => {
    write('mine', `${HEAD}${yaml}`);
    expect(problemsOf('mine')).toContain(problem);
  });

  it.each([
    ['a directive', '%YAML 1.1\n---\nid: mine\n', '3:1: want no directive (%YAML, %TAG)'],
    ['a list', '- id: mine\n', '1:1: want fields such as id, version, title'],
    ['nothing', '', '1:1: want fields such as id, version, title'],
    ['what is nested without end', `id: ${'['.repeat(100_000)}`, '1:1: not YAML that can be read: nested too deep'],
    ['bytes that are not UTF-8', Uint8Array.of(0x69, 0x64, 0x3a, 0xff), '1:1: not UTF-8'],
    ['what is too long', `id: mine # ${'x'.repeat(2 ** 20)}`, '1:1: 1048587 bytes, want 1048576 at most'],
  ])('refuses a file of %s', (_what, content, problem) => {
    mkdirSync(file('mine'));
    writeFileSync(file('mine/pack.yaml'), content);
    expect(problemsOf('mine')).toContain(problem);
  });

  it('is read to just what it says, JSON being YAML', () => {
    write('paper', JSON.stringify(PAPER_PACK, null, 2));
    const { pack, problems } = readFolder(file('paper'));
    expect(problems).toEqual([]);
    expect(canonicalText(pack as Json)).toBe(canonicalText(PAPER_PACK));
  });

  it('may leave out what says nothing', () => {
    write('mine', HEAD);
    expect(readFolder(file('mine')).pack).toMatchObject({ to: null, needs: [], rules: [], calendar: null, areas: [] });
  });
});

describe('assent pack diff', () => {
  it('tells what a new version changes, and that no old grant is widened', async () => {
    cpSync(file('pboc'), join(home.folder, 'newer'), { recursive: true });
    copyFileSync(join(home.folder, 'newer', 'pack.yaml'), join(home.folder, 'kept.yaml'));
    const text = readFileSync(join(home.folder, 'kept.yaml'), 'utf8');
    const bureau = /^ {2}- id: bureau_b\n(?: {4}.*\n)+/m.exec(text)?.[0] ?? '';
    writeFileSync(
      join(home.folder, 'newer', 'pack.yaml'),
      text
        .replace('version: 1\n', 'version: 2\n')
        .replace(bureau, `${bureau}${bureau.replace('bureau_b', 'bureau_c')}`),
    );
    const told = await run(home, ['pack', 'diff', 'packs/pboc', 'newer']);
    expect(told).toEqual({
      code: 0,
      stderr: '',
      stdout:
        'pboc 1 → pboc 2\nversion: 1 → 2\nparties: + bureau_c\nwider in recipients: bureau_c\n' +
        'Grants already given keep the version they were given under and cover none of this: it takes a new letter.\n',
    });
    const back = await run(home, ['pack', 'diff', 'newer', 'packs/pboc', '--json']);
    expect(JSON.parse(back.stdout)).toMatchObject({
      sections: [{ section: 'parties', added: [], removed: ['bureau_c'] }],
      widened: { items: [], recipients: [], reasons: [] },
    });
    expect((await run(home, ['pack', 'diff', 'newer', 'newer'])).stdout).toBe('pboc 2 → pboc 2\nthe same\n');
  });

  it('could not run with a pack that is not whole', async () => {
    write('mine', 'id: mine\n');
    const told = await run(home, ['pack', 'diff', 'packs/mine', 'packs/pboc']);
    expect(told).toMatchObject({ code: 2, stdout: '' });
    expect(told.stderr).toContain(
      'assent: pack_invalid: packs/mine/pack.yaml:1:1 version: missing: want a whole number',
    );
  });

  it.each([[['pack']], [['pack', 'frob']], [['pack', 'diff', 'packs/pboc']], [['pack', 'diff', 'a', 'b', 'c']]])(
    'explains itself for %j',
    async (args) => {
      const told = await run(home, args);
      expect(told).toMatchObject({ code: 2, stdout: '' });
      expect(told.stderr).toMatch(/^assent: pack.*want/);
    },
  );
});
