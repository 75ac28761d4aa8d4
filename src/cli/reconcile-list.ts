/** Reading a door's own query list: CSV with the columns `access`, `time` and, where it has one, `reason`. */
import { readFileSync } from 'node:fs';
import { toHex } from '#core/bytes.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { sha256 } from '#core/hash.ts';
import { ID_PATTERN } from '#core/ids.ts';
import { parseWrittenInstant } from '#core/instant.ts';
import { readCsv, Unreadable } from './batch/csv.ts';

export interface ReadList {
  /** SHA-256 of the file, hex, as `sha256sum` prints it: what is said is said of these bytes. */
  readonly digest: string;
  readonly queries: readonly {
    readonly line: number;
    readonly access: string | null;
    readonly time: number;
    /** Exclusive: where the unit ends that the time is written in. */
    readonly until: number;
    readonly reason: string | null;
  }[];
}

/** @throws {Failure} `input_invalid`, naming the line, and never what stands in it. */
export function readQueryList(file: string): ReadList {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new Failure('input_invalid', `${file} can't be read: want a query list, CSV`, { cause });
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const [header, ...records] = [...readCsv(text)];
    const names = header?.fields ?? [];
    const [access, time, reason] = ['access', 'time', 'reason'].map((name) => names.indexOf(name)) as [
      number,
      number,
      number,
    ];
    if (access < 0 || time < 0) throw new Unreadable(1, 'want a first line that names the columns access and time');
    const queries = records.map(({ line, fields }) => {
      if (fields.length !== names.length) throw new Unreadable(line, `want ${names.length} fields`);
      return {
        line,
        access: readAccess(fields[access] ?? '', line),
        ...readTime(fields[time] ?? '', line),
        reason: fields[reason] || null,
      };
    });
    return { digest: toHex(sha256(bytes)), queries };
  } catch (cause) {
    if (cause instanceof Unreadable)
      throw new Failure('input_invalid', `${file}:${cause.line}: ${cause.message}`, { cause });
    if (cause instanceof TypeError) throw new Failure('input_invalid', `${file} is not UTF-8`, { cause });
    throw cause;
  }
}

function readAccess(text: string, line: number): string | null {
  if (text === '') return null;
  if (!ID_PATTERN.test(text)) throw new Unreadable(line, 'access: want an id of 32 lower-case hex digits, or nothing');
  return text;
}

/** Books have seconds or minutes: whoever cut a time off there queried no earlier than it happened. */
function readTime(text: string, line: number): { readonly time: number; readonly until: number } {
  try {
    const { at, unitMs } = parseWrittenInstant(text);
    return { time: at, until: at + unitMs };
  } catch (thrown) {
    if (!isFailure(thrown, 'input_invalid')) throw thrown;
    throw new Unreadable(line, 'time: want a time with its zone, such as 2026-11-21T09:30:00+08:00');
  }
}
