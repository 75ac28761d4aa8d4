/** JSON Pointer (RFC 6901): reading one place, and keeping only some places. */
import { isJsonObject, type Json, type JsonObject } from './json.ts';

export type Path = readonly string[];

/** Reads a pointer that the mapping's schema has accepted. */
export function parsePointer(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a place, or undefined. */
export function valueAt(value: Json | undefined, path: Path): Json | undefined {
  let found = value;
  for (const step of path) {
    if (Array.isArray(found)) found = /^(?:0|[1-9]\d*)$/.test(step) ? found[Number(step)] : undefined;
    else found = isJsonObject(found) && Object.hasOwn(found, step) ? found[step] : undefined;
  }
  return found;
}

/** A copy with only what lies at these places; `*` is each element of a list. Undefined: nothing does. */
export function keepAt(value: Json, paths: readonly Path[]): Json | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  if (Array.isArray(value)) {
    const each = tailsOf(paths, '*');
    const kept = value.map((item) => keepAt(item, each));
    // An element without the field leaves a hole: the others keep their places.
    if (each.length === 0 || (value.length > 0 && kept.every((item) => item === undefined))) return undefined;
    return kept.map((item) => item ?? null);
  }
  if (!isJsonObject(value)) return undefined;
  const kept: [string, Json][] = [];
  for (const [name, member] of Object.entries(value)) {
    const found = keepAt(member, tailsOf(paths, name));
    if (found !== undefined) kept.push([name, found]);
  }
  return kept.length === 0 ? undefined : (Object.fromEntries(kept) as JsonObject);
}

function tailsOf(paths: readonly Path[], step: string): readonly Path[] {
  return paths.filter(([first]) => first === step).map(([, ...rest]) => rest);
}
