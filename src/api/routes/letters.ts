/** Routes of letters of authorization. */

import { letterReceiptCapability } from '#service/capabilities.ts';
import { declineLetter } from '#service/declines.ts';
import { issueLetterCredential } from '#service/letter-credentials.ts';
import { signLetterOnPaper } from '#service/letter-paper.ts';
import { relayAnswers } from '#service/letter-questions.ts';
import { readLetter } from '#service/letter-view.ts';
import { draftLetter, signLetter } from '#service/letters.ts';
import { letterReceipt } from '#service/receipts.ts';
import { letterReceiptByCapability } from '#service/receipts-by-capability.ts';
import { capabilityParams, receiptQuery, receiptText } from '#wire/accesses.ts';
import { NONE } from '#wire/common.ts';
import {
  answerLetterSchema,
  credentialText,
  declineLetterSchema,
  draftLetterSchema,
  letterAnsweredSchema,
  letterDeclinedSchema,
  letterDraftedSchema,
  letterParams,
  letterSchema,
  letterSignedSchema,
  signLetterSchema,
  signOnPaperSchema,
} from '#wire/letters.ts';
import { type Api, addRead, addWrite } from '../operation.ts';

const TAG = 'Letters';
const OF_AN_ANSWER = [
  'letter_unknown',
  'already_signed',
  'letter_declined',
  'letter_expired',
  'signed_ahead',
  'signed_before',
] as const;
const OF_QUESTIONS = ['teach_back_missing', 'letter_held'] as const;
const OF_A_SIGNATURE = [...OF_AN_ANSWER, 'key_invalid', 'subject_key_unknown', 'signature_invalid'] as const;

const OF_ANSWERS = [
  'letter_unknown',
  'already_signed',
  'letter_declined',
  'letter_expired',
  'letter_held',
  'duty_missing',
  'limit_reached',
] as const;

const OF_A_DRAFT = [
  'relationship_unknown',
  'party_unknown',
  'party_role',
  'letter_expired',
  'limit_reached',
  'identifier_old',
  'quiet_period',
  'template_required',
  'pack_unknown',
  'pack_not_in_force',
  'template_unknown',
  'template_mismatch',
  'slot_invalid',
  'template_invalid',
  'letter_faulty',
  'item_class_unknown',
  'engine_old',
] as const;

/** Adds the routes of letters. */
export function addLetters(api: Api): void {
  addWrite(api, {
    path: '/v1/letters',
    tag: TAG,
    summary: 'Draft a letter',
    description:
      'Nothing is granted by it: it mints the ids and the statement that the subject may sign. The text is made from the grants, a template of the packs in force, the registered names of the parties and the slots; it is answered with an English translation, of which nothing is signed. A text of your own is taken only while no pack in force has a template. What the subject refused is not asked for again before the day that the packs in force say: `quiet_period`.',
    signed: 'by a party',
    params: NONE,
    body: draftLetterSchema,
    answer: letterDraftedSchema,
    failures: OF_A_DRAFT,
    call: (context, caller, { body }) => draftLetter(context, caller, body),
    location: ({ letter }) => `/v1/letters/${letter}`,
  });
  addRead(api, {
    path: '/v1/letters/{id}',
    tag: TAG,
    summary: 'Read a letter',
    description: 'Its grantee, or its subject.',
    scope: 'caller',
    params: letterParams,
    query: NONE,
    answer: letterSchema,
    failures: ['letter_unknown'],
    call: (context, caller, { params }) => readLetter(context, caller, params.id),
  });
  addAnswers(api);
  addReceipts(api);
}

/** What a subject may answer. */
function addAnswers(api: Api): void {
  addQuestions(api);
  addWrite(api, {
    path: '/v1/letters/{id}/signature',
    tag: TAG,
    summary: 'Sign a letter',
    description:
      'Takes the subject’s signature: each clause ticked or not, each ticked one a grant of its own. The key signs `"assent/statement/v1\\n" ||` the canonical JSON (RFC 8785) of the draft’s statement with `given` at each grant, `declined_items` where some are left out of it, and `signed_at` filled in.',
    signed: 'by the subject’s statement',
    params: letterParams,
    body: signLetterSchema,
    answer: letterSignedSchema,
    failures: [...OF_A_SIGNATURE, ...OF_QUESTIONS, 'limit_reached', 'engine_old'],
    call: (context, request, { params, body }) => signLetter(context, request, { letter: params.id, ...body }),
    location: ({ letter }) => `/v1/letters/${letter}`,
  });
  addWrite(api, {
    path: '/v1/letters/{id}/paper',
    tag: TAG,
    summary: 'Bring in a letter signed in ink',
    description:
      'What the subject ticked and signed on the printed text, at a counter. Two operators of the letter’s principal sign this request, clerk and witness, both with the duty `query`. The scan stays with you: the entry has its keyed digest, type and size. It gives what the subject’s own signature would give, with evidence of grade C, from now on.',
    signed: 'by a party',
    params: letterParams,
    body: signOnPaperSchema,
    answer: letterSignedSchema,
    failures: [...OF_AN_ANSWER, ...OF_QUESTIONS, 'second_signature', 'duty_missing', 'limit_reached', 'engine_old'],
    call: (context, caller, { params, body }) => signLetterOnPaper(context, caller, { letter: params.id, ...body }),
    location: ({ letter }) => `/v1/letters/${letter}`,
  });
  addWrite(api, {
    path: '/v1/letters/{id}/decline',
    tag: TAG,
    summary: 'Decline a letter',
    description:
      'Takes the subject’s refusal of the whole letter: nothing is granted, and it can be signed no more. The statement is `{v: 1, log, kind: "decline", ref: <letter>, text, template, grants: [<their ids>], parties: [<grantee>], warnings: [], nonce, signed_at, expires_at}`, with text, template, nonce and end of the draft’s statement. Any evidence is enough. Who does not answer has not refused: the letter expires.',
    signed: 'by the subject’s statement',
    params: letterParams,
    body: declineLetterSchema,
    answer: letterDeclinedSchema,
    failures: OF_A_SIGNATURE,
    call: (context, request, { params, body }) => declineLetter(context, request, { letter: params.id, ...body }),
    location: ({ letter }) => `/v1/letters/${letter}`,
  });
}

/** What is kept of a letter. */
function addReceipts(api: Api): void {
  addRead(api, {
    path: '/v1/letters/{id}/receipt',
    tag: TAG,
    summary: 'Take the receipt of a letter',
    description:
      'Everything that proves what its subject answered, and when, to someone who trusts nobody but the log’s public key, as one file; from its signature or refusal on. Its grantee, or its subject. Check it with `npx assent verify`. With `open=signatures` its subject opens what it signed, too: then the file also proves which key signed which text, and who identified the person for it.',
    scope: 'caller',
    params: letterParams,
    query: receiptQuery,
    answer: receiptText,
    text: 'application/json',
    failures: OF_A_RECEIPT,
    call: (context, caller, { params, query }) => letterReceipt(context, caller, params.id, query.open),
    headers: (_receipt, { params }, context) => ({
      'content-disposition': `attachment; filename="receipt-${params.id}.json"`,
      // For who is shown it without a key: the page opens to whoever has its path, and does not say who signed.
      link: `</letters/${letterReceiptCapability(context, params.id)}>; rel="alternate"; type="text/html"`,
    }),
  });
  addRead(api, {
    path: '/v1/letter-receipts/{capability}',
    tag: TAG,
    summary: 'Take the receipt of a letter by its capability',
    description: 'For who has no key of a party: the path itself opens this one receipt. It does not say who signed.',
    scope: 'public',
    params: capabilityParams,
    query: NONE,
    answer: receiptText,
    text: 'application/json',
    failures: OF_A_RECEIPT,
    call: (context, _caller, { params }) => letterReceiptByCapability(context, params.capability),
    headers: () => ({ 'content-disposition': 'attachment; filename="receipt.json"' }),
  });
  addRead(api, {
    path: '/v1/letters/{id}/credential',
    tag: TAG,
    summary: 'Take a letter as a Verifiable Credential',
    description:
      'What its subject gave, as a W3C Verifiable Credential (VCDM 2.0) with a proof of eddsa-jcs-2022 by the did:key of the ledger’s issuing key. Its grantee, or its subject. An export: it says what the receipt says and names the entry; the receipt is the proof. Whether a grant still stands it does not say: ask.',
    scope: 'caller',
    params: letterParams,
    query: NONE,
    answer: credentialText,
    text: 'application/vc',
    failures: [...OF_A_RECEIPT, 'letter_declined'],
    call: (context, caller, { params }) => issueLetterCredential(context, caller, params.id),
    headers: (_credential, { params }) => ({
      'content-disposition': `attachment; filename="credential-${params.id}.json"`,
    }),
  });
}

const OF_A_RECEIPT = ['letter_unknown', 'letter_unanswered', 'not_published', 'not_told', 'limit_reached'] as const;
/** What is asked before. */
function addQuestions(api: Api): void {
  addWrite(api, {
    path: '/v1/letters/{id}/answers',
    tag: TAG,
    summary: 'Relay what the person answered',
    description:
      'Before a letter is signed the person answers the questions of its template, in its own words, and says whether the facts on record are right: on the letter’s page, or in your app or at your counter, from where you relay it. An answer that the template says stops, stops the signing for a day; then the questions are answered anew. Read the letter for its questions. The answers are kept in the vault.',
    signed: 'by a party',
    params: letterParams,
    body: answerLetterSchema,
    answer: letterAnsweredSchema,
    failures: OF_ANSWERS,
    call: (context, caller, { params, body }) => relayAnswers(context, caller, { letter: params.id, ...body }),
    location: ({ letter }) => `/v1/letters/${letter}`,
  });
}
