/** Receipts of a paper ledger, signed with real keys: honest ones, and those that a keeper who turned would write. */
import { parseUtf8, toBase64Url, utf8 } from '#core/bytes.ts';
import { shownBeside } from '#core/consent/open-receipt.ts';
import {
  type AccessReceipt,
  formatReceipt,
  type LetterReceipt,
  type Opening,
  type Slice,
} from '#core/consent/receipt.ts';
import { commandOf, touches } from '#core/consent/rules.ts';
import type { Verdict } from '#core/consent/verdict.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import type { Hash } from '#core/hash.ts';
import type { LetterId, PartyId } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatVkey, type VerifierKey, verifierKey } from '#core/note/key.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { entrySigningBytes } from '#core/tlog/entry.ts';
import { parseInclusionProof } from '#core/tlog/inclusion.ts';
import { formatTlogProof } from '#core/tlog/proof.ts';
import { LOG_STREAM, partyStream, type StreamId } from '#core/tlog/stream.ts';
import { parseIndex, parseSize } from '#core/tlog/tree.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { naiveTree } from '../tlog/naive.ts';
import { type Line, LOG, type LogKeys, type Paper } from './paper-ledger.ts';

export interface Keys {
  readonly log: SigningKey;
  readonly issuing: SigningKey;
  readonly vkey: VerifierKey;
  /** What the log's first entry says of them. */
  readonly texts: LogKeys;
}

export async function keysOf(seed: number, name: string = LOG): Promise<Keys> {
  const [log, issuing, recovery] = (await Promise.all(
    [0, 1, 2].map((n) => nativeEd25519.importSeed(new Uint8Array(32).fill(seed + n))),
  )) as [SigningKey, SigningKey, SigningKey];
  const vkey = verifierKey(name, log.publicKey);
  const texts = {
    log_key: formatVkey(vkey),
    issuing_key: toBase64Url(issuing.publicKey),
    recovery_key: toBase64Url(recovery.publicKey),
  };
  return { log, issuing, vkey, texts };
}

export type Parts = Omit<AccessReceipt, 'v'>;
export type LetterParts = Omit<LetterReceipt, 'v'>;

export interface Asked {
  /** Size of the tree; by default all of it. */
  readonly size?: number;
  readonly opened?: readonly Opening[];
  /** The streams beside the access's own. */
  readonly others?: readonly StreamId[];
  /** Of a log that was continued: its keys of before. */
  readonly before?: Keys;
}

/** What else its decision read. What no rule knows, a keeper who turned would show with the log's keys and the party. */
function othersOf({ entry }: Line): readonly StreamId[] {
  try {
    return touches(commandOf(entry)).slice(1);
  } catch {
    return [LOG_STREAM, partyStream(entry.body['principal'] as PartyId)];
  }
}

/** The receipt of an access: its own stream up to it, and what else it read, all under one checkpoint. */
export async function receiptOf(paper: Paper, keys: Keys, access: Line, asked: Asked = {}): Promise<Parts> {
  const { body, stream, log } = access.entry;
  const size = asked.size ?? paper.lines.length;
  const tree = naiveTree(paper.lines.map((line) => line.leaf));
  const checkpoint = await signCheckpoint(
    { origin: keys.vkey.name, size: parseSize(size), root: tree.root(size) },
    keys.log,
  );
  const others = asked.others ?? othersOf(access);
  const keysOfLine = (line: Line) => (line.entry.log === keys.vkey.name ? keys : (asked.before ?? keys));
  const sliceOf = async (name: StreamId, indexMax = access.index): Promise<Slice> => {
    const lines = paper.lines.filter((line) => line.entry.stream === name && line.index <= indexMax);
    const { index } = lines.at(-1) as Line;
    const proof = parseInclusionProof(tree.inclusion(index, size));
    return {
      stream: name,
      entries: lines.map((line) => parseUtf8(line.bytes)),
      signatures: await Promise.all(lines.map((line) => signLeaf(keysOfLine(line), line.leaf))),
      proof: formatTlogProof({ index: parseIndex(index), proof, checkpoint }),
    };
  };
  const slices = await Promise.all([stream, ...others].map((name) => sliceOf(name)));
  const shown = { access: body['access'] as never, slices, opened: asked.opened ?? [] };
  if (asked.before === undefined) return { kind: 'access', log, ...shown };
  const { index } = paper.lines.findLast(({ entry }) => entry.type === 'log.continued') as Line;
  const later = index > access.index ? { continued: await sliceOf(LOG_STREAM, index) } : {};
  return { kind: 'access', log: keys.vkey.name, ...shown, ...later };
}

/** The receipt of the answer to a letter: the same, with the log's own stream where the decision read none. */
export async function letterReceiptOf(paper: Paper, keys: Keys, answer: Line, asked: Asked = {}): Promise<LetterParts> {
  const others = asked.others ?? shownBeside(answer.entry);
  const { kind: _kind, access: _access, ...shown } = await receiptOf(paper, keys, answer, { ...asked, others });
  return { kind: 'letter', letter: answer.entry.body['letter'] as LetterId, ...shown };
}

export async function signLeaf(keys: Keys, leaf: Hash): Promise<string> {
  return toBase64Url(await keys.issuing.sign(entrySigningBytes(leaf)));
}

export function fileOf(parts: Parts | LetterParts): Uint8Array<ArrayBuffer> {
  return utf8(formatReceipt(parts));
}

export function verdictOf(parts: Parts | LetterParts | Uint8Array, { vkey }: Pick<Keys, 'vkey'>): Promise<Verdict> {
  return verifyReceipt(parts instanceof Uint8Array ? parts : fileOf(parts), vkey, nativeEd25519);
}
