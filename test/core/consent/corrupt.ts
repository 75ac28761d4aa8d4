/** A value changed in any one place: what verifies it has to find each of them. */
import type { Json, JsonObject } from '#core/canonical.ts';

export type Way = readonly (string | number)[];

/** Every text and number in a value, by the way to it. */
export function leavesOf(value: Json, at: Way = []): readonly Way[] {
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([name, each]) =>
    leavesOf(each as Json, [...at, Array.isArray(value) ? Number(name) : name]),
  );
}

export function changedAt(value: Json, [name, ...rest]: Way): Json {
  if (name === undefined) {
    if (typeof value === 'string') return value === '' ? 'x' : (value.startsWith('A') ? 'B' : 'A') + value.slice(1);
    return typeof value === 'number' ? value + 1 : 'x';
  }
  if (Array.isArray(value)) return value.map((each, n) => (n === name ? changedAt(each, rest) : each));
  const object = value as JsonObject;
  return { ...object, [name]: changedAt(object[name] as Json, rest) };
}
