/**
 * Sessions: a person signs in with a key of its own, a passkey as a rule, and is known by a random token until it signs out.
 *
 * What the key signs is the ledger's challenge, as a statement of its own (core/consent/statement.ts); it is kept, so that
 * whatever is done by the session carries it. A token that is unknown, old, ended, or of a key that ended is nobody's: all
 * of them look the same from outside.
 *
 * @module
 */
import { concat, equalBytes, parseBase64Url, parseUtf8, toBase64Url, utf8 } from '#core/bytes.ts';
import { canonicalText, encodeCanonical, type JsonObject, parseCanonical } from '#core/canonical.ts';
import { type BoundKey, boundKeyIn, personIn } from '#core/consent/person.ts';
import { SESSION_MS_MAX } from '#core/consent/session.ts';
import { verifySession } from '#core/consent/signature.ts';
import { sessionSigningBytes, sessionStatement } from '#core/consent/statement.ts';
import { acceptedSubjectKey, subjectKeyBytes } from '#core/consent/subject-key.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { type Hash, hashText, mac, sha256 } from '#core/hash.ts';
import type { Handle, PersonId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { personStream, type StreamId } from '#core/tlog/stream.ts';
import { loadCredential } from '#store/credentials.ts';
import type { Tx } from '#store/schema.ts';
import {
  endSessionRow,
  endSessionRowsOf,
  insertSession,
  loadSession,
  removeSessions,
  type SessionRow,
  touchSession,
} from '#store/sessions.ts';
import { loadStreams } from '#store/streams.ts';
import { loadPersonOf, loadSubjectKey } from '#store/subjects.ts';
import type { SubjectCaller } from './caller.ts';
import type { Context } from './context.ts';
import { unknownRelationship } from './scope.ts';
import { endedKey } from './statements.ts';
import { viewOf } from './view.ts';

/** How long a challenge can be answered. */
export const CHALLENGE_MS_MAX: number = 5 * 60 * 1000;
/** After so long without use a session is over. */
const SESSION_IDLE_MS_MAX = 30 * 60 * 1000;
/** Use is written down so often at most: each page would write else. */
const TOUCHED_EVERY_MS = 60 * 1000;

const NONCE_RANDOM_BYTES = 16;
const TOKEN_BYTES = 32;
/** A token in base64url. */
const TOKEN_PATTERN = /^[A-Za-z0-9_-]{43}$/;

export interface Challenge {
  readonly nonce: string;
  readonly started_at: Instant;
  /** Until when it can be answered, exclusive. */
  readonly expires_at: Instant;
  /** What is signed: `sessionSigningBytes` of this. */
  readonly statement: JsonObject;
  /** SHA-256 of those bytes, base64url: the challenge of a passkey. */
  readonly challenge: string;
}

/** Makes a challenge. Nothing is stored: its nonce shows by itself that it is ours, and when it was made. */
export function mintChallenge({ ledger, keys, clock, random }: Context): Challenge {
  const started_at = clock();
  const nonce = nonceOf(keys.session, random(NONCE_RANDOM_BYTES), started_at);
  const statement = sessionStatement({ log: ledger.origin, nonce, startedAt: started_at });
  return {
    nonce,
    started_at,
    expires_at: (started_at + CHALLENGE_MS_MAX) as Instant,
    statement,
    challenge: hashText(sha256(sessionSigningBytes(statement))),
  };
}

function nonceOf(key: Uint8Array, chosen: Uint8Array, startedAt: number): string {
  return toBase64Url(concat(chosen, mac(key, encodeCanonical([toBase64Url(chosen), startedAt]))));
}

/** Whether a challenge is ours, and can be answered now. */
function isFresh({ keys, clock }: Context, { nonce, started_at }: Pick<OpenSession, 'nonce' | 'started_at'>): boolean {
  const now = clock();
  if (now < started_at || now >= started_at + CHALLENGE_MS_MAX) return false;
  try {
    const chosen = parseBase64Url(nonce).subarray(0, NONCE_RANDOM_BYTES);
    return equalBytes(utf8(nonceOf(keys.session, chosen, started_at)), utf8(nonce));
  } catch (failure) {
    if (isFailure(failure, 'input_invalid')) return false;
    throw failure;
  }
}

/** By what a person is found who signs in: a passkey by its credential; any key of one who knows a relationship of its own. */
export type SignerName =
  | {
      /** Base64url. */
      readonly credential: string;
    }
  | { readonly handle: Handle; readonly key: string };

export interface OpenSession {
  readonly signer: SignerName;
  readonly nonce: string;
  readonly started_at: Instant;
  /** Over the challenge's statement. */
  readonly signature: string;
}

/** Who is signed in, as far as this very moment. */
export interface PersonSession {
  /** SHA-256 of the token: names the session to this server, and to nobody else. */
  readonly id: Hash;
  readonly person: PersonId;
  /** Where the key that signed was bound. */
  readonly binding: { readonly stream: StreamId; readonly seq: number };
  /** The statement that opened it, and its signature: the evidence of what is done by it. */
  readonly statement: JsonObject;
  readonly signature: string;
  readonly started_at: Instant;
  /** At the latest, exclusive. */
  readonly ends_at: Instant;
}

export interface OpenedSession {
  /** Known to the person's browser alone: 256 random bits. */
  readonly token: string;
  readonly session: PersonSession;
}

/**
 * Signs a person in.
 *
 * @throws {Failure} `challenge_stale`, if it is none of ours, is too old, or was answered before; `signature_refused`, if
 *   the key is unknown or did not sign it; `key_ended`; `identification_missing`, of a key that rests on a link; `rate_limited`
 */
export async function openSession(context: Context, input: OpenSession): Promise<OpenedSession> {
  const { ledger, clock, random, limits } = context;
  if (!isFresh(context, input)) throw staleChallenge();
  const found = await ledger.store.read((tx) => loadSigner(tx, input.signer));
  if (found === undefined) throw refused();
  const { person, seq } = found;
  const statement = sessionStatement({ log: ledger.origin, nonce: input.nonce, startedAt: input.started_at });
  await requireSigned(context, { session: statement, key: acceptedSubjectKey(found.key), signature: input.signature });
  // Said only to who holds it.
  if (found.bound === undefined) throw endedKey();
  // Whoever has the link of a letter, and that is its lender too, may be anybody: a session shows all that the person has.
  if (found.bound.identified_by === null) {
    throw new Failure('identification_missing', 'nobody was identified for this key: it opens no session');
  }
  const now = clock();
  limits.take(now, person, person);
  const token = toBase64Url(random(TOKEN_BYTES));
  const row: SessionRow = {
    token: digestToken(token),
    nonce: input.nonce,
    person,
    seq,
    statement: canonicalText(statement),
    signature: input.signature,
    started_at: input.started_at,
    last_used_at: now,
  };
  const isOpened = await ledger.store.transaction(async (tx) => {
    await removeSessions(tx, (now - 2 * SESSION_MS_MAX) as Instant);
    return insertSession(tx, row);
  });
  if (!isOpened) throw staleChallenge();
  return { token, session: sessionOf(row) };
}

async function requireSigned(context: Context, signed: Parameters<typeof verifySession>[1]): Promise<void> {
  try {
    await verifySession(context, signed);
  } catch (cause) {
    if (!isFailure(cause, 'signature_invalid')) throw cause;
    throw new Failure('signature_refused', 'the key is unknown, or did not sign exactly this', { cause });
  }
}

interface FoundSigner {
  readonly person: PersonId;
  /** Its text. */
  readonly key: string;
  readonly seq: number;
  /** Undefined: it ended. */
  readonly bound: BoundKey | undefined;
}

async function loadSigner(tx: Tx, name: SignerName): Promise<FoundSigner | undefined> {
  const named = 'credential' in name ? await loadNamed(tx, name.credential) : await loadOwn(tx, name);
  if (named === undefined) return undefined;
  const { person, key } = named;
  const seq = await loadSubjectKey(tx, person, subjectKeyBytes(key));
  if (seq === undefined) return undefined;
  return { person, key, seq, bound: await loadBound(tx, person, seq) };
}

/** Only passkeys have credentials, and their bytes are those of their text. */
async function loadNamed(tx: Tx, credential: string) {
  const found = await loadCredential(tx, parseBase64Url(credential));
  return found && { person: found.person, key: parseUtf8(found.public_key) };
}

async function loadOwn(tx: Tx, { handle, key }: { readonly handle: Handle; readonly key: string }) {
  const person = await loadPersonOf(tx, handle);
  return person === undefined ? undefined : { person, key };
}

/** The key that was bound there, while it counts. */
async function loadBound(tx: Tx, person: PersonId, seq: number): Promise<BoundKey | undefined> {
  const stream = personStream(person);
  return boundKeyIn(personIn(viewOf(await loadStreams(tx, [stream])), stream), seq);
}

/** Tells who is signed in, by what the browser sent; undefined: nobody. Being asked is use. */
export async function readSession(context: Context, token: string): Promise<PersonSession | undefined> {
  if (!TOKEN_PATTERN.test(token)) return undefined;
  const { store } = context.ledger;
  const now = context.clock();
  const row = await store.read(async (tx) => {
    const found = await loadSession(tx, digestToken(token));
    if (found === undefined || isOver(found, now)) return undefined;
    return (await loadBound(tx, found.person, found.seq)) === undefined ? undefined : found;
  });
  if (row === undefined) return undefined;
  if (now - row.last_used_at >= TOUCHED_EVERY_MS) await store.transaction((tx) => touchSession(tx, row.token, now));
  return sessionOf(row);
}

function isOver({ started_at, last_used_at }: SessionRow, now: Instant): boolean {
  return now - started_at >= SESSION_MS_MAX || now - last_used_at >= SESSION_IDLE_MS_MAX;
}

/** @throws {Failure} `session_required`, if nobody is signed in. */
export async function requireOpenSession(context: Context, token: string | undefined): Promise<PersonSession> {
  const session = token === undefined ? undefined : await readSession(context, token);
  if (session === undefined) throw new Failure('session_required', 'nobody is signed in');
  return session;
}

/** Signs out. Ending what has ended, or never was, is no failure. */
export async function endSession({ ledger, clock }: Context, token: string): Promise<void> {
  if (!TOKEN_PATTERN.test(token)) return;
  await ledger.store.transaction((tx) => endSessionRow(tx, digestToken(token), clock()));
}

/** Signs a person out everywhere. */
export async function endSessionsOf({ ledger, clock }: Context, person: PersonId): Promise<void> {
  await ledger.store.transaction((tx) => endSessionRowsOf(tx, person, clock()));
}

/**
 * Who is signed in, as the subject of one of its relationships, to read what is there. It signed no request, so nothing is
 * written by it.
 *
 * @throws {Failure} `relationship_unknown`, also of another's.
 */
export async function readingAs({ ledger }: Context, session: PersonSession, handle: Handle): Promise<SubjectCaller> {
  const { person, binding } = session;
  const owner = await ledger.store.readOnce((tx) => loadPersonOf(tx, handle));
  if (owner !== person) throw unknownRelationship();
  const request = { idempotencyKey: '', method: 'GET', path: '', query: '', contentDigest: '', signed: null };
  return { kind: 'subject', request, handle, person, binding };
}

function sessionOf({ token, person, seq, statement, signature, started_at }: SessionRow): PersonSession {
  return {
    id: token,
    person,
    binding: { stream: personStream(person), seq },
    statement: parseCanonical(utf8(statement)) as JsonObject,
    signature,
    started_at,
    ends_at: (started_at + SESSION_MS_MAX) as Instant,
  };
}

function digestToken(token: string): Hash {
  return sha256(utf8(token));
}

function staleChallenge(): Failure {
  return new Failure('challenge_stale', 'the challenge is unknown, too old, or was answered before');
}

function refused(): Failure {
  return new Failure('signature_refused', 'the key is unknown, or did not sign exactly this');
}
