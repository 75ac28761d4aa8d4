/**
 * Cuts a list into parts, always at the same places: so that a file that is read again gives the same texts, and who
 * continues a job can tell by their digests which are there.
 *
 * @module
 */
import { utf8 } from '#core/bytes.ts';
import { hashText, sha256 } from '#core/hash.ts';
import type { PartyId } from '#core/ids.ts';
import { BATCH_ROWS_MAX } from '#wire/accesses.ts';
import type { ListedRow } from './list.ts';

export interface Part {
  /** Its first row's place in the list. */
  readonly start: number;
  readonly rows: number;
  /** The text that is sent. */
  readonly body: string;
  /** SHA-256 of it. */
  readonly content: string;
}

/** Under what the ledger takes, also where rows have many items. Every character of a row is ASCII. */
const PART_CHARS_MAX = 7 * 1024 * 1024;

/** A list as it is sent, and in which line of its file each row stands. */
export interface CutList {
  readonly parts: readonly Part[];
  readonly lines: readonly number[];
}

export function cutList(principal: PartyId, rows: Iterable<ListedRow>): CutList {
  const lines: number[] = [];
  const parts: Part[] = [];
  let texts: string[] = [];
  let chars = 0;
  let start = 0;

  function close(): void {
    const body = `{"principal":"${principal}","rows":[${texts.join(',')}]}`;
    parts.push({ start, rows: texts.length, body, content: hashText(sha256(utf8(body))) });
    start += texts.length;
    texts = [];
    chars = 0;
  }

  for (const { line, row } of rows) {
    lines.push(line);
    const text = JSON.stringify(row);
    if (texts.length === BATCH_ROWS_MAX || (texts.length > 0 && chars + text.length > PART_CHARS_MAX)) close();
    texts.push(text);
    chars += text.length + 1;
  }
  if (texts.length > 0) close();
  return { parts, lines };
}
