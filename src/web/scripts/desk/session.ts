/**
 * Who works at this desk, and what it asks of the ledger: the SDK's own sender signs with the operator's key, of two operators
 * with both. Answers come from the very server that this page is of, and are read as the SDK's types say.
 *
 * @module
 */
import type { Client } from '#client/client.ts';
import { openSender } from '#client/send.ts';
import { partySignatory } from '#client/sign.ts';
import { toHex } from '#core/bytes.ts';
import { type Operator, signingKeyOf } from './keys.ts';
import { loadKept } from './store.ts';
import { Wanted } from './wanted.ts';

export type DeskClient = Pick<
  Client,
  | 'founding'
  | 'readParty'
  | 'listTemplates'
  | 'enrol'
  | 'draftLetter'
  | 'readLetter'
  | 'answerLetter'
  | 'readIdentity'
  | 'viewIdentity'
  | 'signLetterOnPaper'
  | 'findIdentifiedKeys'
  | 'reportLoss'
>;

const IDEMPOTENCY_KEY_BYTES = 16;

/** A client of this very server that signs by these operators; by none it reads what is public. */
export function clientOf(...operators: readonly Operator[]): DeskClient {
  const newKey = () => toHex(crypto.getRandomValues(new Uint8Array(IDEMPOTENCY_KEY_BYTES)));
  const send = openSender({
    url: location.origin,
    fetch: (url, init) => fetch(url, { ...init, credentials: 'omit', redirect: 'error', cache: 'no-store' }),
    signers: operators.map((operator) => partySignatory(operator.party, signingKeyOf(operator))),
    clock: Date.now,
    newKey,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  const read = async (path: string) => JSON.parse(await send(path));
  const write = async (path: string, body: unknown) =>
    JSON.parse(await send(path, { body: JSON.stringify(body), key: newKey() }));
  return {
    founding: () => read('/v1/log'),
    readParty: (party) => read(`/v1/parties/${party}`),
    listTemplates: () => read('/v1/templates'),
    enrol: (body) => write('/v1/relationships', body),
    draftLetter: (body) => write('/v1/letters', body),
    readLetter: (letter) => read(`/v1/letters/${letter}`),
    answerLetter: (letter, body) => write(`/v1/letters/${letter}/answers`, body),
    readIdentity: (handle) => read(`/v1/relationships/${handle}/identity`),
    viewIdentity: (handle, body) => write(`/v1/relationships/${handle}/identity-views`, body),
    signLetterOnPaper: (letter, body) => write(`/v1/letters/${letter}/paper`, body),
    findIdentifiedKeys: (body) => write('/v1/identified-keys', body),
    reportLoss: (handle, body) => write(`/v1/relationships/${handle}/keys/loss`, body),
  };
}

/** @throws {Wanted} if nobody has signed in here. */
export async function requireOperator(): Promise<{ readonly operator: Operator; readonly client: DeskClient }> {
  const operator = await loadKept('operator');
  if (operator === undefined) throw new Wanted('problem_signed_out');
  return { operator, client: clientOf(operator) };
}
