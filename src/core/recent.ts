/** Remembers what was made of the last few names; the one unused for longest goes first. Where `make` throws, nothing is kept. */
export function recent<T>(countMax: number): (name: string, make: () => T) => T {
  const made = new Map<string, T>();
  return (name, make) => {
    const known = made.has(name) ? (made.get(name) as T) : make();
    // A Map keeps the order of insertion: the first is the one unused for longest.
    made.delete(name);
    made.set(name, known);
    if (made.size > countMax) made.delete(made.keys().next().value as string);
    return known;
  };
}
