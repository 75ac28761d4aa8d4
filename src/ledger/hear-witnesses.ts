/**
 * What the witnesses have cosigned, before a restore is begun: behind a mirror that has less, the ledger would make a second
 * tree. None of them cosigns anything by this.
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import type { PolicyWitness } from '#core/tlog/policy.ts';
import { parseSize } from '#core/tlog/tree.ts';
import type { CheckpointRow } from '#store/checkpoints.ts';
import { locateWitness, type Means, type WitnessPlace } from './ask-witness.ts';
import type { WitnessSettings } from './witnesses.ts';

/** What it takes to ask them. */
export type Hearing = Pick<WitnessSettings, 'policy' | 'answerWaitMs'> & Omit<Means, 'prove'>;

const ANSWER_WAIT_MS = 10_000;

/**
 * Asks every witness of the policy about the newest checkpoint of a mirror. What one says can only stop a restore.
 *
 * @returns the names of those that did not say where they are.
 * @throws {Failure} `behind`, if one has cosigned more; `proof_invalid`, if one has cosigned another tree of this size.
 */
export async function hearWitnesses(
  checkpoint: Pick<CheckpointRow, 'size' | 'note'>,
  hearing: Hearing,
): Promise<readonly string[]> {
  const { size } = checkpoint;
  const places = await Promise.all(
    hearing.policy.witnesses.map(async (witness) => ({ witness, place: await locate(witness, checkpoint, hearing) })),
  );
  const unheard: string[] = [];
  for (const { witness, place } of places) {
    if (place?.kind === 'contradicted') {
      throw new Failure(
        'proof_invalid',
        `the witness ${witness.name} says that it has cosigned another tree of ${size} entries than the mirror’s`,
      );
    }
    if (place?.kind !== 'at') unheard.push(witness.name);
    else if (place.size > size) {
      throw new Failure(
        'behind',
        `the mirror has ${size} entries, and ${place.size} are already cosigned by the witness ${witness.name}: bring a newer mirror`,
      );
    }
  }
  return unheard;
}

/** Undefined: it is not asked, or nothing came of it. */
async function locate(
  { url, key }: PolicyWitness,
  { size, note }: Pick<CheckpointRow, 'size' | 'note'>,
  { answerWaitMs = ANSWER_WAIT_MS, ...means }: Hearing,
): Promise<WitnessPlace | undefined> {
  if (url === undefined) return undefined;
  const question = { url: url.replace(/\/+$/, ''), key, size: parseSize(size), note };
  try {
    return await locateWitness(question, means, AbortSignal.timeout(answerWaitMs));
  } catch {
    // Whatever went wrong on the way: it is named among those that were not heard.
    return undefined;
  }
}
