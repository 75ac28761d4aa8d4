/**
 * What both roofs do alike: opens the ledger of a key set on a migrated store, with all that use cases are given.
 *
 * @module
 */
import { toHex, utf8 } from '#core/bytes.ts';
import { sha256 } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import { formatVkey } from '#core/note/key.ts';
import type { WitnessPolicy } from '#core/tlog/policy.ts';
import type { P256 } from '#core/webauthn/p256.ts';
import type { ErasureShelf } from '#ledger/erasure-journal.ts';
import { openLedger } from '#ledger/ledger.ts';
import type { Log } from '#ledger/log.ts';
import type { SignerState } from '#ledger/signer.ts';
import type { Aead } from '#ledger/vault.ts';
import type { EvidenceShelf } from '#ledger/witness-evidence.ts';
import { type Context, deploymentKeys } from '#service/context.ts';
import { openLimits } from '#service/limits.ts';
import { rememberParties } from '#service/party-memory.ts';
import { readClock } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { callWitnessBy } from './call-witness.ts';
import { founderOf, type KeySet } from './key-set.ts';

export interface Openings {
  readonly store: Store;
  readonly keys: KeySet;
  /** The signer's memory; undefined in a process that does not sign. */
  readonly state: SignerState | undefined;
  readonly ed25519: Ed25519;
  readonly p256: P256;
  readonly aead: Aead;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
  /** Who cosigns checkpoints; undefined: nobody. */
  readonly witnesses: Witnessing | undefined;
  /** Where it is kept what was erased. */
  readonly erasures: ErasureShelf;
}

/** What differs between the roofs of how a ledger is witnessed. */
export interface Witnessing {
  readonly policy: WitnessPolicy;
  readonly shelf: EvidenceShelf;
}

/** What one party and one operator may ask of this process (domain/numbers.md: a province asks 500 times a second). */
const LIMITS = {
  party: { perSecond: 2_000, perDay: 20_000_000 },
  operator: { perSecond: 1_000, perDay: 10_000_000 },
};

export const processClock = () => Date.now() as Instant;

/** @throws {Failure} `config_invalid`, `keys_missing`, `store_unavailable` */
export async function openContext({
  store,
  keys,
  state,
  ed25519,
  p256,
  aead,
  random,
  log,
  witnesses,
  erasures,
}: Openings): Promise<Context> {
  const ledger = await openLedger({
    store,
    origin: keys.origin,
    vkey: formatVkey(keys.vkey),
    recoveryKey: keys.recoveryKey,
    issuingKey: keys.issuing,
    furtherIssuingKeys: keys.furtherIssuing,
    keeper: founderOf(keys),
    furtherLogKeys: keys.furtherLog,
    signer: state && { origin: keys.origin, logKey: keys.log, further: keys.furtherLog, state },
    witnesses: witnesses && {
      ...witnesses,
      ...{ ed25519, random },
      call: callWitnessBy(fetch),
      shownAt: (url) => `${url}/${toHex(sha256(utf8(keys.origin)))}/checkpoint`,
    },
    ledgerClock: readClock,
    processClock,
    erasures,
    log,
  });
  return {
    ledger,
    vault: { aead, wrappingKey: keys.wrappingKey, random },
    ed25519,
    p256,
    issuingKey: ledger.issuer.current,
    keys: deploymentKeys(keys.secret),
    parties: rememberParties(),
    limits: openLimits(LIMITS),
    clock: processClock,
    random,
    log,
  };
}
