/**
 * A log goes on under another origin and other keys: from which tree, by whose word, and with which keys of the keeper. The old
 * origin never gets a second tree. Either its tail is lost, and no mirror has it (ADR 0028): what stood before waits to be
 * confirmed. Or it is moved, with nothing lost (ADR 0030): then all stands as it did.
 *
 * @module
 */
import { concat, parseBase64Url, utf8 } from '../bytes.ts';
import { encodeCanonical } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import { equalHash, type Hash, hashText, parseHashText } from '../hash.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { parseVkey, type VerifierKey } from '../note/key.ts';
import { parseNote } from '../note/note.ts';
import { RETENTION_CLASSES } from '../pack/law.ts';
import { hash, integer, list, nullable, oneOf, record, recordWith, type Shape, type ShapeOf, text } from '../shape.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { parseConsistencyProof, verifyConsistency } from '../tlog/consistency.ts';
import type { Entry } from '../tlog/entry.ts';
import { LOG_STREAM, parseStream, type StreamId } from '../tlog/stream.ts';
import { PROOF_HASHES_MAX } from '../tlog/subtree.ts';
import { parseSize, type TreeHead } from '../tlog/tree.ts';
import { CALL, opened, PARTY_KEYS_MAX, SIGNERS_MAX } from './call.ts';
import { asEpoch } from './epoch.ts';
import { type ErasureClass, KEYS_CLASS } from './erasure.ts';
import { issuingKeysOf } from './issuing-key.ts';
import { parseKeyText } from './key-text.ts';
import { epochOf, everyLogKeyOf, isLogKey, type LogState, logIn } from './log.ts';
import { logKeyInForce } from './log-key.ts';
import { lostKeysShape, openLost } from './lost-keys.ts';
import { keyEnded, operatorIn, type Party, partyIn, recoveryKeysOf, requireKeeper } from './party.ts';
import type { Rule, View } from './rule.ts';
import { judgeWitnessing, type WitnessTerms } from './witnessing.ts';

/** The first engine that knows of epochs: what was given in an earlier one is suspended. */
const ENGINE_WITH_EPOCHS = 3;
/** So many erasures of the lost tail fit into the entry. */
export const LOST_ERASURES_MAX = 256;
const LOST_NOTE_CHARS_MAX = 16_384;

const count = integer(0, Number.MAX_SAFE_INTEGER);
const stream: Shape<StreamId> = (value) => parseStream(value);
const CLASSES: readonly ErasureClass[] = [...RETENTION_CLASSES, KEYS_CLASS];
const erasure = record({
  stream,
  /** The last place of which parts are gone. */
  through: count,
  classes: list(oneOf(CLASSES), CLASSES.length),
});
/** What an entry of the lost tail erased, of entries that are left. */
export type LostErasure = ShapeOf<typeof erasure>;

const CONTINUED = {
  /** The vkey that the log had. */
  before: text(512),
  /** The tree that is left: this entry stands right behind it. */
  size: count,
  root: hash,
  /** The note of the newest checkpoint of the old name that anybody has, with its cosignatures. */
  lost: text(LOST_NOTE_CHARS_MAX),
  /** That the tree that is left is a beginning of the lost one; null: nobody could prove it any more. */
  proof: nullable(list(hash, PROOF_HASHES_MAX + 1)),
  /** The new vkey, and the new keys in base64url. This entry is signed by the issuing key that it names. */
  log_key: text(512),
  issuing_key: text(43),
  recovery_key: text(43),
  /** The keys of the keeper that count from here on, by their numbers; all its others end. */
  keeper_keys: list(integer(0, PARTY_KEYS_MAX - 1), PARTY_KEYS_MAX),
  engine: integer(1, 1_000_000),
  epoch: integer(0, 1_000_000),
  /** Erasures of the lost tail that were done again, since their entries are gone. */
  erasures: list(erasure, LOST_ERASURES_MAX),
  /** `moved`: nothing is lost; `lost` is the newest checkpoint, of the tree that goes on. */
  reason: oneOf(['tail_lost', 'moved']),
  /** Over {@link continuationBytes}, by the recovery key that counts. */
  recovery_signature: text(86),
  ...CALL,
} as const;
/** What leads to the key that signed what is lost, where what is left does not know it. */
const continuedInput = recordWith(CONTINUED, { lost_keys: lostKeysShape });
export type LogContinued = ShapeOf<typeof continuedInput>;
/** What the decision adds. */
type Outcome = {
  /** The recovery key that signed, and is spent with it. */
  readonly recovery: string;
  /** The keeper's keys that end here. */
  readonly ended: readonly number[];
};

/** What the recovery key signs: all of the body but its signature, the call, and what the decision adds. */
export type Continuation = Omit<LogContinued, 'recovery_signature' | keyof typeof CALL>;

export const logContinued: Rule<LogContinued, LogState> = {
  auth: ['http-sig'],
  input: continuedInput,
  outcome: ['recovery', 'ended'],
  parts: {},
  needs: () => [],
  reads: () => [],
  decide(input, { view, stream: at }): Outcome {
    if (at !== LOG_STREAM) throw new Failure('entry_invalid', 'a log is continued in its own stream');
    requireKeeper(view, input);
    const log = opened(logIn(view));
    const keeper = opened(partyIn(view, log.keeper));
    requireNewName(input, log);
    requireNewKeys(input, view, { log, keeper });
    requireLost(input);
    const { engine, epoch } = standingAfter(log, input);
    if (input.engine !== engine) throw new Failure('entry_invalid', `engine: want ${engine}`);
    if (input.epoch !== epoch) throw new Failure('entry_invalid', `epoch: want ${epoch}`);
    requireKeeperKeys(input, keeper, log);
    const isEnded = (number: number) => keeper.keys[number]?.ended_at === null && !input.keeper_keys.includes(number);
    const ended = [...keeper.keys.keys()].filter(isEnded);
    if (input.reason === 'moved') refuseChanges(input, ended);
    return { recovery: recoveryKeysOf(view).at(-1) as string, ended };
  },
  evolve(state, { body, time }) {
    const { log_keys, ...log } = opened(state);
    const { log_key, issuing_key, recovery_key, engine, epoch, size } = body;
    const { recovery, ended } = body as unknown as Outcome;
    const issued = issuingKeysOf(log).map((key) => {
      const to = key.from !== null && key.to === null ? time : key.to;
      return { ...key, to, retired_at: key.retired_at ?? time };
    });
    return {
      ...log,
      ...{ log_key, issuing_key, recovery_key, engine },
      ...asEpoch(epoch),
      issuing_keys: [...issued, { key: issuing_key, from: time, to: null, retired_at: null }],
      origins: [
        ...(log.origins ?? []),
        {
          origin: parseVkey(log.log_key).name,
          ...{ log_key: log.log_key, to: size, at: time, lost: lostHead(body).size },
          ...{ recovery_key: recovery, ended },
          ...(log_keys === undefined ? {} : { log_keys }),
        },
      ],
    };
  },
};

/** The engine and the epoch that a log goes on with. */
export function standingAfter(
  log: LogState,
  { reason }: Pick<LogContinued, 'reason'>,
): { readonly engine: number; readonly epoch: number } {
  const epoch = epochOf(log);
  if (reason === 'moved') return { engine: log.engine, epoch };
  return { engine: Math.max(log.engine, ENGINE_WITH_EPOCHS), epoch: epoch + 1 };
}

/** A log that is moved takes nothing away: no key ends with it, and nothing was erased in what is lost. */
function refuseChanges({ erasures, proof, lost_keys }: LogContinued, ended: readonly number[]): void {
  if (ended.length > 0) throw new Failure('entry_invalid', 'keeper_keys: want all that count, as nothing is lost');
  if (erasures.length > 0) throw new Failure('entry_invalid', 'erasures: want none, as nothing is lost');
  if (lost_keys !== undefined) throw new Failure('entry_invalid', 'lost_keys: want none, as nothing is lost');
  if (proof?.length !== 0) throw new Failure('entry_invalid', 'proof: want an empty one, as nothing is lost');
}

/** Another name and another key: the old ones never get a second tree. */
function requireNewName({ before, log_key }: LogContinued, log: LogState): void {
  if (before !== logKeyInForce(log).vkey) {
    throw new Failure('entry_invalid', 'before: want the vkey of this log, the one in force');
  }
  const { name, publicKey } = readAs('key_invalid', 'log_key: want a vkey', () => parseVkey(log_key));
  const isKnown = everyLogKeyOf(log)
    .map(({ vkey }) => parseVkey(vkey))
    .some((each) => each.name === name || equalKey(each, publicKey));
  if (isKnown) throw new Failure('already_there', 'log_key: the log has this name or this key, or had it');
}

function equalKey(vkey: VerifierKey, key: VerifierKey['publicKey']): boolean {
  return vkey.publicKey.every((byte, at) => byte === key[at]);
}

function requireNewKeys(
  { log_key, issuing_key, recovery_key }: LogContinued,
  view: View,
  { log, keeper }: { readonly log: LogState; readonly keeper: Party },
): void {
  const used = [...recoveryKeysOf(view), ...[...issuingKeysOf(log), ...keeper.keys].map(({ key }) => key)];
  const isNew = (key: string) => !used.includes(key) && !isLogKey(log, key) && !isLogKey({ ...log, log_key }, key);
  if (isNew(issuing_key) && isNew(recovery_key) && issuing_key !== recovery_key) return;
  throw new Failure('already_there', 'the ledger has one of these keys, or had it: make new ones');
}

/**
 * Of more than is left; of just that, where the log is moved. Verifies no signature.
 *
 * @throws {Failure} `checkpoint_invalid`
 */
function requireLost({ lost, before, size, root, reason }: LogContinued): void {
  const checkpoint = lostHead({ lost });
  if (checkpoint.origin !== parseVkey(before).name) {
    throw new Failure('checkpoint_invalid', 'the lost checkpoint is of another log');
  }
  if (reason === 'moved') {
    if (checkpoint.size === size && hashText(checkpoint.root) === root) return;
    throw new Failure(
      'checkpoint_invalid',
      `what goes on is not the tree of the checkpoint of ${checkpoint.size} entries`,
    );
  }
  if (checkpoint.size > size) return;
  throw new Failure('checkpoint_invalid', `nothing is lost: ${size} entries are left of ${checkpoint.size}`);
}

function lostHead({ lost }: Pick<LogContinued, 'lost'>) {
  return readAs('checkpoint_invalid', 'lost: want the note of a checkpoint', () =>
    parseCheckpoint(parseNote(lost).text),
  );
}

/** Those that count are there, each once, and two administrators among them, who sign. */
function requireKeeperKeys({ keeper_keys, by }: LogContinued, keeper: Party, log: LogState): void {
  const isOrdered = keeper_keys.every((number, at) => at === 0 || number > (keeper_keys[at - 1] as number));
  if (!isOrdered) throw new Failure('input_invalid', 'keeper_keys: want each once, in their order');
  for (const number of keeper_keys) {
    const key = keeper.keys[number];
    const ended = key === undefined ? 'the keeper has no such key' : keyEnded(keeper, key, log);
    if (ended !== undefined) throw new Failure('key_ended', `key ${number}: ${ended}`);
  }
  const operators = keeper_keys.map((number) => keeper.keys[number]?.operator ?? '');
  const admins = new Set(operators.filter((each) => operatorIn(keeper, each as never)?.duty === 'admin'));
  if (admins.size < SIGNERS_MAX) throw new Failure('limit_reached', 'the keeper keeps two administrators');
  requireNamedSigners({ keeper_keys, by });
}

function requireNamedSigners({ keeper_keys, by }: Pick<LogContinued, 'keeper_keys' | 'by'>): void {
  if (by.length === SIGNERS_MAX && by.every(({ key }) => keeper_keys.includes(key))) return;
  throw new Failure('key_ended', 'who signs signs with two keys that the recovery key names');
}

/** `"assent/continue/v1\n" || JCS(the body without the recovery key’s signature, the call, and what is decided)`. */
export function continuationBytes(said: Continuation): Uint8Array {
  return concat(utf8('assent/continue/v1\n'), encodeCanonical(said));
}

/** What of a body is signed. */
export function continuationOf(body: Continuation): Continuation {
  const { before, size, root, lost, proof, log_key, issuing_key, recovery_key } = body;
  const { keeper_keys, engine, epoch, erasures, reason, lost_keys } = body;
  return {
    ...{ before, size, root, lost, proof, log_key, issuing_key, recovery_key },
    ...{ keeper_keys, engine, epoch, erasures, reason },
    ...(lost_keys === undefined ? {} : { lost_keys }),
  };
}

/** How a log was continued, as every reader says it. */
export interface Continued {
  /** The vkeys before and after. */
  readonly before: string;
  readonly log_key: string;
  /** How many entries were left, and how many the newest known checkpoint of before had: as many, where nothing is lost. */
  readonly size: number;
  readonly lost: number;
  readonly time: number;
  /** Whether what is left is proven to be a beginning of what was lost. */
  readonly proven: boolean;
  /** Whether the quorum of the reader's policy had cosigned the lost checkpoint; null: no policy was given. */
  readonly witnessed: boolean | null;
  /** The recovery key that signed is one that only the keeper's own stream names: its signature holds, and whose it is, is not shown. */
  readonly attested?: true;
}

/** What a reader has besides the entry. */
export interface ContinuationTerms {
  /** The reader's own policy. How old its cosignatures are is nothing to ask here. */
  readonly terms?: WitnessTerms | undefined;
  /** The index of the entry, and the root of the tree before it, where the reader has computed them. */
  readonly index?: number;
  readonly root?: Hash;
}

/**
 * Judges an entry `log.continued`, for audit, monitor and offline verifier alike: both trees, the lost checkpoint under the
 * old key or one that it leads to, the proof if there is one, the recovery key's signature, and that who signed signs with two of the keys that it
 * names. That it may stand there at all, the rule says.
 *
 * @throws {Failure} `checkpoint_invalid`, `signature_invalid`, `note_invalid`, if the lost checkpoint is none of the old log's
 *   own, or nothing was lost; `proof_invalid`, if the trees are others; `key_ended`, `key_invalid`, `signature_invalid`, if
 *   it is not signed for.
 */
export async function judgeContinued(
  ed25519: Ed25519,
  { body: said }: Pick<Entry, 'body'>,
  { terms, index, root }: ContinuationTerms = {},
): Promise<Omit<Continued, 'time'>> {
  const body = said as unknown as LogContinued & Outcome;
  const { before, log_key, size } = body;
  if (index !== undefined && index !== size) {
    throw new Failure('proof_invalid', `it says that ${size} entries were left, and stands behind ${index}`);
  }
  if (root !== undefined && !equalHash(root, parseHashText(body.root))) {
    throw new Failure('proof_invalid', 'the tree that it says was left is not this log’s');
  }
  requireLost(body);
  const lost = await openLost(body, ed25519);
  if (body.proof !== null) {
    const left: TreeHead = { size: parseSize(size), root: parseHashText(body.root) };
    verifyConsistency(parseConsistencyProof(body.proof.map(parseHashText)), left, lost);
  }
  requireNamedSigners(body);
  await verifyContinuation(ed25519, body.recovery, body, body.recovery_signature);
  const witnessed = terms && (await judgeWitnessing(body.lost, { ...terms, ageMax: undefined }, ed25519));
  return {
    ...{ before, log_key, size, lost: lost.size, proven: body.proof !== null },
    witnessed: witnessed === undefined ? null : witnessed.quorum === 'met',
  };
}

/** @throws {Failure} `signature_invalid`, `key_invalid`, unless the recovery key signed for just this. */
async function verifyContinuation(ed25519: Ed25519, recovery: string, said: Continuation, signature: string) {
  const signed = readAs('key_invalid', 'recovery_signature: want base64url', () => parseBase64Url(signature));
  if (await ed25519.verify(parseKeyText(recovery), continuationBytes(continuationOf(said)), signed)) return;
  throw new Failure('signature_invalid', 'the recovery key did not sign for just this');
}

/** How a log was continued, by its own entries, in their order. @throws {Failure} as {@link judgeContinued} */
export async function judgeContinuations(
  ed25519: Ed25519,
  entries: readonly Entry[],
  foldBefore: (entries: readonly Entry[]) => LogState,
  terms?: WitnessTerms,
): Promise<readonly Continued[]> {
  const judged: Continued[] = [];
  for (const [at, entry] of entries.entries()) {
    if (entry.type !== 'log.continued') continue;
    const isNamed = requireFits(foldBefore(entries.slice(0, at)), entry.body as unknown as LogContinued & Outcome);
    const found = await judgeContinued(ed25519, entry, { terms });
    judged.push({ ...found, time: entry.time, ...(isNamed ? {} : { attested: true }) });
  }
  return judged;
}

/**
 * What the rule asks of the log itself, for a reader who has no more than its own stream. Answers whether the recovery key that
 * signed is the one that this stream names: a recovery of the keeper names another one in the keeper's.
 *
 * @throws {Failure} `entry_invalid`, `already_there`, `key_invalid`
 */
function requireFits(log: LogState, body: LogContinued & Outcome): boolean {
  requireNewName(body, log);
  const { engine, epoch } = standingAfter(log, body);
  if (body.engine !== engine || body.epoch !== epoch) {
    throw new Failure('entry_invalid', `engine and epoch: want ${engine} and ${epoch}, as the log goes on with`);
  }
  if (body.reason === 'moved') refuseChanges(body, body.ended);
  return body.recovery === log.recovery_key;
}
