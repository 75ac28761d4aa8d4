/** Reads a command's arguments, strictly. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { Usage } from './output.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** No argument of a process has it. */
const MARK = '\0';

/** @throws {Usage} for an option that the command does not have, or one without its value. */
export function readArgs<const O extends Options>(args: readonly string[], options: O, positionals: 'none' | 'some') {
  try {
    const allowPositionals = positionals === 'some';
    const read = parseArgs({ args: args.map(marked), options, allowPositionals, strict: true });
    return { values: unmarked(read.values), positionals: unmarked(read.positionals) };
  } catch (cause) {
    throw new Usage(cause instanceof Error ? cause.message.replaceAll(MARK, '') : 'arguments', { cause });
  }
}

/** One public key of 64 begins with a hyphen, as text, and would be taken for an option: of 43 characters none has a name. */
function marked(arg: string): string {
  return /^-[A-Za-z0-9_-]{42}$/.test(arg) ? MARK + arg : arg;
}

/** The same value, or list of values, as it was given. */
function unmarked<T>(value: T): T {
  if (typeof value === 'string') return (value.startsWith(MARK) ? value.slice(MARK.length) : value) as T;
  if (Array.isArray(value)) return value.map(unmarked) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unmarked(each)])) as T;
}
