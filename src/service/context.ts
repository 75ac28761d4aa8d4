/** What every use case is given. The roof makes it; nothing here is global. */

import { utf8 } from '#core/bytes.ts';
import { mac } from '#core/hash.ts';
import { ID_RANDOM_BYTES, mintId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Ed25519, SigningKey } from '#core/note/ed25519.ts';
import type { P256 } from '#core/webauthn/p256.ts';
import type { Ledger } from '#ledger/ledger.ts';
import type { Log } from '#ledger/log.ts';
import type { Vault } from '#ledger/vault.ts';
import type { Limits } from './limits.ts';
import type { PartyMemory } from './party-memory.ts';

export interface Context {
  readonly ledger: Ledger;
  readonly vault: Vault;
  readonly ed25519: Ed25519;
  /** For passkeys. */
  readonly p256: P256;
  readonly keys: DeploymentKeys;
  /** Signs entries in the ledger; here the answers to writes. */
  readonly issuingKey: SigningKey;
  readonly parties: PartyMemory;
  readonly limits: Limits;
  /** This process's clock: it names ids and decides nothing. */
  readonly clock: () => Instant;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
  /** Whether webhooks may go to this very machine: only where nobody else reaches this server. */
  readonly callsLoopback?: boolean;
  /** Whether the process that signs has a time-stamping authority stamp its checkpoints. */
  readonly asksTsa?: boolean;
}

/** Keys that turn guessable values into names without meaning to anyone else. */
export interface DeploymentKeys {
  /** For idempotency keys and request digests. */
  readonly idempotency: Uint8Array;
  /** For finding a person by an identifier. */
  readonly lookup: Uint8Array;
  /** The key that each door shares with the ledger is derived from this one. */
  readonly door: Uint8Array;
  /** For paths that open one receipt to whoever holds them. */
  readonly capability: Uint8Array;
  /** For the challenges that sessions are opened by. */
  readonly session: Uint8Array;
  /** For what a page hands out and gets back: a person on its way to be identified. */
  readonly handed: Uint8Array;
}

/** Derives the deployment's keys from its one secret of 32 bytes. */
export function deploymentKeys(secret: Uint8Array): DeploymentKeys {
  return {
    idempotency: mac(secret, utf8('assent/idempotency/v1')),
    lookup: mac(secret, utf8('assent/lookup/v1')),
    door: mac(secret, utf8('assent/door/v1')),
    capability: mac(secret, utf8('assent/capability/v1')),
    handed: mac(secret, utf8('assent/handed/v1')),
    session: mac(secret, utf8('assent/session/v1')),
  };
}

/** Mints an id of whatever kind it is assigned to. */
export function newId<Id extends string>({ clock, random }: Pick<Context, 'clock' | 'random'>): Id {
  return mintId<Id>(clock(), random(ID_RANDOM_BYTES));
}
