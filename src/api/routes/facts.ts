/** Routes of a relationship's facts: what its grantee states, and later accesses are decided by. */
import type { z } from '@hono/zod-openapi';
import { attest, openObjection, readFacts, stateNewFact, stateOfFact } from '#service/facts.ts';
import { readObjection } from '#service/objections.ts';
import { NONE } from '#wire/common.ts';
import {
  answerObjectionSchema,
  attestItemSchema,
  attestSignerSchema,
  attestSubjectSchema,
  closureSchema,
  facilitySchema,
  factParams,
  factStatedSchema,
  factsSchema,
  noticeSchema,
  objectionOpenedSchema,
  objectionViewSchema,
  objectSchema,
} from '#wire/facts.ts';
import { relationshipParams } from '#wire/relationships.ts';
import { type Api, addRead, addWrite, type Write } from '../operation.ts';

const TAG = 'Facts';
const OF_A_RELATIONSHIP = ['relationship_unknown', 'duty_missing', 'limit_reached'] as const;
const OF_A_FACT = [...OF_A_RELATIONSHIP, 'fact_unknown', 'fact_ended'] as const;

/** A fact that is stated: what differs from one to the next. */
type Fact<Params extends z.ZodObject, Body extends z.ZodType> = Pick<
  Extract<
    Write<Params, Body, typeof factStatedSchema>,
    { readonly signed: 'by a party' | 'by a party or its subject' }
  >,
  'path' | 'summary' | 'description' | 'params' | 'body' | 'failures' | 'call'
>;

function addFact<Params extends z.ZodObject, Body extends z.ZodType>(api: Api, fact: Fact<Params, Body>): void {
  addWrite(api, { tag: TAG, signed: 'by a party', answer: factStatedSchema, ...fact });
}

/** Adds the routes of facts. */
export function addFacts(api: Api): void {
  addRead(api, {
    path: '/v1/relationships/{handle}/facts',
    tag: TAG,
    summary: 'Read the facts of a relationship',
    description:
      'Each with how it stands at the time of reading: a facility live or closed, an objection open, overdue or answered, a licence live or ended. For its grantee, who succeeded it, and its subject.',
    scope: 'caller',
    params: relationshipParams,
    query: NONE,
    answer: factsSchema,
    failures: ['relationship_unknown'],
    call: (context, caller, { params }) => readFacts(context, caller, params.handle),
  });
  addFacilities(api);
  addAttestations(api);
  addObjections(api);
}

function addFacilities(api: Api): void {
  addFact(api, {
    path: '/v1/relationships/{handle}/facilities',
    summary: 'Bind a facility',
    description: 'A loan or line: while it is in force, what the letter gave for after the loan may be used.',
    params: relationshipParams,
    body: facilitySchema,
    failures: OF_A_RELATIONSHIP,
    call: (context, caller, { params, body }) => stateNewFact(context, caller, params.handle, 'facility.bound', body),
  });
  addFact(api, {
    path: '/v1/relationships/{handle}/facilities/{fact}/change',
    summary: 'Change a facility',
    params: factParams,
    body: facilitySchema,
    failures: OF_A_FACT,
    call: (context, caller, { params, body }) => stateOfFact(context, caller, params, 'facility.changed', body),
  });
  addFact(api, {
    path: '/v1/relationships/{handle}/facilities/{fact}/closure',
    summary: 'Close a facility',
    params: factParams,
    body: closureSchema,
    failures: OF_A_FACT,
    call: (context, caller, { params, body }) => stateOfFact(context, caller, params, 'facility.closed', body),
  });
  addFact(api, {
    path: '/v1/relationships/{handle}/notices',
    summary: 'Record a notice to the subject',
    description: 'That it was sent, of what, by what and when; what it said stays with the grantee.',
    params: relationshipParams,
    body: noticeSchema,
    failures: [...OF_A_RELATIONSHIP, 'signed_ahead'],
    call: (context, caller, { params, body }) => stateNewFact(context, caller, params.handle, 'notice.sent', body),
  });
}

function addAttestations(api: Api): void {
  addFact(api, {
    path: '/v1/relationships/{handle}/attestations/subject',
    summary: 'Attest a subject’s age band',
    params: relationshipParams,
    body: attestSubjectSchema,
    failures: OF_A_RELATIONSHIP,
    call: (context, caller, { params, body }) => attest(context, caller, params.handle, 'subject.attested', body),
  });
  addFact(api, {
    path: '/v1/relationships/{handle}/attestations/signer',
    summary: 'Attest who may sign for a firm',
    params: relationshipParams,
    body: attestSignerSchema,
    failures: OF_A_RELATIONSHIP,
    call: (context, caller, { params, body }) => attest(context, caller, params.handle, 'signer.attested', body),
  });
  addFact(api, {
    path: '/v1/relationships/{handle}/attestations/item',
    summary: 'Attest when an item ended, or was determined',
    params: relationshipParams,
    body: attestItemSchema,
    failures: OF_A_RELATIONSHIP,
    call: (context, caller, { params, body }) => attest(context, caller, params.handle, 'item.attested', body),
  });
}

function addObjections(api: Api): void {
  addWrite(api, {
    tag: TAG,
    signed: 'by a party',
    path: '/v1/relationships/{handle}/objections',
    summary: 'Record an objection',
    description: 'Received from the subject; it is to be answered within twenty days (征信业管理条例 25).',
    params: relationshipParams,
    body: objectSchema,
    answer: objectionOpenedSchema,
    failures: OF_A_RELATIONSHIP,
    call: (context, caller, { params, body }) => openObjection(context, caller, params.handle, body),
  });
  addRead(api, {
    path: '/v1/relationships/{handle}/objections/{fact}',
    tag: TAG,
    summary: 'Read why an objection was opened',
    description:
      'A person that objects itself says why in its own words. For the grantee, who succeeded it, and the subject; when it is due stands among the facts.',
    scope: 'caller',
    params: factParams,
    query: NONE,
    answer: objectionViewSchema,
    failures: ['relationship_unknown', 'fact_unknown'],
    call: (context, caller, { params }) => readObjection(context, caller, params),
  });
  addFact(api, {
    path: '/v1/relationships/{handle}/objections/{fact}/mark',
    summary: 'Mark an objection',
    params: factParams,
    body: closureSchema,
    failures: [...OF_A_FACT, 'already_there'],
    call: (context, caller, { params, body }) => stateOfFact(context, caller, params, 'objection.marked', body),
  });
  addFact(api, {
    path: '/v1/relationships/{handle}/objections/{fact}/answer',
    summary: 'Answer an objection',
    params: factParams,
    body: answerObjectionSchema,
    failures: OF_A_FACT,
    call: (context, caller, { params, body }) => stateOfFact(context, caller, params, 'objection.answered', body),
  });
}
