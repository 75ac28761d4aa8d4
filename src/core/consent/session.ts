/**
 * Sessions of persons: the statement that opens one, and what every act by session keeps to (design §8).
 *
 * Nobody signs such an act by itself. What stands behind it is that a key of the person opened a session on this log, not
 * long before; that the act came out of that session, the ledger attests. So only what takes away is done by it: taking
 * back, pausing, freezing.
 *
 * @module
 */
import type { JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { Instant } from '../instant.ts';
import { instant, integer, record, type ShapeOf, text } from '../shape.ts';
import type { Entry } from '../tlog/entry.ts';
import { LOG_STREAM, type StreamId } from '../tlog/stream.ts';
import type { Auth } from './auth.ts';
import { requireSignedAt } from './letter.ts';
import { requireEngineWithPacks } from './log.ts';
import type { View } from './rule.ts';

/** How long a session lasts at most, and so how long the statement that opened it counts. */
export const SESSION_MS_MAX: number = 12 * 60 * 60 * 1000;

/** Of a nonce in base64url; ours have 64. */
const NONCE_CHARS_MAX = 128;

const sessionShape = record({ v: integer(1, 1), log: text(256), nonce: text(NONCE_CHARS_MAX), started_at: instant });
export type SessionStatement = ShapeOf<typeof sessionShape>;

/**
 * Reads the statement that opened the session of an act, and requires that it counted for it then: it is of this log,
 * was made before the act, and less than {@link SESSION_MS_MAX} before.
 *
 * @throws {Failure} `entry_invalid`
 */
export function requireSession({ log, time }: Pick<Entry, 'log' | 'time'>, session: JsonObject): SessionStatement {
  const statement = sessionShape(session, 'session');
  if (statement.log !== log) throw new Failure('entry_invalid', 'its session is of another log');
  if (statement.started_at > time) throw new Failure('entry_invalid', 'its session started later');
  if (time - statement.started_at >= SESSION_MS_MAX) throw new Failure('entry_invalid', 'its session had ended');
  return statement;
}

/** The parts of the payload of an act by session, all of them. */
export const SESSION_PARTS = ['session', 'signature', 'binding'] as const;

export interface Authenticated {
  readonly auth: Auth;
}

/** What the rules have in common of what a statement does, or a session. `own`: the parts of a statement's payload. */
export function byStatementOrSession<const Part extends string>(own: readonly Part[]) {
  return {
    auth: ['statement', 'session'],
    outcome: [],
    parts: { ...Object.fromEntries([...own, ...SESSION_PARTS].map((part) => [part, 'subject'])) } as Readonly<
      Record<Part | (typeof SESSION_PARTS)[number], 'subject'>
    >,
    needs: ({ auth }: Authenticated): readonly string[] => (auth === 'session' ? SESSION_PARTS : own),
    reads: ({ auth }: Authenticated): readonly StreamId[] => (auth === 'session' ? [LOG_STREAM] : []),
  } as const;
}

/**
 * When an act was signed: by the signer's clock, and not before there was something to sign; or, by session, at the
 * ledger's own time, since nobody signs it and it can't be kept back.
 *
 * @throws {Failure} `signed_ahead`, `signed_before`; `engine_old`, `entry_invalid`
 */
export function requireActedAt(
  view: View,
  { auth, signed_at }: Authenticated & { readonly signed_at: Instant },
  notBefore: Instant,
  now: Instant,
): void {
  if (auth !== 'session') {
    requireSignedAt(signed_at, notBefore, now);
    return;
  }
  requireEngineWithPacks(view, 'acts by session');
  if (signed_at !== now) throw new Failure('entry_invalid', 'what is done by session is done at the ledger’s time');
}
