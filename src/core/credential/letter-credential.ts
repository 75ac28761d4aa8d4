/**
 * A letter that its subject signed, as a W3C Verifiable Credential (VCDM 2.0), of what its receipt shows: who was given what
 * for what, until when. No part of a payload is in it, and nothing of whom it is about but the relationship's random name.
 *
 * It is an export: the receipt is the proof, and `evidence` says which entry every receipt of this letter proves.
 *
 * @module
 */
import type { JsonObject } from '../canonical.ts';
import type { LetterClause } from '../consent/letter-summary.ts';
import type { Names } from '../consent/receipt-names.ts';
import type { RecordedLetter } from '../consent/verdict.ts';
import { Failure } from '../failure.ts';

/** The second one gives every other term a meaning of its issuer's, so that JSON-LD readers drop none. */
const CONTEXT = ['https://www.w3.org/ns/credentials/v2', 'https://www.w3.org/ns/credentials/undefined-terms/v2'];
const TYPES = ['VerifiableCredential', 'LetterOfAuthorizationCredential'];

export interface Issued {
  /** The issuing key's did:key. */
  readonly issuer: string;
  /** The log's origin. */
  readonly log: string;
  readonly verdict: RecordedLetter;
}

/**
 * The credential without its proof.
 *
 * @throws {Failure} `letter_declined`, if its subject gave nothing.
 */
export function letterCredential({ issuer, log, verdict }: Issued): JsonObject {
  const { letter, names, asOf } = verdict;
  const given = letter.clauses.filter((clause) => clause.given);
  if (given.length === 0) throw new Failure('letter_declined', 'the subject gave none of the letter’s clauses');
  return {
    '@context': CONTEXT,
    type: TYPES,
    issuer: { id: issuer, name: log },
    // Ledger time of the signature: what starts later says so in its own `from`.
    validFrom: instantText(letter.time),
    validUntil: instantText(Math.max(...given.map(({ to }) => to))),
    credentialSubject: {
      type: 'LetterOfAuthorization',
      relationship: letter.stream,
      letter: letter.letter,
      grantee: { party: letter.grantee, ...namedBy(names, letter.grantee) },
      grants: given.map((clause) => grantOf(clause, names)),
    },
    credentialStatus: given.map(({ grant }) => ({
      type: 'AssentGrantStatus',
      log,
      grant,
      path: `/v1/grants/${grant}`,
    })),
    evidence: [
      {
        type: 'AssentReceipt',
        log,
        letter: letter.letter,
        index: letter.index,
        leaf: letter.leaf,
        checkCode: letter.check_code,
        treeSize: asOf,
        grade: letter.evidence.grade,
        path: `/v1/letters/${letter.letter}/receipt`,
      },
    ],
  };
}

function grantOf(clause: LetterClause, names: Names): JsonObject {
  const { grant, action, purposes, items, declined_items: declined, doors, candidates, from, to } = clause;
  return {
    grant,
    action,
    purposes: purposes.map((code) => ({ code, ...namedBy(names, code) })),
    items: items.filter((code) => !declined.includes(code)).map((code) => ({ code, ...namedBy(names, code) })),
    doors: doors.map((party) => ({ party, ...namedBy(names, party) })),
    ...(candidates.length === 0 ? {} : { candidates }),
    ...(from === null ? {} : { from: instantText(from) }),
    until: instantText(to),
  };
}

/** What the receipt shows it to be called, which it may not. */
function namedBy(names: Names, code: string): { readonly name?: string } {
  const said = Object.hasOwn(names, code) ? names[code] : undefined;
  return said === undefined ? {} : { name: said.zh };
}

/** In XML Schema dateTimeStamp, to the second, as the examples of VCDM 2.0. */
export function instantText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
