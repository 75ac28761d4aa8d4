/**
 * Errors as problem details (RFC 9457): the one place where a failure's code becomes a status and words for a caller.
 *
 * Public errors are bland, logs are rich: what may say how a check works, or how the server stands, is fixed text here.
 *
 * @module
 */
import type { Context as Call } from 'hono';
import { Failure, type FailureCode } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import { inputErrorsOf } from '#wire/input.ts';
import type { Problem } from '#wire/problem.ts';
import { answer, type Env, requestIdOf } from './answer.ts';

/** How one code looks from outside. */
export interface ProblemKind {
  readonly status: 400 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 422 | 500 | 503;
  readonly title: string;
  /** What the caller does next. */
  readonly next: string;
  /** Fixed text in place of the failure's own. */
  readonly detail?: string;
  /** For 503: after how many seconds another try makes sense. */
  readonly retryAfter?: number;
}

const INTERNAL: ProblemKind = {
  status: 500,
  title: 'something is wrong on our side',
  next: 'Try again with the same Idempotency-Key; if it stays, give the keeper the request id.',
  detail: 'the server could not answer this request',
};

const SIGN_AGAIN = 'Take a fresh time, sign again, and send it within 5 minutes.';
const READ_THE_DOCS = 'Compare the request with the description at /docs.';
const COMPARE_ID = 'Compare the id with the one that the ledger answered; another’s is answered like an unknown one.';

/** Every code, and nothing else. */
export const PROBLEMS = {
  json_malformed: { status: 400, title: 'the body is not strict JSON', next: READ_THE_DOCS },
  input_invalid: { status: 400, title: 'the input is not as wanted', next: READ_THE_DOCS },
  too_large: { status: 413, title: 'the body is too large', next: 'Send less at once.' },

  host_unknown: {
    status: 421,
    title: 'this is not the host that was asked for',
    next: 'Use the address that the server printed at its start.',
  },
  idempotency_key_invalid: {
    status: 400,
    title: 'a write needs one Idempotency-Key',
    next: 'Make one random key for each write, and repeat the same key when you repeat the write.',
  },
  media_type: { status: 415, title: 'the body is not JSON', next: 'Send content-type: application/json, not encoded.' },
  method_not_allowed: { status: 405, title: 'there is no such method here', next: 'Use a method of the header allow.' },
  not_found: { status: 404, title: 'there is nothing here', next: 'See /docs for what there is.' },

  key_invalid: {
    status: 422,
    title: 'not a public key that is accepted',
    next: 'Make a new Ed25519 key and send its 32 bytes in base64url.',
    detail: 'want an Ed25519 public key: canonical, and of prime order',
  },
  signature_invalid: {
    status: 422,
    title: 'the signature does not verify',
    next: 'Sign exactly the bytes that /docs describes, for this log, with a key that is registered.',
    detail: 'the key did not sign exactly this',
  },

  access_unknown: { status: 404, title: 'no such access', next: COMPARE_ID },
  grant_unknown: {
    status: 404,
    title: 'no such grant',
    next: 'Read the letter: only clauses that were ticked became grants.',
  },
  index_unknown: { status: 404, title: 'no such entry or tree', next: 'See /checkpoint for the size of the tree.' },
  letter_unknown: { status: 404, title: 'no such letter', next: COMPARE_ID },
  party_unknown: { status: 404, title: 'no such party', next: 'Register the party first: POST /v1/parties.' },
  relationship_unknown: {
    status: 404,
    title: 'no such relationship',
    next: 'Enrol the subject for this party first: POST /v1/relationships.',
  },
  subject_key_unknown: {
    status: 422,
    title: 'the key is not bound to this subject',
    next: 'Bind it first: POST /v1/relationships/{handle}/keys.',
  },

  already_revoked: { status: 409, title: 'already taken back', next: 'Nothing: the grant is ended.' },
  grant_ended: { status: 409, title: 'the grant has ended by itself', next: 'Nothing: nothing is allowed under it.' },
  identification_missing: {
    status: 422,
    title: 'an identification is missing',
    next: 'Let an identity provider identify the person, and send its signature.',
  },
  already_signed: {
    status: 409,
    title: 'already signed',
    next: 'Read the letter; a new agreement is a new letter.',
  },
  already_there: { status: 409, title: 'already there', next: 'Nothing: what was to be added is there.' },
  letter_expired: { status: 409, title: 'the letter has expired', next: 'Draft a new letter.' },
  limit_reached: { status: 409, title: 'a limit is reached', next: 'See /docs for the limits.' },
  party_role: {
    status: 403,
    title: 'the party may not act in this role',
    next: 'Act as a party that is registered with this role.',
  },
  signed_ahead: { status: 422, title: 'signed in the future', next: `Set the device’s clock. ${SIGN_AGAIN}` },
  signed_before: { status: 422, title: 'signed before there was anything to sign', next: SIGN_AGAIN },

  idempotency_mismatch: {
    status: 409,
    title: 'the Idempotency-Key was used for another request',
    next: 'Make a new key for a new request.',
  },
  superseded: unavailable('others were writing the same', 1),

  clock_unsound: unavailable('the server’s clocks do not agree', 30),
  not_published: unavailable('no checkpoint covers this yet', 1),
  queue_full: unavailable('too many writes are waiting', 1),
  read_only: unavailable('the ledger takes no writes now; reads and proofs go on', 60),
  store_unavailable: unavailable('the database did not answer', 2),

  // What these say is about stored bytes, or about the server itself: never the caller's doing.
  canonical_invalid: INTERNAL,
  checkpoint_invalid: INTERNAL,
  commitment_invalid: INTERNAL,
  entry_invalid: INTERNAL,
  note_invalid: INTERNAL,
  proof_invalid: INTERNAL,
  receipt_invalid: INTERNAL,
  config_invalid: INTERNAL,
  data_in_use: INTERNAL,
  keys_missing: INTERNAL,
  signer_refused: INTERNAL,
} as const satisfies Readonly<Record<FailureCode, ProblemKind>>;

/** Codes that a caller can meet, for the documentation. */
export const PUBLIC_PROBLEMS: readonly (readonly [code: string, kind: ProblemKind])[] = [
  ...Object.entries(PROBLEMS).filter(([, kind]) => kind !== INTERNAL),
  ['internal', INTERNAL],
];

/** Answers with a problem. What is our fault is logged with its cause under the request's id. */
export function answerProblem(
  context: Context,
  call: Call<Env>,
  thrown: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const kind: ProblemKind = thrown instanceof Failure ? PROBLEMS[thrown.code] : INTERNAL;
  const requestId = requestIdOf(context, call);
  if (kind.status >= 500) context.log.warn(`request ${requestId} failed`, thrown);
  const code = thrown instanceof Failure && kind !== INTERNAL ? thrown.code : 'internal';
  const errors = thrown instanceof Failure && code === 'input_invalid' ? inputErrorsOf(thrown) : [];
  const problem: Problem = {
    type: `/docs#problem-${code}`,
    title: kind.title,
    status: kind.status,
    detail: kind.detail ?? (thrown as Failure).message,
    code,
    request_id: requestId,
    next: kind.next,
    ...(errors.length === 0 ? {} : { errors }),
  };
  return answer(context, call, {
    status: kind.status,
    body: JSON.stringify(problem),
    headers: {
      'content-type': 'application/problem+json',
      ...(kind.retryAfter === undefined ? {} : { 'retry-after': String(kind.retryAfter) }),
      ...headers,
    },
  });
}

/** Not now. It never means "allow", and the same key may be tried again. */
function unavailable(title: string, retryAfter: number) {
  return {
    status: 503,
    title,
    next: 'Try again with the same Idempotency-Key after the seconds of the header retry-after.',
    detail: title,
    retryAfter,
  } as const satisfies ProblemKind;
}
