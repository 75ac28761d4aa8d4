/**
 * The stream `log`: the ledger's own keys. Entry 0 of every ledger is `log.opened`.
 *
 * @module
 */
import { concat, toBase64 } from '../bytes.ts';
import { Failure } from '../failure.ts';
import type { PartyId } from '../ids.ts';
import type { Instant } from '../instant.ts';
import type { Day } from '../pack/day.ts';
import { id, integer, record, type ShapeOf, text } from '../shape.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import { opened, refuseOpen } from './call.ts';
import { parseKeyText } from './key-text.ts';
import type { Rule, View } from './rule.ts';

const openedInput = record({
  /** vkey of the key that signs checkpoints. */
  log_key: text(512),
  /** Ed25519 keys in base64url: the one that signs entries, and the one that may replace the others. */
  issuing_key: text(43),
  recovery_key: text(43),
  /** The party that runs the ledger, registered next. */
  keeper: id<PartyId>(),
  engine: integer(1, 1_000_000),
});
export type LogOpened = ShapeOf<typeof openedInput>;

export type LogState = {
  readonly log_key: string;
  /** The one in force: it signs the next entry. */
  readonly issuing_key: string;
  readonly recovery_key: string;
  readonly keeper: PartyId;
  /** The engine in force: every access is decided by it. */
  readonly engine: number;
  /** Every pack that was ever published, by its id, in all its versions. Absent before the first one. */
  readonly packs?: { readonly [pack: string]: readonly PackVersion[] };
  /** The profiles that are on, sorted. Absent before the first one. */
  readonly profiles?: readonly string[];
  /** Every issuing key there ever was, in the order in which they came. Absent before a second one. */
  readonly issuing_keys?: readonly IssuingKey[];
  /** How often the log was continued under a new origin (ADR 0028). Absent before the first time. */
  readonly epoch?: number;
  /** The names that it had before, in their order. Absent before the first time. */
  readonly origins?: readonly FormerOrigin[];
  /** Every log key of its present name, in the order in which they came. Absent before a second one. */
  readonly log_keys?: readonly LogKey[];
};

export type LogKey = {
  readonly vkey: string;
  /** When it took over, and when another one did; null: not yet. The first one's `from` is 0. */
  readonly from: Instant | null;
  readonly to: Instant | null;
  /** Until when it signs beside the next one, as was announced; null: no other took over yet. */
  readonly until: Instant | null;
  readonly retired_at: Instant | null;
  /** From when on it may have been in other hands. Absent before that is declared. */
  readonly compromised_since?: Instant;
};

/** A name that a log had, and has no more. */
export type FormerOrigin = {
  readonly origin: string;
  /** The vkey of its checkpoints: receipts of that time are verified by it. */
  readonly log_key: string;
  /** Every log key that it had. Absent where there was one. */
  readonly log_keys?: readonly LogKey[];
  /** The index of the first entry that does not say this name. */
  readonly to: number;
  /** Ledger time of that entry. */
  readonly at: Instant;
  /** How many entries the newest checkpoint of this name had that was known then: those from `to` on are lost. */
  readonly lost: number;
  /** The recovery key that signed for the change, and is spent with it. */
  readonly recovery_key: string;
  /** Keys of the keeper that ended with it, by their numbers. */
  readonly ended: readonly number[];
};

export type IssuingKey = {
  readonly key: string;
  /** When it took over, and when another one did; null: not yet. The first one's `from` is 0. */
  readonly from: Instant | null;
  readonly to: Instant | null;
  readonly retired_at: Instant | null;
  /** From when on it may have been in other hands. Absent before that is declared. */
  readonly compromised_since?: Instant;
};

/** Named maxima of the log's state. */
export const PACKS_MAX = 64;
export const PACK_VERSIONS_MAX = 256;

export type PackVersion = {
  readonly version: number;
  /** SHA-256 of its canonical bytes. */
  readonly digest: string;
  /** From inclusive, to exclusive. A later version takes over from its own `from` on. */
  readonly from: Day;
  readonly to: Day | null;
  readonly withdrawn_at: number | null;
};

export const logOpened: Rule<LogOpened, LogState> = {
  auth: [],
  input: openedInput,
  outcome: [],
  parts: {},
  needs: () => [],
  reads: () => [],
  decide(_input, { view, stream }) {
    if (stream !== LOG_STREAM) throw new Failure('entry_invalid', 'the log is opened in its own stream');
    refuseOpen(view, stream);
    return {};
  },
  evolve: (_state, { body }) => ({
    log_key: body.log_key,
    issuing_key: body.issuing_key,
    recovery_key: body.recovery_key,
    keeper: body.keeper,
    engine: body.engine,
  }),
};

/** @throws {Failure} `entry_invalid`, if an access is to be decided by another engine than the one in force. */
export function requireEngine(view: View, engine: number): void {
  const inForce = logIn(view)?.engine;
  if (engine !== inForce) throw new Failure('entry_invalid', `engine ${engine} is not the one in force, ${inForce}`);
}

/** The first engine that knows packs, and what rests on them. */
const ENGINE_WITH_PACKS = 2;

/** @param what needs it. @throws {Failure} `engine_old` */
export function requireEngineWithPacks(view: View, what: string): LogState {
  const log = opened(logIn(view));
  if (log.engine < ENGINE_WITH_PACKS) {
    throw new Failure(
      'engine_old',
      `${what} need engine ${ENGINE_WITH_PACKS}, this ledger is at ${log.engine}: raise it first`,
    );
  }
  return log;
}

/** How often the log was continued: what gives a right carries the epoch in which it was given or last confirmed. */
export function epochOf({ epoch }: { readonly epoch?: number }): number {
  return epoch ?? 0;
}

/**
 * The index of the `log.continued` that ended an epoch; undefined: it has not ended. A log that is moved to another name, with
 * nothing lost, stays in its epoch (ADR 0030).
 */
export function endOfEpoch({ origins = [] }: Pick<LogState, 'origins'>, epoch: number): number | undefined {
  return origins.filter(({ lost, to }) => lost > to)[epoch]?.to;
}

/** The names that a log had before the one that it has. */
export function namesBefore(log: LogState | undefined, name: string): readonly string[] {
  return (log?.origins ?? []).map(({ origin }) => origin).filter((origin) => origin !== name);
}

/** The ledger's keys in a view. */
export function logIn(view: View): LogState | undefined {
  return view.state(LOG_STREAM) as LogState | undefined;
}

/** All log keys that a log ever had under one name, in the order in which they came. */
export function logKeysOf({ log_key, log_keys }: Pick<LogState, 'log_key' | 'log_keys'>): readonly LogKey[] {
  return log_keys ?? [{ vkey: log_key, from: 0 as Instant, to: null, until: null, retired_at: null }];
}

/** Those of its former names, too. */
export function everyLogKeyOf(log: LogState): readonly LogKey[] {
  return [...(log.origins ?? []), log].flatMap(logKeysOf);
}

/** Whether a key of 32 bytes in base64url signs checkpoints, did, or is to. @throws {Failure} `key_invalid` */
export function isLogKey(log: LogState, key: string): boolean {
  return everyLogKeyOf(log).some(({ vkey }) => isKeyOf(vkey, key));
}

/** Whether a key in base64url is that of a vkey. @throws {Failure} `key_invalid` */
export function isKeyOf(vkey: string, key: string): boolean {
  return vkey.endsWith(`+${toBase64(concat(Uint8Array.of(1), parseKeyText(key)))}`);
}
