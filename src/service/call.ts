/**
 * A call: who asks for a write, how that was authenticated, and under which idempotency key (design §6).
 *
 * @module
 */
import { equalBytes } from '#core/bytes.ts';
import { encodeCanonical } from '#core/canonical.ts';
import type { Auth, Call } from '#core/consent/call.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { hashText, mac } from '#core/hash.ts';
import type { Claim, Sequenced, Write } from '#ledger/write.ts';
import { loadIdempotency } from '#store/idempotency.ts';
import type { Tx } from '#store/schema.ts';
import type { Context } from './context.ts';

/** What a door knows of a request that writes. */
export interface Request {
  readonly idempotencyKey: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** SHA-256 of the body's bytes, base64url. */
  readonly contentDigest: string;
}

export interface CallNames {
  /** The claim under which the write must not happen twice. */
  readonly claim: Claim;
  /** What the n-th entry of the write says of the call. */
  readonly call: (n: number) => Call;
}

/** Names a call. The actor is whoever was authenticated: keys of one never meet those of another. */
export function nameCall({ keys }: Context, request: Request, actor: string, auth: Auth): CallNames {
  const { idempotencyKey, method, path, query, contentDigest } = request;
  const idemOf = (n: number) => mac(keys.idempotency, encodeCanonical([actor, idempotencyKey, n]));
  const first = idemOf(0);
  return {
    claim: {
      idem: first,
      request: mac(keys.idempotency, encodeCanonical([method, path, query, contentDigest])),
      mismatch: 'idempotency_mismatch',
    },
    call: (n) => ({ idem: hashText(n === 0 ? first : idemOf(n)), auth }),
  };
}

/** A statement's `ref` is signed once, for ever: the same signature gets the same answer, whoever brings it. */
export function claimRef(
  { keys }: Context,
  ref: string,
  signed: readonly (string | number | readonly boolean[])[],
): Claim {
  return {
    idem: mac(keys.idempotency, encodeCanonical(['statement', ref])),
    request: mac(keys.idempotency, encodeCanonical([ref, ...signed])),
    mismatch: 'already_signed',
  };
}

/**
 * Whether a call was answered before, where that has to be known without the lock: what it is answered then makes no entry.
 *
 * @throws {Failure} as the claim says, if its key was used for another request.
 */
export async function isAnswered(tx: Tx, claim: Claim): Promise<boolean> {
  const [row] = await loadIdempotency(tx, [claim.idem]);
  if (row === undefined) return false;
  if (equalBytes(row.request, claim.request)) return true;
  throw new Failure(claim.mismatch, 'this was already used for another request');
}

/** How often a write is prepared anew because another one took a name it needed. */
const PREPARED_MAX = 4;

/**
 * Prepares a write and submits it; prepares it again where the ledger has moved on under it. What is prepared may turn
 * out to be written already: then its entries are the answer.
 */
export async function submit(
  { ledger }: Context,
  prepare: () => Promise<Write | readonly Sequenced[]>,
): Promise<readonly Sequenced[]> {
  for (let prepared = 1; ; prepared++) {
    try {
      const write = await prepare();
      return 'plan' in write ? await ledger.submit(write) : write;
    } catch (failure) {
      if (!isFailure(failure, 'superseded')) throw failure;
      if (prepared >= PREPARED_MAX) {
        throw new Failure('store_unavailable', 'others kept writing the same: try again', { cause: failure });
      }
    }
  }
}
