/**
 * The ledger's issuing keys in a process that stays up: they are exchanged while it runs (docs/keys.md), so it asks for them
 * anew by itself. What it trusts is the vkey alone; who serves the keys can withhold newer ones, and never bring old ones
 * back.
 *
 * @module
 */
import { liveIssuingKeys } from '#core/consent/issuing-key.ts';
import { openLogState } from '#core/consent/log-keys.ts';
import type { FollowableSlice } from '#core/consent/receipt.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { VerifierKey } from '#core/note/key.ts';
import type { IssuingKeyRing } from './trusted-keys.ts';

/** A key that was retired or compromised is taken no longer than this. */
export const KEYS_AGE_MAX_MS = 10 * 60_000;
/** Whoever shows a door nonsense makes it ask the ledger no more often than this. */
export const KEYS_RENEWED_MS = 60_000;

export interface KeyRingOptions {
  /** Asks for the log's own slice: {@link Client.logKeys}. */
  readonly ask: () => Promise<FollowableSlice>;
  readonly vkey: VerifierKey;
  readonly ed25519: Ed25519;
  /** Milliseconds since 1970, UTC. */
  readonly clock: () => number;
}

/**
 * Asks for the keys the first time. Later, where no answer comes, or none that holds, it goes on with what it knows.
 *
 * @throws {Failure} as {@link openLogState}, if they are not that log's.
 */
export async function openKeyRing({ ask, vkey, ed25519, clock }: KeyRingOptions): Promise<IssuingKeyRing> {
  const read = async () => {
    const slice = await ask();
    return { entries: slice.entries, keys: liveIssuingKeys(await openLogState(slice, vkey, ed25519)) };
  };
  let known = await read();
  let askedAt = clock();
  let asking: Promise<boolean> | undefined;

  /** A slice that does not go on from the known one is older, or of another history. */
  async function askAnew(): Promise<boolean> {
    askedAt = clock();
    try {
      const found = await read();
      const isLater = known.entries.every((text, at) => text === found.entries[at]);
      if (!isLater || found.entries.length === known.entries.length) return false;
      known = found;
      return true;
    } catch {
      return false;
    } finally {
      asking = undefined;
    }
  }
  const renewSince = async (ms: number) => {
    if (asking === undefined && clock() - askedAt < ms) return false;
    asking ??= askAnew();
    return asking;
  };

  return {
    async live() {
      await renewSince(KEYS_AGE_MAX_MS);
      return known.keys;
    },
    renew: () => renewSince(KEYS_RENEWED_MS),
  };
}
