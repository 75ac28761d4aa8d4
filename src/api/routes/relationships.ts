/** Routes of relationships: one subject with one grantee. */
import { stateHead } from '#service/heads.ts';
import { bindKey } from '#service/key-binding.ts';
import { enrol, readEntries } from '#service/relationships.ts';
import { NONE } from '#wire/common.ts';
import {
  bindKeySchema,
  enrolledSchema,
  enrolSchema,
  entriesPageSchema,
  entriesQuery,
  headSchema,
  keyBoundSchema,
  relationshipParams,
} from '#wire/relationships.ts';
import { type Api, addRead, addWrite } from '../operation.ts';

const TAG = 'Relationships';

/** Adds the routes of relationships. */
export function addRelationships(api: Api): void {
  addWrite(api, {
    path: '/v1/relationships',
    tag: TAG,
    summary: 'Enrol a subject',
    description:
      'Puts the identity into the vault and answers the caller’s own handle: the same one again for the same subject, and in the same way whether or not others know the person.',
    signed: 'by a party',
    params: NONE,
    body: enrolSchema,
    answer: enrolledSchema,
    failures: ['party_unknown', 'party_role', 'identifier_invalid', 'engine_old'],
    call: (context, caller, { body }) => enrol(context, caller, body),
    location: ({ handle }) => `/v1/relationships/${handle}/entries`,
  });
  addWrite(api, {
    path: '/v1/relationships/{handle}/keys',
    tag: TAG,
    summary: 'Bind a subject’s key',
    description:
      'Binds a key to the subject, with who identified the person and how. Both the key and the identifying party sign `"assent/binding/v1\\n" ||` the canonical JSON (RFC 8785) of `{v: 1, log, handle, key, method, identified_by, identified_at}`.',
    signed: 'by a party',
    params: relationshipParams,
    body: bindKeySchema,
    answer: keyBoundSchema,
    failures: [
      'relationship_unknown',
      'party_unknown',
      'party_role',
      'key_invalid',
      'signature_invalid',
      'identification_missing',
      'already_there',
      'limit_reached',
      'signed_ahead',
    ],
    call: (context, caller, { params, body }) => bindKey(context, caller, { handle: params.handle, ...body }),
  });
  addReads(api);
}

function addReads(api: Api): void {
  addRead(api, {
    path: '/v1/relationships/{handle}/entries',
    tag: TAG,
    summary: 'Read what happened in a relationship',
    description: 'Its entries in order, a page at a time: the exact texts that their leaves are hashes of.',
    scope: 'caller',
    params: relationshipParams,
    query: entriesQuery,
    answer: entriesPageSchema,
    failures: ['relationship_unknown'],
    call: (context, caller, { params, query }) =>
      readEntries(context, caller, { handle: params.handle, from: query.from ?? 0 }),
  });
  addRead(api, {
    path: '/v1/relationships/{handle}/head',
    tag: TAG,
    summary: 'State where a relationship ends',
    description:
      'That this is its whole stream as of the newest checkpoint, signed by the issuing key over `"assent/head/v1\\n" ||` the canonical JSON (RFC 8785) of `{v: 1, log, stream, seq, leaf, size}`. Should another entry of it turn up below that size, this convicts the ledger.',
    scope: 'caller',
    params: relationshipParams,
    query: NONE,
    answer: headSchema,
    failures: ['relationship_unknown', 'not_published'],
    call: (context, caller, { params }) => stateHead(context, caller, params.handle),
  });
}
