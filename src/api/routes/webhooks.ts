/** Routes of webhooks. */
import { listWebhooks, registerWebhook, removeWebhook } from '#service/webhooks.ts';
import { NONE } from '#wire/common.ts';
import { emptySchema } from '#wire/parties.ts';
import {
  registerWebhookSchema,
  webhookParams,
  webhookRemovedSchema,
  webhookSchema,
  webhooksSchema,
} from '#wire/webhooks.ts';
import { type Api, addRead, addWrite } from '../operation.ts';

const TAG = 'Feed';

/** Adds the routes of webhooks. */
export function addWebhooks(api: Api): void {
  addWrite(api, {
    path: '/v1/webhooks',
    tag: TAG,
    summary: 'Register a webhook',
    description:
      'Every notice to the party from now on is sent there, after Standard Webhooks (Ed25519, `v1a`), in order, again and again until it is answered with 2xx. The same address again is the same webhook. It makes no entry: the ledger knows no addresses.',
    signed: 'by a party',
    params: NONE,
    body: registerWebhookSchema,
    answer: webhookSchema,
    failures: ['limit_reached', 'duty_missing', 'principal_mismatch', 'superseded'],
    call: (context, caller, { body }) => registerWebhook(context, caller, body),
  });
  addWrite(api, {
    path: '/v1/webhooks/{id}/removal',
    tag: TAG,
    summary: 'Remove a webhook',
    description: 'Nothing more is sent there.',
    signed: 'by a party',
    params: webhookParams,
    body: emptySchema,
    answer: webhookRemovedSchema,
    failures: ['webhook_unknown', 'duty_missing', 'principal_mismatch'],
    call: (context, caller, { params }) => removeWebhook(context, caller, { webhook: params.id }),
  });
  addRead(api, {
    path: '/v1/webhooks',
    tag: TAG,
    summary: 'Read the webhooks',
    description: 'The calling party’s own, with how far each has got and what went wrong.',
    scope: 'caller',
    params: NONE,
    query: NONE,
    answer: webhooksSchema,
    failures: ['principal_mismatch'],
    call: (context, caller) => listWebhooks(context, caller),
  });
}
