/** What commands say, and how they end. Results go to stdout; everything else to stderr. */
import { isFailure } from '#core/failure.ts';

/** Exit codes, fixed: `audit` uses 0 and 1 for its verdict, `monitor` also 3 and 5, `verify` also 3 to 5, and every command 2 for "could not run". */
export const EXIT = { holds: 0, findings: 1, couldNotRun: 2, stale: 3, erased: 4, quorumNotMet: 5 } as const;

export interface Output {
  /** A line of the result. */
  line(text: string): void;
  /** The result as JSON, and nothing else on stdout. */
  json(value: unknown): void;
  /** What goes on meanwhile; shown on a terminal only, over the last one. */
  progress(text: string): void;
  note(text: string): void;
}

export const terminal: Output = {
  line: (text) => process.stdout.write(`${text}\n`),
  json: (value) => process.stdout.write(`${JSON.stringify(value, null, 2)}\n`),
  progress(text) {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`);
  },
  note: (text) => process.stderr.write(`${process.stderr.isTTY ? '\r\u001b[2K' : ''}${text}\n`),
};

// A reader that has seen enough (`| head`) closes the pipe; what it did not want is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

/** The one clear line for something that went wrong. */
export function explain(thrown: unknown): string {
  if (isRefused(thrown)) return `${thrown.code}: ${thrown.message}. ${nextOf(thrown)}`.trimEnd();
  if (isFailure(thrown)) return `${thrown.code}: ${thrown.message}`;
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'something unknown was thrown';
}

/** A library knows the address that it was given; a command also knows how another one is given to it. */
function nextOf({ code, next = '' }: { readonly code: string; readonly next: string | undefined }): string {
  return code === 'unreachable'
    ? `${next} Where it listens elsewhere, say --url URL, or set PORT as for the server.`
    : next;
}

/** What a server refused, or an answer that was none; told by its name, so that a command without a client loads none. */
export function isRefused(
  thrown: unknown,
): thrown is Error & { readonly code: string; readonly next: string | undefined } {
  return thrown instanceof Error && thrown.name === 'Refused' && 'code' in thrown;
}

export class Usage extends Error {
  override readonly name = 'Usage';
}
