/** Routes of the feed: what a party has to hear of, and that it has. */
import { acknowledge, readFeed } from '#service/feed.ts';
import { listRevocations } from '#service/revocations.ts';
import { NONE } from '#wire/common.ts';
import { acknowledgedSchema, acknowledgeSchema, feedQuery, feedSchema, revocationsSchema } from '#wire/feed.ts';
import { emptySchema } from '#wire/parties.ts';
import { type Api, addRead, addWrite } from '../operation.ts';

const TAG = 'Feed';

/** Adds the routes of the feed. */
export function addFeed(api: Api): void {
  addRead(api, {
    path: '/v1/feed',
    tag: TAG,
    summary: 'Read the feed',
    description:
      'What the calling party has to hear of, in the order of the ledger: revocations and holds of grants that it is grantee or door of, letters signed, what doors did, its own keys and standing. Webhooks carry the same.',
    scope: 'caller',
    params: NONE,
    query: feedQuery,
    answer: feedSchema,
    failures: ['principal_mismatch'],
    call: (context, caller, { query }) => readFeed(context, caller, { after: query.after ?? null, limit: query.limit }),
  });
  addWrite(api, {
    path: '/v1/feed/acknowledgement',
    tag: TAG,
    summary: 'Acknowledge the feed',
    description:
      'Says that the party has taken in everything up to one of its notices: an entry, signed by the party, from which the time of each revocation to its acknowledgement is measured.',
    signed: 'by a party',
    params: NONE,
    body: acknowledgeSchema,
    answer: acknowledgedSchema,
    failures: ['index_unknown', 'already_there', 'duty_missing', 'principal_mismatch'],
    call: (context, caller, { body }) => acknowledge(context, caller, body),
  });
  addWrite(api, {
    path: '/v1/revocations',
    tag: TAG,
    summary: 'List what was taken back lately',
    description:
      'For doors that take permits without asking: the grants of this door that were taken back or held while a permit could be out, as a short text that the ledger signs; its digest is an entry.',
    signed: 'by a party',
    params: NONE,
    body: emptySchema,
    answer: revocationsSchema,
    failures: ['duty_missing'],
    call: (context, caller) => listRevocations(context, caller),
  });
}
