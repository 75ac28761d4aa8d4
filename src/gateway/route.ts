/** One mapped route: whom a request is about, what it asks for, and which fields of the response that is. */
import type { Identifier } from '#core/consent/statement.ts';
import type { RouteMap } from '#wire/gateway.ts';
import { type Json, readJson, readOneJson } from './json.ts';
import { keepAt, type Path, parsePointer, valueAt } from './pointer.ts';

/** What a mapped request says. */
export interface Asked {
  readonly subject: Identifier | null;
  readonly items: readonly string[];
}

/** What may pass of a response. */
export interface Passed {
  readonly body: Uint8Array;
  readonly items: readonly string[];
  readonly count: number;
}

export interface Route {
  readonly action: RouteMap['action'];
  /** The parameters of a path, or undefined where it is not this route's. */
  match(method: string, path: string): Readonly<Record<string, string>> | undefined;
  /** The query that passes: what is not mapped could mean anything. */
  queryOf(url: URL): string;
  readAsked(url: URL, params: Readonly<Record<string, string>>, body: Uint8Array): Asked;
  /** Only what these items are. Undefined: the response can't be read, and so nothing of it passes. */
  filter(response: Uint8Array, permitted: readonly string[]): Passed | undefined;
}

export function openRoute(map: RouteMap): Route {
  const pattern = patternOf(map.path);
  const queries = queriesOf(map);
  const always = (map.response.always ?? []).map(parsePointer);
  const ofItem = new Map(Object.entries(map.response.items).map(([item, at]) => [item, at.map(parsePointer)]));
  const count = map.response.count === undefined ? undefined : parsePointer(map.response.count);
  return {
    action: map.action,
    match(method, path) {
      const found = method === map.method ? pattern.exec(path) : null;
      return found === null ? undefined : decodeAll({ ...found.groups });
    },
    queryOf(url) {
      const passed = new URLSearchParams([...url.searchParams].filter(([name]) => queries.has(name)));
      return passed.size === 0 ? '' : `?${passed.toString()}`;
    },
    readAsked(url, params, body) {
      const document: Json = {
        path: params,
        query: queryOf(url),
        body: readOneJson(body) ?? null,
      };
      return { subject: subjectOf(map, document), items: itemsOf(map, document) };
    },
    filter(response, permitted) {
      const value = readJson(response);
      if (value === undefined) return undefined;
      const items = permitted.filter((item) => (ofItem.get(item) ?? []).some((path) => isThere(value, path)));
      const paths = [...always, ...items.flatMap((item) => ofItem.get(item) as readonly Path[])];
      const kept = keepAt(value, paths) ?? {};
      const records = count === undefined ? undefined : valueAt(value, count);
      return {
        body: new TextEncoder().encode(JSON.stringify(kept)),
        items,
        count: items.length === 0 ? 0 : Array.isArray(records) ? records.length : 1,
      };
    },
  };
}

/** Each parameter once: of two, the system behind might take another than we. */
function queryOf({ searchParams }: URL): Json {
  const names = [...searchParams.keys()];
  return new Set(names).size === names.length ? Object.fromEntries(searchParams) : null;
}

/** The query parameters that a mapping names. */
function queriesOf({ subject, items, query = [] }: RouteMap): ReadonlySet<string> {
  const places = [subject.id_type, subject.id_number, items].flatMap((each) =>
    'at' in each ? [parsePointer(each.at)] : [],
  );
  return new Set([
    ...query,
    ...places.flatMap(([part, name]) => (part === 'query' && name !== undefined ? [name] : [])),
  ]);
}

/** A name in braces takes one step of the path. */
function patternOf(path: string): RegExp {
  const steps = path.split('/').map((step) => {
    const [, name] = /^\{(\w+)\}$/.exec(step) ?? [];
    return name === undefined ? step.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : `(?<${name}>[^/]+)`;
  });
  return new RegExp(`^${steps.join('/')}$`);
}

function decodeAll(groups: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    return undefined;
  }
}

function subjectOf({ subject }: RouteMap, document: Json): Identifier | null {
  const type = 'is' in subject.id_type ? subject.id_type.is : valueAt(document, parsePointer(subject.id_type.at));
  const number = valueAt(document, parsePointer(subject.id_number.at));
  return typeof type === 'string' && typeof number === 'string' ? { id_type: type, id_number: number } : null;
}

function itemsOf({ items }: RouteMap, document: Json): readonly string[] {
  if ('are' in items) return items.are;
  const found = valueAt(document, parsePointer(items.at));
  if (typeof found === 'string') return [found];
  return Array.isArray(found) && found.every((item) => typeof item === 'string') ? (found as readonly string[]) : [];
}

function isThere(value: Json, path: Path): boolean {
  return keepAt(value, [path]) !== undefined;
}
