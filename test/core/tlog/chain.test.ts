import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import { type Hash, hashLeaf } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { nextLink, type StreamHead, verifyLink } from '#core/tlog/chain.ts';
import { type Entry, encodeEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';

interface Link {
  readonly entry: Entry;
  readonly leaf: Hash;
}

function chainOf(count: number, word = 'n'): Link[] {
  const made: Link[] = [];
  let head: StreamHead | undefined;
  for (let n = 0; n < count; n++) {
    const entry: Entry = {
      log: 'ledger.example',
      stream: LOG_STREAM,
      ...nextLink(head),
      time: n as Instant,
      type: 'log.opened',
      body: { [word]: n },
      commit: null,
    };
    const leaf = hashLeaf(encodeEntry(entry));
    head = { seq: n, leaf };
    made.push({ entry, leaf });
  }
  return made;
}

function verifyAll(links: readonly Link[]): StreamHead | undefined {
  return links.reduce<StreamHead | undefined>((head, { entry, leaf }) => verifyLink(head, entry, leaf), undefined);
}

describe('a chain', () => {
  test('holds from seq 0 to its last entry, and its head is that entry', () => {
    const chain = chainOf(5);
    expect(verifyAll(chain)).toEqual({ seq: 4, leaf: chain[4]?.leaf });
    expect(nextLink(undefined)).toEqual({ seq: 0, prev: null });
    expect(nextLink({ seq: 4, leaf: chain[4]?.leaf as Hash })).toEqual({ seq: 5, prev: chain[4]?.leaf });
  });

  test('breaks where an entry is missing, repeated, moved or another’s, wherever that is', () => {
    const chain = chainOf(8);
    const other = chainOf(8, 'm');
    fc.assert(
      fc.property(fc.nat(7), fc.nat(7), (at, to) => {
        if (at < 7) expectFailure('proof_invalid', () => verifyAll(chain.toSpliced(at, 1)));
        expectFailure('proof_invalid', () => verifyAll(chain.toSpliced(at, 0, chain[at] as Link)));
        const swapped = chain.with(at, chain[to] as Link).with(to, chain[at] as Link);
        if (at !== to) expectFailure('proof_invalid', () => verifyAll(swapped));
        // Whole, it is another chain; put in where the rest names its own predecessor, it breaks.
        if (at < 7) expectFailure('proof_invalid', () => verifyAll(chain.with(at, other[at] as Link)));
      }),
    );
  });

  test('breaks where it does not begin at its beginning', () => {
    const [, second] = chainOf(2);
    expectFailure('proof_invalid', () => verifyAll([second as Link]));
  });

  test('breaks where seq fits and the predecessor does not, and the other way round', () => {
    const [first, second] = chainOf(2) as [Link, Link];
    const head = verifyAll([first]);
    const crooked = Uint8Array.from(first.leaf) as Hash;
    crooked[31] = (crooked[31] as number) ^ 1;
    expectFailure('proof_invalid', () => verifyLink(head, { ...second.entry, prev: crooked }, second.leaf));
    expectFailure('proof_invalid', () => verifyLink(head, { ...second.entry, prev: null }, second.leaf));
    expectFailure('proof_invalid', () => verifyLink(head, { ...second.entry, seq: 2 }, second.leaf));
    expectFailure('proof_invalid', () => verifyLink(undefined, { ...first.entry, prev: crooked }, first.leaf));
    expect(() => verifyLink(head, second.entry, second.leaf)).not.toThrow();
  });

  test('cannot go on after a truncated head: what follows names what was cut off', () => {
    const chain = chainOf(4);
    const cut = verifyAll(chain.slice(0, 2));
    const last = chain[3] as Link;
    expectFailure('proof_invalid', () => verifyLink(cut, last.entry, last.leaf));
    expectFailure('proof_invalid', () => verifyLink(cut, { ...last.entry, seq: 2 }, last.leaf));
  });

  test('names in its refusal the stream and the places, which are public, and nothing of the body', () => {
    const [first, second] = chainOf(2, 'CANARY') as [Link, Link];
    try {
      verifyLink(verifyAll([first]), { ...second.entry, seq: 7 }, hashLeaf(utf8('')));
    } catch (thrown) {
      expect(String(thrown)).toContain('log has seq 7, want 1');
      expect(String(thrown)).not.toContain('CANARY');
    }
  });
});
