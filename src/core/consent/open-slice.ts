/**
 * What a receipt shows of the log, opened: slices of streams under one checkpoint, single entries, and parts of their
 * payloads.
 *
 * @module
 */
import { equalBytes, parseBase64Url, utf8 } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { type Hash, hashLeaf, parseHashText } from '../hash.ts';
import { inOrder } from '../in-order.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { PublicKey } from '../note/key.ts';
import { type StreamHead, verifyLink } from '../tlog/chain.ts';
import type { VerifiedCheckpoint } from '../tlog/checkpoint.ts';
import { type Entry, entrySigningBytes, parseEntry } from '../tlog/entry.ts';
import { verifyInclusion } from '../tlog/inclusion.ts';
import { commitTo, openPart } from '../tlog/payload.ts';
import { parseTlogProof } from '../tlog/proof.ts';
import type { StreamId } from '../tlog/stream.ts';
import { verifyEntryProofs } from './entry-proofs.ts';
import { issuingKeysAt } from './issuing-key.ts';
import type { LogState } from './log.ts';
import { type OriginSpan, requireOrigins } from './origins.ts';
import type { OpenedParts, Slice } from './receipt.ts';
import { commandOf, partsOf } from './rules.ts';
import type { Opened } from './signed-statement.ts';

export interface OpenedSlice {
  readonly stream: StreamId;
  readonly entries: readonly Entry[];
  readonly leaves: readonly Hash[];
  /** The index of its last entry. */
  readonly index: number;
}

/**
 * Chain and tree together: every entry follows the one before, from seq 0, and the last one is in the tree.
 *
 * @param origins all names of the log, by its own state.
 * @throws {Failure} `receipt_invalid`, `entry_invalid`, `proof_invalid`
 */
export function openSlice(slice: Slice, origins: readonly OriginSpan[], checkpoint: VerifiedCheckpoint): OpenedSlice {
  const entries: Entry[] = [];
  const leaves: Hash[] = [];
  let head: StreamHead | undefined;
  for (const text of slice.entries) {
    const bytes = utf8(text);
    const entry = parseEntry(bytes);
    if (entry.stream !== slice.stream) {
      throw new Failure('receipt_invalid', `an entry in the slice of ${slice.stream} belongs elsewhere`);
    }
    if (entry.time < (entries.at(-1)?.time ?? 0)) {
      throw new Failure('receipt_invalid', `${slice.stream} seq ${entry.seq} is dated before the entry before it`);
    }
    const leaf = hashLeaf(bytes);
    head = verifyLink(head, entry, leaf);
    entries.push(entry);
    leaves.push(leaf);
  }
  if (head === undefined) throw new Failure('receipt_invalid', `the slice of ${slice.stream} is empty`);
  const { index, proof } = parseTlogProof(slice.proof);
  requireOrigins(origins, entries, index);
  verifyInclusion(proof, index, head.leaf, checkpoint);
  return { stream: slice.stream, entries, leaves, index };
}

/**
 * Verifies that every entry of a slice was signed by the issuing key of its time, and every key that the slice adds by
 * itself. Where one key took over from another within a millisecond, none comes back along the slice.
 *
 * @throws {Failure} `receipt_invalid`, `signature_invalid`
 */
export async function verifySliceSignatures(
  ed25519: Ed25519,
  log: LogState,
  { signatures }: Slice,
  { stream, entries, leaves }: Pick<OpenedSlice, 'stream' | 'entries' | 'leaves'>,
): Promise<void> {
  if (signatures.length !== leaves.length) {
    throw new Failure('receipt_invalid', `${signatures.length} signatures for ${leaves.length} entries`);
  }
  const keysOf = entries.map(({ time }) => issuingKeysAt(log, time));
  // All are started before one is awaited: a runtime with threads to spare verifies them side by side.
  const signed = await inOrder(
    entries.map(async (entry, at) => {
      const said = { leaf: leaves[at] as Hash, signature: signatures[at] as string };
      const good = await verifiedBy(ed25519, keysOf[at] as readonly PublicKey[], said);
      await verifyEntryProofs(ed25519, entry);
      return good;
    }),
  );
  let last: PublicKey | undefined;
  for (const [at, good] of signed.entries()) {
    const keys = keysOf[at] as readonly PublicKey[];
    const from = keys.findIndex((key) => last !== undefined && equalBytes(key, last));
    last = keys.find((_key, place) => place >= from && good[place]);
    if (last === undefined) {
      throw new Failure('signature_invalid', `${stream} seq ${at} is not signed by the issuing key of its time`);
    }
  }
}

/** An entry's leaf, and what the ledger signed over it, base64url. */
interface SignedLeaf {
  readonly leaf: Hash;
  readonly signature: string;
}

/** Which of some keys signed an entry, or undefined. */
export async function signerOf(
  ed25519: Ed25519,
  keys: readonly PublicKey[],
  signed: SignedLeaf,
): Promise<PublicKey | undefined> {
  const good = await verifiedBy(ed25519, keys, signed);
  return keys.find((_key, place) => good[place]);
}

/** Of each key, whether it signed an entry. */
async function verifiedBy(
  ed25519: Ed25519,
  keys: readonly PublicKey[],
  { leaf, signature }: SignedLeaf,
): Promise<readonly boolean[]> {
  const bytes = parseBase64Url(signature);
  return Promise.all(keys.map((key) => ed25519.verify(key, entrySigningBytes(leaf), bytes)));
}

/**
 * Opens parts of an entry's payload, each against the digest that the entry committed to.
 *
 * @throws {Failure} `commitment_invalid`
 */
export function openPayload(entry: Entry, { digests, parts }: OpenedParts, what: string): Opened {
  const named = Object.fromEntries(Object.entries(digests).map(([name, digest]) => [name, parseHashText(digest)]));
  if (entry.commit === null || !equalBytes(commitTo(named), entry.commit)) {
    throw new Failure('commitment_invalid', `${what} did not commit to these parts`);
  }
  const known = partsOf(commandOf(entry).type);
  if (!Object.keys(named).every((name) => Object.hasOwn(known, name))) {
    throw new Failure('commitment_invalid', `${what} commits to a part that its type has not`);
  }
  return Object.fromEntries(
    Object.entries(parts).map(([name, { salt, value }]) => {
      const digest = Object.hasOwn(named, name) ? named[name] : undefined;
      if (digest === undefined) throw new Failure('commitment_invalid', `${what} has no such part`);
      return [name, openPart(name, { salt: parseHashText(salt), value }, digest)];
    }),
  );
}
