/** Routes of erasure. */
import { Failure } from '#core/failure.ts';
import type { Caller, SubjectCaller } from '#service/caller.ts';
import { eraseBySubject, eraseRefusals, eraseRelationship, readErasable } from '#service/erasures.ts';
import { erasureReceiptByCapability } from '#service/receipts-by-capability.ts';
import { capabilityParams, receiptText } from '#wire/accesses.ts';
import { NONE } from '#wire/common.ts';
import { erasableSchema, erasedSchema, eraseOwnSchema } from '#wire/erasures.ts';
import { emptySchema, partyParams } from '#wire/parties.ts';
import { relationshipParams } from '#wire/relationships.ts';
import { type Api, addRead, addWrite } from '../operation.ts';

const TAG = 'Law';
const OF_AN_ERASURE = ['not_due', 'nothing_to_erase', 'engine_old'] as const;
const BY_THE_KEEPER = ['second_signature', 'duty_missing'] as const;

/** Adds the routes of erasure. */
export function addErasures(api: Api): void {
  addCertificates(api);
  addRead(api, {
    path: '/v1/erasures',
    tag: TAG,
    summary: 'List what of oneself can be erased',
    description:
      'To a subject, of all its relationships: how many sealed parts there are of each class, and until when the packs in force want them kept. Entries, and the digests that they committed to, stay for ever.',
    scope: 'caller',
    params: NONE,
    query: NONE,
    answer: erasableSchema,
    failures: ['relationship_unknown'],
    call: (context, caller) => readErasable(context, requireSubject(caller, 'relationship_unknown').person),
  });
  addWrite(api, {
    path: '/v1/erasures',
    tag: TAG,
    summary: 'Erase what is due of oneself',
    description:
      'Destroys the sealed parts that need not be kept any more, with their salts and keys, and makes an entry of it; what has to be kept still is refused whole, with its day. The subject signs the request. With its last letters a subject’s keys go, too: then this was its last request.',
    signed: 'by a party or its subject',
    params: NONE,
    body: eraseOwnSchema,
    answer: erasedSchema,
    failures: [...OF_AN_ERASURE, 'relationship_unknown', 'key_suspended'],
    call: async (context, caller, { body }) =>
      eraseBySubject(context, requireSubject(caller, 'principal_mismatch'), body),
  });
  addWrite(api, {
    path: '/v1/relationships/{handle}/erasure',
    tag: TAG,
    summary: 'Erase what is due of a relationship',
    description:
      'What retention has let go of has to be erased unasked (PIPL 47). Two administrators of the keeper sign it.',
    signed: 'by a party',
    params: relationshipParams,
    body: emptySchema,
    answer: erasedSchema,
    failures: [...OF_AN_ERASURE, ...BY_THE_KEEPER, 'relationship_unknown'],
    call: (context, caller, { params }) => eraseRelationship(context, caller, params),
  });
  addWrite(api, {
    path: '/v1/parties/{id}/refusals/erasure',
    tag: TAG,
    summary: 'Erase what is due of a party’s refusals',
    description:
      'Whose handles they were on. The oldest first, some thousands at once. Two administrators of the keeper sign it.',
    signed: 'by a party',
    params: partyParams,
    body: emptySchema,
    answer: erasedSchema,
    failures: [...OF_AN_ERASURE, ...BY_THE_KEEPER, 'party_unknown'],
    call: (context, caller, { params }) => eraseRefusals(context, caller, { party: params.id }),
  });
}

function addCertificates(api: Api): void {
  addRead(api, {
    path: '/v1/erasure-receipts/{capability}',
    tag: TAG,
    summary: 'Take the certificate of an erasure by its capability',
    description:
      'A receipt of its own kind: everything that proves that the erasure was recorded, by which rules, and what is still kept, to someone who trusts nobody but the log’s public key. It does not say whose data they were. Check it with `npx assent verify`.',
    scope: 'public',
    params: capabilityParams,
    query: NONE,
    answer: receiptText,
    text: 'application/json',
    failures: ['erasure_unknown', 'not_published', 'not_told', 'limit_reached'],
    call: (context, _caller, { params }) => erasureReceiptByCapability(context, params.capability),
    headers: () => ({ 'content-disposition': 'attachment; filename="erasure-receipt.json"' }),
  });
}

function requireSubject(caller: Caller, code: 'relationship_unknown' | 'principal_mismatch'): SubjectCaller {
  if (caller.kind === 'subject') return caller;
  throw new Failure(code, 'sign with a key of the subject');
}
