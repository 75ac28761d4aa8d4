/** Messages about the ledger's own issuing keys. */
import { z } from 'zod';
import { LOG_KEYS_MAX } from '#core/consent/log-key.ts';
import { SLICE_ENTRIES_MAX } from '#core/consent/receipt.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { EXAMPLE, instant, listOf, placedSchema, publicKey, signature } from './common.ts';

const key = publicKey('An issuing key of the ledger.');

export const addIssuingKeySchema = z
  .strictObject({
    key,
    possession: signature('By the new key over `"assent/issuing-key/v1\\n" ||` the canonical `{log, key}`.'),
  })
  .meta({ id: 'AddIssuingKey' });
export const issuingKeySchema = z.strictObject({ key }).meta({ id: 'IssuingKey' });
export const compromiseIssuingKeySchema = z
  .strictObject({ key, since: instant('From when on it may have been in other hands.', EXAMPLE.time) })
  .meta({ id: 'CompromiseIssuingKey' });
export const issuingKeyChangedSchema = z.strictObject({ key, entry: placedSchema }).meta({ id: 'IssuingKeyChanged' });

export const logKeysSchema = z
  .strictObject({
    stream: z.string().meta({ examples: ['log'] }) as unknown as z.ZodType<StreamId, string>,
    entries: listOf(z.string().meta({ description: 'An entry’s exact text.' }), SLICE_ENTRIES_MAX),
    signatures: listOf(z.string().meta({ description: 'By the issuing key of that time.' }), SLICE_ENTRIES_MAX),
    proof: z.string().meta({ description: 'Proves the last entry under a checkpoint, as `c2sp.org/tlog-proof@v1`.' }),
    key_steps: listOf(z.string(), 4 * LOG_KEYS_MAX)
      .meta({
        description:
          'Of each entry about a log key, in their order, its own proof under a checkpoint of that time: who trusts an older key is led on by them. Absent before the log key is exchanged.',
      })
      .optional(),
  })
  .meta({ id: 'LogKeys' });
