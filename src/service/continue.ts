/**
 * The ceremony of a new origin (ADR 0028, 0030): a log whose tail nobody has, or that is moved, goes on under another name, by
 * the word of the recovery key and of two of the keeper.
 *
 * @module
 */
import { toBase64Url } from '#core/bytes.ts';
import { canonicalText, type JsonObject } from '#core/canonical.ts';
import type { Call } from '#core/consent/call.ts';
import { type LogState, logIn } from '#core/consent/log.ts';
import {
  type Continuation,
  continuationBytes,
  judgeContinued,
  type LogContinued,
  standingAfter,
} from '#core/consent/log-continued.ts';
import { logKeyInForce } from '#core/consent/log-key.ts';
import { activeKeys, keyNumber, type Party, partyIn, recoveryKeysOf } from '#core/consent/party.ts';
import { CONTINUATION_PATH } from '#core/consent/request-rows.ts';
import { decide } from '#core/consent/rules.ts';
import { Failure } from '#core/failure.ts';
import { hashText } from '#core/hash.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { parseVkey } from '#core/note/key.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { type ContinueOptions, continueLog } from '#ledger/continue-log.ts';
import { type LossOptions, type ProvenLoss, planContinuation } from '#ledger/continue-plan.ts';
import type { Sequenced } from '#ledger/write.ts';
import type { DeploymentKeys } from './context.ts';
import { nameSigned, type SignedByKeeper } from './restore.ts';

/** The keys that a log goes on with: they lie where they are kept before anything is signed with them. */
export interface NextKeys extends Pick<ContinueOptions, 'issuer' | 'nextState' | 'erasures'> {
  /** The new vkey, and the new keys in base64url. */
  readonly log_key: string;
  readonly issuing_key: string;
  readonly recovery_key: string;
}

export interface ContinuationOptions
  extends Omit<LossOptions, 'state'>,
    Pick<ContinueOptions, 'ledgerClock' | 'processClock' | 'state'> {
  readonly keys: DeploymentKeys;
  /** The recovery key that counts as of what is left. */
  readonly recovery: SigningKey;
  /** The two keys of the keeper that sign, and that count from then on, in base64url. */
  readonly keeperKeys: readonly string[];
  readonly sign: SignedByKeeper;
  /** Makes the new keys, or finds them where this was broken off before. Asked once all is proven. */
  readonly makeKeys: () => Promise<NextKeys>;
  /** Told what will be done, once it is proven and authorised, and before the ledger is changed. */
  readonly onProven?: (loss: ProvenLoss) => void;
}

export interface ContinuedLog {
  readonly loss: ProvenLoss;
  readonly entry: Sequenced;
}

/**
 * Proves what there is to prove, and writes nothing.
 *
 * @param recovery the recovery key, as it would sign; undefined: it is not at hand yet.
 * @throws {Failure} as {@link planContinuation}; `signature_refused`, if the recovery key is not the one that counts.
 */
export async function planNewOrigin(options: LossOptions, recovery: SigningKey | undefined): Promise<ProvenLoss> {
  const loss = await planContinuation(options);
  if (recovery !== undefined) requireRecovery(recovery, loss);
  return loss;
}

/**
 * Continues the log.
 *
 * @throws {Failure} as {@link planNewOrigin} and {@link continueLog}; `signature_refused`, if the keeper has no such key; `second_signature`, `duty_missing`, `key_ended`, `principal_mismatch`, if
 *   it is not two administrators of the keeper that sign; `already_there`, if the log had this name. Nothing is written then
 *   but keys that nobody uses.
 */
export async function continueUnderNewOrigin(options: ContinuationOptions): Promise<ContinuedLog> {
  const { ed25519, vkey } = options;
  const loss = await planNewOrigin(options, options.recovery);
  const log = logIn(loss.view) as LogState;
  const keeper_keys = keeperNumbers(options, loss, log);
  const next = await options.makeKeys();
  const said = saidOf(loss, log, { next, keeper_keys });
  const recovery_signature = toBase64Url(await options.recovery.sign(continuationBytes(said)));
  const signed = { ...said, recovery_signature };
  const names = await authorise(options, loss, signed);
  const command = (call: Call) =>
    ({ type: 'log.continued', stream: LOG_STREAM, input: { ...signed, ...call } }) as const;
  // All that every reader will judge it by, before anything is written.
  const body = decide(loss.view, command(names.call(0)), options.processClock());
  await judgeContinued(ed25519, { body }, { index: loss.left.size, root: loss.left.root });
  options.onProven?.(loss);
  const { issuer, nextState, erasures } = next;
  const entry = await continueLog(
    { ...options, ...{ issuer, nextState, erasures }, origin: vkey.name, nextKey: parseVkey(next.log_key) },
    loss,
    {
      claims: [names.claim],
      touches: [LOG_STREAM, ...names.touches],
      plan: () => [{ command: command(names.call(0)), ...names.evidence }],
    },
  );
  return { loss, entry };
}

function requireRecovery({ publicKey }: SigningKey, { view }: ProvenLoss): void {
  if (toBase64Url(publicKey) === recoveryKeysOf(view).at(-1)) return;
  throw new Failure(
    'signature_refused',
    'this is not the recovery key as of what is left: if the keeper was recovered in the lost tail, it is the one before',
  );
}

/** Where entries are lost, only the keys that sign count on; where none are, all that counted. */
function keeperNumbers({ keeperKeys }: ContinuationOptions, loss: ProvenLoss, log: LogState): readonly number[] {
  const keeper = partyIn(loss.view, log.keeper) as Party;
  const counting = loss.reason === 'moved' ? activeKeys(keeper, log) : [];
  const numbers = [...keeperKeys, ...counting].map((key) => keyNumber(keeper, key));
  const known = numbers.filter((number): number is number => number !== undefined);
  if (known.length < numbers.length)
    throw new Failure('signature_refused', 'the keeper of this ledger has no such key');
  return [...new Set(known)].sort((a, b) => a - b);
}

function saidOf(
  { left, reason, note, lostKeys, proof, erasures }: ProvenLoss,
  log: LogState,
  { next, keeper_keys }: { readonly next: NextKeys; readonly keeper_keys: readonly number[] },
): Continuation {
  const { log_key, issuing_key, recovery_key } = next;
  return {
    before: logKeyInForce(log).vkey,
    size: left.size,
    root: hashText(left.root),
    lost: note,
    proof: proof === null ? null : proof.map(hashText),
    ...{ log_key, issuing_key, recovery_key, keeper_keys },
    ...standingAfter(log, { reason }),
    ...{ erasures, reason },
    ...(lostKeys === undefined ? {} : { lost_keys: lostKeys }),
  };
}

async function authorise(
  { sign, ed25519, keys }: ContinuationOptions,
  { view, left }: ProvenLoss,
  signed: Omit<LogContinued, keyof Call>,
) {
  const asked = {
    path: CONTINUATION_PATH,
    body: canonicalText(signed as JsonObject),
    idempotencyKey: `continue-${left.size}-${signed.epoch}`,
  };
  return nameSigned({ keys, ed25519, view }, await sign(asked), asked);
}
