/** Routes of the ledger's own issuing keys. */
import {
  addIssuingKey,
  compromiseIssuingKey,
  readLogKeys,
  retireIssuingKey,
  switchIssuingKey,
} from '#service/issuing-keys.ts';
import { NONE } from '#wire/common.ts';
import {
  addIssuingKeySchema,
  compromiseIssuingKeySchema,
  issuingKeyChangedSchema,
  issuingKeySchema,
  logKeysSchema,
} from '#wire/issuing-keys.ts';
import { type Api, addRead, addWrite } from '../operation.ts';

const TAG = 'Log';
const BY_THE_KEEPER = ['duty_missing', 'second_signature', 'engine_old', 'already_there', 'limit_reached'] as const;

/** Adds the routes of the issuing keys. */
export function addIssuingKeys(api: Api): void {
  addRead(api, {
    path: '/v1/log/keys',
    tag: TAG,
    summary: 'Read the issuing keys',
    description:
      'The log’s own stream with its proof: whoever trusts the vkey learns from it which keys sign entries, permits and answers now.',
    scope: 'public',
    params: NONE,
    query: NONE,
    answer: logKeysSchema,
    failures: ['not_published'],
    call: (context) => readLogKeys(context),
  });
  addWrite(api, {
    path: '/v1/log/issuing-keys',
    tag: TAG,
    summary: 'Add an issuing key',
    description: 'It signs nothing yet: clients learn it first. Two administrators of the keeper sign (docs/keys.md).',
    signed: 'by a party',
    params: NONE,
    body: addIssuingKeySchema,
    answer: issuingKeyChangedSchema,
    failures: ['key_invalid', 'signature_invalid', ...BY_THE_KEEPER],
    call: (context, caller, { body }) => addIssuingKey(context, caller, body),
  });
  addWrite(api, {
    path: '/v1/log/issuing-keys/switch',
    tag: TAG,
    summary: 'Let an issuing key take over',
    description: 'From the next entry on it signs. The one before it is taken until it is retired.',
    signed: 'by a party',
    params: NONE,
    body: issuingKeySchema,
    answer: issuingKeyChangedSchema,
    failures: ['issuing_key_absent', 'key_ended', ...BY_THE_KEEPER],
    call: (context, caller, { body }) => switchIssuingKey(context, caller, body.key),
  });
  addEnds(api);
}

function addEnds(api: Api): void {
  addWrite(api, {
    path: '/v1/log/issuing-keys/retirement',
    tag: TAG,
    summary: 'Retire an issuing key',
    description: 'A day after it signed last at the earliest. What it signed stands.',
    signed: 'by a party',
    params: NONE,
    body: issuingKeySchema,
    answer: issuingKeyChangedSchema,
    failures: ['key_ended', ...BY_THE_KEEPER],
    call: (context, caller, { body }) => retireIssuingKey(context, caller, body.key),
  });
  addWrite(api, {
    path: '/v1/log/issuing-keys/compromise',
    tag: TAG,
    summary: 'Declare an issuing key compromised',
    description:
      'It is taken no more, at once, and the audit lists what it signed since the given time. Let another one take over first, if it signs.',
    signed: 'by a party',
    params: NONE,
    body: compromiseIssuingKeySchema,
    answer: issuingKeyChangedSchema,
    failures: ['key_ended', ...BY_THE_KEEPER],
    call: (context, caller, { body }) => compromiseIssuingKey(context, caller, body),
  });
}
