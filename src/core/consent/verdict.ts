/** What verifying a receipt says: its verdict, axis by axis (design §4). Tools say *recorded*, never *valid*. */
import type { LetterId } from '../ids.ts';
import type { AccessSummary } from './access-summary.ts';
import type { ShownParts } from './disclose.ts';
import type { ErasureSummary } from './erasure-summary.ts';
import type { Said } from './explain-text.ts';
import type { LetterSummary } from './letter-summary.ts';
import type { Continued } from './log-continued.ts';
import type { Names } from './receipt-names.ts';
import type { Scan } from './scan.ts';
import type { VerifiedSignature } from './verify-evidence.ts';
import type { Witnessing } from './witnessing.ts';

export interface Verdict {
  /**
   * Whether the log has it. `witnessed`: under a checkpoint that the quorum of the reader's policy cosigned; `stale`: longer ago
   * than the reader takes. `diverged`: two checkpoints of one log contradict each other.
   */
  readonly recorded: Witnessing['recorded'] | 'diverged' | 'invalid';
  /** Who cosigned its checkpoint; null: no policy was asked by, or it is not recorded. */
  readonly witnessing: Witnessing | null;
  /** Whether the rules decide so; `attested`: as far as facts go that only the ledger knows. */
  readonly decision: 're-derived' | 'attested' | 'not checked';
  readonly payload: 'opened' | 'withheld' | 'erased';
  /** Which of what is kept is opened, and which withheld. */
  readonly parts: ShownParts;
  /** By which entry payloads of its stream were erased, and when. Absent where it shows none. */
  readonly erased?: { readonly index: number; readonly time: number };
  /** How the log went on under other names. Absent where it has its first one still. */
  readonly continued?: readonly Continued[];
  /** The size of the tree that it is recorded in. */
  readonly asOf: number | null;
  /** The vkey of the log key that signed that tree, where it is another than the trusted one, which leads to it. */
  readonly followed_to?: string;
  /** What was decided; null of another kind's receipt, and if that can't be said. */
  readonly access: AccessSummary | null;
  /** What was answered to a letter; null of another kind's receipt, and if that can't be said. */
  readonly letter: LetterSummary | null;
  /** What was erased; null of another kind's receipt, and if that can't be said. */
  readonly erasure: ErasureSummary | null;
  /** Facts that the decision rests on and that the ledger attests. */
  readonly facts: readonly Said[];
  /** What the subject opened of what it signed: which key signed just that. */
  readonly signatures: readonly VerifiedSignature[];
  /** The letters that were signed in ink, by the scans that were brought in: `digestScan` tells which is at hand. */
  readonly papers: readonly RegisteredPaper[];
  /** What the receipt itself shows parties, purposes, items and rules of retention to be called. */
  readonly names: Names;
  /** Why it is not recorded; empty if it is. */
  readonly problem: { readonly code: string; readonly message: string } | null;
}

/** Of a receipt that holds. */
export type RecordedAccess = Verdict & { readonly access: AccessSummary };
export type RecordedLetter = Verdict & { readonly letter: LetterSummary };

export interface RegisteredPaper {
  readonly seq: number;
  readonly letter: LetterId;
  readonly scan: Scan;
}
