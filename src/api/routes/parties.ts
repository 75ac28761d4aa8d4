/** Routes of parties. */
import { addPartyKey, readParty, registerParty } from '#service/parties.ts';
import { NONE } from '#wire/common.ts';
import {
  addPartyKeySchema,
  partyParams,
  partyRegisteredSchema,
  partySchema,
  registerPartySchema,
} from '#wire/parties.ts';
import { type Api, addRead, addWrite } from '../operation.ts';

const TAG = 'Parties';

/** Adds the routes of parties. */
export function addParties(api: Api): void {
  addWrite(api, {
    path: '/v1/parties',
    tag: TAG,
    summary: 'Register a party',
    description: 'Registers an organisation, which gets its id from the ledger.',
    params: NONE,
    body: registerPartySchema,
    answer: partyRegisteredSchema,
    failures: ['party_role'],
    call: (context, request, { body }) => registerParty(context, request, body),
    location: ({ party }) => `/v1/parties/${party}`,
  });
  addWrite(api, {
    path: '/v1/parties/{id}/keys',
    tag: TAG,
    summary: 'Add a key to a party',
    params: partyParams,
    body: addPartyKeySchema,
    answer: partyRegisteredSchema,
    failures: ['key_invalid', 'party_unknown', 'already_there', 'limit_reached'],
    call: (context, request, { params, body }) => addPartyKey(context, request, { party: params.id, key: body.key }),
    location: ({ party }) => `/v1/parties/${party}`,
  });
  addRead(api, {
    path: '/v1/parties/{id}',
    tag: TAG,
    summary: 'Read a party',
    params: partyParams,
    query: NONE,
    answer: partySchema,
    failures: ['party_unknown'],
    call: async (context, { params }) => ({ party: params.id, ...(await readParty(context, params.id)) }),
  });
}
