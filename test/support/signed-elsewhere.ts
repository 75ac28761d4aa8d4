/** What only a log that forks can make: a receipt under a second tree, which the log's own key signed. */
import { openCheckpoint, signCheckpoint } from '#core/tlog/checkpoint.ts';
import { formatTlogProof, parseTlogProof } from '#core/tlog/proof.ts';
import { parseSize } from '#core/tlog/tree.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { type Fixture, ORIGIN } from './ledger-fixture.ts';

/** The same receipt under a checkpoint that its tree has not: its proofs lead elsewhere. */
export async function signedElsewhere(
  fixture: Fixture,
  text: string,
  { size, root }: { readonly size?: number; readonly root?: Uint8Array },
): Promise<string> {
  const receipt = JSON.parse(text);
  const { checkpoint } = parseTlogProof(receipt.slices[0].proof);
  const honest = await openCheckpoint(checkpoint, fixture.vkey, nativeEd25519);
  const forged = await signCheckpoint(
    { origin: ORIGIN, size: parseSize(size ?? honest.size), root: (root ?? honest.root) as never },
    fixture.keys.log,
  );
  const slices = receipt.slices.map((slice: { readonly proof: string }) => {
    const { index, proof } = parseTlogProof(slice.proof);
    return { ...slice, proof: formatTlogProof({ index, proof, checkpoint: forged }) };
  });
  return JSON.stringify({ ...receipt, slices });
}
