/** Routes of parties. */
import {
  addPartyKey,
  compromisePartyKey,
  continueParty,
  licenseParty,
  mandateProcessor,
  operatorLeaves,
  readParty,
  registerParty,
  reinstateSelf,
  retirePartyKey,
  setSuspended,
  succeedParty,
  suspendSelf,
} from '#service/parties.ts';
import { recoverKeeper } from '#service/recovery.ts';
import { NONE } from '#wire/common.ts';
import {
  addPartyKeySchema,
  compromiseKeySchema,
  continuePartySchema,
  emptySchema,
  keeperRecoveredSchema,
  licensePartySchema,
  mandateSchema,
  operatorParams,
  partyChangedSchema,
  partyKeyAddedSchema,
  partyParams,
  partyRegisteredSchema,
  partySchema,
  recoverKeeperSchema,
  registerPartySchema,
  retireKeySchema,
  succeedPartySchema,
  suspendSelfSchema,
} from '#wire/parties.ts';
import { type Api, addRead, addWrite } from '../operation.ts';

const TAG = 'Parties';
const OF_A_PARTY = ['party_unknown', 'duty_missing', 'second_signature', 'limit_reached'] as const;

/** Adds the routes of parties. */
export function addParties(api: Api): void {
  addWrite(api, {
    path: '/v1/parties',
    tag: TAG,
    summary: 'Register a party',
    description:
      'Registers an organisation with its first keys; it gets its id from the ledger, and each key an operator. Two administrators of the keeper sign it.',
    signed: 'by a party',
    params: NONE,
    body: registerPartySchema,
    answer: partyRegisteredSchema,
    failures: ['party_role', 'key_invalid', 'signature_invalid', 'already_there', 'duty_missing', 'second_signature'],
    call: (context, caller, { body }) => registerParty(context, caller, body),
    location: ({ party }) => `/v1/parties/${party}`,
  });
  addRead(api, {
    path: '/v1/parties/{id}',
    tag: TAG,
    summary: 'Read a party',
    description: 'The party itself, the keeper, or a supervisor.',
    scope: 'caller',
    params: partyParams,
    query: NONE,
    answer: partySchema,
    failures: ['party_unknown'],
    call: async (context, caller, { params }) => ({
      party: params.id,
      ...(await readParty(context, caller, params.id)),
    }),
  });
  addKeys(api);
  addRecovery(api);
  addStanding(api);
  addSelfSuspension(api);
  addTies(api);
}

function addKeys(api: Api): void {
  addWrite(api, {
    path: '/v1/parties/{id}/keys',
    tag: TAG,
    summary: 'Add a key to a party',
    description:
      'For a new operator, or for one that is there: its old key goes on beside the new one until it is retired. An administrator of the party signs it, or two of the keeper.',
    signed: 'by a party',
    params: partyParams,
    body: addPartyKeySchema,
    answer: partyKeyAddedSchema,
    failures: [...OF_A_PARTY, 'key_invalid', 'signature_invalid', 'operator_unknown', 'already_there', 'limit_reached'],
    call: (context, caller, { params, body }) => addPartyKey(context, caller, { party: params.id, ...body }),
    location: ({ party }) => `/v1/parties/${party}`,
  });
  addWrite(api, {
    path: '/v1/parties/{id}/keys/retirement',
    tag: TAG,
    summary: 'Retire a key of a party',
    description: 'It signs no more, from this entry on and for good.',
    signed: 'by a party',
    params: partyParams,
    body: retireKeySchema,
    answer: partyChangedSchema,
    failures: OF_A_PARTY,
    call: (context, caller, { params, body }) => retirePartyKey(context, caller, { party: params.id, ...body }),
  });
  addWrite(api, {
    path: '/v1/parties/{id}/keys/compromise',
    tag: TAG,
    summary: 'Declare a key of a party compromised',
    description: 'It signs no more, and the audit lists what it signed since the given time.',
    signed: 'by a party',
    params: partyParams,
    body: compromiseKeySchema,
    answer: partyChangedSchema,
    failures: [...OF_A_PARTY, 'already_there'],
    call: (context, caller, { params, body }) => compromisePartyKey(context, caller, { party: params.id, ...body }),
  });
}

function addRecovery(api: Api): void {
  addWrite(api, {
    path: '/v1/log/recovery',
    tag: TAG,
    summary: 'Replace the keeper’s administrators',
    description:
      'Where both their keys are lost or in other hands: by the recovery key, which is spent with it. All other keys of the keeper end (docs/keys.md).',
    signed: 'by the recovery key',
    params: NONE,
    body: recoverKeeperSchema,
    answer: keeperRecoveredSchema,
    failures: ['key_invalid', 'signature_invalid', 'already_there', 'limit_reached'],
    call: (context, request, { body }) => recoverKeeper(context, request, body),
  });
}

function addStanding(api: Api): void {
  addWrite(api, {
    path: '/v1/parties/{id}/operators/{operator}/departure',
    tag: TAG,
    summary: 'Say that an operator has left',
    description: 'None of the operator’s keys signs any more.',
    signed: 'by a party',
    params: operatorParams,
    body: emptySchema,
    answer: partyChangedSchema,
    failures: [...OF_A_PARTY, 'operator_unknown'],
    call: (context, caller, { params }) =>
      operatorLeaves(context, caller, { party: params.id, operator: params.operator }),
  });
  addWrite(api, {
    path: '/v1/parties/{id}/continuation',
    tag: TAG,
    summary: 'Continue a party',
    description:
      'After the log was continued under a new name, since entries were lost (ADR 0028): the party stands, with the keys that are named. Before that nothing that it signs is taken, and nothing leaves by its door. Two administrators of the keeper sign it. What ended, or was suspended, stays so.',
    signed: 'by a party',
    params: partyParams,
    body: continuePartySchema,
    answer: partyChangedSchema,
    failures: [...OF_A_PARTY, 'already_there', 'party_role'],
    call: (context, caller, { params, body }) => continueParty(context, caller, { party: params.id, ...body }),
  });
  for (const suspended of [true, false]) {
    addWrite(api, {
      path: suspended ? '/v1/parties/{id}/suspension' : '/v1/parties/{id}/reinstatement',
      tag: TAG,
      summary: suspended ? 'Suspend a party' : 'Reinstate a party',
      description: suspended
        ? 'Nothing that the party signs is taken any more. Two administrators of the keeper sign it.'
        : 'What the party signs is taken again. Two administrators of the keeper sign it.',
      signed: 'by a party',
      params: partyParams,
      body: emptySchema,
      answer: partyChangedSchema,
      failures: [...OF_A_PARTY, 'already_there', 'party_role'],
      call: (context, caller, { params }) => setSuspended(context, caller, { party: params.id, suspended }),
    });
  }
}

/** What a source lays upon itself, and lifts. */
function addSelfSuspension(api: Api): void {
  const failures = [...OF_A_PARTY, 'party_role'] as const;
  addWrite(api, {
    path: '/v1/parties/{id}/self-suspension',
    tag: TAG,
    summary: 'Suspend oneself as a source',
    description:
      'Nothing is queried there from then on, or for a time (`SOURCE`), and no permit is redeemed; its keys go on signing. An administrator of the party signs it, and nobody else. Said again, it is changed.',
    signed: 'by a party',
    params: partyParams,
    body: suspendSelfSchema,
    answer: partyChangedSchema,
    failures,
    call: (context, caller, { params, body }) => suspendSelf(context, caller, { party: params.id, ...body }),
  });
  addWrite(api, {
    path: '/v1/parties/{id}/self-reinstatement',
    tag: TAG,
    summary: 'Lift one’s own suspension',
    description: 'What the party laid upon itself, never what the keeper did. An administrator of the party signs it.',
    signed: 'by a party',
    params: partyParams,
    body: emptySchema,
    answer: partyChangedSchema,
    failures: [...failures, 'already_there'],
    call: (context, caller, { params }) => reinstateSelf(context, caller, { party: params.id }),
  });
}

/** What stands of a party besides its keys: licences, whom it succeeded, for whom it acts. */
function addTies(api: Api): void {
  addWrite(api, {
    path: '/v1/parties/{id}/licences',
    tag: TAG,
    summary: 'Register a licence',
    description:
      'Two administrators of the keeper sign it. Rules of packs may want one of lender, source or recipient.',
    signed: 'by a party',
    params: partyParams,
    body: licensePartySchema,
    answer: partyChangedSchema,
    failures: OF_A_PARTY,
    call: (context, caller, { params, body }) => licenseParty(context, caller, { party: params.id, ...body }),
  });
  addWrite(api, {
    path: '/v1/parties/{id}/successions',
    tag: TAG,
    summary: 'Register a succession',
    description:
      'From then on the party asks in the place of the one it succeeded. Two administrators of the keeper sign it.',
    signed: 'by a party',
    params: partyParams,
    body: succeedPartySchema,
    answer: partyChangedSchema,
    failures: [...OF_A_PARTY, 'already_there', 'party_role'],
    call: (context, caller, { params, body }) => succeedParty(context, caller, { party: params.id, ...body }),
  });
  addWrite(api, {
    path: '/v1/parties/{id}/mandates',
    tag: TAG,
    summary: 'Give a processor its mandate',
    description:
      'The processor then acts for this principal with its own key, within what it covers. Given again, it is changed; with an end seconds ahead, taken away. The principal’s administrator signs it.',
    signed: 'by a party',
    params: partyParams,
    body: mandateSchema,
    answer: partyChangedSchema,
    failures: [...OF_A_PARTY, 'party_role'],
    call: (context, caller, { params, body }) => mandateProcessor(context, caller, { party: params.id, ...body }),
  });
}
