/**
 * A letter that was answered, shaped as a consent record of ISO/IEC TS 27560:2023 (section 6.3), of what its receipt shows.
 * The table of fields stands in docs/exports.md. What a receipt does not show is absent, and listed in `absent`.
 *
 * It is an export: the receipt is the proof.
 *
 * @module
 */
import type { JsonObject } from '../canonical.ts';
import type { LetterClause, LetterSummary } from '../consent/letter-summary.ts';
import type { Names } from '../consent/receipt-names.ts';
import type { RecordedLetter } from '../consent/verdict.ts';
import { instantText } from './letter-credential.ts';

const SCHEMA = 'ISO/IEC TS 27560:2023; assent/1';

/** Fields of the standard that no receipt can fill. Mandatory ones first. */
export const ABSENT_FIELDS: readonly string[] = [
  'pii_processing.privacy_notice',
  'pii_processing.language',
  'pii_processing.purposes.collection_method',
  'pii_processing.purposes.storage_locations',
  'pii_processing.purposes.retention_period',
  'pii_processing.purposes.jurisdiction',
  'party_identification.party_address',
  'party_identification.party_contact',
  'party_identification.party_name',
  'party_identification.party_type',
  'pii_processing.purposes.purpose_type',
  'pii_processing.purposes.processing_locations',
  'pii_processing.purposes.geographic_restrictions',
  'pii_processing.purposes.service',
  'pii_processing.purposes.privacy_rights',
  'pii_processing.purposes.codes_of_conduct',
  'pii_processing.purposes.impact_assessment',
  'pii_processing.purposes.authority_party',
  'pii_information.pii_optional',
  'pii_information.sensitive_pii_category',
  'pii_information.special_pii_category',
];

/** What the subject said to a clause, in the states of a consent's life (27560, annex B). */
type EventState = 'consent_given' | 'consent_refused';

/** The record, one clause after the other; of a refusal too, since it is an event of the same record. */
export function consentRecord(log: string, { letter, names, asOf }: RecordedLetter): JsonObject {
  return {
    record_header: {
      schema_version: SCHEMA,
      record_id: letter.letter,
      // The relationship's random name: it names a person to nobody but its grantee.
      pii_principal_id: letter.stream,
    },
    pii_processing: letter.clauses.map((clause) => processingOf(clause, letter, names)),
    party_identification: partiesOf(letter),
    events: letter.clauses.map((clause) => eventOf(clause, letter)),
    absent: ABSENT_FIELDS,
    proof: {
      log,
      index: letter.index,
      leaf: letter.leaf,
      check_code: letter.check_code,
      tree_size: asOf,
    },
  };
}

function processingOf(clause: LetterClause, { grantee }: LetterSummary, names: Names): JsonObject {
  const { grant, action, purposes, items, declined_items: declined, doors, candidates, to, from } = clause;
  return {
    processing_id: grant,
    purposes: purposes.map((code) => ({ purpose_id: code, ...described('purpose', names, code) })),
    lawful_basis: 'consent',
    processing_methods: [action],
    pii_information: items
      .filter((code) => !declined.includes(code))
      .map((code) => ({ pii_attribute_id: code, ...described('pii_type', names, code) })),
    pii_controllers: candidates.length === 0 ? [grantee] : candidates,
    // Where data go is a recipient; where they are queried, a source.
    ...(action === 'QUERY' ? { sources: doors } : { recipient_third_parties: doors }),
    withdrawal_method: `/v1/grants/${grant}/revocation`,
    validity: { ...(from === null ? {} : { from: instantText(from) }), until: instantText(to) },
  };
}

/** In the words of the packs that the receipt carries. */
function described(field: string, names: Names, code: string): JsonObject {
  const said = Object.hasOwn(names, code) ? names[code] : undefined;
  return said === undefined ? {} : { [field]: { zh: said.zh, en: said.en } };
}

function partiesOf({ grantee, clauses, evidence }: LetterSummary): readonly JsonObject[] {
  const roles: readonly (readonly [string, string | null])[] = [
    ['pii_controller', grantee],
    ...clauses.flatMap(({ candidates }) => candidates.map((party) => ['pii_controller', party] as const)),
    ...clauses.flatMap(({ action, doors }) =>
      doors.map((party) => [action === 'QUERY' ? 'source' : 'third_party', party] as const),
    ),
    ['identifier', evidence.identified_by],
  ];
  const seen = new Map<string, JsonObject>();
  for (const [role, party] of roles) {
    if (party !== null) seen.set(`${role} ${party}`, { party_id: party, party_role: role });
  }
  return [...seen.values()];
}

function eventOf({ grant, given, to }: LetterClause, letter: LetterSummary): JsonObject {
  const state: EventState = given ? 'consent_given' : 'consent_refused';
  return {
    processing_id: grant,
    event_time: instantText(letter.time),
    ...(given ? { validity_duration: { until: instantText(to) } } : {}),
    // Who holds a letter's link may decline it: then nobody signed.
    ...(letter.answer === 'declined' && letter.signed_at === null ? {} : { entity_id: letter.stream }),
    // A clause is answered by an act of its own: never by silence, and never for another one.
    event_type: 'explicit',
    event_state: state,
    evidence: { grade: letter.evidence.grade, method: letter.evidence.method },
  };
}
