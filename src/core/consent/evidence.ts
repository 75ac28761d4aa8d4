/**
 * Evidence grades (domain/words.md): how well a signature shows that the person gave it.
 *
 *     A  reliable electronic signature, the key certified by a licensed CA
 *     B  sealed by a platform after the person was identified
 *     C  scan of a letter signed in ink
 *     D  a bare claim; never enough for QUERY or REPORT
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { PartyId } from '../ids.ts';
import { id, nullable, oneOf, record, type Shape, type ShapeOf } from '../shape.ts';
import type { Terms } from './terms.ts';

export const GRADES = ['A', 'B', 'C', 'D'] as const;
export type Grade = (typeof GRADES)[number];

/** What kind of key signs: an app's or a system's of Ed25519, or a passkey (WebAuthn), which engine 2 knows. */
export const KEY_KINDS = ['ed25519', 'passkey'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** How the person was identified for a key: by an identity provider's signed result, or only by holding a link. */
export const METHODS = ['identity_provider', 'link'] as const;
export type Method = (typeof METHODS)[number];

/** How a key came to a person: as the person was identified for it, or by the signature of a key that is there already. */
export const BINDING_METHODS = [...METHODS, 'existing_key'] as const;
export type BindingMethod = (typeof BINDING_METHODS)[number];

/** An attested fact about a signature: its grade, and what the grade was derived from. */
export const evidenceShape: Shape<{
  readonly grade: Grade;
  readonly kind: KeyKind;
  readonly method: Method;
  readonly identified_by: PartyId | null;
}> = record({
  grade: oneOf(GRADES),
  kind: oneOf(KEY_KINDS),
  method: oneOf(METHODS),
  identified_by: nullable(id<PartyId>()),
});
export type Evidence = ShapeOf<typeof evidenceShape>;

/**
 * Attested of a letter signed in ink: a party identified its subject at a counter, and two of its operators say so. No key
 * signed, so it is of grade C, whoever they are.
 */
export const paperEvidenceShape: Shape<{
  readonly grade: 'C';
  readonly kind: 'paper';
  readonly method: 'counter';
  readonly identified_by: PartyId;
}> = record({
  grade: oneOf(['C']),
  kind: oneOf(['paper']),
  method: oneOf(['counter']),
  identified_by: id<PartyId>(),
});
export type PaperEvidence = ShapeOf<typeof paperEvidenceShape>;

/** Of what is done by who holds a letter's link, and nothing else: nobody's key signed, and nobody was identified. */
export const linkEvidenceShape: Shape<{
  readonly grade: 'D';
  readonly kind: 'link';
  readonly method: 'link';
  readonly identified_by: null;
}> = record({
  grade: oneOf(['D']),
  kind: oneOf(['link']),
  method: oneOf(['link']),
  identified_by: nullable((_value, at) => {
    throw new Failure('entry_invalid', `${at}: want null: a link identifies nobody`);
  }),
});
export const LINK_EVIDENCE: ShapeOf<typeof linkEvidenceShape> = {
  grade: 'D',
  kind: 'link',
  method: 'link',
  identified_by: null,
};

export function paperEvidenceOf(party: PartyId): PaperEvidence {
  return { grade: 'C', kind: 'paper', method: 'counter', identified_by: party };
}

/**
 * Grades a signature by the lower of its key's kind and the proofing behind it. Without a licensed CA no key is above
 * B; a key that only the grantee or a link vouches for is D (design §8). `grantee` is null where it is signed in nobody's
 * relationship: a person's freeze by session.
 */
export function evidenceOf(
  key: { readonly kind: KeyKind; readonly method: Method; readonly identified_by: PartyId | null },
  grantee: PartyId | null,
): Evidence {
  const { kind, method, identified_by } = key;
  const vouched = method === 'identity_provider' && identified_by !== null && identified_by !== grantee;
  return { grade: vouched ? 'B' : 'D', kind, method, identified_by };
}

/**
 * The grade that evidence has for one grant: a key that one of its candidates vouches for is D, as one that the grantee
 * vouches for is (design §8).
 */
export function gradeFor(
  { candidates = [] }: Pick<Terms, 'candidates'>,
  { grade, identified_by }: Pick<Evidence, 'grade' | 'identified_by'>,
): Grade {
  return identified_by !== null && candidates.includes(identified_by) ? 'D' : grade;
}

/**
 * Requires of attested evidence that its grade follows from what it says itself. That the key was so bound, the audit
 * derives again while the payload is there.
 *
 * @throws {Failure} `entry_invalid`
 */
export function requireGrade(evidence: Evidence, grantee: PartyId): void {
  if (evidenceOf(evidence, grantee).grade !== evidence.grade) {
    throw new Failure('entry_invalid', 'the grade of its evidence is derived otherwise');
  }
}
