/**
 * Awaits what was started together. Where several fail, the first in their order is thrown, whichever failed first in time:
 * what is said of bad input does not depend on how fast a runtime's threads are.
 */
export async function inOrder<T>(started: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(started);
  return Promise.all(started);
}
