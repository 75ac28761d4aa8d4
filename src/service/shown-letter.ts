/**
 * The receipt of a letter as pages and papers show it: what anyone would verify of its file, in words, with the names of the
 * parties, and how it stands now. The public page never has who signed; its subject's own has the text, and so the name.
 *
 * @module
 */
import { utf8 } from '#core/bytes.ts';
import type { Moment } from '#core/consent/epoch.ts';
import type { Said } from '#core/consent/explain-text.ts';
import { type GrantStatus, grantIn, statusOf } from '#core/consent/grant.ts';
import type { LetterClause, LetterSummary } from '#core/consent/letter-summary.ts';
import type { Relationship } from '#core/consent/relationship.ts';
import type { RecordedLetter } from '#core/consent/verdict.ts';
import { readLetterReceipt } from '#core/consent/verify-receipt.ts';
import type { LetterId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { parseVkey } from '#core/note/key.ts';
import { loadHead, readClock } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import { letterReceiptCapability, receiptLetterByCapability } from './capabilities.ts';
import type { Context } from './context.ts';
import { loadLetter } from './letters.ts';
import { loadOwnWords, type OwnWords } from './own-words.ts';
import { letterReceiptOf } from './receipts.ts';
import { loadNames, type RegisteredNames } from './registered-names.ts';
import { loadEpoch } from './view.ts';

/** How a clause stands: as its grant, unless it was not given, or everything of its subject is frozen. */
export type ClauseStatus = GrantStatus | 'not_given' | 'frozen';

export interface ShownClause {
  readonly action: LetterClause['action'];
  readonly purposes: readonly Said[];
  /** What was asked for and not declined. */
  readonly items: readonly Said[];
  readonly declined: readonly Said[];
  /** Sources or recipients, and candidates, by their registered names; of one that nobody knows its id. */
  readonly doors: readonly string[];
  readonly candidates: readonly string[];
  readonly from: number | null;
  readonly to: number;
  readonly given: boolean;
  readonly status: ClauseStatus;
}

export interface ShownLetter {
  readonly log: string;
  readonly verdict: RecordedLetter;
  /** Of the public page. */
  readonly capability: string;
  /** By their registered names; null: nobody, or nobody known. */
  readonly grantee: string | null;
  readonly identifiedBy: string | null;
  readonly clauses: readonly ShownClause[];
  /** The size of the tree, and the ledger's time, at which the clauses stand so. */
  readonly standing: { readonly size: number; readonly time: number };
}

/** What its subject is shown besides. */
export interface OwnLetter extends ShownLetter, OwnWords {}

/**
 * Opens what is recorded of a letter by its public capability.
 *
 * @throws {Failure} `letter_unknown`, also for whatever is no capability; `letter_unanswered`, `not_published`,
 *   `limit_reached`, `store_unavailable`; `receipt_invalid`, if what this ledger itself gives would not verify.
 */
export async function showLetterReceipt(context: Context, capability: string): Promise<ShownLetter> {
  return showLetter(context, receiptLetterByCapability(context, capability));
}

/** The same with its text and its subject's name: masked, but for who has shown that the letter is theirs. */
export async function showOwnLetter(context: Context, letter: LetterId, isWhole: boolean): Promise<OwnLetter> {
  const shown = await showLetter(context, letter);
  return { ...shown, ...(await loadOwnWords(context, letter, isWhole)) };
}

async function showLetter(context: Context, letter: LetterId): Promise<ShownLetter> {
  const { ledger, ed25519, p256 } = context;
  const bytes = utf8(await letterReceiptOf(context, letter));
  // It is the ledger's own file: one that does not hold is shown to nobody.
  const verdict = await readLetterReceipt(bytes, parseVkey(ledger.vkey), ed25519, p256);
  const summary = verdict.letter;
  return ledger.store.read(async (tx) => {
    const names = await loadNames(context, tx, partiesIn(summary), summary.time);
    const { relationship } = await loadLetter(tx, letter);
    const standing = await loadStanding(tx);
    const epoch = await loadEpoch(tx);
    return {
      log: ledger.origin,
      verdict,
      capability: letterReceiptCapability(context, letter),
      grantee: names.party(summary.grantee),
      identifiedBy: names.party(summary.evidence.identified_by),
      clauses: summary.clauses.map((clause) => clauseOf(clause, names, relationship, { now: standing.time, epoch })),
      standing,
    };
  });
}

async function loadStanding(tx: Tx): Promise<ShownLetter['standing'] & { readonly time: Instant }> {
  return { size: (await loadHead(tx))?.size ?? 0, time: await readClock(tx) };
}

function partiesIn({ grantee, evidence, clauses }: LetterSummary): readonly string[] {
  const { identified_by } = evidence;
  return [
    grantee,
    ...(identified_by === null ? [] : [identified_by]),
    ...clauses.flatMap(({ doors, candidates }) => [...doors, ...candidates]),
  ];
}

function clauseOf(clause: LetterClause, names: RegisteredNames, relationship: Relationship, at: Moment): ShownClause {
  const { action, purposes, items, declined_items, doors, candidates, from, to, given } = clause;
  const nameOf = (party: string) => names.party(party) ?? party;
  return {
    ...{ action, from, to, given },
    purposes: purposes.map(names.purpose),
    items: items.filter((item) => !declined_items.includes(item)).map(names.item),
    declined: declined_items.map(names.item),
    doors: doors.map(nameOf),
    candidates: candidates.map(nameOf),
    status: standingOf(clause, relationship, at),
  };
}

function standingOf({ grant }: LetterClause, relationship: Relationship, { now, epoch }: Moment): ClauseStatus {
  const found = grantIn(relationship, grant);
  if (found === undefined) return 'not_given';
  const status = statusOf(found, now, epoch);
  const isStopped = status === 'revoked' || status === 'expired';
  return relationship.frozen !== null && !isStopped ? 'frozen' : status;
}
