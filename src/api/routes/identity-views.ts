/** Routes of a subject's personal data: masked, and in full for a reason that its subject learns. */
import { readMaskedIdentity, viewIdentity } from '#service/identity-views.ts';
import { NONE } from '#wire/common.ts';
import { identityViewedSchema, maskedIdentitySchema, viewIdentitySchema } from '#wire/identity-views.ts';
import { relationshipParams } from '#wire/relationships.ts';
import { type Api, addRead, addWrite } from '../operation.ts';

const TAG = 'Relationships';

/** Adds the routes of views. */
export function addIdentityViews(api: Api): void {
  addRead(api, {
    path: '/v1/relationships/{handle}/identity',
    tag: TAG,
    summary: 'Read whom a relationship is of, masked',
    description: 'For its grantee, who succeeded it, and its subject. It makes no entry.',
    scope: 'caller',
    params: relationshipParams,
    query: NONE,
    answer: maskedIdentitySchema,
    failures: ['relationship_unknown'],
    call: (context, caller, { params }) => readMaskedIdentity(context, caller, params.handle),
  });
  addWrite(api, {
    path: '/v1/relationships/{handle}/identity-views',
    tag: TAG,
    summary: 'See personal data of a subject',
    description:
      'By an operator of the grantee with the duty query. Who looked, at what and why is an entry of the relationship, which its subject reads, before anything is shown. The same call shows it again for 5 minutes, to the same operator only.',
    signed: 'by a party',
    params: relationshipParams,
    body: viewIdentitySchema,
    answer: identityViewedSchema,
    failures: ['relationship_unknown', 'duty_missing', 'view_over'],
    call: (context, caller, { params, body }) => viewIdentity(context, caller, { handle: params.handle, ...body }),
  });
}
