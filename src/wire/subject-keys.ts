/** Messages about the keys of persons: which count, and the end of one. */
import { z } from 'zod';
import { BINDING_METHODS, KEY_KINDS } from '#core/consent/evidence.ts';
import { PERSON_KEYS_MAX } from '#core/consent/person.ts';
import { SALT_BYTES } from '#core/hash.ts';
import type { PartyId } from '#core/ids.ts';
import {
  bytesText,
  EXAMPLE,
  id,
  instant,
  listOf,
  placedApartSchema,
  signature,
  subjectKey,
  subjectSignature,
  time,
} from './common.ts';
import { partyIdSchema } from './parties.ts';
import { credentialId, handleSchema, identifierSchema } from './relationships.ts';

const shownKey = z.strictObject({
  key: subjectKey('Its text; null once it is erased.').nullable(),
  kind: z.enum(KEY_KINDS).meta({ description: 'What kind of key it is.', examples: ['passkey'] }),
  method: z.enum(BINDING_METHODS).meta({
    description: 'How the person was identified for it, or `existing_key`: another key of the person added it.',
  }),
  identified_by: id<PartyId>(
    'The party that identified the person, for it or for the key that it was added by, however far back; or null.',
    EXAMPLE.identifier,
  ).nullable(),
  identified_at: time('When that was, or null.', EXAMPLE.time).nullable(),
  added_by: subjectKey('The key that added it, which may have ended since; or null.').nullable(),
  enrolled_by: id<PartyId>('The party that brought it; null: another key added it.', EXAMPLE.party).nullable(),
  bound_at: time('Ledger time of its binding.', EXAMPLE.time),
  suspended: z.literal(true).optional().meta({
    description:
      'Entries were lost since it was bound (ADR 0028): until an identifier identifies its holder anew for it, it only takes back, pauses, freezes and objects. Absent: it gives, too.',
  }),
});

export const subjectKeysSchema = z
  .strictObject({ handle: handleSchema, keys: listOf(shownKey, PERSON_KEYS_MAX) })
  .meta({ id: 'SubjectKeys' });

export const findIdentifiedKeysSchema = z
  .strictObject({ principal: partyIdSchema, identity: identifierSchema })
  .meta({ id: 'FindIdentifiedKeys' });

export const identifiedKeysSchema = z
  .strictObject({
    handle: handleSchema.nullable().meta({
      description: 'By which a loss of any of them is reported; null: the party identified nobody by this document.',
    }),
    keys: listOf(shownKey, PERSON_KEYS_MAX),
  })
  .meta({ id: 'IdentifiedKeys' });

export const addKeySchema = z
  .strictObject({
    adds: subjectKey('The key that is added.'),
    possession: subjectSignature(
      'By `adds` over `"assent/binding/v1\\n" ||` the canonical JSON (RFC 8785) of `{v: 1, log, handle, key: <the key that is added>, identity: null, method: "existing_key", identified_by: null, identified_at: null}`.',
    ),
    credential: credentialId.optional(),
    key: subjectKey('The subject’s key that adds it: any that counts.'),
    signature: subjectSignature(
      'By `key` over `"assent/key-add/v1\\n" ||` the canonical JSON of `{v: 1, log, handle, key: <the key that is added>, signed_at, expires_at}`, where `expires_at` is 5 minutes after `signed_at`.',
    ),
    signed_at: time('When the subject signed, by the subject’s own clock.', EXAMPLE.time),
  })
  .meta({ id: 'AddKey' });

export const keyAddedSchema = z
  .strictObject({ handle: handleSchema, entry: placedApartSchema })
  .meta({ id: 'KeyAdded' });

const endsDescription =
  '`"assent/key-end/v1\\n" ||` the canonical JSON (RFC 8785) of `{v: 1, log, handle, key: <the key that ends>, identity, identified_by, signed_at}`';

export const endKeySchema = z
  .strictObject({
    ends: subjectKey('The key that ends.'),
    key: subjectKey('The subject’s key that signs: any that counts, also the one that ends.'),
    signature: subjectSignature(
      `By \`key\` over ${endsDescription}, where \`identity\` and \`identified_by\` are null.`,
    ),
    signed_at: time('When the subject signed, by the subject’s own clock.', EXAMPLE.time),
  })
  .meta({ id: 'EndKey' });

export const reportLossSchema = z
  .strictObject({
    principal: partyIdSchema,
    key: subjectKey('The key that ends.'),
    identified_by: id<PartyId>('The party that identified the person.', EXAMPLE.identifier),
    identity_salt: bytesText(
      SALT_BYTES,
      'The salt under which `identity` of the statement names the document that was checked, as in a binding.',
      EXAMPLE.hash,
    ),
    signature: signature(`By a key of the identifying party over ${endsDescription}.`),
    signed_at: instant('When the person was identified.', EXAMPLE.time),
  })
  .meta({ id: 'ReportLoss' });

export const keyEndedSchema = z
  .strictObject({ handle: handleSchema, entry: placedApartSchema })
  .meta({ id: 'KeyEnded' });
