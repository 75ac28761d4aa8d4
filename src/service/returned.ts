/**
 * What the service keeps beside entries, to find them again and not to make them twice, derived anew of the entries alone:
 * for a tail that is put back.
 *
 * @module
 */
import { utf8 } from '#core/bytes.ts';
import { encodeCanonical, type JsonObject } from '#core/canonical.ts';
import type { Relationship } from '#core/consent/relationship.ts';
import { equalHash, HASH_BYTES, type Hash, hashText, mac, parseHash, parseHashText, sha256 } from '#core/hash.ts';
import type { AccessId, FactId, GrantId } from '#core/ids.ts';
import { parseSignedRequest, readSignatures } from '#core/request/signed-request.ts';
import { isObject } from '#core/shape.ts';
import { kindOf } from '#core/tlog/stream.ts';
import type { Returned } from '#ledger/restore-tail.ts';
import type { IdempotencyRow } from '#store/idempotency.ts';
import type { RequestRow } from '#store/requests.ts';
import type { DeploymentKeys } from './context.ts';
import { answerId } from './facts.ts';
import { revocationIds } from './propagation.ts';
import { settlementId } from './releases.ts';

/** The ids under which an entry is found again: those that its write minted. */
export function mintsOf({ entry, before }: Returned): readonly string[] {
  const { body } = entry;
  const named = (...names: readonly string[]) => names.map((name) => String(body[name]));
  switch (entry.type) {
    case 'letter.drafted':
      return [...named('letter'), ...(body['grants'] as readonly JsonObject[]).map(({ grant }) => String(grant))];
    case 'hold.drafted':
      return [...named('ref'), ...(isObject(body['terms']) ? [String(body['terms']['grant'])] : [])];
    case 'access.decided':
    case 'access.refused':
      return named('access');
    case 'access.settled':
      return [settlementId(body['access'] as AccessId)];
    case 'grant.revoked':
    case 'grant.narrowed':
      return revocationIds(before as Relationship | undefined, body['grant'] as GrantId);
    case 'facility.bound':
      return named('facility');
    case 'notice.sent':
      return named('notice');
    case 'objection.opened':
      return named('objection');
    case 'objection.answered':
      return [answerId(body['objection'] as FactId)];
    default:
      return [];
  }
}

/** What no request has as its digest: whoever repeats one whose evidence is lost is refused, and nothing is made twice. */
const LOST: Hash = parseHash(new Uint8Array(HASH_BYTES));

/**
 * Which requests the entries answered. Where the request is kept in the open and made this one entry, its repeat gets the
 * same answer; every other repeat is refused (`idempotency_mismatch`).
 *
 * @param isLast whether no entry follows these.
 */
export function idempotencyOf(
  { idempotency }: Pick<DeploymentKeys, 'idempotency'>,
  returned: readonly Returned[],
  { requests, isLast }: { readonly requests: readonly RequestRow[]; readonly isLast: boolean },
): readonly IdempotencyRow[] {
  const kept = new Map(requests.map(({ digest, request }) => [hashText(digest), request]));
  const requestAt = (at: number) => returned[at]?.entry.body['request'];
  return returned.flatMap(({ index, entry }, at): readonly IdempotencyRow[] => {
    const { idem, request } = entry.body;
    if (typeof idem !== 'string') return [];
    const row = { idem: parseHashText(idem), first_index: index, count: 1 };
    const text = typeof request === 'string' ? kept.get(request) : undefined;
    const isAlone =
      request !== requestAt(at - 1) && request !== requestAt(at + 1) && (isLast || at + 1 < returned.length);
    const named = isAlone && text !== undefined ? nameKept(idempotency, text) : undefined;
    const isSame = named !== undefined && equalHash(named.idem, row.idem);
    return [{ ...row, request: isSame ? named.request : LOST }];
  });
}

/** Names a kept request of a party, as it was named when it came (call.ts). */
function nameKept(key: Uint8Array, text: string): { readonly idem: Hash; readonly request: Hash } | undefined {
  const signed = parseSignedRequest(text);
  const [first] = readSignatures(signed);
  if (first === undefined || kindOf(first.name.stream) !== 'party') return undefined;
  const { method, path, idempotencyKey } = first.covered;
  const digest = hashText(sha256(utf8(signed.body)));
  return {
    idem: mac(key, encodeCanonical([first.name.stream, idempotencyKey, 0])),
    request: mac(key, encodeCanonical([method, path, '', digest])),
  };
}
