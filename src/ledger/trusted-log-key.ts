/** The log keys that a ledger's own entries name, against those that its auditor trusts. */
import type { LogState } from '#core/consent/log.ts';
import type { LogKeySpan } from '#core/consent/log-key-spans.ts';
import { formatVkey, type VerifierKey } from '#core/note/key.ts';
import type { Finding } from './replay.ts';

/** A log key, and the sizes of trees that it signs; null: none yet, or still. */
export interface ToldSpan {
  readonly vkey: string;
  readonly from: number | null;
  readonly to: number | null;
}

export interface Trusted {
  /** The trust root: never taken from what is audited. */
  readonly vkey: VerifierKey;
  /** Log keys that it was seen to lead to before anything is read; absent: none. */
  readonly followed?: readonly VerifierKey[];
}

export function tellSpans(spans: readonly LogKeySpan[]): readonly ToldSpan[] {
  return spans.map(({ key, from, to }) => ({ vkey: formatVkey(key), from, to }));
}

/** What is wrong where a log names none of the trusted keys under its present name; undefined: it names one. */
export function findOtherLogKey(
  spans: readonly LogKeySpan[],
  log: LogState | undefined,
  { vkey, followed = [] }: Trusted,
): Finding | undefined {
  const trusted = [vkey, ...followed].map(formatVkey);
  // A former name’s key vouches for nothing that came later (ADR 0028).
  const present = spans.at(-1)?.key.name;
  if (spans.some(({ key }) => key.name === present && trusted.includes(formatVkey(key)))) return undefined;
  const message =
    log === undefined
      ? 'no entry 0 was read that names the log’s keys'
      : 'the log names another log key than the one trusted';
  return { code: 'checkpoint', index: 0, message };
}
