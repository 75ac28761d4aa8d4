/** Reads a command's arguments, strictly. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { Usage } from './output.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** @throws {Usage} for an option that the command does not have, or one without its value. */
export function readArgs<const O extends Options>(args: readonly string[], options: O, positionals: 'none' | 'some') {
  try {
    return parseArgs({ args: withKeysJoined(args), options, allowPositionals: positionals === 'some', strict: true });
  } catch (cause) {
    throw new Usage(cause instanceof Error ? cause.message : 'arguments', { cause });
  }
}

/** One key of 64 begins with a hyphen, and would be taken for an option; by `=` it is a value. */
function withKeysJoined(args: readonly string[]): string[] {
  return args.flatMap((arg, at) => {
    if (isHyphenKey(arg) && isOption(args[at - 1])) return [];
    const next = args[at + 1];
    return isOption(arg) && isHyphenKey(next) ? [`${arg}=${next}`] : [arg];
  });
}

function isOption(arg: string | undefined): boolean {
  return arg !== undefined && /^--[a-z-]+$/.test(arg);
}

/** A public key as text, whose first of 43 characters is a hyphen. */
function isHyphenKey(arg: string | undefined): boolean {
  return arg !== undefined && /^-[A-Za-z0-9_-]{42}$/.test(arg);
}
