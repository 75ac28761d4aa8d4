/** The log keys: one is added, takes over, the one before it is retired or was compromised (docs/adr/0031). */

import type { Call } from '#core/consent/call.ts';
import { verifyLogKeyPossession } from '#core/consent/log-key.ts';
import { SLICE_ENTRIES_MAX } from '#core/consent/receipt.ts';
import type { Command } from '#core/consent/rules.ts';
import { Failure } from '#core/failure.ts';
import type { Instant } from '#core/instant.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { loadSlice } from '#store/entries.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import { writeToLog } from './log-entry.ts';
import { type Placed, placed } from './placed.ts';

export interface LogKeyChanged {
  readonly vkey: string;
  readonly entry: Placed;
}

/**
 * Adds a log key that signs nothing yet: under the checkpoints of those that do, the log itself names it. Two administrators of
 * the keeper sign.
 *
 * @throws {Failure} `key_invalid`, `signature_invalid`, if the key did not sign for itself; `already_there`,
 *   `limit_reached`, `engine_old`
 */
export async function addLogKey(
  context: Context,
  caller: Caller,
  { vkey, possession }: { readonly vkey: string; readonly possession: string },
): Promise<LogKeyChanged> {
  const type = 'log.log_key_added';
  await verifyLogKeyPossession(context.ed25519, { log: context.ledger.origin, type, body: { vkey, possession } });
  return change(context, caller, (call) => ({ type, stream: LOG_STREAM, input: { vkey, possession, ...call } }));
}

/** How long a checkpoint of the addition is waited for. */
const PUBLISHED_WAIT_MS = 5_000;

/**
 * From the next checkpoint on this key signs; the one before it signs beside it until the given time, at the least.
 *
 * @throws {Failure} `log_key_absent`, if this server does not hold it; `not_published`, if no checkpoint names it yet, by
 *   which readers could follow; `key_ended`, `already_there`, `limit_reached`, `input_invalid`, `engine_old`
 */
export async function switchLogKey(
  context: Context,
  caller: Caller,
  { vkey, until }: { readonly vkey: string; readonly until: Instant },
): Promise<LogKeyChanged> {
  if (!context.ledger.holdsLogKey(vkey)) {
    throw new Failure('log_key_absent', 'this server does not hold the private half of this log key');
  }
  const added = await findAddition(context, vkey);
  if (added !== undefined) await context.ledger.publisher.published(added + 1, PUBLISHED_WAIT_MS);
  return change(context, caller, (call) => ({
    type: 'log.log_key_switched',
    stream: LOG_STREAM,
    input: { vkey, until, ...call },
  }));
}

/** It signs no more. What it signed stands. @throws {Failure} `key_ended`, `already_there`, `limit_reached`, `engine_old` */
export async function retireLogKey(context: Context, caller: Caller, vkey: string): Promise<LogKeyChanged> {
  return change(context, caller, (call) => ({
    type: 'log.log_key_retired',
    stream: LOG_STREAM,
    input: { vkey, ...call },
  }));
}

/**
 * It signs no more, at once. Readers have to be told by their policies: whoever has the key can show a log without this.
 *
 * @throws {Failure} `key_ended`, `already_there`, `limit_reached`, if it is the one in force; `input_invalid`, `engine_old`
 */
export async function compromiseLogKey(
  context: Context,
  caller: Caller,
  { vkey, since }: { readonly vkey: string; readonly since: Instant },
): Promise<LogKeyChanged> {
  return change(context, caller, (call) => ({
    type: 'log.log_key_compromised',
    stream: LOG_STREAM,
    input: { vkey, since, ...call },
  }));
}

/** The index of the entry that added it; undefined: none did, as the rule will say. */
async function findAddition({ ledger }: Context, vkey: string): Promise<number | undefined> {
  const all = { stream: LOG_STREAM, indexMax: Number.MAX_SAFE_INTEGER, countMax: SLICE_ENTRIES_MAX };
  const rows = await ledger.store.read((tx) => loadSlice(tx, all));
  return rows.find(({ bytes }) => {
    const { type, body } = parseEntry(bytes);
    return type === 'log.log_key_added' && body['vkey'] === vkey;
  })?.index;
}

async function change(context: Context, caller: Caller, plan: (call: Call) => Command): Promise<LogKeyChanged> {
  const made = await writeToLog(context, caller, plan);
  return { vkey: made.entry.body['vkey'] as string, entry: placed(made) };
}
