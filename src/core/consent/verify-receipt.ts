/**
 * Verifying a receipt, offline: is the access recorded in the log, and was it decided as the rules say? Tools say
 * *recorded*, never *valid*: what lies outside the log (that the person meant it) no receipt can prove.
 *
 * @module
 */
import { equalBytes, utf8 } from '../bytes.ts';
import type { JsonObject } from '../canonical.ts';
import { Failure, isFailure } from '../failure.ts';
import type { Hash } from '../hash.ts';
import type { LetterId } from '../ids.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { formatVkey, type VerifierKey } from '../note/key.ts';
import { type Pack, packDigest, parsePack } from '../pack/pack.ts';
import type { StreamHead } from '../tlog/chain.ts';
import { openCheckpoint, type VerifiedCheckpoint } from '../tlog/checkpoint.ts';
import type { Entry } from '../tlog/entry.ts';
import { parseTlogProof } from '../tlog/proof.ts';
import { idOf, kindOf, LOG_STREAM, type StreamId } from '../tlog/stream.ts';
import type { P256 } from '../webauthn/p256.ts';
import type { Ground } from './asked.ts';
import { checkCode } from './check-code.ts';
import type { Judged } from './checks/apply-law.ts';
import type { Evidence, PaperEvidence } from './evidence.ts';
import { type Explanation, explainAccess } from './explain.ts';
import { parseKeyText } from './key-text.ts';
import type { LetterSignedOnPaper } from './letter-paper.ts';
import { type LogState, logIn } from './log.ts';
import { type OpenedSlice, openPayload, openSlice, verifySliceSignatures } from './open-slice.ts';
import { parseReceipt, type Receipt, type Slice } from './receipt.ts';
import type { View } from './rule.ts';
import { commandOf, decideAgain, type EntryType, evolve, touches } from './rules.ts';
import type { Scan } from './scan.ts';
import { isBySession } from './signed-statement.ts';
import { type Shown, type VerifiedSignature, verifyEvidence } from './verify-evidence.ts';

/** What a receipt proves, axis by axis (design §4). */
export interface Verdict {
  /** Whether the log has it. `diverged`: two checkpoints of one log contradict each other. */
  readonly recorded: 'unwitnessed' | 'diverged' | 'invalid';
  /** Whether the rules decide so; `attested`: as far as facts go that only the ledger knows. */
  readonly decision: 're-derived' | 'attested' | 'not checked';
  readonly payload: 'opened' | 'withheld';
  /** The size of the tree that it is recorded in. */
  readonly asOf: number | null;
  /** What was decided, or null if that can't be said. */
  readonly access: AccessSummary | null;
  /** Facts that the decision rests on and that the ledger attests. */
  readonly facts: readonly string[];
  /** What the subject opened of what it signed: which key signed just that. */
  readonly signatures: readonly VerifiedSignature[];
  /** The letters that were signed in ink, by the scans that were brought in: `digestScan` tells which is at hand. */
  readonly papers: readonly RegisteredPaper[];
  /** Why it is not recorded; empty if it is. */
  readonly problem: { readonly code: string; readonly message: string } | null;
}

/** Of a receipt that holds. */
export type RecordedVerdict = Verdict & { readonly access: AccessSummary };

export interface RegisteredPaper {
  readonly seq: number;
  readonly letter: LetterId;
  readonly scan: Scan;
}

export interface AccessSummary {
  readonly access: string;
  readonly stream: string;
  readonly index: number;
  /** {@link checkCode} of its entry. */
  readonly check_code: string;
  readonly time: number;
  readonly principal: string;
  readonly action: string;
  readonly purpose: string;
  readonly items: readonly string[];
  readonly door: string | null;
  /** What it stands on; null where the handle was not the caller's. */
  readonly ground: Ground | null;
  readonly decision: 'allow' | 'deny';
  readonly codes: readonly string[];
  readonly engine: number;
}

/**
 * Verifies the attacker-controlled bytes of a receipt's file against a trusted vkey. Never throws for their content. Without
 * `p256`, signatures that the subject opened and that passkeys of ES256 made are not checked, and it says so.
 */
export async function verifyReceipt(
  bytes: Uint8Array,
  vkey: VerifierKey,
  ed25519: Ed25519,
  p256?: P256,
): Promise<Verdict> {
  try {
    const receipt = parseReceipt(bytes);
    return judge(await openVerified(receipt, vkey, { ed25519, p256 }));
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    const diverged = failure instanceof Divergence;
    return {
      recorded: diverged ? 'diverged' : 'invalid',
      decision: 'not checked',
      payload: 'withheld',
      asOf: null,
      access: null,
      facts: [],
      signatures: [],
      papers: [],
      problem: { code: failure.code, message: reasonOf(failure) },
    };
  }
}

/** What was wrong, down to its cause: `not a receipt: not in canonical form (RFC 8785)`. */
function reasonOf(failure: Failure): string {
  return isFailure(failure.cause) ? `${failure.message}: ${reasonOf(failure.cause)}` : failure.message;
}

/** Two signed trees of one log that can't both be: evidence against its keeper. */
class Divergence extends Failure {}

interface Opened {
  readonly own: OpenedSlice;
  readonly entry: Entry;
  /** The ledger before the access, as far as the receipt shows it. */
  readonly view: View;
  readonly checkpoint: VerifiedCheckpoint;
  readonly hasParts: boolean;
  readonly signatures: readonly VerifiedSignature[];
}

function judge({ own, entry, checkpoint, hasParts, signatures }: Opened): RecordedVerdict {
  return {
    recorded: 'unwitnessed',
    // On an unknown or another's handle the answer rests on what the ledger keeps sealed.
    decision: entry.type === 'access.refused' ? 'attested' : 're-derived',
    payload: hasParts ? 'opened' : 'withheld',
    asOf: checkpoint.size,
    access: summaryOf(entry, own.index, own.leaves.at(-1) as Hash),
    facts: factsOf(own.entries, entry, signatures),
    signatures,
    papers: papersOf(own.entries),
    problem: null,
  };
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
  const { view, entry } = await openVerified(parseReceipt(bytes), vkey, { ed25519, p256 });
  return explainAccess(view, entry);
}

/** The verdict on a receipt that holds, and its explanation; null: there is nothing to explain. All of it verified once. */
export async function readReceipt(
  bytes: Uint8Array,
  vkey: VerifierKey,
  ed25519: Ed25519,
): Promise<{ readonly verdict: RecordedVerdict; readonly explanation: Explanation | null }> {
  const opened = await openVerified(parseReceipt(bytes), vkey, { ed25519, p256: undefined });
  const { view, entry } = opened;
  return { verdict: judge(opened), explanation: entry.type === 'access.refused' ? null : explainAccess(view, entry) };
}

async function openVerified(receipt: Receipt, vkey: VerifierKey, crypto: Crypto): Promise<Opened> {
  if (receipt.log !== vkey.name) {
    // The name in the file is attacker-controlled, and verdicts are printed on terminals: it is not repeated.
    throw new Failure('receipt_invalid', `the receipt is of another log than the trusted key's, ${vkey.name}`);
  }
  const checkpoint = await openCheckpoints(receipt, vkey, crypto.ed25519);
  const slices = receipt.slices.map((slice) => openSlice(slice, receipt.log, checkpoint));
  const own = slices[0] as OpenedSlice;
  const others = slices.slice(1);
  const entry = own.entries.at(-1) as Entry;
  const isAccess = entry.type === 'access.decided' || entry.type === 'access.refused';
  if (!isAccess || entry.body['access'] !== receipt.access) {
    throw new Failure('receipt_invalid', 'the first slice does not end with the access');
  }
  refuseOthers(others, entry);
  verifyOrder(own, others);
  const packs = openPacks(receipt);
  const view = foldSlices(own, others, packs);
  requirePacks(packs, logIn(view), entry);
  verifyKeys(logIn(view), vkey);
  const issuingKey = parseKeyText((logIn(view) as LogState).issuing_key);
  for (const [place, slice] of slices.entries()) {
    await verifySliceSignatures(crypto.ed25519, issuingKey, receipt.slices[place] as Slice, slice);
  }
  decideAgain(view, entry);
  const { evidence } = receipt;
  const shown = { log: receipt.log, own, checkpoint, issuingKey, ...crypto };
  const signatures = evidence === undefined ? [] : await verifyEvidence(shown, evidence);
  const hasParts = verifyOpenings(receipt, slices) || evidence !== undefined;
  return { own, entry, view, checkpoint, hasParts, signatures };
}

/** What signatures are verified with. Passkeys of ES256 are not, where there is no P-256. */
type Crypto = Pick<Shown, 'ed25519' | 'p256'>;

/** All proofs of a receipt stand under one checkpoint. */
async function openCheckpoints(receipt: Receipt, vkey: VerifierKey, ed25519: Ed25519): Promise<VerifiedCheckpoint> {
  const proofs = [
    ...receipt.slices,
    ...(receipt.evidence?.keys ?? []).flatMap((key) => [key, key.identifier ?? []].flat()),
  ];
  const notes = [...new Set(proofs.map(({ proof }) => parseTlogProof(proof).checkpoint))];
  const opened = await Promise.all(notes.map((note) => openCheckpoint(note, vkey, ed25519)));
  refuseDiverged(opened);
  const [first, ...rest] = opened;
  if (first === undefined) throw new Failure('receipt_invalid', 'the receipt has no slice');
  if (rest.length > 0) throw new Failure('receipt_invalid', 'its proofs stand under different checkpoints');
  return first;
}

/** Compares all with all, before anything else is refused: this is evidence that must not get lost. */
function refuseDiverged(checkpoints: readonly VerifiedCheckpoint[]): void {
  const roots = new Map<number, VerifiedCheckpoint['root']>();
  for (const { size, root } of checkpoints) {
    if (!equalBytes(roots.get(size) ?? root, root)) {
      throw new Divergence('checkpoint_invalid', `two different trees of ${size} entries are signed: keep this file`);
    }
    roots.set(size, root);
  }
}

/** A receipt holds the streams that the decision read, and no other: what nothing checks would still be believed. */
function refuseOthers(others: readonly OpenedSlice[], access: Entry): void {
  const needed: readonly string[] = touches(commandOf(access)).slice(1);
  for (const { stream } of others) {
    if (!needed.includes(stream)) throw new Failure('receipt_invalid', 'a slice that the decision did not read');
  }
}

/** A decision saw only what came before it, and ledger time never goes back. */
function verifyOrder(own: OpenedSlice, others: readonly OpenedSlice[]): void {
  const access = own.entries.at(-1) as Entry;
  for (const { stream, index, entries } of others) {
    if (index >= own.index || (entries.at(-1) as Entry).time > access.time) {
      throw new Failure('receipt_invalid', `the slice of ${stream} ends after the access`);
    }
  }
}

/**
 * The states of the slices' streams, the access's own as it was before it. What was decided from a stream alone (every
 * signature and revocation) is decided again; what also read others as they were then, the audit decides again.
 */
function foldSlices(own: OpenedSlice, others: readonly OpenedSlice[], packs: ReadonlyMap<string, Pack>): View {
  const streams = new Map<StreamId, StreamHead & { readonly state: JsonObject }>();
  const view: View = {
    head: (stream) => streams.get(stream),
    state: (stream) => streams.get(stream)?.state,
    pack: (digest) => packs.get(digest),
  };
  for (const slice of [...others, { ...own, entries: own.entries.slice(0, -1) }]) {
    if (streams.has(slice.stream)) throw new Failure('receipt_invalid', `two slices of ${slice.stream}`);
    for (const [place, entry] of slice.entries.entries()) {
      const command = commandOf(entry);
      if (touches(command).length === 1) decideAgain(view, entry);
      const state = evolve(streams.get(slice.stream)?.state, command.type, entry);
      streams.set(slice.stream, { seq: entry.seq, leaf: slice.leaves[place] as Hash, state });
    }
  }
  return view;
}

/** A pack is known by its digest, and the log's entries say which digests decide: its bytes need no other proof. */
function openPacks({ packs = [] }: Receipt): ReadonlyMap<string, Pack> {
  return new Map(
    packs.map((text) => {
      const bytes = utf8(text);
      return [packDigest(bytes), parsePack(bytes)];
    }),
  );
}

/**
 * A receipt holds the packs that decided, and no other: what is known from elsewhere does not mend it, and what nothing
 * checks would still be believed.
 */
function requirePacks(packs: ReadonlyMap<string, Pack>, log: LogState | undefined, { body }: Entry): void {
  const law = body['law'] as Judged | null | undefined;
  const wanted = Object.entries(law?.packs ?? {}).map(([id, version]) => {
    const versions = log?.packs?.[id] ?? [];
    return versions.find((each) => each.version === version)?.digest;
  });
  if (wanted.length !== packs.size || wanted.some((digest) => digest === undefined || !packs.has(digest))) {
    throw new Failure('receipt_invalid', 'its packs are not those that the log says decided');
  }
}

function verifyKeys(log: LogState | undefined, vkey: VerifierKey): void {
  if (log === undefined) throw new Failure('receipt_invalid', `the slice of ${LOG_STREAM} is missing`);
  if (log.log_key !== formatVkey(vkey))
    throw new Failure('receipt_invalid', 'the log names another key than the trusted one');
}

/** Opens the parts that the receipt carries. Answers whether there are any. */
function verifyOpenings(receipt: Receipt, slices: readonly OpenedSlice[]): boolean {
  for (const { index, ...opened } of receipt.opened) {
    const entry = slices.find((each) => each.index === index)?.entries.at(-1);
    if (entry === undefined) throw new Failure('commitment_invalid', `entry ${index} did not commit to these parts`);
    openPayload(entry, opened, `entry ${index}`);
  }
  return receipt.opened.some(({ parts }) => Object.keys(parts).length > 0);
}

function summaryOf(entry: Entry, index: number, leaf: Hash): AccessSummary {
  const { access, principal, action, purpose, items, door, ground, decision, codes, engine } =
    entry.body as unknown as AccessSummary & { readonly ground?: Ground };
  return {
    access,
    stream: entry.stream,
    index,
    check_code: checkCode(leaf),
    time: entry.time,
    principal,
    action,
    purpose,
    items,
    door,
    ground: ground ?? null,
    decision,
    codes,
    engine,
  };
}

/** What the decision took from a person's stream, of which a receipt shows nothing but keys: named, with who attests it. */
function factsOf(
  entries: readonly Entry[],
  access: Entry,
  signatures: readonly VerifiedSignature[],
): readonly string[] {
  if (kindOf(access.stream) !== 'rel') return [`${idOf(access.stream)} asked on a handle that is not its own`];
  return entries
    .filter(({ type }) => ATTESTED_TYPES.includes(type))
    .map((entry) => {
      const signed = signatures.find(({ seq, signature }) => seq === entry.seq && signature === 'verified');
      if (signed !== undefined) {
        const what = signed.by === 'session' ? 'that it was done in the session that its key opened, ' : '';
        return `seq ${entry.seq} ${entry.type}: ${what}that its key had not ended, and that it was its subject who was identified`;
      }
      const { grade, method, identified_by } = entry.body['evidence'] as unknown as Evidence | PaperEvidence;
      const by = identified_by === null ? 'nobody' : `party ${identified_by}`;
      const done = isBySession(entry) ? 'done by session' : 'signed';
      return `seq ${entry.seq} ${entry.type}: ${done} with evidence of grade ${grade} (${method}; the person identified by ${by})`;
    });
}

const ATTESTED_TYPES: readonly string[] = [
  'letter.signed',
  'letter.signed_on_paper',
  'letter.declined',
  'grant.revoked',
] satisfies readonly EntryType[];

function papersOf(entries: readonly Entry[]): readonly RegisteredPaper[] {
  return entries
    .filter(({ type }) => type === ('letter.signed_on_paper' satisfies EntryType))
    .map(({ seq, body }) => {
      const { letter, scan } = body as unknown as LetterSignedOnPaper;
      return { seq, letter, scan };
    });
}
