/**
 * Reading what came from outside: strictly, and with refusals that name the place and what was wanted there, never
 * what was sent. Names and numbers of persons are sent here, and a refusal is logged and shown.
 *
 * @module
 */
import type { z } from 'zod';
import { Failure } from '#core/failure.ts';

/** One thing wrong with an input: where, and what was wanted. */
export interface InputError {
  /** A path such as `grants[0].items`; empty for the whole. */
  readonly at: string;
  readonly message: string;
}

/** More than these are not told: one who sends a list of nonsense gets no longer answer than it was. */
export const INPUT_ERRORS_MAX = 16;

/**
 * Reads an attacker-controlled value by a schema.
 *
 * @throws {Failure} `input_invalid`; {@link inputErrorsOf} tells where.
 */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value, { error: wantedText });
  if (result.success) return result.data;
  const errors = result.error.issues
    .slice(0, INPUT_ERRORS_MAX)
    .map((issue): InputError => ({ at: pathText(issue.path), message: issue.message }));
  const [first] = errors;
  throw new Failure('input_invalid', `${first?.at || 'the input'}: ${first?.message ?? 'unreadable'}`, {
    cause: errors,
  });
}

/** Everything that was wrong with an input, if this is such a failure. */
export function inputErrorsOf(failure: Failure): readonly InputError[] {
  return Array.isArray(failure.cause) ? failure.cause : [];
}

/** Our own texts for what zod finds: its own would quote unknown names. */
export function wantedText(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${issue.input === undefined ? 'missing: ' : ''}want ${typeText(issue.expected)}`;
    case 'too_big':
      return `want at most ${issue.maximum}${unitText(issue.origin)}`;
    case 'too_small':
      return `want at least ${issue.minimum}${unitText(issue.origin)}`;
    case 'invalid_value':
      return `want ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`;
    case 'unrecognized_keys':
      return `want no other field than ${fieldsOf(issue.inst)}`;
    default:
      return 'not as the documentation wants it';
  }
}

function typeText(expected: string): string {
  const texts: Readonly<Record<string, string>> = {
    string: 'text',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    int: 'a whole number',
    number: 'a whole number',
  };
  return texts[expected] ?? 'another type';
}

function unitText(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' of them' : '';
}

function fieldsOf(schema: unknown): string {
  const { shape } = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def ?? {};
  return shape === undefined ? 'those documented' : Object.keys(shape).join(', ') || 'none';
}

/** No field's name is the sender's choice: unknown ones are reported at the object they stand in. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, place) => (typeof step === 'number' ? `[${step}]` : `${place ? '.' : ''}${String(step)}`))
    .join('');
}
