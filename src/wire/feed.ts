/** Messages about the feed: what a party is told, and that it has heard. A webhook's body carries the same notice. */
import { z } from 'zod';
import { FEED_LIMIT_MAX } from '#core/consent/feed.ts';
import { GRANTS_MAX } from '#core/consent/relationship.ts';
import { HASH_BYTES } from '#core/hash.ts';
import type { AccessId } from '#core/ids.ts';
import { bytesText, count, EXAMPLE, id, listOf, placedSchema, signature, time } from './common.ts';
import { grantIdSchema } from './grants.ts';
import { partyIdSchema } from './parties.ts';
import { handleSchema } from './relationships.ts';

const FEED_LIMIT = 100;

const index = (description: string, example: number) =>
  z
    .int()
    .min(0)
    .meta({ description, examples: [example] });

export const noticeSchema = z
  .strictObject({
    party: partyIdSchema.meta({ description: 'Who is told.', examples: [EXAMPLE.party] }),
    seq: index('The entry’s place in the whole log, from 0.', 41),
    previous: index(
      'The `seq` of the party’s notice before; null: none. Who has that one has missed nothing.',
      37,
    ).nullable(),
    type: z.string().meta({ description: 'What happened.', examples: ['grant.revoked'] }),
    time: time('Ledger time.', EXAMPLE.time),
    grants: listOf(grantIdSchema, GRANTS_MAX).meta({
      description: 'The grants it is about, of those that the party is grantee or door of.',
      examples: [[EXAMPLE.grant]],
    }),
    access: id<AccessId>('The access it is about, or null.', EXAMPLE.access).nullable(),
    handle: handleSchema.nullable(),
    leaf: bytesText(HASH_BYTES, 'SHA-256(0x00 || entry), base64url.', EXAMPLE.hash),
    signature: signature('By the issuing key over `"assent/entry/v1\\n" || leaf`.'),
  })
  .meta({ id: 'Notice', description: 'One entry, as one party is told of it. A door gets no handle.' });

export const feedSchema = z
  .strictObject({
    items: listOf(noticeSchema, FEED_LIMIT_MAX),
    next: index('What to ask `after` next; null: there is nothing yet.', 41).nullable(),
    more: z.boolean().meta({ description: 'Whether there is more already.', examples: [false] }),
    size: index('Entries of the log that this was read off.', 57),
  })
  .meta({ id: 'Feed' });

export const feedQuery = z.strictObject({
  after: count('The `next` of the page before. Without it: from the beginning.', 37).optional(),
  limit: count(`How many at most: 1 to ${FEED_LIMIT_MAX}; ${FEED_LIMIT} without it.`, FEED_LIMIT)
    .refine((limit) => limit >= 1 && limit <= FEED_LIMIT_MAX, { error: `want 1 to ${FEED_LIMIT_MAX}` })
    .default(FEED_LIMIT),
});

export const acknowledgeSchema = z
  .strictObject({ upto: index('The `seq` of the last notice that was taken in.', 41) })
  .meta({ id: 'Acknowledge' });

export const acknowledgedSchema = z
  .strictObject({
    party: partyIdSchema,
    upto: index('It has heard of this one, and of all before.', 41),
    entry: placedSchema,
  })
  .meta({ id: 'Acknowledged' });

/** The body of a webhook, as Standard Webhooks proposes it. */
export const webhookBodySchema = z.strictObject({
  type: z.string(),
  /** The entry's time, as RFC 3339. */
  timestamp: z.string(),
  data: noticeSchema,
});

export const revocationsSchema = z
  .strictObject({
    list: z.string().meta({
      description: 'The list’s text: `assent-revocations/v1`, origin, door, sizes and times, then a grant a line.',
    }),
    signature: signature('By the issuing key over the text’s bytes.'),
    entry: placedSchema,
  })
  .meta({ id: 'Revocations' });
