/**
 * A door: where data leave. It lets nothing pass without a permit that is good for just this: this door, this person,
 * these items, this request, now, and once. What becomes of each permit, it tells the ledger.
 *
 * @module
 */
import { equalBytes, parseBase64Url, toBase64Url, utf8 } from '#core/bytes.ts';
import { bindRequest, digestPermit, openPermit, type Permit, permitSubject } from '#core/consent/permit.ts';
import type { Reason, Result } from '#core/consent/release.ts';
import { openRevocations } from '#core/consent/revocations.ts';
import type { Identifier } from '#core/consent/statement.ts';
import { SETTLE_WITHIN_MS } from '#core/consent/use.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { hashText, SALT_BYTES } from '#core/hash.ts';
import type { AccessId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { Client } from './client.ts';
import { Refused } from './send.ts';
import { type TrustedKeys, withKeys } from './trusted-keys.ts';

/** What is sent when an access is settled. */
export type Settling = Parameters<Client['settle']>[1];

export interface DoorOptions {
  /** The party that hands over, and a client that signs as it. */
  readonly party: PartyId;
  readonly client: Client;
  /** Shared with the ledger: {@link Client.doorKey}. */
  readonly doorKey: Uint8Array;
  /** The ledger's origin, and the keys that it signs permits with: {@link openIssuingKeyRing}, or those of one time. */
  readonly log: string;
  readonly issuingKey: TrustedKeys;
  readonly ed25519: Ed25519;
  /** Milliseconds since 1970, UTC. */
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  /** Whether permits that may be taken without asking are. A letter says so, with the staleness that it allows. */
  readonly offline: boolean;
  /** Told what could not be settled, with what was to be said: until someone says it, it stays overdue in the ledger. */
  readonly onUnsettled: (access: AccessId, thrown: unknown, settlement: Settling) => void;
  /** Told why the ledger could not be asked: the door's own key, its clock, the network. */
  readonly onTrouble?: (thrown: unknown) => void;
}

/** What is asked of the door, as far as a permit speaks of it. */
export interface Presented {
  readonly permit: string | null;
  /** Whom the request is about; null where it does not say. */
  readonly subject: Identifier | null;
  /** What would be done with the data: as the route means it. */
  readonly action: Permit['action'];
  /** What it asks for. */
  readonly items: readonly string[];
  readonly body: Uint8Array;
  /** Under which the request was bound to the permit, base64url; null where it was not. */
  readonly salt: string | null;
}

/** Why a door turned someone away: stable codes. */
export type DoorCode =
  | 'permit_required'
  | 'permit_invalid'
  | 'permit_door'
  | 'permit_lapsed'
  | 'permit_redeemed'
  | 'permit_subject'
  | 'permit_scope'
  | 'permit_request'
  | 'permit_denied'
  | 'ledger_unreachable';

export interface Turned {
  readonly admitted: false;
  readonly code: DoorCode;
  /** What it is denied for now, such as `REVOKED`. */
  readonly codes: readonly string[];
}

/** What was handed over, or why nothing. */
export interface Released {
  readonly result: Result;
  readonly reason: Reason | null;
  readonly items: readonly string[];
  readonly count: number;
  /** The exact bytes that were sent; null where none were. */
  readonly body: Uint8Array | null;
}

export interface Admitted {
  readonly admitted: true;
  readonly permit: Permit;
  /** Under which the response's digest stands in the ledger: the lender gets it with the response. */
  readonly salt: string;
  /** Settles, once: a second call does nothing. Never throws. */
  settle(released: Released): Promise<void>;
}

export interface Door {
  /**
   * Takes a revocation list in, for permits that it takes without asking.
   *
   * @throws {Failure} `signature_invalid`, `input_invalid`, if it is not this ledger's for this door.
   */
  learn(list: string, signature: string): Promise<void>;
  admit(presented: Presented): Promise<Admitted | Turned>;
  /** Waits for settlements that are under way. */
  drain(): Promise<void>;
}

export function openDoor(options: DoorOptions): Door {
  const pending = new Set<Promise<void>>();
  const shown = rememberShown(options.clock);
  const revoked = rememberRevoked(options);

  function track(settling: Promise<void>): Promise<void> {
    pending.add(settling);
    return settling.finally(() => pending.delete(settling));
  }

  /** Settles that nothing was handed over; but not of a permit that is taken: what comes of that one is still to be said. */
  async function refuse(permit: Permit, code: DoorCode, reason: Reason): Promise<Turned> {
    const began = options.clock() as Instant;
    if (shown.of(permit) === undefined) {
      const salt = toBase64Url(options.random(SALT_BYTES));
      const refused = track(settleWith(options, permit.access, began, salt, { ...NOTHING, reason }));
      shown.add(permit, refused);
    }
    await shown.of(permit)?.refused;
    return turned(code);
  }

  /** Without asking: each permit once, as far back as it could still be good. */
  function takeOffline(permit: Permit): Turned | undefined {
    if (options.clock() >= permit.expires_at) return turned('permit_lapsed');
    if (shown.of(permit) !== undefined) return turned('permit_redeemed');
    if (revoked.covers(permit)) return turned('permit_denied', ['REVOKED']);
    shown.add(permit, undefined);
    return undefined;
  }

  async function take(text: string, permit: Permit): Promise<Turned | undefined> {
    if (options.offline && permit.offline && permit.aud === options.party) return takeOffline(permit);
    if (permit.aud === options.party) {
      const refused = shown.of(permit)?.refused;
      shown.add(permit, refused);
      await refused;
    }
    try {
      const { decision, codes } = await options.client.redeem(permit.access, { permit: hashText(digestPermit(text)) });
      return decision === 'allow' ? undefined : turned(codeOf(codes), codes);
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      // No answer that could be read and verified is no permission (I10); that the ledger knows no such permit is none either.
      if (thrown.code === 'access_unknown') return turned('permit_invalid');
      options.onTrouble?.(thrown);
      return turned('ledger_unreachable');
    }
  }

  async function admit(presented: Presented): Promise<Admitted | Turned> {
    if (presented.permit === null) return turned('permit_required');
    const permit = await read(options, presented.permit);
    if (permit === undefined) return turned('permit_invalid');
    // Who asks for the wrong thing gets nothing by this permit, and its use is given back. Another's is shown as it is.
    const mismatch = permit.aud === options.party ? mismatchOf(options, permit, presented) : undefined;
    if (mismatch !== undefined) return refuse(permit, mismatch.code, mismatch.reason);
    const began = options.clock() as Instant;
    const turnedAway = await take(presented.permit, permit);
    if (turnedAway !== undefined) return turnedAway;
    const salt = toBase64Url(options.random(SALT_BYTES));
    let settling: Promise<void> | undefined;
    const settle = (released: Released) => {
      settling ??= track(afterAnswer().then(() => settleWith(options, permit.access, began, salt, released)));
      return settling;
    };
    return { admitted: true, permit, salt, settle };
  }

  const drain = () => Promise.all(pending).then(() => {});
  return { learn: revoked.learn, admit, drain };
}

/** The newest revocation list that was taken in. */
function rememberRevoked({ issuingKey, ed25519, log, party }: DoorOptions) {
  let listed: ReadonlySet<string> = new Set();
  let size = 0;
  return {
    covers: ({ ground }: Permit): boolean => 'grant' in ground && listed.has(ground.grant),
    async learn(list: string, signature: string): Promise<void> {
      const signed = parseBase64Url(signature);
      const read = await withKeys(issuingKey, (keys) => openRevocations(list, signed, keys, ed25519).catch(byAnother));
      if (read === undefined) throw new Failure('signature_invalid', 'the ledger did not sign this list');
      if (read.log !== log || read.door !== party) throw new Failure('input_invalid', 'the list is of another door');
      // An older one than is known would give back what was taken.
      if (read.size < size) return;
      listed = new Set(read.grants);
      size = read.size;
    },
  };
}

/** What became here first of a permit: it was taken, or refused, which is settled by and by. */
interface Shown {
  readonly until: number;
  readonly refused: Promise<void> | undefined;
}

/** Remembers the permits that were shown here, as long as one could still be good, or at work. */
function rememberShown(clock: () => number) {
  const shown = new Map<AccessId, Shown>();
  return {
    of: ({ access }: Permit): Shown | undefined => shown.get(access),
    add({ access, expires_at }: Permit, refused: Promise<void> | undefined): void {
      const now = clock();
      for (const [known, { until }] of shown) if (until <= now) shown.delete(known);
      shown.set(access, { until: expires_at + SETTLE_WITHIN_MS, refused });
    },
  };
}

const NOTHING = { result: 'refused', reason: null, items: [], count: 0, body: null } as const satisfies Released;

async function read({ issuingKey, ed25519, log }: DoorOptions, text: string): Promise<Permit | undefined> {
  const permit = await withKeys(issuingKey, (keys) => openPermit(text, keys, ed25519).catch(unsigned));
  return permit?.log === log ? permit : undefined;
}

function byAnother(failure: unknown): undefined {
  if (isFailure(failure, 'signature_invalid')) return undefined;
  throw failure;
}

/** What none of the keys signed, or what is none. */
function unsigned(failure: unknown): undefined {
  if (isFailure(failure)) return undefined;
  throw failure;
}

function mismatchOf(
  { doorKey }: DoorOptions,
  permit: Permit,
  { subject, action, items, body, salt }: Presented,
): { readonly code: DoorCode; readonly reason: Reason } | undefined {
  const sub = subject === null ? undefined : permitSubject(doorKey, permit.access, subject);
  if (sub !== permit.sub) return { code: 'permit_subject', reason: 'SUBJECT' };
  if (action !== permit.action || items.length === 0 || items.some((item) => !permit.items.includes(item))) {
    return { code: 'permit_scope', reason: 'SCOPE' };
  }
  if (permit.request !== null && !isBound(permit.request, salt, body))
    return { code: 'permit_request', reason: 'REQUEST' };
  return undefined;
}

function isBound(digest: string, salt: string | null, body: Uint8Array): boolean {
  try {
    const key = parseBase64Url(salt ?? '');
    return key.length === SALT_BYTES && equalBytes(utf8(bindRequest(key, body)), utf8(digest));
  } catch {
    return false;
  }
}

/** The answer goes out first: what the ledger hears of it takes nothing of its time. */
function afterAnswer(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

async function settleWith(
  { client, clock, onUnsettled }: DoorOptions,
  access: AccessId,
  began_at: Instant,
  salt: string,
  { result, reason, items, count, body }: Released,
): Promise<void> {
  const response = result === 'released' && body !== null ? bindRequest(parseBase64Url(salt), body) : null;
  const ended_at = Math.max(began_at, clock()) as Instant;
  const settlement: Settling = { result, reason, items, count, response, began_at, ended_at };
  try {
    await client.settle(access, settlement);
  } catch (thrown) {
    onUnsettled(access, thrown, settlement);
  }
}

function codeOf(codes: readonly string[]): DoorCode {
  if (codes.includes('DOOR')) return 'permit_door';
  if (codes.includes('REDEEMED')) return 'permit_redeemed';
  return codes.includes('LAPSED') ? 'permit_lapsed' : 'permit_denied';
}

function turned(code: DoorCode, codes: readonly string[] = []): Turned {
  return { admitted: false, code, codes };
}
