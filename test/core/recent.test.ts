import { expect, test } from 'vitest';
import { recent } from '#core/recent.ts';

test('what was made of a name is made once, until so many others were asked for since', () => {
  const known = recent<string>(2);
  const made: string[] = [];
  const ask = (name: string) =>
    known(name, () => {
      made.push(name);
      return name.toUpperCase();
    });
  expect(['a', 'b', 'a', 'c', 'a', 'b'].map(ask)).toEqual(['A', 'B', 'A', 'C', 'A', 'B']);
  expect(made).toEqual(['a', 'b', 'c', 'b']);
});

test('what could not be made is not remembered, and is tried again', () => {
  const known = recent<number>(2);
  expect(() =>
    known('a', () => {
      throw new Error('unreadable');
    }),
  ).toThrow('unreadable');
  expect(known('a', () => 1)).toBe(1);
});
