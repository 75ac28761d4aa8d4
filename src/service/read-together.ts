/** Reads by key, of which those that are asked for while one is under way are made as one. */

interface Reading<K, V> {
  readonly keys: Set<K>;
  readonly found: Promise<ReadonlyMap<K, V>>;
}

/**
 * Nobody is answered from before it asked: a reading begins after the last of its keys was asked for. Where one fails, it
 * fails for all who are in it, and for no later one.
 */
export function readTogether<K, V>(
  read: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
): (key: K) => Promise<V | undefined> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Reading<K, V> | undefined;

  function begin(): Reading<K, V> {
    const keys = new Set<K>();
    const found = last.then(() => {
      next = undefined;
      return read([...keys]);
    });
    last = found.catch(() => {});
    return { keys, found };
  }

  return async (key) => {
    next ??= begin();
    next.keys.add(key);
    return (await next.found).get(key);
  };
}
