/** Messages about letters of authorization: drafting, reading, signing. */
import { z } from 'zod';
import {
  ANSWER_CHARS_MAX,
  ASKED_STATUSES,
  CONFIRM_CHARS_MAX,
  CONFIRMS_MAX,
  isReturnTo,
  OUTCOMES,
  OWED_CHARS_MAX,
  RETURN_TO_CHARS_MAX,
} from '#core/consent/before-signing.ts';
import { SIGNERS_MAX } from '#core/consent/call.ts';
import { WARNINGS_MAX } from '#core/consent/letter.ts';
import { ID_NUMBER_MAX, LETTER_DOORS_MAX, LETTER_NO_MAX, PERSON_NAME_MAX } from '#core/consent/letter-text.ts';
import { MEDIA_TYPES, SCAN_BYTES_MAX } from '#core/consent/scan.ts';
import { GRANTS_PER_LETTER_MAX, ITEMS_MAX } from '#core/consent/terms.ts';
import { HASH_BYTES, SALT_BYTES } from '#core/hash.ts';
import type { LetterId } from '#core/ids.ts';
import { ANSWERS_MAX, QUESTIONS_MAX, VERSION_MAX } from '#core/letter-template/template.ts';
import {
  bytesText,
  code,
  creditCode,
  EXAMPLE,
  id,
  instant,
  line,
  listOf,
  placedSchema,
  prose,
  time,
} from './common.ts';
import { draftTermsSchema, grantIdSchema, itemSchema, signedFields, termsSchema } from './grants.ts';
import { packIdSchema } from './packs.ts';
import { operatorIdSchema, partyIdSchema } from './parties.ts';
import { handleSchema } from './relationships.ts';
import { titleSchema } from './templates.ts';

export const LETTER_TEXT_MAX = 20_000;

const letterIdSchema = id<LetterId>('A letter.', EXAMPLE.letter);

const templateName = {
  pack: packIdSchema,
  id: code('The template.', 'huabei_letter'),
  version: z
    .int({ abort: true })
    .min(1)
    .max(VERSION_MAX)
    .meta({ description: 'Its own version, within the version of the pack that is in force.', examples: [1] }),
};

const usccSchema = creditCode('A unified social credit code.');
const contactSchema = titleSchema.meta({ description: 'How it is reached.' });

const slotsSchema = z
  .strictObject({
    letter_no: line(LETTER_NO_MAX, 'Your own number of the letter.', 'EX-2024-001'),
    grantee: z.strictObject({
      uscc: usccSchema,
      licence: titleSchema.meta({ description: 'Its licence, by kind and number.' }),
      contact: contactSchema,
    }),
    subject: z.strictObject({
      name: line(PERSON_NAME_MAX, 'The subject’s name, masked or full.', '李示例'),
      id_type: titleSchema.meta({ description: 'The kind of document.' }),
      id_number: line(ID_NUMBER_MAX, 'Its number, masked or full.', '9900**********0014'),
      loan_card: line(ID_NUMBER_MAX, 'A firm’s 中征码, or null.', '9900010000000001').nullable(),
      signatory: line(PERSON_NAME_MAX, 'Who signs for a firm; null for a person.', '王示例').nullable(),
    }),
    doors: listOf(
      z.strictObject({ party: partyIdSchema, uscc: usccSchema.nullable(), contact: contactSchema.nullable() }),
      LETTER_DOORS_MAX,
    ).meta({ description: 'Codes and contacts of sources and recipients; PROVIDE wants a contact (PIPL 23).' }),
  })
  .meta({ id: 'LetterSlots', description: 'What the template leaves open. Personal data: kept in the vault.' });

const confirmSchema = z
  .strictObject({
    id: code('The fact, among those of the letter.', 'employer'),
    zh: line(CONFIRM_CHARS_MAX, 'What is on record.', '在册单位：示例贸易有限公司，自1888年3月起，补缴12个月'),
    en: line(
      CONFIRM_CHARS_MAX,
      'The same in English, or null.',
      'On record: employer Example Trading Ltd. since March 1888, 12 months paid back',
    ).nullable(),
    by: partyIdSchema.meta({ description: 'Whose record it is: a registered party.', examples: [EXAMPLE.source] }),
  })
  .meta({ id: 'FactToConfirm', description: 'A fact that the person confirms, or says that it is somebody else.' });

const shownBefore = {
  confirm: listOf(confirmSchema, CONFIRMS_MAX, 1).meta({
    description: 'Facts on record that the person confirms before it signs. Personal data: kept in the vault.',
  }),
  owed: line(OWED_CHARS_MAX, 'What it will owe, as it is shown. Kept in the vault.', '¥50,000'),
  return_to: z
    .string()
    .max(RETURN_TO_CHARS_MAX)
    .refine((text) => isReturnTo(text), {
      error: 'want an https URL, or http of this very machine, without name, password and fragment',
    })
    .meta({
      description: 'Where the person goes with the result: a URL of yours. Kept in the vault.',
      examples: ['https://lender.example/applications/17'],
    }),
};

const templateSchema = z
  .union([
    z.strictObject({
      ...templateName,
      pack_version: z.int().meta({ description: 'The version of the pack that was in force.', examples: [1] }),
    }),
    z.string().meta({ description: 'A code from before engine 2, that nothing looks up.' }),
  ])
  .nullable()
  .meta({ description: 'The template that the text was made from, or null.' });

const shownFields = {
  template: templateSchema,
  text: z.string().nullable().meta({ description: 'The exact text shown; null once it is erased.' }),
  translation: z.string().nullable().meta({
    description: 'The same in English, of which nothing is signed; null without a template, or once it is erased.',
  }),
};

export const draftLetterSchema = z
  .strictObject({
    principal: partyIdSchema,
    handle: handleSchema,
    template: z
      .strictObject(templateName)
      .nullable()
      .meta({ description: 'The template that makes the text; null only while the packs in force have none.' }),
    slots: slotsSchema.optional(),
    text: prose(
      LETTER_TEXT_MAX,
      'A text of your own, or null: a template makes it.',
      '本人授权示例消费金融有限公司查询本人信用报告。',
    ).nullable(),
    warnings: listOf(code('A warning that a text of your own gives.', 'report_affects_credit'), WARNINGS_MAX),
    expires_at: instant('Until when it can be signed.', EXAMPLE.time),
    grants: listOf(draftTermsSchema, GRANTS_PER_LETTER_MAX, 1),
    confirm: shownBefore.confirm.optional(),
    owed: shownBefore.owed.optional(),
    return_to: shownBefore.return_to.optional(),
  })
  .meta({ id: 'DraftLetter' });

const signPathSchema = z.string().meta({
  description: 'The page where its subject reads, answers and signs it: whoever has the path opens the letter.',
  examples: [`/sign/${'A'.repeat(43)}`],
});

const statement = z.record(z.string(), z.unknown()).meta({
  description: 'What the device completes with every tick and `signed_at`, and signs in canonical form (RFC 8785).',
  examples: [{ v: 1, kind: 'letter', ref: EXAMPLE.letter, signed_at: null }],
});

export const letterDraftedSchema = z
  .strictObject({
    letter: letterIdSchema,
    handle: handleSchema,
    grants: listOf(termsSchema, GRANTS_PER_LETTER_MAX),
    ...shownFields,
    statement,
    sign_path: signPathSchema,
    entry: placedSchema,
  })
  .meta({ id: 'LetterDrafted' });

const outcomeSchema = z
  .enum(OUTCOMES)
  .meta({ description: '`stop`: an answer stops the signing for a day.', examples: ['clear'] });
const heldSchema = time('Until when it can’t be signed; null: it can.', EXAMPLE.time).nullable();

export const answerLetterSchema = z
  .strictObject({
    principal: partyIdSchema,
    answers: listOf(
      z.strictObject({
        question: code('The question.', 'who_uses'),
        answer: line(ANSWER_CHARS_MAX, 'What the person answered, in its own words. Kept in the vault.', '自己用'),
      }),
      QUESTIONS_MAX,
    ).meta({ description: 'An answer to each question of the letter, once.' }),
    confirmed: listOf(code('A fact.', 'employer'), CONFIRMS_MAX).default([]).meta({
      description: 'The facts that the person said are right: all that the letter shows, or it is not signed.',
    }),
  })
  .meta({ id: 'AnswerLetter' });

export const letterAnsweredSchema = z
  .strictObject({
    letter: letterIdSchema,
    handle: handleSchema,
    outcome: outcomeSchema,
    held_until: heldSchema,
    entry: placedSchema,
  })
  .meta({ id: 'LetterAnswered' });

const saidTwice = z.strictObject({ zh: z.string(), en: z.string() });

const askedSchema = z
  .strictObject({
    status: z
      .enum(ASKED_STATUSES)
      .meta({ description: '`none`: it asks nothing; `open`: not answered; `held`, `clear`.', examples: ['open'] }),
    held_until: heldSchema,
    questions: listOf(
      z.strictObject({
        id: code('The question.', 'who_uses'),
        ask: saidTwice.meta({ description: 'What is asked.' }),
        stops: listOf(saidTwice, ANSWERS_MAX).meta({ description: 'The answers that stop the signing.' }),
      }),
      QUESTIONS_MAX,
    ),
    confirm: listOf(confirmSchema, CONFIRMS_MAX).nullable(),
    owed: shownBefore.owed.nullable(),
  })
  .meta({
    id: 'AskedBeforeSigning',
    description:
      'What is shown and asked before it is signed. `confirm`, `owed`: null where nothing is said, or once it is erased.',
  });

const answersSchema = listOf(
  z.strictObject({
    grant: grantIdSchema,
    given: z.boolean().meta({ description: 'Whether the clause was ticked.', examples: [true] }),
    declined_items: listOf(itemSchema, ITEMS_MAX)
      .optional()
      .meta({
        description:
          'The items that the subject leaves out of a clause that it gives; in the statement they stand in the grant as `declined_items`, where there are any. With all of them it is not given.',
        examples: [['tax']],
      }),
  }),
  GRANTS_PER_LETTER_MAX,
  1,
).meta({ description: 'An answer for each grant of the letter, once.' });

export const signLetterSchema = z
  .strictObject({
    ...signedFields,
    grants: answersSchema,
  })
  .meta({ id: 'SignLetter' });

const scanFields = {
  digest: bytesText(HASH_BYTES, 'HMAC-SHA-256 under the salt of the scan’s exact bytes, base64url.', EXAMPLE.hash),
  media_type: z.enum(MEDIA_TYPES).meta({ description: 'What it is.', examples: ['application/pdf'] }),
  bytes: z
    .int()
    .min(1)
    .max(SCAN_BYTES_MAX)
    .meta({ description: 'Its size in bytes.', examples: [184_211] }),
};

export const signOnPaperSchema = z
  .strictObject({
    principal: partyIdSchema,
    grants: answersSchema,
    signed_at: instant('What the subject wrote beside its name: as a moment, within that day.', EXAMPLE.time),
    scan: z
      .strictObject({
        ...scanFields,
        salt: bytesText(SALT_BYTES, 'What the digest is keyed by: 32 fresh random bytes, base64url.', EXAMPLE.key),
      })
      .meta({ description: 'The scan itself stays with you. The salt is kept in the vault.' }),
  })
  .meta({ id: 'SignOnPaper' });

export const letterSignedSchema = z
  .strictObject({
    letter: letterIdSchema,
    handle: handleSchema,
    given: listOf(grantIdSchema, GRANTS_PER_LETTER_MAX),
    declined: listOf(grantIdSchema, GRANTS_PER_LETTER_MAX),
    entry: placedSchema,
  })
  .meta({ id: 'LetterSigned' });

export const declineLetterSchema = z.strictObject(signedFields).meta({ id: 'DeclineLetter' });

export const letterDeclinedSchema = z
  .strictObject({ letter: letterIdSchema, handle: handleSchema, entry: placedSchema })
  .meta({ id: 'LetterDeclined' });

const signatureSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('key').meta({ description: 'By a key of its subject.' }) }),
  z.strictObject({
    kind: z.literal('paper').meta({ description: 'In ink, at a counter.' }),
    signed_at: time('What the subject wrote beside its name.', EXAMPLE.time),
    registered_at: time('Ledger time: from then on its grants count.', EXAMPLE.time),
    operators: listOf(operatorIdSchema, SIGNERS_MAX).meta({ description: 'Clerk and witness.' }),
    scan: z.strictObject({
      ...scanFields,
      salt: bytesText(SALT_BYTES, 'What the digest is keyed by; null once it is erased.', EXAMPLE.key).nullable(),
    }),
  }),
]);

export const letterSchema = z
  .strictObject({
    letter: letterIdSchema,
    handle: handleSchema,
    grantee: partyIdSchema,
    status: z.enum(['drafted', 'signed', 'declined', 'expired']).meta({ examples: ['signed'] }),
    ...shownFields,
    text_salt: z
      .string()
      .nullable()
      .meta({
        description:
          '`text` of the statement is HMAC-SHA-256 under this salt of the text shown; null once it is erased.',
        examples: [EXAMPLE.hash],
      }),
    statement,
    masked: z.boolean().meta({
      description:
        'Whether name, number and telephone of its subject are masked in `text` and `translation`: to operators, as far as they stand there. The statement binds the text that is not.',
      examples: [false],
    }),
    asked: askedSchema,
    on_record: listOf(
      z.strictObject({
        party: partyIdSchema,
        name: z.string().meta({ description: 'As it is registered.', examples: ['示例征信有限公司'] }),
      }),
      CONFIRMS_MAX,
    ).meta({
      description: 'Whoever has on record what `asked.confirm` shows; an empty list where nothing is confirmed.',
    }),
    sign_path: signPathSchema.nullable().meta({
      description: 'The page where it is signed: to its grantee, while it waits; else null.',
      examples: [`/sign/${'A'.repeat(43)}`],
    }),
    signature: signatureSchema.nullable().meta({ description: 'How it was signed; null: it is not.' }),
    grants: listOf(
      z.strictObject({
        ...termsSchema.shape,
        status: z.string().meta({
          description: '`requested`, `declined`, `pending`, `active`, `paused`, `contested`, `expired` or `revoked`.',
          examples: ['active'],
        }),
        declined_items: listOf(itemSchema, ITEMS_MAX).meta({
          description: 'The items that the subject left out of the clause.',
          examples: [[]],
        }),
      }),
      GRANTS_PER_LETTER_MAX,
    ),
  })
  .meta({ id: 'Letter' });

export const letterParams = z.strictObject({ id: letterIdSchema });

export const credentialText = z.string().meta({
  description: 'One canonical JSON: a Verifiable Credential with one `proof` of type `DataIntegrityProof`.',
});
