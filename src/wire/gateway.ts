/** The gateway's mapping file: where, in requests and responses of a system that can't be changed, a permit's words stand. */
import { z } from 'zod';
import { CODE_PATTERN } from '#core/shape.ts';

/** What goes through a door. */
const DOOR_ACTIONS = ['QUERY', 'REPORT', 'PROVIDE'] as const;
const ROUTES_MAX = 256;
const POINTERS_MAX = 256;

/** JSON Pointer (RFC 6901); in a response, `*` stands for each element of a list. */
const pointer = z.string().regex(/^(?:\/(?:[^~/]|~[01])*)+$/, {
  error: 'want a JSON Pointer such as /body/id_number, or /accounts/*/balance in a response',
});

/** Requests are looked at as `{"path": {…}, "query": {…}, "body": …}`. */
const requestPointer = pointer.refine((text) => /^\/(?:path|query|body)(?:\/|$)/.test(text), {
  error: 'want a JSON Pointer that begins with /path, /query or /body',
});
const item = z.string().regex(CODE_PATTERN, { error: 'want an item’s code, such as credit_report' });

const routeSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT']),
  path: z.string().regex(/^(?:\/(?:[A-Za-z0-9._~-]+|\{[a-z][a-z_]*\}))+$/, {
    error: 'want a path such as /reports or /persons/{id}/report',
  }),
  /** What the route does with the data: a permit for anything else is not taken. */
  action: z.enum(DOOR_ACTIONS),
  subject: z.strictObject({
    id_type: z.union([z.strictObject({ is: item }), z.strictObject({ at: requestPointer })], {
      error: 'want {"is": "resident_id"}, or {"at": a JSON Pointer}',
    }),
    id_number: z.strictObject({ at: requestPointer }),
  }),
  items: z.union([z.strictObject({ are: z.array(item).min(1) }), z.strictObject({ at: requestPointer })], {
    error: 'want {"are": [codes]}, or {"at": a JSON Pointer}',
  }),
  /** Query parameters that pass besides those that are named above; all others are left out. */
  query: z.array(z.string().min(1)).max(POINTERS_MAX).optional(),
  response: z.strictObject({
    /** Which fields of the response each item is. */
    items: z.record(item, z.array(pointer).min(1).max(POINTERS_MAX)),
    /** Fields that say nothing of anybody, and always pass. */
    always: z.array(pointer).max(POINTERS_MAX).optional(),
    /** The list whose length is the number of records. */
    count: pointer.optional(),
  }),
});
export type RouteMap = z.output<typeof routeSchema>;

export const gatewayMapSchema = z
  .strictObject({ routes: z.array(routeSchema).min(1).max(ROUTES_MAX) })
  .superRefine(({ routes }, check) => {
    for (const [at, route] of routes.entries()) {
      const wrong = (path: readonly string[], message: string) =>
        check.addIssue({ code: 'custom', path: ['routes', at, ...path], message });
      for (const [place, name] of parametersWanted(route)) {
        if (!route.path.split('/').includes(`{${name}}`)) wrong(place, `the path has no {${name}}`);
      }
      if ('are' in route.items) {
        const unmapped = route.items.are.find((each) => !Object.hasOwn(route.response.items, each));
        if (unmapped !== undefined)
          wrong(['items', 'are'], `${unmapped} is no field of the response: see response.items`);
      }
      const before = routes.slice(0, at).findIndex((earlier) => takesAll(earlier, route));
      if (before >= 0) wrong(['path'], `never reached: routes[${before}] takes all of it`);
    }
  });

/** The parameters of the path that a mapping reads, each with where it says so. */
function parametersWanted({ subject, items }: RouteMap): readonly (readonly [readonly string[], string])[] {
  const places = [
    [['subject', 'id_type', 'at'], subject.id_type],
    [['subject', 'id_number', 'at'], subject.id_number],
    [['items', 'at'], items],
  ] as const;
  return places.flatMap(([place, from]) => {
    const [, part, name = ''] = 'at' in from ? from.at.split('/') : [];
    return part === 'path' ? [[place, name] as const] : [];
  });
}

/** Whether whatever one route would match an earlier one takes first. */
function takesAll(earlier: RouteMap, later: RouteMap): boolean {
  const [steps, others] = [earlier.path.split('/'), later.path.split('/')];
  return (
    earlier.method === later.method &&
    steps.length === others.length &&
    steps.every((step, at) => step.startsWith('{') || step === others[at])
  );
}

export type GatewayMap = z.output<typeof gatewayMapSchema>;
