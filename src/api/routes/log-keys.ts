/** Routes of the log keys. Which there are, `GET /v1/log/keys` says (issuing-keys.ts). */
import { addLogKey, compromiseLogKey, retireLogKey, switchLogKey } from '#service/log-keys.ts';
import { NONE } from '#wire/common.ts';
import {
  addLogKeySchema,
  compromiseLogKeySchema,
  logKeyChangedSchema,
  logKeySchema,
  switchLogKeySchema,
} from '#wire/log-keys.ts';
import { type Api, addWrite } from '../operation.ts';

const TAG = 'Log';
const BY_THE_KEEPER = ['duty_missing', 'second_signature', 'engine_old', 'already_there', 'limit_reached'] as const;

/** Adds the routes of the log keys. */
export function addLogKeys(api: Api): void {
  addWrite(api, {
    path: '/v1/log/log-keys',
    tag: TAG,
    summary: 'Add a log key',
    description:
      'It signs nothing yet: the checkpoints of the keys that do are to name it first. Two administrators of the keeper sign (docs/keys.md).',
    signed: 'by a party',
    params: NONE,
    body: addLogKeySchema,
    answer: logKeyChangedSchema,
    failures: ['key_invalid', 'signature_invalid', ...BY_THE_KEEPER],
    call: (context, caller, { body }) => addLogKey(context, caller, body),
  });
  addWrite(api, {
    path: '/v1/log/log-keys/switch',
    tag: TAG,
    summary: 'Let a log key take over',
    description: 'From the next checkpoint on it signs; the one before it signs beside it until it is retired.',
    signed: 'by a party',
    params: NONE,
    body: switchLogKeySchema,
    answer: logKeyChangedSchema,
    failures: ['log_key_absent', 'key_ended', 'not_published', ...BY_THE_KEEPER],
    call: (context, caller, { body }) => switchLogKey(context, caller, body),
  });
  addWrite(api, {
    path: '/v1/log/log-keys/retirement',
    tag: TAG,
    summary: 'Retire a log key',
    description: 'At the time that was announced at the earliest. What it signed stands.',
    signed: 'by a party',
    params: NONE,
    body: logKeySchema,
    answer: logKeyChangedSchema,
    failures: ['key_ended', ...BY_THE_KEEPER],
    call: (context, caller, { body }) => retireLogKey(context, caller, body.vkey),
  });
  addWrite(api, {
    path: '/v1/log/log-keys/compromise',
    tag: TAG,
    summary: 'Declare a log key compromised',
    description:
      'It signs no more, at once. Tell who relies on it: they learn it from their witness policy, and not from the log (docs/trust.md).',
    signed: 'by a party',
    params: NONE,
    body: compromiseLogKeySchema,
    answer: logKeyChangedSchema,
    failures: ['key_ended', ...BY_THE_KEEPER],
    call: (context, caller, { body }) => compromiseLogKey(context, caller, body),
  });
}
