/** The signer's memory for tests. */
import { Failure } from '#core/failure.ts';
import { equalHash } from '#core/hash.ts';
import type { TreeHead } from '#core/tlog/tree.ts';
import type { Begun, EndableState } from '#ledger/signer.ts';

/** The signer's memory, without a disk. */
export function memorySignerState(): EndableState {
  let signed: TreeHead | undefined;
  let by: string | undefined;
  let begun: Begun | undefined;
  return {
    load: () => signed,
    continuedBy: () => by,
    begun: () => begun,
    begin(next) {
      begun = next;
    },
    withdraw() {
      begun = undefined;
    },
    end(name) {
      by ??= name;
    },
    advance(from, to) {
      const same =
        from === undefined ? signed === undefined : signed?.size === from.size && equalHash(signed.root, from.root);
      if (!same) throw new Failure('signer_refused', 'the signer’s state is not what it was');
      signed = to;
    },
    handTo() {},
  };
}
