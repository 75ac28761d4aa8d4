/** Messages about webhooks: where notices are sent. */
import { z } from 'zod';
import type { WebhookId } from '#core/ids.ts';
import { WEBHOOK_URL_CHARS_MAX, WEBHOOKS_MAX } from '#core/request/webhook.ts';
import { EXAMPLE, id, listOf, time } from './common.ts';
import { partyIdSchema } from './parties.ts';

const webhookIdSchema = id<WebhookId>('A webhook.', EXAMPLE.webhook);
const url = z
  .string()
  .max(WEBHOOK_URL_CHARS_MAX)
  .meta({
    description: 'Where to: https, a public host, no name or password, no fragment. Redirects are not followed.',
    examples: ['https://lender.example/assent'],
  });

export const registerWebhookSchema = z.strictObject({ url }).meta({ id: 'RegisterWebhook' });

export const webhookSchema = z
  .strictObject({
    webhook: webhookIdSchema,
    party: partyIdSchema,
    url,
    cursor: z
      .int()
      .min(-1)
      .meta({
        description: 'The entry of the last notice that was taken; at first, the last entry before it was registered.',
        examples: [41],
      }),
    attempts: z
      .int()
      .min(0)
      .meta({ description: 'How often the next notice was tried in vain.', examples: [0] }),
    next_at: time('When it is tried again; null: nothing is overdue.', EXAMPLE.time).nullable(),
    last_error: z
      .string()
      .nullable()
      .meta({
        description: '`status_…`, `timeout`, `unreachable`, `address_refused`; null: the last one was taken.',
        examples: [null],
      }),
    key: z.string().meta({
      description: 'Our public key for libraries of Standard Webhooks. The log names the same key: `GET /v1/log`.',
      examples: ['whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='],
    }),
  })
  .meta({ id: 'Webhook' });

export const webhooksSchema = z
  .strictObject({ webhooks: listOf(webhookSchema, WEBHOOKS_MAX) })
  .meta({ id: 'Webhooks' });
export const webhookRemovedSchema = z.strictObject({ webhook: webhookIdSchema }).meta({ id: 'WebhookRemoved' });
export const webhookParams = z.strictObject({ id: webhookIdSchema });
