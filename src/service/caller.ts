/**
 * Who asks: an operator of a party, or a subject, told by the signature under the request (RFC 9421; design §8).
 *
 * @module
 */

import { utf8 } from '#core/bytes.ts';
import type { Signer } from '#core/consent/call.ts';
import { parseKeyBytes } from '#core/consent/key-text.ts';
import { epochOf, logIn } from '#core/consent/log.ts';
import {
  type Duty,
  entriesOfBefore,
  isMandated,
  keyEnded,
  keyNumber,
  type Mandated,
  operatorIn,
  type Party,
  type PartyKey,
  partyIn,
  requireSigning,
} from '#core/consent/party.ts';
import { boundKeyIn, personIn } from '#core/consent/person.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { hashText, sha256 } from '#core/hash.ts';
import type { Handle, PartyId, PersonId } from '#core/ids.ts';
import { acceptedPublicKey, type PublicKey } from '#core/note/key.ts';
import {
  type ReadSignature,
  readSignatures,
  SIGNATURE_AGE_MAX_MS,
  type SignedRequest,
  verifyBase,
} from '#core/request/signed-request.ts';
import { idOf, kindOf, LOG_STREAM, partyStream, personStream, type StreamId } from '#core/tlog/stream.ts';
import { loadStreams } from '#store/streams.ts';
import { loadPersonOf, loadSubjectKey } from '#store/subjects.ts';
import type { Context } from './context.ts';
import type { Remembered } from './party-memory.ts';
import { viewOf } from './view.ts';

/** What a door has read of a request. Nothing of it is believed yet. */
export interface Request {
  /** Empty in a read. */
  readonly idempotencyKey: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** SHA-256 of the body's bytes, base64url. */
  readonly contentDigest: string;
  /** Body and signatures; null where the request is not signed. */
  readonly signed: SignedRequest | null;
}

/** One or two operators of a party. */
export interface PartyCaller {
  readonly kind: 'party';
  readonly request: Request;
  readonly party: PartyId;
  readonly roles: Party['roles'];
  /** Of the operator that signed first. */
  readonly duty: Duty;
  readonly signers: readonly Signer[];
}

/** A subject, by a key that is bound to it. */
export interface SubjectCaller {
  readonly kind: 'subject';
  readonly request: Request;
  readonly handle: Handle;
  readonly person: PersonId;
  /** Where the key was bound. */
  readonly binding: { readonly stream: StreamId; readonly seq: number };
}

export type Caller = PartyCaller | SubjectCaller;

/** Who signed a request, also with a key that waits for the keeper since the log was continued. */
export interface Told {
  readonly caller: Caller;
  /** Undefined: each of its keys counts. */
  readonly waiting: Waiting | undefined;
}

interface Waiting {
  readonly failure: Failure;
  /** How many entries, from the first on, an auditor's key may be shown meanwhile; undefined: none. */
  readonly entries: number | undefined;
}

/**
 * Tells who signed a request.
 *
 * @throws {Failure} `signature_required`; `signature_malformed`, `digest_mismatch`; `signature_stale`; `signature_refused`,
 *   if the key is unknown or did not sign this; `key_ended`; `key_waiting`; `rate_limited`.
 */
export async function authenticate(context: Context, request: Request): Promise<Caller> {
  const { caller, waiting } = await tellCaller(context, request);
  if (waiting !== undefined) throw waiting.failure;
  return caller;
}

/** The same, also of keys that wait. @throws {Failure} as {@link authenticate}, but `key_waiting` */
export async function tellCaller(context: Context, request: Request): Promise<Told> {
  const { signed } = request;
  if (signed === null || signed.signatures.length === 0) {
    throw new Failure('signature_required', 'the request is not signed');
  }
  const read = readSignatures(signed);
  const now = context.clock();
  for (const { created } of read) {
    if (Math.abs(now - created * 1_000) > SIGNATURE_AGE_MAX_MS) {
      throw new Failure('signature_stale', 'signed more than 5 minutes before or after the ledger’s time');
    }
  }
  const [first] = read as [ReadSignature];
  const { stream } = first.name;
  if (read.some(({ name }) => name.stream !== stream)) {
    throw new Failure('signature_malformed', 'two signatures are to be of one party');
  }
  if (kindOf(stream) === 'party') return authenticateParty(context, request, signed, read);
  if (read.length > 1) throw new Failure('signature_malformed', 'a subject signs once');
  return { caller: await authenticateSubject(context, request, signed, first), waiting: undefined };
}

async function authenticateParty(
  context: Context,
  request: Request,
  signed: SignedRequest,
  read: readonly ReadSignature[],
): Promise<Told> {
  const stream = (read[0] as ReadSignature).name.stream;
  const isWrite = request.idempotencyKey !== '';
  const keys = read.map(({ name }) => name.key);
  const known = await loadParty(context, stream, isWrite, keys);
  const found = keys.map((key) => known && keyNumber(known.party, key));
  if (known === undefined || found.includes(undefined)) throw refused();
  const { party } = known;
  const numbers = found as readonly number[];
  await Promise.all(
    numbers.map((number, at) =>
      verifySignature(context, signed, at, acceptedKey((party.keys[number] as PartyKey).key)),
    ),
  );
  const waiting = waitingOf(known, numbers);
  const caller = partyCaller(request, stream, party, numbers);
  for (const { party: id, operator } of caller.signers) context.limits.take(context.clock(), id, operator);
  return { caller, waiting };
}

/** @throws {Failure} `key_ended`, if one of the keys did. */
function waitingOf({ party, log }: Remembered, numbers: readonly number[]): Waiting | undefined {
  const keys = numbers.map((number) => party.keys[number] as PartyKey);
  let failure: Failure | undefined;
  for (const key of keys) {
    try {
      requireSigning(party, key, log);
    } catch (thrown) {
      if (!isFailure(thrown, 'key_waiting')) throw thrown;
      failure = thrown;
    }
  }
  if (failure === undefined) return undefined;
  const [entries, ...others] = keys.map((key) => log && entriesOfBefore(party, key, log));
  return { failure, entries: others.every((each) => each === entries) ? entries : undefined };
}

function partyCaller(request: Request, stream: StreamId, party: Party, keys: readonly number[]): PartyCaller {
  const id = idOf<PartyId>(stream);
  const signers = keys.map((key): Signer => ({ party: id, operator: (party.keys[key] as PartyKey).operator, key }));
  const duty = operatorIn(party, (signers[0] as Signer).operator)?.duty ?? 'admin';
  return { kind: 'party', request, party: id, roles: party.roles, duty, signers };
}

/**
 * Tells who signed a request that was taken earlier and kept. Whether its keys still count is asked under the lock; how
 * old it may be, and how often, is the caller's to say.
 *
 * @throws {Failure} `signature_refused`, if it is not what a party signed.
 */
export async function authenticateKept(context: Context, signed: SignedRequest): Promise<PartyCaller> {
  const read = readSignatures(signed);
  const [first] = read;
  const stream = first?.name.stream;
  if (first === undefined || stream === undefined || kindOf(stream) !== 'party') throw refused();
  const party = (await loadParty(context, stream, false, []))?.party;
  const numbers = read.map(({ name }) =>
    party !== undefined && name.stream === stream ? keyNumber(party, name.key) : undefined,
  );
  if (party === undefined || numbers.includes(undefined)) throw refused();
  await Promise.all(read.map(({ name }, at) => verifySignature(context, signed, at, acceptedKey(name.key))));
  const { method, path, idempotencyKey } = first.covered;
  const contentDigest = hashText(sha256(utf8(signed.body)));
  const request = { method, path, query: '', idempotencyKey: idempotencyKey ?? '', contentDigest, signed };
  return partyCaller(request, stream, party, numbers as readonly number[]);
}

/** A write is checked again under the lock, so it may start from memory; a read is not, and starts from the database. */
async function loadParty(
  { ledger, parties }: Context,
  stream: StreamId,
  isWrite: boolean,
  keys: readonly string[],
): Promise<Remembered | undefined> {
  const known = isWrite ? parties.get(stream) : undefined;
  if (known !== undefined && keys.every((key) => standsFor(known, key))) return known;
  const view = viewOf(await ledger.store.readOnce((tx) => loadStreams(tx, [LOG_STREAM, stream])));
  const party = partyIn(view, idOf(stream));
  if (party === undefined) return undefined;
  const read = { party, log: logIn(view) };
  parties.set(stream, read);
  return read;
}

function standsFor({ party, log }: Remembered, key: string): boolean {
  const number = keyNumber(party, key);
  return number !== undefined && keyEnded(party, party.keys[number] as PartyKey, log) === undefined;
}

async function authenticateSubject(
  context: Context,
  request: Request,
  signed: SignedRequest,
  { name }: ReadSignature,
): Promise<SubjectCaller> {
  const handle = idOf<Handle>(name.stream);
  const bytes = parseKeyBytes(name.key);
  const found = await context.ledger.store.read(async (tx) => {
    const person = await loadPersonOf(tx, handle);
    const seq = person && (await loadSubjectKey(tx, person, bytes));
    if (person === undefined || seq === undefined) throw refused();
    const stream = personStream(person);
    const counts = boundKeyIn(personIn(viewOf(await loadStreams(tx, [stream])), stream), seq) !== undefined;
    return { person, binding: { stream, seq }, counts };
  });
  const { person, binding, counts } = found;
  await verifySignature(context, signed, 0, acceptedPublicKey(bytes));
  // Said only to who holds it.
  if (!counts) throw new Failure('key_ended', 'this key is not bound to the subject any more');
  context.limits.take(context.clock(), person, person);
  return { kind: 'subject', request, handle, person, binding };
}

async function verifySignature({ ed25519 }: Context, signed: SignedRequest, at: number, key: PublicKey): Promise<void> {
  const each = signed.signatures[at] as SignedRequest['signatures'][number];
  if (!(await verifyBase(ed25519, key, each))) throw refused();
}

/** A key in a party's stream was judged when it entered. */
function acceptedKey(text: string): PublicKey {
  return acceptedPublicKey(parseKeyBytes(text));
}

/** Whether the key is unknown or did not sign this is one answer: it says nothing of who is registered. */
function refused(): Failure {
  return new Failure('signature_refused', 'the key is unknown, or did not sign exactly this request');
}

/** @throws {Failure} `principal_mismatch`, if a subject or another party acts for it. */
export function requirePartyCaller(caller: Caller, principal?: PartyId): PartyCaller {
  if (caller.kind === 'party' && (principal === undefined || caller.party === principal)) return caller;
  throw new Failure('principal_mismatch', 'sign with a key of the party that this is done for');
}

/**
 * Who acts for a party: an operator of its own, or a processor with its mandate for such an act, which is looked at again
 * under the lock.
 *
 * @throws {Failure} `principal_mismatch`
 */
export async function requireActingCaller(
  context: Context,
  caller: Caller,
  principal: PartyId,
  act: Mandated,
): Promise<PartyCaller> {
  if (caller.kind !== 'party' || caller.party === principal) return requirePartyCaller(caller, principal);
  const known = await loadParty(context, partyStream(caller.party), false, []);
  // A repeat under a known key is answered without being decided again: so a mandate that ended ends here, too.
  const at = { now: context.clock(), epoch: epochOf(known?.log ?? {}) };
  const isActing = known !== undefined && isMandated(known.party, principal, act, at);
  return isActing ? caller : requirePartyCaller(caller, principal);
}
