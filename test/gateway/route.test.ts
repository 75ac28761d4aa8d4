/** A mapped route: what a request says of person and items, and that of a response nothing passes but what is permitted. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import { gatewayMapSchema, type RouteMap } from '#wire/gateway.ts';
import { inputErrorsOf, parseInput } from '#wire/input.ts';
import type { Json } from '../../src/gateway/json.ts';
import { keepAt, parsePointer, valueAt } from '../../src/gateway/pointer.ts';
import { openRoute } from '../../src/gateway/route.ts';

const ROUTE: RouteMap = {
  method: 'POST',
  path: '/persons/{id}/reports/{kind}',
  action: 'QUERY',
  subject: { id_type: { is: 'resident_id' }, id_number: { at: '/body/person/id_number' } },
  items: { are: ['credit_report'] },
  response: { items: { credit_report: ['/report'] } },
};
const route = (change: Partial<RouteMap> = {}) => openRoute({ ...ROUTE, ...change });
const at = (pointer: string) => ({ subject: { id_type: { is: 'resident_id' }, id_number: { at: pointer } } });

function asked(change: Partial<RouteMap>, path: string, body = '') {
  const url = new URL(`http://gateway.example${path}`);
  const opened = route(change);
  const params = opened.match('POST', url.pathname);
  if (params === undefined) throw new Error('the route does not match');
  return opened.readAsked(url, params, utf8(body));
}
const subject = (id_number: string) => ({ id_type: 'resident_id', id_number });
const PATH = '/persons/7/reports/full';

describe('a mapping', () => {
  const errorsOf = (value: unknown): readonly string[] => {
    try {
      parseInput(gatewayMapSchema, value);
      return [];
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      return inputErrorsOf(failure).map((error) => `${error.at}: ${error.message}`);
    }
  };
  const mapOf = (change: object) => ({ routes: [{ ...ROUTE, ...change }] });

  it('is taken as it is documented', () => {
    expect(errorsOf(mapOf({}))).toEqual([]);
    const whole = {
      subject: { id_type: { at: '/query/type' }, id_number: { at: '/path/id' } },
      items: { at: '/body/items' },
      response: { items: { credit_report: ['/a/*/b', '/c~1d'] }, always: ['/status'], count: '/a' },
    };
    expect(errorsOf(mapOf(whole))).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ['no routes', { routes: [] }, /^routes: /],
    ['not a mapping', [], /^: /],
    ['a field more', { routes: [ROUTE], else: 1 }, /^: want no other field than routes/],
    ['another method', mapOf({ method: 'DELETE' }), /^routes\[0\]\.method: /],
    ['a path without a slash', mapOf({ path: 'reports' }), /^routes\[0\]\.path: want a path such as/],
    ['a path with a wildcard', mapOf({ path: '/reports/*' }), /^routes\[0\]\.path: want a path such as/],
    ['a path with a query', mapOf({ path: '/reports?x=1' }), /^routes\[0\]\.path: want a path such as/],
    ['a pointer without a slash', mapOf(at('body')), /id_number\.at: want a JSON Pointer/],
    ['a pointer to a header', mapOf(at('/headers/x')), /id_number\.at: want a JSON Pointer that begins with/],
    ['a pointer with a bad escape', mapOf(at('/body/~2')), /id_number\.at: want a JSON Pointer/],
    ['no items', mapOf({ items: { are: [] } }), /^routes\[0\]\.items: want|^routes\[0\]\.items\.are: /],
    ['items by another word', mapOf({ items: { from: '/body' } }), /^routes\[0\]\.items: want \{"are"/],
    ['an item that is no code', mapOf({ items: { are: ['Credit Report'] } }), /want an item’s code|want \{"are"/],
    ['a response that maps nothing', mapOf({ response: {} }), /^routes\[0\]\.response\.items: /],
    ['an item of no fields', mapOf({ response: { items: { credit_report: [] } } }), /response\.items\.credit_report/],
    ['the whole response', mapOf({ response: { items: { credit_report: [''] } } }), /want a JSON Pointer/],
    ['always the whole', mapOf({ response: { items: {}, always: [''] } }), /always\[0\]: want a JSON Pointer/],
  ])('that is wrong is refused with its place and what was wanted: %s', (_what, value, line) => {
    const errors = errorsOf(value);
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.join('\n')).toMatch(line);
    for (const error of errors) expect(error).not.toContain('\n');
  });
});

describe('a route', () => {
  it.each([
    ['POST', PATH, true],
    ['GET', PATH, false],
    ['HEAD', PATH, false],
    ['post', PATH, false],
    ['POST', '/persons/7/reports', false],
    ['POST', '/persons/7/reports/', false],
    ['POST', '/persons/7/reports/full/', false],
    ['POST', '/persons//reports/full', false],
    ['POST', '/Persons/7/reports/full', false],
    ['POST', '/x/persons/7/reports/full', false],
    ['POST', '//persons/7/reports/full', false],
    ['POST', '/persons/%/reports/full', false],
    ['POST', '/persons/%ff/reports/full', false],
  ])('is this one or closed: %s %s', (method, path, isOwn) => {
    expect(route().match(method, path) !== undefined).toBe(isOwn);
  });

  it('takes the dots of its path as dots', () => {
    const dotted = route({ path: '/v1.0/reports' });
    expect(dotted.match('POST', '/v1.0/reports')).toEqual({});
    expect(dotted.match('POST', '/v1x0/reports')).toBeUndefined();
  });

  it('finds the person in path, query or body', () => {
    expect(asked(at('/path/id'), '/persons/%37%2d8/reports/x').subject).toEqual(subject('7-8'));
    expect(asked(at('/query/no'), `${PATH}?a=1&no=%E5%BC%A0+7`).subject).toEqual(subject('张 7'));
    expect(asked({}, PATH, '{"person":{"id_number":"9"}}').subject).toEqual(subject('9'));
    expect(asked(at('/body/list/1/id'), PATH, '{"list":[{"id":"8"},{"id":"9"}]}').subject).toEqual(subject('9'));
    const both = { subject: { id_type: { at: '/query/type' }, id_number: { at: '/path/id' } } };
    expect(asked(both, `${PATH}?type=passport`).subject).toEqual({ id_type: 'passport', id_number: '7' });
  });

  it.each<[string, Partial<RouteMap>, string, string]>([
    ['no body', {}, PATH, ''],
    ['a body that is no JSON', {}, PATH, 'id_number=9'],
    ['another place', {}, PATH, '{"id_number":"9"}'],
    ['a number', {}, PATH, '{"person":{"id_number":9}}'],
    ['a list', {}, PATH, '{"person":{"id_number":["9"]}}'],
    ['what every object has', at('/body/constructor/name'), PATH, '{}'],
    ['the length of a list', at('/body/length'), PATH, '["9"]'],
    ['an index in another writing', at('/body/01'), PATH, '["8","9"]'],
    ['a parameter that stands twice', at('/query/no'), `${PATH}?no=9&no=8`, ''],
    ['a name that stands twice', {}, PATH, '{"person":{"id_number":"9","id_number":"8"}}'],
    ['an object that stands twice', {}, PATH, '{"person":{"id_number":"9"},"person":{"id_number":"8"}}'],
    ['a name that stands twice, once escaped', {}, PATH, '{"person":{"id_number":"9","id\\u005fnumber":"8"}}'],
  ])('that does not say who, or not in one way only, is about nobody: %s', (_what, change, path, body) => {
    expect(asked(change, path, body).subject).toBeNull();
  });

  it('is not led astray by colons, quotes and numbers in a body that says who', () => {
    const body = '{"x":"a:\\"b\\":{","n":1.50e3,":":[{"y":":"}],"person":{"id_number":"9"}}';
    expect(asked({}, PATH, body).subject).toEqual(subject('9'));
  });

  it('is about nobody where a body is nested too deeply to be looked through', () => {
    const deep = `{"person":{"id_number":"9"},"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect([null, '9']).toContain(asked({}, PATH, deep).subject?.id_number ?? null);
  });

  it('reads items from the request, one or a list, and none from anything else', () => {
    const items = { items: { at: '/body/items' } };
    const read = (value: unknown) => asked(items, PATH, JSON.stringify({ items: value })).items;
    expect(asked({}, PATH).items).toEqual(['credit_report']);
    expect(read('tax')).toEqual(['tax']);
    expect(read(['tax', 'income'])).toEqual(['tax', 'income']);
    for (const other of [null, 7, {}, ['tax', 7], [['tax']]]) expect(read(other)).toEqual([]);
  });
});

const texts = fc.constantFrom('a', 'b', 'c', '*', '0', '~', '/', '__proto__', 'credit');
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'json' },
    fc.constantFrom<Json>(null, true, 1.5, 'leaf', ''),
    fc.array(tie('value'), { maxLength: 3, depthIdentifier: 'json' }),
    fc.array(fc.tuple(texts, tie('value')), { maxLength: 4, depthIdentifier: 'json' }).map(objectOf),
  ),
})).value;
const pointers = fc
  .array(texts, { minLength: 1, maxLength: 4 })
  .map((steps) => steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''));

/** As JSON.parse makes one: with `__proto__` as a member like any other. */
function objectOf(members: readonly (readonly [string, Json])[]): Json {
  return JSON.parse(JSON.stringify(Object.fromEntries(members)));
}

interface Leaf {
  readonly steps: readonly { readonly name: string; readonly inList: boolean }[];
  readonly value: Json;
}

/** Every leaf with its place; written apart from the code that it judges. */
function leavesOf(value: Json, steps: Leaf['steps'] = []): readonly Leaf[] {
  if (typeof value !== 'object' || value === null) return [{ steps, value }];
  const inList = Array.isArray(value);
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, [...steps, { name, inList }]));
}

/** Whether a pointer's place holds this leaf. */
function covers(pointer: string, { steps }: Leaf): boolean {
  const path = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return path.length <= steps.length && path.every((step, n) => step === (steps[n]?.inList ? '*' : steps[n]?.name));
}

describe('of a response', () => {
  it('no leaf passes but those at the pointers of what is asked for and permitted, and those always', () => {
    let kept = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(texts, json), { minLength: 2, maxLength: 6 }).map(objectOf),
        fc.array(pointers, { minLength: 1, maxLength: 3 }),
        fc.array(pointers, { minLength: 1, maxLength: 3 }),
        fc.array(pointers, { maxLength: 2 }),
        (value, ofA, ofB, always) => {
          const opened = route({ response: { items: { a: ofA, b: ofB }, always } });
          const passed = opened.filter(utf8(JSON.stringify(value)), ['a']);
          const document = JSON.parse(new TextDecoder().decode(passed?.body)) as Json;
          const permitted = [...ofA, ...always];
          for (const leaf of leavesOf(document)) {
            // A list keeps its length: what of an element is not permitted is null.
            const isHole = leaf.value === null && permitted.some((pointer) => pointer.includes('*'));
            if (!isHole) kept++;
            expect(isHole || permitted.some((pointer) => covers(pointer, leaf))).toBe(true);
          }
          const wanted = leavesOf(value).filter((leaf) => permitted.some((pointer) => covers(pointer, leaf)));
          const found = new Set(leavesOf(document).map((leaf) => JSON.stringify(leaf)));
          for (const leaf of wanted) expect(found).toContain(JSON.stringify(leaf));
          expect(passed?.items).toEqual(keepAt(value, ofA.map(parsePointer)) === undefined ? [] : ['a']);
        },
      ),
      { numRuns: 2_000 },
    );
    expect(kept).toBeGreaterThan(200);
  });

  it('the fields of an item that was not asked for do not pass, nor those of an item that is not mapped', () => {
    const opened = route({
      response: { items: { name: ['/name'], score: ['/score/value'] }, always: ['/status'], count: '/list' },
    });
    const bytes = utf8('{"name":"张示例","score":{"value":7.5,"model":"x"},"status":"ok","list":[1,2,3]}');
    const pass = (...items: string[]) => {
      const passed = opened.filter(bytes, items);
      return { ...passed, body: JSON.parse(new TextDecoder().decode(passed?.body)) };
    };
    expect(pass('score')).toEqual({ body: { score: { value: 7.5 }, status: 'ok' }, items: ['score'], count: 3 });
    expect(pass('tax')).toEqual({ body: { status: 'ok' }, items: [], count: 0 });
    expect(pass('__proto__')).toEqual({ body: { status: 'ok' }, items: [], count: 0 });
  });

  it('nothing passes that is no JSON, and of a bare value nothing either', () => {
    expect(route().filter(utf8('<html>张示例</html>'), ['credit_report'])).toBeUndefined();
    expect(route().filter(new Uint8Array([0xff, 0xfe]), ['credit_report'])).toBeUndefined();
    expect(route().filter(utf8(''), ['credit_report'])).toBeUndefined();
    expect(new TextDecoder().decode(route().filter(utf8('"张示例"'), ['credit_report'])?.body)).toBe('{}');
  });

  it('an element of a list passes with its permitted fields only', () => {
    const value = { accounts: [{ bank: 'a', balance: 1 }, { bank: 'b' }, 7] };
    expect(keepAt(value, [parsePointer('/accounts/*/balance')])).toEqual({ accounts: [{ balance: 1 }, null, null] });
    expect(keepAt(value, [parsePointer('/accounts/0/balance')])).toBeUndefined();
  });
});

describe('a pointer', () => {
  it.each<[string, Json | undefined]>([
    ['/a~1b', 1],
    ['/m~0n', 2],
    ['/', 3],
    ['/list/0', 'x'],
    ['/list/-', undefined],
    ['/list/00', undefined],
    ['/list/1', undefined],
    ['/toString', undefined],
    ['/__proto__', undefined],
  ])('%s', (pointer, value) => {
    expect(valueAt({ 'a/b': 1, 'm~n': 2, '': 3, list: ['x'] }, parsePointer(pointer))).toEqual(value);
  });
});
