/** The log's own state, out of its stream's entries, in their order from the first on. Nothing is verified here. */
import { utf8 } from '../bytes.ts';
import type { JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { type Entry, parseEntry } from '../tlog/entry.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import type { LogState } from './log.ts';
import { commandOf, evolve } from './rules.ts';

/** @throws {Failure} `receipt_invalid`, if there are none; `entry_invalid` */
export function foldLog(entries: readonly Entry[]): LogState {
  let state: JsonObject | undefined;
  for (const entry of entries) state = evolve(state, commandOf(entry).type, entry);
  if (state === undefined) throw new Failure('receipt_invalid', `the slice of ${LOG_STREAM} is empty`);
  return state as LogState;
}

/** @throws {Failure} as {@link foldLog}; `canonical_invalid` */
export function readLogState(texts: readonly string[]): LogState {
  return foldLog(texts.map((text) => parseEntry(utf8(text))));
}
