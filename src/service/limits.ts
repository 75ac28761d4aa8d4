/**
 * How often one caller may ask: a rate and a daily quota, per party and per operator (domain/seeds.md 3.03, users.md
 * N-10). It shields the ledger; it decides no access, and is counted in this process, from its start on.
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import type { OperatorId, PartyId, PersonId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';

export interface Limit {
  readonly perSecond: number;
  readonly perDay: number;
}

export interface LimitOptions {
  readonly party: Limit;
  readonly operator: Limit;
}

export interface Limits {
  /** @throws {Failure} `rate_limited` */
  take(now: Instant, party: PartyId | PersonId, operator: OperatorId | PersonId): void;
}

const DAY_MS = 86_400_000;
/** What is not spent gathers for this long. */
const BURST_SECONDS = 2;
const COUNTED_MAX = 100_000;

interface Account {
  left: number;
  at: number;
  day: number;
  today: number;
}

export function openLimits(options: LimitOptions): Limits {
  const accounts = new Map<string, Account>();

  function accountOf(name: string, limit: Limit, now: number): Account {
    const day = Math.floor(now / DAY_MS);
    const account = accounts.get(name) ?? { left: limit.perSecond * BURST_SECONDS, at: now, day, today: 0 };
    const gathered = (Math.max(0, now - account.at) / 1_000) * limit.perSecond;
    account.left = Math.min(limit.perSecond * BURST_SECONDS, account.left + gathered);
    account.at = Math.max(account.at, now);
    if (account.day !== day) Object.assign(account, { day, today: 0 });
    accounts.set(name, account);
    if (accounts.size > COUNTED_MAX) accounts.delete(accounts.keys().next().value as string);
    return account;
  }

  return {
    take(now, party, operator) {
      const drawn = [
        [accountOf(party, options.party, now), options.party, 'party'],
        [accountOf(`${party}/${operator}`, options.operator, now), options.operator, 'operator'],
      ] as const;
      for (const [account, limit, who] of drawn) {
        if (account.today >= limit.perDay) throw new Failure('rate_limited', `the ${who}’s quota of the day is spent`);
        if (account.left < 1)
          throw new Failure('rate_limited', `the ${who} asks faster than ${limit.perSecond} a second`);
      }
      for (const [account] of drawn) {
        account.left--;
        account.today++;
      }
    },
  };
}
