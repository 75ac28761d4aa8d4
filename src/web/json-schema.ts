/**
 * Reading the JSON schemas of our own OpenAPI document: fields, types and limits in words, and an example.
 *
 * @module
 */

/** What we read of a JSON schema (2020-12). */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
}

/** Every write answers one of these: the page explains it once, not in each answer. */
export const EXPLAINED_ONCE = 'Placed';

export type Schemas = Readonly<Record<string, JsonSchema>>;

/** A schema, or the one it refers to, with what is said beside the reference. */
function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const [only, ...more] = schema.allOf ?? [];
  if (only !== undefined) return { ...resolve(only, schemas), ...more[0], ...withoutReference(schema) };
  if (schema.$ref === undefined) return schema;
  const found = schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)];
  return { ...(found === undefined ? {} : resolve(found, schemas)), ...withoutReference(schema) };
}

export interface Field {
  readonly name: string;
  readonly schema: JsonSchema;
  /** Whether it may be left out. */
  readonly optional: boolean;
}

/** The fields of an object, those inside of it behind their parent's name: `identity.name`, `grants[].action`. */
export function fieldsOf(schema: JsonSchema, schemas: Schemas, prefix = ''): readonly Field[] {
  const { properties = {}, required = [] } = resolve(schema, schemas);
  return Object.entries(properties).flatMap(([name, field]) => {
    const optional = !required.includes(name);
    const known = resolve(field, schemas);
    const path = `${prefix}${name}`;
    if (field.$ref?.endsWith(`/${EXPLAINED_ONCE}`)) return [{ name: path, schema: known, optional }];
    return [
      { name: path, schema: known, optional },
      ...fieldsOf(known, schemas, `${path}.`),
      ...(known.items === undefined ? [] : fieldsOf(known.items, schemas, `${path}[].`)),
    ];
  });
}

/** A schema's type in a word or two. */
export function typeOf(schema: JsonSchema, schemas: Schemas): string {
  const known = resolve(schema, schemas);
  const choices = known.anyOf ?? known.oneOf;
  if (choices !== undefined) return choices.map((each) => typeOf(each, schemas)).join(' or ');
  if (known.const !== undefined) return JSON.stringify(known.const);
  if (known.enum !== undefined) return known.enum.map((each) => JSON.stringify(each)).join(' | ');
  if (known.items !== undefined) return `list of ${typeOf(known.items, schemas)}`;
  if (known.properties !== undefined) return `{${Object.keys(known.properties).join(', ')}}`;
  return [known.type ?? 'any'].flat().join(' or ');
}

/** A schema's limits, as a text to stand behind its type. */
export function limitsOf({ minItems, maxItems, maxLength }: JsonSchema): string {
  const limits = [
    ...(minItems === undefined || minItems === 0 ? [] : [`at least ${minItems}`]),
    ...(maxItems === undefined ? [] : [`at most ${maxItems}`]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
  ];
  return limits.length === 0 ? '' : `, ${limits.join(', ')}`;
}

/** An example of a whole value, put together from those of its parts. */
export function exampleOf(schema: JsonSchema, schemas: Schemas): unknown {
  const known = resolve(schema, schemas);
  if (known.examples !== undefined && known.examples.length > 0) return known.examples[0];
  if (known.const !== undefined) return known.const;
  if (known.enum !== undefined) return known.enum[0];
  const [choice] = known.anyOf ?? known.oneOf ?? [];
  if (choice !== undefined) return exampleOf(choice, schemas);
  if (known.items !== undefined) return [exampleOf(known.items, schemas)];
  if (known.properties === undefined) return null;
  return Object.fromEntries(Object.entries(known.properties).map(([name, field]) => [name, exampleOf(field, schemas)]));
}

function withoutReference({ $ref: _reference, allOf: _all, ...beside }: JsonSchema): JsonSchema {
  return beside;
}
