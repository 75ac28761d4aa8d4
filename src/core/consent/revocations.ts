/**
 * A door's revocation list: the grants that were taken back or held lately, as one short text that the issuing key signs,
 * for doors that take permits without asking. A permit lives minutes, so what is older need not be listed.
 *
 *     assent-revocations/v1
 *     <origin>
 *     <door>
 *     <size of the tree> <since, ms> <as of, ms>
 *     <grant>                     one a line, sorted
 *
 * @module
 */
import { utf8 } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { type Hash, sha256 } from '../hash.ts';
import { type GrantId, type PartyId, parseId } from '../ids.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { type IssuingKeys, verifyByAny } from '../note/issuing-keys.ts';
import { PERMIT_MS } from './use.ts';

/** How far back a list goes: as long as a permit can be out, and once more for clocks and ways. */
export const LISTED_MS: number = 2 * PERMIT_MS;
const HEADER = 'assent-revocations/v1';

export interface RevocationList {
  readonly log: string;
  readonly door: PartyId;
  readonly size: number;
  readonly since: number;
  readonly asOf: number;
  readonly grants: readonly GrantId[];
}

export function formatRevocations({ log, door, size, since, asOf, grants }: RevocationList): string {
  const lines = [HEADER, log, door, `${size} ${since} ${asOf}`, ...[...grants].sort()];
  return lines.map((line) => `${line}\n`).join('');
}

/** What stands in the log: SHA-256 of the text. */
export function digestRevocations(text: string): Hash {
  return sha256(utf8(text));
}

/**
 * Opens an attacker-controlled list.
 *
 * @throws {Failure} `signature_invalid`, if the issuing key did not sign it; `input_invalid`, if it is no such list.
 */
export async function openRevocations(
  text: string,
  signature: Uint8Array,
  issuingKeys: IssuingKeys,
  ed25519: Ed25519,
): Promise<RevocationList> {
  if (!(await verifyByAny(ed25519, issuingKeys, utf8(text), signature))) {
    throw new Failure('signature_invalid', 'the ledger did not sign this list');
  }
  const [header, log, door, at, ...rest] = text.split('\n');
  const [, size, since, asOf] = /^(\d{1,15}) (\d{1,15}) (\d{1,15})$/.exec(at ?? '') ?? [];
  if (header !== HEADER || log === undefined || size === undefined || rest.pop() !== '') {
    throw new Failure('input_invalid', 'not a revocation list');
  }
  return {
    log,
    door: parseId<PartyId>(door),
    size: Number(size),
    since: Number(since),
    asOf: Number(asOf),
    grants: rest.map((grant) => parseId<GrantId>(grant)),
  };
}
