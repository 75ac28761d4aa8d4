/**
 * Verifying a receipt, offline: is the access, the answer to a letter, or the erasure recorded in the log, and was it decided as
 * the rules say? Tools say *recorded*, never *valid*: what lies outside the log (that the person meant it) no receipt can prove.
 *
 * @module
 */
import { Failure, isFailure } from '../failure.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { formatVkey, type VerifierKey } from '../note/key.ts';
import type { P256 } from '../webauthn/p256.ts';
import { accessSummary } from './access-summary.ts';
import { countsByPolicy } from './compromised-log-key.ts';
import { type ErasureSummary, erasureSummary, lawNames } from './erasure-summary.ts';
import { type Explanation, explainAccess } from './explain.ts';
import { foldLog } from './fold-log.ts';
import { type LetterSummary, letterSummary } from './letter-summary.ts';
import { judgeContinuations } from './log-continued.ts';
import { type OpenedReceipt, openReceipt } from './open-receipt.ts';
import { parseReceipt } from './receipt.ts';
import { checkpointNoteOf, Divergence } from './receipt-checkpoint.ts';
import { factsOf, papersOf } from './receipt-facts.ts';
import { namesOf } from './receipt-names.ts';
import { relationshipIn } from './relationship.ts';
import type { RecordedAccess, RecordedLetter, Verdict } from './verdict.ts';
import { judgeWitnessing, requireLogOf, type WitnessTerms } from './witnessing.ts';

/**
 * Verifies the attacker-controlled bytes of a receipt's file, of any kind, against a trusted vkey. Never throws for their
 * content. Without `p256`, signatures that the subject opened and that passkeys of ES256 made are not checked, and it says so;
 * without `terms`, no witness is asked for, and it says unwitnessed.
 *
 * @throws {Failure} `policy_invalid`, if the policy of the terms names logs, and the vkey's is none of them.
 */
export async function verifyReceipt(
  bytes: Uint8Array,
  vkey: VerifierKey,
  ed25519: Ed25519,
  p256?: P256,
  terms?: WitnessTerms,
): Promise<Verdict> {
  if (terms !== undefined) requireLogOf(terms.policy, vkey);
  try {
    const receipt = parseReceipt(bytes);
    const opened = await openReceipt(receipt, vkey, { ed25519, p256 });
    const continued = await judgeContinuations(ed25519, opened.logEntries, foldLog, terms);
    const verdict = {
      ...judge(opened),
      ...followedTo(opened, vkey),
      ...(continued.length === 0 ? {} : { continued }),
    };
    if (terms === undefined) return verdict;
    const note = checkpointNoteOf(receipt);
    const vouched = { note, signers: opened.signers, shown: receipt.log_keys };
    const counts = await countsByPolicy(vouched, vkey, terms.policy, ed25519);
    const witnessing = await judgeWitnessing(note, terms, ed25519, counts);
    return { ...verdict, recorded: witnessing.recorded, witnessing };
  } catch (thrown) {
    const failure = failureOf(thrown);
    return {
      recorded: failure instanceof Divergence ? 'diverged' : 'invalid',
      witnessing: null,
      decision: 'not checked',
      payload: 'withheld',
      parts: { opened: [], withheld: [] },
      asOf: null,
      access: null,
      letter: null,
      erasure: null,
      facts: [],
      signatures: [],
      papers: [],
      names: {},
      problem: { code: failure.code, message: reasonOf(failure) },
    };
  }
}

/**
 * Explains the access of a receipt, offline, after all that {@link verifyReceipt} verifies.
 *
 * @throws {Failure} as the receipt does not hold; `entry_invalid`, if there is nothing to explain.
 */
export async function explainReceipt(
  bytes: Uint8Array,
  vkey: VerifierKey,
  ed25519: Ed25519,
  p256?: P256,
): Promise<Explanation> {
  const { kind, view, entry } = await openReceipt(parseReceipt(bytes), vkey, { ed25519, p256 });
  if (kind !== 'access') throw new Failure('entry_invalid', 'only an access is explained');
  return explainAccess(view, entry);
}

/**
 * The verdict on an access's receipt that holds, and its explanation; null: there is nothing to explain. All of it verified
 * once.
 *
 * @throws {Failure} as the receipt does not hold, or is not of an access.
 */
export async function readReceipt(
  bytes: Uint8Array,
  vkey: VerifierKey,
  ed25519: Ed25519,
): Promise<{ readonly verdict: RecordedAccess; readonly explanation: Explanation | null }> {
  const opened = await openReceipt(parseReceipt(bytes), vkey, { ed25519, p256: undefined });
  const { view, entry } = opened;
  const verdict = judge(opened);
  if (!isOfAccess(verdict)) throw new Failure('receipt_invalid', 'not the receipt of an access');
  return { verdict, explanation: entry.type === 'access.refused' ? null : explainAccess(view, entry) };
}

/**
 * The verdict on a letter's receipt that holds.
 *
 * @throws {Failure} as the receipt does not hold, or is not of a letter.
 */
export async function readLetterReceipt(
  bytes: Uint8Array,
  vkey: VerifierKey,
  ed25519: Ed25519,
  p256?: P256,
): Promise<RecordedLetter> {
  const verdict = judge(await openReceipt(parseReceipt(bytes), vkey, { ed25519, p256 }));
  if (!isOfLetter(verdict)) throw new Failure('receipt_invalid', 'not the receipt of a letter');
  return verdict;
}

/** Of several that signed, the newest. */
function followedTo({ signers }: OpenedReceipt, { keyId }: VerifierKey): Pick<Verdict, 'followed_to'> {
  const last = signers.at(-1);
  return last === undefined || signers.some((each) => each.keyId === keyId) ? {} : { followed_to: formatVkey(last) };
}

function judge(opened: OpenedReceipt): Verdict {
  const { own, entry, checkpoint, signatures, view, packs, parts, erased } = opened;
  const access = opened.kind === 'access' ? accessSummary(entry, own.index, opened.leaf) : null;
  const letter = opened.kind === 'letter' ? summaryOfLetter(opened) : null;
  const erasure = opened.kind === 'erasure' ? summaryOfErasure(opened) : null;
  const about = access ?? letter;
  return {
    recorded: 'unwitnessed',
    witnessing: null,
    decision: RESTS_ON_SEALED.includes(entry.type) ? 'attested' : 're-derived',
    payload: parts.opened.length > 0 ? 'opened' : erased === undefined && erasure === null ? 'withheld' : 'erased',
    parts,
    ...(erased === undefined ? {} : { erased }),
    ...(erasure === null ? {} : { erased: { index: erasure.index, time: erasure.time } }),
    asOf: checkpoint.size,
    access,
    letter,
    erasure,
    facts: factsOf(own.entries, signatures),
    signatures,
    papers: papersOf(own.entries),
    names: {
      ...(about === null ? {} : namesOf(view, packs, about, identifiersOf(signatures))),
      ...(erasure === null ? {} : lawNames(erasure, view)),
    },
    problem: null,
  };
}

/**
 * On an unknown or another's handle the answer rests on what the ledger keeps sealed; that nothing of a person is left, on
 * whose the relationships were.
 */
const RESTS_ON_SEALED: readonly string[] = ['access.refused', 'person.erased'];

function summaryOfErasure({ own, entry, leaf, view }: OpenedReceipt): ErasureSummary {
  return erasureSummary(entry, own.entries.slice(0, -1), view, { index: own.index, leaf });
}

function summaryOfLetter({ own, entry, leaf, view }: OpenedReceipt): LetterSummary {
  return letterSummary(entry, relationshipIn(view, own.stream), { index: own.index, leaf });
}

function identifiersOf(signatures: Verdict['signatures']) {
  return signatures.map(({ identified_by }) => identified_by);
}

function isOfAccess(verdict: Verdict): verdict is RecordedAccess {
  return verdict.access !== null;
}

function isOfLetter(verdict: Verdict): verdict is RecordedLetter {
  return verdict.letter !== null;
}

/**
 * What an entry holds besides what its rule asks for, only its rule gives a shape; a ledger that signs something else there
 * breaks the code that reads it. That makes a receipt invalid, and is nothing that a reader should be stopped by.
 */
function failureOf(thrown: unknown): Failure {
  if (isFailure(thrown)) return thrown;
  if (!(thrown instanceof TypeError || thrown instanceof RangeError)) throw thrown;
  return new Failure('receipt_invalid', 'it is unreadable to the rules', { cause: thrown });
}

/** What was wrong, down to its cause: `not a receipt: not in canonical form (RFC 8785)`. */
function reasonOf(failure: Failure): string {
  return isFailure(failure.cause) ? `${failure.message}: ${reasonOf(failure.cause)}` : failure.message;
}
