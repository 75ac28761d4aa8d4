/** The issuing keys: one is added, takes over, the one before it is retired or was compromised; and what proves which they are. */
import type { Call } from '#core/consent/call.ts';
import { verifyPossession } from '#core/consent/issuing-key.ts';
import type { FollowableSlice } from '#core/consent/receipt.ts';
import type { Command } from '#core/consent/rules.ts';
import { Failure, isFailure } from '#core/failure.ts';
import type { Instant } from '#core/instant.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import { loadFollowable } from './followable-slice.ts';
import { writeToLog } from './log-entry.ts';
import { type Placed, placed } from './placed.ts';

export interface IssuingKeyChanged {
  readonly key: string;
  readonly entry: Placed;
}

/**
 * Adds a key that signs nothing yet, so that all who have to know it can learn it. Two administrators of the keeper sign.
 *
 * @throws {Failure} `key_invalid`, `signature_invalid`, if the key did not sign for itself; `already_there`,
 *   `limit_reached`, `engine_old`
 */
export async function addIssuingKey(
  context: Context,
  caller: Caller,
  { key, possession }: { readonly key: string; readonly possession: string },
): Promise<IssuingKeyChanged> {
  const type = 'log.issuing_key_added';
  await verifyPossession(context.ed25519, { log: context.ledger.origin, type, body: { key, possession } });
  return change(context, caller, (call) => ({ type, stream: LOG_STREAM, input: { key, possession, ...call } }));
}

/**
 * From the next entry on this key signs.
 *
 * @throws {Failure} `issuing_key_absent`, if this server does not hold it; `key_ended`, `already_there`, `limit_reached`,
 *   `engine_old`
 */
export async function switchIssuingKey(context: Context, caller: Caller, key: string): Promise<IssuingKeyChanged> {
  requireHeld(context, key);
  return change(context, caller, (call) => ({
    type: 'log.issuing_key_switched',
    stream: LOG_STREAM,
    input: { key, ...call },
  }));
}

/** Nothing that this key signs is taken any more. What it signed stands. @throws {Failure} `key_ended`, `already_there`, `limit_reached`, `engine_old` */
export async function retireIssuingKey(context: Context, caller: Caller, key: string): Promise<IssuingKeyChanged> {
  return change(context, caller, (call) => ({
    type: 'log.issuing_key_retired',
    stream: LOG_STREAM,
    input: { key, ...call },
  }));
}

/**
 * Nothing that this key signs is taken any more, at once; and what it signed since the given time, the audit lists.
 *
 * @throws {Failure} `key_ended`, `already_there`, `limit_reached`, if it signs; `input_invalid`, `engine_old`
 */
export async function compromiseIssuingKey(
  context: Context,
  caller: Caller,
  { key, since }: { readonly key: string; readonly since: Instant },
): Promise<IssuingKeyChanged> {
  return change(context, caller, (call) => ({
    type: 'log.issuing_key_compromised',
    stream: LOG_STREAM,
    input: { key, since, ...call },
  }));
}

/** Every server of this ledger has to hold it before it is used: the one that is asked answers for itself. */
function requireHeld({ ledger }: Context, key: string): void {
  try {
    ledger.issuer.require(key);
  } catch (cause) {
    if (!isFailure(cause, 'keys_missing')) throw cause;
    throw new Failure('issuing_key_absent', 'this server does not hold the private key', { cause });
  }
}

async function change(context: Context, caller: Caller, plan: (call: Call) => Command): Promise<IssuingKeyChanged> {
  const made = await writeToLog(context, caller, plan);
  return { key: made.entry.body['key'] as string, entry: placed(made) };
}

/** How long the first checkpoint is waited for. */
const PUBLISHED_WAIT_MS = 2_000;

/** The log's own stream under the newest checkpoint: it names the keys. @throws {Failure} `not_published`, `limit_reached` */
export async function readLogKeys({ ledger }: Context): Promise<FollowableSlice> {
  const checkpoint = await ledger.publisher.published(1, PUBLISHED_WAIT_MS);
  const slice = await ledger.store.read((tx) => loadFollowable(tx, checkpoint));
  if (slice === undefined) throw new Failure('not_published', 'no checkpoint is signed yet: try again');
  return slice;
}
