/** Routes of grants. */
import { bindGrantee } from '#service/bindings.ts';
import { stateFinding } from '#service/findings.ts';
import { readGrant, revokeGrant } from '#service/grants.ts';
import { NONE } from '#wire/common.ts';
import {
  bindGranteeSchema,
  findingSchema,
  findingStatedSchema,
  granteeBoundSchema,
  grantParams,
  grantRevokedSchema,
  grantSchema,
  revokeGrantSchema,
} from '#wire/grants.ts';
import { relationshipParams } from '#wire/relationships.ts';
import { type Api, addRead, addWrite } from '../operation.ts';

const TAG = 'Grants';

/** Adds the routes of grants. */
export function addGrants(api: Api): void {
  addRead(api, {
    path: '/v1/grants/{id}',
    tag: TAG,
    summary: 'Read a grant',
    description: 'Its grantee, the party that it is bound to, its subject, or a supervisor.',
    scope: 'caller',
    params: grantParams,
    query: NONE,
    answer: grantSchema,
    failures: ['grant_unknown'],
    call: (context, caller, { params }) => readGrant(context, caller, params.id),
  });
  addWrite(api, {
    path: '/v1/grants/{id}/revocation',
    tag: TAG,
    summary: 'Withdraw consent',
    description:
      'Takes one grant back, by the subject’s own signature. From this entry on nothing is allowed under it. The statement needs no draft: `{v: 1, log, kind: "revoke", ref: <grant>, text: null, template: null, grants: [], parties: [<grantee>], warnings: [], nonce: null, signed_at, expires_at: null}`.',
    signed: 'by the subject’s statement',
    params: grantParams,
    body: revokeGrantSchema,
    answer: grantRevokedSchema,
    failures: [
      'grant_unknown',
      'already_revoked',
      'grant_ended',
      'signed_ahead',
      'signed_before',
      'key_invalid',
      'subject_key_unknown',
      'signature_invalid',
    ],
    call: (context, request, { params, body }) => revokeGrant(context, request, { grant: params.id, ...body }),
    location: ({ grant }) => `/v1/grants/${grant}`,
  });
  addBinding(api);
  addFindings(api);
}

/** Whose a grant with candidates is. */
function addBinding(api: Api): void {
  addWrite(api, {
    path: '/v1/relationships/{handle}/bindings',
    tag: TAG,
    summary: 'Bind a grant to one of its candidates',
    description:
      'Says, once and for ever, which candidate grants the line. From then on that party, and who succeeded it, may act under the grant, by this handle and its own keys, and nobody else; before it nobody may. What the grant was made of, and what is made of it, is bound with it. Its subject reads it in the grant and among the entries.',
    signed: 'by a party',
    params: relationshipParams,
    body: bindGranteeSchema,
    answer: granteeBoundSchema,
    failures: [
      'relationship_unknown',
      'grant_unknown',
      'candidate_unknown',
      'party_role',
      'already_there',
      'already_revoked',
      'grant_ended',
      'duty_missing',
    ],
    call: (context, caller, { params, body }) => bindGrantee(context, caller, { handle: params.handle, ...body }),
    location: ({ grant }) => `/v1/grants/${grant}`,
  });
}

/** What its grantee and its doors find. */
function addFindings(api: Api): void {
  for (const kind of ['recorded', 'lifted'] as const) {
    addWrite(api, {
      path: kind === 'recorded' ? '/v1/grants/{id}/finding' : '/v1/grants/{id}/finding/lifting',
      tag: TAG,
      summary: kind === 'recorded' ? 'Record a finding' : 'Lift a finding',
      description:
        kind === 'recorded'
          ? 'Its grantee, or one of its doors, finds that the grant is to be contested: nothing is allowed under it until that party lifts the finding.'
          : 'By the party that recorded it, and nobody else: no subject’s signature lifts a finding.',
      signed: 'by a party',
      params: grantParams,
      body: findingSchema,
      answer: findingStatedSchema,
      failures: [
        'grant_unknown',
        'duty_missing',
        ...(kind === 'recorded' ? (['already_revoked', 'grant_ended', 'already_there'] as const) : []),
        ...(kind === 'lifted' ? (['hold_mismatch'] as const) : []),
      ],
      call: (context, caller, { params, body }) =>
        stateFinding(context, caller, { grant: params.id, kind, principal: body.principal }),
      location: ({ grant }) => `/v1/grants/${grant}`,
    });
  }
}
