/** Reads a command's arguments, strictly. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { Usage } from './output.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** @throws {Usage} for an option that the command does not have, or one without its value. */
export function readArgs<const O extends Options>(args: readonly string[], options: O, positionals: 'none' | 'some') {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: positionals === 'some', strict: true });
  } catch (cause) {
    throw new Usage(cause instanceof Error ? cause.message : 'arguments', { cause });
  }
}
