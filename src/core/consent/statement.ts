/**
 * The statement: what a subject signs. It binds the log, the document, the exact text shown, and every tick.
 *
 * Nobody sends it: the ledger rebuilds its bytes from the draft, the ticks and `signed_at`, and compares (design §8).
 *
 * @module
 */
import { concat, utf8 } from '../bytes.ts';
import { encodeCanonical, type JsonObject } from '../canonical.ts';
import type { GrantId, Handle, LetterId, PartyId } from '../ids.ts';
import type { Method } from './evidence.ts';
import type { Draft } from './relationship.ts';

const STATEMENT_CONTEXT = utf8('assent/statement/v1\n');
const BINDING_CONTEXT = utf8('assent/binding/v1\n');

/** The statement of a letter, with every clause ticked or not. */
export function letterStatement(letter: {
  readonly log: string;
  readonly ref: LetterId;
  readonly grantee: PartyId;
  readonly draft: Draft;
  readonly given: readonly boolean[];
  readonly signedAt: number;
}): JsonObject {
  const { draft } = letter;
  return {
    v: 1,
    log: letter.log,
    kind: 'letter',
    ref: letter.ref,
    text: draft.text,
    template: draft.template,
    grants: draft.grants.map((terms, index) => ({ ...terms, given: letter.given[index] === true })),
    parties: [letter.grantee],
    warnings: draft.warnings,
    nonce: draft.nonce,
    signed_at: letter.signedAt,
    expires_at: draft.expires_at,
  };
}

/** The statement that takes one grant back. Its `ref` is the grant's id, and it needs no draft. */
export function revocationStatement(revocation: {
  readonly log: string;
  readonly ref: GrantId;
  readonly grantee: PartyId;
  readonly signedAt: number;
}): JsonObject {
  return {
    v: 1,
    log: revocation.log,
    kind: 'revoke',
    ref: revocation.ref,
    text: null,
    template: null,
    grants: [],
    parties: [revocation.grantee],
    warnings: [],
    nonce: null,
    signed_at: revocation.signedAt,
    expires_at: null,
  };
}

/** The bytes that are signed for a statement. */
export function statementSigningBytes(statement: JsonObject): Uint8Array {
  return concat(STATEMENT_CONTEXT, encodeCanonical(statement));
}

/**
 * That a key is a person's. The person's key signs it (possession), and so does the party that identified the person;
 * both name the relationship it is brought through, so that it can't be carried to another.
 */
export function bindingStatement(binding: {
  readonly log: string;
  readonly handle: Handle;
  readonly key: string;
  readonly method: Method;
  readonly identifiedBy: PartyId | null;
  readonly identifiedAt: number | null;
}): JsonObject {
  return {
    v: 1,
    log: binding.log,
    handle: binding.handle,
    key: binding.key,
    method: binding.method,
    identified_by: binding.identifiedBy,
    identified_at: binding.identifiedAt,
  };
}

export function bindingSigningBytes(binding: JsonObject): Uint8Array {
  return concat(BINDING_CONTEXT, encodeCanonical(binding));
}
