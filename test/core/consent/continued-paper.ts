/** A paper ledger whose tail is lost, and that goes on under another name: the keys, and what two of the keeper sign. */
import { toBase64Url } from '#core/bytes.ts';
import {
  type Continuation,
  continuationBytes,
  continuationOf,
  type LogContinued,
} from '#core/consent/log-continued.ts';
import type { Command } from '#core/consent/rules.ts';
import { hashText } from '#core/hash.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { parseSize } from '#core/tlog/tree.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { naiveTree } from '../tlog/naive.ts';
import { calledByKeeper, LOG, type Paper } from './paper-ledger.ts';
import { type Keys, keysOf } from './paper-receipt.ts';

export const NEW_LOG = 'paper.assent.example/log-2';

export interface Two {
  readonly old: Keys;
  readonly next: Keys;
  readonly recovery: SigningKey;
}

/** The keys before and after, and the recovery key that entry 0 names. */
export async function twoKeys(): Promise<Two> {
  const recovery = await nativeEd25519.importSeed(new Uint8Array(32).fill(42));
  return { old: await keysOf(40), next: await keysOf(60, NEW_LOG), recovery };
}

/** The checkpoint of a tree that goes on from what is left by some leaves, as the old key signed it. */
export async function lostNote(paper: Paper, { old }: Pick<Two, 'old'>, more = 3): Promise<LostTree> {
  const leaves = paper.lines.map(({ leaf }) => leaf);
  const tail = Array.from({ length: more }, (_, at) => leaves[at] as (typeof leaves)[number]);
  const tree = naiveTree([...leaves, ...tail]);
  const size = leaves.length + more;
  const root = tree.root(size);
  const note = await signCheckpoint({ origin: LOG, size: parseSize(size), root }, old.log);
  return { note, proof: more === 0 ? [] : tree.consistency(leaves.length, size).map(hashText) };
}

/** The checkpoint of just what is there: nothing is lost. */
export const MOVED = { reason: 'moved', epoch: 0, engine: 3, proof: [] } as const;

export interface LostTree {
  readonly note: string;
  readonly proof: readonly string[];
}

export interface Changes {
  readonly said?: Partial<Continuation>;
  readonly call?: object;
  /** Who signs in the place of the recovery key. */
  readonly by?: SigningKey;
  /** What was changed after it was signed. */
  readonly after?: Partial<LogContinued>;
}

/** What continues a paper, signed by the recovery key. */
export async function continues(paper: Paper, keys: Two, changes: Changes = {}): Promise<Command> {
  const { said = {}, call = calledByKeeper(), by = keys.recovery, after = {} } = changes;
  const { note, proof } = await lostNote(paper, keys);
  const size = paper.lines.length;
  const all: Continuation = {
    before: keys.old.texts.log_key,
    size,
    root: hashText(naiveTree(paper.lines.map(({ leaf }) => leaf)).root(size)),
    lost: note,
    proof,
    ...keys.next.texts,
    keeper_keys: [0, 1],
    engine: 3,
    epoch: 1,
    erasures: [],
    reason: 'tail_lost',
    ...said,
  };
  const recovery_signature = toBase64Url(await by.sign(continuationBytes(continuationOf(all))));
  const input = { ...all, recovery_signature, ...call, ...after } as LogContinued;
  return { type: 'log.continued', stream: LOG_STREAM, input };
}
