/**
 * An AuthZEN 1.0 evaluation as an access: one reading, for the server that decides it and for the audit.
 *
 *     subject   {"type": "party", "id": <principal>}
 *     action    {"name": "QUERY" | …}
 *     resource  {"type": "relationship", "id": <handle>, "properties": {"items": [codes]}}
 *     context   {"grant": <id>, "purpose": <code>, "door": <party>|null, "bound": <digest>|null}
 *
 * @module
 */
import type { Json, JsonObject } from '../canonical.ts';
import { isObject } from '../shape.ts';

/** The access that an evaluation asks for, with `null` for what it does not say. Nothing of it is checked here. */
export function accessAsked(evaluation: JsonObject): JsonObject {
  const part = (name: string): JsonObject => (isObject(evaluation[name]) ? evaluation[name] : {});
  const [subject, action, resource, context] = ['subject', 'action', 'resource', 'context'].map(part) as [
    JsonObject,
    JsonObject,
    JsonObject,
    JsonObject,
  ];
  const properties = isObject(resource['properties']) ? resource['properties'] : {};
  return {
    principal: subject['id'] ?? null,
    handle: resource['id'] ?? null,
    ground: { grant: context['grant'] ?? null },
    action: action['name'] ?? null,
    purpose: context['purpose'] ?? null,
    items: properties['items'] ?? [],
    door: context['door'] ?? null,
    bound: context['bound'] ?? null,
    ...(context['stated'] === undefined ? {} : { stated: context['stated'] }),
  };
}

/** The evaluations of a request for several: each with the request's own defaults where it does not say otherwise. */
export function evaluationsOf(request: JsonObject): readonly JsonObject[] {
  const { evaluations, options: _options, ...defaults } = request;
  const list: readonly Json[] = Array.isArray(evaluations) && evaluations.length > 0 ? evaluations : [{}];
  return list.map((each) => ({ ...defaults, ...(isObject(each) ? each : {}) }));
}
