/**
 * Lint against whole letters in our own words (domain/numbers.md, fixture (h)): eight that are wrong, each in the ways that
 * are named here and no other, and four that are right though they say much that sounds wrong.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sentencesOf } from '#core/letter-template/lint/sentences.ts';
import { type Finding, lintLetter } from '#core/letter-template/lint.ts';
import { parseTemplate } from '#core/letter-template/template.ts';

const CORPUS = 'test/corpus/letters';

/** Which rules each letter breaks: errors, and warnings. */
const BAD: Readonly<Record<string, { readonly errors: readonly string[]; readonly warnings: readonly string[] }>> = {
  'bare.txt': { errors: ['L06', 'L07', 'L13', 'L14', 'L17'], warnings: [] },
  'click-wrap.txt': { errors: ['L02'], warnings: [] },
  'one-box.json': { errors: ['L08', 'L10'], warnings: [] },
  'preset-option.json': { errors: ['L05', 'L08'], warnings: [] },
  'renovation-loan.txt': { errors: ['L01', 'L02', 'L03', 'L04', 'L09', 'L22'], warnings: [] },
  'report-seller.txt': { errors: ['L15', 'L16'], warnings: [] },
  'tax-loan.txt': { errors: ['L11', 'L12', 'L18'], warnings: ['L20', 'L21'] },
  'untold.json': { errors: ['L04', 'L06', 'L07', 'L11', 'L12', 'L13', 'L14', 'L17'], warnings: ['L19'] },
};
const GOOD = ['firm-tax.txt', 'optional-provision.json', 'spouse.txt', 'two-clauses.txt'];

function lint(path: string): readonly Finding[] {
  const text = readFileSync(`${CORPUS}/${path}`, 'utf8');
  if (path.endsWith('.json')) return lintLetter({ text: null, template: parseTemplate(JSON.parse(text)) });
  return lintLetter({ text, template: null });
}

const rulesOf = (findings: readonly Finding[], severity: string) =>
  [...new Set(findings.filter((each) => each.severity === severity).map(({ rule }) => rule))].sort();

test('eight letters are wrong, four are right, and all of them are looked at', () => {
  expect(readdirSync(`${CORPUS}/bad`).sort()).toEqual(Object.keys(BAD));
  expect(readdirSync(`${CORPUS}/good`).sort()).toEqual(GOOD);
  expect([Object.keys(BAD).length, GOOD.length]).toEqual([8, 4]);
});

test.each(Object.entries(BAD))('%s is wrong just in the ways that are known', (name, { errors, warnings }) => {
  const findings = lint(`bad/${name}`);
  expect(rulesOf(findings, 'error')).toEqual(errors);
  expect(rulesOf(findings, 'warning')).toEqual(warnings);
});

test('together they break every rule', () => {
  const broken = new Set(Object.values(BAD).flatMap(({ errors, warnings }) => [...errors, ...warnings]));
  expect(broken.size).toBe(22);
});

test.each(GOOD)('%s raises no false alarm', (name) => {
  expect(lint(`good/${name}`)).toEqual([]);
});

describe('what is found', () => {
  test.each(Object.keys(BAD).filter((name) => name.endsWith('.txt')))(
    'in %s is a sentence of the letter, at its place',
    (name) => {
      const text = readFileSync(`${CORPUS}/bad/${name}`, 'utf8');
      for (const { sentence, at } of lint(`bad/${name}`)) {
        expect(sentence.length).toBeGreaterThan(0);
        expect(at.kind === 'text' && text.slice(at.offset, at.offset + sentence.length)).toBe(sentence);
      }
    },
  );

  test('goes away when the sentence does', () => {
    const text = readFileSync(`${CORPUS}/bad/renovation-loan.txt`, 'utf8');
    for (const { rule, at, sentence } of lint('bad/renovation-loan.txt')) {
      if (at.kind !== 'text') continue;
      const left = text.slice(0, at.offset) + text.slice(at.offset + sentence.length);
      const there = (words: string) => lintLetter({ text: words, template: null }).filter((each) => each.rule === rule);
      expect(there(left)).toHaveLength(there(text).length - 1);
    }
  });

  test('is found behind any other letter', () => {
    const good = readFileSync(`${CORPUS}/good/two-clauses.txt`, 'utf8');
    const bad = readFileSync(`${CORPUS}/bad/renovation-loan.txt`, 'utf8');
    const rules = rulesOf(lintLetter({ text: good + bad, template: null }), 'error');
    expect(rules).toEqual(BAD['renovation-loan.txt']?.errors);
  });
});

describe('sentences', () => {
  test('end at 。；！？ and at line ends, and know their places', () => {
    const text = ' 甲。乙；\n\n**丙！** 丁 ？\n戊';
    const sentences = sentencesOf(text);
    expect(sentences.map(({ raw }) => raw)).toEqual(['甲。', '乙；', '**丙！', '** 丁 ？', '戊']);
    expect(sentences.map(({ folded }) => folded)).toEqual(['甲。', '乙；', '丙！', '丁？', '戊']);
    for (const { raw, offset } of sentences) expect(text.slice(offset, offset + raw.length)).toBe(raw);
  });

  test('without a stop are cut, at a comma if there is one, and nothing is lost', () => {
    const text = `${'甲'.repeat(300)}，${'乙'.repeat(900)}`;
    const pieces = sentencesOf(text).map(({ raw }) => raw);
    expect(pieces.map(({ length }) => length)).toEqual([301, 400, 400, 100]);
    expect(pieces.join('')).toBe(text);
  });
});
