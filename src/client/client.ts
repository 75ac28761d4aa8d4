/**
 * The client: asks the ledger over HTTP. Every write carries an idempotency key of its own, and is sent again under the
 * same key where no answer came, so that what happened once happens once.
 *
 * @module
 */
import { jobPartPath } from '#core/consent/job-path.ts';
import type { AccessId, GrantId, Handle, JobId, LetterId, OperatorId, PartyId, WebhookId } from '#core/ids.ts';
import {
  accessSchema,
  type askAccessSchema,
  type askBatchSchema,
  batchSchema,
  courseSchema,
  doorKeySchema,
  previewSchema,
  redeemedSchema,
  type redeemSchema,
  settledSchema,
  type settleSchema,
} from '#wire/accesses.ts';
import { explanationSchema } from '#wire/explanations.ts';
import { acknowledgedSchema, feedSchema, revocationsSchema } from '#wire/feed.ts';
import {
  type findingSchema,
  findingStatedSchema,
  grantRevokedSchema,
  grantSchema,
  grantStatusesSchema,
  type revokeGrantSchema,
} from '#wire/grants.ts';
import { logKeysSchema } from '#wire/issuing-keys.ts';
import { type createJobSchema, jobCreatedSchema, jobSchema, partResultsSchema, partStoredSchema } from '#wire/jobs.ts';
import { foundingSchema } from '#wire/log.ts';
import {
  type addPartyKeySchema,
  type compromiseKeySchema,
  type continuePartySchema,
  keeperRecoveredSchema,
  partyChangedSchema,
  partyKeyAddedSchema,
  partyRegisteredSchema,
  partySchema,
  type recoverKeeperSchema,
  type registerPartySchema,
  type retireKeySchema,
} from '#wire/parties.ts';
import { type bindKeySchema, enrolledSchema, type enrolSchema, keyBoundSchema } from '#wire/relationships.ts';
import {
  confirmedSchema,
  type draftStatementSchema,
  everythingHeldSchema,
  grantHeldSchema,
  type signHoldSchema,
  statementDraftedSchema,
} from '#wire/statements.ts';
import type { AnswerOf, InputOf, Schema } from '#wire/types.ts';
import { webhookRemovedSchema, webhookSchema, webhooksSchema } from '#wire/webhooks.ts';
import { type IdentityClient, identityCalls } from './identity-client.ts';
import { type KeyClient, keyCalls } from './key-client.ts';
import { type Calls, type LawClient, lawCalls } from './law-client.ts';
import { type LetterClient, letterCalls } from './letter-client.ts';
import { type LogKeyClient, logKeyCalls } from './log-key-client.ts';
import { type ClientOptions, openSender, Refused } from './send.ts';

export interface Client extends LawClient, LogKeyClient, LetterClient, KeyClient, IdentityClient {
  registerParty(body: InputOf<typeof registerPartySchema>): Promise<AnswerOf<typeof partyRegisteredSchema>>;
  addPartyKey(party: PartyId, body: InputOf<typeof addPartyKeySchema>): Promise<AnswerOf<typeof partyKeyAddedSchema>>;
  retirePartyKey(party: PartyId, body: InputOf<typeof retireKeySchema>): Promise<AnswerOf<typeof partyChangedSchema>>;
  compromisePartyKey(
    party: PartyId,
    body: InputOf<typeof compromiseKeySchema>,
  ): Promise<AnswerOf<typeof partyChangedSchema>>;
  operatorLeaves(party: PartyId, operator: OperatorId): Promise<AnswerOf<typeof partyChangedSchema>>;
  suspendParty(party: PartyId): Promise<AnswerOf<typeof partyChangedSchema>>;
  reinstateParty(party: PartyId): Promise<AnswerOf<typeof partyChangedSchema>>;
  continueParty(
    party: PartyId,
    body: InputOf<typeof continuePartySchema>,
  ): Promise<AnswerOf<typeof partyChangedSchema>>;
  /** Signed by nobody: the recovery key's signature stands in it. */
  recoverKeeper(body: InputOf<typeof recoverKeeperSchema>): Promise<AnswerOf<typeof keeperRecoveredSchema>>;
  readParty(party: PartyId): Promise<AnswerOf<typeof partySchema>>;
  enrol(body: InputOf<typeof enrolSchema>): Promise<AnswerOf<typeof enrolledSchema>>;
  bindKey(handle: Handle, body: InputOf<typeof bindKeySchema>): Promise<AnswerOf<typeof keyBoundSchema>>;
  readGrant(grant: GrantId): Promise<AnswerOf<typeof grantSchema>>;
  revokeGrant(grant: GrantId, body: InputOf<typeof revokeGrantSchema>): Promise<AnswerOf<typeof grantRevokedSchema>>;
  draftStatement(body: InputOf<typeof draftStatementSchema>): Promise<AnswerOf<typeof statementDraftedSchema>>;
  pauseGrant(grant: GrantId, body: InputOf<typeof signHoldSchema>): Promise<AnswerOf<typeof grantHeldSchema>>;
  resumeGrant(grant: GrantId, body: InputOf<typeof signHoldSchema>): Promise<AnswerOf<typeof grantHeldSchema>>;
  extendGrant(grant: GrantId, body: InputOf<typeof signHoldSchema>): Promise<AnswerOf<typeof grantHeldSchema>>;
  narrowGrant(grant: GrantId, body: InputOf<typeof signHoldSchema>): Promise<AnswerOf<typeof grantHeldSchema>>;
  contestGrant(grant: GrantId, body: InputOf<typeof signHoldSchema>): Promise<AnswerOf<typeof grantHeldSchema>>;
  affirmGrant(grant: GrantId, body: InputOf<typeof signHoldSchema>): Promise<AnswerOf<typeof grantHeldSchema>>;
  confirmGrant(grant: GrantId, body: InputOf<typeof signHoldSchema>): Promise<AnswerOf<typeof confirmedSchema>>;
  recordFinding(grant: GrantId, body: InputOf<typeof findingSchema>): Promise<AnswerOf<typeof findingStatedSchema>>;
  liftFinding(grant: GrantId, body: InputOf<typeof findingSchema>): Promise<AnswerOf<typeof findingStatedSchema>>;
  freeze(handle: Handle, body: InputOf<typeof signHoldSchema>): Promise<AnswerOf<typeof everythingHeldSchema>>;
  release(handle: Handle, body: InputOf<typeof signHoldSchema>): Promise<AnswerOf<typeof everythingHeldSchema>>;
  explainAccess(access: AccessId): Promise<AnswerOf<typeof explanationSchema>>;
  readAccess(access: AccessId): Promise<AnswerOf<typeof courseSchema>>;
  /** Up to 10,000 rows by one signature. */
  askBatch(body: InputOf<typeof askBatchSchema>, key?: string): Promise<AnswerOf<typeof batchSchema>>;
  createJob(body: InputOf<typeof createJobSchema>): Promise<AnswerOf<typeof jobCreatedSchema>>;
  /** Sends one part of a job: the exact text of a batch. The same part again gets the same answer. */
  sendPart(job: JobId, part: number, body: string): Promise<AnswerOf<typeof partStoredSchema>>;
  readJob(job: JobId): Promise<AnswerOf<typeof jobSchema>>;
  /** A page of a part's results, from a row on; with permits, as far as they still count. */
  readPartResults(
    job: JobId,
    part: number,
    page: { readonly from: number; readonly permits: boolean },
  ): Promise<AnswerOf<typeof partResultsSchema>>;
  previewAccess(body: InputOf<typeof askAccessSchema>): Promise<AnswerOf<typeof previewSchema>>;
  grantStatuses(grants: readonly GrantId[]): Promise<AnswerOf<typeof grantStatusesSchema>>;
  redeem(access: AccessId, body: InputOf<typeof redeemSchema>): Promise<AnswerOf<typeof redeemedSchema>>;
  settle(access: AccessId, body: InputOf<typeof settleSchema>): Promise<AnswerOf<typeof settledSchema>>;
  /** What a door names the persons of its permits by. A secret. */
  doorKey(party: PartyId): Promise<AnswerOf<typeof doorKeySchema>>;
  /**
   * With a key of your own you may ask again after no answer came, and get the same access and permit; without it, the
   * same access is a duplicate while an unseen permit is out.
   */
  askAccess(body: InputOf<typeof askAccessSchema>, key?: string): Promise<AnswerOf<typeof accessSchema>>;
  /** What the party has to hear of, after a `next`; null: from the beginning. */
  feed(after: number | null, limit?: number): Promise<AnswerOf<typeof feedSchema>>;
  /** The grants of this door that were taken back or held lately: {@link openRevocations}. */
  listRevocations(): Promise<AnswerOf<typeof revocationsSchema>>;
  acknowledge(upto: number): Promise<AnswerOf<typeof acknowledgedSchema>>;
  registerWebhook(url: string): Promise<AnswerOf<typeof webhookSchema>>;
  removeWebhook(webhook: WebhookId): Promise<AnswerOf<typeof webhookRemovedSchema>>;
  listWebhooks(): Promise<AnswerOf<typeof webhooksSchema>>;
  /** The receipt's file, to be kept as it is. Its subject may open what it signed. */
  receipt(access: AccessId, open?: 'signatures'): Promise<string>;
  /** The same of a letter, from its signature or refusal on. */
  letterReceipt(letter: LetterId, open?: 'signatures'): Promise<string>;
  /** A letter as a Verifiable Credential: an export, of which the receipt is the proof. */
  letterCredential(letter: LetterId): Promise<string>;
  checkpoint(): Promise<string>;
  /** Entry 0 with its proof. */
  founding(): Promise<AnswerOf<typeof foundingSchema>>;
  /** The log's own entries, which name the keys: {@link openIssuingKeys} verifies them. */
  logKeys(): Promise<AnswerOf<typeof logKeysSchema>>;
}

export function openClient(options: ClientOptions): Client {
  const send = openSender(options);

  const read = async <S extends Schema>(path: string, answer: S): Promise<AnswerOf<S>> =>
    readAnswer(answer, await send(path));

  const writeText = async <S extends Schema>(path: string, body: string, answer: S, key = options.newKey()) =>
    readAnswer(answer, await send(path, { body, key }));

  const write = <S extends Schema>(path: string, body: unknown, answer: S, key?: string): Promise<AnswerOf<S>> =>
    writeText(path, JSON.stringify(body), answer, key);

  return {
    ...partyCalls({ read, write }),
    enrol: (body) => write('/v1/relationships', body, enrolledSchema),
    bindKey: (handle, body) => write(`/v1/relationships/${handle}/keys`, body, keyBoundSchema),
    ...letterCalls({ read, write }),
    ...keyCalls({ read, write }),
    ...identityCalls({ read, write }),
    ...grantCalls({ read, write }),
    freeze: (handle, body) => write(`/v1/relationships/${handle}/freeze`, body, everythingHeldSchema),
    release: (handle, body) => write(`/v1/relationships/${handle}/release`, body, everythingHeldSchema),
    explainAccess: (access) => read(`/v1/accesses/${access}/explanation`, explanationSchema),
    readAccess: (access) => read(`/v1/accesses/${access}`, courseSchema),
    askBatch: (body, key) => write('/v1/accesses/batch', body, batchSchema, key),
    createJob: (body) => write('/v1/jobs', body, jobCreatedSchema),
    sendPart: (job, part, body) => writeText(jobPartPath(job, part), body, partStoredSchema),
    readJob: (job) => read(`/v1/jobs/${job}`, jobSchema),
    readPartResults: (job, part, { from, permits }) =>
      read(`${jobPartPath(job, part)}/results?from=${from}${permits ? '&permits=true' : ''}`, partResultsSchema),
    previewAccess: (body) => write('/v1/accesses/preview', body, previewSchema),
    grantStatuses: (grants) => write('/v1/grants/status', { grants }, grantStatusesSchema),
    redeem: (access, body) => write(`/v1/accesses/${access}/redemption`, body, redeemedSchema),
    settle: (access, body) => write(`/v1/accesses/${access}/settlement`, body, settledSchema),
    doorKey: (party) => read(`/v1/parties/${party}/door-key`, doorKeySchema),
    askAccess: (body, key) => write('/v1/accesses', body, accessSchema, key),
    feed: (after, limit) => read(`/v1/feed${feedQueryOf(after, limit)}`, feedSchema),
    listRevocations: () => write('/v1/revocations', {}, revocationsSchema),
    acknowledge: (upto) => write('/v1/feed/acknowledgement', { upto }, acknowledgedSchema),
    registerWebhook: (url) => write('/v1/webhooks', { url }, webhookSchema),
    removeWebhook: (webhook) => write(`/v1/webhooks/${webhook}/removal`, {}, webhookRemovedSchema),
    listWebhooks: () => read('/v1/webhooks', webhooksSchema),
    receipt: (access, open) => send(`/v1/accesses/${access}/receipt${openQueryOf(open)}`),
    letterCredential: (letter) => send(`/v1/letters/${letter}/credential`),
    letterReceipt: (letter, open) => send(`/v1/letters/${letter}/receipt${openQueryOf(open)}`),
    checkpoint: () => send('/checkpoint'),
    founding: () => read('/v1/log', foundingSchema),
    logKeys: () => read('/v1/log/keys', logKeysSchema),
    ...lawCalls({ read, write }),
    ...logKeyCalls({ write }),
  };
}

function openQueryOf(open: 'signatures' | undefined): string {
  return open === undefined ? '' : `?open=${open}`;
}

type GrantClient = Pick<
  Client,
  | 'readGrant'
  | 'revokeGrant'
  | 'draftStatement'
  | 'pauseGrant'
  | 'resumeGrant'
  | 'extendGrant'
  | 'narrowGrant'
  | 'contestGrant'
  | 'affirmGrant'
  | 'confirmGrant'
  | 'recordFinding'
  | 'liftFinding'
>;

function grantCalls({ read, write }: Calls): GrantClient {
  return {
    readGrant: (grant) => read(`/v1/grants/${grant}`, grantSchema),
    revokeGrant: (grant, body) => write(`/v1/grants/${grant}/revocation`, body, grantRevokedSchema),
    draftStatement: (body) => write('/v1/statements', body, statementDraftedSchema),
    pauseGrant: (grant, body) => write(`/v1/grants/${grant}/pause`, body, grantHeldSchema),
    resumeGrant: (grant, body) => write(`/v1/grants/${grant}/resumption`, body, grantHeldSchema),
    extendGrant: (grant, body) => write(`/v1/grants/${grant}/extension`, body, grantHeldSchema),
    narrowGrant: (grant, body) => write(`/v1/grants/${grant}/narrowing`, body, grantHeldSchema),
    contestGrant: (grant, body) => write(`/v1/grants/${grant}/contest`, body, grantHeldSchema),
    affirmGrant: (grant, body) => write(`/v1/grants/${grant}/affirmation`, body, grantHeldSchema),
    confirmGrant: (grant, body) => write(`/v1/grants/${grant}/confirmation`, body, confirmedSchema),
    recordFinding: (grant, body) => write(`/v1/grants/${grant}/finding`, body, findingStatedSchema),
    liftFinding: (grant, body) => write(`/v1/grants/${grant}/finding/lifting`, body, findingStatedSchema),
  };
}

type PartyClient = Pick<
  Client,
  | 'registerParty'
  | 'addPartyKey'
  | 'retirePartyKey'
  | 'compromisePartyKey'
  | 'operatorLeaves'
  | 'suspendParty'
  | 'reinstateParty'
  | 'continueParty'
  | 'recoverKeeper'
  | 'readParty'
>;

function partyCalls({ read, write }: Calls): PartyClient {
  return {
    registerParty: (body) => write('/v1/parties', body, partyRegisteredSchema),
    addPartyKey: (party, body) => write(`/v1/parties/${party}/keys`, body, partyKeyAddedSchema),
    retirePartyKey: (party, body) => write(`/v1/parties/${party}/keys/retirement`, body, partyChangedSchema),
    compromisePartyKey: (party, body) => write(`/v1/parties/${party}/keys/compromise`, body, partyChangedSchema),
    operatorLeaves: (party, operator) =>
      write(`/v1/parties/${party}/operators/${operator}/departure`, {}, partyChangedSchema),
    suspendParty: (party) => write(`/v1/parties/${party}/suspension`, {}, partyChangedSchema),
    continueParty: (party, body) => write(`/v1/parties/${party}/continuation`, body, partyChangedSchema),
    reinstateParty: (party) => write(`/v1/parties/${party}/reinstatement`, {}, partyChangedSchema),
    recoverKeeper: (body) => write('/v1/log/recovery', body, keeperRecoveredSchema),
    readParty: (party) => read(`/v1/parties/${party}`, partySchema),
  };
}

function feedQueryOf(after: number | null, limit: number | undefined): string {
  const asked = [...(after === null ? [] : [`after=${after}`]), ...(limit === undefined ? [] : [`limit=${limit}`])];
  return asked.length === 0 ? '' : `?${asked.join('&')}`;
}

/** @throws {Refused} `unreadable`: who answered so is not the ledger, or another version of it. */
function readAnswer<S extends Schema>(schema: S, text: string): AnswerOf<S> {
  try {
    return schema.parse(JSON.parse(text)) as AnswerOf<S>;
  } catch {
    throw new Refused(0, 'unreadable', 'the answer is not one that could be read', 'is this the right server?');
  }
}
