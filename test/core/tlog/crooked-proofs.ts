/** Wrong proofs made of a good one, each with a name (after transparency-dev/merkle, `corruptInclusionProof`). */
import type { Hash } from '#core/hash.ts';

export interface CrookedProof {
  readonly name: string;
  readonly hashes: readonly Hash[];
}

const FOREIGN = new Uint8Array(32).fill(0x5a) as unknown as Hash;

export function crookProof(good: readonly Hash[]): readonly CrookedProof[] {
  const crooked: CrookedProof[] = [
    { name: 'a hash more at the end', hashes: [...good, FOREIGN] },
    { name: 'a hash more at the start', hashes: [FOREIGN, ...good] },
    { name: '64 hashes', hashes: Array.from({ length: 64 }, () => FOREIGN) },
  ];
  if (good.length === 0) return crooked;
  crooked.push(
    { name: 'no hashes', hashes: [] },
    { name: 'without its first', hashes: good.slice(1) },
    { name: 'without its last', hashes: good.slice(0, -1) },
    { name: 'the last doubled', hashes: [...good, good[good.length - 1] as Hash] },
    { name: 'the first doubled', hashes: [good[0] as Hash, ...good] },
  );
  if (good.length > 1) crooked.push({ name: 'reversed', hashes: good.toReversed() });
  for (const [at, hash] of good.entries()) {
    crooked.push({ name: `a foreign hash ${at}`, hashes: good.with(at, FOREIGN) });
    const flipped = Uint8Array.from(hash) as unknown as Hash;
    flipped[at % 32]! ^= 2 ** (at % 8);
    crooked.push({ name: `a flipped bit in hash ${at}`, hashes: good.with(at, flipped) });
    const next = good[at + 1];
    if (next)
      crooked.push({ name: `hashes ${at} and ${at + 1} swapped`, hashes: good.with(at, next).with(at + 1, hash) });
  }
  return crooked;
}
