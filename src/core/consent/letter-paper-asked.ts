/**
 * The request that brings in a letter signed in ink: what it must have said for the entry to follow from it.
 *
 * @module
 */
import type { Json, JsonObject } from '../canonical.ts';
import { isObject } from '../shape.ts';
import type { Entry } from '../tlog/entry.ts';
import type { LetterSignedOnPaper } from './letter-paper.ts';
import { relationshipIn } from './relationship.ts';
import type { View } from './rule.ts';

/** Where it went, what it said, and what it meant; the salt, as long as that is not erased. */
export function paperAsked(
  { stream, body }: Entry,
  view: View,
  salt: Json | undefined,
): { readonly path: string; readonly says: JsonObject; readonly meant: (asked: JsonObject) => JsonObject } {
  const { letter, principal, given, declined_items, signed_at, scan } = body as unknown as LetterSignedOnPaper;
  const drafts = relationshipIn(view, stream)?.drafts ?? {};
  const grants = Object.hasOwn(drafts, letter) ? (drafts[letter]?.grants ?? []) : [];
  const answers = grants.map(({ grant }, at) => ({
    grant,
    given: given[at] ?? false,
    declined_items: declined_items[at] ?? [],
  }));
  const shown = salt === undefined ? scan : { ...scan, salt };
  return {
    path: `/v1/letters/${letter}/paper`,
    says: { principal, signed_at, scan: shown, grants: inOrder(answers) },
    meant: withAnswers,
  };
}

/** The answers may come in any order, and what is left out of none of them need not be said. */
function withAnswers(asked: JsonObject): JsonObject {
  const { grants } = asked;
  if (!Array.isArray(grants)) return asked;
  return { ...asked, grants: inOrder(grants.filter(isObject).map((each) => ({ declined_items: [], ...each }))) };
}

function inOrder(answers: readonly JsonObject[]): readonly JsonObject[] {
  return [...answers].sort((a, b) => (String(a['grant']) < String(b['grant']) ? -1 : 1));
}
