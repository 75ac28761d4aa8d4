/**
 * The statement: what a subject signs. It binds the log, the document, the exact text shown, and every tick.
 *
 * Nobody sends it: the ledger rebuilds its bytes from the draft, the ticks and `signed_at`, and compares (design §8).
 *
 * @module
 */
import { concat, utf8 } from '../bytes.ts';
import { encodeCanonical, type Json, type JsonObject } from '../canonical.ts';
import { hashText, mac } from '../hash.ts';
import type { GrantId, Handle, LetterId, PartyId, StatementRef } from '../ids.ts';
import type { BindingMethod } from './evidence.ts';
import type { Draft, HoldDraft } from './relationship.ts';

const STATEMENT_CONTEXT = utf8('assent/statement/v1\n');
const BINDING_CONTEXT = utf8('assent/binding/v1\n');
const KEY_END_CONTEXT = utf8('assent/key-end/v1\n');
const PARTY_KEY_CONTEXT = utf8('assent/party-key/v1\n');
const SESSION_CONTEXT = utf8('assent/session/v1\n');

/** The statement of a letter, with every clause ticked or not, and the items of a clause that were declined. */
export function letterStatement(letter: {
  readonly log: string;
  readonly ref: LetterId;
  readonly grantee: PartyId;
  readonly draft: Draft;
  readonly given: readonly boolean[];
  /** In the draft's order; absent: none of any clause. */
  readonly declined?: readonly (readonly string[])[];
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
    grants: draft.grants.map((terms, index) => {
      const declined = letter.declined?.[index] ?? [];
      const clause = { ...terms, given: letter.given[index] === true };
      return declined.length === 0 ? clause : { ...clause, declined_items: declined };
    }),
    parties: [letter.grantee],
    warnings: draft.warnings,
    nonce: draft.nonce,
    signed_at: letter.signedAt,
    expires_at: draft.expires_at,
  };
}

/** An answer to one clause: given or not, or given without some of its items. */
export type Tick = boolean | { readonly declined_items: readonly string[] };

/** A drafted letter's statement with every clause answered, in the letter's order: what its subject's device signs. */
export function answeredStatement(drafted: JsonObject, ticks: readonly Tick[], signedAt: number): JsonObject {
  const clauses = drafted['grants'] as readonly JsonObject[];
  const grants = clauses.map((clause, index) => ({ ...clause, ...answerOf(ticks[index]) }));
  return { ...drafted, grants, signed_at: signedAt };
}

/** Nothing left out is not said: the statement is then the same as of a clause that is given whole. */
export function answerOf(tick: Tick | undefined): {
  readonly given: boolean;
  readonly declined_items?: readonly string[];
} {
  if (typeof tick !== 'object') return { given: tick === true };
  return { given: true, ...(tick.declined_items.length === 0 ? {} : { declined_items: tick.declined_items }) };
}

/** The statement that declines a letter as a whole. It is signed under the letter's id, as the letter would have been. */
export function declineStatement(decline: {
  readonly log: string;
  readonly ref: LetterId;
  readonly grantee: PartyId;
  readonly draft: Draft;
  readonly signedAt: number;
}): JsonObject {
  const { draft } = decline;
  return {
    v: 1,
    log: decline.log,
    kind: 'decline',
    ref: decline.ref,
    text: draft.text,
    template: draft.template,
    grants: draft.grants.map(({ grant }) => grant),
    parties: [decline.grantee],
    warnings: [],
    nonce: draft.nonce,
    signed_at: decline.signedAt,
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

/** The statement of a hold, or of its end: of one grant, or of everything; or of a grant that is made of another. */
export function holdStatement(hold: {
  readonly log: string;
  readonly ref: StatementRef;
  readonly grantee: PartyId;
  readonly draft: HoldDraft;
  readonly signedAt: number | null;
}): JsonObject {
  const { draft } = hold;
  return {
    v: 1,
    log: hold.log,
    kind: draft.kind,
    ref: hold.ref,
    text: null,
    template: null,
    grants: statedGrants(draft),
    parties: [hold.grantee],
    warnings: [],
    nonce: draft.nonce,
    signed_at: hold.signedAt,
    expires_at: draft.expires_at,
  };
}

/** A grant by its id; one that is to be made by all its terms, with the grant that it is made of. */
function statedGrants({ grant, terms }: HoldDraft): readonly Json[] {
  if (terms !== undefined) return [{ ...terms, of: grant }];
  return grant === null ? [] : [grant];
}

/** The bytes that are signed for a statement. */
export function statementSigningBytes(statement: JsonObject): Uint8Array {
  return concat(STATEMENT_CONTEXT, encodeCanonical(statement));
}

/** What identifies a person: the kind of document, and its number. */
export interface Identifier {
  readonly id_type: string;
  readonly id_number: string;
}

/** An identifier in its one form: spaces and case do not count, full-width digits are digits. */
export function normaliseIdentifier({ id_type, id_number }: Identifier): readonly [string, string] {
  return [id_type, id_number.normalize('NFKC').replace(/\s/g, '').toUpperCase()];
}

/** Who was identified, as a binding names it: a keyed digest that says nothing without its salt of 32 bytes. */
export function digestIdentity(salt: Uint8Array, identifier: Identifier): string {
  return hashText(mac(salt, encodeCanonical(normaliseIdentifier(identifier))));
}

/**
 * That a key is a person's. The person's key signs it (possession), and so does the party that identified the person,
 * naming *who* that was: so nobody else can be identified for a relationship. Both name the relationship it is brought
 * through, so that it can't be carried to another.
 */
export function bindingStatement(binding: {
  readonly log: string;
  readonly handle: Handle;
  readonly key: string;
  /** {@link digestIdentity}; null for a link, and where another key of the person adds it. */
  readonly identity: string | null;
  readonly method: BindingMethod;
  readonly identifiedBy: PartyId | null;
  readonly identifiedAt: number | null;
}): JsonObject {
  return {
    v: 1,
    log: binding.log,
    handle: binding.handle,
    key: binding.key,
    identity: binding.identity,
    method: binding.method,
    identified_by: binding.identifiedBy,
    identified_at: binding.identifiedAt,
  };
}

export function bindingSigningBytes(binding: JsonObject): Uint8Array {
  return concat(BINDING_CONTEXT, encodeCanonical(binding));
}

/**
 * That a key is a person's no more. The person signs it by a key that still counts, which may be that key itself; or, where
 * none is at hand, a party that identified the person, naming *who* that was as a binding does. It names the relationship
 * that it is brought through. A key is bound once, so what ends it can't be played again on another.
 */
export function keyEndStatement(end: {
  readonly log: string;
  readonly handle: Handle;
  /** The text of the key that ends. */
  readonly key: string;
  /** {@link digestIdentity}; null where a key of the person signs. */
  readonly identity: string | null;
  readonly identifiedBy: PartyId | null;
  /** By the clock of who signs; of a party: when it identified the person. */
  readonly signedAt: number;
}): JsonObject {
  return {
    v: 1,
    log: end.log,
    handle: end.handle,
    key: end.key,
    identity: end.identity,
    identified_by: end.identifiedBy,
    signed_at: end.signedAt,
  };
}

export function keyEndSigningBytes(statement: JsonObject): Uint8Array {
  return concat(KEY_END_CONTEXT, encodeCanonical(statement));
}

/**
 * What a party's new key signs to show that its private half is there (proof of possession). It names the log, so that
 * a key is not entered elsewhere by who merely saw it. Whose key it is, the entry says.
 */
export function partyKeySigningBytes(possession: { readonly log: string; readonly key: string }): Uint8Array {
  return concat(PARTY_KEY_CONTEXT, encodeCanonical({ v: 1, log: possession.log, key: possession.key }));
}

/**
 * That a person signs in: what it does until the session ends, it does by this. The nonce is the ledger's own challenge, so
 * that a statement opens one session, once.
 */
export function sessionStatement(session: {
  readonly log: string;
  readonly nonce: string;
  /** By the ledger's clock: when the challenge was made. */
  readonly startedAt: number;
}): JsonObject {
  return { v: 1, log: session.log, nonce: session.nonce, started_at: session.startedAt };
}

export function sessionSigningBytes(statement: JsonObject): Uint8Array {
  return concat(SESSION_CONTEXT, encodeCanonical(statement));
}
