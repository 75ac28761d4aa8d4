import { expect, test } from 'vitest';
import { inOrder } from '#core/in-order.ts';

const after = (turns: number, settle: () => number): Promise<number> =>
  turns === 0 ? Promise.resolve().then(settle) : Promise.resolve().then(() => after(turns - 1, settle));
const refuse = (why: string) => () => {
  throw new Error(why);
};

test('what was started together is answered in its order, whichever was ready first', async () => {
  expect(await inOrder([after(5, () => 1), after(0, () => 2), after(2, () => 3)])).toEqual([1, 2, 3]);
});

test('of several that fail, the first in their order is thrown, whichever failed first', async () => {
  await expect(inOrder([after(1, () => 1), after(9, refuse('second')), after(0, refuse('third'))])).rejects.toThrow(
    'second',
  );
  await expect(inOrder([after(0, refuse('first')), after(9, refuse('second'))])).rejects.toThrow('first');
});
