/**
 * Errors as problem details (RFC 9457): the one place where a failure's code becomes a status and words for a caller.
 *
 * Public errors are bland, logs are rich: what may say how a check works, or how the server stands, is fixed text here.
 *
 * @module
 */
import type { Context as Call } from 'hono';
import { Failure, type FailureCode } from '#core/failure.ts';
import { formatAcceptSignature } from '#core/request/signature-base.ts';
import { KeyWaiting } from '#service/auditors.ts';
import type { Context } from '#service/context.ts';
import { inputErrorsOf } from '#wire/input.ts';
import type { Problem } from '#wire/problem.ts';
import { type Answer, answer, type Env, requestIdOf } from './answer.ts';

/** How one code looks from outside. */
export interface ProblemKind {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 421 | 422 | 429 | 500 | 503;
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
const SIGN_REQUEST = 'Sign the request as /docs describes (RFC 9421); `npx assent sign` does it for curl.';
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

  cross_site: {
    status: 403,
    title: 'a form of another site',
    next: 'Open the page on this server, and send the form from there.',
  },
  signature_required: { status: 401, title: 'the request is not signed', next: SIGN_REQUEST },
  signature_malformed: { status: 400, title: 'the signature is not as wanted', next: SIGN_REQUEST },
  digest_mismatch: { status: 400, title: 'another body was signed', next: 'Sign the exact bytes that you send.' },
  signature_stale: {
    status: 401,
    title: 'signed at another time',
    next: 'Set the clock, sign again, and send it within 5 minutes.',
  },
  signature_refused: {
    status: 401,
    title: 'the signature is not taken',
    next: 'Sign with a key that is registered, over exactly this request, to the authority that the server is known by.',
    detail: 'the key is unknown, or did not sign exactly this request',
  },
  key_ended: {
    status: 401,
    title: 'the key signs no more',
    next: 'Sign with another key of the party or person, or add one.',
  },
  key_waiting: {
    status: 403,
    title: 'entries were lost since the key was registered: it waits for the keeper',
    next: 'Ask the keeper to continue the party with this key (`npx assent party continue`), then do this again. An auditor reads what there was before meanwhile: as many entries as `readable` says.',
  },
  challenge_stale: {
    status: 401,
    title: 'the challenge is not good any more',
    next: 'Sign in again: a challenge opens one session, within 5 minutes.',
  },
  session_required: {
    status: 401,
    title: 'nobody is signed in',
    next: 'Sign in again: a session ends by signing out, after 30 minutes without use, after 12 hours, and with its key.',
  },
  principal_mismatch: {
    status: 403,
    title: 'not for this party',
    next: 'Sign with a key of the party that this is done for.',
  },
  duty_missing: {
    status: 403,
    title: 'not this operator’s duty',
    next: 'Administrators manage keys; the party’s business is done by operators with the duty query.',
  },
  second_signature: {
    status: 403,
    title: 'two operators have to sign',
    next: 'Add the signature of a second operator, with the same duty, under a second label.',
  },
  rate_limited: {
    status: 429,
    title: 'too many requests',
    next: 'Try again with the same Idempotency-Key after the seconds of the header retry-after.',
    retryAfter: 1,
  },

  identifier_invalid: {
    status: 422,
    title: 'no document of this kind has such a number',
    next: 'Compare the number with the document, character by character, and send it again.',
  },
  key_invalid: {
    status: 422,
    title: 'not a public key that is accepted',
    next: 'Make a new Ed25519 key and send its 32 bytes in base64url; or, of a person, a passkey of ES256 or Ed25519.',
  },
  signature_invalid: {
    status: 422,
    title: 'the signature does not verify',
    next: 'Sign exactly the bytes that /docs describes, for this log, with a key that is registered.',
  },
  template_invalid: {
    status: 422,
    title: 'the letter can’t be made from its template',
    next: 'Add what the detail names, to the template or to the names, or change the grants; `npx assent letter lint` looks through a template.',
  },

  access_unknown: { status: 404, title: 'no such access', next: COMPARE_ID },
  erasure_unknown: { status: 404, title: 'no such erasure', next: COMPARE_ID },
  grant_unknown: {
    status: 404,
    title: 'no such grant',
    next: 'Read the letter: only clauses that were ticked became grants.',
  },
  candidate_unknown: {
    status: 422,
    title: 'not a candidate of this grant',
    next: 'Read the grant: a party of the `candidates` in its terms can be bound, and nobody else.',
  },
  index_unknown: { status: 404, title: 'no such entry or tree', next: 'See /checkpoint for the size of the tree.' },
  invitation_over: {
    status: 410,
    title: 'the link to add a device is over',
    next: 'Make a new one on the device that is there: /me/devices. One is good for one key, for 10 minutes.',
  },
  invitation_unknown: {
    status: 404,
    title: 'no such link to add a device',
    next: 'Make a new one on the device that is there: /me/devices. A new one ends the former.',
  },
  letter_unknown: { status: 404, title: 'no such letter', next: COMPARE_ID },
  job_unknown: { status: 404, title: 'no such job', next: COMPARE_ID },
  part_unknown: {
    status: 404,
    title: 'no such part',
    next: 'Read the job: it says how many parts it has, and which are there.',
  },
  operator_unknown: { status: 404, title: 'no such operator', next: 'Read the party: it lists its operators.' },
  statement_unknown: {
    status: 404,
    title: 'no such statement',
    next: 'Draft one of this kind first: POST /v1/statements.',
  },
  pack_unknown: {
    status: 404,
    title: 'no such pack',
    next: 'List the packs in force: GET /v1/packs.',
  },
  profile_unknown: {
    status: 404,
    title: 'no such profile',
    next: 'List the packs in force, with their profiles: GET /v1/packs.',
  },
  fact_unknown: {
    status: 404,
    title: 'no such fact',
    next: 'Read the relationship’s entries: they hold the ids of its facts.',
  },
  party_unknown: {
    status: 404,
    title: 'no such party',
    next: 'Let the keeper register the party first: POST /v1/parties.',
  },
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

  webhook_unknown: { status: 404, title: 'no such webhook', next: 'Read your webhooks: GET /v1/webhooks.' },

  access_settled: {
    status: 409,
    title: 'nothing to settle',
    next: 'Read the access: its permit lapsed, or it is settled.',
  },
  access_unredeemed: {
    status: 409,
    title: 'the permit was not redeemed',
    next: 'Redeem it before anything is handed over: POST /v1/accesses/{id}/redemption.',
  },
  already_revoked: { status: 409, title: 'already taken back', next: 'Nothing: the grant, or the key, is ended.' },
  grant_ended: { status: 409, title: 'the grant has ended by itself', next: 'Nothing: nothing is allowed under it.' },
  grant_suspended: {
    status: 409,
    title: 'entries were lost since the grant was given: it waits to be confirmed',
    next: 'Ask its subject to confirm the grant (`confirm`), then do this again.',
  },
  grade_low: {
    status: 403,
    title: 'the evidence is too weak to end this',
    next: 'Sign with a key of at least the grade that the hold, or the key, came with; grade D never ends one.',
  },
  engine_old: {
    status: 409,
    title: 'the ledger is at an older engine',
    next: 'Let the keeper raise it first: POST /v1/log/engine.',
  },
  issuing_key_absent: {
    status: 409,
    title: 'this server does not hold the key',
    next: 'Put the key’s file beside the ledger’s keys on every server, restart them, and try again (docs/keys.md).',
  },
  log_key_absent: {
    status: 409,
    title: 'this server does not hold the log key',
    next: 'Put the key’s file beside the ledger’s keys on every server, restart them, and try again (docs/keys.md).',
  },
  fact_ended: {
    status: 409,
    title: 'the fact has ended',
    next: 'Read the relationship’s entries: one of them ends it.',
  },
  view_over: {
    status: 409,
    title: 'this view is over',
    next: 'Ask again under a new Idempotency-Key: that is a view of its own.',
  },
  pack_needed: {
    status: 409,
    title: 'another pack needs it',
    next: 'Withdraw the pack that needs it first.',
  },
  hold_mismatch: {
    status: 409,
    title: 'the hold is not as this wants it',
    next: 'Read the grant: it says how it stands.',
  },
  key_suspended: {
    status: 403,
    title: 'entries were lost since the key was bound: it only takes away',
    next: 'Have its holder identified anew for it: bind it again by an identifier. Or sign with a key that was bound since.',
  },
  identifier_old: {
    status: 409,
    title: 'the subject is known by an old number only',
    next: 'Enrol the subject again by the 18 characters of the later card, and draft the letter there: POST /v1/relationships.',
  },
  identification_missing: {
    status: 422,
    title: 'an identification is missing',
    next: 'Let an identity provider identify the person, and send its signature.',
  },
  identification_other: {
    status: 422,
    title: 'somebody else was identified',
    next: 'Let the person of this letter be identified, by the same document; nothing was bound.',
  },
  print_unavailable: {
    status: 503,
    title: 'no PDF can be made here',
    next: 'Print the page of the receipt.',
    retryAfter: 3_600,
  },
  glyph_missing: {
    status: 422,
    title: 'no font has a character of it',
    next: 'Print the page instead of the PDF; the keeper can add a font that has the character.',
  },
  letter_unanswered: {
    status: 409,
    title: 'neither signed nor declined',
    next: 'There is a receipt once its subject has answered; until then read the letter.',
  },
  already_signed: {
    status: 409,
    title: 'already signed',
    next: 'Read the letter; a new agreement is a new letter.',
  },
  letter_faulty: {
    status: 422,
    title: 'the letter goes against law or practice',
    next: 'Change what the detail names in the slots or the grants; POST /v1/templates/lint explains every rule.',
  },
  template_unknown: {
    status: 404,
    title: 'no such template',
    next: 'List the packs in force, GET /v1/packs, and take id and version of a template out of one.',
  },
  template_required: {
    status: 422,
    title: 'a letter is made from a template here',
    next: 'Name one that the detail lists in `template`, with its `slots`, and `text: null`.',
  },
  template_mismatch: {
    status: 422,
    title: 'the template does not offer this',
    next: 'Compare subject, grants and their order with the clauses of the template; doors are known by their registered names.',
  },
  slot_invalid: {
    status: 422,
    title: 'a slot of the letter is not as wanted',
    next: 'Correct the slot that the detail names.',
  },
  pack_not_in_force: {
    status: 409,
    title: 'the pack is not in force',
    next: 'List the packs with their spans: GET /v1/packs.',
  },
  item_class_unknown: {
    status: 422,
    title: 'no such class of items',
    next: 'Name a class of the pack in the version in force: GET /v1/packs.',
  },
  already_there: { status: 409, title: 'already there', next: 'Nothing: what was to be added is there.' },
  letter_declined: {
    status: 409,
    title: 'the subject declined the letter',
    next: 'Nothing: it is closed. What its subject agrees to is a new letter.',
  },
  quiet_period: {
    status: 409,
    title: 'the subject refused this lately',
    next: 'Do not ask again before the day that the detail names.',
  },
  quota_unknown: {
    status: 409,
    title: 'how often the grant was used is lost',
    next: 'Ask its subject for a new letter: a grant of a limited number of uses is not confirmed.',
  },
  letter_held: {
    status: 409,
    title: 'the letter is held after an answer',
    next: 'Wait until the moment that the detail names; call the person at a number that you know, and let the questions be answered anew.',
  },
  teach_back_missing: {
    status: 409,
    title: 'the letter’s questions are not answered',
    next: 'Let the person answer them on the letter’s page, or relay the answers: POST /v1/letters/{id}/answers.',
  },
  letter_expired: { status: 409, title: 'the letter has expired', next: 'Draft a new letter.' },
  not_due: {
    status: 409,
    title: 'this has to be kept still',
    next: 'Ask again after the day named: GET /v1/retention says until when what is kept, and by which article.',
  },
  nothing_to_erase: { status: 409, title: 'nothing is left to be erased', next: 'Nothing: it is erased already.' },
  limit_reached: { status: 409, title: 'a limit is reached', next: 'See /docs for the limits.' },
  party_role: {
    status: 403,
    title: 'the party may not act in this role',
    next: 'Act as, or name, a party that is registered with this role and in good standing.',
  },
  signed_ahead: { status: 422, title: 'signed in the future', next: `Set the device’s clock. ${SIGN_AGAIN}` },
  terms_wider: {
    status: 422,
    title: 'the terms are wider than the grant’s',
    next: 'Extend with the same terms from the end of the grant on, or narrow with terms that are within it; for more, draft a letter.',
  },
  signed_before: { status: 422, title: 'signed before there was anything to sign', next: SIGN_AGAIN },

  idempotency_mismatch: {
    status: 409,
    title: 'the Idempotency-Key was used for another request',
    next: 'Make a new key for a new request.',
  },
  part_mismatch: {
    status: 409,
    title: 'another part is stored under this number',
    next: 'Send what belongs to another list to a job of its own: POST /v1/jobs.',
  },
  superseded: unavailable('others were writing the same', 1),

  behind: unavailable('this server is behind what you have seen', 2),
  clock_unsound: unavailable('the server’s clocks do not agree', 30),
  not_published: unavailable('no checkpoint covers this yet', 1),
  not_told: {
    status: 409,
    title: 'a part of it is shown later',
    next: 'Ask again later: law lets its subject be told of a part of it from its notice on.',
  },
  queue_full: unavailable('too many writes are waiting', 1),
  read_only: unavailable('the ledger takes no writes now; reads and proofs go on', 60),
  store_unavailable: unavailable('the database did not answer', 2),

  // What these say is about stored bytes, or about the server itself: never the caller's doing.
  canonical_invalid: INTERNAL,
  checkpoint_invalid: INTERNAL,
  commitment_invalid: INTERNAL,
  entry_invalid: INTERNAL,
  pack_invalid: {
    status: 422,
    title: 'the pack can’t be published',
    next: 'Check the folder: npx assent pack lint.',
  },
  note_invalid: INTERNAL,
  permit_invalid: INTERNAL,
  policy_invalid: INTERNAL,
  proof_invalid: INTERNAL,
  time_stamp_invalid: INTERNAL,
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

/** What says which fields were refused, and what was wanted there. */
const NAMING_FIELDS: readonly string[] = ['input_invalid', 'identifier_invalid'];

/** Answers with a problem. What is our fault is logged with its cause under the request's id. */
export function answerProblem(
  context: Context,
  call: Call<Env>,
  thrown: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answer(context, call, problemOf(context, call, thrown, headers));
}

/** The problem as an answer that is not given yet. */
export function problemOf(
  context: Context,
  call: Call<Env>,
  thrown: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const kind: ProblemKind = thrown instanceof Failure ? PROBLEMS[thrown.code] : INTERNAL;
  const requestId = requestIdOf(context, call);
  if (kind.status >= 500) context.log.warn(`request ${requestId} failed`, thrown);
  const code = thrown instanceof Failure && kind !== INTERNAL ? thrown.code : 'internal';
  const errors = thrown instanceof Failure && NAMING_FIELDS.includes(code) ? inputErrorsOf(thrown) : [];
  const problem: Problem = {
    type: `/docs#problem-${code}`,
    title: kind.title,
    status: kind.status,
    detail: kind.detail ?? (thrown as Failure).message,
    code,
    request_id: requestId,
    next: kind.next,
    ...(errors.length === 0 ? {} : { errors }),
    ...(thrown instanceof KeyWaiting ? { readable: thrown.readable } : {}),
  };
  return {
    status: kind.status,
    body: JSON.stringify(problem),
    headers: {
      'content-type': 'application/problem+json',
      ...(kind.retryAfter === undefined ? {} : { 'retry-after': String(kind.retryAfter) }),
      ...(kind.status === 401 ? { 'www-authenticate': 'Signature', 'accept-signature': ACCEPT_SIGNATURE } : {}),
      ...headers,
    },
  };
}

/** What a request has to be signed over (RFC 9421, section 5.1). */
const ACCEPT_SIGNATURE = `assent=${formatAcceptSignature()}`;

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
