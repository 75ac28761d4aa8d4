/** Messages about the keys of persons: which count, and the end of one. */
import { z } from 'zod';
import { KEY_KINDS, METHODS } from '#core/consent/evidence.ts';
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
import { handleSchema } from './relationships.ts';

export const subjectKeysSchema = z
  .strictObject({
    handle: handleSchema,
    keys: listOf(
      z.strictObject({
        key: subjectKey('Its text; null once it is erased.').nullable(),
        kind: z.enum(KEY_KINDS).meta({ description: 'What kind of key it is.', examples: ['passkey'] }),
        method: z.enum(METHODS).meta({ description: 'How the person was identified for it.' }),
        identified_by: id<PartyId>('The party that identified the person, or null.', EXAMPLE.identifier).nullable(),
        identified_at: time('When that was, or null.', EXAMPLE.time).nullable(),
        enrolled_by: id<PartyId>('The party that brought it.', EXAMPLE.party),
        bound_at: time('Ledger time of its binding.', EXAMPLE.time),
      }),
      PERSON_KEYS_MAX,
    ),
  })
  .meta({ id: 'SubjectKeys' });

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
