/**
 * The words that every section of a pack is made of: ids, texts in two languages, and how well a row is known.
 *
 * @module
 */
import type { Brand } from '../brand.ts';
import { Failure } from '../failure.ts';
import { line, list, oneOf, record, type Shape, type ShapeOf } from '../shape.ts';

/** The name of a pack, and of its folder. */
export type PackId = Brand<string, 'PackId'>;
export const PACK_ID_PATTERN: RegExp = /^(?=.{2,32}$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** What law and lawyers call something: R-15c, R-28p, zhejiang. No run of six digits, as in a code. */
export const NAME_PATTERN: RegExp = /^(?!.*[0-9]{6})[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/**
 * How well a row is known (domain/law.md): `V` compared with the statute word by word, `S` after a secondary source,
 * `memory` stated without a source and to be checked before anyone relies on it, `rec` a recommendation, not law.
 */
export const EVIDENCES = ['V', 'S', 'memory', 'rec'] as const;
export type KnownBy = (typeof EVIDENCES)[number];

export const TITLE_MAX = 200;
export const WARNING_MAX = 1_000;
/** An article as one cites it: 14§2, 40(3), 16–24. */
export const ARTICLE_MAX = 32;
/** What one row may cite. */
export const CITATIONS_MAX = 16;

export const packId: Shape<PackId> = (value, at) => {
  if (typeof value === 'string' && PACK_ID_PATTERN.test(value)) return value as PackId;
  throw new Failure('entry_invalid', `${at}: want a pack's id: 2 to 32 characters in kebab-case`);
};
export const name: Shape<string> = matching(NAME_PATTERN, 'a name such as R-15c');
export const knownBy: Shape<KnownBy> = oneOf(EVIDENCES);

/** Text in one line that is not blank. */
export function phrase(lengthMax: number): Shape<string> {
  const read = line(lengthMax);
  return (value, at) => {
    const found = read(value, at);
    if (found.trim() === '') throw new Failure('entry_invalid', `${at}: want text that is not blank`);
    return found;
  };
}

/** The same said in Chinese, which has authority, and in English. */
export function text(lengthMax: number): Shape<{ readonly zh: string; readonly en: string }> {
  return record({ zh: phrase(lengthMax), en: phrase(lengthMax) });
}
export type Text = ShapeOf<ReturnType<typeof text>>;
export const title: Shape<Text> = text(TITLE_MAX);

/** Articles of laws that a row rests on; `doc` is a law of this pack, or of one that it needs. */
export const citations: Shape<readonly { readonly doc: string; readonly art: string }[]> = list(
  record({ doc: name, art: phrase(ARTICLE_MAX) }),
  CITATIONS_MAX,
);

export function matching(pattern: RegExp, wanted: string): Shape<string> {
  return (value, at) => {
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw new Failure('entry_invalid', `${at}: want ${wanted}`);
  };
}

/** A list of one or more. */
export function some<T>(item: Shape<T>, countMax: number): Shape<readonly T[]> {
  const read = list(item, countMax);
  return (value, at) => {
    const found = read(value, at);
    if (found.length === 0) throw new Failure('entry_invalid', `${at}: want one or more`);
    return found;
  };
}
