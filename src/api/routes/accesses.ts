/** Routes of accesses. */
import { toBase64Url } from '#core/bytes.ts';
import { type AccessView, askAccess } from '#service/accesses.ts';
import { receiptCapability } from '#service/capabilities.ts';
import { explain } from '#service/explanations.ts';
import { accessReceipt } from '#service/receipts.ts';
import { receiptByCapability } from '#service/receipts-by-capability.ts';
import { readAccess, readDoorKey, redeem, settle } from '#service/releases.ts';
import {
  accessParams,
  accessSchema,
  askAccessSchema,
  capabilityParams,
  courseSchema,
  doorKeySchema,
  receiptQuery,
  receiptText,
  redeemedSchema,
  redeemSchema,
  settledSchema,
  settleSchema,
} from '#wire/accesses.ts';
import { NONE } from '#wire/common.ts';
import { explanationSchema } from '#wire/explanations.ts';
import { partyParams } from '#wire/parties.ts';
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
    signed: 'by a party',
    params: NONE,
    body: askAccessSchema,
    answer: accessSchema,
    failures: ['party_unknown'],
    call: async (context, caller, { body }) => withReceipt(await askAccess(context, caller, body)),
    location: ({ access }) => `/v1/accesses/${access}`,
  });
  addRead(api, {
    path: '/v1/accesses/{id}',
    tag: TAG,
    summary: 'Read an access',
    description:
      'The decision, every presentation of its permit, its settlement, and what is overdue: for its lender, its door, its subject, or a supervisor.',
    scope: 'caller',
    params: accessParams,
    query: NONE,
    answer: courseSchema,
    failures: ['access_unknown'],
    call: async (context, caller, { params }) => withReceipt(await readAccess(context, caller, params.id)),
  });
  addExplanation(api);
  addRelease(api);
  addReceipt(api);
  addCapability(api);
}

function addExplanation(api: Api): void {
  addRead(api, {
    path: '/v1/accesses/{id}/explanation',
    tag: TAG,
    summary: 'Explain an access',
    description:
      'Every check in its order with what it looked at, every rule of law with its articles, and what would have made it allow; in Chinese, which has authority, and in English.',
    scope: 'caller',
    params: accessParams,
    query: NONE,
    answer: explanationSchema,
    failures: ['access_unknown', 'limit_reached'],
    call: (context, caller, { params }) => explain(context, caller, params.id),
  });
}

/** What the door does. */
function addRelease(api: Api): void {
  addWrite(api, {
    path: '/v1/accesses/{id}/redemption',
    tag: TAG,
    summary: 'Redeem a permit',
    description:
      'The door takes a permit, once. What it stands on is checked again at this moment; a refusal is an answer and an entry. Hand over only after an `allow`.',
    signed: 'by a party',
    params: accessParams,
    body: redeemSchema,
    answer: redeemedSchema,
    failures: ['access_unknown', 'duty_missing'],
    call: (context, caller, { params, body }) => redeem(context, caller, { access: params.id, ...body }),
    location: ({ access }) => `/v1/accesses/${access}`,
  });
  addWrite(api, {
    path: '/v1/accesses/{id}/settlement',
    tag: TAG,
    summary: 'Settle an access',
    description: 'The door says what it really released, or why nothing.',
    signed: 'by a party',
    params: accessParams,
    body: settleSchema,
    answer: settledSchema,
    failures: ['access_unknown', 'access_settled', 'access_unredeemed', 'duty_missing'],
    call: (context, caller, { params, body }) => settle(context, caller, { access: params.id, ...body }),
    location: ({ access }) => `/v1/accesses/${access}`,
  });
  addRead(api, {
    path: '/v1/parties/{id}/door-key',
    tag: TAG,
    summary: 'Read the key of a door',
    description: 'What a door names the persons of its permits by: for the party itself only.',
    scope: 'caller',
    params: partyParams,
    query: NONE,
    answer: doorKeySchema,
    failures: ['party_unknown'],
    call: async (context, caller, { params }) => ({ key: toBase64Url(readDoorKey(context, caller, params.id)) }),
  });
}

function addReceipt(api: Api): void {
  addRead(api, {
    path: '/v1/accesses/{id}/receipt',
    tag: TAG,
    summary: 'Take the receipt of an access',
    description:
      'Everything that proves the access to someone who trusts nobody but the log’s public key, as one file. Check it with `npx assent verify`. With `open=signatures` its subject opens what it signed, too: then the file also proves which key signed which text, and who identified the person for it.',
    scope: 'caller',
    params: accessParams,
    query: receiptQuery,
    answer: receiptText,
    text: 'application/json',
    failures: ['access_unknown', 'not_published', 'not_told', 'limit_reached'],
    call: (context, caller, { params, query }) => accessReceipt(context, caller, params.id, query.open),
    headers: (_receipt, { params }, context) => ({
      'content-disposition': `attachment; filename="receipt-${params.id}.json"`,
      // For who is shown it without a key: the page opens to whoever has its path.
      link: `</receipts/${receiptCapability(context, params.id)}>; rel="alternate"; type="text/html"`,
    }),
  });
}

function addCapability(api: Api): void {
  addRead(api, {
    path: '/v1/receipts/{capability}',
    tag: TAG,
    summary: 'Take a receipt by its capability',
    description: 'For who has no key of a party: the path itself opens this one receipt, so it is a secret.',
    scope: 'public',
    params: capabilityParams,
    query: NONE,
    answer: receiptText,
    text: 'application/json',
    failures: ['access_unknown', 'not_published', 'not_told', 'limit_reached'],
    call: (context, _caller, { params }) => receiptByCapability(context, params.capability),
    headers: () => ({ 'content-disposition': 'attachment; filename="receipt.json"' }),
  });
}

function withReceipt<View extends AccessView>(view: View): View & { readonly receipt: string } {
  return { ...view, receipt: `/v1/accesses/${view.access}/receipt` };
}
