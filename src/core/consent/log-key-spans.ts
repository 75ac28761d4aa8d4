/**
 * Which log keys sign the checkpoint of a tree of which size, told by the log's own entries and their places.
 *
 * @module
 */
import { parseVkey, type VerifierKey } from '../note/key.ts';
import type { Entry } from '../tlog/entry.ts';

export interface LogKeySpan {
  readonly key: VerifierKey;
  /** The size of the smallest tree that names it. */
  readonly named: number;
  /** Sizes of trees whose checkpoints it signs, from inclusive, to inclusive; null: it signs none yet, or still. */
  readonly from: number | null;
  readonly to: number | null;
}

/** The types of entries that move spans, or make one. */
export const LOG_KEY_STEPS: readonly string[] = [
  'log.log_key_added',
  'log.log_key_switched',
  'log.log_key_retired',
  'log.log_key_compromised',
];

/**
 * The spans after an entry of an index. The tree of `index + 1` entries is the first that holds it.
 *
 * @throws {Failure} `key_invalid`, if it names no vkey.
 */
export function spansAfter(
  spans: readonly LogKeySpan[],
  { type, body }: Pick<Entry, 'type' | 'body'>,
  index: number,
): readonly LogKeySpan[] {
  if (type === 'log.opened') return [{ key: parseVkey(String(body['log_key'])), named: index + 1, from: 0, to: null }];
  if (type === 'log.continued') return spansUnderNewName(spans, parseVkey(String(body['log_key'])), index);
  if (!LOG_KEY_STEPS.includes(type)) return spans;
  const named = parseVkey(String(body['vkey']));
  if (type === 'log.log_key_added') return [...spans, { key: named, named: index + 1, from: null, to: null }];
  const isNamed = ({ key }: LogKeySpan) => key.keyId === named.keyId;
  if (type === 'log.log_key_switched') {
    return spans.map((each) => (isNamed(each) ? { ...each, from: index + 1 } : each));
  }
  // A key that is declared compromised after it was retired ended then.
  return spans.map((each) => (isNamed(each) ? { ...each, to: each.to ?? index } : each));
}

/** All keys of the name before end with it: the first tree under the new name is the one that holds the entry that says so. */
function spansUnderNewName(spans: readonly LogKeySpan[], key: VerifierKey, index: number): readonly LogKeySpan[] {
  const ended = spans.map((each) => ({ ...each, to: each.to ?? index }));
  return [...ended, { key, named: index + 1, from: index + 1, to: null }];
}

/** The keys that sign the checkpoint of a tree of this size. The oldest comes first. */
export function signersAt(spans: readonly LogKeySpan[], size: number): readonly VerifierKey[] {
  return spans
    .filter((each) => signs(each, size))
    .sort((a, b) => (a.from as number) - (b.from as number))
    .map(({ key }) => key);
}

/** Whether it is this key that signs then. */
export function signs({ from, to }: Pick<LogKeySpan, 'from' | 'to'>, size: number): boolean {
  return from !== null && from <= size && (to === null || size <= to);
}
