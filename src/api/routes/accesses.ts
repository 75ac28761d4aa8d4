/** Routes of accesses. */
import { type AccessView, askAccess, readAccess } from '#service/accesses.ts';
import { accessReceipt } from '#service/receipts.ts';
import { accessParams, accessSchema, askAccessSchema, receiptText } from '#wire/accesses.ts';
import { NONE } from '#wire/common.ts';
import { type Api, addRead, addWrite } from '../operation.ts';

const TAG = 'Accesses';

/** Adds the routes of accesses. */
export function addAccesses(api: Api): void {
  addWrite(api, {
    path: '/v1/accesses',
    tag: TAG,
    summary: 'Ask for an access',
    description:
      'Decides one access and records it, allowed or denied: a denial is an answer like any other, and an entry. The caller names the ground; the ledger never searches for one.',
    params: NONE,
    body: askAccessSchema,
    answer: accessSchema,
    failures: ['party_unknown'],
    call: async (context, request, { body }) => withReceipt(await askAccess(context, request, body)),
    location: ({ access }) => `/v1/accesses/${access}`,
  });
  addRead(api, {
    path: '/v1/accesses/{id}',
    tag: TAG,
    summary: 'Read an access',
    params: accessParams,
    query: NONE,
    answer: accessSchema,
    failures: ['access_unknown'],
    call: async (context, { params }) => withReceipt(await readAccess(context, params.id)),
  });
  addReceipt(api);
}

function addReceipt(api: Api): void {
  addRead(api, {
    path: '/v1/accesses/{id}/receipt',
    tag: TAG,
    summary: 'Take the receipt of an access',
    description:
      'Everything that proves the access to someone who trusts nobody but the log’s public key, as one file. Check it with `npx assent verify`.',
    params: accessParams,
    query: NONE,
    answer: receiptText,
    text: 'application/json',
    failures: ['access_unknown', 'not_published', 'limit_reached'],
    call: (context, { params }) => accessReceipt(context, params.id),
    headers: (_receipt, { params }) => ({
      'content-disposition': `attachment; filename="receipt-${params.id}.json"`,
    }),
  });
}

function withReceipt(view: AccessView): AccessView & { readonly receipt: string } {
  return { ...view, receipt: `/v1/accesses/${view.access}/receipt` };
}
