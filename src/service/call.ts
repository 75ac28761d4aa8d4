/**
 * A call: who asks for a write, how that was authenticated, and under which idempotency key (design §6).
 *
 * @module
 */
import { equalBytes } from '#core/bytes.ts';
import { encodeCanonical, type Json } from '#core/canonical.ts';
import type { Call } from '#core/consent/call.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { hashText, mac } from '#core/hash.ts';
import type { JobId, LetterId } from '#core/ids.ts';
import { digestSignedRequest, formatSignedRequest, type SignedRequest } from '#core/request/signed-request.ts';
import { LOG_STREAM, partyStream, type StreamId } from '#core/tlog/stream.ts';
import type { Claim, Sequenced, Write } from '#ledger/write.ts';
import { loadIdempotency } from '#store/idempotency.ts';
import type { RequestRow } from '#store/requests.ts';
import type { Tx } from '#store/schema.ts';
import type { Caller, PartyCaller, Request } from './caller.ts';
import type { Context } from './context.ts';
import type { PersonSession } from './sessions.ts';

export interface CallNames {
  /** The claim under which the write must not happen twice. */
  readonly claim: Claim;
  /** The claim of a part of the call that is committed by itself, by the number of its first entry. */
  readonly claimAt: (n: number) => Claim;
  /** What the n-th entry of the write says of the call. */
  readonly call: (n: number) => Call;
  /** The streams of the keys that authenticate it: they are checked again under the lock. */
  readonly touches: readonly StreamId[];
  /** The signed request, to be stored once, or as a part of the payload. */
  readonly evidence: { readonly request?: RequestRow };
  readonly part: { readonly request?: Json };
}

/** Where a signed request is kept: in the open, or, where anything in it says who someone is, in the payload. */
export type Kept = 'open' | 'sealed';

/** Names a call that was signed. The actor is whoever was authenticated: keys of one never meet those of another. */
export function nameCall({ keys }: Pick<Context, 'keys'>, caller: Caller, kept: Kept): CallNames {
  const { request } = caller;
  const actor = caller.kind === 'party' ? `party/${caller.party}` : `subject/${caller.handle}`;
  const by = caller.kind === 'party' ? caller.signers : [];
  const touches = caller.kind === 'party' ? [partyStream(caller.party)] : [caller.binding.stream];
  const signed = request.signed as SignedRequest;
  if (kept === 'sealed') {
    const part = { request: signed as unknown as Json };
    return { ...named(keys, request, actor, { auth: 'http-sig', by, request: null }), touches, evidence: {}, part };
  }
  const text = formatSignedRequest(signed);
  const digest = digestSignedRequest(text);
  const call = { auth: 'http-sig', by, request: hashText(digest) } as const;
  return { ...named(keys, request, actor, call), touches, evidence: { request: { digest, request: text } }, part: {} };
}

/**
 * Names what is decided of a job's part. The part is decided once, whatever key it was sent under: so it is the part that
 * is named, by an actor that no caller can be. Its request is stored already.
 */
export function namePart(context: Context, caller: PartyCaller, job: JobId, part: number): CallNames {
  const own = nameCall(context, caller, 'open');
  const { auth, by, request } = own.call(0);
  const unkeyed = { ...caller.request, idempotencyKey: '' };
  return {
    ...own,
    ...named(context.keys, unkeyed, `job/${job}/${part}`, { auth, by, request }),
    evidence: {},
  };
}

/** Names a call that the subject's statement authenticates, whoever relays it. */
export function nameStatement({ keys }: Context, request: Request, stream: StreamId): CallNames {
  const call = { auth: 'statement', by: [], request: null } as const;
  return { ...named(keys, request, `subject/${stream}`, call), touches: [], evidence: {}, part: {} };
}

/** Names a call that a recovery key authenticates, by signatures that the entry keeps. */
export function nameRecovery({ keys }: Context, request: Request, recovery: string): CallNames {
  const call = { auth: 'none', by: [], request: null } as const;
  return { ...named(keys, request, `recovery/${recovery}`, call), touches: [], evidence: {}, part: {} };
}

/** Names a call of whoever holds the link of a letter: nobody's key authenticates it, and the ledger attests it. */
export function nameHolder({ keys }: Context, request: Request, stream: StreamId): CallNames {
  const call = { auth: 'session', by: [], request: null } as const;
  return { ...named(keys, request, `holder/${stream}`, call), touches: [], evidence: {}, part: {} };
}

/** Names a call that a person's session authenticates. The actor is the person: keys of one never meet those of another. */
export function nameSession({ keys }: Context, request: Request, { person, binding }: PersonSession): CallNames {
  const call = { auth: 'session', by: [], request: null } as const;
  const own = named(keys, request, `session/${person}`, call);
  return { ...own, touches: [binding.stream, LOG_STREAM], evidence: {}, part: {} };
}

/** Names a call of who holds a letter's link, and nothing else. The actor is the letter: its link is no other's. */
export function nameLink({ keys }: Pick<Context, 'keys'>, request: Request, letter: LetterId): CallNames {
  const call = { auth: 'session', by: [], request: null } as const;
  return { ...named(keys, request, `link/${letter}`, call), touches: [], evidence: {}, part: {} };
}

function named(
  keys: Context['keys'],
  { idempotencyKey, method, path, query, contentDigest }: Request,
  actor: string,
  call: Omit<Call, 'idem'>,
): Pick<CallNames, 'claim' | 'claimAt' | 'call'> {
  const idemOf = (n: number) => mac(keys.idempotency, encodeCanonical([actor, idempotencyKey, n]));
  const digest = mac(keys.idempotency, encodeCanonical([method, path, query, contentDigest]));
  const claimAt = (n: number): Claim => ({ idem: idemOf(n), request: digest, mismatch: 'idempotency_mismatch' });
  const claim = claimAt(0);
  return { claim, claimAt, call: (n) => ({ idem: hashText(n === 0 ? claim.idem : idemOf(n)), ...call }) };
}

/** A statement's `ref` is signed once, for ever: the same signature gets the same answer, whoever brings it. */
export function claimRef({ keys }: Context, ref: string, signed: readonly Json[]): Claim {
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
