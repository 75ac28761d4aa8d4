/**
 * The recovery key's one use: the keeper's administrators are replaced by two others, where both their keys are lost or in
 * other hands. It is spent with that: the same entry names the recovery key that comes after it.
 *
 * @module
 */
import { concat, parseBase64Url, utf8 } from '../bytes.ts';
import { encodeCanonical } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import type { OperatorId } from '../ids.ts';
import type { Instant } from '../instant.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { id, instant, list, nullable, record, type ShapeOf, text } from '../shape.ts';
import type { Entry } from '../tlog/entry.ts';
import { idOf, type StreamId } from '../tlog/stream.ts';
import { CALL, opened, PARTY_KEYS_MAX, SIGNERS_MAX } from './call.ts';
import { issuingKeysOf } from './issuing-key.ts';
import { parseKeyText } from './key-text.ts';
import { isLogKey, type LogState, logIn } from './log.ts';
import { keyEnded, operatorIn, type Party, type PartyKey, partyIn, recoveryKeysOf } from './party.ts';
import { OF_A_PARTY } from './party-life.ts';
import type { Rule, View } from './rule.ts';

const recoveredInput = record({
  /** The two who administer from now on. */
  administrators: list(record({ key: text(43), operator: id<OperatorId>() }), SIGNERS_MAX),
  /** Since when the keys of those before may have been in other hands; null: they were lost, and nobody has them. */
  since: nullable(instant),
  /** The recovery key that does this, and the one that may do it the next time. */
  recovery: text(43),
  next_recovery: text(43),
  /** Over {@link recoveryBytes}: by `recovery`, by `next_recovery`, and by each administrator. */
  signatures: list(text(86), 2 + SIGNERS_MAX),
  ...CALL,
});
type Recovered = ShapeOf<typeof recoveredInput>;

/** What all four keys sign. */
export interface RecoveryStatement {
  readonly log: string;
  readonly administrators: readonly string[];
  readonly since: Instant | null;
  readonly recovery: string;
  readonly next_recovery: string;
}

export const partyRecovered: Rule<Recovered, Party> = {
  ...OF_A_PARTY,
  // No party signs it: those who could are gone. The signatures stand in the body, and are verified beside the rule.
  auth: ['none'],
  input: recoveredInput,
  decide(input, { view, stream, now }) {
    const { log, keeper } = requireKeeperStream(view, stream);
    requireUnspent(input.recovery, recoveryKeysOf(view));
    if (input.administrators.length !== SIGNERS_MAX || input.signatures.length !== 2 + SIGNERS_MAX) {
      throw new Failure('input_invalid', 'want two administrators, and four signatures');
    }
    requireNew(input, { log, keeper, spent: recoveryKeysOf(view) });
    if (input.since !== null && input.since > now)
      throw new Failure('input_invalid', 'since: want a time that has come');
    return {};
  },
  evolve(state, { body, time }) {
    const party = opened(state);
    const { administrators, since, recovery, next_recovery } = body;
    const left = Object.entries(party.operators).map(([operator, each]) => {
      return [operator, { ...each, left_at: each.left_at ?? time }] as const;
    });
    const joined = administrators.map(({ operator }) => [operator, { duty: 'admin', left_at: null }] as const);
    return {
      ...party,
      operators: Object.fromEntries([...left, ...joined]),
      keys: [
        ...party.keys.map((key) => endedBy(party, key, { since, time })),
        ...administrators.map((each): PartyKey => ({ ...each, ended_at: null, compromised_since: null })),
      ],
      recovery: { key: next_recovery, spent: [...(party.recovery?.spent ?? []), recovery] },
    };
  },
};

/** Every key of the keeper ends: who had an administrator's may have added any of the others. */
function endedBy(
  party: Party,
  key: PartyKey,
  { since, time }: { readonly since: Instant | null; readonly time: Instant },
): PartyKey {
  const isTainted = since !== null && isAdministrator(party, key);
  return {
    ...key,
    ended_at: key.ended_at ?? time,
    compromised_since: isTainted ? Math.min(since, key.compromised_since ?? since) : key.compromised_since,
  };
}

/** One that signs until now. */
function isAdministrator(party: Party, key: PartyKey): boolean {
  return keyEnded(party, key, undefined) === undefined && operatorIn(party, key.operator)?.duty === 'admin';
}

function requireKeeperStream(view: View, stream: StreamId): { readonly log: LogState; readonly keeper: Party } {
  const log = logIn(view);
  if (log === undefined || idOf(stream) !== log.keeper) {
    throw new Failure('entry_invalid', 'only the keeper of this ledger is recovered');
  }
  return { log, keeper: opened(partyIn(view, log.keeper)) };
}

function requireUnspent(recovery: string, keys: readonly string[]): void {
  if (recovery === keys.at(-1)) return;
  if (keys.includes(recovery)) {
    throw new Failure('key_ended', 'this recovery key was used, and is spent: use the one that was made then');
  }
  throw new Failure('signature_refused', 'this is no recovery key of this ledger');
}

/** The ledger's own keys until here; of the recovery keys the one that is used now is the last. */
interface Known {
  readonly log: LogState;
  readonly keeper: Party;
  readonly spent: readonly string[];
}

/** Four keys at most ever meet here, and none of them did anything before. */
function requireNew({ administrators, next_recovery }: Recovered, { log, keeper, spent }: Known): void {
  const keys = administrators.map(({ key }) => key);
  const used = [...spent, ...[...keeper.keys, ...issuingKeysOf(log)].map(({ key }) => key)];
  const isNew = (key: string) => !used.includes(key) && !isLogKey(log, key);
  if (![...keys, next_recovery].every(isNew) || new Set([...keys, next_recovery]).size !== keys.length + 1) {
    throw new Failure('already_there', 'the ledger has one of these keys, or had it: make three new ones');
  }
  const operators = administrators.map(({ operator }) => operator);
  if (
    new Set(operators).size !== operators.length ||
    operators.some((each) => operatorIn(keeper, each) !== undefined)
  ) {
    throw new Failure('entry_invalid', 'each new administrator is an operator of its own');
  }
  if (keeper.keys.length + keys.length > PARTY_KEYS_MAX) {
    throw new Failure('limit_reached', `a party has ${PARTY_KEYS_MAX} keys at most, ended ones included`);
  }
}

/** `"assent/recovery/v1\n" || JCS({v, log, administrators, since, recovery, next_recovery})`. */
export function recoveryBytes({ log, administrators, since, recovery, next_recovery }: RecoveryStatement): Uint8Array {
  const said = { v: 1, log, administrators, since, recovery, next_recovery };
  return concat(utf8('assent/recovery/v1\n'), encodeCanonical(said));
}

/**
 * Verifies that all four keys signed for themselves: the recovery key that is used, the next one, both administrators. Which
 * recovery key counts, the rule says.
 *
 * @throws {Failure} `signature_invalid`, `key_invalid`
 */
export async function verifyRecovery(
  ed25519: Ed25519,
  statement: RecoveryStatement,
  signatures: readonly string[],
): Promise<void> {
  const keys = [statement.recovery, statement.next_recovery, ...statement.administrators];
  const bytes = recoveryBytes(statement);
  for (const [at, key] of keys.entries()) {
    const signature = readAs('key_invalid', 'want signatures in base64url', () => parseBase64Url(signatures[at] ?? ''));
    if (await ed25519.verify(parseKeyText(key), bytes, signature)) continue;
    throw new Failure('signature_invalid', 'one of the four keys did not sign for just this');
  }
}

/** The statement of an entry, and what signed it; undefined of an entry of another type. */
export function recoveryIn({
  log,
  type,
  body,
}: Pick<Entry, 'log' | 'type' | 'body'>):
  | { readonly statement: RecoveryStatement; readonly signatures: readonly string[] }
  | undefined {
  if (type !== 'party.recovered') return undefined;
  const { administrators, since, recovery, next_recovery, signatures } = body as unknown as Recovered;
  const keys = administrators.map(({ key }) => key);
  return { statement: { log, administrators: keys, since, recovery, next_recovery }, signatures };
}
