/**
 * The statement that the signature behind an entry is over, built again of the entry, its payload and what stood before
 * it: one code for the audit, and for who holds a receipt.
 *
 * @module
 */
import { equalJson, type Json, type JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { GrantId, LetterId, StatementRef } from '../ids.ts';
import { isObject } from '../shape.ts';
import type { Entry } from '../tlog/entry.ts';
import { grantIn } from './grant.ts';
import { holdIn } from './hold-draft.ts';
import type { LetterSigned } from './letter-sign.ts';
import type { Relationship } from './relationship.ts';
import { declineStatement, holdStatement, letterStatement, revocationStatement } from './statement.ts';

/** The opened values of one entry's payload, by name. */
export type Opened = Readonly<Record<string, Json>>;

/** What a subject signs by a statement that was drafted for it. */
export const HOLD_KIND_OF: Readonly<Record<string, string>> = {
  'grant.paused': 'pause',
  'grant.resumed': 'resume',
  'grant.extended': 'extend',
  'grant.narrowed': 'narrow',
  'grant.contested': 'object',
  'grant.affirmed': 'affirm',
  'grant.confirmed': 'confirm',
  'relationship.frozen': 'freeze',
  'relationship.released': 'release',
  'person.frozen': 'freeze',
  'person.released': 'release',
};

/** Whether nothing was signed for an entry by itself: what was signed opened the session that it came out of. */
export function isBySession({ body }: Pick<Entry, 'body'>): boolean {
  return body['auth'] === 'session';
}

/** Whether an entry of a relationship is there because its subject's key signed a statement, or opened a session. */
export function isSigned(type: string): boolean {
  return (
    type === 'letter.signed' ||
    type === 'letter.declined' ||
    type === 'grant.revoked' ||
    (Object.hasOwn(HOLD_KIND_OF, type) && !type.startsWith('person.'))
  );
}

/**
 * The statement of an entry that {@link isSigned}, and is not by session, of the relationship as it was before it.
 *
 * @throws {Failure} `entry_invalid`, if there was nothing of the kind to sign, or its kept statement says otherwise.
 */
function signedStatement(entry: Entry, relationship: Relationship, opened: Opened): JsonObject {
  switch (entry.type) {
    case 'letter.signed':
      return letterOf(entry, relationship);
    case 'letter.declined':
      return declineStatement(draftedIn(entry, relationship));
    case 'grant.revoked':
      return revocationOf(entry, relationship);
    default:
      return holdOf(entry, relationship, opened);
  }
}

/**
 * What may stand behind the signature of an entry that {@link isSigned}, and is not by session: its statement. A revocation
 * that was signed before the log was continued is over the name of then; it takes away, and may be the only copy (ADR 0028).
 *
 * @param names - What the log was called before.
 * @throws {Failure} as {@link signedStatement}
 */
export function signedStatements(
  entry: Entry,
  relationship: Relationship,
  opened: Opened,
  names: readonly string[],
): readonly JsonObject[] {
  const logs = entry.type === 'grant.revoked' ? [entry.log, ...names] : [entry.log];
  return logs.map((log) => signedStatement({ ...entry, log }, relationship, opened));
}

function letterOf(entry: Entry, relationship: Relationship): JsonObject {
  const { given, declined_items: declined } = entry.body as unknown as LetterSigned;
  return letterStatement({
    ...draftedIn(entry, relationship),
    given,
    ...(declined === undefined ? {} : { declined }),
  });
}

/** What a statement under a letter's id says of its draft. */
function draftedIn({ log, body }: Entry, { drafts, grantee }: Relationship) {
  const ref = body['letter'] as LetterId;
  const draft = Object.hasOwn(drafts, ref) ? drafts[ref] : undefined;
  if (draft === undefined) throw invalid('there was no such draft');
  return { log, ref, grantee: draft.principal ?? grantee, draft, signedAt: body['signed_at'] as number };
}

function revocationOf(entry: Entry, relationship: Relationship): JsonObject {
  const ref = entry.body['grant'] as GrantId;
  if (grantIn(relationship, ref) === undefined) throw invalid('there was no such grant');
  return revocationStatement({
    log: entry.log,
    ref,
    grantee: relationship.grantee,
    signedAt: entry.body['signed_at'] as number,
  });
}

/**
 * A hold's statement is kept with it: of a freeze, every relationship but one has no draft to build it from. What it
 * says is compared with the entry, and with the draft where there is one.
 */
function holdOf(entry: Entry, relationship: Relationship, { statement }: Opened): JsonObject {
  if (!isObject(statement)) throw invalid('the statement of its hold is missing');
  const { ref = null, grant = null, signed_at = null } = entry.body;
  const kind = HOLD_KIND_OF[entry.type] ?? null;
  requireSays(statement, { log: entry.log, kind, signed_at });
  const draft = typeof ref === 'string' ? holdIn(relationship, ref) : undefined;
  if (typeof ref === 'string' && draft === undefined) throw invalid('there was no such statement to sign');
  if (draft === undefined) requireSays(statement, { grants: grant === null ? [] : [grant] });
  else {
    const { grantee } = relationship;
    const wanted = { log: entry.log, ref: ref as StatementRef, grantee, draft, signedAt: signed_at as number };
    requireSays(statement, holdStatement(wanted));
  }
  return statement;
}

/** @throws {Failure} `entry_invalid`, if a kept statement says anything else. */
export function requireSays(statement: JsonObject, wanted: JsonObject): void {
  for (const [name, value] of Object.entries(wanted)) {
    if (!equalJson(statement[name] ?? null, value)) throw invalid(`its statement says another ${name}`);
  }
}

function invalid(message: string): Failure {
  return new Failure('entry_invalid', message);
}
