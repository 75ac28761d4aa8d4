/**
 * Lists of accesses out of a file, CSV or JSON lines, read to the end before anything is sent: what is wrong is told all
 * at once, line by line, and never by what stands there.
 *
 * @module
 */
import { readFileSync, statSync } from 'node:fs';
import { Failure } from '#core/failure.ts';
import { batchRowSchema } from '#wire/accesses.ts';
import { inputErrorsOf, parseInput } from '#wire/input.ts';
import type { AnswerOf } from '#wire/types.ts';
import { readCsv, Unreadable } from './csv.ts';
import { readLines } from './lines.ts';

export type Row = AnswerOf<typeof batchRowSchema>;

export interface ListedRow {
  readonly line: number;
  readonly row: Row;
}

/** As a text of JavaScript can be, with room to work. */
const FILE_BYTES_MAX = 384 * 1024 * 1024;
const ERRORS_MAX = 20;
const COLUMNS = ['handle', 'grant', 'action', 'purpose', 'items', 'door'] as const;

/**
 * Yields the rows that can be read. A million of them are not held at once.
 *
 * @throws {Failure} `input_invalid` at its end, naming every line that is wrong, up to a number.
 */
export function* readList(path: string): Generator<ListedRow, undefined> {
  const text = decode(path, readBytes(path));
  const wrong: string[] = [];
  let count = 0;
  try {
    for (const { line, value } of isJson(path) ? readJsonRows(text) : readCsvRows(text)) {
      try {
        yield { line, row: parseInput(batchRowSchema, value) };
        count++;
      } catch (thrown) {
        if (!(thrown instanceof Failure)) throw thrown;
        wrong.push(`line ${line}: ${inputErrorsOf(thrown).map(errorText).join('; ')}`);
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown;
    wrong.push(`line ${thrown.line}: ${thrown.message}`);
  }
  if (wrong.length > 0) throw refused(path, wrong);
  if (count === 0) throw new Failure('input_invalid', `${path} has no rows`);
  return undefined;
}

export function isJson(path: string): boolean {
  return /\.(?:jsonl|ndjson)$/i.test(path);
}

function refused(path: string, wrong: readonly string[]): Failure {
  const more = wrong.length > ERRORS_MAX ? [`and ${wrong.length - ERRORS_MAX} more`] : [];
  const told = [...wrong.slice(0, ERRORS_MAX), ...more].map((each) => `\n  ${each}`);
  return new Failure('input_invalid', `${path}: nothing was sent${told.join('')}`);
}

/** In the words of the file: what the ledger calls `ground.grant` is the column `grant`. */
function errorText({ at, message }: { readonly at: string; readonly message: string }): string {
  const name = at.replace(/^ground\.grant$|^ground$/, 'grant').replace(/^items\[\d+\]$/, 'items');
  return name === '' ? message : `${name}: ${message}`;
}

interface Value {
  readonly line: number;
  readonly value: unknown;
}

function* readCsvRows(text: string): Generator<Value> {
  const [header, ...columns] = headerOf(text);
  for (const { line, fields } of readCsv(text)) {
    if (line === header) continue;
    if (fields.length !== columns.length) {
      throw new Unreadable(line, `${fields.length} fields, want ${columns.length} as in the header`);
    }
    const named = Object.fromEntries(columns.map((name, at) => [name, fields[at] ?? '']));
    const items = named['items'] === '' ? [] : (named['items'] ?? '').split(';').map((item) => item.trim());
    yield { line, value: rowOf({ ...named, items, door: named['door'] === '' ? null : named['door'] }) };
  }
}

/** The header's line, and its columns in the order in which they stand. */
function headerOf(text: string): [line: number, ...columns: string[]] {
  const first = readCsv(text).next().value;
  const columns = first?.fields.map((name) => name.trim().toLowerCase()) ?? [];
  const missing = COLUMNS.filter((name) => name !== 'door' && !columns.includes(name));
  const isKnown = columns.every((name) => COLUMNS.some((known) => known === name));
  if (missing.length > 0 || !isKnown || new Set(columns).size !== columns.length) {
    throw new Unreadable(first?.line ?? 1, `want the columns ${COLUMNS.join(',')}, each once and with commas between`);
  }
  return [first?.line ?? 1, ...columns];
}

function* readJsonRows(text: string): Generator<Value> {
  for (const { line, text: one } of readLines(text)) {
    let value: unknown;
    try {
      value = JSON.parse(one);
    } catch {
      throw new Unreadable(line, 'not JSON');
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Unreadable(line, `want an object with ${COLUMNS.join(', ')}`);
    }
    yield { line, value: rowOf(value as Record<string, unknown>) };
  }
}

function rowOf({ grant, door = null, ...rest }: Record<string, unknown>): unknown {
  return { ...rest, ground: { grant }, door, bound: null };
}

function readBytes(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size <= FILE_BYTES_MAX) return readFileSync(path);
  } catch (cause) {
    throw new Failure('input_invalid', `${path} can't be read: want a list, CSV or JSON lines`, { cause });
  }
  throw new Failure('input_invalid', `${path} is longer than ${FILE_BYTES_MAX / 1024 / 1024} MB: split it`);
}

/** @throws {Failure} `input_invalid`, naming the first line that is not UTF-8: a spreadsheet may have written GBK. */
function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const message = 'not UTF-8 (is it GBK, or UTF-16?): save the file as “CSV UTF-8”';
    throw new Failure('input_invalid', `${path}: nothing was sent\n  line ${firstBadLine(bytes)}: ${message}`, {
      cause,
    });
  }
}

/** No byte of a character in UTF-8 is a line's end, so lines can be tried one by one. */
function firstBadLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let line = 1, start = 0; ; line++) {
    const end = bytes.indexOf(0x0a, start);
    try {
      decoder.decode(bytes.subarray(start, end < 0 ? bytes.length : end));
    } catch {
      return line;
    }
    if (end < 0) return line;
    start = end + 1;
  }
}
