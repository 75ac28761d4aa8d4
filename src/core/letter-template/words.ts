/**
 * What a template's texts are: the same said in Chinese, which has authority, and in English; and how well it is known.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { line, oneOf, record, type Shape, type ShapeOf } from '../shape.ts';

/**
 * How well something is known (domain/law.md): `V` compared with the statute word by word, `S` after a secondary source,
 * `memory` stated without a source and to be checked before anyone relies on it, `rec` a recommendation, not law.
 */
export const EVIDENCES = ['V', 'S', 'memory', 'rec'] as const;
export const knownBy: Shape<(typeof EVIDENCES)[number]> = oneOf(EVIDENCES);

export const TITLE_MAX = 100;
export const WORDS_MAX = 1_000;

/** Text in one line that is not blank. */
function phrase(lengthMax: number): Shape<string> {
  const read = line(lengthMax);
  return (value, at) => {
    const found = read(value, at);
    if (found.trim() === '') throw new Failure('entry_invalid', `${at}: want text that is not blank`);
    return found;
  };
}

function bilingual(lengthMax: number): Shape<{ readonly zh: string; readonly en: string }> {
  return record({ zh: phrase(lengthMax), en: phrase(lengthMax) });
}

export const title: Shape<Words> = bilingual(TITLE_MAX);
export const words: Shape<Words> = bilingual(WORDS_MAX);
export type Words = ShapeOf<ReturnType<typeof bilingual>>;

export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];
