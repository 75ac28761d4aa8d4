/** Files that are read again have to be the same ones: what was verified is what is used. */
import { equalBytes } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import { type Hash, sha256 } from '#core/hash.ts';
import type { Resources } from './tiled-source.ts';

/** @returns resources whose `read` throws `proof_invalid`, if what it read before is another now. */
export function steadyResources(resources: Resources): Resources {
  const known = new Map<string, Hash | null>();
  return {
    async read(path) {
      const bytes = await resources.read(path);
      const digest = bytes === undefined ? null : sha256(bytes);
      const before = known.get(path);
      if (before === undefined) known.set(path, digest);
      else if (before === null ? digest !== null : digest === null || !equalBytes(before, digest)) {
        throw new Failure('proof_invalid', `${path} was changed while it was read`);
      }
      return bytes;
    },
  };
}
