/**
 * Opening a receipt, offline: all that it shows is verified here, of an access, a letter and an erasure by the same code. What it then
 * says stands in verify-receipt.ts.
 *
 * @module
 */
import type { JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { type Hash, hashText } from '../hash.ts';
import { inOrder } from '../in-order.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { formatVkey, parseVkey, type VerifierKey } from '../note/key.ts';
import type { Pack } from '../pack/pack.ts';
import type { StreamHead } from '../tlog/chain.ts';
import type { VerifiedCheckpoint } from '../tlog/checkpoint.ts';
import type { Entry } from '../tlog/entry.ts';
import { LOG_STREAM, type StreamId } from '../tlog/stream.ts';
import { type ShownParts, shownParts } from './disclose.ts';
import { ERASURES } from './erasure.ts';
import { readLogState } from './fold-log.ts';
import { LETTER_ANSWERS } from './letter-summary.ts';
import { type LogState, logIn } from './log.ts';
import { openContinued, type ShownLog } from './log-keys.ts';
import { type Erased, openErasure } from './open-erasure.ts';
import { type OpenedSlice, openPayload, openSlice, verifySliceSignatures } from './open-slice.ts';
import { type Named, originsOf, requirePlaces } from './origins.ts';
import type { Receipt, Slice } from './receipt.ts';
import { followReceipt, requireSameLog } from './receipt-log-keys.ts';
import { openPacks, requirePacks } from './receipt-packs.ts';
import type { View } from './rule.ts';
import { commandOf, decideAgain, evolve, touches } from './rules.ts';
import { type Shown, type VerifiedSignature, verifyEvidence } from './verify-evidence.ts';

export interface OpenedReceipt {
  readonly kind: Receipt['kind'];
  /** The slice that ends with what the receipt is of. */
  readonly own: OpenedSlice;
  /** What the receipt is of: the access, the answer to the letter, or the erasure. */
  readonly entry: Entry;
  readonly leaf: Hash;
  /** The ledger before that, as far as the receipt shows it. */
  readonly view: View;
  /** The packs that it carries: those that decided. */
  readonly packs: readonly Pack[];
  readonly checkpoint: VerifiedCheckpoint;
  /** The log keys that signed it, each reached from the trusted one, which may be among them. */
  readonly signers: readonly VerifierKey[];
  readonly parts: ShownParts;
  readonly signatures: readonly VerifiedSignature[];
  /** The entry by which payloads of its stream were erased; undefined: it shows none. */
  readonly erased: Erased | undefined;
  /** The log's own entries, as far as the receipt shows them. */
  readonly logEntries: readonly Entry[];
}

/** What signatures are verified with. Passkeys of ES256 are not, where there is no P-256. */
export type Crypto = Pick<Shown, 'ed25519' | 'p256'>;

/** @throws {Failure} why it does not hold. */
export async function openReceipt(receipt: Receipt, vkey: VerifierKey, crypto: Crypto): Promise<OpenedReceipt> {
  if (receipt.log !== vkey.name) {
    // The name in the file is attacker-controlled, and verdicts are printed on terminals: it is not repeated.
    throw new Failure('receipt_invalid', `the receipt is of another log than the trusted key's, ${vkey.name}`);
  }
  const found = await followReceipt(receipt, vkey, crypto.ed25519);
  const { checkpoint, signers } = found;
  const origins = originsOf(logAsShown(receipt, vkey));
  const slices = receipt.slices.map((slice) => openSlice(slice, origins, checkpoint));
  const own = slices[0] as OpenedSlice;
  const others = slices.slice(1);
  const entry = requireOwn(receipt, own);
  refuseOthers(others, entry);
  verifyOrder(own, others);
  const packs = openPacks(receipt);
  const view = foldSlices(own, others, packs);
  const { log, entries } = await openLog(receipt, { others, own, view, checkpoint, ed25519: crypto.ed25519 });
  requireSameLog(receipt, log, vkey, found);
  requirePacks(packs, logIn(view) as LogState, entry);
  await inOrder(
    slices.map((slice, place) => verifySliceSignatures(crypto.ed25519, log, receipt.slices[place] as Slice, slice)),
  );
  decideAgain(view, entry);
  const { evidence, erasure } = receipt;
  const shown = { origins, own, checkpoint, keys: log, ...crypto };
  const erased = erasure && (await openErasure(erasure, shown));
  const signatures = evidence === undefined ? [] : await verifyEvidence(shown, evidence);
  verifyOpenings(receipt, slices);
  const leaf = own.leaves.at(-1) as Hash;
  const all = [...packs.values()];
  const parts = shownParts(receipt);
  const kept = { own, entry, leaf, view, packs: all, checkpoint, signers, parts, signatures, erased };
  return { kind: receipt.kind, ...kept, logEntries: entries };
}

const OWN_TYPES: Readonly<Record<Receipt['kind'], readonly string[]>> = {
  access: ['access.decided', 'access.refused'],
  letter: Object.keys(LETTER_ANSWERS),
  erasure: ERASURES,
};

/** The first slice ends with what the receipt says that it is of. */
function requireOwn(receipt: Receipt, { entries, leaves }: OpenedSlice): Entry {
  const entry = entries.at(-1) as Entry;
  if (!OWN_TYPES[receipt.kind].includes(entry.type) || !isNamed(receipt, entry, leaves.at(-1) as Hash)) {
    throw new Failure('receipt_invalid', `the first slice does not end with the ${receipt.kind}`);
  }
  return entry;
}

/** An erasure has no id of its own. */
function isNamed(receipt: Receipt, { body }: Entry, leaf: Hash): boolean {
  if (receipt.kind === 'erasure') return receipt.leaf === hashText(leaf);
  return body[receipt.kind] === (receipt.kind === 'access' ? receipt.access : receipt.letter);
}

/**
 * The streams that a receipt shows beside its own: those that the decision read, and the log's, whose entries name the keys
 * that everything is signed by.
 */
export function shownBeside(entry: Entry): readonly StreamId[] {
  return [...new Set([...touches(commandOf(entry)).slice(1), LOG_STREAM])];
}

/** A receipt holds no other: what nothing checks would still be believed. */
function refuseOthers(others: readonly OpenedSlice[], entry: Entry): void {
  const needed: readonly string[] = shownBeside(entry);
  for (const { stream } of others) {
    if (!needed.includes(stream)) throw new Failure('receipt_invalid', 'a slice that the decision did not read');
  }
}

/** A decision saw only what came before it, and ledger time never goes back. */
function verifyOrder(own: OpenedSlice, others: readonly OpenedSlice[]): void {
  const last = own.entries.at(-1) as Entry;
  for (const { stream, index, entries } of others) {
    if (index >= own.index || (entries.at(-1) as Entry).time > last.time) {
      throw new Failure('receipt_invalid', `the slice of ${stream} ends after what the receipt is of`);
    }
  }
}

/**
 * The states of the slices' streams, the receipt's own as it was before its last entry. What was decided from a stream alone
 * (every signature and revocation) is decided again; what also read others as they were then, the audit decides again.
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
      if (touches(command).length === 1) decideAgain(aloneView(view, slice.stream), entry);
      const state = evolve(streams.get(slice.stream)?.state, command.type, entry);
      streams.set(slice.stream, { seq: entry.seq, leaf: slice.leaves[place] as Hash, state });
    }
  }
  return view;
}

/** A stream alone: what was decided from nothing else is not decided by what the log said later. */
function aloneView(view: View, own: StreamId): View {
  return {
    head: (stream) => (stream === own ? view.head(stream) : undefined),
    state: (stream) => (stream === own ? view.state(stream) : undefined),
  };
}

/** What the log's own entries say, not verified yet: its names are read first, since every slice is judged by them. */
function logAsShown({ continued, slices }: Receipt, vkey: VerifierKey): Named {
  const shown = continued ?? slices.find(({ stream }) => stream === LOG_STREAM);
  return shown === undefined ? { log_key: formatVkey(vkey) } : readLogState(shown.entries);
}

interface Opening {
  readonly others: readonly OpenedSlice[];
  readonly own: OpenedSlice;
  readonly view: View;
  readonly checkpoint: VerifiedCheckpoint;
  readonly ed25519: Ed25519;
}

/** The log with its present name: as it was before what the receipt is of, or as it went on later. */
async function openLog({ continued }: Receipt, { others, view, ...opening }: Opening): Promise<ShownLog> {
  const slice = others.find(({ stream }) => stream === LOG_STREAM);
  const log = logIn(view);
  if (slice === undefined || log === undefined) {
    throw new Failure('receipt_invalid', `the slice of ${LOG_STREAM} is missing`);
  }
  requirePlaces(slice.entries, slice.index);
  // The log as the decision saw it says the name that the decision's entry says.
  const { log: name } = opening.own.entries.at(-1) as Entry;
  if (parseVkey(log.log_key).name !== name) throw new Failure('receipt_invalid', 'it is of another name of the log');
  return continued === undefined ? { log, entries: slice.entries } : openContinued(continued, slice, opening);
}

/** Opens the parts that the receipt carries of the entries that slices end with. */
function verifyOpenings(receipt: Receipt, slices: readonly OpenedSlice[]): void {
  for (const { index, ...opened } of receipt.opened) {
    const entry = slices.find((each) => each.index === index)?.entries.at(-1);
    if (entry === undefined) throw new Failure('commitment_invalid', `entry ${index} did not commit to these parts`);
    openPayload(entry, opened, `entry ${index}`);
  }
}
