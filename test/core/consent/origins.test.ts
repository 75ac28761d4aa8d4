/** Which name of a log an entry says, in a slice of a stream: of one name, two and three (ADR 0028). */
import { describe, expect, it } from 'vitest';
import { type OriginSpan, originAt, requireOrigins } from '#core/consent/origins.ts';
import type { Instant } from '#core/instant.ts';
import { expectFailure } from '../../support/failure.ts';

const [A, B, C] = ['a.example/log', 'b.example/log', 'c.example/log'] as const;
const [UNTIL_B, UNTIL_C] = [1_000, 2_000] as Instant[] as [Instant, Instant];
/** From entry 10 on it is called B, from 20 on C. */
const THREE: readonly OriginSpan[] = [
  { origin: A, log_key: 'a', to: 10, at: UNTIL_B },
  { origin: B, log_key: 'b', to: 20, at: UNTIL_C },
  { origin: C, log_key: 'c', to: null, at: null },
];
const ONE = [{ origin: A, log_key: 'a', to: null, at: null }];

/** Entries of a stream that say these names, at these times. */
const said = (...entries: readonly (readonly [string, number])[]) =>
  entries.map(([log, time]) => ({ log, stream: 'rel/1' as never, time: time as Instant }));
const holds = (entries: ReturnType<typeof said>, index: number, spans = THREE) => requireOrigins(spans, entries, index);
const refused = (entries: ReturnType<typeof said>, index: number, spans = THREE) =>
  expectFailure('receipt_invalid', () => holds(entries, index, spans));

describe('the name that an entry says', () => {
  it('is the one in force at its index', () => {
    expect([0, 9, 10, 19, 20, 99].map((index) => originAt(THREE, index))).toEqual([A, A, B, B, C, C]);
    for (const [index, name, time] of [
      [9, A, 1],
      [10, B, UNTIL_B],
      [19, B, UNTIL_C],
      [20, C, UNTIL_C],
    ] as const) {
      holds(said([name, time]), index);
      for (const other of [A, B, C]) if (other !== name) refused(said([other, time]), index);
    }
    holds(said([A, 5], [A, 5_000]), 99, ONE);
    refused(said([B, 5]), 1, ONE);
  });

  it('never goes back, and may pass over one', () => {
    holds(said([A, 1], [B, 1_500], [C, 2_500]), 30);
    holds(said([A, 1], [C, 2_500]), 30);
    refused(said([B, 1_500], [A, 1], [C, 2_500]), 30);
    refused(said([A, 1], [C, 2_500], [B, 1_500], [C, 2_500]), 30);
  });

  it('is of its time', () => {
    refused(said([A, 1_001], [C, 2_500]), 30);
    refused(said([A, 1], [B, 999], [C, 2_500]), 30);
    refused(said([A, 1], [B, 2_001], [C, 2_500]), 30);
    refused(said([A, 1], [C, 1_999]), 30);
  });

  it('has room for all entries that say it, before the last and behind each other', () => {
    const times = (count: number, entry: readonly [string, number]) => Array.from({ length: count }, () => entry);
    holds(said(...times(10, [A, 1]), ...times(10, [B, 1_500]), [C, 2_500]), 20);
    refused(said(...times(11, [A, 1]), [C, 2_500]), 30);
    refused(said([A, 1], ...times(11, [B, 1_500]), [C, 2_500]), 40);
    // Of the second name there are three at the least before this index, and its first is entry 10.
    holds(said([A, 1], ...times(3, [B, 1_500])), 12);
    refused(said([A, 1], ...times(3, [B, 1_500])), 11);
    holds(said([C, 2_500], [C, 2_500]), 21);
    refused(said([C, 2_500], [C, 2_500]), 20);
  });
});
