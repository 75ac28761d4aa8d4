/**
 * What messages are made of: ids, codes, times, texts, keys, and where an entry stands.
 *
 * The limits are the core's own wherever the core has one. Every field is always there, `null` where there is none.
 *
 * @module
 */

import { z } from 'zod';
import { HASH_BYTES } from '#core/hash.ts';
import { checkCreditCode } from '#core/identifier/unified-credit-code.ts';
import { ID_PATTERN } from '#core/ids.ts';
import { INSTANT_MAX, type Instant } from '#core/instant.ts';
import { USCC_MAX } from '#core/letter-template/template.ts';
import { SIGNATURE_BYTES } from '#core/note/ed25519.ts';
import { PUBLIC_KEY_BYTES } from '#core/note/key.ts';
import { CODE_PATTERN, UNPRINTED_PATTERN } from '#core/shape.ts';
import { ASSERTION_CHARS_MAX } from '#core/webauthn/assertion.ts';
import { PASSKEY_CHARS_MAX } from '#core/webauthn/passkey-key.ts';

/** An id that the ledger minted. The only place where a text from outside becomes a branded one. */
export function id<Id extends string>(description: string, example: string): z.ZodType<Id, string> {
  const schema = z
    .string()
    .regex(ID_PATTERN, { error: 'want an id: 32 lower-case hex digits' })
    .meta({ description, examples: [example] });
  return schema as unknown as z.ZodType<Id, string>;
}

/** A moment, as messages carry it. */
export function time(description: string, example: number): z.ZodInt {
  return z
    .int({ abort: true })
    .min(0)
    .max(INSTANT_MAX)
    .meta({ description: `${description} Milliseconds since 1970, UTC.`, examples: [example] });
}

/** A moment that the core takes as such, which likewise is branded here only. */
export function instant(description: string, example: number): z.ZodType<Instant, number> {
  return time(description, example) as unknown as z.ZodType<Instant, number>;
}

/** A short machine word of a pack: a purpose, an item, a method. */
export function code(description: string, example: string): z.ZodString {
  return z
    .string()
    .regex(CODE_PATTERN, {
      error: 'want a code: a lower-case letter, then letters, digits, _ . or -, 64 at most, never six digits in a row',
    })
    .meta({ description, examples: [example] });
}

// Written as text: a control character has no place in a source file, not even as an escape in an expression.
const CONTROLS = '\\u0000-\\u001f\\u007f-\\u009f';
const LINE = new RegExp(`^(?=.*\\S)[^${CONTROLS}]*$`);
const PROSE = new RegExp(`^(?=[^]*\\S)(?:[^${CONTROLS}]|[\\t\\n\\r])*$`);

/** Text in one line: not blank, no control character, none that is invisible or turns the direction of reading. */
export function line(lengthMax: number, description: string, example: string): z.ZodString {
  return z
    .string()
    .max(lengthMax)
    .regex(LINE, { error: 'want text in one line: not blank, no control character', abort: true })
    .refine((text) => !UNPRINTED_PATTERN.test(text), { error: 'want text without invisible characters' })
    .meta({ description, examples: [example] });
}

/** Text in lines: no control character but tab and line ends, and not blank. */
export function prose(lengthMax: number, description: string, example: string): z.ZodString {
  return z
    .string()
    .max(lengthMax)
    .regex(PROSE, { error: 'want text that is not blank, no control character but tab and line ends' })
    .meta({ description, examples: [example] });
}

/** What a text of base64url ends with, by the bytes over a multiple of three: bits that are of no byte are zero. */
const LAST_LETTERS = ['[A-Za-z0-9_-]', '[AQgw]', '[AEIMQUYcgkosw048]'] as const;

/**
 * Bytes of one known length in base64url without padding, in the one way that the core reads them (RFC 4648, sections 3.5
 * and 5): what is taken here may stand in an entry.
 */
export function bytesText(bytes: number, description: string, example: string): z.ZodString {
  const length = Math.ceil((bytes * 4) / 3);
  return z
    .string()
    .regex(new RegExp(`^[A-Za-z0-9_-]{${length - 1}}${LAST_LETTERS[bytes % 3]}$`), {
      error: `want ${bytes} bytes in base64url: ${length} characters, no padding, no stray bits`,
    })
    .meta({ description, examples: [example] });
}

/** A list, which nothing of ours changes. */
export function listOf<S extends z.ZodType>(item: S, countMax: number, countMin = 0): z.ZodReadonly<z.ZodArray<S>> {
  return z.array(item).min(countMin).max(countMax).readonly();
}

/**
 * A unified social credit code whose check characters fit. They are looked at here alone, where something new comes in: what
 * the log holds from before is read as it stands.
 */
export function creditCode(description: string): z.ZodString {
  return line(USCC_MAX, description, '91990001MA00000157').superRefine((text, context) => {
    const problem = checkCreditCode(text);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  });
}

/** A whole number in a query string. */
export function count(description: string, example: number): z.ZodType<number> {
  const schema = z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,15})$/, { error: 'want a whole number in plain digits' })
    .transform(Number)
    .refine(Number.isSafeInteger, { error: 'want a whole number below 2^53' })
    .meta({ type: 'integer', description, examples: [example] });
  return schema as unknown as z.ZodType<number>;
}

export const EXAMPLE = {
  party: '0199b1f0c40011112222333344445555',
  source: '0199b1f0c40022223333444455556666',
  identifier: '0199b1f0c40033334444555566667777',
  operator: '0199b1f0c4003a3a4b4b5c5c6d6d7e7e',
  statement: '0199b1f0c4003f3f4f4f5f5f6f6f7f7f',
  handle: '0199b1f0c40044445555666677778888',
  letter: '0199b1f0c40055556666777788889999',
  job: '0199b1f0c40067676868696970707171',
  grant: '0199b1f0c4006666777788889999aaaa',
  access: '0199b1f0c400777788889999aaaabbbb',
  webhook: '0199b1f0c40088889999aaaabbbbcccc',
  time: 1_795_268_000_123,
  key: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  hash: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c4D0bs',
  signature: '5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc-bRr0lv18FlbviRlUUFDjnoQCw',
} as const;

/** An Ed25519 public key. */
export function publicKey(description: string): z.ZodString {
  return bytesText(PUBLIC_KEY_BYTES, `${description} Ed25519, base64url.`, EXAMPLE.key);
}

/** An Ed25519 signature. */
export function signature(description: string): z.ZodString {
  return bytesText(SIGNATURE_BYTES, `${description} Ed25519, base64url.`, EXAMPLE.signature);
}

/** A subject's key: of Ed25519, or a passkey's. */
export function subjectKey(description: string): z.ZodString {
  return z
    .string()
    .max(PASSKEY_CHARS_MAX)
    .regex(SUBJECT_KEY, { error: 'want an Ed25519 key of 43 characters in base64url, or passkey:<domain>:<COSE key>' })
    .meta({
      description: `${description} Ed25519 in base64url, or of a passkey \`passkey:<relying party>:<COSE key in base64url>\`, ES256 or Ed25519.`,
      examples: [EXAMPLE.key],
    });
}
const SUBJECT_KEY = /^(?:[A-Za-z0-9_-]{43}|passkey:[a-z0-9.-]{1,253}:[A-Za-z0-9_-]{1,512})$/;

/** What a subject's key makes: a signature of Ed25519, or a passkey's assertion. */
export function subjectSignature(description: string): z.ZodString {
  return z
    .string()
    .max(ASSERTION_CHARS_MAX)
    .regex(SUBJECT_SIGNATURE, {
      error: 'want a signature of 86 characters in base64url, or the three parts of an assertion',
    })
    .meta({
      description: `${description} Ed25519 in base64url; or a passkey’s assertion, whose challenge is the SHA-256 of those bytes: \`<authenticatorData>.<clientDataJSON>.<signature>\`, each in base64url.`,
      examples: [EXAMPLE.signature],
    });
}
const SUBJECT_SIGNATURE = /^(?:[A-Za-z0-9_-]{86}|[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/;

/** Where an entry stands, and the ledger's promise to keep it there. */
export const placedSchema = z
  .strictObject({
    index: z
      .int()
      .min(0)
      .meta({ description: 'Its place in the whole log, from 0.', examples: [41] }),
    stream: z.string().meta({ description: 'The chain it belongs to.', examples: [`rel/${EXAMPLE.handle}`] }),
    seq: z
      .int()
      .min(0)
      .meta({ description: 'Its place in the stream, from 0.', examples: [3] }),
    time: time('Ledger time.', EXAMPLE.time),
    type: z.string().meta({ description: 'What happened.', examples: ['access.decided'] }),
    leaf: bytesText(HASH_BYTES, 'SHA-256(0x00 || entry), base64url.', EXAMPLE.hash),
    signature: signature('By the issuing key over `"assent/entry/v1\\n" || leaf`.'),
    level: z.literal('sequenced').meta({ description: 'Durable and signed; a checkpoint over it follows.' }),
  })
  .meta({ id: 'Placed', description: 'Where an entry stands.' });

/** An entry of a person's stream, which is named in payloads only (design §4). */
export const placedApartSchema = z
  .strictObject(placedSchema.shape)
  .omit({ stream: true, seq: true })
  .meta({ id: 'PlacedApart', description: 'That an entry stands, without its stream: that is the person’s.' });

/** What the ledger says in words. */
export const saidSchema = z.strictObject({
  zh: z.string().meta({ description: 'In Chinese, which has authority.' }),
  en: z.string().meta({ description: 'In English.' }),
});

/** Path and query of what has neither. */
export const NONE: z.ZodObject<Record<never, never>, z.core.$strict> = z.strictObject({});
