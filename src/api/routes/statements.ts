/** Routes of a subject's holds: pausing a grant, freezing everything, and the ends of both. */
import { draftHold, holdEverything, holdGrant } from '#service/holds.ts';
import { NONE } from '#wire/common.ts';
import { grantParams } from '#wire/grants.ts';
import { relationshipParams } from '#wire/relationships.ts';
import {
  draftStatementSchema,
  everythingHeldSchema,
  grantHeldSchema,
  signHoldSchema,
  statementDraftedSchema,
} from '#wire/statements.ts';
import { type Api, addWrite } from '../operation.ts';

const TAG = 'Holds';
const OF_A_STATEMENT = [
  'statement_unknown',
  'hold_mismatch',
  'already_signed',
  'letter_expired',
  'signed_ahead',
  'signed_before',
  'key_invalid',
  'subject_key_unknown',
  'signature_invalid',
] as const;

/** Adds the routes of holds. */
export function addStatements(api: Api): void {
  addWrite(api, {
    path: '/v1/statements',
    tag: TAG,
    summary: 'Draft a statement',
    description: 'Mints what a subject may sign to pause or resume a grant, or to freeze or release everything.',
    signed: 'by a party or its subject',
    params: NONE,
    body: draftStatementSchema,
    answer: statementDraftedSchema,
    failures: ['relationship_unknown', 'grant_unknown', 'letter_expired', 'limit_reached', 'duty_missing'],
    call: (context, caller, { body }) => draftHold(context, caller, body),
  });
  for (const kind of ['pause', 'resume'] as const) {
    addWrite(api, {
      path: kind === 'pause' ? '/v1/grants/{id}/pause' : '/v1/grants/{id}/resumption',
      tag: TAG,
      summary: kind === 'pause' ? 'Pause a grant' : 'Resume a grant',
      description:
        kind === 'pause'
          ? 'Nothing is allowed under the grant until it is resumed.'
          : 'Takes evidence of at least the grade that the pause came with, and never grade D.',
      signed: 'by the subject’s statement',
      params: grantParams,
      body: signHoldSchema,
      answer: grantHeldSchema,
      failures: [...OF_A_STATEMENT, 'grant_unknown', 'already_revoked', 'grant_ended', 'grade_low'],
      call: (context, request, { params, body }) => holdGrant(context, request, { ...body, kind, grant: params.id }),
      location: ({ grant }) => `/v1/grants/${grant}`,
    });
  }
  for (const kind of ['freeze', 'release'] as const) {
    addWrite(api, {
      path: `/v1/relationships/{handle}/${kind}`,
      tag: TAG,
      summary: kind === 'freeze' ? 'Freeze everything' : 'Release everything',
      description:
        kind === 'freeze'
          ? 'Nothing of the subject is allowed any more, to anyone, until the subject’s own signature releases it.'
          : 'Takes evidence of at least the grade that the freeze came with, and never grade D.',
      signed: 'by the subject’s statement',
      params: relationshipParams,
      body: signHoldSchema,
      answer: everythingHeldSchema,
      failures: [...OF_A_STATEMENT, 'relationship_unknown', 'grade_low'],
      call: (context, request, { params, body }) =>
        holdEverything(context, request, { ...body, kind, handle: params.handle }),
    });
  }
}
