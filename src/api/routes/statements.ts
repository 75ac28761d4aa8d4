/** Routes of a subject's statements: pausing a grant, freezing everything, the ends of both, and what becomes of a grant. */
import { confirmStanding } from '#service/confirm.ts';
import { draftHold, holdEverything, holdGrant } from '#service/holds.ts';
import { NONE } from '#wire/common.ts';
import { grantParams } from '#wire/grants.ts';
import { relationshipParams } from '#wire/relationships.ts';
import {
  confirmedSchema,
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

/** What a subject's statement does to one grant, and where it is handed in. */
const OF_A_GRANT = {
  pause: {
    path: 'pause',
    summary: 'Pause a grant',
    description: 'Nothing is allowed under the grant, or under what follows it, until it is resumed.',
    failures: [],
  },
  resume: {
    path: 'resumption',
    summary: 'Resume a grant',
    description: 'Takes evidence of at least the grade that the pause came with, and never grade D.',
    failures: ['key_suspended'],
  },
  extend: {
    path: 'extension',
    summary: 'Extend a grant',
    description:
      'Another grant follows this one from its end on: the same terms, for longer. Uses count on. Takes evidence of at least the grade that the grant was given with, and never grade D.',
    failures: ['terms_wider', 'already_there', 'limit_reached', 'grant_suspended', 'key_suspended'],
  },
  narrow: {
    path: 'narrowing',
    summary: 'Narrow a grant',
    description:
      'Another grant, within this one, stands in its place; this one ends at once, with all that follows it. Uses count on. Any evidence is enough.',
    failures: ['terms_wider', 'already_there', 'limit_reached', 'grant_suspended', 'key_suspended'],
  },
  object: {
    path: 'contest',
    summary: 'Contest a grant',
    description:
      'The subject says that it was not itself that signed, or not freely (民法典 143–151): nothing is allowed under the grant while it is contested (`FROZEN`), and nothing of it is deleted. Any evidence is enough; why is not said.',
    failures: [],
  },
  affirm: {
    path: 'affirmation',
    summary: 'Affirm a contested grant',
    description:
      'The subject ends what it contested. Takes evidence of at least the grade that it was contested with, and never grade D. A party’s finding is not lifted by it.',
    failures: ['key_suspended'],
  },
} as const;
const GRANT_KINDS = ['pause', 'resume', 'extend', 'narrow', 'object', 'affirm'] as const;

/** Adds the routes of holds. */
export function addStatements(api: Api): void {
  addWrite(api, {
    path: '/v1/statements',
    tag: TAG,
    summary: 'Draft a statement',
    description:
      'Mints what a subject may sign to pause or resume a grant, to extend or narrow it, to contest it or affirm it again, to freeze or release everything, or to confirm what stood before the log was continued.',
    signed: 'by a party or its subject',
    params: NONE,
    body: draftStatementSchema,
    answer: statementDraftedSchema,
    failures: [
      'relationship_unknown',
      'grant_unknown',
      'letter_expired',
      'limit_reached',
      'duty_missing',
      'terms_wider',
      'already_revoked',
      'grant_ended',
      'already_there',
      'hold_mismatch',
      'quota_unknown',
    ],
    call: (context, caller, { body }) => draftHold(context, caller, body),
  });
  addOfGrants(api);
  addOfEverything(api);
  addConfirming(api);
}

function addOfGrants(api: Api): void {
  for (const kind of GRANT_KINDS) {
    addWrite(api, {
      path: `/v1/grants/{id}/${OF_A_GRANT[kind].path}`,
      tag: TAG,
      summary: OF_A_GRANT[kind].summary,
      description: OF_A_GRANT[kind].description,
      signed: 'by the subject’s statement',
      params: grantParams,
      body: signHoldSchema,
      answer: grantHeldSchema,
      failures: [
        ...OF_A_STATEMENT,
        'grant_unknown',
        'already_revoked',
        'grant_ended',
        'grade_low',
        ...OF_A_GRANT[kind].failures,
      ],
      call: (context, request, { params, body }) => holdGrant(context, request, { ...body, kind, grant: params.id }),
      location: ({ grant, makes }) => `/v1/grants/${makes ?? grant}`,
    });
  }
}

/** What stood before the log was continued, and stands still: of a grant, or of the relationship for what stands on law. */
function addConfirming(api: Api): void {
  const failures = [...OF_A_STATEMENT, 'grade_low', 'key_suspended'] as const;
  addWrite(api, {
    path: '/v1/grants/{id}/confirmation',
    tag: TAG,
    summary: 'Confirm a grant',
    description:
      'After entries were lost, and the log was continued under a new name (ADR 0028): the subject may have taken the grant back since, so nothing is allowed under it (`SUSPENDED`) until the subject confirms it. Takes evidence of at least the grade that the grant was given with, and never grade D. It lifts no pause, freeze or finding; a grant of a limited number of uses is given anew instead.',
    signed: 'by the subject’s statement',
    params: grantParams,
    body: signHoldSchema,
    answer: confirmedSchema,
    failures: [...failures, 'grant_unknown', 'already_revoked', 'grant_ended', 'quota_unknown'],
    call: (context, request, { params, body }) => confirmStanding(context, request, { ...body, grant: params.id }),
    location: ({ grant }) => `/v1/grants/${grant}`,
  });
  addWrite(api, {
    path: '/v1/relationships/{handle}/confirmation',
    tag: TAG,
    summary: 'Confirm a relationship',
    description:
      'The same of the relationship, for accesses that stand on law: the subject says that it has frozen nothing. It confirms no grant.',
    signed: 'by the subject’s statement',
    params: relationshipParams,
    body: signHoldSchema,
    answer: confirmedSchema,
    failures: [...failures, 'relationship_unknown'],
    call: (context, request, { params, body }) =>
      confirmStanding(context, request, { ...body, grant: null, handle: params.handle }),
  });
}

function addOfEverything(api: Api): void {
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
      failures: [...OF_A_STATEMENT, 'relationship_unknown', 'grade_low', 'key_suspended'],
      call: (context, request, { params, body }) =>
        holdEverything(context, request, { ...body, kind, handle: params.handle }),
    });
  }
}
