/**
 * What a witness said against this ledger. It is kept apart from the database, like the signer's memory, and as long as it
 * is there the ledger stays read-only: a database that was rolled back must not lose it, too.
 *
 * @module
 */

import { utf8 } from '#core/bytes.ts';
import { type Json, parseCanonical } from '#core/canonical.ts';
import { Failure, readAs } from '#core/failure.ts';
import { integer, nullable, oneOf, record, type ShapeOf, text } from '#core/shape.ts';

const TEXT_MAX = 131_072;
const size = integer(0, Number.MAX_SAFE_INTEGER);

const shape = record({
  format: oneOf(['assent/witness-evidence/v1']),
  /** `ahead`: it has cosigned a larger tree; `contradicted`: this tree does not continue the one that it cosigned. */
  kind: oneOf(['ahead', 'contradicted']),
  /** The witness, as the policy calls it, and its vkey. */
  witness: text(TEXT_MAX),
  vkey: text(TEXT_MAX),
  /** When, by the process's clock, ms. */
  at: size,
  /** The checkpoint that it was asked to cosign. */
  checkpoint: text(TEXT_MAX),
  /** The size that it says to be at. */
  their_size: size,
  status: integer(0, 999),
  /** The beginning of what it answered. */
  answer: nullable(text(TEXT_MAX)),
  /** The checkpoint that it shows, if any: signed by this log's key it proves what the witness says. */
  their_checkpoint: nullable(text(TEXT_MAX)),
});

export type WitnessEvidence = ShapeOf<typeof shape>;

/** Where it is kept, until the keeper takes it away. */
export interface EvidenceShelf {
  load(): string | undefined;
  /** Answers when it is durable. */
  keep(evidence: string): void;
}

/** @throws {Failure} `config_invalid`, if the text is no such evidence: what stands there says nothing good. */
export function parseEvidence(evidence: string): WitnessEvidence {
  return readAs('config_invalid', 'the evidence that a witness gave against this ledger is damaged', () =>
    shape(parseCanonical(utf8(evidence)) as Json, 'evidence'),
  );
}

/** Why nothing may be written while the evidence is there, or undefined where the database holds what it names. */
export function whyFenced({ kind, witness, their_size }: WitnessEvidence, treeSize: number): string | undefined {
  if (kind === 'contradicted')
    return `the witness ${witness} says that this tree does not continue the one it cosigned`;
  if (treeSize >= their_size) return undefined;
  return `the witness ${witness} has cosigned ${their_size} entries, more than were ever signed here: was an old backup restored?`;
}

/** The failure that stops signing and writing. */
export function fencing(evidence: WitnessEvidence): Failure {
  return new Failure('signer_refused', whyFenced(evidence, 0) ?? 'a witness contradicts this ledger');
}
