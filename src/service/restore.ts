/**
 * The restore ceremony (design §7): a database that was set back gets its tail from a mirror, under two keys of the keeper,
 * and the log says so.
 *
 * @module
 */
import { utf8 } from '#core/bytes.ts';
import { canonicalText, type JsonObject } from '#core/canonical.ts';
import type { Call } from '#core/consent/call.ts';
import { parseKeyText } from '#core/consent/key-text.ts';
import type { LogRestored } from '#core/consent/log-restored.ts';
import { keyNumber, type PartyKey, partyIn } from '#core/consent/party.ts';
import { RESTORATION_PATH } from '#core/consent/request-rows.ts';
import type { View } from '#core/consent/rule.ts';
import { decide } from '#core/consent/rules.ts';
import { Failure } from '#core/failure.ts';
import { hashText, sha256 } from '#core/hash.ts';
import type { PartyId } from '#core/ids.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import { readSignatures, type SignedRequest, verifyBase } from '#core/request/signed-request.ts';
import { idOf, LOG_STREAM } from '#core/tlog/stream.ts';
import { type PlanOptions, type ProvenTail, planRestore } from '#ledger/restore-plan.ts';
import { putBack, type RestoreOptions } from '#ledger/restore-tail.ts';
import { requireOwnName } from '#ledger/signer.ts';
import type { Sequenced, Write } from '#ledger/write.ts';
import { type CallNames, nameCall } from './call.ts';
import type { DeploymentKeys } from './context.ts';
import { idempotencyOf, mintsOf } from './returned.ts';

/** What two of the keeper are to sign. */
export interface ToSign {
  readonly path: string;
  /** The exact text of the body. */
  readonly body: string;
  readonly idempotencyKey: string;
}

/** Has it signed now: a signature is good for minutes, and a restore may take longer than that. */
export type SignedByKeeper = (asked: ToSign) => Promise<SignedRequest>;

type Given = PlanOptions &
  Pick<RestoreOptions, 'origin' | 'state' | 'issuer' | 'ledgerClock' | 'processClock' | 'erasures'>;

export interface CeremonyOptions extends Given {
  readonly keys: DeploymentKeys;
  readonly sign: SignedByKeeper;
  /** Told what will be done, once it is proven and authorised, and before anything is written. */
  readonly onProven?: (tail: ProvenTail) => void;
}

export interface Restored {
  readonly tail: ProvenTail;
  readonly entry: Sequenced;
}

/**
 * Restores, or answers undefined where nothing is missing.
 *
 * @throws {Failure} as {@link planRestore} and {@link putBack}; `second_signature`, `duty_missing`, `key_ended`,
 *   `principal_mismatch`, `signature_refused`, if it is not two administrators of the keeper that sign. Nothing is written
 *   then.
 */
export async function restoreFromMirror(options: CeremonyOptions): Promise<Restored | undefined> {
  requireOwnName(options.state);
  const tail = await planRestore(options);
  if (tail === undefined) return undefined;
  // By the log as it will be: a key that was ended in the tail signs nothing any more.
  decide(tail.view, commandOf(tail, 0, (await authorise(options, tail)).call(0)), options.processClock());
  options.onProven?.(tail);
  const entry = await putBack(
    {
      ...options,
      mintsOf,
      idempotencyOf: (returned, more) => idempotencyOf(options.keys, returned, more),
      record: async (erasures) => writeOf(tail, erasures, await authorise(options, tail)),
    },
    tail,
  );
  return { tail, entry };
}

function writeOf(tail: ProvenTail, erasures: number, names: CallNames): Write {
  return {
    claims: [names.claim],
    touches: [LOG_STREAM, ...names.touches],
    plan: () => [{ command: commandOf(tail, erasures, names.call(0)), ...names.evidence }],
  };
}

function commandOf(tail: ProvenTail, erasures: number, call: Call) {
  const input = { ...saidOf(tail), erasures, ...call };
  return { type: 'log.restored', stream: LOG_STREAM, input } as const;
}

function saidOf({ from, to, signedSize, lost }: ProvenTail): Omit<LogRestored, 'erasures' | keyof Call> {
  return {
    from_size: from.size,
    from_root: hashText(from.root),
    size: to.size,
    root: hashText(to.root),
    source: 'mirror',
    signed_size: signedSize,
    lost_parts: lost.parts,
    lost_streams: lost.streams,
  };
}

async function authorise({ sign, ed25519, keys }: CeremonyOptions, tail: ProvenTail): Promise<CallNames> {
  const body = canonicalText(saidOf(tail) as JsonObject);
  const idempotencyKey = `restore-${tail.from.size}-${tail.to.size}`;
  const signed = await sign({ path: RESTORATION_PATH, body, idempotencyKey });
  return nameSigned({ keys, ed25519, view: tail.view }, signed, { path: RESTORATION_PATH, body, idempotencyKey });
}

export interface Judging {
  readonly keys: DeploymentKeys;
  readonly ed25519: Ed25519;
  readonly view: View;
}

/** Tells whose keys signed just this, among those that the log knows. Whether they may, the rule says. */
export async function nameSigned(
  { keys, ed25519, view }: Judging,
  signed: SignedRequest,
  asked: ToSign,
): Promise<CallNames> {
  const read = readSignatures(signed);
  const [first] = read;
  const id = first && idOf<PartyId>(first.name.stream);
  const party = id && partyIn(view, id);
  if (first === undefined || id === undefined || party === undefined) throw refused();
  const signers = await Promise.all(
    read.map(async ({ name, covered }, at) => {
      const number = name.stream === first.name.stream ? keyNumber(party, name.key) : undefined;
      const isThis = covered.path === asked.path && covered.idempotencyKey === asked.idempotencyKey;
      const each = signed.signatures[at] as SignedRequest['signatures'][number];
      if (number === undefined || !isThis || signed.body !== asked.body) throw refused();
      if (!(await verifyBase(ed25519, parseKeyText(name.key), each))) throw refused();
      return { party: id, operator: (party.keys[number] as PartyKey).operator, key: number };
    }),
  );
  const contentDigest = hashText(sha256(utf8(asked.body)));
  const { path, idempotencyKey } = asked;
  const request = { method: 'POST', path, query: '', idempotencyKey, contentDigest, signed };
  return nameCall({ keys }, { kind: 'party', request, party: id, roles: party.roles, duty: 'admin', signers }, 'open');
}

function refused(): Failure {
  return new Failure('signature_refused', 'the keeper of this ledger has no such key, or it did not sign this');
}
