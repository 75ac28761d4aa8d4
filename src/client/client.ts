/**
 * The client: asks the ledger over HTTP. Every write carries an idempotency key of its own, and is sent again under the
 * same key where no answer came, so that what happened once happens once.
 *
 * @module
 */
import type { AccessId, GrantId, Handle, LetterId, PartyId } from '#core/ids.ts';
import { accessSchema, type askAccessSchema } from '#wire/accesses.ts';
import { grantRevokedSchema, grantSchema, type revokeGrantSchema } from '#wire/grants.ts';
import {
  type draftLetterSchema,
  letterDraftedSchema,
  letterSignedSchema,
  type signLetterSchema,
} from '#wire/letters.ts';
import { type addPartyKeySchema, partyRegisteredSchema, type registerPartySchema } from '#wire/parties.ts';
import { problemSchema } from '#wire/problem.ts';
import { type bindKeySchema, enrolledSchema, type enrolSchema, keyBoundSchema } from '#wire/relationships.ts';

import type { AnswerOf, InputOf, Schema } from '#wire/types.ts';

export interface ClientOptions {
  /** Where the ledger is, such as `http://127.0.0.1:8787`. */
  readonly url: string;
  readonly fetch: (url: string, init?: FetchInit) => Promise<FetchAnswer>;
  /** Makes a fresh idempotency key. */
  readonly newKey: () => string;
  /** Waits before a write is sent again. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** What the client needs of `fetch`, in any runtime. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}
export interface FetchAnswer {
  readonly ok: boolean;
  readonly status: number;
  text(): Promise<string>;
}

/** The ledger refused, with a stable code and what to do next. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string;
  readonly next: string | undefined;

  constructor(status: number, code: string, detail: string, next: string | undefined) {
    super(detail);
    this.status = status;
    this.code = code;
    this.next = next;
  }
}

const SENT_MAX = 5;
const AGAIN_AFTER_MS = 250;

export interface Client {
  registerParty(body: InputOf<typeof registerPartySchema>): Promise<AnswerOf<typeof partyRegisteredSchema>>;
  addPartyKey(party: PartyId, body: InputOf<typeof addPartyKeySchema>): Promise<AnswerOf<typeof partyRegisteredSchema>>;
  enrol(body: InputOf<typeof enrolSchema>): Promise<AnswerOf<typeof enrolledSchema>>;
  bindKey(handle: Handle, body: InputOf<typeof bindKeySchema>): Promise<AnswerOf<typeof keyBoundSchema>>;
  draftLetter(body: InputOf<typeof draftLetterSchema>): Promise<AnswerOf<typeof letterDraftedSchema>>;
  signLetter(letter: LetterId, body: InputOf<typeof signLetterSchema>): Promise<AnswerOf<typeof letterSignedSchema>>;
  readGrant(grant: GrantId): Promise<AnswerOf<typeof grantSchema>>;
  revokeGrant(grant: GrantId, body: InputOf<typeof revokeGrantSchema>): Promise<AnswerOf<typeof grantRevokedSchema>>;
  askAccess(body: InputOf<typeof askAccessSchema>): Promise<AnswerOf<typeof accessSchema>>;
  /** The receipt's file, to be kept as it is. */
  receipt(access: AccessId): Promise<string>;
  checkpoint(): Promise<string>;
}

export function openClient(options: ClientOptions): Client {
  async function send(path: string, init?: FetchInit): Promise<string> {
    for (let sent = 1; ; sent++) {
      const answer = await attempt(() => options.fetch(`${options.url}${path}`, init));
      if (answer?.ok) return answer.text();
      // No answer, or "not now": the same key makes sure that nothing happens twice.
      if (sent < SENT_MAX && (answer === undefined || answer.status === 503)) {
        await options.sleep(AGAIN_AFTER_MS * sent);
        continue;
      }
      if (answer === undefined)
        throw new Refused(0, 'unreachable', `no answer from ${options.url}`, 'is the server running?');
      throw refusalOf(answer.status, await answer.text());
    }
  }

  async function write<S extends Schema>(path: string, body: unknown, answer: S): Promise<AnswerOf<S>> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': options.newKey() };
    return answer.parse(JSON.parse(await send(path, { method: 'POST', headers, body: JSON.stringify(body) })));
  }

  return {
    registerParty: (body) => write('/v1/parties', body, partyRegisteredSchema),
    addPartyKey: (party, body) => write(`/v1/parties/${party}/keys`, body, partyRegisteredSchema),
    enrol: (body) => write('/v1/relationships', body, enrolledSchema),
    bindKey: (handle, body) => write(`/v1/relationships/${handle}/keys`, body, keyBoundSchema),
    draftLetter: (body) => write('/v1/letters', body, letterDraftedSchema),
    signLetter: (letter, body) => write(`/v1/letters/${letter}/signature`, body, letterSignedSchema),
    readGrant: async (grant) => grantSchema.parse(JSON.parse(await send(`/v1/grants/${grant}`))),
    revokeGrant: (grant, body) => write(`/v1/grants/${grant}/revocation`, body, grantRevokedSchema),
    askAccess: (body) => write('/v1/accesses', body, accessSchema),
    receipt: (access) => send(`/v1/accesses/${access}/receipt`),
    checkpoint: () => send('/checkpoint'),
  };
}

async function attempt(fetch: () => Promise<FetchAnswer>): Promise<FetchAnswer | undefined> {
  try {
    return await fetch();
  } catch {
    return undefined;
  }
}

function refusalOf(status: number, text: string): Refused {
  try {
    const { code, detail, next } = problemSchema.parse(JSON.parse(text));
    return new Refused(status, code, detail, next);
  } catch {
    return new Refused(status, 'unreadable', `status ${status}, and no problem that could be read`, undefined);
  }
}
