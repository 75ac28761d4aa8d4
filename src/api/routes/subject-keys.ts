/** Routes of the keys of persons. */
import { addKey } from '#service/key-add.ts';
import { endKey, findIdentifiedKeys, readSubjectKeys, reportLoss } from '#service/subject-keys.ts';
import { NONE } from '#wire/common.ts';
import { relationshipParams } from '#wire/relationships.ts';
import {
  addKeySchema,
  endKeySchema,
  findIdentifiedKeysSchema,
  identifiedKeysSchema,
  keyAddedSchema,
  keyEndedSchema,
  reportLossSchema,
  subjectKeysSchema,
} from '#wire/subject-keys.ts';
import { type Api, addRead, addWrite } from '../operation.ts';

const TAG = 'Relationships';
const OF_AN_END = [
  'relationship_unknown',
  'subject_key_unknown',
  'key_invalid',
  'signature_invalid',
  'signed_ahead',
  'already_revoked',
  'engine_old',
] as const;

/** Adds the routes of the keys of persons. */
export function addSubjectKeys(api: Api): void {
  addRead(api, {
    path: '/v1/relationships/{handle}/keys',
    tag: TAG,
    summary: 'Read a subject’s keys',
    description: 'Those that count: all of them to the subject, to its grantee those that it brought itself.',
    scope: 'caller',
    params: relationshipParams,
    query: NONE,
    answer: subjectKeysSchema,
    failures: ['relationship_unknown'],
    call: (context, caller, { params }) => readSubjectKeys(context, caller, params.handle),
  });
  addAdding(api);
  addWrite(api, {
    path: '/v1/identified-keys',
    tag: TAG,
    summary: 'Find the keys of a person at the counter',
    description:
      'For a party that identifies persons, by the document of one who has no key at hand: the keys that count and stand on its own identification, also those that they added. Of keys that others identified for it learns nothing, nor whether anybody is known by the document. No entry.',
    signed: 'by a party',
    params: NONE,
    body: findIdentifiedKeysSchema,
    answer: identifiedKeysSchema,
    status: 200,
    failures: [],
    call: (context, caller, { body }) => findIdentifiedKeys(context, caller, body),
  });
  addWrite(api, {
    path: '/v1/relationships/{handle}/keys/end',
    tag: TAG,
    summary: 'End a subject’s key',
    description:
      'By another key of the same person, or by itself: it signs no more, in any relationship, from this entry on and for good. What it signed stands. A key that nobody was identified for ends no key that somebody was.',
    signed: 'by the subject’s statement',
    params: relationshipParams,
    body: endKeySchema,
    answer: keyEndedSchema,
    failures: [...OF_AN_END, 'grade_low'],
    call: (context, request, { params, body }) => endKey(context, request, { handle: params.handle, ...body }),
  });
  addWrite(api, {
    path: '/v1/relationships/{handle}/keys/loss',
    tag: TAG,
    summary: 'Report the loss of a subject’s key',
    description:
      'For a person who has no key at hand, and was identified at a counter. The identifying party brings it, or the grantee. A new key is bound as any other (`POST /v1/relationships/{handle}/keys`).',
    signed: 'by a party',
    params: relationshipParams,
    body: reportLossSchema,
    answer: keyEndedSchema,
    failures: [...OF_AN_END, 'party_unknown', 'party_role', 'duty_missing'],
    call: (context, caller, { params, body }) => reportLoss(context, caller, { handle: params.handle, ...body }),
  });
}

function addAdding(api: Api): void {
  addWrite(api, {
    path: '/v1/relationships/{handle}/keys/add',
    tag: TAG,
    summary: 'Add a key of a subject by another one',
    description:
      'As that of a further device: both keys sign. Nobody is identified for it, so it stands on who identified the person for the key that adds it, and is of no better grade. What it signed stands when that one ends, and it goes on counting: end it too, if it should not. At most 10 keys of a person that were added so.',
    signed: 'by the subject’s statement',
    params: relationshipParams,
    body: addKeySchema,
    answer: keyAddedSchema,
    failures: [
      'relationship_unknown',
      'subject_key_unknown',
      'key_invalid',
      'signature_invalid',
      'signature_stale',
      'signed_ahead',
      'key_ended',
      'already_there',
      'limit_reached',
      'engine_old',
    ],
    call: (context, request, { params, body }) => addKey(context, request, { handle: params.handle, ...body }),
  });
}
