/**
 * What goes wrong because of input or the world, as one closed list of codes.
 *
 * A refusal of an *access* is not here: that is a decision, a value, and an entry of the ledger.
 *
 * @module
 */

/** Every code, stable once released: callers switch on it. What it becomes over HTTP stands in api/problem.ts. */
export type FailureCode =
  // The input could not be read.
  | 'json_malformed'
  | 'input_invalid'
  | 'too_large'
  // The request is not one that the ledger takes.
  | 'host_unknown'
  | 'idempotency_key_invalid'
  | 'media_type'
  | 'method_not_allowed'
  | 'not_found'
  // Who asks could not be told, or may not do this.
  | 'challenge_stale'
  | 'cross_site'
  | 'digest_mismatch'
  | 'duty_missing'
  | 'key_ended'
  | 'key_waiting'
  | 'principal_mismatch'
  | 'rate_limited'
  | 'second_signature'
  | 'session_required'
  | 'signature_malformed'
  | 'signature_refused'
  | 'signature_required'
  | 'signature_stale'
  // A proof, a note, a key or a stored byte is not what it must be.
  | 'canonical_invalid'
  | 'checkpoint_invalid'
  | 'commitment_invalid'
  | 'entry_invalid'
  | 'identifier_invalid'
  | 'key_invalid'
  | 'note_invalid'
  | 'pack_invalid'
  | 'permit_invalid'
  | 'policy_invalid'
  | 'proof_invalid'
  | 'receipt_invalid'
  | 'signature_invalid'
  | 'template_invalid'
  | 'time_stamp_invalid'
  // The ledger does not know it.
  | 'access_unknown'
  | 'candidate_unknown'
  | 'erasure_unknown'
  | 'grant_unknown'
  | 'index_unknown'
  | 'invitation_over'
  | 'invitation_unknown'
  | 'job_unknown'
  | 'letter_unknown'
  | 'pack_unknown'
  | 'part_unknown'
  | 'party_unknown'
  | 'profile_unknown'
  | 'fact_unknown'
  | 'operator_unknown'
  | 'relationship_unknown'
  | 'statement_unknown'
  | 'template_unknown'
  | 'subject_key_unknown'
  | 'webhook_unknown'
  // The ledger knows it, and it does not allow this.
  | 'access_settled'
  | 'access_unredeemed'
  | 'already_revoked'
  | 'grade_low'
  | 'grant_ended'
  | 'grant_suspended'
  | 'hold_mismatch'
  | 'key_suspended'
  | 'engine_old'
  | 'issuing_key_absent'
  | 'log_key_absent'
  | 'fact_ended'
  | 'view_over'
  | 'pack_needed'
  | 'pack_not_in_force'
  | 'identification_missing'
  | 'identification_other'
  | 'identifier_old'
  | 'item_class_unknown'
  | 'already_signed'
  | 'already_there'
  | 'letter_declined'
  | 'letter_expired'
  | 'letter_faulty'
  | 'letter_unanswered'
  | 'glyph_missing'
  | 'print_unavailable'
  | 'letter_held'
  | 'limit_reached'
  | 'not_due'
  | 'nothing_to_erase'
  | 'party_role'
  | 'quiet_period'
  | 'quota_unknown'
  | 'signed_ahead'
  | 'signed_before'
  | 'terms_wider'
  | 'slot_invalid'
  | 'teach_back_missing'
  | 'template_mismatch'
  | 'template_required'
  // Writing twice.
  | 'idempotency_mismatch'
  | 'part_mismatch'
  | 'superseded'
  // The ledger cannot answer now. None of these ever means "allow".
  | 'behind'
  | 'clock_unsound'
  | 'not_published'
  | 'not_told'
  | 'queue_full'
  | 'read_only'
  | 'store_unavailable'
  // The server was started in a way that cannot work.
  | 'config_invalid'
  | 'data_in_use'
  | 'keys_missing'
  | 'signer_refused';

/** A failure of input or the world. Its message carries no personal data and no secret. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Tells whether something thrown is a {@link Failure}, and, where a code is given, that one. */
export function isFailure(thrown: unknown, code?: FailureCode): thrown is Failure {
  return thrown instanceof Failure && (code === undefined || thrown.code === code);
}

/**
 * Runs a strict reader on a part of something, and gives its refusal the code of the whole.
 *
 * @throws {Failure} `code`, with the reader's own failure as the cause.
 */
export function readAs<T>(code: FailureCode, message: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw isFailure(cause) ? new Failure(code, message, { cause }) : cause;
  }
}
