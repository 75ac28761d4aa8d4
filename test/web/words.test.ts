/** The words: that nothing is said in one language only, and that neither is left in the other. */
import { describe, expect, test } from 'vitest';
import { en } from '../../src/web/words/en.ts';
import { zh } from '../../src/web/words/zh.ts';
import { wordsOf } from '../../src/web/words.ts';

type Said = readonly [path: string, said: unknown];

/** Every text and sentence, by its path. */
function all(words: unknown, path = ''): readonly Said[] {
  if (typeof words !== 'object' || words === null) return [[path, words]];
  return Object.entries(words).flatMap(([key, value]) => all(value, `${path}/${key}`));
}

/** What a sentence says of some values. */
const say = (said: unknown): string =>
  typeof said === 'function' ? String(said(...Array.from({ length: said.length }, (_, at) => at + 1))) : String(said);

/** Said in English for what Chinese has no need of, or the other way round. */
const EMPTY_BY_INTENT = ['/docs/inEnglish', '/components/hearers/2/1', '/components/hearers/3/1'];
/** Chinese on the English page: the text of a letter counts in Chinese. */
const CHINESE_BY_INTENT = ['/components/letter'];

describe('the words', () => {
  test('have the same keys in both languages, and say something under each', () => {
    const keys = (words: unknown) => all(words).map(([path, said]) => `${path}: ${typeof said}`);
    expect(keys(en).sort()).toEqual(keys(zh).sort());
    for (const [path, said] of [...all(zh), ...all(en)]) {
      if (!EMPTY_BY_INTENT.includes(path)) expect(say(said).trim(), path).not.toBe('');
      expect(say(said), path).not.toMatch(/undefined|NaN|\[object/);
    }
  });

  test('of the English page are English, and of the Chinese one not', () => {
    for (const [path, said] of all(en)) {
      if (!CHINESE_BY_INTENT.includes(path)) expect(say(said), path).not.toMatch(/\p{Script=Han}/u);
    }
    const english = new Map(all(en));
    const same = all(zh).filter(
      ([path, said]) => typeof said === 'string' && said !== '' && said === english.get(path),
    );
    expect(same.map(([path]) => path).sort()).toEqual(
      [
        '/components/letter',
        '/components/facts/2/1',
        '/components/hearers/0/1',
        '/components/hearers/1/1',
        '/home/more/openapi',
        '/home/more/openapiNote',
        '/me/none',
      ].sort(),
    );
  });

  test('are those of the view’s language', () => {
    expect(wordsOf({ lang: 'en' })).toBe(en);
    expect(wordsOf({ lang: 'zh-CN' })).toBe(zh);
  });
});
