/** The server's log: one line of JSON per event. Failures with their causes, and never any input. */
import { isFailure } from '#core/failure.ts';
import type { Log } from '#ledger/log.ts';

/** A log that hands its lines on, without their ends. */
export function logTo(write: (line: string) => void): Log {
  const line = (fields: Readonly<Record<string, unknown>>) =>
    write(JSON.stringify({ time: new Date().toISOString(), ...fields }));
  return {
    info: (event, fields) => line({ level: 'info', event, ...fields }),
    warn: (event, thrown) => line({ level: 'warn', event, ...describe(thrown) }),
  };
}

/** A place in code, and nothing else that a stack's text may hold: a message of several lines stands in it whole. */
const FRAME = /^ {4}at .*:\d+:\d+\)?$/;
const FRAMES_MAX = 5;

/** A database's message may quote values, so of foreign errors only their name, code and place are logged. */
function describe(thrown: unknown): Readonly<Record<string, unknown>> {
  if (isFailure(thrown)) {
    return { code: thrown.code, message: thrown.message, ...(thrown.cause ? { cause: describe(thrown.cause) } : {}) };
  }
  if (!(thrown instanceof Error)) return { thrown: typeof thrown };
  const code = 'code' in thrown ? String(thrown.code) : undefined;
  const at = thrown.stack
    ?.split('\n')
    .filter((line) => FRAME.test(line))
    .slice(0, FRAMES_MAX)
    .map((line) => line.trim());
  return { name: thrown.name, code, at };
}
