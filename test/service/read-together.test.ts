/** Readings that are made together: one at a time, each begun after its last key was asked for. */
import { describe, expect, it } from 'vitest';
import { readTogether } from '#service/read-together.ts';

const tick = () => new Promise((resolve) => setTimeout(resolve, 1));

describe('reading together', () => {
  it('makes one reading of what is asked for while another is under way, each key once', async () => {
    const readings: (readonly number[])[] = [];
    const read = readTogether(async (keys: readonly number[]) => {
      readings.push(keys);
      await tick();
      return new Map(keys.filter((key) => key !== 13).map((key) => [key, `${key}`]));
    });
    const first = [read(1), read(2)];
    await Promise.resolve();
    await Promise.resolve();
    const later = [read(3), read(13), read(3)];
    expect(await Promise.all([...first, ...later])).toEqual(['1', '2', '3', undefined, '3']);
    expect(readings).toEqual([
      [1, 2],
      [3, 13],
    ]);
  });

  it('answers nobody from before it asked', async () => {
    let now = 0;
    const read = readTogether(async (keys: readonly string[]) => {
      const at = now;
      await tick();
      return new Map(keys.map((key) => [key, at]));
    });
    const early = read('a');
    await Promise.resolve();
    await Promise.resolve();
    now = 1;
    expect(await Promise.all([early, read('a')])).toEqual([0, 1]);
  });

  it('fails for all that are in it, and for nobody after them', async () => {
    let fails = true;
    const read = readTogether(async (keys: readonly string[]) => {
      if (fails) throw new Error('away');
      return new Map(keys.map((key) => [key, key]));
    });
    const results = await Promise.allSettled([read('a'), read('b')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    expect(await read('a')).toBe('a');
  });
});
