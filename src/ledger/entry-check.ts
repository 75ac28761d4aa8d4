/**
 * What is checked of an entry by its bytes and its place alone, before any rule: alike in a replay, and where only the chains
 * are followed.
 *
 * @module
 */
import { equalBytes } from '#core/bytes.ts';
import type { LogState } from '#core/consent/log.ts';
import { Failure } from '#core/failure.ts';
import { equalHash, type Hash } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { parseVkey } from '#core/note/key.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { commitTo, type PartDigests } from '#core/tlog/payload.ts';
import type { SourcedEntry } from './audit-source.ts';

/** @param next The index that is due. @throws {Failure} `entry_invalid` */
export function verifyStored(row: Pick<SourcedEntry, 'index' | 'leaf'>, leaf: Hash, next: number): void {
  if (row.index !== next) throw new Failure('entry_invalid', `entry ${next} is missing`);
  if (!equalHash(leaf, row.leaf))
    throw new Failure('entry_invalid', 'its bytes are not those of its leaf: they were changed');
}

/** @throws {Failure} `entry_invalid` */
export function verifyFiled(entry: Entry, { filed }: Pick<SourcedEntry, 'filed'>): void {
  if (filed !== undefined && (entry.stream !== filed.stream || entry.seq !== filed.seq))
    throw new Failure('entry_invalid', 'it is filed under another stream');
}

/** @param before Ledger time of the entry before it. @throws {Failure} `entry_invalid` */
export function verifyTime({ time }: Pick<Entry, 'time'>, before: Instant): void {
  if (time < before) throw new Failure('entry_invalid', 'its time is before that of the entry before it');
}

/** @param origin The log's name in force. @throws {Failure} `entry_invalid` */
export function verifyName({ log }: Pick<Entry, 'log'>, origin: string): void {
  if (log !== origin) throw new Failure('entry_invalid', 'it belongs to another log');
}

/**
 * The name of the log in force: what opens a log, or continues it, says its own.
 *
 * @param log The log's state before the entry.
 * @param trusted Where nothing names one.
 */
export function nameFor(
  { type, body }: Pick<Entry, 'type' | 'body'>,
  log: LogState | undefined,
  trusted: string,
): string {
  const vkey = log === undefined || type === 'log.continued' ? body['log_key'] : log.log_key;
  try {
    return parseVkey(String(vkey)).name;
  } catch {
    return trusted;
  }
}

/** @throws {Failure} `commitment_invalid` */
export function verifyCommitment({ commit }: Pick<Entry, 'commit'>, digests: PartDigests): void {
  if ((commit !== null) !== Object.keys(digests).length > 0) {
    throw new Failure('commitment_invalid', 'its payload’s digests are missing or too many');
  }
  if (commit !== null && !equalBytes(commitTo(digests), commit)) {
    throw new Failure('commitment_invalid', 'its payload’s digests are not those it committed to');
  }
}
