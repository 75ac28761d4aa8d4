/**
 * Witnesses of this ledger: once a checkpoint is signed they are asked to cosign it, all at the same time, one request in
 * flight each. When the policy's quorum has, the checkpoint is stored with their cosignatures, and that is what readers are
 * served (design §7). Writes never wait for a witness: an entry is promised by the issuing key. But a witness that has seen
 * more than was ever signed here, or another tree, stops the ledger: it was rolled back, or it forked.
 *
 * @module
 */
import { canonicalText } from '#core/canonical.ts';
import { Failure } from '#core/failure.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import { type CosignerKey, formatCosignerVkey } from '#core/note/key.ts';
import { formatNote, type NoteSignature, parseNote } from '#core/note/note.ts';
import { judgeQuorum, type PolicyWitness, type WitnessPolicy } from '#core/tlog/policy.ts';
import { parseSize, type Size } from '#core/tlog/tree.ts';
import type { CheckpointRow } from '#store/checkpoints.ts';
import type { Store } from '#store/store.ts';
import { insertWitnessed, loadNewestWitnessed } from '#store/witnessed.ts';
import { askWitness, type CallWitness, type Means, type WitnessOutcome } from './ask-witness.ts';
import type { Log } from './log.ts';
import { proveConsistency } from './tree.ts';
import { type EvidenceShelf, fencing, type WitnessEvidence } from './witness-evidence.ts';

/** What a ledger needs to be witnessed; the roof passes it in. */
export interface WitnessSettings {
  readonly policy: WitnessPolicy;
  readonly call: CallWitness;
  readonly shelf: EvidenceShelf;
  readonly ed25519: Ed25519;
  readonly random: (bytes: number) => Uint8Array;
  /** Where a witness shows the checkpoint that it cosigned last. */
  readonly shownAt: (url: string) => string;
  /** How often they are asked at most. */
  readonly everyMs?: number;
  readonly answerWaitMs?: number;
  /** How long the first round may take that a start waits for. */
  readonly startWaitMs?: number;
  readonly backOffMsMin?: number;
}

export interface WitnessesContext extends WitnessSettings {
  readonly store: Store;
  readonly clock: () => number;
  readonly log: Log;
  /** The size of the largest tree that the signer has signed. */
  readonly signedSize: () => Size;
  /** Told when a witness contradicts this ledger: from then on nothing may be signed or written. */
  readonly onContradicted: (failure: Failure) => void;
}

export interface Witnesses {
  /** Says that a checkpoint is signed and stored. */
  signed(row: CheckpointRow): void;
  /** Asks about a checkpoint that was signed before this start, and waits for the answers, not for long. */
  ask(row: CheckpointRow): Promise<void>;
  close(): Promise<void>;
}

const EVERY_MS = 1_000;
const ANSWER_WAIT_MS = 10_000;
const START_WAIT_MS = 5_000;
const BACK_OFF_MS_MIN = 1_000;
const BACK_OFF_MS_MAX = 300_000;
/** Who refuses waits longest at once: nothing will change before its operator or ours does something. */
const REFUSED_ATTEMPTS = 30;
/** What is kept of an answer as evidence. */
const ANSWER_LENGTH_MAX = 4_096;

/** A witness that is asked, and what is known of it. */
interface Contact {
  readonly witness: PolicyWitness;
  readonly url: string;
  /** The size that it cosigned last, as far as this process knows. */
  at: Size;
  attempts: number;
  /** Not asked again before. */
  nextAt: number;
  /** While it is asked. */
  asked: Promise<void> | undefined;
}

/** A checkpoint for which cosignatures are collected. */
interface Collection {
  readonly row: CheckpointRow;
  readonly lines: Map<CosignerKey, NoteSignature>;
}

export function openWitnesses(context: WitnessesContext): Witnesses {
  const { store, log, everyMs = EVERY_MS, startWaitMs = START_WAIT_MS } = context;
  const asking: Asking = {
    context,
    contacts: contactsOf(context.policy),
    closing: new AbortController(),
    newest: undefined,
    current: undefined,
    witnessedSize: 0,
    isContradicted: false,
  };
  const { contacts, closing } = asking;
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    while (isDue(asking)) {
      await askRound(asking);
      await sleep(everyMs, closing.signal);
    }
  }

  function wake(): void {
    if (working !== undefined || !isDue(asking)) return;
    working = work()
      .catch((thrown) => log.warn('witnesses_failed', thrown))
      .finally(() => {
        working = undefined;
        wake();
      });
  }

  return {
    signed(row) {
      asking.newest = row;
      wake();
    },
    async ask(row) {
      asking.newest = row;
      // The quorum is not enough here: whoever answers in time is heard, before anything is signed on.
      const all = askRound(asking).then(() => Promise.all(contacts.map((contact) => contact.asked)));
      await Promise.race([all, sleep(startWaitMs, closing.signal)]);
      const witnessed = await store.read(loadNewestWitnessed);
      asking.witnessedSize = Math.max(asking.witnessedSize, witnessed?.size ?? 0);
      wake();
    },
    async close() {
      closing.abort();
      await working;
      await Promise.all(contacts.map((contact) => contact.asked));
    },
  };
}

/** All that changes while witnesses are asked. */
interface Asking {
  readonly context: WitnessesContext;
  readonly contacts: readonly Contact[];
  readonly closing: AbortController;
  newest: CheckpointRow | undefined;
  current: Collection | undefined;
  /** The size of the largest checkpoint that the quorum has cosigned. */
  witnessedSize: number;
  isContradicted: boolean;
}

function isDue({ closing, isContradicted, newest, witnessedSize }: Asking): boolean {
  return !closing.signal.aborted && !isContradicted && newest !== undefined && witnessedSize < newest.size;
}

/** Asks all that are free and due about the newest checkpoint, until the quorum is met or all have answered. */
async function askRound(asking: Asking): Promise<void> {
  const { newest, context, contacts, closing } = asking;
  if (newest === undefined) return;
  if (asking.current?.row.size !== newest.size) asking.current = { row: newest, lines: new Map() };
  const collection = asking.current;
  // What was cosigned while the database did not answer is stored as soon as it does.
  await storeIfMet(asking, collection).catch((thrown) => context.log.warn('witnessed_not_stored', thrown));
  const now = context.clock();
  const due = contacts.filter(
    ({ asked, nextAt, witness }) => asked === undefined && nextAt <= now && !collection.lines.has(witness.key),
  );
  for (const contact of due) {
    contact.asked = askOne(asking, contact, collection)
      .catch((thrown) => context.log.warn('witness_not_heard', thrown))
      .finally(() => {
        contact.asked = undefined;
      });
  }
  const isOver = () => asking.witnessedSize >= collection.row.size || closing.signal.aborted;
  for (let left = stillAsked(due); left.length > 0 && !isOver(); left = stillAsked(due)) await Promise.race(left);
}

function stillAsked(contacts: readonly Contact[]): readonly Promise<void>[] {
  return contacts.flatMap(({ asked }) => asked ?? []);
}

async function askOne(asking: Asking, contact: Contact, collection: Collection): Promise<void> {
  const { context, closing } = asking;
  const { row } = collection;
  const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(context.answerWaitMs ?? ANSWER_WAIT_MS)]);
  const question = {
    url: contact.url,
    key: contact.witness.key,
    size: parseSize(row.size),
    note: row.note,
    oldSize: contact.at,
    signedSize: context.signedSize(),
  };
  let outcome: WitnessOutcome;
  try {
    outcome = await askWitness(question, meansOf(context), signal);
  } catch (thrown) {
    if (!signal.aborted) context.log.warn('witness_unreachable', thrown);
    outcome = { kind: 'failed', why: signal.aborted ? 'no answer in time' : 'unreachable' };
  }
  if (!closing.signal.aborted) await hear(asking, contact, collection, outcome);
}

/** Takes what one witness said. */
async function hear(asking: Asking, contact: Contact, collection: Collection, outcome: WitnessOutcome): Promise<void> {
  const { context } = asking;
  const { log, clock } = context;
  const { row, lines } = collection;
  const { name, key } = contact.witness;
  switch (outcome.kind) {
    case 'ahead':
    case 'contradicted':
      return hearContradiction(asking, contact, row, outcome);
    case 'refused':
    case 'failed':
      contact.attempts = outcome.kind === 'refused' ? REFUSED_ATTEMPTS : contact.attempts + 1;
      contact.nextAt = clock() + backOffMs(context, contact.attempts);
      return log.warn(`witness_${outcome.kind}`, new Failure('not_published', `witness ${name}: ${outcome.why}`));
    case 'cosigned':
      if (outcome.forgot) {
        log.warn('witness_forgot', new Failure('not_published', `witness ${name} is at less than it has cosigned`));
      }
      contact.attempts = 0;
      contact.nextAt = 0;
      contact.at = parseSize(row.size);
      lines.set(key, outcome.line);
      return storeIfMet(asking, collection);
    default:
      return outcome satisfies never;
  }
}

/** Stores the checkpoint with its cosignatures, once the quorum's are there. */
async function storeIfMet(asking: Asking, { row, lines }: Collection): Promise<void> {
  const { policy, store } = asking.context;
  if (row.size <= asking.witnessedSize || !judgeQuorum(policy, [...lines.keys()]).met) return;
  await store.transaction((tx) => insertWitnessed(tx, { ...row, note: withLines(row.note, policy, lines) }));
  asking.witnessedSize = Math.max(asking.witnessedSize, row.size);
}

/** Keeps what the witness said, and stops the ledger. Two may contradict at once: the first one's word is kept. */
async function hearContradiction(
  asking: Asking,
  { witness, url }: Contact,
  row: CheckpointRow,
  outcome: WitnessOutcome & { readonly kind: 'ahead' | 'contradicted' },
): Promise<void> {
  const { context, closing } = asking;
  if (asking.isContradicted) return;
  asking.isContradicted = true;
  const evidence: WitnessEvidence = {
    format: 'assent/witness-evidence/v1',
    kind: outcome.kind,
    witness: witness.name,
    vkey: formatCosignerVkey(witness.key),
    at: Math.floor(context.clock()),
    checkpoint: row.note,
    their_size: outcome.kind === 'ahead' ? outcome.theirSize : outcome.oldSize,
    status: outcome.answer.status,
    answer: outcome.answer.body.slice(0, ANSWER_LENGTH_MAX) || null,
    their_checkpoint: null,
  };
  context.shelf.keep(canonicalText(evidence));
  context.onContradicted(fencing(evidence));
  const shown = await shownBy(context, url, closing.signal);
  if (shown !== null) context.shelf.keep(canonicalText({ ...evidence, their_checkpoint: shown }));
  closing.abort();
}

function contactsOf({ witnesses }: WitnessPolicy): readonly Contact[] {
  return witnesses.flatMap((witness) =>
    witness.url === undefined
      ? []
      : [{ witness, url: witness.url.replace(/\/+$/, ''), at: 0 as Size, attempts: 0, nextAt: 0, asked: undefined }],
  );
}

function meansOf({ call, store, ed25519, clock }: WitnessesContext): Means {
  const prove = (oldSize: Size, size: Size) => store.read((tx) => proveConsistency(tx, oldSize, size));
  return { call, prove, ed25519, clock };
}

/** The log's own signature first, then the witnesses' in the policy's order: the same set gives the same note. */
function withLines(note: string, { witnesses }: WitnessPolicy, lines: ReadonlyMap<CosignerKey, NoteSignature>): string {
  const { text, signatures } = parseNote(note);
  return formatNote({ text, signatures: [...signatures, ...witnesses.flatMap(({ key }) => lines.get(key) ?? [])] });
}

/** The checkpoint that a witness shows, or null: not every witness shows one. */
async function shownBy({ call, shownAt, answerWaitMs }: WitnessesContext, url: string, signal: AbortSignal) {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(answerWaitMs ?? ANSWER_WAIT_MS)]);
    const { status, body } = await call({ url: shownAt(url) }, limit);
    if (status !== 200) return null;
    parseNote(body);
    return body;
  } catch {
    return null;
  }
}

/** Twice as long each time, of which a random half: witnesses that failed together are not asked together again. */
function backOffMs({ random, backOffMsMin = BACK_OFF_MS_MIN }: WitnessesContext, attempts: number): number {
  const wait = Math.min(BACK_OFF_MS_MAX, backOffMsMin * 2 ** Math.min(attempts - 1, 30));
  const [byte = 0] = random(1);
  return Math.floor(wait * (0.5 + byte / 510));
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
