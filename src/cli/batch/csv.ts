/**
 * CSV as RFC 4180 writes it, and no guess beyond that: a quote that stands where none may is an error, since a row that
 * was read wrongly is a wrong access.
 *
 * @module
 */

export interface CsvRecord {
  /** Where it begins, from 1: a quoted field may have several lines. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** What can't be read, and where. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * Reads record by record. Lines without anything in them are passed over.
 *
 * @throws {Unreadable}
 */
export function* readCsv(text: string): Generator<CsvRecord, undefined> {
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const begun = line;
    const fields: string[] = [];
    for (let more = true; more; ) {
      const field = text[at] === '"' ? readQuoted(text, at, line) : readPlain(text, at);
      fields.push(field.value);
      line += field.lines;
      const ended = endAt(text, field.end);
      if (ended === undefined) throw new Unreadable(line, wrongAt(text, at, field.end));
      more = ended === ',';
      if (ended.endsWith('\n')) line++;
      at = field.end + ended.length;
    }
    if (fields.length > 1 || fields[0] !== '') yield { line: begun, fields };
  }
}

interface Field {
  readonly value: string;
  /** Where what comes behind it stands. */
  readonly end: number;
  /** How many lines end within it. */
  readonly lines: number;
}

const PLAIN = /[^",\r\n]*/y;

function readPlain(text: string, at: number): Field {
  PLAIN.lastIndex = at;
  const [value = ''] = PLAIN.exec(text) ?? [];
  return { value, end: at + value.length, lines: 0 };
}

/** Searched for, not matched by a pattern: a quote that is never closed may have a million lines behind it. */
function readQuoted(text: string, at: number, line: number): Field {
  let close = text.indexOf('"', at + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close < 0) throw new Unreadable(line, 'a quoted field is not closed');
  const value = text.slice(at + 1, close).replaceAll('""', '"');
  return { value, end: close + 1, lines: linesIn(value) };
}

/** What ends a field, or undefined where something else stands. */
function endAt(text: string, at: number): ',' | '\n' | '\r\n' | '' | undefined {
  if (at >= text.length) return '';
  const end = text.startsWith('\r\n', at) ? '\r\n' : text[at];
  return end === ',' || end === '\n' || end === '\r\n' ? end : undefined;
}

function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function wrongAt(text: string, begin: number, end: number): string {
  if (text[begin] === '"') return 'want a comma or the end of the line after a closing quote';
  return text[end] === '"'
    ? 'a quote stands inside a field that is not quoted'
    : 'a line ends by a carriage return alone: want line feeds';
}

/** Writes a record, with quotes only where they are needed. */
export function formatCsv(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\r\n`;
}
