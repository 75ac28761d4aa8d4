/** Who works at this desk: the client that signs with the operator's key, and of two operators with both. */
import { type Client, openClient } from '#client/client.ts';
import { partySignatory } from '#client/sign.ts';
import { toHex } from '#core/bytes.ts';
import { type Operator, signingKeyOf } from './keys.ts';
import { Wanted } from './stage.ts';
import { loadKept } from './store.ts';

const IDEMPOTENCY_KEY_BYTES = 16;

/** A client of this very server that signs by these operators; by none it reads what is public. */
export function clientOf(...operators: readonly Operator[]): Client {
  return openClient({
    url: location.origin,
    fetch: (url, init) => fetch(url, { ...init, credentials: 'omit', redirect: 'error', cache: 'no-store' }),
    signers: operators.map((operator) => partySignatory(operator.party, signingKeyOf(operator))),
    clock: Date.now,
    newKey: () => toHex(crypto.getRandomValues(new Uint8Array(IDEMPOTENCY_KEY_BYTES))),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
}

/** @throws {Wanted} if nobody has signed in here. */
export async function requireOperator(): Promise<{ readonly operator: Operator; readonly client: Client }> {
  const operator = await loadKept('operator');
  if (operator === undefined) throw new Wanted('problem_signed_out');
  return { operator, client: clientOf(operator) };
}
