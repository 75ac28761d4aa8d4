/** Messages about relationships: enrolling a subject, and binding the subject's keys. */
import { z } from 'zod';
import { METHODS } from '#core/consent/evidence.ts';
import { SUBJECT_KINDS } from '#core/consent/terms.ts';
import { HASH_BYTES, SALT_BYTES } from '#core/hash.ts';
import { IDENTIFIER_FLAGS } from '#core/identifier/flag.ts';
import { ID_TYPES } from '#core/identifier/identifier.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import {
  bytesText,
  count,
  EXAMPLE,
  id,
  instant,
  line,
  listOf,
  placedApartSchema,
  placedSchema,
  saidSchema,
  signature,
  subjectKey,
  subjectSignature,
} from './common.ts';
import { checkpointText } from './log.ts';
import { partyIdSchema } from './parties.ts';

const ID_NUMBER_MAX = 32;
const PERSON_NAME_MAX = 100;
const PHONE_MAX = 32;
/** As many as the service puts on a page. */
const ENTRIES_PAGE_MAX = 500;

export const handleSchema = id<Handle>('A relationship’s random name: one subject with one grantee.', EXAMPLE.handle);

/** Personal data. */
const document = {
  id_type: z.enum(ID_TYPES).meta({
    description: 'The kind of document. Numbers of kinds with a check character are checked.',
    examples: ['resident_id'],
  }),
  id_number: line(ID_NUMBER_MAX, 'The document’s number. Spaces and case do not matter.', '990001189001010014'),
};

/** Whom a document names, without the name: it goes into no entry and no address. */
export const identifierSchema = z
  .strictObject(document)
  .meta({ id: 'Identifier', description: 'Personal data. A person is looked up by it; it is not kept.' });

/** Personal data: it goes into the vault, and nowhere else. */
const identity = z
  .strictObject({
    ...document,
    name: line(PERSON_NAME_MAX, 'The subject’s name.', '示例人甲'),
    phone: line(PHONE_MAX, 'A telephone number, or null.', '00000000000').nullable(),
  })
  .meta({ id: 'Identity', description: 'Personal data. It is kept encrypted in the vault; no entry holds it.' });

export const enrolSchema = z
  .strictObject({
    principal: partyIdSchema,
    subject: z.enum(SUBJECT_KINDS).meta({ description: 'Whom the data are about.', examples: ['person'] }),
    identity,
    legacy: z.literal(true).optional().meta({
      description:
        'For a subject out of records from before: a resident number may then have 15 digits. No new letter is drafted for such a number.',
    }),
  })
  .meta({ id: 'Enrol' });

export const enrolledSchema = z
  .strictObject({
    handle: handleSchema,
    flags: listOf(z.enum(IDENTIFIER_FLAGS), IDENTIFIER_FLAGS.length).meta({
      description:
        'What to know of the document, as it was when the relationship was opened: `area_unknown` (no pack in force has its area; a warning), `legacy_import`, `number_old` (15 digits, which nothing checks).',
      examples: [[]],
    }),
    entry: placedSchema,
  })
  .meta({ id: 'Enrolled' });

const saltSchema = bytesText(
  SALT_BYTES,
  'The salt under which the binding names the identity that was checked; null for a link.',
  EXAMPLE.hash,
);

export const credentialId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,1364}$/)
  .meta({
    description: 'Of a passkey: its id, base64url, by which its person signs in on the pages.',
    examples: ['YXNzZW50LWV4YW1wbGU'],
  });

export const bindKeySchema = z
  .strictObject({
    principal: partyIdSchema,
    key: subjectKey('The subject’s public key.'),
    method: z.enum(METHODS).meta({ description: 'How the person was identified.', examples: ['identity_provider'] }),
    identified_by: id<PartyId>('The party that identified the person; null for a link.', EXAMPLE.identifier).nullable(),
    identified_at: instant('When that was; null for a link.', EXAMPLE.time).nullable(),
    identity_salt: saltSchema.nullable(),
    possession: subjectSignature('By the subject’s key over `"assent/binding/v1\\n" ||` the canonical binding.'),
    identification: signature('By the identifying party over the same bytes; null for a link.').nullable(),
    credential: credentialId.optional(),
  })
  .meta({ id: 'BindKey' });

export const keyBoundSchema = z.strictObject({ entry: placedApartSchema }).meta({ id: 'KeyBound' });

export const entriesPageSchema = z
  .strictObject({
    handle: handleSchema,
    entries: listOf(
      z.strictObject({
        ...placedSchema.shape,
        entry: z.string().meta({ description: 'The entry’s exact text: what its leaf is the hash of.' }),
        said: saidSchema.nullable().meta({
          description: 'What the subject has to learn from it, in Chinese and in English; null: nothing.',
          examples: [null],
        }),
      }),
      ENTRIES_PAGE_MAX,
    ),
    next: z
      .int()
      .min(0)
      .nullable()
      .meta({ description: 'Where the next page begins, or null.', examples: [null] }),
  })
  .meta({ id: 'EntriesPage' });

export const relationshipParams = z.strictObject({ handle: handleSchema });
export const entriesQuery = z.strictObject({ from: count('The first `seq` of the page; 0 if absent.', 0).optional() });

export const headSchema = z
  .strictObject({
    v: z.literal(1),
    log: z.string().meta({ examples: ['ledger.example/consent'] }),
    stream: z.string().meta({ examples: [`rel/${EXAMPLE.handle}`] }),
    seq: z
      .int()
      .min(0)
      .meta({ description: 'The place of its last entry.', examples: [3] }),
    leaf: bytesText(HASH_BYTES, 'The leaf of its last entry.', EXAMPLE.hash),
    size: z
      .int()
      .min(1)
      .meta({ description: 'Of the checkpoint: the stream is whole as of so many entries.', examples: [64] }),
    signature: signature('By the issuing key.'),
    checkpoint: checkpointText,
  })
  .meta({ id: 'StreamHead' });
